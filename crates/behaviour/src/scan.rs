//! One pass over the histories of members: what happened to each of them, in order, is handed to a kernel.

use std::{
    borrow::Cow,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    chunk::{Chunk, Codes},
    error::Error,
    facet::Facet,
    gathered::Gathered,
    history::{Groups, History, Merged, Piece, Rows, Table},
    hot::Hot,
    read::PartFile,
    selection::{Grouping, Selection, Steps},
};

/// So many members are looked at between two looks whether anybody still wants the answer.
const BETWEEN_LOOKS: usize = 4_096;

/// A question that is answered member by member. Partial answers of different members add up, in any order.
pub trait Kernel: Sync {
    /// What is known after some members.
    type Partial: Send;

    /// What is known before any member.
    fn nothing(&self) -> Self::Partial;

    /// Takes in a member's history: the events that matter, by time.
    fn member(&self, member: i64, history: &History<'_>, partial: &mut Self::Partial);

    /// Adds what another pass found.
    fn add(&self, partial: &mut Self::Partial, other: Self::Partial);
}

/// A chunk, and what belongs to it.
pub(crate) struct Layer<'l> {
    pub(crate) chunk: &'l Chunk,
    /// Members whose rows do not count here, sorted.
    pub(crate) left_out: &'l [i64],
    /// The values of its properties.
    pub(crate) facets: Facets<'l>,
}

/// Where the values of a chunk's properties come from.
pub(crate) enum Facets<'l> {
    Files(&'l Hot, &'l [PartFile]),
    Gathered(&'l Hot, &'l Gathered),
}

impl Layer<'_> {
    fn facet(&self, name: &str) -> Result<Arc<Facet>, Error> {
        match &self.facets {
            Facets::Files(hot, files) => hot.facet(self.chunk, files, name),
            Facets::Gathered(hot, gathered) => gathered.facet(hot, name),
        }
    }

    /// The ids of some rows' events.
    fn ids(&self, rows: Range<usize>) -> Result<Cow<'_, [i64]>, Error> {
        Ok(match &self.facets {
            Facets::Files(hot, files) => Cow::Owned(hot.integers(self.chunk, files, "event")?[rows].to_vec()),
            Facets::Gathered(_, gathered) => Cow::Borrowed(&gathered.ids[rows]),
        })
    }
}

/// Calls `take` with the history of all members of these chunks, or of those of them who are wanted and are sorted. The chunks
/// are in the order of their months; of one month, what arrived later stands behind.
pub(crate) fn scan(
    layers: &[Layer<'_>],
    mut only: Option<&[i64]>,
    selection: &Selection<'_>,
    given_up: &AtomicBool,
    take: &mut dyn FnMut(i64, &History<'_>),
) -> Result<(), Error> {
    let mut months: Vec<Prepared<'_>> = Vec::new();
    for layer in layers.iter().filter(|layer| selection.reaches(layer.chunk.span) && !layer.chunk.owners.is_empty()) {
        months.extend(Prepared::new(layer, selection)?);
    }
    // Of each month the next member; the lowest of them is whose turn it is.
    let mut places: Vec<Place<'_>> = months
        .iter()
        .map(|month| Place { owners: &month.layer.chunk.owners, at: 0, left_out: month.layer.left_out })
        .collect();
    let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(months.len());
    let mut sources: Vec<(&Prepared<'_>, Range<usize>)> = Vec::with_capacity(months.len());
    let mut looked_at = 0_usize;
    while let Some(member) = places.iter().filter_map(Place::member).min() {
        looked_at += 1;
        if looked_at.is_multiple_of(BETWEEN_LOOKS) && given_up.load(Ordering::Relaxed) {
            return Err(Error::GivenUp);
        }
        let is_wanted = only.as_mut().is_none_or(|only| is_next(only, member));
        pieces.clear();
        sources.clear();
        let mut overlaps = false;
        for (month, place) in months.iter().zip(&mut places) {
            if place.member() != Some(member) {
                continue;
            }
            let at = place.at;
            place.at += 1;
            if is_wanted
                && !is_next(&mut place.left_out, member)
                && let Some((rows, piece)) = month.piece(at)
            {
                overlaps |= pieces.last().is_some_and(|last| piece.first() <= last.last());
                pieces.push(piece);
                sources.push((month, rows));
            }
        }
        if pieces.is_empty() {
            continue;
        }
        if let Some(Grouping::Member(values, number)) = selection.grouping {
            let group = number(values.of(member));
            pieces.iter_mut().for_each(|piece| piece.groups = Groups::All(group));
        }
        match overlaps {
            false => take(member, &History::new(&pieces)),
            true => {
                let ids: Vec<Cow<'_, [i64]>> =
                    sources.iter().map(|(month, rows)| month.layer.ids(rows.clone())).collect::<Result<_, Error>>()?;
                let ids: Vec<&[i64]> = ids.iter().map(AsRef::as_ref).collect();
                let merged = Merged::of(&pieces, &ids);
                let merged: Vec<Piece<'_>> = merged.iter().map(Merged::piece).collect();
                take(member, &History::new(&merged));
            }
        }
    }
    Ok(())
}

/// How far a chunk has been read.
struct Place<'c> {
    owners: &'c [i64],
    at: usize,
    left_out: &'c [i64],
}

impl Place<'_> {
    #[inline]
    fn member(&self) -> Option<i64> {
        self.owners.get(self.at).copied()
    }
}

/// Whether a member stands in a sorted list, of which those before him are not needed any more.
#[inline]
fn is_next(list: &mut &[i64], member: i64) -> bool {
    while list.first().is_some_and(|other| *other < member) {
        *list = &list[1..];
    }
    list.first() == Some(&member)
}

/// A chunk that is being read, with what the question asks of its rows.
struct Prepared<'c> {
    layer: &'c Layer<'c>,
    steps: StepsOf,
    values: Option<Vec<f64>>,
    facet: Option<Arc<Facet>>,
    groups: Option<Vec<u32>>,
    /// The part of the month that counts, in milliseconds since it began, when it is not all of it.
    part: Option<(u32, u32)>,
}

/// What each row can be.
enum StepsOf {
    /// By its name, of which there are few.
    Narrow(Box<Table>),
    /// By its name.
    Wide(Vec<Steps>),
    /// By its name and its properties.
    Row(Vec<Steps>),
}

impl<'c> Prepared<'c> {
    /// `None` when nothing in it matters.
    fn new(layer: &'c Layer<'c>, selection: &Selection<'_>) -> Result<Option<Prepared<'c>>, Error> {
        let chunk = layer.chunk;
        let table: Vec<Steps> = chunk.dictionary.iter().map(|name| (selection.steps_of)(name)).collect();
        let any = table.iter().fold(0, |all, steps| all | steps);
        if any == 0 {
            return Ok(None);
        }
        let mut steps = match &chunk.names {
            Codes::Narrow(_) => StepsOf::Narrow(Box::new(Table::new(&table))),
            Codes::Wide(_) => StepsOf::Wide(table),
        };
        let tests = selection.tests.iter().filter(|test| test.steps & any != 0);
        for test in tests.filter(|test| !test.comparisons.is_empty()) {
            let mut rows = steps.rows(chunk);
            for comparison in &test.comparisons {
                let facet = layer.facet(&comparison.name)?;
                let passing = facet.passing(comparison);
                for (row, steps) in rows.iter_mut().enumerate().filter(|(_, steps)| **steps & test.steps != 0) {
                    if !passing.is(row) {
                        *steps &= !test.steps;
                    }
                }
            }
            steps = StepsOf::Row(rows);
        }
        let facet = selection.value.map(|name| layer.facet(name)).transpose()?;
        let within = |name: &str| facet.as_ref().and_then(|facet| facet.numbers_within(name, chunk.times.len()));
        let values = selection.value.and_then(within);
        let groups = match &selection.grouping {
            Some(Grouping::Property(name, code)) => {
                let facet = layer.facet(name)?;
                Some(facet.coded(chunk.times.len(), name, &mut |value| code(value)))
            }
            _ => None,
        };
        let span = chunk.span;
        let within = |moment: i64| moment.saturating_sub(span.from).clamp(0, i64::from(u32::MAX)) as u32;
        let is_whole = selection.from <= span.from && span.to <= selection.to;
        let part = (!is_whole).then(|| (within(selection.from), within(selection.to)));
        Ok(Some(Prepared { layer, steps, values, facet, groups, part }))
    }

    /// The events of a member that lie in the range; `None` when there are none.
    #[inline]
    fn piece(&self, place: usize) -> Option<(Range<usize>, Piece<'_>)> {
        let chunk = self.layer.chunk;
        let mut rows = chunk.rows(place);
        if let Some((from, to)) = self.part {
            let times = &chunk.times[rows.clone()];
            let (before, until) = (times.partition_point(|t| *t < from), times.partition_point(|t| *t < to));
            rows = rows.start + before..rows.start + until;
        }
        if rows.is_empty() {
            return None;
        }
        let steps = match (&self.steps, &chunk.names) {
            (StepsOf::Narrow(table), Codes::Narrow(names)) => Rows::Narrow(&names[rows.clone()], table),
            (StepsOf::Wide(table), Codes::Wide(names)) => Rows::Wide(&names[rows.clone()], table),
            (StepsOf::Row(steps), _) => Rows::Steps(&steps[rows.clone()]),
            _ => return None,
        };
        let values = match (&self.values, &self.facet) {
            (Some(values), _) => values.get(rows.clone()),
            (None, Some(facet)) => facet.plain_numbers().get(rows.clone()),
            (None, None) => None,
        };
        let groups = match &self.groups {
            Some(groups) => Groups::Rows(&groups[rows.clone()]),
            None => Groups::All(0),
        };
        let times = &chunk.times[rows.clone()];
        Some((rows, Piece { begin: chunk.span.from, times, steps, values, groups }))
    }
}

impl StepsOf {
    /// By row.
    fn rows(self, chunk: &Chunk) -> Vec<Steps> {
        match (self, &chunk.names) {
            (StepsOf::Narrow(table), Codes::Narrow(names)) => names.iter().map(|name| table.of(*name)).collect(),
            (StepsOf::Wide(table), Codes::Wide(names)) => names.iter().map(|name| table[*name as usize]).collect(),
            (StepsOf::Row(rows), _) => rows,
            _ => vec![0; chunk.times.len()],
        }
    }
}
