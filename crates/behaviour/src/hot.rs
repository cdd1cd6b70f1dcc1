//! Columns that are kept in memory, for all questions together, up to a bound.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    chunk::{Chunk, SharedChunk},
    error::Error,
    facet::Facet,
    month::MonthSpan,
    read::PartFile,
};

/// What is in memory. It is known by the numbers of its files, so what was replaced on disk is never found again and goes
/// when there is need of room.
pub(crate) struct Hot {
    /// Bytes that may be kept.
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    places: HashMap<Key, Place>,
    bytes: usize,
    uses: u64,
}

/// The numbers of the files, and what of them.
type Key = (Box<[u64]>, What);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum What {
    Chunk,
    Identities,
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
    Identities(Arc<Vec<i64>>),
    Facet(Arc<Facet>),
}

impl Thing {
    fn bytes(&self) -> usize {
        match self {
            Thing::Chunk(chunk) => chunk.bytes(),
            Thing::Identities(identities) => identities.capacity() * 8,
            Thing::Facet(facet) => facet.bytes(),
        }
    }
}

impl Hot {
    pub(crate) fn new(most: usize) -> Hot {
        Hot { most, kept: Mutex::default() }
    }

    /// The chunk of these files.
    pub(crate) fn chunk(&self, span: MonthSpan, files: &[PartFile]) -> Result<SharedChunk, Error> {
        let thing = self.get(files, What::Chunk, || Ok(Thing::Chunk(Arc::new(Chunk::read(span, files)?))))?;
        match thing {
            Thing::Chunk(chunk) => Ok(chunk),
            _ => Ok(Arc::new(Chunk::read(span, files)?)),
        }
    }

    /// The identity of each row of a chunk.
    pub(crate) fn identities(&self, chunk: &Chunk, files: &[PartFile]) -> Result<Arc<Vec<i64>>, Error> {
        let read = || Ok(Arc::new(chunk.identities(files)?));
        match self.get(files, What::Identities, || Ok(Thing::Identities(read()?)))? {
            Thing::Identities(identities) => Ok(identities),
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
        let key: Key = (files.iter().map(|file| file.number).collect(), what);
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

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *self.kept() = Kept::default();
    }

    /// How many bytes are kept.
    pub(crate) fn bytes(&self) -> usize {
        self.kept().bytes
    }

    /// How many bytes may be kept.
    pub(crate) fn most(&self) -> usize {
        self.most
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
        while kept.bytes > self.most {
            let oldest = kept.places.iter().filter(|(_, place)| place.bytes > 0).min_by_key(|(_, place)| place.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { return };
            kept.bytes -= kept.places.remove(&oldest).map_or(0, |place| place.bytes);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
