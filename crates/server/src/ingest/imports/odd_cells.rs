//! Cells that are not what nearly all others of their column are, and cells that say that there is nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dates::DateFormat;

/// One cell in so many may be odd without changing what its column is.
const ONE_IN: usize = 20;
/// In a short column a single one may be odd beside so many readable ones: with fewer, nobody knows which is the odd one.
const READABLE_BESIDE_ONE: usize = 3;
/// What people and programs write where there is nothing, in small letters.
const NOTHING: [&str; 14] =
    ["-", "--", "—", "——", "/", "n/a", "#n/a", "na", "null", "无", "無", "未知", "暂无", "暫無"];

/// Cells of a column that are not what the column is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OddCells {
    /// How many say that there is nothing, such as `-`, `N/A` and `未知`; they are taken for empty.
    pub nothing: u64,
    /// How many do not fit the others. Of a column of dates, which reject their rows; of a column of texts nearly all of
    /// whose cells are numbers, those that are none.
    pub misfits: u64,
    /// Of how many cells that were looked at and say something.
    pub of: u64,
    /// One that is no date like the others; none for a key that may not look at members (`people:read`), and none once
    /// the file is deleted.
    pub example: Option<String>,
}

/// How all or nearly all dates among some cells are written.
#[derive(Debug)]
pub struct FoundDates<'c> {
    /// How most of them are.
    pub format: DateFormat,
    /// What they may be as well, since no cell decides which number is the month, or some decide it otherwise.
    pub twin: Option<DateFormat>,
    /// Whether every cell has this format.
    pub are_all: bool,
    /// How many cells are no dates of either format.
    pub misfits: usize,
    /// The first of those.
    pub example: Option<&'c str>,
}

/// Whether a text only says that there is nothing. It is no date, no number and no truth value, but nothing is wrong with
/// its row, either; as a text it stays what it is.
pub fn says_nothing(text: &str) -> bool {
    let text = text.trim();
    NOTHING.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether so many of some cells are of one form that the others are odd: all but one in twenty, and in a short column,
/// in which even one is more than that, all but one.
pub fn are_nearly_all(fitting: usize, of: usize) -> bool {
    let others = of - fitting;
    others == 0 || others * ONE_IN <= of || (others == 1 && fitting >= READABLE_BESIDE_ONE)
}

/// How the dates among cells that say something are written, if nearly all are written in one of these formats.
///
/// What may be odd says nothing of which number is the month: a single cell decides it, as it does without odd ones, but
/// never against another one. Of a column in which somebody wrote both, nobody knows what the other cells mean.
pub fn dates_among<'c>(
    cells: impl Iterator<Item = &'c str> + Clone,
    formats: impl Iterator<Item = DateFormat>,
) -> Option<FoundDates<'c>> {
    let of = cells.clone().count();
    if of == 0 {
        return None;
    }
    let mut left: Vec<(DateFormat, usize)> = formats.map(|format| (format, 0)).collect();
    for cell in cells.clone() {
        for (format, missed) in &mut left {
            *missed += usize::from(format.read(cell).is_none());
        }
        // Those that have missed too many already are not tried any more.
        left.retain(|(_, missed)| are_nearly_all(of - *missed, of));
        if left.is_empty() {
            return None;
        }
    }
    // Of those that read the same the first is the likelier one.
    let (format, missed) = left.into_iter().min_by_key(|(_, missed)| *missed)?;
    let twin = format.twin();
    let (mut decides, mut contradicts) = (false, false);
    let mut misfits = 0;
    let mut example = None;
    for cell in cells {
        let is_of_twin = twin.is_some_and(|twin| twin.read(cell).is_some());
        match (format.read(cell).is_some(), is_of_twin) {
            (true, true) => {}
            (true, false) => decides = true,
            (false, true) => contradicts = true,
            (false, false) => {
                misfits += 1;
                example = example.or(Some(cell));
            }
        }
    }
    let twin = twin.filter(|_| contradicts || !decides);
    Some(FoundDates { format, twin, are_all: missed == 0, misfits, example })
}
