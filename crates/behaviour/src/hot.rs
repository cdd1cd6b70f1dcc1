//! Columns that are kept in memory, for all questions together, up to a bound.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    chunk::{Chunk, SharedChunk},
    error::Error,
    facet::Facet,
    month::MonthSpan,
    read::PartFile,
};

/// What is in memory of all engines together. It is known by the numbers of its files, so what was replaced on disk is never
/// found again and goes when there is need of room.
#[derive(Clone)]
pub struct Memory(Arc<Shared>);

struct Shared {
    /// Bytes that may be kept.
    most: usize,
    kept: Mutex<Kept>,
    engines: AtomicU64,
}

/// What is in memory of one engine.
pub(crate) struct Hot {
    memory: Memory,
    /// Which engine it is.
    engine: u64,
}

#[derive(Default)]
struct Kept {
    places: HashMap<Key, Place>,
    bytes: usize,
    uses: u64,
}

/// The engine, the numbers of the files, and what of them.
type Key = (u64, Box<[u64]>, What);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum What {
    Chunk,
    Integers(&'static str),
    Property(Box<str>),
}

struct Place {
    cell: Arc<Mutex<Option<Thing>>>,
    bytes: usize,
    used: u64,
}

/// Something in memory.
#[derive(Clone)]
enum Thing {
    Chunk(SharedChunk),
    Integers(Arc<Vec<i64>>),
    Facet(Arc<Facet>),
}

impl Thing {
    fn bytes(&self) -> usize {
        match self {
            Thing::Chunk(chunk) => chunk.bytes(),
            Thing::Integers(numbers) => numbers.capacity() * 8,
            Thing::Facet(facet) => facet.bytes(),
        }
    }
}

impl Memory {
    /// With so many bytes at the most.
    pub fn new(most: usize) -> Memory {
        Memory(Arc::new(Shared { most, kept: Mutex::default(), engines: AtomicU64::new(0) }))
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> usize {
        self.kept().bytes
    }

    /// How many bytes may be kept.
    pub fn most(&self) -> usize {
        self.0.most
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hot {
    pub(crate) fn new(memory: &Memory) -> Hot {
        Hot { memory: memory.clone(), engine: memory.0.engines.fetch_add(1, Ordering::Relaxed) }
    }

    /// The chunk of these files.
    pub(crate) fn chunk(&self, span: MonthSpan, files: &[PartFile]) -> Result<SharedChunk, Error> {
        let thing = self.get(files, What::Chunk, || Ok(Thing::Chunk(Arc::new(Chunk::read(span, files)?))))?;
        match thing {
            Thing::Chunk(chunk) => Ok(chunk),
            _ => Ok(Arc::new(Chunk::read(span, files)?)),
        }
    }

    /// A column of whole numbers by row of a chunk: `identity`, or `event` for the ids of events.
    pub(crate) fn integers(
        &self,
        chunk: &Chunk,
        files: &[PartFile],
        name: &'static str,
    ) -> Result<Arc<Vec<i64>>, Error> {
        let read = || Ok(Arc::new(chunk.integers(files, name)?));
        match self.get(files, What::Integers(name), || Ok(Thing::Integers(read()?)))? {
            Thing::Integers(numbers) => Ok(numbers),
            _ => read(),
        }
    }

    /// The values of a property by row of a chunk.
    pub(crate) fn facet(&self, chunk: &Chunk, files: &[PartFile], name: &str) -> Result<Arc<Facet>, Error> {
        let read = || Ok(Arc::new(Facet::read(name, files)?.ordered(chunk, name)));
        match self.get(files, What::Property(name.into()), || Ok(Thing::Facet(read()?)))? {
            Thing::Facet(facet) => Ok(facet),
            _ => read(),
        }
    }

    /// What is there, or is read now; whoever asks for something that is being read waits for it.
    fn get(&self, files: &[PartFile], what: What, read: impl FnOnce() -> Result<Thing, Error>) -> Result<Thing, Error> {
        let key: Key = (self.engine, files.iter().map(|file| file.number).collect(), what);
        let cell = self.cell(&key);
        let mut thing = cell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thing) = thing.as_ref() {
            return Ok(thing.clone());
        }
        let read = match read() {
            Ok(read) => read,
            Err(error) => {
                self.kept().places.remove(&key);
                return Err(error);
            }
        };
        *thing = Some(read.clone());
        self.note(&key, read.bytes());
        Ok(read)
    }

    /// Forgets everything of this engine.
    pub(crate) fn clear(&self) {
        let mut kept = self.kept();
        let Kept { places, bytes, .. } = &mut *kept;
        places.retain(|(engine, ..), place| {
            let stays = *engine != self.engine;
            *bytes -= if stays { 0 } else { place.bytes };
            stays
        });
    }

    fn cell(&self, key: &Key) -> Arc<Mutex<Option<Thing>>> {
        let mut kept = self.kept();
        kept.uses += 1;
        let used = kept.uses;
        if let Some(place) = kept.places.get_mut(key) {
            place.used = used;
            return place.cell.clone();
        }
        let cell = Arc::<Mutex<Option<Thing>>>::default();
        kept.places.insert(key.clone(), Place { cell: cell.clone(), bytes: 0, used });
        cell
    }

    /// Counts what was read, and lets go what was not used for longest while there is too much.
    fn note(&self, key: &Key, bytes: usize) {
        let mut kept = self.kept();
        if let Some(place) = kept.places.get_mut(key) {
            place.bytes = bytes;
            kept.bytes += bytes;
        }
        while kept.bytes > self.memory.most() {
            let oldest = kept.places.iter().filter(|(_, place)| place.bytes > 0).min_by_key(|(_, place)| place.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { return };
            kept.bytes -= kept.places.remove(&oldest).map_or(0, |place| place.bytes);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.memory.kept()
    }
}
