//! By what a file and an import of it are known again.

use std::io::{self, Read};

use base::ids::WorkspaceId;
use xxhash_rust::xxh3::Xxh3;

use super::ImportMap;

/// By what an import is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprints {
    /// The content alone, in a workspace: two imports of it never run at once.
    pub content: String,
    /// The content and the way it is read: an import that goes on where it was, and the messages of its rows.
    pub import: String,
}

/// Reads `input` to its end and hashes it.
pub fn fingerprints(mut input: impl Read, map: &ImportMap, workspace: WorkspaceId) -> io::Result<Fingerprints> {
    let mut hash = Xxh3::new();
    hash.update(&workspace.0.to_le_bytes());
    hash.update(map.canonical().as_bytes());
    hash.update(&[0]);
    let mut content = content_hash(workspace);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                hash.update(&buffer[..length]);
                content.update(&buffer[..length]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Fingerprints { content: hex(&content), import: hex(&hash) })
}

/// A hash of a file's content in a workspace, for who sees the bytes pass by.
pub fn content_hash(workspace: WorkspaceId) -> Xxh3 {
    let mut hash = Xxh3::new();
    hash.update(&workspace.0.to_le_bytes());
    hash
}

/// A hash as text.
pub fn hex(hash: &Xxh3) -> String {
    format!("{:032x}", hash.digest128())
}
