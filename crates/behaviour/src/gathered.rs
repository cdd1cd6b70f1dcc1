//! A chunk that is put together from events of other places: from memory, and from other chunks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    chunk::{Chunk, SharedChunk},
    error::Error,
    facet::{Facet, FacetBuilder},
    hot::Hot,
    month::MonthSpan,
    read::PartFile,
    rows::{Dictionary, Rows},
};

/// A chunk, and where its rows come from.
#[derive(Debug)]
pub(crate) struct Gathered {
    pub(crate) chunk: Chunk,
    /// The id of each row's event.
    pub(crate) ids: Vec<i64>,
    sources: Vec<Source>,
    /// For each row its source and its place there.
    places: Vec<(u32, u32)>,
    facets: Mutex<HashMap<Box<str>, Arc<Facet>>>,
}

/// Where rows come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// From the columns.
    Chunk(SharedChunk, Arc<[PartFile]>),
    /// From memory.
    Rows(Arc<Rows>),
}

impl Gathered {
    /// The values of a property.
    pub(crate) fn facet(&self, hot: &Hot, name: &str) -> Result<Arc<Facet>, Error> {
        if let Some(facet) = self.facets.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(facet.clone());
        }
        let of_chunk = |source: &Source| match source {
            Source::Chunk(chunk, files) => hot.facet(chunk, files, name).map(Some),
            Source::Rows(_) => Ok(None),
        };
        let facets: Vec<Option<Arc<Facet>>> = self.sources.iter().map(of_chunk).collect::<Result<_, Error>>()?;
        let mut builder = FacetBuilder::new(name, self.places.len());
        for (source, place) in &self.places {
            match (&self.sources[*source as usize], &facets[*source as usize]) {
                (Source::Rows(rows), _) => builder.push(rows.properties(*place as usize)),
                (Source::Chunk(..), Some(facet)) => builder.copy(facet, *place),
                (Source::Chunk(..), None) => {}
            }
        }
        let facet = Arc::new(builder.finish());
        self.facets.lock().unwrap_or_else(PoisonError::into_inner).insert(name.into(), facet.clone());
        Ok(facet)
    }
}

/// Events that are put together, in any order.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    rows: Vec<GatheredRow>,
    dictionary: Dictionary,
    sources: Vec<Source>,
}

/// Sorted by member, time and id, as everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct GatheredRow {
    member: i64,
    time: i64,
    id: i64,
    place: (u32, u32),
    name: u32,
}

impl Gathering {
    /// The rows that are pushed from now on come from there.
    pub(crate) fn begin(&mut self, source: &Source) {
        self.sources.push(source.clone());
    }

    /// Adds the row at a place of the last source.
    pub(crate) fn push(&mut self, member: i64, time: i64, id: i64, place: u32, name: &str) {
        let name = self.dictionary.number(name);
        let source = self.sources.len() as u32 - 1;
        self.rows.push(GatheredRow { member, time, id, place: (source, place), name });
    }

    /// The chunk of these rows, which are all of one month.
    pub(crate) fn finish(mut self, span: MonthSpan) -> Gathered {
        self.rows.sort_unstable();
        let places = self.rows.iter().map(|row| row.place).collect();
        let ids = self.rows.iter().map(|row| row.id).collect();
        let rows = self.rows.into_iter().map(|row| (row.member, row.time, row.name));
        let chunk = Chunk::of_sorted(span, rows, &self.dictionary);
        Gathered { chunk, ids, sources: self.sources, places, facets: Mutex::default() }
    }
}
