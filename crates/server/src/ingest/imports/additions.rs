//! What a row brings beside its own record: tags, and decisions about consent.
//!
//! Each is a record of its own with the id of its row, so that it is taken once as the row is. Tags travel as the command
//! by which an operator puts them on; decisions as the events by which a shop tells of them. A tag that a rule or a model
//! gives is passed over: whoever imports cannot put it on, and an export of ours has it.

use std::{collections::HashSet, sync::Arc};

use base::{Code, EventKind, Time, ids::ImportId};
use jiff::tz::TimeZone;
use people::{
    consent::{CONSENT_GIVEN, CONSENT_WITHDRAWN},
    tags::TAG_ADDED,
};
use serde_json::{Map, Value, json};

use super::{
    cells::{BoundMap, Cell, bind, date_format_of},
    consents::{ConsentMap, folded},
    dates::DateFormat,
    detect::Detected,
    map::{ImportMap, Source},
    misfit::{AmbiguousTags, Misfit},
    odd_cells::says_nothing,
    rows::Row,
    tags::Parting,
    words::Fault,
};
use crate::ingest::normalise::CallFrom;

/// Whence the rows come, and what nobody puts on by hand.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// The name of the file, as whoever sent it calls it.
    pub file: String,
    /// The uploaded file, if it is one.
    pub import: Option<ImportId>,
    /// Tags that a rule or a model gives.
    pub ruled_tags: Arc<HashSet<String>>,
}

/// A record beside the one of the row.
#[derive(Debug)]
pub struct Addition {
    /// As the tracking API would send it.
    pub json: String,
    /// Which call it is.
    pub call: CallFrom,
    /// What its message id has behind the row's.
    pub suffix: String,
}

/// What a row brings.
#[derive(Debug, Default)]
pub struct Additions {
    /// In their order.
    pub records: Vec<Addition>,
    /// How many of its tags were passed over.
    pub ruled_tags: u64,
}

/// What rows bring, with the columns found.
#[derive(Debug)]
pub struct BoundAdditions {
    tags: Option<(Cell, Parting)>,
    add_tags: Vec<String>,
    consents: Vec<BoundConsent>,
}

#[derive(Debug)]
struct BoundConsent {
    said: ConsentMap,
    answer: Cell,
    given_at: (Cell, Option<DateFormat>),
    withdrawn_at: Option<(Cell, Option<DateFormat>)>,
}

impl BoundAdditions {
    /// Finds the columns.
    pub fn new(map: &ImportMap, header: Option<&[String]>, detected: &Detected) -> Result<BoundAdditions, Misfit> {
        let tags = match &map.tags {
            None => None,
            Some(source) => {
                let cell = bind(source.clone(), header)?;
                let parting = match map.tags_parting {
                    Some(parting) => parting,
                    None => parting_of(&cell, detected)?,
                };
                Some((cell, parting))
            }
        };
        let day = |(source, format): &(Source, Option<DateFormat>)| -> Result<(Cell, Option<DateFormat>), Misfit> {
            let cell = bind(source.clone(), header)?;
            let format = match format {
                Some(format) => Some(*format),
                None => date_format_of(&cell, detected)?,
            };
            Ok((cell, format))
        };
        let mut consents = Vec::with_capacity(map.consents.len());
        for said in &map.consents {
            consents.push(BoundConsent {
                answer: bind(said.column.clone(), header)?,
                given_at: day(&said.given_at)?,
                withdrawn_at: said.withdrawn_at.as_ref().map(day).transpose()?,
                said: said.clone(),
            });
        }
        Ok(BoundAdditions { tags, add_tags: map.add_tags.clone(), consents })
    }

    /// What a row brings beside its own record.
    pub fn of(&self, row: &Row, map: &BoundMap, whence: &Provenance) -> Result<Additions, Fault> {
        let mut additions = Additions::default();
        self.add_tags(row, map, whence, &mut additions)?;
        for (place, consent) in self.consents.iter().enumerate() {
            if let Some(record) = consent.decision(row, map, whence)? {
                let suffix = format!("-consent-{}", place + 1);
                additions.records.push(Addition { json: record.to_string(), call: CallFrom::Item, suffix });
            }
        }
        Ok(additions)
    }

    fn add_tags(&self, row: &Row, map: &BoundMap, whence: &Provenance, additions: &mut Additions) -> Result<(), Fault> {
        let mut tags = match &self.tags {
            Some((cell, parting)) => parting.tags(cell.name(), map.stripped(cell.text(row)))?,
            None => Vec::new(),
        };
        let more: Vec<String> = self.add_tags.iter().filter(|tag| !tags.contains(tag)).cloned().collect();
        tags.extend(more);
        let before = tags.len();
        tags.retain(|tag| !whence.ruled_tags.contains(tag));
        additions.ruled_tags = (before - tags.len()) as u64;
        if tags.is_empty() {
            return Ok(());
        }
        let mut record = who(row, map);
        record.insert("event".to_owned(), TAG_ADDED.into());
        record.insert("properties".to_owned(), json!({"tags": tags, "only_new": true}));
        additions.records.push(Addition {
            json: Value::Object(record).to_string(),
            call: CallFrom::Address(EventKind::Command),
            suffix: "-tags".to_owned(),
        });
        Ok(())
    }
}

impl BoundConsent {
    /// The event that tells of a decision; nothing where the cell is empty.
    fn decision(&self, row: &Row, map: &BoundMap, whence: &Provenance) -> Result<Option<Value>, Fault> {
        let answer = map.stripped(self.answer.text(row)).trim();
        if answer.is_empty() {
            return Ok(None);
        }
        let word = folded(answer);
        let granted = self.said.yes.contains(&word);
        if !granted && !self.said.no.contains(&word) {
            return Err(Fault::new(
                Code::InvalidField,
                format!("{} says neither yes nor no", self.answer.name()),
                format!("{} 既不是同意，也不是拒绝", self.answer.chinese_name()),
            ));
        }
        let decided_at = match (granted, &self.withdrawn_at) {
            (true, _) => Some(self.given_at(row, map.time_zone())?),
            (false, Some(day)) => read_day(day, row, map.time_zone())?,
            (false, None) => None,
        };
        let mut record = who(row, map);
        record.insert("type".to_owned(), "track".into());
        record.insert("event".to_owned(), if granted { CONSENT_GIVEN } else { CONSENT_WITHDRAWN }.into());
        if let Some(time) = decided_at {
            record.insert("timestamp".to_owned(), time.to_string().into());
        }
        let mut proof = json!({
            "channel": self.said.channel, "purpose": self.said.purpose, "text": self.said.proof, "answer": answer,
            "file": whence.file, "row": row.line,
        });
        if let Some(import) = whence.import {
            proof["import"] = import.to_string().into();
        }
        record.insert("properties".to_owned(), proof);
        Ok(Some(Value::Object(record)))
    }

    /// A consent of which nobody knows when it was given proves nothing, and would undo what was decided since.
    fn given_at(&self, row: &Row, zone: &TimeZone) -> Result<Time, Fault> {
        let cell = &self.given_at.0;
        read_day(&self.given_at, row, zone)?.ok_or_else(|| {
            Fault::new(
                Code::MissingField,
                format!("{}, the day of the consent, is empty", cell.name()),
                format!("同意的日期 {} 是空的", cell.chinese_name()),
            )
        })
    }
}

/// The moment in a cell; nothing where it is empty or says that there is none.
fn read_day(day: &(Cell, Option<DateFormat>), row: &Row, zone: &TimeZone) -> Result<Option<Time>, Fault> {
    let (cell, format) = day;
    let text = cell.text(row).trim();
    if text.is_empty() || says_nothing(text) {
        return Ok(None);
    }
    let read = format.unwrap_or(DateFormat::Iso).read(text).and_then(|moment| moment.in_zone(zone));
    let fault = || {
        Fault::new(
            Code::InvalidField,
            format!("{} is not a date of the column's form", cell.name()),
            format!("{} 不是这一列写法的日期", cell.chinese_name()),
        )
    };
    read.map(Some).ok_or_else(fault)
}

/// What parts the tags in a column; where none was found, whatever may stand in a later row.
fn parting_of(cell: &Cell, detected: &Detected) -> Result<Parting, AmbiguousTags> {
    let found = cell.index().map_or(&[][..], |index| detected.separators(index));
    match found {
        [] => Ok(Parting::AtAny),
        [one] => Ok(Parting::At(*one)),
        several => Err(AmbiguousTags::of(cell.name(), several)),
    }
}

/// The ids by which a row names somebody, accounts and devices included: its own record has the same.
fn who(row: &Row, map: &BoundMap) -> Map<String, Value> {
    let named = map.ids(row).into_iter().filter(|(_, id)| !id.is_empty());
    let mut who: Map<String, Value> = named.map(|(name, id)| (name.to_owned(), id.into())).collect();
    let accounts: Vec<Value> = map.accounts(row).map(|(kind, id)| json!({"type": kind, "id": id})).collect();
    if !accounts.is_empty() {
        who.insert("context".to_owned(), json!({ "externalIds": accounts }));
    }
    who
}
