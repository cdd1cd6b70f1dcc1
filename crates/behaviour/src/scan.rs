//! One pass over the histories of members: what happened to each of them, in order, is handed to a kernel.

use crate::chunk::{Chunk, Codes};

/// The steps that an event can be, as bits: bit 0 is the first step.
pub type Steps = u32;

/// An event that matters to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// Which steps of the question it can be.
    pub steps: Steps,
}

/// A question that is answered member by member. Partial answers of different members add up, in any order.
pub trait Kernel: Sync {
    /// What is known after some members.
    type Partial: Send;

    /// What is known before any member.
    fn nothing(&self) -> Self::Partial;

    /// Takes in a member's history: the events that matter, by time.
    fn member(&self, owner: i64, hits: &[Hit], partial: &mut Self::Partial);

    /// Adds what another pass found.
    fn add(&self, partial: &mut Self::Partial, other: Self::Partial);
}

/// Which events matter, and when.
pub struct Range<'q> {
    /// The first moment, in milliseconds since 1970.
    pub from: i64,
    /// The moment before which all are.
    pub to: i64,
    /// Which steps an event of this name can be.
    pub steps_of: &'q (dyn Fn(&str) -> Steps + Sync),
}

/// Takes all members of a bucket through a kernel but those who are left out, who are sorted; the chunks are those of its
/// months, in order.
pub(crate) fn scan<K: Kernel>(
    chunks: &[&Chunk],
    mut left_out: &[i64],
    range: &Range<'_>,
    kernel: &K,
    partial: &mut K::Partial,
) {
    let mut months: Vec<MonthScan<'_>> = chunks
        .iter()
        .filter(|chunk| chunk.span.from < range.to && range.from < chunk.span.to && !chunk.owners.is_empty())
        .map(|chunk| MonthScan::new(chunk, range))
        .filter(|month| month.table.iter().any(|steps| *steps != 0))
        .collect();
    let mut hits = Vec::new();
    // Of each month the next member; the lowest of them is whose turn it is.
    while let Some(owner) = months.iter().filter_map(MonthScan::owner).min() {
        while left_out.first().is_some_and(|other| *other < owner) {
            left_out = &left_out[1..];
        }
        let is_left_out = left_out.first() == Some(&owner);
        hits.clear();
        for month in &mut months {
            match month.owner() == Some(owner) {
                true if is_left_out => month.place += 1,
                true => month.take(&mut hits),
                false => {}
            }
        }
        if !hits.is_empty() {
            kernel.member(owner, &hits, partial);
        }
    }
}

/// How far a chunk has been read.
struct MonthScan<'c> {
    chunk: &'c Chunk,
    /// By the number of a name, what its events can be.
    table: Vec<Steps>,
    narrow: [Steps; 256],
    /// The part of the month that counts, in milliseconds since it began.
    from: u32,
    to: u32,
    place: usize,
}

impl<'c> MonthScan<'c> {
    fn new(chunk: &'c Chunk, range: &Range<'_>) -> MonthScan<'c> {
        let table: Vec<Steps> = chunk.dictionary.iter().map(|name| (range.steps_of)(name)).collect();
        let mut narrow = [0; 256];
        for (steps, of_name) in narrow.iter_mut().zip(&table) {
            *steps = *of_name;
        }
        let within = |moment: i64| (moment - chunk.span.from).clamp(0, i64::from(u32::MAX)) as u32;
        MonthScan { chunk, table, narrow, from: within(range.from), to: within(range.to), place: 0 }
    }

    fn owner(&self) -> Option<i64> {
        self.chunk.owners.get(self.place).copied()
    }

    /// Adds the member's events that count, and goes on to the next member.
    fn take(&mut self, hits: &mut Vec<Hit>) {
        let rows = self.chunk.starts[self.place] as usize..self.chunk.starts[self.place + 1] as usize;
        self.place += 1;
        let (from, to, begin) = (self.from, self.to, self.chunk.span.from);
        let times = &self.chunk.times[rows.clone()];
        let mut push = |time: u32, steps: Steps| {
            if steps != 0 && time >= from && time < to {
                hits.push(Hit { time: begin + i64::from(time), steps });
            }
        };
        match &self.chunk.names {
            Codes::Narrow(names) => {
                for (name, time) in names[rows].iter().zip(times) {
                    push(*time, self.narrow[usize::from(*name)]);
                }
            }
            Codes::Wide(names) => {
                for (name, time) in names[rows].iter().zip(times) {
                    push(*time, self.table[*name as usize]);
                }
            }
        }
    }
}
