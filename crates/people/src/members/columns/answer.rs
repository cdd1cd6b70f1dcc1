//! Asking a rule of everybody at once, 64 members at a time, as far as columns know.

use std::{cmp::Reverse, collections::BinaryHeap};

use base::{
    ids::MemberId,
    rule::{Comparison, Test},
};
use serde_json::{Map, Value};

use super::{
    column::{Column, Values},
    places::{Bits, Places},
    table::Table,
};
use crate::rules::{Answer, Condition, Holds, OfEverybody, RuleBook};

/// For whom a rule holds.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// How many it surely holds for.
    pub(crate) sure: i64,
    /// The newest of them, newest first.
    pub(crate) newest: Vec<MemberId>,
    /// Those of whom more must be known to say, newest first.
    pub(crate) open: Vec<MemberId>,
}

/// Of 64 members, for whom a condition surely holds and for whom it may.
#[derive(Clone, Copy)]
struct Known {
    surely: u64,
    possibly: u64,
}

impl Known {
    const NOBODY: Known = Known::exactly(0);
    const EVERYBODY: Known = Known::exactly(u64::MAX);
    const NOTHING: Known = Known { surely: 0, possibly: u64::MAX };

    const fn exactly(bits: u64) -> Known {
        Known { surely: bits, possibly: bits }
    }

    fn both(self, other: Known) -> Known {
        Known { surely: self.surely & other.surely, possibly: self.possibly & other.possibly }
    }

    fn either(self, other: Known) -> Known {
        Known { surely: self.surely | other.surely, possibly: self.possibly | other.possibly }
    }

    fn opposite(self) -> Known {
        Known { surely: !self.possibly, possibly: !self.surely }
    }

    /// The one for these members, the other for the rest.
    fn where_in(self, bits: u64, other: Known) -> Known {
        self.both(Known::exactly(bits)).either(other.both(Known::exactly(!bits)))
    }
}

/// How a condition of the book is answered; the parts of one stand before it.
enum Step<'a> {
    All(&'a [usize]),
    Any(&'a [usize]),
    Not(usize),
    /// It holds for whom the other does, and perhaps for others.
    AtLeast(usize),
    /// It holds for nobody for whom the other does not.
    AtMost(usize),
    Trait {
        own: View<'a>,
        /// Of a name with dots: the trait in which the rest is a path, for whoever has no trait of the whole name.
        head: Option<View<'a>>,
    },
    Tag(&'a Places),
    /// It was asked of everybody.
    Everybody(Crowd),
    /// It holds for whom the other does, and for these.
    Kept(usize, Crowd),
    Never,
    Unknown,
}

/// For whom a condition surely holds, and for whom it may, by place.
struct Crowd {
    surely: Bits,
    possibly: Bits,
}

/// How a column answers a comparison.
enum View<'a> {
    Values {
        values: &'a Values,
        /// By code.
        passes: Vec<bool>,
    },
    Presence {
        present: &'a Places,
        /// The answer for whoever has the trait, where it does not depend on the value.
        with: Option<bool>,
        without: bool,
    },
    Unknown,
}

impl Table {
    /// For whom a condition of the book holds; with the newest so and so many of those for whom that is sure. `told`: what is
    /// known of everybody beside the columns.
    pub(super) fn find(&self, book: &RuleBook, condition: usize, told: &OfEverybody, sample: usize) -> Found {
        let conditions = book.conditions[..=condition].iter().enumerate();
        let steps: Vec<Step<'_>> = conditions.map(|(place, one)| Step::of(one, told.get(place), self)).collect();
        let mut known = vec![Known::NOBODY; steps.len()];
        let mut newest = BinaryHeap::new();
        let mut found = Found::default();
        // The last places are mostly those of the newest members.
        for (word, alive) in self.alive().iter().enumerate().rev() {
            for (place, step) in steps.iter().enumerate() {
                known[place] = step.at(word, &known);
            }
            let Known { surely, possibly } = known[condition].both(Known::exactly(*alive));
            found.sure += i64::from(surely.count_ones());
            for place in places_of(word, surely) {
                keep_newest(&mut newest, self.id_at(place), sample);
            }
            found.open.extend(places_of(word, possibly & !surely).map(|place| self.id_at(place)));
        }
        found.newest = newest.into_sorted_vec().into_iter().map(|Reverse(id)| id).collect();
        found.open.sort_unstable_by_key(|id| Reverse(*id));
        found
    }
}

fn places_of(word: usize, mut bits: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = bits.trailing_zeros();
        if bits == 0 {
            return None;
        }
        bits &= bits - 1;
        Some((word * 64) as u32 + bit)
    })
}

fn keep_newest(newest: &mut BinaryHeap<Reverse<MemberId>>, id: MemberId, sample: usize) {
    if newest.len() >= sample {
        if newest.peek().is_none_or(|Reverse(oldest)| *oldest > id) {
            return;
        }
        newest.pop();
    }
    newest.push(Reverse(id));
}

impl<'a> Step<'a> {
    fn of(condition: &'a Condition, told: Option<&Answer>, table: &'a Table) -> Step<'a> {
        match condition {
            Condition::All(parts) => Step::All(parts),
            Condition::Any(parts) => Step::Any(parts),
            Condition::Not(part) => Step::Not(*part),
            Condition::Trait(comparison) => Step::of_trait(comparison, table),
            Condition::Tag(tag) => table.tag(tag).map_or(Step::Unknown, Step::Tag),
            Condition::Kept { condition, .. } => match told {
                Some(answer) => Step::Kept(*condition, Crowd::of(answer, table)),
                None => Step::AtLeast(*condition),
            },
            Condition::Been { condition, .. } => Step::AtMost(*condition),
            Condition::Never => Step::Never,
            Condition::Group(_) | Condition::Event { .. } | Condition::Sequence(_) => {
                told.map_or(Step::Unknown, |answer| Step::Everybody(Crowd::of(answer, table)))
            }
        }
    }

    /// As [`base::rule::each_value`] reads a name: as it stands, else as a path that begins at its first dot.
    fn of_trait(comparison: &'a Comparison, table: &'a Table) -> Step<'a> {
        let with = match comparison.test {
            Test::Exists(wanted) => Some(wanted),
            _ => None,
        };
        let own = View::of(table.column(&comparison.name), with, |value| comparison.test.holds(Some(value)));
        let head = comparison.name.split_once('.').map(|(head, _)| {
            View::of(table.column(head), None, |value| {
                comparison.holds(&Map::from_iter([(head.to_owned(), value.clone())]))
            })
        });
        Step::Trait { own, head }
    }

    /// `known`: the answers of the steps before.
    fn at(&self, word: usize, known: &[Known]) -> Known {
        match self {
            Step::All(parts) => parts.iter().fold(Known::EVERYBODY, |all, part| all.both(known[*part])),
            Step::Any(parts) => parts.iter().fold(Known::NOBODY, |any, part| any.either(known[*part])),
            Step::Not(part) => known[*part].opposite(),
            Step::AtLeast(part) => known[*part].either(Known::NOTHING),
            Step::AtMost(part) => known[*part].both(Known::NOTHING),
            Step::Trait { own, head: None } => own.at(word),
            Step::Trait { own, head: Some(head) } => match own.present(word) {
                Some(present) => own.at(word).where_in(present, head.at(word)),
                None => Known::NOTHING,
            },
            Step::Tag(places) => Known::exactly(places.word(word)),
            Step::Everybody(crowd) => crowd.at(word),
            Step::Kept(part, crowd) => known[*part].either(crowd.at(word)),
            Step::Never => Known::NOBODY,
            Step::Unknown => Known::NOTHING,
        }
    }
}

impl Crowd {
    fn of(answer: &Answer, table: &Table) -> Crowd {
        let all = |holds: bool| if holds { Bits::filled(table.alive().len()) } else { Bits::default() };
        let mut crowd = Crowd { surely: all(answer.otherwise), possibly: all(answer.otherwise) };
        for (member, holds) in &answer.exceptions {
            let Some(place) = table.place_of(*member) else { continue };
            match holds {
                Holds::Yes => crowd.surely.insert(place),
                Holds::No | Holds::Perhaps => crowd.surely.remove(place),
            }
            match holds {
                Holds::Yes | Holds::Perhaps => crowd.possibly.insert(place),
                Holds::No => crowd.possibly.remove(place),
            }
        }
        crowd
    }

    fn at(&self, word: usize) -> Known {
        Known { surely: self.surely.word(word), possibly: self.possibly.word(word) }
    }
}

impl<'a> View<'a> {
    /// `test` is asked once for every value, and with `null` for whoever has none.
    fn of(column: &'a Column, with: Option<bool>, test: impl Fn(&Value) -> bool) -> View<'a> {
        match column {
            Column::Values(values) => View::Values { values, passes: values.by_code().iter().map(test).collect() },
            Column::Presence(present) => View::Presence { present, with, without: test(&Value::Null) },
            Column::Unknown => View::Unknown,
        }
    }

    fn at(&self, word: usize) -> Known {
        match self {
            View::Values { values, passes } => Known::exactly(values.passing(word, passes)),
            View::Presence { present, with, without } => {
                let of = |answer: &bool| if *answer { Known::EVERYBODY } else { Known::NOBODY };
                let with = with.as_ref().map_or(Known::NOTHING, of);
                with.where_in(present.word(word), of(without))
            }
            View::Unknown => Known::NOTHING,
        }
    }

    /// Who has the trait, where that is known.
    fn present(&self, word: usize) -> Option<u64> {
        match self {
            View::Values { values, .. } => Some(values.present(word)),
            View::Presence { present, .. } => Some(present.word(word)),
            View::Unknown => None,
        }
    }
}
