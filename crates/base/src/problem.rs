//! RFC 9457 problems: what went wrong, with a stable code.
//!
//! One catalogue for the whole program. A code never changes its meaning; its sentence of help
//! may get better.

mod field_words;
mod words;

use std::fmt;

use serde::Serialize;

macro_rules! catalogue {
    ($($variant:ident = $code:literal, $status:literal, $title:literal, $help:literal;)*) => {
        /// A stable code of a problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code that programs call by this text.
            pub fn of(text: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.as_str() == text)
            }

            /// The text that programs match on.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }

            /// What happened, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }

            /// What to do about it, in one sentence.
            pub fn help(self) -> &'static str {
                match self { $(Code::$variant => $help,)* }
            }
        }
    };
}

catalogue! {
    // The request as a whole.
    MalformedJson = "malformed_json", 400, "The body is not valid JSON", "Check the body with a JSON validator; the detail names the place.";
    InvalidBody = "invalid_body", 422, "The body does not have the expected form", "Compare it with the schema in /api/openapi.json; the detail names the field.";
    InvalidQuery = "invalid_query", 400, "A query parameter cannot be read", "Compare it with the parameters in /api/openapi.json.";
    InvalidPath = "invalid_path", 404, "The address does not name anything", "Ids look like mem_01jd2q7w8k3xv; check the prefix and the length.";
    InvalidCursor = "invalid_cursor", 400, "The cursor was not made by this list", "Pass the value of \"next\" unchanged, or leave it out to start anew.";
    UnsupportedMedia = "unsupported_media_type", 415, "The content type or encoding is not understood", "Send application/json, plain or with Content-Encoding: gzip.";
    BodyTooLarge = "body_too_large", 413, "The body is too large", "Send less at a time.";
    BatchTooLarge = "batch_too_large", 400, "The batch is too large", "Send smaller batches, as the SDKs do by default; a body may have 500 KB.";
    NotFound = "not_found", 404, "There is no such thing", "It may have been deleted, or belong to another workspace.";
    MethodNotAllowed = "method_not_allowed", 405, "This address does not know that method", "See /api/openapi.json for what it can do.";
    Conflict = "conflict", 409, "Somebody else changed this in the meantime", "Read it again and repeat your change.";
    AlreadyExists = "already_exists", 409, "There is one already", "Choose another name, or change the existing one.";
    IdempotencyReplay = "idempotency_key_reused", 422, "This Idempotency-Key was used for another request", "Use a fresh key for each different request.";
    Internal = "internal", 500, "Something failed on our side", "The server's log has the cause under the request id; nothing of the request took effect unless said otherwise.";
    Unavailable = "unavailable", 503, "Not able to do this right now", "Try again after the time in Retry-After.";
    Interrupted = "interrupted", 500, "It was begun several times and never came to its end", "The process may have ended each time; its log and that of the system say why.";
    DiskFull = "disk_full", 503, "The disk is full", "Free space on the server; accepting goes on by itself. Nothing that was acknowledged is lost.";
    Overloaded = "overloaded", 503, "More work is waiting than may wait", "Try again after the time in Retry-After.";
    Timeout = "timeout", 504, "It took longer than allowed", "Ask for less at a time.";

    // Who is asking.
    Unauthenticated = "unauthenticated", 401, "Credentials are missing or not valid", "Send an API key as a bearer token, a write key, or sign in.";
    Forbidden = "forbidden", 403, "Your role or key does not allow this", "Ask an owner or admin of the workspace for the role or scope named in the detail.";
    LoginFailed = "login_failed", 401, "E-mail or password is wrong", "Check both; after several failures there is a pause.";
    RateLimited = "rate_limited", 429, "Too many requests", "Wait for the seconds in Retry-After.";
    SetupDone = "setup_done", 409, "The set-up has already been done", "Sign in, or create users with `hearth user create`.";
    WeakPassword = "weak_password", 422, "The password is too easy to guess", "Use at least 10 characters and not a common word.";
    CrossSite = "cross_site", 403, "The request came from another site", "Send it from Hearth's own pages, or use an API key.";

    // One record of what was sent in.
    EventTooLarge = "event_too_large", 400, "The event is larger than 32 KB", "Send less in its properties.";
    MissingIdentity = "missing_identity", 400, "The event does not say who", "Set userId or anonymousId, or name an account in context.externalIds.";
    MissingField = "missing_field", 400, "A required field is missing", "The detail names it.";
    InvalidField = "invalid_field", 400, "A field has the wrong type or an impossible value", "The detail names the field and what was expected.";
    UnknownCall = "unknown_call", 400, "This type of call is not known", "Use identify, track, page, screen, group or alias.";
    UnsupportedOperation = "unsupported_operation", 400, "The operation cannot be expressed", "Hearth keeps no profiles of groups or things, and only an operator parts members; the detail says what is meant.";
    TooManyProperties = "too_many_properties", 400, "The event has more than 1,000 properties", "Send fewer, or put a list into one of them.";
    TooManyTraits = "too_many_traits", 422, "The member would have more than 1,000 traits", "Put lists and details into one trait.";
    TraitsTooLarge = "traits_too_large", 422, "The member's traits would take more than 256 KB", "Keep histories and long texts in the properties of events; a trait is what is true of the member now.";
    TooManyIdentities = "too_many_identities", 422, "The member would have more than 1,000 identities, or more than 200 accounts and devices among them", "Many people seem to share one of the ids, such as that of a guest account: leave it out, so that each is known by an anonymousId of his own. Or the ids do not stay the same: send some that do. Then replay the letter.";
    WrongTraitType = "wrong_trait_type", 422, "A value is not of the type that its trait has", "Send it as the definition of the trait says, or change that; the letter can be replayed then.";
    ListTooLong = "list_too_long", 422, "The list would have more than 1,000 elements or 32 KB", "Remove elements first, or set a shorter list; the letter can be replayed then.";
    TagIsDynamic = "tag_is_dynamic", 422, "This tag is not put on by hand", "A rule or a model gives it; change that, or use another tag.";
    TooManyTags = "too_many_tags", 422, "The member would have more than 500 tags", "Remove tags first, or use a trait.";
    TooDeep = "too_deep", 400, "The JSON is nested too deeply", "Flatten it: an event may have 20 levels, any other body 127.";
    NulCharacter = "nul_character", 400, "A text contains the NUL character", "Remove U+0000 from the text.";
    NumberOutOfRange = "number_out_of_range", 400, "A number is too large to be kept exactly", "Send it as a text.";
    TimestampOutOfRange = "timestamp_out_of_range", 400, "The timestamp is not plausible", "Send a moment between 1970 and one day from now, in RFC 3339.";
    Poison = "poison", 422, "The event could not be processed", "It is kept in the dead letters; the detail says which stage failed.";
    RaggedRow = "ragged_row", 422, "The row has another number of columns than the header", "Check quotes and delimiters in that line.";

    // A file that is to be imported.
    UnreadableFile = "unreadable_file", 422, "The file is neither text with columns nor a spreadsheet", "Send CSV, or a workbook (.xlsx) without a password; the detail says what is wrong.";
    SpreadsheetTooLarge = "spreadsheet_too_large", 413, "The spreadsheet unpacks to more than may be read", "Save it as CSV, or divide it; the detail says which limit it passes.";
    TooManyColumns = "too_many_columns", 422, "The file has more than 1,000 columns", "Leave out columns that are not needed; an event may have 1,000 properties.";
    InvalidMapping = "invalid_mapping", 422, "The mapping cannot be used with this file", "The detail names the column or the field.";
    ImportRunning = "import_running", 409, "The same file is being imported", "Wait until that import has ended, or cancel it; the detail names it.";

    // Rules, journeys, templates.
    InvalidRule = "invalid_rule", 422, "The rule is not valid", "The detail gives the path of the part that is wrong.";
    ContradictoryRule = "contradictory_rule", 422, "The rule can hold for nobody", "The detail names two conditions that exclude each other; drop one, or use \"any\".";
    RuleTooComplex = "rule_too_complex", 422, "The rule is too deep or too long", "Use at most 20 levels and 500 conditions.";
    SegmentCycle = "segment_cycle", 422, "The segment refers to itself", "Remove the reference; the detail shows the circle.";
    UnknownReference = "unknown_reference", 422, "The document names something that does not exist", "The detail gives the path and the id.";
    InvalidQuestion = "invalid_question", 422, "The question cannot be asked like this", "The detail names the field and what was expected.";
    QuestionTooLarge = "question_too_large", 422, "The answer would need more memory than one may take", "Ask for a shorter time, or break down by a property with fewer values.";
    HistoryDamaged = "history_damaged", 503, "A file of histories is damaged", "It is being made anew from the events; ask again after the time in Retry-After.";
    InvalidJourney = "invalid_journey", 422, "The journey document is not valid", "The detail gives the path of the part that is wrong.";
    JourneyCycle = "journey_cycle", 422, "The journey has a circle without a wait", "Put a wait step into the circle.";
    TooManySteps = "too_many_steps", 422, "The journey has too many steps", "A journey can have 200 steps; divide it, and let one journey lead into the next.";
    SimulationTooLarge = "simulation_too_large", 422, "The simulation would take more memory than one may", "Take fewer members or a shorter time.";
    TaskClosed = "task_closed", 409, "The task is closed", "It was done already, or its time was over, or the member left the journey.";
    InvalidTemplate = "invalid_template", 422, "The template cannot be read", "The detail gives the line.";
    TemplateFailed = "template_failed", 422, "The template could not be rendered", "The detail gives the cause; check variables and loops.";
    TemplateTooCostly = "template_too_costly", 422, "The template does too much work or writes too much", "Remove unbounded loops; the output may have 1 MB.";
    InvalidChannel = "invalid_channel", 422, "The channel's configuration is not valid", "The detail names the field.";
    ChannelTestFailed = "channel_test_failed", 422, "The channel does not work", "The detail says at which step it failed and what the other side answered.";
    ForbiddenAddress = "forbidden_address", 422, "This address is inside our own network", "Use a public address, or allow the network in the configuration (outbound.allow).";
    InUse = "in_use", 409, "It is in use", "The detail says by what; stop or change that first.";
    WrongState = "wrong_state", 409, "That cannot be done in the present state", "The detail says which state it is in.";
    BadToken = "bad_token", 404, "The link is not valid", "It may have been cut off; use the whole link from the message.";
    InvalidSignature = "invalid_signature", 401, "The signature does not match", "Check the secret and the clock of the sender.";
}

/// One wrong field of a request or one wrong record of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// JSON path from the root of the body, such as `rule.all[2].within`.
    pub path: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong with it.
    pub message: String,
}

impl FieldProblem {
    /// What is wrong with the field, in Chinese, where there are words for it.
    pub fn in_chinese(&self) -> Option<String> {
        field_words::in_chinese(&self.message)
    }

    fn to_json(&self) -> serde_json::Value {
        let mut field = serde_json::json!(self);
        if let Some(zh) = self.in_chinese() {
            field["words"] = serde_json::json!({ "en": self.message, "zh": zh });
        }
        field
    }
}

/// What went wrong, as RFC 9457 writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// The stable code.
    pub code: Code,
    /// What is wrong this time; never contains secrets or personal data of others.
    pub detail: Option<String>,
    /// Wrong parts, by path.
    pub errors: Vec<FieldProblem>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem with nothing but its code.
    pub fn new(code: Code) -> Problem {
        Problem { code, detail: None, errors: Vec::new(), retry_after: None }
    }

    /// A problem with a sentence about this case.
    pub fn with(code: Code, detail: impl Into<String>) -> Problem {
        Problem { detail: Some(detail.into()), ..Problem::new(code) }
    }

    /// A problem in one part of a document.
    pub fn at(code: Code, path: impl Into<String>, message: impl Into<String>) -> Problem {
        let (path, message) = (path.into(), message.into());
        Problem {
            detail: Some(if path.is_empty() { message.clone() } else { format!("{path}: {message}") }),
            errors: vec![FieldProblem { path, code: code.as_str(), message }],
            ..Problem::new(code)
        }
    }

    /// Says when trying again makes sense.
    pub fn retry_after(mut self, seconds: u64) -> Problem {
        self.retry_after = Some(seconds);
        self
    }

    /// The body of the reply (`application/problem+json`).
    pub fn to_json(&self) -> serde_json::Value {
        let mut body = serde_json::json!({
            "type": format!("urn:hearth:problem:{}", self.code.as_str()),
            "title": self.code.title(),
            "status": self.code.status(),
            "code": self.code.as_str(),
            "message": self.detail.as_deref().unwrap_or(self.code.title()),
            "help": self.code.help(),
        });
        body["words"] = serde_json::json!({ "en": self.code.in_english(), "zh": self.code.in_chinese() });
        if let Some(detail) = &self.detail {
            body["detail"] = serde_json::Value::from(detail.as_str());
        }
        if !self.errors.is_empty() {
            body["errors"] = self.errors.iter().map(FieldProblem::to_json).collect();
        }
        body
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail.as_deref().unwrap_or(self.code.title()))
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Problem {
        Problem::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_every_one_helps() {
        let mut seen = HashSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!(code.help().ends_with('.'), "{}", code.as_str());
        }
    }
}
