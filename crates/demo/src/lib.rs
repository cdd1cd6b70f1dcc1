//! The demo community 醉里挑灯 / Lantern Wines: a wine shop with its members, groups, orders and talk.
//!
//! Everything is a pure function of a [`DemoPlan`]: [`history`] tells the past in strict order of
//! time, [`Trickle`] goes on from there, and [`starter`] is what the shop's operators have set up.
//!
//! Invariants: nothing here reads the clock, does I/O or keeps state between calls; no mail
//! address or telephone number can belong to a person (RFC 2606 domains, numbers that no network assigns);
//! all names are made up.

mod dice;
mod event;
mod facts;
mod life;
mod onboarding;
mod population;
mod render;
mod season;
mod sessions;
mod starter;
mod trickle;
mod world;

use base::Time;

pub use event::DemoEvent;
pub use starter::{
    MissingReference, Reference, Starter, StarterJourney, StarterSegment, StarterTemplate, StarterTopic,
    resolve_references, starter,
};
pub use trickle::Trickle;

use facts::Fact;
use population::{Person, Population};

/// Which community to make. Equal plans give equal events, byte by byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPlan {
    /// Where all chance comes from.
    pub seed: u64,
    /// How many people there are at the end, among them some visitors who never said who they are.
    pub members: usize,
    /// How many days of 24 hours the history covers.
    pub days: u32,
    /// The end of the history: no event is later.
    pub until: Time,
}

impl DemoPlan {
    /// The usual demo: 5,000 members and 90 days before `until`, about 250,000 events.
    pub fn new(until: Time) -> DemoPlan {
        DemoPlan { seed: 2_020, members: 5_000, days: 90, until }
    }

    /// The beginning of the history.
    pub fn start(&self) -> Time {
        Time::from_millis(self.until.millis() - i64::from(self.days) * season::DAY)
    }
}

/// The past of the community, oldest event first. Its length is known from the start.
pub struct History {
    seed: u64,
    people: Vec<Person>,
    facts: std::vec::IntoIter<Fact>,
    told: u64,
}

/// Makes the past of the community: everything that happened from [`DemoPlan::start`] to `until`.
///
/// The facts are drawn and sorted in a compact form (a few tens of bytes each) when this is called; the
/// events are written out one by one by the iterator.
pub fn history(plan: &DemoPlan) -> History {
    let population = Population::of(plan);
    let facts = population.facts();
    History { seed: plan.seed, people: population.people, facts: facts.into_iter(), told: 0 }
}

impl Iterator for History {
    type Item = DemoEvent;

    fn next(&mut self) -> Option<DemoEvent> {
        let fact = self.facts.next()?;
        let message_id = format!("demo-{:x}-{}", self.seed, self.told);
        self.told += 1;
        let person = self.people.get(fact.person as usize)?;
        Some(render::event(&fact, person, message_id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.facts.size_hint()
    }
}

impl ExactSizeIterator for History {}
