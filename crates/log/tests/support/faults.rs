//! A file system that fails on demand, knows what a crash would have kept, and does not really sync.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use hearth_log::storage::{DiskStorage, SegmentFile, Storage};

pub const ENOSPC: i32 = 28;
pub const EIO: i32 = 5;
pub const EDQUOT: i32 = 122;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Create,
    Write,
    SetLen,
    Sync,
    Rename,
    Remove,
    SyncDir,
}

#[derive(Debug)]
struct Rule {
    op: Op,
    /// How many of this kind still succeed.
    pass: usize,
    /// How many fail then.
    fail: usize,
    code: i32,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    counts: HashMap<Op, usize>,
    /// After so many changes to the disk everything fails, as if the process had been killed.
    changes_left: Option<usize>,
    dead: bool,
    durable: HashMap<PathBuf, u64>,
    /// From, to, and a copy of what had the name before.
    renamed: Vec<(PathBuf, PathBuf, Option<PathBuf>)>,
    gate_closed: bool,
    at_gate: bool,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Clone, Debug, Default)]
pub struct FaultyStorage {
    inner: Arc<Inner>,
}

struct FaultyFile {
    storage: FaultyStorage,
    path: Mutex<PathBuf>,
    file: Arc<dyn SegmentFile>,
}

impl FaultyStorage {
    /// Lets `pass` operations of this kind succeed and then makes `fail` of them fail.
    pub fn fail(&self, op: Op, pass: usize, fail: usize, code: i32) {
        self.state().rules.push(Rule { op, pass, fail, code });
    }

    pub fn heal(&self) {
        self.state().rules.clear();
    }

    pub fn count(&self, op: Op) -> usize {
        self.state().counts.get(&op).copied().unwrap_or(0)
    }

    /// The process dies after so many more changes to the disk; a write that it dies in is short.
    pub fn die_after(&self, changes: usize) {
        self.state().changes_left = Some(changes);
    }

    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Syncs of files wait from now on.
    pub fn close_gate(&self) {
        self.state().gate_closed = true;
    }

    pub fn wait_until_at_gate(&self) {
        let _at_gate = self.inner.moved.wait_while(self.state(), |state| !state.at_gate).unwrap();
    }

    pub fn open_gate(&self) {
        self.state().gate_closed = false;
        self.inner.moved.notify_all();
    }

    /// What a power failure does: of each file, some of what was not synced is lost or zeros, and a rename
    /// that was not synced may not have happened. `choose` picks a number below its argument. The storage
    /// can be used again afterwards.
    pub fn crash(&self, mut choose: impl FnMut(u64) -> u64) {
        let mut state = self.state();
        let mut durable: Vec<_> = std::mem::take(&mut state.durable).into_iter().collect();
        durable.sort();
        for (path, durable) in durable {
            let Ok(file) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
            let written = file.metadata().unwrap().len();
            assert!(durable <= written, "{} lost what was durable", path.display());
            let kept = durable + choose(written - durable + 1);
            file.set_len(kept).unwrap();
            if kept > durable && choose(3) == 0 {
                let from = durable + choose(kept - durable);
                let zeros = vec![0; (kept - from) as usize];
                SegmentFile::write_at(&file, &zeros, from).unwrap();
            }
        }
        for (from, to, replaced) in std::mem::take(&mut state.renamed) {
            // A file that was deleted since has no name to lose.
            if to.exists() && choose(2) == 0 {
                fs::rename(&to, from).unwrap();
                if let Some(replaced) = replaced {
                    fs::rename(replaced, to).unwrap();
                }
            }
        }
        state.dead = false;
        state.changes_left = None;
        state.rules.clear();
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    fn enter(&self, op: Op) -> io::Result<()> {
        let mut state = self.state();
        *state.counts.entry(op).or_default() += 1;
        if state.changes_left == Some(0) {
            state.dead = true;
        }
        if state.dead {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        for rule in state.rules.iter_mut().filter(|rule| rule.op == op) {
            if rule.pass > 0 {
                rule.pass -= 1;
            } else if rule.fail > 0 {
                rule.fail -= 1;
                return Err(io::Error::from_raw_os_error(rule.code));
            }
        }
        if let Some(left) = &mut state.changes_left {
            *left -= 1;
        }
        Ok(())
    }

    fn wrap(&self, path: &Path, file: Arc<dyn SegmentFile>) -> Arc<dyn SegmentFile> {
        let path = Mutex::new(path.to_path_buf());
        Arc::new(FaultyFile { storage: self.clone(), path, file })
    }
}

impl Storage for FaultyStorage {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        self.enter(Op::Create)?;
        let file = DiskStorage.create(path)?;
        self.state().durable.insert(path.to_path_buf(), 0);
        Ok(self.wrap(path, file))
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        let file = DiskStorage.open_write(path)?;
        let len = file.size()?;
        self.state().durable.entry(path.to_path_buf()).or_insert(len);
        Ok(self.wrap(path, file))
    }

    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn SegmentFile>> {
        DiskStorage.open_read(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.enter(Op::Rename)?;
        let mut replaced = None;
        if to.exists() {
            // Outside of the log's directory, where tests look for what is left.
            static COPIES: AtomicU64 = AtomicU64::new(0);
            let beside = to.ancestors().nth(3).unwrap();
            let side = beside.join(format!("replaced-{}", COPIES.fetch_add(1, Ordering::Relaxed)));
            fs::hard_link(to, &side)?;
            replaced = Some(side);
        }
        DiskStorage.rename(from, to)?;
        let mut state = self.state();
        let durable = state.durable.remove(from).unwrap_or(0);
        state.durable.insert(to.to_path_buf(), durable);
        state.renamed.push((from.to_path_buf(), to.to_path_buf(), replaced));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.enter(Op::Remove)?;
        self.state().durable.remove(path);
        DiskStorage.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.enter(Op::SyncDir)?;
        self.state().renamed.retain(|(_, to, _)| to.parent() != Some(dir));
        Ok(())
    }
}

impl FaultyFile {
    /// The file's present name: it has its final one as soon as it was renamed.
    fn path(&self) -> PathBuf {
        let mut path = self.path.lock().unwrap();
        let renamed = path.with_extension("log");
        if !self.storage.state().durable.contains_key(&*path) {
            *path = renamed;
        }
        path.clone()
    }
}

impl SegmentFile for FaultyFile {
    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        self.file.read_at(buffer, position)
    }

    /// Writes large pieces in two steps, and a part of the first only when it fails.
    fn write_at(&self, bytes: &[u8], position: u64) -> io::Result<usize> {
        let half = if bytes.len() > 100_000 { bytes.len() / 2 } else { bytes.len() };
        if let Err(error) = self.storage.enter(Op::Write) {
            self.file.write_at(&bytes[..half / 2], position)?;
            return Err(error);
        }
        self.file.write_at(&bytes[..half], position)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.storage.enter(Op::SetLen)?;
        self.file.set_len(len)?;
        let path = self.path();
        if let Some(durable) = self.storage.state().durable.get_mut(&path) {
            *durable = len.min(*durable);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        {
            let mut state = self.storage.state();
            state.at_gate = state.gate_closed;
            self.storage.inner.moved.notify_all();
            let mut state = self.storage.inner.moved.wait_while(state, |state| state.gate_closed).unwrap();
            state.at_gate = false;
        }
        self.storage.enter(Op::Sync)?;
        let (path, len) = (self.path(), self.file.size()?);
        self.storage.state().durable.insert(path, len);
        Ok(())
    }
}
