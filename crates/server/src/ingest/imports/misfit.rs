//! Why a mapping does not fit a file.

use super::{dates::DateFormat, tags::Separator};

/// The map names a column that the file does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file has no column \"{column}\"; {available}")]
pub struct UnknownColumn {
    /// The column.
    pub column: String,
    /// What the file has, in words.
    pub available: String,
}

/// A column of dates of which nobody can say which number is the month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the dates in \"{column}\" may be {0} or {1}; say which, as in \"{column}:date({0})\"", .formats.0, .formats.1)]
pub struct AmbiguousDates {
    /// The column.
    pub column: String,
    /// What they may be.
    pub formats: (DateFormat, DateFormat),
}

/// A column of numbers that may be read in two ways.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the numbers in \"{column}\" have decimals behind a point (1,234.5) or a comma (1.234,5), and none decides which; \
     say \"{column}:number(point)\" or \"{column}:number(comma)\""
)]
pub struct AmbiguousNumbers {
    /// The column.
    pub column: String,
}

/// A column of tags with several characters that may part them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "in \"{column}\" stand {found}; say with tags_separator which of them part tags (any: all of them, none: no one)"
)]
pub struct AmbiguousTags {
    /// The column.
    pub column: String,
    /// Which were found, in words.
    pub found: String,
}

impl AmbiguousTags {
    /// Of a column and what stands in it.
    pub fn of(column: &str, found: &[Separator]) -> AmbiguousTags {
        let words: Vec<&str> = found.iter().map(|separator| separator.word()).collect();
        AmbiguousTags { column: column.to_owned(), found: words.join(" and ") }
    }
}

/// Why a mapping does not fit a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// It names a column that the file does not have.
    #[error(transparent)]
    UnknownColumn(#[from] UnknownColumn),
    /// Dates can be read in two ways.
    #[error(transparent)]
    AmbiguousDates(#[from] AmbiguousDates),
    /// Numbers can be read in two ways.
    #[error(transparent)]
    AmbiguousNumbers(#[from] AmbiguousNumbers),
    /// Cells can be parted into tags in several ways.
    #[error(transparent)]
    AmbiguousTags(#[from] AmbiguousTags),
}
