//! Evaluating a compiled rule for one member at one moment.

use base::{
    Period, Time,
    rule::{Measure, Operator},
};
use jiff::tz::TimeZone;

use super::{CompiledRule, Occurrences, RuleBook};
use crate::members::MemberState;

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

/// Evaluates `rule` for `member` at `now`.
pub fn evaluate(rule: &CompiledRule, book: &RuleBook, member: &MemberState, now: Time) -> Verdict {
    match rule {
        CompiledRule::All(rules) => combine(rules, book, member, now, false),
        CompiledRule::Any(rules) => combine(rules, book, member, now, true),
        CompiledRule::Not(rule) => {
            let verdict = evaluate(rule, book, member, now);
            Verdict { holds: !verdict.holds, ..verdict }
        }
        CompiledRule::Trait(comparison) => Verdict::lasting(comparison.holds(member.traits())),
        CompiledRule::Tag(tag) => Verdict::lasting(member.has_tag(tag)),
        CompiledRule::Stage(stage) => Verdict::lasting(member.stage.as_deref() == Some(stage.as_str())),
        CompiledRule::Segment(id) => Verdict::lasting(member.memberships.contains_key(id)),
        CompiledRule::Event { selection, measure, operator, value, within } => {
            let question = Question { measure, operator: *operator, value: *value, within: within.as_ref() };
            match member.occurrences.get(selection) {
                Some(occurrences) => question.ask(occurrences, &book.zone, now),
                None => question.ask(&Occurrences::default(), &book.zone, now),
            }
        }
    }
}

/// `decisive` is the answer that settles the whole: false for "all", true for "any". One decisive
/// part keeps the whole as it is for as long as that part stays; without one, the first part to
/// change may change the whole.
fn combine(rules: &[CompiledRule], book: &RuleBook, member: &MemberState, now: Time, decisive: bool) -> Verdict {
    let mut earliest: Option<Time> = None;
    for rule in rules {
        let verdict = evaluate(rule, book, member, now);
        if verdict.holds == decisive {
            return verdict;
        }
        earliest = sooner(earliest, verdict.changes_at);
    }
    Verdict { holds: !decisive, changes_at: earliest }
}

/// The sooner of two moments of which either may be never.
pub(crate) fn sooner(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

struct Question<'a> {
    measure: &'a Measure,
    operator: Operator,
    value: f64,
    within: Option<&'a Period>,
}

impl Question<'_> {
    fn ask(&self, occurrences: &Occurrences, zone: &TimeZone, now: Time) -> Verdict {
        let to_come = occurrences.next_after(now);
        let Some(within) = self.within else {
            let all = occurrences.all(now);
            return Verdict { holds: self.compare(&all), changes_at: to_come };
        };
        let window = occurrences.window(within.before(now, zone), now);
        let mut aggregate = super::Aggregate::default();
        match self.measure {
            Measure::Count => aggregate.count = window.len() as u64,
            _ => window.iter().for_each(|(_, number)| aggregate.add(*number)),
        }
        let holds = self.compare(&aggregate);
        let leaving = self.decisive_leaver(window, holds).map(|at| within.leaves_window(at, zone));
        Verdict { holds, changes_at: sooner(to_come, leaving) }
    }

    /// The oldest occurrence whose leaving the window can change the answer.
    fn decisive_leaver(&self, window: &[(Time, f64)], holds: bool) -> Option<Time> {
        let needed = match (self.measure, self.operator) {
            (Measure::Count, Operator::Gte) => self.value,
            (Measure::Count, Operator::Gt) => self.value.floor() + 1.0,
            _ => return window.first().map(|(at, _)| *at),
        };
        if !holds {
            return None;
        }
        // "At least n of c" ends when the (c − n + 1)-th oldest leaves.
        let needed = if needed <= 0.0 { return None } else { needed.ceil() as usize };
        window.get(window.len().checked_sub(needed)?).map(|(at, _)| *at)
    }

    fn compare(&self, aggregate: &super::Aggregate) -> bool {
        let left = match self.measure {
            Measure::Count => aggregate.count as f64,
            Measure::Sum(_) => aggregate.sum(),
            _ if aggregate.numbers == 0 => return false,
            Measure::Avg(_) => aggregate.sum() / aggregate.numbers as f64,
            Measure::Min(_) => aggregate.min,
            Measure::Max(_) => aggregate.max,
        };
        self.operator.holds(left, self.value)
    }
}
