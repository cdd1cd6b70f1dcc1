//! Live events after the history: the shop stays open.

use std::collections::{BTreeMap, VecDeque};

use base::Time;

use crate::{
    DemoEvent, DemoPlan,
    dice::{Dice, mix},
    facts::Fact,
    population::{EVENTS_A_VISIT, Origin, Person, Population},
    render,
    season::liveliness,
    sessions::Scribe,
};

/// How far ahead the events of a visit are kept; what comes later is left out.
const FORESIGHT: i64 = 30 * 60_000;
/// After a pause longer than this the trickle goes on as if nothing had been missed.
const LONGEST_PAUSE: i64 = 60_000;
/// How many of the newest members are remembered, so that they come again.
const NEWCOMERS_KEPT: usize = 256;

/// Events that happen while one watches: one a second in the night, three on a busy evening.
///
/// It depends on nothing but its plan and the moments it is asked about. Message ids contain the moment, so
/// a trickle that is started again later makes no id twice.
pub struct Trickle {
    seed: u64,
    people: Vec<Person>,
    /// Sum of the activity of all people up to the one with this index.
    activity: Vec<f64>,
    newcomers: VecDeque<Person>,
    waiting: BTreeMap<(i64, u64), DemoEvent>,
    told_until: i64,
    visits: u64,
    noted: u64,
    last_newcomer: u64,
    last_cart: u64,
}

impl Trickle {
    /// A trickle that begins at `from`, with the people of the plan.
    pub fn new(plan: &DemoPlan, from: Time) -> Trickle {
        let population = Population::of(plan);
        let mut sum = 0.0;
        let mut activity = Vec::with_capacity(population.people.len());
        for (person, life) in population.people.iter().zip(&population.lives) {
            sum += person.activity * life.intensity_at_end();
            activity.push(sum);
        }
        let from = from.millis();
        let mut trickle = Trickle {
            seed: mix(plan.seed, from as u64),
            people: population.people,
            activity,
            newcomers: VecDeque::new(),
            waiting: BTreeMap::new(),
            told_until: from,
            visits: 0,
            noted: 0,
            last_newcomer: 0,
            last_cart: 0,
        };
        // Some visits are under way already.
        trickle.visit_between(from - FORESIGHT / 3, from);
        trickle.take_until(from);
        trickle
    }

    /// What has happened since the last call (or since the beginning) up to `now`, oldest first.
    pub fn next(&mut self, now: Time) -> Vec<DemoEvent> {
        let now = now.millis();
        if now <= self.told_until {
            return Vec::new();
        }
        if now - self.told_until > LONGEST_PAUSE {
            self.take_until(now - LONGEST_PAUSE);
        }
        let from = self.told_until.max(now - LONGEST_PAUSE);
        self.visit_between(from + 1, now);
        self.told_until = now;
        self.take_until(now)
    }

    fn take_until(&mut self, moment: i64) -> Vec<DemoEvent> {
        let later = self.waiting.split_off(&(moment + 1, 0));
        std::mem::replace(&mut self.waiting, later).into_values().collect()
    }

    fn visit_between(&mut self, from: i64, to: i64) {
        let events_a_second = 1.0 + 2.0 * liveliness(to);
        let seconds = (to - from + 1) as f64 / 1_000.0;
        let mut dice = Dice::new(self.seed, 2 * to as u64);
        for _ in 0..dice.poisson(seconds * events_a_second / EVENTS_A_VISIT) {
            let moment = dice.between(from, to + 1);
            self.visits += 1;
            self.visit(&mut dice, moment);
        }
    }

    fn visit(&mut self, dice: &mut Dice, moment: i64) {
        let scribe_dice = Dice::new(self.seed ^ 0x7121, self.visits);
        let cart = self.last_cart.saturating_add(1).max(moment.max(0) as u64);
        self.last_cart = cart + 8;

        // A number that nobody has: the second of the arrival, one newcomer in each.
        let second = (moment / 1_000).max(0) as u64;
        if second > self.last_newcomer && dice.chance(0.03) {
            self.last_newcomer = second;
            let signs_up = moment + dice.between(60_000, 300_000);
            let newcomer = Person::of(self.seed, second, Origin::Within, |_, _| signs_up);
            let mut scribe = Scribe::new(&newcomer, 0, scribe_dice, cart);
            scribe.arrive(moment);
            let facts = std::mem::take(&mut scribe.facts);
            self.keep(&newcomer, facts, moment);
            self.newcomers.push_back(newcomer);
            if self.newcomers.len() > NEWCOMERS_KEPT {
                self.newcomers.pop_front();
            }
            return;
        }

        let Some(person) = self.somebody(dice, moment) else { return };
        let mut scribe = Scribe::settled(&person, scribe_dice, cart);
        if person.origin != Origin::Visitor && dice.chance(0.01) {
            scribe.look_back(moment);
        } else {
            scribe.visit(moment);
        }
        let facts = std::mem::take(&mut scribe.facts);
        self.keep(&person, facts, moment);
    }

    fn somebody(&self, dice: &mut Dice, moment: i64) -> Option<Person> {
        if !self.newcomers.is_empty() && dice.chance(0.05) {
            let newcomer = self.newcomers.get(dice.index(self.newcomers.len()))?;
            return Some(newcomer.clone()).filter(|it| it.signup <= moment);
        }
        let wanted = dice.unit() * self.activity.last().copied().unwrap_or_default();
        let index = self.activity.partition_point(|sum| *sum <= wanted);
        self.people.get(index).cloned()
    }

    fn keep(&mut self, person: &Person, facts: Vec<Fact>, visit_began: i64) {
        for fact in facts {
            if fact.at < visit_began || fact.at > visit_began + FORESIGHT {
                continue;
            }
            self.noted += 1;
            let message_id = format!("demo-live-{}-{}", fact.at, self.noted);
            self.waiting.insert((fact.at, self.noted), render::event(&fact, person, message_id));
        }
    }
}
