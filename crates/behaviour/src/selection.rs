//! What a question looks at: which events, which of their values, whose.

use std::collections::HashMap;

use base::rule::Comparison;

use crate::{
    columns::{BUCKETS, bucket_of},
    month::MonthSpan,
    properties::Scalar,
};

/// The steps that an event can be, as bits: bit 0 is the first step.
pub type Steps = u32;

/// What a question looks at.
#[derive(Clone)]
pub struct Selection<'q> {
    /// The first moment, in milliseconds since 1970.
    pub from: i64,
    /// The moment before which all are.
    pub to: i64,
    /// Which steps an event of this name can be.
    pub steps_of: &'q (dyn Fn(&str) -> Steps + Sync),
    /// What events have to pass besides.
    pub tests: Vec<Tests>,
    /// The property whose numbers are wanted.
    pub value: Option<&'q str>,
    /// How events are told apart.
    pub grouping: Option<Grouping<'q>>,
    /// Whose events; `None` for everybody's.
    pub members: Option<&'q MemberSet>,
}

/// What an event has to pass to be one of some steps.
#[derive(Clone, Debug)]
pub struct Tests {
    /// The steps that it is not when it does not pass.
    pub steps: Steps,
    /// All must hold.
    pub comparisons: Vec<Comparison>,
}

/// How events are told apart: each has the number of its group.
#[derive(Clone, Copy)]
pub enum Grouping<'q> {
    /// By the value of a property.
    Property(&'q str, &'q (dyn Fn(Option<&Scalar<'_>>) -> u32 + Sync)),
    /// By a value of the member whose they are.
    Member(&'q MemberValues, &'q (dyn Fn(Option<&Scalar<'_>>) -> u32 + Sync)),
}

/// What members have one of each.
#[derive(Clone, Debug, Default)]
pub struct MemberValues {
    values: Vec<Scalar<'static>>,
    /// By member, the place of his value.
    places: HashMap<i64, u32>,
}

impl MemberValues {
    /// The different values, and by member the place of his among them.
    pub fn new(values: Vec<Scalar<'static>>, places: HashMap<i64, u32>) -> MemberValues {
        MemberValues { values, places }
    }

    /// The value of a member.
    pub fn of(&self, member: i64) -> Option<&Scalar<'static>> {
        self.values.get(*self.places.get(&member)? as usize)
    }
}

impl<'q> Selection<'q> {
    /// All events of these names in a range.
    pub fn of_names(from: i64, to: i64, steps_of: &'q (dyn Fn(&str) -> Steps + Sync)) -> Selection<'q> {
        Selection { from, to, steps_of, tests: Vec::new(), value: None, grouping: None, members: None }
    }

    /// Whether it looks at anything in a month.
    pub(crate) fn reaches(&self, span: MonthSpan) -> bool {
        span.from < self.to && self.from < span.to
    }
}

/// Some members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberSet {
    /// By bucket, sorted.
    buckets: Vec<Vec<i64>>,
}

impl MemberSet {
    /// How many they are.
    pub fn len(&self) -> usize {
        self.buckets.iter().map(Vec::len).sum()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a member is one of them.
    pub fn contains(&self, member: i64) -> bool {
        self.of(bucket_of(member)).binary_search(&member).is_ok()
    }

    /// Those of a bucket, sorted.
    pub(crate) fn of(&self, bucket: u32) -> &[i64] {
        self.buckets.get(bucket as usize).map_or(&[], Vec::as_slice)
    }

    /// Everybody, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = i64> {
        self.buckets.iter().flatten().copied()
    }
}

impl FromIterator<i64> for MemberSet {
    fn from_iter<I: IntoIterator<Item = i64>>(members: I) -> MemberSet {
        let mut buckets: Vec<Vec<i64>> = (0..BUCKETS).map(|_| Vec::new()).collect();
        members.into_iter().for_each(|member| buckets[bucket_of(member) as usize].push(member));
        for bucket in &mut buckets {
            bucket.sort_unstable();
            bucket.dedup();
        }
        MemberSet { buckets }
    }
}
