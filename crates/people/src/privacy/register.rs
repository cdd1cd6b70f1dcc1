//! The register of erasures: a file that only grows, in the data directory and outside of what a restore brings back.
//! It holds keyed hashes and no personal data, and is what keeps an old backup from bringing the erased back.
//!
//! One JSON object a line. The first names the form and the key's own mark, so that a register of another installation
//! is noticed. A torn last line is left over from a crash, before which nothing was said to be done.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use anyhow::Context;
use base::{
    Time,
    ids::{ErasureId, WorkspaceId},
    time::as_millis,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The file's name in a data directory and in a backup.
pub const REGISTER_FILE: &str = "erasures.register";

const FORMAT: u64 = 1;

/// One erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which.
    pub erasure: ErasureId,
    /// Whose data it was.
    pub workspace: WorkspaceId,
    /// What arrived until then is erased.
    #[serde(with = "as_millis")]
    pub at: Time,
    /// The marks of his identities and of the members.
    pub marks: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    hearth_erasures: u64,
    key: String,
}

/// A register that is added to.
pub struct Register {
    path: PathBuf,
    key: String,
    /// One writer at a time.
    writing: Mutex<()>,
}

impl Register {
    /// The register in `dir`; `key` is the mark of the key under which its marks are made.
    pub fn in_dir(dir: &Path, key: String) -> Register {
        Register { path: dir.join(REGISTER_FILE), key, writing: Mutex::new(()) }
    }

    /// A register under the same key in another directory.
    pub fn beside(&self, dir: &Path) -> Register {
        Register::in_dir(dir, self.key.clone())
    }

    /// Everything in it, oldest first.
    pub fn entries(&self) -> anyhow::Result<Vec<Entry>> {
        read(&self.path, &self.key)
    }

    /// Adds those that are not there yet, and makes them durable.
    pub fn add(&self, entries: &[Entry]) -> anyhow::Result<()> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let known: HashSet<ErasureId> = self.entries()?.into_iter().map(|entry| entry.erasure).collect();
        let new: Vec<&Entry> = entries.iter().filter(|entry| !known.contains(&entry.erasure)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).with_context(|| format!("cannot write {}", self.path.display()))?;
        let mut text = String::new();
        match ends_with_newline(&mut file)? {
            None => text += &format!("{}\n", json!(Header { hearth_erasures: FORMAT, key: self.key.clone() })),
            Some(true) => {}
            Some(false) => text += "\n",
        }
        for entry in new {
            text += &format!("{}\n", json!(entry));
        }
        file.seek(SeekFrom::End(0))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        #[cfg(unix)]
        if let Some(dir) = self.path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    }
}

/// Reads a register file; none is an empty one. Fails when it was made under another key.
pub fn read(path: &Path, key: &str) -> anyhow::Result<Vec<Entry>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut lines = text.lines();
    let Some(first) = lines.next() else { return Ok(Vec::new()) };
    let header: Header = serde_json::from_str(first).with_context(|| format!("{} is no register", path.display()))?;
    anyhow::ensure!(header.hearth_erasures == FORMAT, "{} is of another version of Hearth", path.display());
    anyhow::ensure!(header.key == key, "{} belongs to another installation: its key is another one", path.display());
    let mut entries = Vec::new();
    let mut torn = 0;
    for line in lines {
        match serde_json::from_str(line) {
            Ok(entry) => entries.push(entry),
            Err(_) => torn += 1,
        }
    }
    if torn > 0 {
        tracing::warn!(torn, "lines of the register of erasures are torn; their erasures are noted anew");
    }
    Ok(entries)
}

/// `None` for an empty file.
fn ends_with_newline(file: &mut File) -> io::Result<Option<bool>> {
    if file.metadata()?.len() == 0 {
        return Ok(None);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(Some(last == *b"\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: i64) -> Entry {
        Entry {
            erasure: ErasureId(number),
            workspace: WorkspaceId(1),
            at: Time::from_millis(number),
            marks: vec!["a".to_owned(), "b".to_owned()],
        }
    }

    #[test]
    fn what_is_added_is_there_once_and_a_torn_line_hides_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let register = Register::in_dir(dir.path(), "k".to_owned());
        assert_eq!(register.entries().unwrap(), []);
        register.add(&[entry(1)]).unwrap();
        register.add(&[entry(1), entry(2)]).unwrap();
        let path = dir.path().join(REGISTER_FILE);
        let mut text = std::fs::read_to_string(&path).unwrap();
        text += "{\"erasure\":\"ers_00";
        std::fs::write(&path, text).unwrap();
        register.add(&[entry(3)]).unwrap();
        assert_eq!(register.entries().unwrap(), [entry(1), entry(2), entry(3)]);
    }

    #[test]
    fn the_register_of_another_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        Register::in_dir(dir.path(), "k".to_owned()).add(&[entry(1)]).unwrap();
        let error = Register::in_dir(dir.path(), "other".to_owned()).entries().unwrap_err();
        assert!(error.to_string().contains("another installation"), "{error}");
    }
}
