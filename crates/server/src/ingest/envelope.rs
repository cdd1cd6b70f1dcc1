//! What stands in the bodies of the tracking API, borrowed from the text.

use base::{Code, Problem};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{object, refusal::Refusal};

/// One event as the Segment HTTP API writes it. `null` counts as absent.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item<'a> {
    /// `track`, `identify` …; in a batch.
    #[serde(borrow, default, rename = "type")]
    pub call: Option<&'a RawValue>,
    /// The brand's own id of the member.
    #[serde(borrow, default)]
    pub user_id: Option<&'a RawValue>,
    /// The id of a device or visitor.
    #[serde(borrow, default)]
    pub anonymous_id: Option<&'a RawValue>,
    /// The name of a tracked event.
    #[serde(borrow, default)]
    pub event: Option<&'a RawValue>,
    /// An object.
    #[serde(borrow, default)]
    pub properties: Option<&'a RawValue>,
    /// An object; of identify and group.
    #[serde(borrow, default)]
    pub traits: Option<&'a RawValue>,
    /// Of group.
    #[serde(borrow, default)]
    pub group_id: Option<&'a RawValue>,
    /// Of alias.
    #[serde(borrow, default)]
    pub previous_id: Option<&'a RawValue>,
    /// Of page and screen.
    #[serde(borrow, default)]
    pub name: Option<&'a RawValue>,
    /// Of page and screen.
    #[serde(borrow, default)]
    pub category: Option<&'a RawValue>,
    /// An object.
    #[serde(borrow, default)]
    pub context: Option<&'a RawValue>,
    /// An object: which destinations may have the event.
    #[serde(borrow, default)]
    pub integrations: Option<&'a RawValue>,
    /// When it happened.
    #[serde(borrow, default)]
    pub timestamp: Option<&'a RawValue>,
    /// What the sender's clock showed when it was sent.
    #[serde(borrow, default)]
    pub sent_at: Option<&'a RawValue>,
    /// The sender's id of the message.
    #[serde(borrow, default)]
    pub message_id: Option<&'a RawValue>,
    /// The write key; in the body of a single call.
    #[serde(borrow, default)]
    pub write_key: Option<&'a RawValue>,
}

impl<'a> Item<'a> {
    /// Reads a record, which must be well-formed JSON.
    pub fn read(json: &'a str) -> Result<Item<'a>, Refusal> {
        if !object::is_object(json) {
            return Err(Refusal::new(Code::InvalidField, "the record is not an object"));
        }
        serde_json::from_str(json).map_err(|error| Refusal::new(Code::InvalidField, format!("the record: {error}")))
    }
}

/// The body of `/v1/batch` and of `/api/v1/events`: a list of records and what they share.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<'a> {
    /// The records of `/v1/batch`.
    #[serde(borrow, default)]
    pub batch: Option<Vec<&'a RawValue>>,
    /// The records of `/api/v1/events`.
    #[serde(borrow, default)]
    pub events: Option<Vec<&'a RawValue>>,
    /// The write key.
    #[serde(borrow, default)]
    pub write_key: Option<&'a RawValue>,
    /// Merged under each record's own.
    #[serde(borrow, default)]
    pub context: Option<&'a RawValue>,
    /// Merged under each record's own.
    #[serde(borrow, default)]
    pub integrations: Option<&'a RawValue>,
    /// For records that have none of their own.
    #[serde(borrow, default)]
    pub sent_at: Option<&'a RawValue>,
}

/// What the records of a batch have in common.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shared<'a> {
    /// Merged under each record's own.
    pub context: Option<&'a RawValue>,
    /// Merged under each record's own.
    pub integrations: Option<&'a RawValue>,
    /// For records that have none of their own.
    pub sent_at: Option<&'a RawValue>,
}

impl Shared<'_> {
    /// How many bytes of JSON each record gets from its batch.
    pub fn bytes(&self) -> usize {
        [self.context, self.integrations].iter().flatten().map(|json| json.get().len()).sum()
    }
}

impl<'a> Envelope<'a> {
    /// What the records have in common.
    pub fn shared(&self) -> Shared<'a> {
        Shared { context: self.context, integrations: self.integrations, sent_at: self.sent_at }
    }
}

/// The body as text, without a byte order mark and blanks around it; the problem names the place where it is not.
pub fn text(body: &[u8]) -> Result<&str, Problem> {
    let text = std::str::from_utf8(body).map_err(|error| {
        Problem::with(Code::MalformedJson, format!("the body is not UTF-8 from byte {} on", error.valid_up_to()))
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii())
}

/// The body as text that is one JSON object; the problem names the place where it is not.
pub fn object_text(body: &[u8]) -> Result<&str, Problem> {
    let text = text(body)?;
    if text.starts_with('{') {
        return Ok(text);
    }
    // Whatever else it is, this tells malformed JSON from JSON of another form.
    match serde_json::from_str::<&RawValue>(text) {
        Ok(_) => Err(Problem::with(Code::InvalidField, "the body is not a JSON object")),
        Err(error) => Err(problem_of(&error)),
    }
}

/// Reads a body that is one JSON object.
pub fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| problem_of(&error))
}

fn problem_of(error: &serde_json::Error) -> Problem {
    let code = if error.is_data() { Code::InvalidField } else { Code::MalformedJson };
    Problem::with(code, error.to_string())
}

/// The write key of a body.
pub fn write_key(json: Option<&RawValue>) -> Option<String> {
    let key: String = serde_json::from_str(json?.get()).ok()?;
    (!key.is_empty()).then_some(key)
}
