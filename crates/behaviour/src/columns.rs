//! The columns of one workspace on disk: files of Parquet, and the manifest that says which of them count.
//!
//! Invariants: a file is complete and on the disk before the manifest names it, and is never changed afterwards; what no
//! manifest names is nothing; the manifest says with the files how far in the log they reach, so events that are read
//! again after a crash are not in them yet.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    num::NonZero,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::{
    compact::{compact, places_left, rewrite},
    error::Error,
    manifest::{Manifest, PartEntry, sync_directory},
    month::{Month, MonthSpan},
    parallel::in_parallel,
    part::{self, Written},
    read::{PartFile, Wanted},
    rows::Rows,
};

/// Members are spread over so many buckets. It is part of the form of the files.
pub const BUCKETS: u32 = 16;

/// The bucket of a member: the highest four bits of the finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable
/// Pseudorandom Number Generators, 2014).
pub fn bucket_of(owner: i64) -> u32 {
    let mut hash = owner as u64;
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((hash ^ (hash >> 31)) >> 60) as u32
}

/// The columns of a workspace.
pub struct Columns {
    directory: PathBuf,
    /// Held while files are written.
    writing: Mutex<()>,
    current: Mutex<Arc<Version>>,
    /// The number of the next file. One that was given to a file is not given again, whatever became of it.
    next_file: AtomicU64,
    threads: usize,
}

/// What the columns are at one moment. Its files stay for as long as somebody holds it.
pub struct Version {
    manifest: Manifest,
    /// The version that came after it and the files that are not in that one. The next lives at least as long, so files
    /// go in the order in which they were given up.
    after: OnceLock<(Arc<Version>, Vec<PathBuf>)>,
}

impl Deref for Version {
    type Target = Manifest;

    fn deref(&self) -> &Manifest {
        &self.manifest
    }
}

impl Drop for Version {
    fn drop(&mut self) {
        for path in self.after.get().into_iter().flat_map(|(_, given_up)| given_up) {
            // What cannot be removed now is removed at the next start.
            let _ = fs::remove_file(path);
        }
    }
}

impl Columns {
    /// Opens the columns in a directory, which is made when it is not there, and removes files that no manifest names.
    pub fn open(directory: &Path) -> Result<Columns, Error> {
        fs::create_dir_all(directory).map_err(Error::io(directory))?;
        let manifest = Manifest::load(directory)?;
        remove_strangers(directory, &manifest)?;
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let next_file = AtomicU64::new(manifest.next_file);
        let current = Mutex::new(Arc::new(Version { manifest, after: OnceLock::new() }));
        Ok(Columns { directory: directory.to_owned(), writing: Mutex::default(), current, next_file, threads })
    }

    /// What they are now.
    pub fn manifest(&self) -> Arc<Version> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Commits what the columns are from now on; these files are not in it any more. When that fails nobody can tell which
    /// manifest the disk has, so no file is removed before the next start.
    fn commit(&self, mut manifest: Manifest, given_up: Vec<PathBuf>) -> Result<(), Error> {
        manifest.next_file = self.next_file.load(Ordering::Relaxed);
        manifest.commit(&self.directory)?;
        let next = Arc::new(Version { manifest, after: OnceLock::new() });
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = current.after.set((next.clone(), given_up));
        *current = next;
        Ok(())
    }

    /// Where they are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// How many threads they use.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Adds events, and notes how far in the log they reach. When it fails, nothing has changed.
    pub fn add(&self, rows: &Rows, cursors: Vec<u64>) -> Result<(), Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut manifest = self.manifest().manifest.clone();
        manifest.cursors = cursors;
        self.put(&mut manifest, rows)?;
        self.commit(manifest, Vec::new())
    }

    /// Writes files of these events, and names them.
    fn put(&self, manifest: &mut Manifest, rows: &Rows) -> Result<(), Error> {
        manifest.catalogue.learn(rows);
        let pieces = cut(rows);
        let entry = |piece: &Piece| PartEntry {
            file: self.next_file.fetch_add(1, Ordering::Relaxed),
            bucket: piece.bucket,
            month: piece.month.number(),
            rows: piece.places.len() as u64,
            bytes: 0,
            footer: 0,
            checksum: 0,
        };
        let entries = pieces.iter().map(entry).collect();
        let catalogue = &manifest.catalogue;
        let written = self.write(entries, |index, path| part::write(path, rows, &pieces[index].places, catalogue))?;
        manifest.parts.extend(written);
        Ok(())
    }

    /// Puts together what is in several files, one bucket and month after the other, while nothing else is written. With more
    /// than two at least, a file that is much larger than all smaller ones together stays as it is, so that each event is
    /// written anew only a few times. Returns how many files there are fewer.
    pub fn compact(&self, least: usize) -> Result<usize, Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.manifest();
        let mut pieces: BTreeMap<(u32, i32), Vec<PartEntry>> = BTreeMap::new();
        for part in &before.parts {
            pieces.entry((part.bucket, part.month)).or_default().push(part.clone());
        }
        let pieces: Vec<Vec<PartEntry>> = pieces
            .into_values()
            .map(|parts| if least > 2 { small_ones(parts) } else { parts })
            .filter(|parts| parts.len() >= least.max(2))
            .collect();
        if pieces.is_empty() {
            return Ok(0);
        }
        let mut manifest = before.manifest.clone();
        let entry = |parts: &Vec<PartEntry>| PartEntry {
            file: self.next_file.fetch_add(1, Ordering::Relaxed),
            rows: parts.iter().map(|part| part.rows).sum(),
            ..parts[0].clone()
        };
        let written = self.write(pieces.iter().map(entry).collect(), |index, path| {
            let parts = pieces[index].iter();
            let files: Vec<PartFile> = parts.map(|part| PartFile::new(part, &self.directory)).collect();
            compact(&files, path, &manifest.catalogue)
        })?;
        let gone: HashSet<u64> = pieces.iter().flatten().map(|part| part.file).collect();
        manifest.parts.retain(|part| !gone.contains(&part.file));
        manifest.parts.extend(written);
        let fewer = before.parts.len() - manifest.parts.len();
        let given_up = before.parts.iter().filter(|part| gone.contains(&part.file));
        self.commit(manifest, given_up.map(|part| part.path(&self.directory)).collect())?;
        Ok(fewer)
    }

    /// Writes the files anew without some events. Returns how many those were.
    pub fn remove(&self, gone: &Gone<'_>) -> Result<u64, Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.manifest();
        let buckets: Option<BTreeSet<u32>> =
            gone.owners.as_ref().map(|owners| owners.iter().map(|owner| bucket_of(*owner)).collect());
        let may_have = |part: &&PartEntry| buckets.as_ref().is_none_or(|buckets| buckets.contains(&part.bucket));
        let parts: Vec<&PartEntry> = before.parts.iter().filter(may_have).collect();
        let file = |part: &PartEntry| PartFile::new(part, &self.directory);
        let left = in_parallel(self.threads, parts.len(), |index| places_left(&file(parts[index]), gone))?;
        let changed: Vec<(&PartEntry, Vec<u32>)> =
            parts.into_iter().zip(left).filter(|(part, left)| (left.len() as u64) < part.rows).collect();
        if changed.is_empty() {
            return Ok(0);
        }
        let mut manifest = before.manifest.clone();
        let remaining: Vec<&(&PartEntry, Vec<u32>)> = changed.iter().filter(|(_, left)| !left.is_empty()).collect();
        let entry = |(part, left): &&(&PartEntry, Vec<u32>)| PartEntry {
            file: self.next_file.fetch_add(1, Ordering::Relaxed),
            rows: left.len() as u64,
            ..(*part).clone()
        };
        let written = self.write(remaining.iter().map(entry).collect(), |index, path| {
            let (part, left) = remaining[index];
            rewrite(&file(part), path, &manifest.catalogue, left)
        })?;
        let removed = changed.iter().map(|(part, left)| part.rows - left.len() as u64).sum();
        let numbers: HashSet<u64> = changed.iter().map(|(part, _)| part.file).collect();
        manifest.parts.retain(|part| !numbers.contains(&part.file));
        manifest.parts.extend(written);
        self.commit(manifest, changed.iter().map(|(part, _)| part.path(&self.directory)).collect())?;
        Ok(removed)
    }

    /// Puts these events in the place of what these files hold. When it fails, nothing has changed.
    pub fn replace(&self, files: &[PartEntry], rows: &Rows) -> Result<(), Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut manifest = self.manifest().manifest.clone();
        let gone: HashSet<u64> = files.iter().map(|part| part.file).collect();
        manifest.parts.retain(|part| !gone.contains(&part.file));
        self.put(&mut manifest, rows)?;
        self.commit(manifest, files.iter().map(|part| part.path(&self.directory)).collect())
    }

    /// Begins anew: takes all files out.
    pub fn clear(&self) -> Result<(), Error> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.manifest();
        let given_up = before.parts.iter().map(|part| part.path(&self.directory)).collect();
        self.commit(Manifest::default(), given_up)
    }

    /// Reads all files, and says which of them are not what was written.
    pub fn damaged(&self) -> Vec<(PartEntry, Error)> {
        let manifest = self.manifest();
        let read = |part: &PartEntry| -> Result<(), Error> {
            let file = PartFile::new(part, &self.directory);
            file.open(Wanted::All)?
                .reader
                .try_for_each(|batch| batch.map(drop))
                .map_err(|error| Error::damaged(&file.path, error))
        };
        let check = |index: usize| Ok::<_, Error>(read(&manifest.parts[index]).err());
        let found = in_parallel(self.threads, manifest.parts.len(), check).unwrap_or_default();
        let found = found.into_iter().zip(&manifest.parts);
        found.filter_map(|(error, part)| error.map(|error| (part.clone(), error))).collect()
    }

    /// Has a file written for each entry, by its place and path, and waits until the disk has their names; removes them again
    /// when one fails.
    fn write(
        &self,
        mut entries: Vec<PartEntry>,
        file: impl Fn(usize, &Path) -> Result<Written, Error> + Sync,
    ) -> Result<Vec<PartEntry>, Error> {
        let paths: Vec<PathBuf> = entries.iter().map(|entry| entry.path(&self.directory)).collect();
        let months: BTreeSet<&Path> = paths.iter().filter_map(|path| path.parent()).collect();
        let buckets: BTreeSet<&Path> = months.iter().filter_map(|month| month.parent()).collect();
        let written = (|| {
            for month in &months {
                fs::create_dir_all(month).map_err(Error::io(*month))?;
            }
            let written = in_parallel(self.threads, paths.len(), |index| file(index, &paths[index]))?;
            let mut folders = months.iter().chain(&buckets).copied().chain([self.directory.as_path()]);
            folders.try_for_each(sync_directory)?;
            Ok(written)
        })();
        if written.is_err() {
            for path in &paths {
                // What cannot be removed now is removed at the next start.
                let _ = fs::remove_file(path);
            }
        }
        for (entry, written) in entries.iter_mut().zip(written?) {
            (entry.bytes, entry.footer, entry.checksum) = (written.bytes, written.footer, written.checksum);
        }
        Ok(entries)
    }
}

/// Those that are not much larger than all smaller ones together.
fn small_ones(mut parts: Vec<PartEntry>) -> Vec<PartEntry> {
    const MUCH: u64 = 4;
    parts.sort_unstable_by_key(|part| (part.rows, part.file));
    let mut rows = 0;
    let is_large = |part: &PartEntry| {
        let is_large = rows > 0 && part.rows > MUCH * rows;
        rows += part.rows;
        is_large
    };
    let small = parts.iter().position(is_large).unwrap_or(parts.len());
    parts.truncate(small);
    parts
}

/// Which events are to be taken out.
pub struct Gone<'g> {
    /// The members to whom they first belonged; `None` when that may be anybody.
    pub owners: Option<BTreeSet<i64>>,
    /// Whether the event of an identity, with this time in milliseconds and name, is one of them.
    pub is: &'g (dyn Fn(i64, i64, &str) -> bool + Sync),
}

/// Events of one bucket and month, in the order of the file.
struct Piece {
    bucket: u32,
    month: Month,
    places: Vec<u32>,
}

fn cut(rows: &Rows) -> Vec<Piece> {
    let mut pieces: BTreeMap<(u32, Month), Vec<u32>> = BTreeMap::new();
    let mut span: Option<MonthSpan> = None;
    for place in 0..rows.len() {
        let time = rows.times[place];
        let known = span.filter(|span| span.contains(time)).unwrap_or_else(|| Month::of(time).span());
        span = Some(known);
        pieces.entry((bucket_of(rows.owners[place]), known.month)).or_default().push(place as u32);
    }
    let sorted = pieces.into_iter().map(|((bucket, month), mut places)| {
        places.sort_unstable_by_key(|place| {
            let place = *place as usize;
            (rows.owners[place], rows.times[place], rows.ids[place])
        });
        Piece { bucket, month, places }
    });
    sorted.collect()
}

/// Removes files of a write that was not committed.
fn remove_strangers(directory: &Path, manifest: &Manifest) -> Result<(), Error> {
    let known: HashSet<PathBuf> = manifest.parts.iter().map(|part| part.path(directory)).collect();
    for bucket in folders(directory)? {
        for month in folders(&bucket)? {
            for file in fs::read_dir(&month).map_err(Error::io(&month))? {
                let path = file.map_err(Error::io(&month))?.path();
                if path.extension().is_some_and(|extension| extension == "parquet") && !known.contains(&path) {
                    fs::remove_file(&path).map_err(Error::io(&path))?;
                }
            }
        }
    }
    Ok(())
}

fn folders(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(Error::io(directory))? {
        let path = entry.map_err(Error::io(directory))?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    Ok(found)
}
