//! Telling events apart by the value of a property: the most frequent values by themselves, all others together.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use behaviour::{
    Error, Scalar, Steps,
    kernels::members::{Count, Groups},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answering::Asking,
    question::Looking,
    scope::{By, Scope},
};

/// So many different values are counted.
const MOST_VALUES: usize = 2_000_000;

/// Which values are told apart. Each has a number, the most frequent one the first; the rest comes last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breakdown {
    /// The values; `None` is having none.
    pub(crate) keys: Vec<Option<String>>,
    numbers: HashMap<Option<String>, u32>,
    /// Whether there are more.
    pub(crate) has_rest: bool,
}

/// A value of a breakdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct GroupKey {
    /// The value; `null` for events that have none, and for the rest.
    pub(crate) key: Option<String>,
    /// Whether it stands for all values that are not told by themselves.
    pub(crate) rest: bool,
}

impl Breakdown {
    /// Finds the values that most of these events have, or most members.
    pub(crate) fn find(
        asking: &Asking<'_>,
        scope: &Scope,
        by: &By,
        looking: &Looking,
        range: (i64, i64),
        (steps, count): (Steps, Count),
    ) -> Result<Breakdown, Error> {
        let known: Mutex<HashMap<Option<String>, u32>> = Mutex::default();
        let number = |value: Option<&Scalar<'_>>| {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            let next = known.len().min(MOST_VALUES) as u32;
            if next as usize == MOST_VALUES {
                return next;
            }
            *known.entry(value.map(key_of)).or_insert(next)
        };
        let steps_of = |name: &str| looking.steps_of(name) & steps;
        let selection = looking.selection(scope, range, &steps_of, Some(by.grouping(&number)));
        let counts = asking.engine.ask(&selection, &Groups { count }, asking.given_up)?.counts;
        let known = known.into_inner().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_VALUES {
            let what = format!("\"{}\" has more than {MOST_VALUES} different values", by.name());
            return Err(Error::TooMany { what });
        }
        let of = |number: &u32| counts.get(*number as usize).copied().unwrap_or_default();
        let mut found: Vec<(u64, Option<String>)> =
            known.into_iter().map(|(key, number)| (of(&number), key)).filter(|(count, _)| *count > 0).collect();
        found.sort_unstable_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let has_rest = found.len() > scope.top;
        let keys: Vec<Option<String>> = found.into_iter().take(scope.top).map(|(_, key)| key).collect();
        let numbers = keys.iter().cloned().zip(0..).collect();
        Ok(Breakdown { keys, numbers, has_rest })
    }

    /// The number of a value.
    pub(crate) fn number(&self, value: Option<&Scalar<'_>>) -> u32 {
        self.numbers.get(&value.map(key_of)).copied().unwrap_or(self.keys.len() as u32)
    }

    /// How many groups there are, with the rest.
    pub(crate) fn len(&self) -> usize {
        self.keys.len() + 1
    }

    /// What each group is called, with the rest if there is one.
    pub(crate) fn names(&self) -> impl Iterator<Item = GroupKey> {
        let keys = self.keys.iter().map(|key| GroupKey { key: key.clone(), rest: false });
        keys.chain(self.has_rest.then_some(GroupKey { key: None, rest: true }))
    }
}

/// Which value of a breakdown the number means behind which members are.
pub(crate) enum GroupPoint {
    /// Whichever.
    Any,
    /// One; `None` is having none.
    One(Option<String>),
    /// All that are not told by themselves.
    Rest(Breakdown),
}

/// A value of a breakdown, as it is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupBody {
    /// The value; whichever when there is none.
    pub(crate) group: Option<Option<String>>,
    /// All that are not told by themselves.
    pub(crate) rest: bool,
}

impl GroupPoint {
    /// Understands it; `None` when there is no such value, since nothing is told apart. The rest is found as it was for the
    /// answer.
    pub(crate) fn find(
        body: &GroupBody,
        asking: &Asking<'_>,
        scope: &Scope,
        looking: &Looking,
        range: (i64, i64),
        what: (Steps, Count),
    ) -> Result<Option<GroupPoint>, Error> {
        Ok(match (&body.group, &scope.by) {
            (None, _) if !body.rest => Some(GroupPoint::Any),
            (_, None) => None,
            (_, Some(by)) if body.rest => {
                let breakdown = Breakdown::find(asking, scope, by, looking, range, what)?;
                breakdown.has_rest.then_some(GroupPoint::Rest(breakdown))
            }
            (group, Some(_)) => group.clone().map(GroupPoint::One),
        })
    }

    /// 0 for the value that is meant, 1 for the others.
    pub(crate) fn number(&self, value: Option<&Scalar<'_>>) -> u32 {
        let is_meant = match self {
            GroupPoint::Any => true,
            GroupPoint::One(wanted) => *wanted == value.map(key_of),
            GroupPoint::Rest(breakdown) => breakdown.number(value) as usize == breakdown.keys.len(),
        };
        u32::from(!is_meant)
    }

    /// How events are told apart for it.
    pub(crate) fn by<'s>(&self, scope: &'s Scope) -> Option<&'s By> {
        scope.by.as_ref().filter(|_| !matches!(self, GroupPoint::Any))
    }
}

/// A value as text.
pub(crate) fn key_of(value: &Scalar<'_>) -> String {
    match value {
        Scalar::Text(text) => text.to_string(),
        Scalar::Truth(truth) => truth.to_string(),
        Scalar::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => (*number as i64).to_string(),
        Scalar::Number(number) => number.to_string(),
    }
}
