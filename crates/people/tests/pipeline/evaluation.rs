//! The evaluator against a naive one, over many thousands of random rules and lives: the answer, and the promise that it
//! holds until the moment that comes with it.

use std::collections::BTreeMap;

use base::{
    Event, EventKind, Time,
    event::empty_object,
    ids::{EventId, IdentityId, MemberId, SegmentId},
    rule::Rule,
};
use jiff::tz::TimeZone;
use people::{
    members::{Identity, MemberState, TagFact},
    rules::{RuleBook, Touch, evaluate},
    traits::{Manner, Operation, Saying, TraitRule},
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use serde_json::{Value, json, value::to_raw_value};

use super::{
    chance::{operations, rules, shift, traits},
    support::{
        DAY, HOUR, START, WORKSPACE,
        naive::{self, How},
    },
};

/// Something that becomes known of a member, under one of his two identities.
#[derive(Clone, Debug)]
enum Fact {
    Said { identity: i64, traits: Value, shift: i64 },
    Operated { identity: i64, operations: Value, shift: i64 },
    Did { name: &'static str, amount: Option<i64>, shift: i64 },
    Tagged { identity: i64, tag: &'static str },
    Untagged { tag: &'static str },
    Pass(i64),
}

fn fact() -> impl Strategy<Value = Fact> {
    let names = prop::sample::select(vec!["Order Completed", "Page Read"]);
    let tags = || prop::sample::select(vec!["vip", "new", "old"]);
    prop_oneof![
        2 => (1..=2i64, traits(), shift()).prop_map(|(identity, traits, shift)| Fact::Said { identity, traits, shift }),
        2 => (1..=2i64, operations(), shift())
            .prop_map(|(identity, operations, shift)| Fact::Operated { identity, operations, shift }),
        5 => (names, prop::option::weighted(0.8, -2i64..10), shift())
            .prop_map(|(name, amount, shift)| Fact::Did { name, amount, shift }),
        1 => (1..=2i64, tags()).prop_map(|(identity, tag)| Fact::Tagged { identity, tag }),
        1 => tags().prop_map(|tag| Fact::Untagged { tag }),
        2 => prop_oneof![1..2 * HOUR, 1..3 * DAY].prop_map(Fact::Pass),
    ]
}

/// A member as the pipeline would hold him, and the same for the naive evaluator.
struct Life {
    member: MemberState,
    person: naive::Person,
    now: Time,
}

impl Life {
    fn begin() -> Life {
        let start = Time::from_millis(START);
        let mut member = MemberState::new(MemberId(1), WORKSPACE, start);
        for id in 1..=2 {
            member.add_identity(Identity {
                id: IdentityId(id),
                kind: "user_id".to_owned(),
                value: id.to_string(),
                verified: false,
                origin: MemberId(1),
                created_at: start,
                traits: Default::default(),
                tags: Default::default(),
                groups: Default::default(),
            });
        }
        Life { member, person: naive::Person::default(), now: start }
    }

    fn take(&mut self, book: &RuleBook, number: usize, fact: &Fact) {
        match fact {
            Fact::Pass(millis) => self.now = Time::from_millis(self.now.millis() + millis),
            Fact::Said { identity, traits, shift } => {
                let at = Time::from_millis(self.now.millis() + shift);
                self.happen(book, number, EventKind::Identify, "Identified", at, traits);
                for (name, value) in traits.as_object().unwrap() {
                    self.say(book, *identity, (name, Manner::Plainly, How::Is), value, at);
                }
            }
            Fact::Operated { identity, operations, shift } => {
                let at = Time::from_millis(self.now.millis() + shift);
                self.happen(book, number, EventKind::Identify, "Identified", at, &json!({}));
                for operation in operations.as_array().unwrap() {
                    let word = operation[0].as_str().unwrap();
                    match (operation[1].as_str(), Operation::from_word(word)) {
                        (Some(name), Some(known)) => {
                            let manner = (name, Manner::By(known), How::Does(word.to_owned()));
                            self.say(book, *identity, manner, &operation[2], at);
                        }
                        _ => {
                            self.member.clear_traits(IdentityId(*identity), &book.traits);
                            self.member.past.clear((at, self.now), IdentityId(*identity));
                            self.note(*identity, "", How::Clears, &Value::Null, at);
                        }
                    }
                }
            }
            Fact::Did { name, amount, shift } => {
                let properties = amount.map_or(json!({}), |amount| json!({"amount": amount}));
                let at = Time::from_millis(self.now.millis() + shift);
                self.happen(book, number, EventKind::Track, name, at, &properties);
            }
            Fact::Tagged { identity, tag } => self.tag(book, IdentityId(*identity), tag, true),
            Fact::Untagged { tag } => {
                for identity in [IdentityId(1), IdentityId(2)] {
                    self.tag(book, identity, tag, false);
                }
            }
        }
    }

    fn say(
        &mut self,
        book: &RuleBook,
        identity: i64,
        (name, manner, how): (&str, Manner, How),
        value: &Value,
        at: Time,
    ) {
        self.member.past.say(book, name, (at, self.now), IdentityId(identity), value, manner);
        let saying = Saying { manner, value: value.clone(), at, source: "test".to_owned() };
        self.member.say(IdentityId(identity), name, saying, TraitRule::default()).unwrap();
        self.note(identity, name, how, value, at);
    }

    fn note(&mut self, identity: i64, name: &str, how: How, value: &Value, at: Time) {
        let (since, at) = (at.min(self.now).millis(), at.millis());
        let (name, value) = (name.to_owned(), value.clone());
        self.person.said.push(naive::Said { since, at, identity, name, how, value });
    }

    fn happen(&mut self, book: &RuleBook, number: usize, kind: EventKind, name: &str, at: Time, properties: &Value) {
        let event = Event {
            id: EventId(number as i64 + 1),
            workspace: WORKSPACE,
            kind,
            name: name.to_owned(),
            user_id: None,
            anonymous_id: None,
            previous_id: None,
            member: Some(MemberId(1)),
            timestamp: at,
            received_at: self.now,
            message_id: number.to_string(),
            source: "test".to_owned(),
            trusted: true,
            properties: to_raw_value(properties).unwrap(),
            context: empty_object(),
        };
        self.member.count_event(book, &event, self.now);
        self.person.events.push((name.to_owned(), at.millis(), properties.as_object().unwrap().clone()));
    }

    fn tag(&mut self, book: &RuleBook, identity: IdentityId, tag: &str, added: bool) {
        let at = self.now;
        let tags = &mut self.member.identity_mut(identity).unwrap().tags;
        let changed = match added {
            true if tags.contains_key(tag) => false,
            true => tags.insert(tag.to_owned(), TagFact { at, source: "test".to_owned(), expires_at: None }).is_none(),
            false => tags.remove(tag).is_some(),
        };
        if changed {
            self.member.past.mark(book, Touch::Tag(tag.to_owned()), at, identity, added);
            self.person.tag_changes.push((at.millis(), identity.0, tag.to_owned(), added));
        }
    }
}

fn case(rules: &[Value], facts: &[Fact]) -> Result<(), TestCaseError> {
    let rules: BTreeMap<SegmentId, Rule> = rules
        .iter()
        .enumerate()
        .map(|(place, rule)| (SegmentId(1 + place as i64), Rule::parse(rule).unwrap()))
        .collect();
    let world = naive::World::new(rules);
    let source = world.source();
    let book = RuleBook::compile(WORKSPACE, TimeZone::get("Europe/Berlin").unwrap(), 1, &source);
    let mut life = Life::begin();
    for (number, fact) in facts.iter().enumerate() {
        life.take(&book, number, fact);
    }
    for segment in &book.segments {
        let rule = &world.rules[&segment.id];
        let verdict = evaluate(segment.condition, &book, &life.member, life.now);
        prop_assert_eq!(verdict.holds, life.person.is_in(rule, &world, life.now), "{:?}", segment.id);
        // Until the moment that it names, nothing changes.
        let until = verdict.changes_at.unwrap_or(Time::from_millis(START + 3_650 * DAY));
        prop_assert!(until > life.now, "{:?}: changes at {} as of {}", segment.id, until, life.now);
        let points = life.person.turning_points(rule, &world, life.now);
        let within = points.into_iter().filter(|at| *at < until).take(12);
        let last = Time::from_millis(until.millis() - 1);
        for then in within.chain([last]).filter(|then| *then > life.now) {
            let holds = life.person.is_in(rule, &world, then);
            prop_assert_eq!(holds, verdict.holds, "{:?} at {} as of {}", segment.id, then, life.now);
            let later = evaluate(segment.condition, &book, &life.member, then);
            prop_assert_eq!(later.holds, holds, "{:?} asked at {}", segment.id, then);
        }
    }
    Ok(())
}

#[test]
fn every_answer_is_the_naive_one_and_lasts_as_long_as_it_says() {
    let config = Config { cases: 10_000, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let input = (rules(), prop::collection::vec(fact(), 0..=25));
    if let Err(failure) = runner.run(&input, |(rules, facts)| case(&rules, &facts)) {
        panic!("{failure}");
    }
}
