//! What lies over the columns: events that are not on disk yet, and those that belong to another member than the columns say.
//!
//! It has the form of chunks, so a question sees one more layer of a month, and each event once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
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
    standing::{Settled, Standing},
};

/// Chunks that lie over the columns, by bucket and month.
#[derive(Debug)]
pub(crate) struct Overlay {
    buckets: Vec<Vec<Gathered>>,
}

/// What lies over the columns because it has moved: what settled moves say, which is gathered once, and over it those of whom
/// recent moves say something else.
pub(crate) struct Moved {
    settled: Arc<Settled>,
    of_settled: Arc<Overlay>,
    of_recent: Overlay,
    /// By bucket, owners whose events are not to be read from the columns, sorted.
    not_on_disk: Vec<Vec<i64>>,
    /// By bucket, members whose events are not to be read from what settled moves say, sorted.
    not_settled: Vec<Vec<i64>>,
}

/// [`Moved`], put together when it is first asked for.
#[derive(Default)]
pub(crate) struct LazyMoved {
    /// What there was before, over the same files.
    before: Option<Arc<Moved>>,
    built: OnceLock<Arc<Moved>>,
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
    /// Of all events that these owners have in the columns.
    fn of_owners(disk: &Disk<'_>, standing: &Standing, owners: &BTreeSet<i64>) -> Result<Overlay, Error> {
        let mut gatherings = Gatherings::new();
        for (bucket, here) in (0..BUCKETS).zip(by_bucket(owners)) {
            for (span, files) in disk.months(bucket).filter(|_| !here.is_empty()) {
                let chunk = disk.hot.chunk(span, files)?;
                gather_columns(disk, &chunk, files, &here, standing, &mut gatherings)?;
            }
        }
        Ok(Overlay::of(gatherings))
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
        let mut buckets: Vec<Vec<Gathered>> = (0..BUCKETS).map(|_| Vec::new()).collect();
        for ((bucket, month), gathering) in gatherings {
            buckets[bucket as usize].push(gathering.finish(month.span()));
        }
        Overlay { buckets }
    }

    /// The chunks that lie over a bucket, by month.
    pub(crate) fn chunks(&self, bucket: u32) -> &[Gathered] {
        &self.buckets[bucket as usize]
    }
}

impl Moved {
    fn new(disk: &Disk<'_>, standing: &Standing, before: Option<&Moved>) -> Result<Moved, Error> {
        let settled = standing.settled.clone();
        let all = settled.owners();
        let of_settled = match before.filter(|before| Arc::ptr_eq(&before.settled, &settled)) {
            Some(before) => before.of_settled.clone(),
            None => Arc::new(Overlay::of_owners(disk, &standing.only_settled(), &all)?),
        };
        let (owners, members) = standing.unsettled();
        Ok(Moved {
            of_recent: Overlay::of_owners(disk, standing, &owners)?,
            not_on_disk: by_bucket(all.union(&owners)),
            not_settled: by_bucket(&members),
            settled,
            of_settled,
        })
    }

    /// Owners of a bucket whose events are not to be read from the columns, sorted.
    pub(crate) fn not_on_disk(&self, bucket: u32) -> &[i64] {
        &self.not_on_disk[bucket as usize]
    }

    /// The chunks that lie over a bucket, each with the members whose rows there do not count.
    pub(crate) fn chunks(&self, bucket: u32) -> impl Iterator<Item = (&Gathered, &[i64])> {
        let settled =
            self.of_settled.chunks(bucket).iter().map(move |chunk| (chunk, &self.not_settled[bucket as usize][..]));
        settled.chain(self.of_recent.chunks(bucket).iter().map(|chunk| (chunk, &[][..])))
    }
}

impl LazyMoved {
    /// What has moved by these moves, which are asked for first.
    pub(crate) fn get(&self, disk: &Disk<'_>, standing: &Standing) -> Result<&Arc<Moved>, Error> {
        if let Some(built) = self.built.get() {
            return Ok(built);
        }
        let built = Arc::new(Moved::new(disk, standing, self.before.as_deref())?);
        Ok(self.built.get_or_init(|| built))
    }

    /// For other moves over the same files.
    pub(crate) fn for_others(&self) -> LazyMoved {
        LazyMoved { before: self.built.get().or(self.before.as_ref()).cloned(), built: OnceLock::new() }
    }
}

/// Those of each bucket, sorted.
fn by_bucket<'i>(ids: impl IntoIterator<Item = &'i i64>) -> Vec<Vec<i64>> {
    let mut buckets: Vec<Vec<i64>> = (0..BUCKETS).map(|_| Vec::new()).collect();
    ids.into_iter().for_each(|id| buckets[bucket_of(*id) as usize].push(*id));
    buckets
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
    let concerned: Vec<(i64, usize)> =
        owners.iter().filter_map(|owner| Some((*owner, chunk.owners.binary_search(owner).ok()?))).collect();
    if concerned.is_empty() {
        return Ok(());
    }
    let (ids, identities) = (disk.hot.integers(chunk, files, "event")?, disk.hot.integers(chunk, files, "identity")?);
    for (owner, place) in concerned {
        for row in chunk.rows(place) {
            let member = standing.member(owner, identities[row]);
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
