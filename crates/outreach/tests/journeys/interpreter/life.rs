//! A member's life through all journeys.

use serde_json::{Map, Value, json};

use super::{Chance, Chances, Journey, Line, Person, Run, What, World, clocks, text, triggers::Trigger};

/// What a member who is on his way waits for.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// When it is over by itself.
    pub(super) until: Option<i64>,
    /// What is waited for beside that; it is then a matter of a time limit.
    pub(super) for_what: Option<For>,
}

#[derive(Clone, Debug)]
pub enum For {
    Event(Value),
    Segment(String),
    Answer,
    Task,
    /// What it has itself told of the member.
    Echo,
}

pub struct Way {
    pub(super) run: Run,
    /// What let him in: its properties, and when it happened.
    pub(super) entry: Value,
    pub(super) began: i64,
    pub(super) step: Option<String>,
    /// When he came to the step.
    pub(super) arrived: i64,
    pub(super) waiting: Option<Waiting>,
    /// Which visit of a step this is, so that an answer reaches the one that it is for.
    pub(super) visit: usize,
    /// What it has told of the member and has not come back.
    pub(super) told: usize,
}

/// Something that is still to come.
#[derive(Clone, Debug)]
pub enum Coming {
    Outside(usize),
    /// What a step did, of a way, comes back as an event of its own.
    Echo(Option<usize>, What),
    Answer {
        way: usize,
        visit: usize,
        step: String,
        traits: Value,
    },
    Done {
        way: usize,
        visit: usize,
        outcome: Option<String>,
    },
}

pub struct Life<'a> {
    pub(super) world: &'a World,
    pub(super) person: &'a Person,
    pub(super) chances: &'a Chances,
    pub(super) now: i64,
    pub(super) traits: Map<String, Value>,
    pub(super) tags: Vec<String>,
    pub(super) events: Vec<(String, i64, Value)>,
    pub(super) ways: Vec<Way>,
    /// With the moment, and the place in the order of what was brought about.
    pub(super) coming: Vec<(i64, usize, Coming)>,
    pub(super) brought_about: usize,
    /// Dates of journeys that were used, and since when each date is known.
    pub(super) used: Vec<(usize, i64)>,
    pub(super) traits_since: i64,
}

/// All runs of a member until a moment.
pub fn live(world: &World, person: &Person, chances: &Chances, until: i64) -> Vec<Run> {
    let mut life = Life {
        world,
        person,
        chances,
        now: i64::MIN,
        traits: Map::new(),
        tags: Vec::new(),
        events: Vec::new(),
        ways: Vec::new(),
        coming: Vec::new(),
        brought_about: 0,
        used: Vec::new(),
        traits_since: i64::MIN,
    };
    for (number, happening) in person.happenings.iter().enumerate() {
        life.coming.push((happening.received, 0, Coming::Outside(number)));
    }
    while life.next(until) {}
    life.ways.into_iter().map(|way| way.run).collect()
}

impl Life<'_> {
    /// Takes what comes next: timers before what arrives at the same moment. False when nothing is left.
    fn next(&mut self, until: i64) -> bool {
        let timer = self.ways.iter().filter_map(|way| way.waiting.as_ref()?.until).min();
        let date = self.dates().into_iter().min();
        let arrival = self.coming.iter().map(|(at, order, _)| (*at, *order)).min();
        let soonest = [timer, date.map(|(at, _)| at), arrival.map(|(at, _)| at)].into_iter().flatten().min();
        let Some(soonest) = soonest.filter(|at| *at <= until) else { return false };
        self.now = self.now.max(soonest);
        if timer == Some(soonest) {
            for way in 0..self.ways.len() {
                if self.ways[way].waiting.as_ref().is_some_and(|waiting| waiting.until == Some(soonest)) {
                    self.time_is_up(way);
                }
            }
        }
        if let Some((_, journey)) = date.filter(|(at, _)| *at == soonest) {
            self.used.push((journey, soonest));
            self.enter(journey, String::new(), json!({}), soonest, "date");
        } else if timer != Some(soonest) {
            let place = self.coming.iter().position(|(at, order, _)| Some((*at, *order)) == arrival).unwrap();
            let (_, _, coming) = self.coming.remove(place);
            self.take(coming);
        }
        true
    }

    /// When dates of the member let him in next, by journey.
    fn dates(&self) -> Vec<(i64, usize)> {
        let mut dates = Vec::new();
        for (number, journey) in self.world.journeys.iter().enumerate() {
            let Some(date) = journey.document["entry"].get("date") else { continue };
            let since = journey.published.max(self.traits_since);
            let zone = clocks::zone_of(&self.traits, &self.world.zone);
            let fits = |at: &i64| *at >= since && !self.used.contains(&(number, *at));
            dates.extend(clocks::yearly(date, &self.traits, &zone).into_iter().filter(fits).map(|at| (at, number)));
        }
        dates
    }

    fn take(&mut self, coming: Coming) {
        match coming {
            Coming::Outside(number) => {
                let happening = self.person.happenings[number].clone();
                self.happens(happening.what, happening.happened);
            }
            Coming::Echo(way, what) => {
                if let Some(way) = way {
                    self.ways[way].told -= 1;
                }
                self.happens(what, self.now);
                // What a way has changed is known before its next step looks at the member.
                if let Some(way) = way.filter(|way| self.ways[*way].told == 0)
                    && matches!(self.ways[way].waiting, Some(Waiting { for_what: Some(For::Echo), .. }))
                {
                    self.ways[way].waiting = None;
                    self.walk(way);
                }
            }
            Coming::Answer { way, visit, step, traits } => {
                let is_awaited = self.ways[way].visit == visit
                    && matches!(self.ways[way].waiting, Some(Waiting { for_what: Some(For::Answer), .. }));
                if traits.as_object().is_some_and(|traits| !traits.is_empty()) {
                    self.bring(self.now, Coming::Echo(None, What::Traits(traits)));
                    if is_awaited {
                        // The way goes on when the traits have come back.
                        self.bring(self.now, Coming::Answer { way, visit, step, traits: Value::Null });
                        return;
                    }
                }
                if self.ways[way].run.state == "active" {
                    self.note(way, &step, "answered", "");
                }
                if is_awaited {
                    self.go_on(way, "next");
                }
            }
            Coming::Done { way, visit, outcome } => {
                let is_open = matches!(self.ways[way].waiting, Some(Waiting { for_what: Some(For::Task), .. }));
                if self.ways[way].visit != visit || !is_open {
                    return;
                }
                let step = self.ways[way].step.clone().unwrap();
                self.note(way, &step, "task_done", outcome.as_deref().unwrap_or(""));
                let described = self.step(way, &step);
                let led = outcome.and_then(|word| described.get("outcomes")?.get(&word).cloned());
                let next = led.unwrap_or_else(|| described["next"].clone());
                self.go_to(way, next.as_str().map(str::to_owned));
            }
        }
    }

    fn happens(&mut self, what: What, happened: i64) {
        let before = self.segments();
        match &what {
            What::Event { name, properties } => self.events.push((name.clone(), happened, properties.clone())),
            What::Tags { added: true, tags } => {
                let new: Vec<String> = tags.iter().filter(|tag| !self.tags.contains(tag)).cloned().collect();
                self.tags.extend(new);
            }
            What::Tags { added: false, tags } => self.tags.retain(|tag| !tags.contains(tag)),
            What::Traits(traits) => {
                for (name, value) in traits.as_object().unwrap() {
                    self.traits.insert(name.clone(), value.clone());
                }
                self.traits_since = self.traits_since.max(self.now);
            }
        }
        let after = self.segments();
        let entered: Vec<String> = after.iter().filter(|segment| !before.contains(segment)).cloned().collect();
        let left: Vec<String> = before.iter().filter(|segment| !after.contains(segment)).cloned().collect();
        let mut triggers: Vec<Trigger<'_>> = Vec::new();
        if let What::Event { name, properties } = &what {
            triggers.push(Trigger::Event { name, properties, happened });
        }
        triggers.extend(entered.iter().map(|segment| Trigger::Entered(segment)));
        triggers.extend(left.iter().map(|segment| Trigger::Left(segment)));
        for trigger in &triggers {
            self.reach_goals(trigger);
            self.let_out(trigger);
            self.meet(trigger);
        }
        for trigger in &triggers {
            self.let_in(trigger);
        }
        self.meet_inside();
    }

    /// Whoever waits for a segment and is in it, however he came in, waits no longer.
    fn meet_inside(&mut self) {
        for way in 0..self.ways.len() {
            let Some(Waiting { for_what: Some(For::Segment(segment)), .. }) = self.ways[way].waiting.clone() else {
                continue;
            };
            if self.segments().contains(&segment) {
                let step = self.ways[way].step.clone().unwrap();
                self.note(way, &step, "met", "");
                self.go_on(way, "next");
            }
        }
    }

    /// Ids of the segments in which the member is.
    pub(super) fn segments(&self) -> Vec<String> {
        self.world.segments.iter().filter(|(_, tag)| self.tags.contains(tag)).map(|(id, _)| id.clone()).collect()
    }

    fn reach_goals(&mut self, trigger: &Trigger<'_>) {
        for way in 0..self.ways.len() {
            let (document, run) = (self.document(way), &self.ways[way].run);
            let Some(goal) = document.get("goal") else { continue };
            let began = self.ways[way].began;
            let zone = clocks::zone_of(&self.traits, &self.world.zone);
            let limit = match text(goal, "within") {
                Some(within) => Some(clocks::after(began, within, &zone)),
                None if run.state == "held_out" => Some(clocks::after(began, "P30D", &zone)),
                None => None,
            };
            let at = trigger.at(self.now);
            // Of a run that has ended nobody asks when its time is over, however early that was which comes then.
            let is_followed = run.state == "active" || limit.is_some_and(|limit| self.now < limit);
            let in_time = at >= began && limit.is_none_or(|limit| at < limit);
            if run.goal.is_none() && is_followed && in_time && self.is_same(way, trigger) && trigger.fits(goal) {
                self.ways[way].run.goal = Some(at);
                self.note(way, "", "goal", "");
            }
        }
    }

    fn let_out(&mut self, trigger: &Trigger<'_>) {
        for way in 0..self.ways.len() {
            let exits = self.document(way).get("exit").and_then(Value::as_array).cloned().unwrap_or_default();
            let is_due = self.ways[way].run.state == "active"
                && trigger.at(self.now) >= self.ways[way].began
                && self.is_same(way, trigger)
                && exits.iter().any(|exit| trigger.fits(exit));
            if is_due {
                let step = self.ways[way].step.clone().unwrap_or_default();
                self.note(way, &step, "exited", "");
                self.end(way, "exited");
            }
        }
    }

    fn meet(&mut self, trigger: &Trigger<'_>) {
        for way in 0..self.ways.len() {
            let Some(Waiting { for_what: Some(awaited), .. }) = self.ways[way].waiting.clone() else { continue };
            let is_met = match (&awaited, trigger) {
                (For::Event(wanted), Trigger::Event { properties, happened, .. }) => {
                    // What happened before he came to the wait is not what he waits for.
                    *happened >= self.ways[way].arrived
                        && self.is_same(way, trigger)
                        && trigger.fits(wanted)
                        && wanted.get("match").and_then(Value::as_array).into_iter().flatten().all(|pair| {
                            let path = text(pair, "entry").unwrap().trim_start_matches("properties.");
                            let mine = self.ways[way].entry.get(path);
                            mine.is_some() && mine == properties.get(text(pair, "property").unwrap())
                        })
                }
                (For::Segment(segment), Trigger::Entered(entered)) => segment == entered,
                _ => false,
            };
            if is_met {
                let step = self.ways[way].step.clone().unwrap();
                self.note(way, &step, "met", "");
                self.go_on(way, "next");
            }
        }
    }

    fn let_in(&mut self, trigger: &Trigger<'_>) {
        for number in 0..self.world.journeys.len() {
            let Journey { document, published } = &self.world.journeys[number];
            if self.now < *published || !trigger.fits(&document["entry"]) {
                continue;
            }
            let properties = trigger.properties();
            let key = text(document, "key").and_then(|key| properties.get(key.trim_start_matches("properties.")));
            let key = key.and_then(Value::as_str).unwrap_or_default().to_owned();
            self.enter(number, key, properties, trigger.at(self.now), trigger.word());
        }
    }

    fn enter(&mut self, journey: usize, key: String, entry: Value, began: i64, by: &str) {
        let document = &self.world.journeys[journey].document;
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
        let run = Run {
            person: self.person.name.clone(),
            journey,
            key,
            entered: self.now,
            state: "active".to_owned(),
            ended: None,
            goal: None,
            lines: Vec::new(),
            sent: Vec::new(),
        };
        let start = text(document, "start").map(str::to_owned);
        self.ways.push(Way { run, entry, began, step: start, arrived: began, waiting: None, visit: 0, told: 0 });
        let way = self.ways.len() - 1;
        self.note(way, "", "entered", by);
        match self.chance(journey, "") {
            Some(Chance::Held(by)) => {
                self.note(way, "", "held_out", &by);
                self.end(way, "held_out");
            }
            _ => self.walk(way),
        }
    }

    pub(super) fn send(&mut self, way: usize, step: &str) {
        self.note(way, step, "queued", "");
        let now = self.now;
        self.ways[way].run.sent.push((now, step.to_owned()));
    }

    pub(super) fn echo(&mut self, way: usize, what: What) {
        self.ways[way].told += 1;
        self.bring(self.now, Coming::Echo(Some(way), what));
    }

    pub(super) fn bring(&mut self, at: i64, coming: Coming) {
        self.brought_about += 1;
        self.coming.push((at, self.brought_about, coming));
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
    }

    pub(super) fn document(&self, way: usize) -> &Value {
        &self.world.journeys[self.ways[way].run.journey].document
    }

    pub(super) fn step(&self, way: usize, name: &str) -> Value {
        self.document(way)["steps"][name].clone()
    }

    pub(super) fn chance(&self, journey: usize, step: &str) -> Option<Chance> {
        self.chances.get(&(self.person.name.clone(), journey, step.to_owned())).cloned()
    }

    /// An event that carries the journey's key concerns the run with that key, any other concerns all.
    fn is_same(&self, way: usize, trigger: &Trigger<'_>) -> bool {
        let Some(path) = text(self.document(way), "key") else { return true };
        let properties = trigger.properties();
        let key = properties.get(path.trim_start_matches("properties.")).and_then(Value::as_str);
        key.is_none_or(|key| key == self.ways[way].run.key)
    }
}
