//! Dialects: the protocols of other products, so that their unmodified SDKs send to Hearth.
//!
//! [`Dialect`] lists them. Each has a file that says how to read what is sent ([`Letterhead`]), what each of its records
//! is in the tracking API, and which reply its SDK expects. The records then go the way of all others
//! (`accept.rs`): the same bounds, codes, dead letters, rates and back-pressure.
//!
//! | file | does |
//! |---|---|
//! | `posthog.rs`, `mixpanel.rs`, `amplitude.rs`, `sensors.rs` | one dialect each |
//! | `routes.rs`, `schema.rs` | the addresses, and what OpenAPI says about them |
//! | `sent.rs` | parameters, keys and the body of a request, out of forms, base64 and gzip |
//! | `fields.rs`, `draft.rs` | reading members of a foreign record, writing records of the tracking API |
//!
//! Invariants: a foreign record becomes several records or none, never some of them. One that is refused is kept as it
//! came, with the name of its dialect ([`KeptForeign`]), and is translated anew when it is replayed. No write key is
//! kept. Translating is a function of the record and of the time of its arrival.

mod amplitude;
mod draft;
mod fields;
mod mixpanel;
mod posthog;
mod routes;
mod schema;
mod sensors;
mod sent;

use base::{Code, Time};
use serde::Deserialize;
use serde_json::value::RawValue;
use store::dead_letters::PAYLOAD_BYTES;

use super::{
    envelope::Shared,
    normalise::{MAX_EVENT_BYTES, MessageId, Records},
    object::ObjectWriter,
    refusal::Refusal,
};
use fields::Fields;

pub(super) use routes::routes;

/// A token shorter than this is not taken out of what is kept, since it may be any word.
const SHORTEST_TOKEN_BYTES: usize = 8;

/// In how many records a key is looked for.
const MOST_WITHOUT_TOKEN: usize = 10;

/// How a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// An event of PostHog.
    PostHog,
    /// An event of Mixpanel.
    MixpanelEvent,
    /// A change of a user's profile in Mixpanel.
    MixpanelProfile,
    /// A change of a group's profile in Mixpanel.
    MixpanelGroup,
    /// An event of Amplitude.
    Amplitude,
    /// A record of Sensors Analytics.
    Sensors,
}

/// What a foreign record becomes.
#[derive(Clone, Debug, Default)]
pub struct Translation {
    /// The sender's id of it.
    pub message_id: Option<String>,
    /// Records of the tracking API.
    pub items: Vec<String>,
}

impl Dialect {
    /// Every dialect there is.
    pub const ALL: [Dialect; 6] = [
        Dialect::PostHog,
        Dialect::MixpanelEvent,
        Dialect::MixpanelProfile,
        Dialect::MixpanelGroup,
        Dialect::Amplitude,
        Dialect::Sensors,
    ];

    /// The name by which a dead letter says it.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::PostHog => "posthog",
            Dialect::MixpanelEvent => "mixpanel",
            Dialect::MixpanelProfile => "mixpanel_profile",
            Dialect::MixpanelGroup => "mixpanel_group",
            Dialect::Amplitude => "amplitude",
            Dialect::Sensors => "sensors",
        }
    }

    /// What a record that arrived at `arrived` is in the tracking API.
    fn translate(self, record: &Fields<'_>, arrived: Time) -> Result<Translation, Refusal> {
        match self {
            Dialect::PostHog => posthog::translate(record, arrived),
            Dialect::MixpanelEvent => mixpanel::translate_event(record),
            Dialect::MixpanelProfile => mixpanel::translate_profile(record),
            Dialect::MixpanelGroup => mixpanel::translate_group(record),
            Dialect::Amplitude => amplitude::translate(record),
            Dialect::Sensors => sensors::translate(record),
        }
    }

    /// The key that the record itself carries.
    fn token(self, record: &Fields<'_>) -> Option<String> {
        let in_properties = |name: &str| record.object("properties").ok()?.text(name);
        match self {
            Dialect::PostHog => {
                record.text("api_key").or_else(|| record.text("token")).or_else(|| in_properties("token"))
            }
            Dialect::MixpanelEvent => in_properties("token"),
            Dialect::MixpanelProfile | Dialect::MixpanelGroup => record.text("$token"),
            Dialect::Amplitude => None,
            Dialect::Sensors => record.text("token"),
        }
    }
}

/// What a request of a dialect brings.
#[derive(Debug)]
pub struct Letterhead<'a> {
    /// How its records are written.
    pub dialect: Dialect,
    /// The key in the body, if it is not in a record.
    pub token: Option<String>,
    /// The records.
    pub records: Vec<&'a str>,
    /// What the sender's clock showed when it was sent.
    pub sent_at: Option<&'a RawValue>,
}

impl Letterhead<'_> {
    /// The key that the first record with one carries, among the first few.
    fn first_token(&self) -> Option<String> {
        let mut records = self.records.iter().take(MOST_WITHOUT_TOKEN);
        records.find_map(|record| self.dialect.token(&read(record).ok()?))
    }
}

/// Records of a dialect on their way in.
#[derive(Clone, Copy, Debug)]
pub struct Foreign<'a> {
    /// How they are written.
    pub dialect: Dialect,
    /// The write key of the request.
    pub secret: &'a str,
    /// Whether the key was found in a record, so that others with another key are not covered by it.
    pub is_from_record: bool,
}

impl Foreign<'_> {
    /// Translates a record, which must be well-formed JSON, and adds what it becomes.
    pub fn add(&self, json: &str, records: &mut Records<'_>, arrived: Time) -> Result<(), Refusal> {
        let record = read(json)?;
        if self.is_from_record && self.dialect.token(&record).is_some_and(|token| token != self.secret) {
            return Err(Refusal::new(Code::Unauthenticated, "the record carries another key than the request"));
        }
        let translation = self.dialect.translate(&record, arrived)?;
        let items = translation.items.iter().map(|item| (item.as_str(), MessageId::Own));
        records.add_all(items).map_err(|refusal| refusal.of(translation.message_id.as_deref()))
    }

    /// The text to keep of a refused record: the record as it came, but for keys, and how it is written.
    pub fn letter(&self, json: &str, shared: Shared<'_>) -> String {
        let own = read(json).ok().and_then(|record| self.dialect.token(&record));
        let mut record = json.to_owned();
        for token in [self.secret, own.as_deref().unwrap_or_default()] {
            if token.len() >= SHORTEST_TOKEN_BYTES {
                record = record.replace(token, "…");
            }
        }
        // No more is kept of a dead letter.
        record.truncate(record.floor_char_boundary(PAYLOAD_BYTES));
        let mut out = Vec::with_capacity(record.len() + 96);
        let mut writer = ObjectWriter::new(&mut out);
        writer.text("dialect", self.dialect.name());
        if let Some(sent_at) = shared.sent_at {
            writer.raw("sentAt", sent_at.get());
        }
        writer.raw("record", &record);
        writer.end();
        String::from_utf8(out).unwrap_or(record)
    }
}

/// A record of a dialect as a dead letter keeps it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptForeign<'a> {
    dialect: &'a str,
    /// What the sender's clock showed when it was sent.
    #[serde(borrow, default)]
    pub sent_at: Option<&'a RawValue>,
    #[serde(borrow)]
    record: &'a RawValue,
}

impl<'a> KeptForeign<'a> {
    /// Reads what [`Foreign::letter`] wrote; `None` when the text is anything else.
    pub fn read(json: &'a str) -> Option<KeptForeign<'a>> {
        serde_json::from_str(json).ok()
    }

    /// Translates the record anew, as it arrived then, and adds what it becomes.
    pub fn add(&self, records: &mut Records<'_>, arrived: Time, named: MessageId<'_>) -> Result<(), Refusal> {
        let dialect = Dialect::ALL.into_iter().find(|dialect| dialect.name() == self.dialect);
        let dialect = dialect.ok_or_else(|| Refusal::new(Code::InvalidField, "the dialect is not known"))?;
        let translation = dialect.translate(&read(self.record.get())?, arrived)?;
        // Where one record becomes several, each needs an id of its own, or the pipeline would take them for one.
        let id_of = |id: &str, place: usize| if place == 0 { id.to_owned() } else { format!("{id}:{place}") };
        let ids: Vec<String> = match named {
            MessageId::Own => vec![String::new(); translation.items.len()],
            MessageId::OwnOr(id) | MessageId::Always(id) => {
                (0..translation.items.len()).map(|place| id_of(id, place)).collect()
            }
        };
        let items = translation.items.iter().zip(&ids).map(|(item, id)| {
            let named = match named {
                MessageId::Own => MessageId::Own,
                MessageId::OwnOr(_) => MessageId::OwnOr(id),
                MessageId::Always(_) => MessageId::Always(id),
            };
            (item.as_str(), named)
        });
        records.add_all(items).map_err(|refusal| refusal.of(translation.message_id.as_deref()))
    }
}

/// Reads a record. One that is too large is refused before it is taken apart.
fn read(json: &str) -> Result<Fields<'_>, Refusal> {
    if json.len() > MAX_EVENT_BYTES {
        return Err(Refusal::new(Code::EventTooLarge, format!("the record has {} bytes", json.len())));
    }
    Fields::read("the record", json)
}
