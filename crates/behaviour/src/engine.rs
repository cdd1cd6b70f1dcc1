//! Asks the columns and what lies over them: each bucket of members is a piece of work for one thread.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use crate::{
    chunk::{Chunk, SharedChunk},
    columns::{BUCKETS, Columns, Version},
    error::Error,
    hot::Hot,
    manifest::Manifest,
    month::{Month, MonthSpan},
    overlay::{Overlay, Source},
    parallel::in_parallel,
    read::PartFile,
    rows::Rows,
    scan::{Kernel, Range, scan},
    standing::{Move, Standing},
};

/// Answers questions from the events of a workspace: those on disk, and those that have just arrived.
pub struct Engine {
    columns: Columns,
    hot: Hot,
    state: Mutex<Arc<State>>,
    /// Held while events are taken out of memory and put on disk.
    flushing: Mutex<()>,
}

/// All events at one moment, each of them once.
struct State {
    manifest: Arc<Version>,
    tail: Vec<Arc<Rows>>,
    /// How far in the log the tail reaches; the next record of each partition.
    cursors: Vec<u64>,
    standing: Arc<Standing>,
    overlay: OnceLock<Overlay>,
}

impl Engine {
    /// Over these columns, with so many bytes of them kept in memory at the most.
    pub fn new(columns: Columns, most_bytes: usize) -> Engine {
        let manifest = columns.manifest();
        let state = State {
            cursors: manifest.cursors.clone(),
            manifest,
            tail: Vec::new(),
            standing: Arc::default(),
            overlay: OnceLock::new(),
        };
        let (hot, state) = (Hot::new(most_bytes), Mutex::new(Arc::new(state)));
        Engine { columns, hot, state, flushing: Mutex::default() }
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

    /// Says which events belong to another member than the columns say; from now on every answer knows.
    pub fn regroup(&self, moves: impl IntoIterator<Item = Move>) {
        let standing = Arc::new(Standing::new(moves));
        self.change(|state| State { standing, ..state.unchanged() });
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
            tail: state.tail[written..].to_vec(),
            ..state.unchanged()
        });
        Ok(())
    }

    /// Puts together files of one bucket and month.
    pub fn compact(&self) -> Result<(), Error> {
        let _flushing = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        self.columns.compact()?;
        self.change(|state| State { manifest: self.columns.manifest(), ..state.unchanged() });
        Ok(())
    }

    /// Forgets what is kept of the columns in memory.
    pub fn forget(&self) {
        self.hot.clear();
    }

    /// How many bytes of the columns are kept in memory.
    pub fn kept_bytes(&self) -> usize {
        self.hot.bytes()
    }

    /// Takes all members through a kernel.
    pub fn ask<K: Kernel>(&self, range: &Range<'_>, kernel: &K) -> Result<K::Partial, Error> {
        let state = self.state();
        let disk = Disk::new(self, &state.manifest);
        let overlay = match state.overlay.get() {
            Some(overlay) => overlay,
            None => {
                let built = Overlay::build(&disk, &state.tail, &state.standing)?;
                state.overlay.get_or_init(|| built)
            }
        };
        let partials = in_parallel(self.columns.threads(), BUCKETS as usize, |bucket| {
            let bucket = bucket as u32;
            let months = disk.months(bucket).into_iter();
            let wanted = months.filter(|(span, _)| span.from < range.to && range.from < span.to);
            let chunks: Result<Vec<SharedChunk>, Error> = wanted.map(|(span, _)| disk.chunk(bucket, span)).collect();
            let chunks = chunks?;
            let chunks: Vec<&Chunk> = chunks.iter().map(AsRef::as_ref).collect();
            let mut partial = kernel.nothing();
            scan(&chunks, overlay.left_out(bucket), range, kernel, &mut partial);
            let above: Vec<&Chunk> = overlay.chunks(bucket).iter().collect();
            scan(&above, &[], range, kernel, &mut partial);
            Ok(partial)
        })?;
        let mut whole = kernel.nothing();
        for partial in partials {
            kernel.add(&mut whole, partial);
        }
        Ok(whole)
    }

    fn state(&self) -> Arc<State> {
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

impl State {
    fn unchanged(&self) -> State {
        State {
            manifest: self.manifest.clone(),
            tail: self.tail.clone(),
            cursors: self.cursors.clone(),
            standing: self.standing.clone(),
            overlay: OnceLock::new(),
        }
    }
}

/// The files of a chunk.
type Files = Vec<PartFile>;

/// The columns on disk as one manifest names them.
struct Disk<'e> {
    hot: &'e Hot,
    files: BTreeMap<(u32, i32), Files>,
}

impl<'e> Disk<'e> {
    fn new(engine: &'e Engine, manifest: &Manifest) -> Disk<'e> {
        let mut files: BTreeMap<(u32, i32), Files> = BTreeMap::new();
        for part in &manifest.parts {
            let file = PartFile::new(part, engine.columns.directory());
            files.entry((part.bucket, part.month)).or_default().push(file);
        }
        Disk { hot: &engine.hot, files }
    }
}

impl Source for Disk<'_> {
    fn months(&self, bucket: u32) -> Vec<(MonthSpan, &[PartFile])> {
        let of_bucket = self.files.range((bucket, i32::MIN)..=(bucket, i32::MAX));
        of_bucket.map(|((_, month), files)| (Month::from_number(*month).span(), files.as_slice())).collect()
    }

    fn chunk(&self, bucket: u32, span: MonthSpan) -> Result<SharedChunk, Error> {
        let files = self.files.get(&(bucket, span.month.number())).map_or(&[][..], Vec::as_slice);
        self.hot.get(span, files)
    }
}
