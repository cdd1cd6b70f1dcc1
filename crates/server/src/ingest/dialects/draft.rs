//! Writing records of the tracking API: what the records of the dialects become.

use std::{borrow::Cow, collections::HashSet};

use base::{Code, EventKind};
use people::traits::Operation;

use super::fields::{Fields, Json, json_of};
use crate::ingest::{normalise::word_of, object::ObjectWriter, refusal::Refusal};

/// Names of traits that dialects write with a dollar sign, by which Hearth and its channels know them.
const WELL_KNOWN: [&str; 7] = ["email", "phone", "name", "first_name", "last_name", "avatar", "gender"];

/// The members of an object in the making.
#[derive(Clone, Debug, Default)]
pub struct Members<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Members<'a> {
    /// Those of an object but for the ones named.
    pub fn without(fields: &Fields<'a>, unwanted: &[&str]) -> Members<'a> {
        Members(
            fields.without(unwanted).iter().map(|(name, value)| (name.clone(), Cow::Borrowed(value.get()))).collect(),
        )
    }

    /// Adds a member that is not there yet.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, json: Json<'a>) {
        self.0.push((name.into(), json));
    }

    /// Adds a copy of a member under another name, unless there is one with it.
    pub fn copy(&mut self, fields: &Fields<'a>, from: &str, name: &'static str) {
        if let Some(json) = fields.get(from)
            && !self.0.iter().any(|(taken, _)| taken == name)
        {
            self.push(name, Cow::Borrowed(json.get()));
        }
    }

    /// Adds an object, unless it is empty.
    pub fn nest(&mut self, name: &'static str, members: Members<'_>) {
        if !members.0.is_empty() {
            let mut out = Vec::new();
            members.write(ObjectWriter::new(&mut out));
            self.push(name, Cow::Owned(String::from_utf8(out).unwrap_or_default()));
        }
    }

    fn write(&self, mut writer: ObjectWriter<'_>) {
        for (name, json) in &self.0 {
            writer.raw(name, json);
        }
        writer.end();
    }
}

/// What is said of a member's traits, and done to them.
#[derive(Clone, Debug, Default)]
pub struct Changes<'a> {
    traits: Members<'a>,
    taken: HashSet<Cow<'a, str>>,
    once: Vec<Cow<'a, str>>,
    /// As the context has them: `["add","visits",1]`.
    operations: Vec<String>,
}

/// What a list means that stands where an element may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// Its elements are meant.
    AreElements,
    /// It is one element itself.
    AreOneElement,
}

impl<'a> Changes<'a> {
    /// Sets traits. What was said before of a name in the same record stands.
    pub fn set(&mut self, traits: &Fields<'a>) {
        for (name, value) in traits.iter() {
            self.put(name.clone(), Cow::Borrowed(value.get()));
        }
    }

    /// Sets traits that are meant for those only who have none yet. Their names stand in the context as `traits_once`;
    /// the pipeline lets whatever is said plainly go before them.
    pub fn set_once(&mut self, traits: &Fields<'a>) {
        for (name, value) in traits.iter() {
            if let Some(name) = self.put(name.clone(), Cow::Borrowed(value.get())) {
                self.once.push(name);
            }
        }
    }

    /// Removes traits by a list of their names, or by the names of an object's members.
    pub fn unset(&mut self, what: &str, names: &'a str) -> Result<(), Refusal> {
        if let Ok(fields) = Fields::read(what, names) {
            for (name, _) in fields.iter() {
                self.put(name.clone(), Cow::Borrowed("null"));
            }
            return Ok(());
        }
        let Ok(names) = serde_json::from_str::<Vec<String>>(names) else {
            return Err(Refusal::new(Code::InvalidField, format!("{what} is not a list of names")));
        };
        for name in names {
            self.put(Cow::Owned(name), Cow::Borrowed("null"));
        }
        Ok(())
    }

    /// Does something to each of these traits; `what` names them in a refusal. The pipeline does it in this order, to what
    /// the same identity said before.
    pub fn operate(
        &mut self,
        what: &str,
        operation: Operation,
        operands: &Fields<'_>,
        lists: Lists,
    ) -> Result<(), Refusal> {
        for (name, operand) in operands.iter() {
            let operand = operand.get();
            let is_number = operand.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            let operand = match operation {
                Operation::Add if is_number => Cow::Borrowed(operand),
                Operation::Add => {
                    return Err(Refusal::new(Code::InvalidField, format!("{what} has a value that is not a number")));
                }
                _ if operand.starts_with('[') && lists == Lists::AreElements => Cow::Borrowed(operand),
                _ => Cow::Owned(format!("[{operand}]")),
            };
            let name = json_of(&well_known(name.clone()));
            self.operations.push(format!("[\"{}\",{name},{operand}]", operation.word()));
        }
        Ok(())
    }

    /// Takes away all traits of whom the record names, before anything else that it says. Nothing is erased by that.
    pub fn clear(&mut self) {
        self.operations.push("[\"clear\"]".to_owned());
    }

    /// Whether anything is done to traits, rather than said of them.
    pub fn has_operations(&self) -> bool {
        !self.operations.is_empty()
    }

    /// Sets one trait.
    pub fn put(&mut self, name: Cow<'a, str>, value: Json<'a>) -> Option<Cow<'a, str>> {
        let name = well_known(name);
        if !self.taken.insert(name.clone()) {
            return None;
        }
        self.traits.push(name.clone(), value);
        Some(name)
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty() && self.operations.is_empty()
    }

    /// The traits as members of an object.
    pub fn into_members(self) -> Members<'a> {
        self.traits
    }
}

fn well_known(name: Cow<'_, str>) -> Cow<'_, str> {
    let known = name.strip_prefix('$').and_then(|plain| WELL_KNOWN.into_iter().find(|known| *known == plain));
    known.map_or(name, Cow::Borrowed)
}

/// What the records have in common that one foreign record becomes.
#[derive(Clone, Debug, Default)]
pub struct Draft<'a> {
    /// The brand's own id.
    pub user: Option<Json<'a>>,
    /// The id of a device or visitor.
    pub anonymous: Option<Json<'a>>,
    /// When it happened.
    pub timestamp: Option<Json<'a>>,
    /// The sender's id of the record.
    pub message_id: Option<String>,
    /// Library, page, device …
    pub context: Members<'a>,
    /// Further ids of whom it is about: the type and the id.
    pub external: Vec<(Cow<'a, str>, Json<'a>)>,
}

impl<'a> Draft<'a> {
    /// A record of something that was done.
    pub fn track(&self, event: Json<'_>, properties: &Members<'_>) -> String {
        self.write(EventKind::Track, "", &self.context, |writer| {
            writer.raw("event", &event);
            properties.write(writer.object("properties"));
        })
    }

    /// A record of a page or a screen that was viewed.
    pub fn view(&self, kind: EventKind, name: Option<Json<'_>>, properties: &Members<'_>) -> String {
        self.write(kind, "", &self.context, |writer| {
            if let Some(name) = name {
                writer.raw("name", &name);
            }
            properties.write(writer.object("properties"));
        })
    }

    /// A record of what is known of somebody. `part` tells it from others that the same foreign record becomes.
    pub fn identify(&self, part: &str, changes: &Changes<'_>) -> String {
        let mut context = self.context.clone();
        if !changes.once.is_empty() {
            let names: Vec<Json<'_>> = changes.once.iter().map(|name| json_of(name)).collect();
            context.push("traits_once", Cow::Owned(format!("[{}]", names.join(","))));
        }
        if changes.has_operations() {
            context.push("traits_operations", Cow::Owned(format!("[{}]", changes.operations.join(","))));
        }
        self.write(EventKind::Identify, part, &context, |writer| changes.traits.write(writer.object("traits")))
    }

    /// A record that two ids belong to one person.
    pub fn alias(&self, part: &str, previous: &str) -> String {
        self.write(EventKind::Alias, part, &self.context, |writer| writer.raw("previousId", previous))
    }

    /// A record of the group to which somebody belongs.
    pub fn group(&self, part: &str, group: &str, traits: &Members<'_>) -> String {
        self.write(EventKind::Group, part, &self.context, |writer| {
            writer.raw("groupId", group);
            traits.write(writer.object("traits"));
        })
    }

    /// As the Segment specification writes them.
    fn external_ids(&self) -> String {
        let entry = |(kind, id): &(Cow<'_, str>, Json<'_>)| {
            let mut out = Vec::with_capacity(64);
            let mut writer = ObjectWriter::new(&mut out);
            writer.text("type", kind);
            writer.raw("id", id);
            writer.end();
            String::from_utf8(out).unwrap_or_default()
        };
        format!("[{}]", self.external.iter().map(entry).collect::<Vec<_>>().join(","))
    }

    fn write(
        &self,
        kind: EventKind,
        part: &str,
        context: &Members<'_>,
        fill: impl FnOnce(&mut ObjectWriter<'_>),
    ) -> String {
        let mut out = Vec::with_capacity(512);
        let mut writer = ObjectWriter::new(&mut out);
        writer.text("type", word_of(kind));
        let given = [("userId", &self.user), ("anonymousId", &self.anonymous), ("timestamp", &self.timestamp)];
        for (name, json) in given {
            if let Some(json) = json {
                writer.raw(name, json);
            }
        }
        if let Some(id) = &self.message_id {
            let id = if part.is_empty() { Cow::Borrowed(id.as_str()) } else { Cow::Owned(format!("{id}:{part}")) };
            writer.text("messageId", &id);
        }
        fill(&mut writer);
        let mut context_writer = writer.object("context");
        if !self.external.is_empty() {
            context_writer.raw("externalIds", &self.external_ids());
        }
        context.write(context_writer);
        writer.end();
        String::from_utf8(out).unwrap_or_default()
    }
}
