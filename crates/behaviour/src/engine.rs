//! Asks the columns and what lies over them: each bucket of members is a piece of work for one thread.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    chunk::SharedChunk,
    columns::{BUCKETS, Columns, Gone, Version},
    error::Error,
    history::History,
    hot::{Hot, Memory},
    manifest::PartEntry,
    overlay::{Disk, LazyMoved, Moved, Overlay},
    parallel::in_parallel,
    read::PartFile,
    rows::Rows,
    scan::{Facets, Kernel, Layer, scan},
    selection::Selection,
    standing::{Move, Standing},
};

/// Answers questions from the events of a workspace: those on disk, and those that have just arrived.
pub struct Engine {
    columns: Columns,
    hot: Hot,
    state: Mutex<Arc<State>>,
    /// Held while events are taken out of memory and put on disk.
    flushing: Mutex<()>,
    seats: Seats,
}

/// All events at one moment, each of them once.
pub(crate) struct State {
    pub(crate) manifest: Arc<Version>,
    pub(crate) tail: Vec<Arc<Rows>>,
    /// How far in the log the tail reaches; the next record of each partition.
    cursors: Vec<u64>,
    pub(crate) standing: Arc<Standing>,
    /// Of what has moved in these files.
    moved: Arc<LazyMoved>,
    /// Of this tail.
    waiting: OnceLock<Overlay>,
}

impl Engine {
    /// Over these columns, which are kept in this memory as far as it reaches.
    pub fn new(columns: Columns, memory: &Memory) -> Engine {
        let manifest = columns.manifest();
        let state = State {
            cursors: manifest.cursors.clone(),
            manifest,
            tail: Vec::new(),
            standing: Arc::default(),
            moved: Arc::default(),
            waiting: OnceLock::new(),
        };
        let (hot, state) = (Hot::new(memory), Mutex::new(Arc::new(state)));
        let seats = Seats { free: Mutex::new(columns.threads()), freed: Condvar::new() };
        Engine { columns, hot, state, flushing: Mutex::default(), seats }
    }

    /// The columns on disk.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// How far in the log its answers reach; the next record of each partition.
    pub fn cursors(&self) -> Vec<u64> {
        self.state().cursors.clone()
    }

    /// How many events wait in memory for being put on disk.
    pub fn waiting(&self) -> usize {
        self.state().tail.iter().map(|rows| rows.len()).sum()
    }

    /// Takes in events that have just arrived, up to these cursors; from now on they are in every answer.
    pub fn append(&self, rows: Rows, cursors: Vec<u64>) {
        let rows = (!rows.is_empty()).then(|| Arc::new(rows));
        self.change(|state| State {
            tail: state.tail.iter().cloned().chain(rows).collect(),
            cursors,
            ..state.unchanged()
        });
    }

    /// Says of all identities whose events belong to another member than the columns say; from now on every answer knows.
    pub fn regroup(&self, moves: impl IntoIterator<Item = Move>) {
        let standing = Standing::new(moves);
        if *self.state().standing != standing {
            self.regroup_by(standing);
        }
    }

    /// Says to whom the events of these identities belong; of all others that stays as it is. From now on every answer knows.
    pub fn regroup_some(&self, moves: impl IntoIterator<Item = Move>) {
        let standing = self.state().standing.with(moves);
        self.regroup_by(standing);
    }

    fn regroup_by(&self, standing: Standing) {
        let standing = Arc::new(standing);
        self.change(|state| State { standing, moved: Arc::new(state.moved.for_others()), ..state.unchanged() });
    }

    /// Puts the events that wait in memory on disk. When it fails they wait on.
    pub fn flush(&self) -> Result<(), Error> {
        let _flushing = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.state();
        let mut all = Rows::default();
        for rows in &before.tail {
            (0..rows.len()).for_each(|place| all.push(rows.row(place)));
        }
        self.columns.add(&all, before.cursors.clone())?;
        let written = before.tail.len();
        self.change(|state| State {
            manifest: self.columns.manifest(),
            moved: Arc::default(),
            tail: state.tail[written..].to_vec(),
            ..state.unchanged()
        });
        Ok(())
    }

    /// Puts together files of one bucket and month, where at least so many small ones stand beside one another.
    pub fn compact(&self, least: usize) -> Result<(), Error> {
        let _flushing = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        self.columns.compact(least)?;
        self.change(|state| State { manifest: self.columns.manifest(), moved: Arc::default(), ..state.unchanged() });
        Ok(())
    }

    /// The ids of the events that wait in memory.
    pub fn waiting_ids(&self) -> HashSet<i64> {
        let state = self.state();
        state.tail.iter().flat_map(|rows| (0..rows.len()).map(|place| rows.row(place).id)).collect()
    }

    /// Puts these events in the place of what these files hold, which are not to be read any more.
    pub fn replace(&self, files: &[PartEntry], rows: &Rows) -> Result<(), Error> {
        let _flushing = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        self.columns.replace(files, rows)?;
        self.change(|state| State { manifest: self.columns.manifest(), moved: Arc::default(), ..state.unchanged() });
        Ok(())
    }

    /// Forgets what is kept of the columns in memory.
    pub fn forget(&self) {
        self.hot.clear();
    }

    /// Takes events out for which something holds: of these identities, or whatever `is_gone` says of name and time. Returns how
    /// many there were.
    pub fn remove(&self, gone: &Gone<'_>) -> Result<u64, Error> {
        self.flush()?;
        let _flushing = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        let removed = self.columns.remove(gone)?;
        self.change(|state| State { manifest: self.columns.manifest(), moved: Arc::default(), ..state.unchanged() });
        Ok(removed)
    }

    /// Takes all members through a kernel, unless it is given up before.
    pub fn ask<K: Kernel>(
        &self,
        selection: &Selection<'_>,
        kernel: &K,
        given_up: &AtomicBool,
    ) -> Result<K::Partial, Error> {
        let asked = Asked { engine: self, state: &self.state(), selection, given_up };
        let sources = asked.sources()?;
        let partials = in_parallel(self.columns.threads(), BUCKETS as usize, |bucket| {
            let mut partial = kernel.nothing();
            asked
                .bucket(&sources, bucket as u32, &mut |member, history| kernel.member(member, history, &mut partial))?;
            Ok(partial)
        })?;
        let mut whole = kernel.nothing();
        for partial in partials {
            kernel.add(&mut whole, partial);
        }
        Ok(whole)
    }

    fn disk(&self, state: &State) -> Disk<'_> {
        let mut files: BTreeMap<(u32, i32), Vec<PartFile>> = BTreeMap::new();
        for part in &state.manifest.parts {
            let file = PartFile::new(part, self.columns.directory());
            files.entry((part.bucket, part.month)).or_default().push(file);
        }
        let files = files.into_iter().map(|(place, files)| (place, files.into())).collect();
        Disk { hot: &self.hot, files }
    }

    pub(crate) fn state(&self) -> Arc<State> {
        self.locked().clone()
    }

    fn change(&self, next: impl FnOnce(&State) -> State) {
        let mut state = self.locked();
        *state = Arc::new(next(&state));
    }

    fn locked(&self) -> MutexGuard<'_, Arc<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question, whatever its kernel.
struct Asked<'a> {
    engine: &'a Engine,
    state: &'a State,
    selection: &'a Selection<'a>,
    given_up: &'a AtomicBool,
}

/// Where its events come from.
struct Sources<'a> {
    disk: Disk<'a>,
    moved: &'a Moved,
    waiting: &'a Overlay,
}

impl Asked<'_> {
    fn sources(&self) -> Result<Sources<'_>, Error> {
        let (engine, state) = (self.engine, self.state);
        let disk = engine.disk(state);
        let moved = state.moved.get(&disk, &state.standing)?;
        let waiting = state.waiting.get_or_init(|| Overlay::of_waiting(&state.tail, &state.standing));
        Ok(Sources { disk, moved, waiting })
    }

    /// Calls `take` with the history of each member of a bucket.
    fn bucket(&self, sources: &Sources<'_>, bucket: u32, take: &mut dyn FnMut(i64, &History<'_>)) -> Result<(), Error> {
        let (hot, selection) = (&self.engine.hot, self.selection);
        let _seat = self.engine.seats.take();
        if self.given_up.load(Ordering::Relaxed) {
            return Err(Error::GivenUp);
        }
        let Sources { disk, moved, waiting } = sources;
        let wanted = disk.months(bucket).filter(|(span, _)| selection.reaches(*span));
        let chunks: Vec<(SharedChunk, &Arc<[PartFile]>)> =
            wanted.map(|(span, files)| Ok((hot.chunk(span, files)?, files))).collect::<Result<_, Error>>()?;
        let on_disk = chunks.iter().map(|(chunk, files)| Layer {
            chunk,
            left_out: moved.not_on_disk(bucket),
            facets: Facets::Files(hot, files),
        });
        let just_arrived = waiting.chunks(bucket).iter().map(|gathered| (gathered, &[][..]));
        let above = moved.chunks(bucket).chain(just_arrived).map(|(gathered, left_out)| Layer {
            chunk: &gathered.chunk,
            left_out,
            facets: Facets::Gathered(hot, gathered),
        });
        let mut layers: Vec<Layer<'_>> = on_disk.chain(above).collect();
        layers.sort_by_key(|layer| layer.chunk.span.from);
        let only = selection.members.map(|members| members.of(bucket));
        scan(&layers, only, selection, self.given_up, take)
    }
}

impl State {
    fn unchanged(&self) -> State {
        State {
            manifest: self.manifest.clone(),
            tail: self.tail.clone(),
            cursors: self.cursors.clone(),
            standing: self.standing.clone(),
            moved: self.moved.clone(),
            waiting: OnceLock::new(),
        }
    }
}

/// As many as there are cores: however many questions are asked at once, only so many buckets are in work, and in memory.
struct Seats {
    free: Mutex<usize>,
    freed: Condvar,
}

struct Seat<'s>(&'s Seats);

impl Seats {
    /// Waits until there is one.
    fn take(&self) -> Seat<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Seat(self)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
