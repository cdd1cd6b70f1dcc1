//! Chunks that are kept in memory, for all questions together, up to a bound.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    chunk::{Chunk, SharedChunk},
    error::Error,
    month::MonthSpan,
    read::PartFile,
};

/// The chunks in memory. A chunk is known by the numbers of its files, so what was replaced on disk is never found again
/// and goes when there is need of room.
pub(crate) struct Hot {
    /// Bytes that may be kept.
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    places: HashMap<Box<[u64]>, Place>,
    bytes: usize,
    uses: u64,
}

struct Place {
    chunk: Arc<Mutex<Option<SharedChunk>>>,
    bytes: usize,
    used: u64,
}

impl Hot {
    pub(crate) fn new(most: usize) -> Hot {
        Hot { most, kept: Mutex::default() }
    }

    /// The chunk of these files; whoever asks for one that is being read waits for it.
    pub(crate) fn get(&self, span: MonthSpan, files: &[PartFile]) -> Result<SharedChunk, Error> {
        let key: Box<[u64]> = files.iter().map(|file| file.number).collect();
        let cell = self.cell(&key);
        let mut chunk = cell.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chunk) = chunk.as_ref() {
            return Ok(chunk.clone());
        }
        let read = match Chunk::read(span, files) {
            Ok(read) => Arc::new(read),
            Err(error) => {
                self.kept().places.remove(&key);
                return Err(error);
            }
        };
        *chunk = Some(read.clone());
        self.note(key, read.bytes());
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

    fn cell(&self, key: &[u64]) -> Arc<Mutex<Option<SharedChunk>>> {
        let mut kept = self.kept();
        kept.uses += 1;
        let used = kept.uses;
        if let Some(place) = kept.places.get_mut(key) {
            place.used = used;
            return place.chunk.clone();
        }
        let chunk = Arc::<Mutex<Option<SharedChunk>>>::default();
        kept.places.insert(key.into(), Place { chunk: chunk.clone(), bytes: 0, used });
        chunk
    }

    /// Counts a chunk that was read, and lets go what was not used for longest while there is too much.
    fn note(&self, key: Box<[u64]>, bytes: usize) {
        let mut kept = self.kept();
        if let Some(place) = kept.places.get_mut(&key) {
            place.bytes = bytes;
            kept.bytes += bytes;
        }
        while kept.bytes > self.most {
            let oldest = kept.places.iter().filter(|(_, place)| place.bytes > 0).min_by_key(|(_, place)| place.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { return };
            kept.bytes -= kept.places.remove(&oldest).map_or(0, |place| place.bytes);
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
