//! Evaluating a condition for one member at one moment.

use base::{
    Period, Time,
    rule::{Comparison, Measure, Operator, Test},
};
use serde_json::{Map, Value};

use super::{
    Aggregate, Amount, Condition, Datum, Occurrences, RuleBook, SequenceProgress, Touch,
    book::CompiledTrait,
    occurrences::{distinct_values, first_value, last_value, most_frequent_value},
};
use crate::members::{MemberState, shows_tag};

/// The answer of a rule, and until when it holds by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the rule holds.
    pub holds: bool,
    /// The first later moment at which the answer may be another although nothing happens to
    /// the member; `None` for never. May be too early, is never too late.
    pub changes_at: Option<Time>,
}

impl Verdict {
    fn lasting(holds: bool) -> Verdict {
        Verdict { holds, changes_at: None }
    }
}

/// Answers of one turn, so that a condition which several rules share is evaluated once. Used again for the next.
#[derive(Debug, Default)]
pub struct Answers {
    turn: u64,
    answers: Vec<(u64, Verdict)>,
}

impl Answers {
    /// Forgets all answers: the member or the moment is another.
    pub fn clear(&mut self) {
        self.turn += 1;
    }

    fn get(&self, condition: usize) -> Option<Verdict> {
        self.answers.get(condition).filter(|(turn, _)| *turn == self.turn && self.turn > 0).map(|(_, verdict)| *verdict)
    }

    fn keep(&mut self, condition: usize, verdict: Verdict) {
        if self.answers.len() <= condition {
            self.answers.resize(condition + 1, (0, Verdict::lasting(false)));
        }
        self.answers[condition] = (self.turn, verdict);
    }
}

/// Evaluates a condition of the book for `member` at `now`.
pub fn evaluate(condition: usize, book: &RuleBook, member: &MemberState, now: Time) -> Verdict {
    let mut answers = Answers::default();
    answers.clear();
    evaluate_shared(condition, book, member, now, &mut answers)
}

/// As [`evaluate`], with the answers of the turn.
pub(crate) fn evaluate_shared(
    condition: usize,
    book: &RuleBook,
    member: &MemberState,
    now: Time,
    answers: &mut Answers,
) -> Verdict {
    Question { book, member, now, answers, is_past: false }.ask(condition)
}

/// The first moment since `start` (or at it) and up to `now` at which a condition held, by the facts of that moment. The
/// condition must be one that may be asked of any moment.
pub(crate) fn first_held(
    condition: usize,
    book: &RuleBook,
    member: &MemberState,
    start: Time,
    now: Time,
) -> Option<Time> {
    let mut answers = Answers::default();
    let question = Question { book, member, now, answers: &mut answers, is_past: true };
    let mut moments = Vec::new();
    question.changes(condition, start, &mut moments);
    moments.retain(|moment| start < *moment && *moment < now);
    moments.extend([start, now]);
    moments.sort_unstable();
    moments.dedup();
    moments.into_iter().find(|moment| question.held(condition, *moment))
}

/// The value of a computed trait of a member at `now`; `None` where there is nothing to compute it from.
pub(crate) fn computed_value(
    computed: &CompiledTrait,
    book: &RuleBook,
    member: &MemberState,
    now: Time,
) -> Option<Value> {
    let none = Occurrences::default();
    let occurrences = member.occurrences.get(&computed.selection).unwrap_or(&none);
    match &computed.within {
        None => measured(&computed.measure, occurrences, now),
        Some(within) => measured_in(&computed.measure, occurrences.window(within.before(now, &book.zone), now)),
    }
}

/// The sooner of two moments of which either may be never.
pub(crate) fn sooner(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// What is asked of one member as of one moment.
struct Question<'a> {
    book: &'a RuleBook,
    member: &'a MemberState,
    now: Time,
    answers: &'a mut Answers,
    /// Whether facts that came later are to be left out.
    is_past: bool,
}

impl Question<'_> {
    fn ask(&mut self, condition: usize) -> Verdict {
        if let Some(verdict) = self.answers.get(condition) {
            return verdict;
        }
        let verdict = self.answer(condition);
        self.answers.keep(condition, verdict);
        verdict
    }

    fn answer(&mut self, condition: usize) -> Verdict {
        let book = self.book;
        match &book.conditions[condition] {
            Condition::All(parts) => self.combine(parts, false),
            Condition::Any(parts) => self.combine(parts, true),
            Condition::Not(part) => {
                let verdict = self.ask(*part);
                Verdict { holds: !verdict.holds, ..verdict }
            }
            Condition::Trait(comparison) => Verdict::lasting(self.holds_trait(comparison)),
            Condition::Tag(tag) if self.is_past => {
                let since = |tag: &str| self.member.past.since(&Touch::Tag(tag.to_owned()), self.now);
                Verdict::lasting(shows_tag(book, tag, since))
            }
            Condition::Tag(tag) => Verdict::lasting(self.member.shows_tag(book, tag)),
            Condition::Group(group) if self.is_past => Verdict::lasting(self.member.past.is_in_group(*group, self.now)),
            Condition::Group(group) => Verdict::lasting(self.member.is_in_group(*group)),
            Condition::Kept { segment, condition } => match self.member.memberships.get(segment) {
                Some(since) if *since <= self.now => Verdict::lasting(true),
                _ => self.ask(*condition),
            },
            Condition::Never => Verdict::lasting(false),
            Condition::Event { selection, measure, test, within } => {
                self.event(*selection, measure, test, within.as_ref())
            }
            Condition::Sequence(sequence) => self.sequence(*sequence),
            Condition::Been { condition, period } => self.been(*condition, period),
        }
    }

    /// `decisive` is the answer that settles the whole: false for "all", true for "any". One decisive
    /// part keeps the whole as it is for as long as that part stays; without one, the first part to
    /// change may change the whole.
    fn combine(&mut self, parts: &[usize], decisive: bool) -> Verdict {
        let mut earliest: Option<Time> = None;
        for part in parts {
            let verdict = self.ask(*part);
            if verdict.holds == decisive {
                return verdict;
            }
            earliest = sooner(earliest, verdict.changes_at);
        }
        Verdict { holds: !decisive, changes_at: earliest }
    }

    fn holds_trait(&self, comparison: &Comparison) -> bool {
        if !self.is_past {
            return comparison.holds(self.member.traits());
        }
        let name = comparison.name.as_str();
        let heads = name.match_indices('.').map(|(dot, _)| &name[..dot]);
        let then: Map<String, Value> = heads
            .chain([name])
            .filter_map(|name| {
                let value = self.member.past.trait_at(self.book, name, self.now)?;
                Some((name.to_owned(), value.into_owned()))
            })
            .collect();
        comparison.holds(&then)
    }

    fn event(&self, selection: usize, measure: &Measure, test: &Test, within: Option<&Period>) -> Verdict {
        let Some(occurrences) = self.member.occurrences.get(&selection) else {
            return Verdict::lasting(test.holds(measured(measure, &Occurrences::default(), self.now).as_ref()));
        };
        let to_come = occurrences.next_after(self.now);
        let Some(within) = within else {
            let holds = test.holds(measured(measure, occurrences, self.now).as_ref());
            return Verdict { holds, changes_at: to_come };
        };
        let zone = &self.book.zone;
        let window = occurrences.window(within.before(self.now, zone), self.now);
        let holds = test.holds(measured_in(measure, window).as_ref());
        let leaving = decisive_leaver(measure, test, window, holds).map(|at| within.leaves_window(at, zone));
        Verdict { holds, changes_at: sooner(to_come, leaving) }
    }

    fn sequence(&self, sequence: usize) -> Verdict {
        match self.complete_at(sequence) {
            // What has happened stays so.
            Some(at) if at <= self.now => Verdict::lasting(true),
            to_come => Verdict { holds: false, changes_at: to_come },
        }
    }

    fn complete_at(&self, sequence: usize) -> Option<Time> {
        self.member.sequences.get(&sequence).and_then(SequenceProgress::complete_at)
    }

    /// Whether the condition has held without a break since `period` ago: at that moment, and at each one since then
    /// at which it may have changed.
    fn been(&mut self, condition: usize, period: &Period) -> Verdict {
        let present = self.ask(condition);
        if !present.holds {
            return present;
        }
        let (zone, now) = (&self.book.zone, self.now);
        let start = period.before(now, zone);
        let mut moments = Vec::new();
        self.changes(condition, start, &mut moments);
        moments.retain(|moment| start < *moment && *moment <= now);
        moments.push(start);
        moments.sort_unstable();
        moments.dedup();
        let mut since = now;
        for moment in moments.into_iter().rev() {
            if !self.held(condition, moment) {
                let complete = period.leaves_window(since, zone);
                return Verdict { holds: false, changes_at: sooner(Some(complete), present.changes_at) };
            }
            since = moment;
        }
        present
    }

    fn held(&self, condition: usize, then: Time) -> bool {
        let mut answers = Answers::default();
        answers.clear();
        Question { book: self.book, member: self.member, now: then, answers: &mut answers, is_past: true }
            .ask(condition)
            .holds
    }

    /// Gives every moment since `start` at which a condition may have changed, and perhaps others.
    fn changes(&self, condition: usize, start: Time, moments: &mut Vec<Time>) {
        let zone = &self.book.zone;
        match &self.book.conditions[condition] {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().for_each(|part| self.changes(*part, start, moments));
            }
            Condition::Not(part) => self.changes(*part, start, moments),
            Condition::Trait(comparison) => {
                let name = comparison.name.as_str();
                let heads = name.match_indices('.').map(|(dot, _)| &name[..dot]);
                heads.chain([name]).for_each(|name| moments.extend(self.member.past.trait_changes(name)));
            }
            Condition::Tag(tag) => {
                for tag in book_tags(self.book, tag) {
                    moments.extend(self.member.past.changes_of(&Touch::Tag(tag.to_owned())));
                }
            }
            Condition::Group(group) => moments.extend(self.member.past.changes_of(&Touch::Group(*group))),
            Condition::Kept { segment, condition } => {
                moments.extend(self.member.memberships.get(segment));
                self.changes(*condition, start, moments);
            }
            Condition::Event { selection, within, .. } => {
                let Some(occurrences) = self.member.occurrences.get(selection) else { return };
                let begin = within.as_ref().map_or(start, |within| within.before(start, zone));
                let happened = occurrences.window(begin, self.now).iter().map(|(at, _)| *at);
                moments.extend(happened.clone());
                if let Some(within) = within {
                    moments.extend(happened.map(|at| within.leaves_window(at, zone)));
                }
            }
            Condition::Sequence(sequence) => moments.extend(self.complete_at(*sequence)),
            Condition::Been { condition, period } => {
                let first = moments.len();
                self.changes(*condition, period.before(start, zone), moments);
                let completions: Vec<Time> =
                    moments[first..].iter().map(|moment| period.leaves_window(*moment, zone)).collect();
                moments.extend(completions);
            }
            Condition::Never => {}
        }
    }
}

/// A tag and those that exclude it.
pub(super) fn book_tags<'a>(book: &'a RuleBook, tag: &'a str) -> impl Iterator<Item = &'a str> {
    let excluded = book.tags.get(tag).map_or(&[][..], |rule| &rule.excludes);
    std::iter::once(tag).chain(excluded.iter().map(String::as_str))
}

/// The measure over all time up to `now`; `None` where there is nothing to compare.
pub(super) fn measured(measure: &Measure, occurrences: &Occurrences, now: Time) -> Option<Value> {
    match measure {
        Measure::Count => Some(occurrences.count(now).into()),
        Measure::Distinct(_) => Some(occurrences.distinct(now).into()),
        Measure::First(_) => occurrences.first(now),
        Measure::Last(_) => occurrences.last(now),
        Measure::MostFrequent(_) => occurrences.most_frequent(now),
        numeric => aggregated(numeric, &occurrences.all(now)),
    }
}

/// The measure over a window.
fn measured_in(measure: &Measure, window: &[(Time, Datum)]) -> Option<Value> {
    match measure {
        Measure::Count => Some(window.len().into()),
        Measure::Distinct(_) => Some(distinct_values(window).into()),
        Measure::First(_) => first_value(window),
        Measure::Last(_) => last_value(window),
        Measure::MostFrequent(_) => most_frequent_value(window),
        numeric => {
            let mut aggregate = Aggregate::default();
            window.iter().for_each(|(_, datum)| aggregate.add(datum));
            aggregated(numeric, &aggregate)
        }
    }
}

fn aggregated(measure: &Measure, aggregate: &Aggregate) -> Option<Value> {
    match measure {
        Measure::Sum(_) => Some(aggregate.sum()),
        Measure::Avg(_) => aggregate.average(),
        Measure::Min(_) => aggregate.min.map(Amount::value),
        _ => aggregate.max.map(Amount::value),
    }
}

/// The occurrence whose leaving the window is the first that can change the answer.
fn decisive_leaver(measure: &Measure, test: &Test, window: &[(Time, Datum)], holds: bool) -> Option<Time> {
    let oldest = || window.first().map(|(at, _)| *at);
    let needed = match (measure, test) {
        (Measure::Last(_), _) => return window.last().map(|(at, _)| *at),
        (Measure::Count, Test::Compare(Operator::Gte, value)) => value.as_f64(),
        (Measure::Count, Test::Compare(Operator::Gt, value)) => value.as_f64().map(|value| value.floor() + 1.0),
        _ => return oldest(),
    };
    let Some(needed) = needed else { return oldest() };
    // "At least n of c" ends when the (c − n + 1)-th oldest leaves.
    if !holds || needed <= 0.0 {
        return None;
    }
    window.get(window.len().checked_sub(needed.ceil() as usize)?).map(|(at, _)| *at)
}
