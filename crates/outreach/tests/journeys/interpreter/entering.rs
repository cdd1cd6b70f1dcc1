//! Who is let in: by what happens, by a date or the calendar, by hand, by an import.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{
    Chance, Lot, Run, clocks,
    life::{Life, Way},
    orders::State,
    text,
    triggers::Trigger,
};

/// A moment at which the calendar lets a member in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occasion {
    pub(super) at: i64,
    pub(super) journey: usize,
    /// Each is used once.
    name: String,
    key: String,
    word: &'static str,
}

/// What lets somebody in.
struct Entry<'e> {
    key: String,
    properties: Value,
    began: i64,
    by: &'e str,
}

impl<'a> Life<'a> {
    pub(super) fn let_in(&mut self, trigger: &Trigger<'_>) {
        for journey in 0..self.published.len() {
            let Some(document) = self.open(journey).filter(|document| trigger.fits(&document["entry"])) else {
                continue;
            };
            let properties = trigger.properties();
            let (key, began) = (key_of(document, &properties), trigger.at(self.now));
            self.enter(journey, Entry { key, properties, began, by: trigger.word() });
        }
    }

    pub(super) fn let_in_by_import(&mut self, row: &Value) {
        for journey in 0..self.published.len() {
            let Some(document) = self.open(journey).filter(|document| document["entry"].get("import").is_some()) else {
                continue;
            };
            let entry = Entry { key: key_of(document, row), properties: row.clone(), began: self.now, by: "import" };
            self.enter(journey, entry);
        }
    }

    pub(super) fn let_in_by_hand(&mut self, journey: usize, key: Option<String>, properties: &Value) {
        let Some(document) = self.open(journey).filter(|document| document["entry"].get("manual").is_some()) else {
            return;
        };
        let key = key.unwrap_or_else(|| key_of(document, properties));
        self.enter(journey, Entry { key, properties: properties.clone(), began: self.now, by: "manual" });
    }

    /// The version of a journey by which members enter, if they do.
    fn open(&self, journey: usize) -> Option<&'a Value> {
        let published = &self.published[journey];
        let is_open = published.state == State::Live && self.now >= published.since;
        published.versions.last().copied().filter(|_| is_open)
    }

    /// What the calendar has next for the member. What comes up while a journey is paused is passed over.
    pub(super) fn next_occasion(&self) -> Option<Occasion> {
        let zone = clocks::zone_of(&self.traits, &self.world.zone);
        let mut occasions = Vec::new();
        for (journey, published) in self.published.iter().enumerate() {
            if !matches!(published.state, State::Live | State::Paused) {
                continue;
            }
            let entry = &published.versions.last().unwrap()["entry"];
            let since = published.since.max(self.known_since);
            if let Some(date) = entry.get("date") {
                let since = since.max(self.traits_since);
                let dates = clocks::dates(date, &self.traits, &zone).into_iter().filter(|(at, _)| *at >= since);
                let is_yearly = date.get("every").is_some();
                occasions.extend(dates.map(|(at, day)| {
                    let name = text(date, "trait").unwrap();
                    // Nobody has two birthdays a year.
                    let name = if is_yearly { format!("{name} {}", &day[..4]) } else { format!("{name} {day} {at}") };
                    Occasion { at, journey, name, key: day, word: "date" }
                }));
            } else if let Some(schedule) = entry.get("schedule") {
                let is_of = text(schedule, "segment")
                    .is_none_or(|segment| self.segments().iter().any(|inside| inside == segment));
                let zone = if text(schedule, "zone") == Some("workspace") { &self.world.zone } else { &zone };
                let days = if is_of { self.days(schedule, since.max(self.now), zone) } else { Vec::new() };
                occasions.extend(days.into_iter().map(|(at, name)| Occasion {
                    at,
                    journey,
                    name,
                    key: String::new(),
                    word: "schedule",
                }));
            }
        }
        occasions.retain(|occasion| !self.used.contains(&(occasion.journey, occasion.name.clone())));
        occasions.into_iter().min()
    }

    /// The next days of a schedule, not before a moment: more than have been used of those.
    fn days(&self, schedule: &Value, from: i64, zone: &TimeZone) -> Vec<(i64, String)> {
        let days = clocks::scheduled(schedule, from, zone);
        days.filter(|(at, _)| *at >= from).take(3).collect()
    }

    pub(super) fn come_to(&mut self, occasion: Occasion) {
        let Occasion { journey, name, key, word, .. } = occasion;
        self.used.push((journey, name));
        // A date is an occasion of its own, which nobody has twice; a schedule is asked like anything else.
        let was_there = |way: &Way<'_>| way.run.journey == journey && way.run.key == key;
        let is_over = word == "date" && self.ways.iter().any(was_there);
        if self.open(journey).is_some() && !is_over {
            self.enter(journey, Entry { key, properties: json!({}), began: self.now, by: word });
        }
    }

    fn enter(&mut self, journey: usize, entry: Entry<'_>) {
        let Entry { key, properties, began, by } = entry;
        let Some(document) = self.open(journey) else { return };
        let mine = || self.ways.iter().filter(|way| way.run.journey == journey && way.run.key == key);
        let reentry = document.get("reentry").cloned().unwrap_or_else(|| json!({"policy": "never"}));
        if let Some(last) = mine().map(|way| way.run.entered).max() {
            let zone = clocks::zone_of(&self.traits, &self.world.zone);
            let cools =
                text(&reentry, "cooldown").is_some_and(|cooldown| clocks::after(last, cooldown, &zone) > self.now);
            let is_under_way = mine().any(|way| way.run.state == "active");
            match text(&reentry, "policy").unwrap() {
                "never" => return,
                "after_exit" if is_under_way => return,
                _ if cools => return,
                _ => {}
            }
        }
        let version = self.published[journey].versions.len() - 1;
        let run = Run {
            person: self.name().to_owned(),
            of: self.name().to_owned(),
            journey,
            version,
            key,
            entered: self.now,
            state: "active".to_owned(),
            ended: None,
            goal: None,
            lines: Vec::new(),
            sent: Vec::new(),
        };
        self.ways.push(Way {
            run,
            origin: self.person,
            number: self.ways.len(),
            entry: properties,
            began,
            step: text(document, "start").map(str::to_owned),
            arrived: self.now,
            is_before: false,
            waiting: None,
            visit: 0,
            told: 0,
        });
        let way = self.ways.len() - 1;
        self.note(way, "", "entered", by);
        let is_held = |lot: Lot| self.lots.get(&(self.name().to_owned(), lot)) == Some(&Chance::Held);
        // Whom the workspace leaves out no journey asks.
        let held_by = if is_held(self.holdout.lot()) {
            Some("workspace")
        } else {
            is_held(Lot::Entry { journey, version }).then_some("journey")
        };
        let Some(by) = held_by else { return self.walk(way) };
        self.note(way, "", "held_out", by);
        self.end(way, "held_out");
    }
}

/// The value of a document's key in what lets somebody in.
fn key_of(document: &Value, properties: &Value) -> String {
    let key = text(document, "key").and_then(|key| properties.get(key.trim_start_matches("properties.")));
    key.and_then(Value::as_str).unwrap_or_default().to_owned()
}
