//! What lies over the columns: events that are not on disk yet, and those that belong to another member than the columns say.
//!
//! It has the form of chunks, so a question sees one more layer of a month, and each event once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    chunk::SharedChunk,
    columns::{BUCKETS, bucket_of},
    error::Error,
    gathered::{Gathered, Gathering, Source},
    hot::Hot,
    month::{Month, MonthSpan},
    read::PartFile,
    rows::Rows,
    standing::Standing,
};

/// By bucket: whom to leave out of the columns, and chunks of those who are concerned.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    buckets: Vec<OverlaidBucket>,
}

#[derive(Debug, Default)]
struct OverlaidBucket {
    /// Owners whose events are not to be read from the columns, sorted.
    left_out: Vec<i64>,
    /// By month.
    chunks: Vec<Gathered>,
}

/// The columns on disk.
pub(crate) struct Disk<'d> {
    pub(crate) hot: &'d Hot,
    pub(crate) files: BTreeMap<(u32, i32), Arc<[PartFile]>>,
}

impl Disk<'_> {
    /// The months of a bucket, in order, with their files.
    pub(crate) fn months(&self, bucket: u32) -> impl Iterator<Item = (MonthSpan, &Arc<[PartFile]>)> {
        let of_bucket = self.files.range((bucket, i32::MIN)..=(bucket, i32::MAX));
        of_bucket.map(|((_, month), files)| (Month::from_number(*month).span(), files))
    }
}

/// Chunks that are being put together, by bucket and month.
type Gatherings = BTreeMap<(u32, Month), Gathering>;

impl Overlay {
    /// Of events in the columns that have moved, and of everything else of those owners.
    pub(crate) fn of_moved(disk: &Disk<'_>, standing: &Standing) -> Result<Overlay, Error> {
        let owners: BTreeSet<i64> = standing.owners();
        let mut gatherings = Gatherings::new();
        for bucket in 0..BUCKETS {
            let here: Vec<i64> = owners.iter().copied().filter(|owner| bucket_of(*owner) == bucket).collect();
            for (span, files) in disk.months(bucket).filter(|_| !here.is_empty()) {
                let chunk = disk.hot.chunk(span, files)?;
                gather_columns(disk, &chunk, files, &here, standing, &mut gatherings)?;
            }
        }
        let mut overlay = Overlay::of(gatherings);
        for owner in owners {
            overlay.buckets[bucket_of(owner) as usize].left_out.push(owner);
        }
        Ok(overlay)
    }

    /// Of events that wait for being put on disk.
    pub(crate) fn of_waiting(tail: &[Arc<Rows>], standing: &Standing) -> Overlay {
        let mut gatherings = Gatherings::new();
        for rows in tail {
            let mut begun = BTreeSet::new();
            for place in 0..rows.len() {
                let row = rows.row(place);
                let member = standing.member(row.owner, row.identity);
                let key = (bucket_of(member), Month::of(row.time));
                let gathering = gatherings.entry(key).or_default();
                if begun.insert(key) {
                    gathering.begin(&Source::Rows(rows.clone()));
                }
                gathering.push(member, row.time, row.id, place as u32, row.name);
            }
        }
        Overlay::of(gatherings)
    }

    fn of(gatherings: Gatherings) -> Overlay {
        let mut overlay = Overlay { buckets: (0..BUCKETS).map(|_| OverlaidBucket::default()).collect() };
        for ((bucket, month), gathering) in gatherings {
            overlay.buckets[bucket as usize].chunks.push(gathering.finish(month.span()));
        }
        overlay
    }

    /// Whom to leave out of a bucket's columns, sorted.
    pub(crate) fn left_out(&self, bucket: u32) -> &[i64] {
        &self.buckets[bucket as usize].left_out
    }

    /// The chunks that lie over a bucket, by month.
    pub(crate) fn chunks(&self, bucket: u32) -> &[Gathered] {
        &self.buckets[bucket as usize].chunks
    }
}

/// Takes the events of these owners from a chunk of the columns.
fn gather_columns(
    disk: &Disk<'_>,
    chunk: &SharedChunk,
    files: &Arc<[PartFile]>,
    owners: &[i64],
    standing: &Standing,
    gatherings: &mut Gatherings,
) -> Result<(), Error> {
    let source = Source::Chunk(chunk.clone(), files.clone());
    let mut begun = BTreeSet::new();
    let mut identities = None;
    let concerned: Vec<(i64, usize)> =
        owners.iter().filter_map(|owner| Some((*owner, chunk.owners.binary_search(owner).ok()?))).collect();
    if concerned.is_empty() {
        return Ok(());
    }
    let ids = disk.hot.integers(chunk, files, "event")?;
    for (owner, place) in concerned {
        // Only where an owner's events have gone different ways does one have to know their identities.
        let only = standing.only_member(owner);
        if only.is_none() && identities.is_none() {
            identities = Some(disk.hot.integers(chunk, files, "identity")?);
        }
        for row in chunk.rows(place) {
            let member = match (only, &identities) {
                (Some(member), _) => member,
                (None, Some(identities)) => standing.member(owner, identities[row]),
                (None, None) => owner,
            };
            let key = (bucket_of(member), chunk.span.month);
            let gathering = gatherings.entry(key).or_default();
            if begun.insert(key) {
                gathering.begin(&source);
            }
            let name = &chunk.dictionary[chunk.names.get(row) as usize];
            gathering.push(member, chunk.span.from + i64::from(chunk.times[row]), ids[row], row as u32, name);
        }
    }
    Ok(())
}
