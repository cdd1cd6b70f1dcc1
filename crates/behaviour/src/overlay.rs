//! What lies over the columns: events that are not on disk yet, and members whose events are in more than one place.
//!
//! Whoever is concerned is left out of the columns and has all of his events here, in chunks of the same form, so a
//! question sees each event once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    chunk::{Chunk, Gathered},
    columns::{BUCKETS, bucket_of},
    error::Error,
    month::{Month, MonthSpan},
    read::PartFile,
    rows::Rows,
    standing::Standing,
};

/// By bucket: whom to leave out of the columns, and the chunks of those who are concerned.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    buckets: Vec<OverlaidBucket>,
}

#[derive(Debug, Default)]
struct OverlaidBucket {
    /// Owners whose events are not to be read from the columns, sorted.
    left_out: Vec<i64>,
    chunks: Vec<Chunk>,
}

/// Where the columns' chunks come from.
pub(crate) trait Source {
    /// The months of a bucket, in order, with their files.
    fn months(&self, bucket: u32) -> Vec<(MonthSpan, &[PartFile])>;
    /// A chunk of the columns.
    fn chunk(&self, bucket: u32, span: MonthSpan) -> Result<Arc<Chunk>, Error>;
}

impl Overlay {
    /// Gathers the events of all who are concerned.
    pub(crate) fn build(source: &impl Source, tail: &[Arc<Rows>], standing: &Standing) -> Result<Overlay, Error> {
        // Members who have something that is not on disk, or something that has moved; with them, everybody of whose
        // events they may have some.
        let mut members = standing.concerned();
        for rows in tail {
            for (owner, identity) in rows.owners.iter().zip(&rows.identities) {
                members.insert(standing.member(*owner, *identity));
            }
        }
        if members.is_empty() {
            return Ok(Overlay::default());
        }
        let owners: BTreeSet<i64> = members.iter().flat_map(|member| standing.sources(*member)).collect();
        let mut gathered: BTreeMap<(u32, Month), Gathered> = BTreeMap::new();
        for bucket in 0..BUCKETS {
            let here: Vec<i64> = owners.iter().copied().filter(|owner| bucket_of(*owner) == bucket).collect();
            gather_columns(source, bucket, &here, standing, &mut gathered)?;
        }
        for rows in tail {
            gather_tail(rows, standing, &mut gathered);
        }
        let mut overlay = Overlay { buckets: (0..BUCKETS).map(|_| OverlaidBucket::default()).collect() };
        for owner in owners {
            overlay.buckets[bucket_of(owner) as usize].left_out.push(owner);
        }
        for ((bucket, month), gathered) in gathered {
            overlay.buckets[bucket as usize].chunks.push(gathered.into_chunk(month.span()));
        }
        Ok(overlay)
    }

    /// Whom to leave out of a bucket's columns, sorted.
    pub(crate) fn left_out(&self, bucket: u32) -> &[i64] {
        self.buckets.get(bucket as usize).map_or(&[], |bucket| bucket.left_out.as_slice())
    }

    /// The chunks that lie over a bucket.
    pub(crate) fn chunks(&self, bucket: u32) -> &[Chunk] {
        self.buckets.get(bucket as usize).map_or(&[], |bucket| bucket.chunks.as_slice())
    }
}

/// Takes the events of these owners, who are of one bucket, from the columns.
fn gather_columns(
    source: &impl Source,
    bucket: u32,
    owners: &[i64],
    standing: &Standing,
    gathered: &mut BTreeMap<(u32, Month), Gathered>,
) -> Result<(), Error> {
    if owners.is_empty() {
        return Ok(());
    }
    let (whole, parted): (Vec<i64>, Vec<i64>) =
        owners.iter().partition(|owner| standing.only_member(**owner).is_some());
    for (span, files) in source.months(bucket) {
        let chunk = source.chunk(bucket, span)?;
        for owner in &whole {
            let Ok(place) = chunk.owners.binary_search(owner) else { continue };
            let member = standing.only_member(*owner).unwrap_or(*owner);
            let into = gathered.entry((bucket_of(member), span.month)).or_default();
            for row in chunk.starts[place] as usize..chunk.starts[place + 1] as usize {
                let name = &chunk.dictionary[chunk.names.get(row) as usize];
                into.push(member, span.from + i64::from(chunk.times[row]), (*owner, row as i64), name);
            }
        }
        // Only where an owner's events have gone different ways does one have to know their identities.
        if parted.iter().any(|owner| chunk.owners.binary_search(owner).is_ok()) {
            Chunk::each_event_of(files, &parted, |owner, identity, time, id, name| {
                let member = standing.member(owner, identity);
                let into = gathered.entry((bucket_of(member), span.month)).or_default();
                into.push(member, time, (owner, id), name);
            })?;
        }
    }
    Ok(())
}

fn gather_tail(rows: &Rows, standing: &Standing, gathered: &mut BTreeMap<(u32, Month), Gathered>) {
    for place in 0..rows.len() {
        let row = rows.row(place);
        let member = standing.member(row.owner, row.identity);
        let into = gathered.entry((bucket_of(member), Month::of(row.time))).or_default();
        into.push(member, row.time, (row.owner, row.id), row.name);
    }
}
