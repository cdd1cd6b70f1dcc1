//! What can go wrong with the columns.

use std::{io, path::PathBuf};

/// Why columns could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk refused something.
    #[error("{path}: {source}")]
    Io {
        /// At which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A file is not what was written.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// How one can tell.
        reason: String,
    },
    /// The question needs more than there is room for.
    #[error("too many: {what}")]
    TooMany {
        /// What there are too many of.
        what: String,
    },
    /// Nobody wants the answer any more.
    #[error("the question was given up")]
    GivenUp,
}

impl Error {
    /// Of a file operation.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        |source| Error::Io { path, source }
    }

    /// Of a file whose content is wrong.
    pub(crate) fn damaged(path: impl Into<PathBuf>, reason: impl ToString) -> Error {
        Error::Damaged { path: path.into(), reason: reason.to_string() }
    }
}
