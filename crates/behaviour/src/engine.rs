//! Asks the columns: each bucket of members is a piece of work for one thread.

use std::{collections::BTreeMap, path::PathBuf};

use crate::{
    chunk::{Chunk, SharedChunk},
    columns::{BUCKETS, Columns, in_parallel},
    error::Error,
    hot::Hot,
    month::{Month, MonthSpan},
    scan::{Kernel, Range, scan},
};

/// Answers questions from the columns of a workspace.
pub struct Engine {
    columns: Columns,
    hot: Hot,
}

impl Engine {
    /// Over these columns, with so many bytes of them kept in memory at the most.
    pub fn new(columns: Columns, most_bytes: usize) -> Engine {
        Engine { columns, hot: Hot::new(most_bytes) }
    }

    /// The columns on disk.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Forgets what is kept in memory.
    pub fn forget(&self) {
        self.hot.clear();
    }

    /// How many bytes are kept in memory.
    pub fn kept_bytes(&self) -> usize {
        self.hot.bytes()
    }

    /// Takes all members through a kernel.
    pub fn ask<K: Kernel>(&self, range: &Range<'_>, kernel: &K) -> Result<K::Partial, Error> {
        let manifest = self.columns.manifest();
        let mut files: BTreeMap<(u32, i32), Vec<(u64, PathBuf)>> = BTreeMap::new();
        for part in &manifest.parts {
            let path = part.path(self.columns.directory());
            files.entry((part.bucket, part.month)).or_default().push((part.file, path));
        }
        let partials = in_parallel(self.columns.threads(), BUCKETS as usize, |bucket| {
            let bucket = bucket as u32;
            let of_bucket = files.range((bucket, i32::MIN)..=(bucket, i32::MAX));
            let months = of_bucket.map(|((_, month), files)| (Month::from_number(*month).span(), files));
            let wanted = months.filter(|(span, _): &(MonthSpan, _)| span.from < range.to && range.from < span.to);
            let chunks: Result<Vec<SharedChunk>, Error> =
                wanted.map(|(span, files)| self.hot.get(span, files)).collect();
            let chunks = chunks?;
            let chunks: Vec<&Chunk> = chunks.iter().map(AsRef::as_ref).collect();
            let mut partial = kernel.nothing();
            scan(&chunks, range, kernel, &mut partial);
            Ok(partial)
        })?;
        let mut whole = kernel.nothing();
        for partial in partials {
            kernel.add(&mut whole, partial);
        }
        Ok(whole)
    }
}
