//! From a record of the tracking API to a record of the log, in one step and without trees: what
//! this writes is what [`base::Event::from_record`] reads.

use std::{borrow::Cow, io::Write};

use base::{
    Code, EventKind, IdSource,
    event::partition_of,
    ids::{EventId, WorkspaceId},
};
use bytes::Bytes;
use log::NewRecord;
use serde_json::value::RawValue;

use super::{
    envelope::{Item, Shared},
    fields::{self, MAX_ID_BYTES, MAX_MESSAGE_ID_BYTES},
    moment::{self, Arrival, Reading},
    object::{self, Entries, ObjectWriter, write_text},
    refusal::Refusal,
};

/// How large a record may be, in bytes of JSON.
pub const MAX_EVENT_BYTES: usize = 32 * 1024;

/// What says which call a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFrom {
    /// The address, as in `/v1/track`.
    Address(EventKind),
    /// The record's own `type`.
    Item,
    /// The record's own `type`; `track` where it has none.
    ItemOrTrack,
}

/// By which message id a record is written; duplicates are found by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageId<'m> {
    /// Its own, or else the id of its event.
    Own,
    /// Its own, or else this one.
    OwnOr(&'m str),
    /// This one, whatever it says itself.
    Always(&'m str),
}

/// In whose name records are written.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// Whose data it is.
    pub workspace: WorkspaceId,
    /// Who sends it, as [`base::Event::source`] says it.
    pub source: &'a str,
    /// Whether he may vouch for verified addresses, as [`base::Event::trusted`] says it.
    pub trusted: bool,
    /// When it came.
    pub arrival: Arrival,
}

/// Collects the log records of one request. All of them lie in one buffer.
pub struct Records<'a> {
    origin: Origin<'a>,
    shared_sent_at: Reading,
    /// The context and the integrations of the batch; a fault in them is a fault of every record.
    shared: Result<(Option<&'a RawValue>, Option<&'a RawValue>), Refusal>,
    /// How many bytes of JSON the two have. Each record counts as if they were its own, since they become that.
    shared_bytes: usize,
    ids: &'a IdSource,
    partitions: u32,
    /// `","ws":"…","kind":"`, the same in every record, and whether the sender is trusted: that is written here and
    /// nowhere else, so that nothing that he sends can say it.
    after_id: String,
    buffer: Vec<u8>,
    ends: Vec<(u32, usize)>,
}

impl<'a> Records<'a> {
    /// Starts collecting; `bytes` and `records` are guesses of the size.
    pub fn new(
        origin: Origin<'a>,
        shared: Shared<'a>,
        ids: &'a IdSource,
        partitions: u32,
        (bytes, records): (usize, usize),
    ) -> Records<'a> {
        Records {
            origin,
            shared_sent_at: moment::read(shared.sent_at),
            shared: check_shared(shared),
            shared_bytes: shared.bytes(),
            ids,
            partitions,
            after_id: match origin.trusted {
                true => format!("\",\"ws\":\"{}\",\"kind\":\"", origin.workspace),
                false => format!("\",\"trust\":false,\"ws\":\"{}\",\"kind\":\"", origin.workspace),
            },
            buffer: Vec::with_capacity(bytes),
            ends: Vec::with_capacity(records),
        }
    }

    /// Adds a record, which must be well-formed JSON.
    pub fn add(&mut self, json: &str, call: CallFrom, named: MessageId<'_>) -> Result<(), Refusal> {
        let item = Item::read(json)?;
        let message_id = fields::id("messageId", item.message_id, MAX_MESSAGE_ID_BYTES)?;
        let start = self.buffer.len();
        let bytes = json.len() + self.shared_bytes;
        let written = match bytes > MAX_EVENT_BYTES {
            true => {
                let shared = if self.shared_bytes > 0 { ", with what its batch shares" } else { "" };
                Err(Refusal::new(Code::EventTooLarge, format!("the record has {bytes} bytes{shared}")))
            }
            false => self.write(
                &item,
                call,
                match named {
                    MessageId::Own => message_id.as_deref(),
                    MessageId::OwnOr(other) => message_id.as_deref().or(Some(other)),
                    MessageId::Always(id) => Some(id),
                },
            ),
        };
        match written {
            Ok(partition) => {
                self.ends.push((partition, self.buffer.len()));
                Ok(())
            }
            Err(refusal) => {
                self.buffer.truncate(start);
                Err(refusal.of(message_id.as_deref()))
            }
        }
    }

    /// Adds the records that one foreign record becomes: all of them or none. A refusal names no id, since the
    /// sender's own is known better to who translated.
    pub fn add_all<'i>(&mut self, items: impl Iterator<Item = (&'i str, MessageId<'i>)>) -> Result<(), Refusal> {
        self.add_together(items.map(|(json, named)| (json, CallFrom::Item, named)))
    }

    /// The same with the call of each. `CallFrom::Address` may also name a command, which nobody can send in.
    pub fn add_together<'i>(
        &mut self,
        items: impl Iterator<Item = (&'i str, CallFrom, MessageId<'i>)>,
    ) -> Result<(), Refusal> {
        let (count, bytes) = (self.ends.len(), self.buffer.len());
        for (json, call, named) in items {
            if let Err(refusal) = self.add(json, call, named) {
                self.ends.truncate(count);
                self.buffer.truncate(bytes);
                return Err(refusal.of(None));
            }
        }
        Ok(())
    }

    /// How many bytes they have.
    pub fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// The records, in the order in which they were added.
    pub fn finish(self) -> Vec<NewRecord> {
        let buffer = Bytes::from(self.buffer);
        let mut start = 0;
        let mut records = Vec::with_capacity(self.ends.len());
        for (partition, end) in self.ends {
            records.push(NewRecord { partition, payload: buffer.slice(start..end) });
            start = end;
        }
        records
    }

    /// Writes a record to the end of the buffer; what is there after a refusal is not valid.
    fn write(&mut self, item: &Item<'_>, call: CallFrom, message_id: Option<&str>) -> Result<u32, Refusal> {
        let kind = kind_of(item, call)?;
        let user_id = fields::id("userId", item.user_id, MAX_ID_BYTES)?;
        let anonymous_id = fields::id("anonymousId", item.anonymous_id, MAX_ID_BYTES)?;
        let previous_id = match kind {
            EventKind::Alias => Some(required("previousId", item.previous_id)?),
            _ => None,
        };
        let context = fields::object("context", item.context)?;
        let shared_context = self.shared.as_ref().ok().and_then(|(context, _)| *context);
        let external = fields::external_ids(context, shared_context)?;
        let who = match (kind, &user_id, &anonymous_id) {
            (_, Some(user), _) => Cow::Borrowed(user.as_ref()),
            (EventKind::Alias, None, _) => {
                return Err(Refusal::new(Code::MissingIdentity, "userId is missing; an alias needs it"));
            }
            (_, None, Some(anonymous)) => Cow::Borrowed(anonymous.as_ref()),
            (_, None, None) => match people::identity::strongest_external(&external) {
                Some(account) => Cow::Owned(format!("{}:{}", account.kind, account.value)),
                None => return Err(Refusal::new(Code::MissingIdentity, "both userId and anonymousId are missing")),
            },
        };
        let name = match kind {
            EventKind::Track | EventKind::Command => fields::event_name(item.event)?,
            _ => Cow::Borrowed(kind.default_name()),
        };
        let sent_at = match item.sent_at {
            Some(_) => moment::read(item.sent_at),
            None => self.shared_sent_at,
        };
        let happened_at = moment::happened_at(item.timestamp, sent_at, self.origin.arrival)?;
        let partition = partition_of(self.origin.workspace, &who, self.partitions);
        let id = self.ids.next(EventId);

        let out = &mut self.buffer;
        out.extend_from_slice(b"{\"id\":\"");
        // Writing to a vector cannot fail.
        let _ = write!(out, "{id}");
        out.extend_from_slice(self.after_id.as_bytes());
        out.extend_from_slice(word_of(kind).as_bytes());
        out.extend_from_slice(b"\",\"name\":");
        write_text(out, &name);
        write_optional(out, b",\"user\":", user_id.as_deref());
        write_optional(out, b",\"anon\":", anonymous_id.as_deref());
        write_optional(out, b",\"prev\":", previous_id.as_deref());
        let _ = write!(out, ",\"at\":{},\"recv\":{}", happened_at.millis(), self.origin.arrival.now.millis());
        out.extend_from_slice(b",\"msg\":");
        match message_id {
            Some(message_id) => write_text(out, message_id),
            None => {
                let _ = write!(out, "\"{id}\"");
            }
        }
        out.extend_from_slice(b",\"src\":");
        write_text(out, self.origin.source);
        out.extend_from_slice(b",\"props\":");
        write_properties(out, kind, item, context, shared_context)?;
        self.write_context(item, context)?;
        self.buffer.push(b'}');
        Ok(partition)
    }

    /// The context of the record over that of the batch, and the merged `integrations` in it.
    fn write_context(&mut self, item: &Item<'_>, context: Option<&RawValue>) -> Result<(), Refusal> {
        let (shared_context, shared_integrations) = self.shared.clone()?;
        let integrations = fields::object("integrations", item.integrations)?;
        let context = context.filter(|context| !object::is_empty(context));
        let has_integrations = [integrations, shared_integrations].iter().flatten().any(|json| !object::is_empty(json));
        if !has_integrations {
            match (context, shared_context) {
                (Some(only), None) | (None, Some(only)) if !object::is_empty(only) => {
                    self.buffer.extend_from_slice(b",\"ctx\":");
                    self.buffer.extend_from_slice(only.get().as_bytes());
                    return Ok(());
                }
                (None, _) => return Ok(()),
                _ => {}
            }
        }
        self.buffer.extend_from_slice(b",\"ctx\":");
        let mut writer = ObjectWriter::new(&mut self.buffer);
        let (over, under) = (entries_of("context", context)?, entries_of("context", shared_context)?);
        object::write_merged(&mut writer, &over, &under);
        let has_own = |entries: &Entries<'_>| entries.iter().any(|(name, _)| name == "integrations");
        if has_integrations && !has_own(&over) && !has_own(&under) {
            let (over, under) =
                (entries_of("integrations", integrations)?, entries_of("integrations", shared_integrations)?);
            let mut inner = writer.object("integrations");
            object::write_merged(&mut inner, &over, &under);
            inner.end();
        }
        writer.end();
        Ok(())
    }
}

fn check_shared(shared: Shared<'_>) -> Result<(Option<&RawValue>, Option<&RawValue>), Refusal> {
    let context = fields::object("context", shared.context)?;
    let integrations = fields::object("integrations", shared.integrations)?;
    Ok((context, integrations))
}

fn write_properties(
    out: &mut Vec<u8>,
    kind: EventKind,
    item: &Item<'_>,
    context: Option<&RawValue>,
    shared_context: Option<&RawValue>,
) -> Result<(), Refusal> {
    let campaign = || fields::campaign(context, shared_context);
    match kind {
        EventKind::Identify => {
            let traits = match fields::object("traits", item.traits)? {
                Some(traits) => Some(traits),
                None => context
                    .and_then(|context| object::value_of(context, "traits"))
                    .filter(|traits| object::is_object(traits.get())),
            };
            write_object(out, traits);
        }
        EventKind::Group => {
            let group_id = required("groupId", item.group_id)?;
            let traits = match fields::object("traits", item.traits)? {
                Some(traits) => Some(traits),
                None => fields::object("properties", item.properties)?,
            };
            let mut writer = ObjectWriter::new(out);
            for (name, value) in entries_of("traits", traits)? {
                if name != "group_id" {
                    writer.raw(&name, value.get());
                }
            }
            writer.text("group_id", &group_id);
            writer.end();
        }
        EventKind::Page | EventKind::Screen => {
            let properties = fields::object("properties", item.properties)?;
            let named =
                [("name", fields::text("name", item.name)?), ("category", fields::text("category", item.category)?)];
            let named = named.into_iter().filter_map(|(property, value)| Some((property.to_owned(), value?)));
            write_with(out, properties, named.chain(campaign()).collect())?;
        }
        _ => write_with(out, fields::object("properties", item.properties)?, campaign())?,
    }
    Ok(())
}

/// Properties, and those of `more` that are not among them.
fn write_with(
    out: &mut Vec<u8>,
    properties: Option<&RawValue>,
    more: Vec<(String, Cow<'_, str>)>,
) -> Result<(), Refusal> {
    if more.is_empty() {
        write_object(out, properties);
        return Ok(());
    }
    let mut writer = ObjectWriter::new(out);
    let given = entries_of("properties", properties)?;
    object::write_merged(&mut writer, &given, &Vec::new());
    for (property, value) in more {
        if !given.iter().any(|(taken, _)| *taken == property) {
            writer.text(&property, &value);
        }
    }
    writer.end();
    Ok(())
}

fn kind_of(item: &Item<'_>, call: CallFrom) -> Result<EventKind, Refusal> {
    if let CallFrom::Address(kind) = call {
        return Ok(kind);
    }
    let word = match (item.call, call) {
        (Some(json), _) => json.get(),
        (None, CallFrom::ItemOrTrack) => return Ok(EventKind::Track),
        (None, _) => return Err(Refusal::new(Code::MissingField, "type is missing")),
    };
    match word {
        "\"track\"" => Ok(EventKind::Track),
        "\"identify\"" => Ok(EventKind::Identify),
        "\"page\"" => Ok(EventKind::Page),
        "\"screen\"" => Ok(EventKind::Screen),
        "\"group\"" => Ok(EventKind::Group),
        "\"alias\"" => Ok(EventKind::Alias),
        _ if !word.starts_with('"') => Err(Refusal::new(Code::InvalidField, "type is not a text")),
        _ => Err(Refusal::new(Code::UnknownCall, "type is not one of identify, track, page, screen, group and alias")),
    }
}

/// The word for a kind, as it stands in `type` and in the log.
pub fn word_of(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Track => "track",
        EventKind::Identify => "identify",
        EventKind::Page => "page",
        EventKind::Screen => "screen",
        EventKind::Group => "group",
        EventKind::Alias => "alias",
        EventKind::Command => "command",
        EventKind::Delivery => "delivery",
    }
}

fn required<'a>(field: &'static str, json: Option<&'a RawValue>) -> Result<Cow<'a, str>, Refusal> {
    fields::id(field, json, MAX_ID_BYTES)?
        .ok_or_else(|| Refusal::new(Code::MissingField, format!("{field} is missing")))
}

fn entries_of<'a>(field: &'static str, json: Option<&'a RawValue>) -> Result<Entries<'a>, Refusal> {
    let Some(json) = json else { return Ok(Vec::new()) };
    object::entries(json.get()).map_err(|error| Refusal::new(Code::InvalidField, format!("{field}: {error}")))
}

fn write_object(out: &mut Vec<u8>, json: Option<&RawValue>) {
    out.extend_from_slice(json.map_or("{}", RawValue::get).as_bytes());
}

fn write_optional(out: &mut Vec<u8>, name: &[u8], text: Option<&str>) {
    if let Some(text) = text {
        out.extend_from_slice(name);
        write_text(out, text);
    }
}
