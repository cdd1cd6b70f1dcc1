//! A member's life through all journeys.

use std::{cell::Cell, collections::BTreeMap};

use serde_json::{Map, Value};

use super::{
    Chance, Happening, Line, Lot, Lots, Order, Person, Run, What, World,
    entering::Occasion,
    lots::Holdout,
    orders::{Published, State},
    text,
    triggers::Trigger,
};

/// What a member who is on his way waits for.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// When it is over by itself.
    pub(super) until: Option<i64>,
    /// What is waited for beside that; it is then a matter of a time limit.
    pub(super) for_what: Option<For>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum For {
    Event(Value),
    Segment(String),
    Answer,
    Task,
    /// What it has itself told of the member.
    Echo,
}

pub struct Way<'a> {
    pub(super) run: Run,
    /// Who entered; chance goes by him, whoever he has become.
    pub(super) origin: &'a Person,
    /// Keeps it apart from the others of the same origin.
    pub(super) number: usize,
    /// What let him in: its properties, and when it happened.
    pub(super) entry: Value,
    pub(super) began: i64,
    pub(super) step: Option<String>,
    /// When he came to the step, or to the one from which he was moved before it.
    pub(super) arrived: i64,
    /// Whether he stands before the step and has not begun it: he was moved there, or the journey is paused.
    pub(super) is_before: bool,
    pub(super) waiting: Option<Waiting>,
    /// Which visit of a step this is, so that an answer reaches the one that it is for.
    pub(super) visit: usize,
    /// What it has told of the member and has not come back.
    pub(super) told: usize,
}

/// A way by who entered and its number, since places change when two become one.
pub type WayId = (usize, usize);

/// Something that is still to come.
#[derive(Clone, Debug)]
pub enum Coming<'a> {
    Outside(&'a Happening),
    Order(&'a Order),
    /// What a step did, of a way, comes back as an event of its own.
    Echo(Option<WayId>, What),
    Answer {
        way: WayId,
        visit: usize,
        step: String,
        traits: Value,
    },
    Done {
        way: WayId,
        visit: usize,
        outcome: Option<String>,
    },
}

impl Coming<'_> {
    pub(super) fn is_order(&self) -> bool {
        matches!(self, Coming::Order(_))
    }
}

/// What is to be done beside going on.
pub enum Next {
    Nothing,
    BecomesOneWith(String),
}

pub struct Life<'a> {
    pub(super) world: &'a World,
    pub(super) lots: &'a Lots,
    pub(super) published: Vec<Published<'a>>,
    pub(super) holdout: Holdout,
    pub(super) person: &'a Person,
    /// His own name and those of whom he has become one with.
    pub(super) names: Vec<String>,
    pub(super) now: i64,
    pub(super) traits: Map<String, Value>,
    /// What was last said of each trait, when, and of whom.
    pub(super) said: BTreeMap<String, (Value, i64, usize)>,
    pub(super) tags: Vec<String>,
    pub(super) events: Vec<(String, i64, Value)>,
    pub(super) ways: Vec<Way<'a>>,
    /// With the moment, and the place in the order of what was brought about.
    pub(super) coming: Vec<(i64, usize, Coming<'a>)>,
    pub(super) brought_about: &'a Cell<usize>,
    /// Occasions of journeys that were used, and since when dates are known.
    pub(super) used: Vec<(usize, String)>,
    pub(super) traits_since: i64,
    /// Since when there is somebody.
    pub(super) known_since: i64,
    pub(super) occasion: Option<Occasion>,
}

impl<'a> Life<'a> {
    pub(super) fn of(world: &'a World, person: &'a Person, lots: &'a Lots, brought_about: &'a Cell<usize>) -> Life<'a> {
        let happenings = person.happenings.iter().map(|happening| (happening.received, 0, Coming::Outside(happening)));
        let orders = world.orders.iter().map(|order| (order.at, 0, Coming::Order(order)));
        let published = world.journeys.iter().map(|journey| Published {
            versions: vec![&journey.document],
            state: State::Live,
            since: journey.published,
        });
        Life {
            world,
            lots,
            published: published.collect(),
            holdout: Holdout::default(),
            person,
            names: vec![person.name.clone()],
            now: i64::MIN,
            traits: Map::new(),
            said: BTreeMap::new(),
            tags: Vec::new(),
            events: Vec::new(),
            ways: Vec::new(),
            coming: happenings.chain(orders).collect(),
            brought_about,
            used: Vec::new(),
            traits_since: i64::MIN,
            known_since: person.happenings[0].received,
            occasion: None,
        }
    }

    /// When something is due next: a timer, an occasion, or what arrives.
    pub(super) fn next_moment(&mut self) -> Option<i64> {
        self.occasion = self.next_occasion();
        let occasion = self.occasion.as_ref().map(|occasion| occasion.at);
        [self.next_timer(), occasion, self.next_arrival().map(|(at, _)| at)].into_iter().flatten().min()
    }

    fn next_timer(&self) -> Option<i64> {
        let ways = self.ways.iter().filter(|way| !self.is_paused(way.run.journey));
        ways.filter_map(|way| way.waiting.as_ref()?.until).min()
    }

    fn next_arrival(&self) -> Option<(i64, usize)> {
        self.coming.iter().map(|(at, order, _)| (*at, *order)).min()
    }

    /// Takes what comes next: timers before what arrives at the same moment.
    pub(super) fn go_on(&mut self) -> Next {
        let Some(soonest) = self.next_moment() else { return Next::Nothing };
        let timer = self.next_timer();
        self.now = self.now.max(soonest);
        if timer == Some(soonest) {
            for way in 0..self.ways.len() {
                let is_due = self.ways[way].waiting.as_ref().is_some_and(|waiting| waiting.until == Some(soonest));
                if is_due && !self.is_paused(self.ways[way].run.journey) {
                    self.time_is_up(way);
                }
            }
        }
        if let Some(occasion) = self.occasion.take().filter(|occasion| occasion.at == soonest) {
            self.come_to(occasion);
        } else if timer != Some(soonest) {
            let arrival = self.next_arrival();
            let place = self.coming.iter().position(|(at, order, _)| Some((*at, *order)) == arrival).unwrap();
            let (_, _, coming) = self.coming.remove(place);
            return self.take(coming);
        }
        Next::Nothing
    }

    fn take(&mut self, coming: Coming<'a>) -> Next {
        match coming {
            Coming::Outside(happening) => {
                if let What::Merged { with } = &happening.what {
                    return Next::BecomesOneWith(with.clone());
                }
                self.happens(happening.what.clone(), happening.happened);
            }
            Coming::Order(order) => self.obey(order),
            Coming::Echo(way, what) => {
                let way = way.map(|way| self.place_of(way));
                if let Some(way) = way {
                    self.ways[way].told -= 1;
                }
                self.happens(what, self.now);
                // What a way has changed is known before its next step looks at the member.
                if let Some(way) = way.filter(|way| self.ways[*way].told == 0 && self.waits_for(*way, &For::Echo)) {
                    self.ways[way].waiting = None;
                    self.walk(way);
                }
            }
            Coming::Answer { way: id, visit, step, traits } => {
                let way = self.place_of(id);
                // What comes when the time is over, though nobody has gone on since, comes too late.
                let is_awaited =
                    self.ways[way].visit == visit && self.waits_for(way, &For::Answer) && self.is_in_time(way);
                if traits.as_object().is_some_and(|traits| !traits.is_empty()) {
                    self.bring(self.now, Coming::Echo(None, What::Traits(traits)));
                    if is_awaited {
                        // The way goes on when the traits have come back.
                        self.bring(self.now, Coming::Answer { way: id, visit, step, traits: Value::Null });
                        return Next::Nothing;
                    }
                }
                if self.ways[way].run.state == "active" {
                    self.note(way, &step, "answered", "");
                }
                if is_awaited {
                    self.go_on_from(way, "next");
                }
            }
            Coming::Done { way, visit, outcome } => {
                let way = self.place_of(way);
                if self.ways[way].visit != visit || !self.waits_for(way, &For::Task) {
                    return Next::Nothing;
                }
                let step = self.ways[way].step.clone().unwrap();
                self.note(way, &step, "task_done", outcome.as_deref().unwrap_or(""));
                let described = self.step(way, &step);
                let led = outcome.and_then(|word| described.get("outcomes")?.get(&word).cloned());
                let next = led.unwrap_or_else(|| described["next"].clone());
                self.go_to(way, next.as_str().map(str::to_owned));
            }
        }
        Next::Nothing
    }

    fn happens(&mut self, what: What, happened: i64) {
        let before = self.segments();
        let is_import = matches!(what, What::Imported(_) | What::ImportedTags(_));
        match &what {
            What::Event { name, properties } => self.events.push((name.clone(), happened, properties.clone())),
            What::Tags { added: true, tags } | What::ImportedTags(tags) => {
                let new: Vec<String> = tags.iter().filter(|tag| !self.tags.contains(tag)).cloned().collect();
                self.tags.extend(new);
            }
            What::Tags { added: false, tags } => self.tags.retain(|tag| !tags.contains(tag)),
            What::Traits(traits) | What::Imported(traits) => {
                for (name, value) in traits.as_object().unwrap() {
                    self.said.insert(name.clone(), (value.clone(), happened, self.person.number));
                    self.traits.insert(name.clone(), value.clone());
                }
                self.traits_since = self.traits_since.max(self.now);
            }
            What::Asked { .. } => {}
            What::Merged { .. } => panic!("a merge is for the family"),
        }
        let after = self.segments();
        let entered: Vec<String> = after.iter().filter(|segment| !before.contains(segment)).cloned().collect();
        let left: Vec<String> = before.iter().filter(|segment| !after.contains(segment)).cloned().collect();
        let mut triggers: Vec<Trigger<'_>> = Vec::new();
        if let What::Event { name, properties } = &what {
            triggers.push(Trigger::Event { name, properties, happened });
        }
        // History that is brought in starts and ends nothing.
        if !is_import {
            triggers.extend(entered.iter().map(|segment| Trigger::Entered(segment)));
            triggers.extend(left.iter().map(|segment| Trigger::Left(segment)));
        }
        match &what {
            What::Imported(row) => self.let_in_by_import(row),
            What::Asked { journey, key, properties } => self.let_in_by_hand(*journey, key.clone(), properties),
            _ => {}
        }
        self.meet_all(&triggers);
    }

    /// Ids of the segments in which the member is.
    pub(super) fn segments(&self) -> Vec<String> {
        self.world.segments.iter().filter(|(_, tag)| self.tags.contains(tag)).map(|(id, _)| id.clone()).collect()
    }

    pub(super) fn name(&self) -> &str {
        &self.person.name
    }

    pub(super) fn is_paused(&self, journey: usize) -> bool {
        matches!(self.published[journey].state, State::Paused | State::Stopped)
    }

    pub(super) fn waits_for(&self, way: usize, what: &For) -> bool {
        self.ways[way].waiting.as_ref().is_some_and(|waiting| waiting.for_what.as_ref() == Some(what))
    }

    /// Whether the time for what is waited for is not over; in a paused journey nobody has noticed yet.
    pub(super) fn is_in_time(&self, way: usize) -> bool {
        let until = self.ways[way].waiting.as_ref().and_then(|waiting| waiting.until);
        until.is_none_or(|until| until > self.now)
    }

    fn place_of(&self, id: WayId) -> usize {
        self.ways.iter().position(|way| way.id() == id).unwrap()
    }

    pub(super) fn send(&mut self, way: usize, step: &str) {
        self.note(way, step, "queued", "");
        let now = self.now;
        self.ways[way].run.sent.push((now, step.to_owned()));
    }

    pub(super) fn echo(&mut self, way: usize, what: What) {
        self.ways[way].told += 1;
        let id = self.ways[way].id();
        self.bring(self.now, Coming::Echo(Some(id), what));
    }

    pub(super) fn bring(&mut self, at: i64, coming: Coming<'a>) {
        self.brought_about.set(self.brought_about.get() + 1);
        self.coming.push((at, self.brought_about.get(), coming));
    }

    pub(super) fn note(&mut self, way: usize, step: &str, action: &str, note: &str) {
        let line = Line { at: self.now, step: step.to_owned(), action: action.to_owned(), note: note.to_owned() };
        self.ways[way].run.lines.push(line);
    }

    pub(super) fn end(&mut self, way: usize, state: &str) {
        let now = self.now;
        let way = &mut self.ways[way];
        way.run.state = state.to_owned();
        way.run.ended = Some(now);
        way.waiting = None;
        way.is_before = false;
    }

    /// The version of its journey that a way is on.
    pub(super) fn document(&self, way: usize) -> &'a Value {
        let run = &self.ways[way].run;
        self.published[run.journey].versions[run.version]
    }

    pub(super) fn step(&self, way: usize, name: &str) -> Value {
        self.document(way)["steps"][name].clone()
    }

    /// What chance decides at a step, of him who entered.
    pub(super) fn chance(&self, way: usize, step: &str) -> Option<Chance> {
        let Way { run, origin, .. } = &self.ways[way];
        let lot = Lot::Step { journey: run.journey, version: run.version, step: step.to_owned() };
        self.lots.get(&(origin.name.clone(), lot)).cloned()
    }

    /// An event that carries the journey's key concerns the run with that key, any other concerns all.
    pub(super) fn is_same(&self, way: usize, trigger: &Trigger<'_>) -> bool {
        let Some(path) = text(self.document(way), "key") else { return true };
        let properties = trigger.properties();
        let key = properties.get(path.trim_start_matches("properties.")).and_then(Value::as_str);
        key.is_none_or(|key| key == self.ways[way].run.key)
    }
}

impl Way<'_> {
    pub(super) fn id(&self) -> WayId {
        (self.origin.number, self.number)
    }
}
