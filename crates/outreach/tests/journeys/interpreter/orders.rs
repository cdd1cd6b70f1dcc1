//! What operators do to journeys while members are under way, and what that does to one member.

use std::collections::BTreeMap;

use serde_json::Value;

use super::life::Life;

/// Something that an operator does.
#[derive(Clone, Debug)]
pub struct Order {
    pub at: i64,
    pub what: Ordered,
}

#[derive(Clone, Debug)]
pub enum Ordered {
    Publish { journey: usize, document: Value, running: Running },
    Pause(usize),
    Resume(usize),
    Stop { journey: usize, finish: bool },
    Holdout { share: f64, reshuffle: bool },
}

/// What becomes of those who are under way.
#[derive(Clone, Debug)]
pub enum Running {
    Stay,
    /// From the step at which somebody stands to one of the new version; to `None` to end there. Who was to go nowhere
    /// else when his journey was paused stands at no step, which has no name.
    Move(BTreeMap<String, Option<String>>),
}

/// How far a journey is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Live,
    /// Nobody enters, and no step is taken.
    Paused,
    /// Nobody enters.
    Finishing,
    Stopped,
}

/// A journey as it stands.
#[derive(Clone, Debug)]
pub struct Published<'a> {
    pub versions: Vec<&'a Value>,
    pub state: State,
    /// When the last version was published.
    pub since: i64,
}

impl<'a> Life<'a> {
    pub(super) fn obey(&mut self, order: &'a Order) {
        match &order.what {
            Ordered::Publish { journey, document, running } => {
                let published = &mut self.published[*journey];
                published.versions.push(document);
                published.state = State::Live;
                published.since = self.now;
                if let Running::Move(mapping) = running {
                    self.move_all(*journey, mapping);
                }
                self.let_go_on(*journey);
            }
            Ordered::Pause(journey) => self.published[*journey].state = State::Paused,
            Ordered::Resume(journey) => {
                self.published[*journey].state = State::Live;
                self.let_go_on(*journey);
            }
            Ordered::Stop { journey, finish: true } => {
                self.published[*journey].state = State::Finishing;
                self.begin_afresh(*journey);
                self.let_go_on(*journey);
            }
            Ordered::Stop { journey, finish: false } => {
                self.published[*journey].state = State::Stopped;
                self.begin_afresh(*journey);
                for way in self.under_way(*journey) {
                    self.let_out_of(way, "journey_stopped");
                }
            }
            Ordered::Holdout { share, reshuffle } => self.holdout.change(*share, *reshuffle),
        }
    }

    /// When it is published again, only who has entered on a day has used it.
    fn begin_afresh(&mut self, journey: usize) {
        self.used.retain(|(other, _)| *other != journey);
    }

    /// Puts everybody before a step of the last version. He has stood there since he came to his old one.
    fn move_all(&mut self, journey: usize, mapping: &BTreeMap<String, Option<String>>) {
        let last = self.published[journey].versions.len() - 1;
        for way in self.under_way(journey) {
            let from = self.ways[way].step.clone().unwrap_or_default();
            match mapping.get(&from) {
                None => {}
                Some(None) => self.let_out_of(way, "moved_out"),
                Some(Some(to)) => {
                    self.note(way, &from, "moved", to);
                    let moved = &mut self.ways[way];
                    moved.run.version = last;
                    moved.step = Some(to.clone());
                    moved.waiting = None;
                    moved.is_before = true;
                }
            }
        }
    }

    /// Who stands before a step begins it, and whose time was over meanwhile goes on.
    fn let_go_on(&mut self, journey: usize) {
        for way in self.under_way(journey) {
            if self.ways[way].is_before {
                self.walk(way);
            }
        }
        for way in self.under_way(journey) {
            let waiting = self.ways[way].waiting.as_ref();
            if waiting.and_then(|waiting| waiting.until).is_some_and(|until| until <= self.now) {
                self.time_is_up(way);
            }
        }
    }

    fn let_out_of(&mut self, way: usize, why: &str) {
        let step = self.ways[way].step.clone().unwrap_or_default();
        self.note(way, &step, "exited", why);
        self.end(way, "exited");
    }

    fn under_way(&self, journey: usize) -> Vec<usize> {
        let is_there = |way: &usize| self.ways[*way].run.journey == journey && self.ways[*way].run.state == "active";
        (0..self.ways.len()).filter(is_there).collect()
    }
}
