//! What stands between the cells of a text file.

use super::{
    RowSource,
    map::Delimiter,
    rows::{RowRead, Rows},
};

/// How many rows are looked at.
const ROWS: usize = 200;
/// What may stand between cells. Of those that divide a file equally well the first is the likelier one: a comma also
/// stands in texts and numbers.
const CANDIDATES: [u8; 4] = [b'\t', b'|', b';', b','];

/// How much less likely a delimiter is that divides the first row otherwise than most: lists in cells have separators, too,
/// and their column a name without any.
const OTHER_HEADER: f64 = 0.2;

/// The delimiter of a text in UTF-8: the one that divides most rows into the same number of cells.
pub fn find(text: &[u8]) -> Delimiter {
    let mut best = (Delimiter::Byte(b','), Evenness::default());
    for candidate in CANDIDATES {
        let found = Evenness::of(text, Delimiter::Byte(candidate));
        let (likely, least) = (found.likelihood(), best.1.likelihood());
        if found.cells >= 2 && (likely > least + 0.05 || (likely > least - 0.05 && found.cells > best.1.cells)) {
            best = (Delimiter::Byte(candidate), found);
        }
    }
    if best.1.share >= 0.7 {
        return best.0;
    }
    let found = Evenness::of(text, Delimiter::Whitespace);
    if found.cells >= 2 && found.share >= 0.9 && found.share > best.1.share { Delimiter::Whitespace } else { best.0 }
}

/// How evenly a delimiter divides a text.
#[derive(Clone, Copy, Debug, Default)]
struct Evenness {
    /// How many of the rows have as many cells as most.
    share: f64,
    /// How many cells that is.
    cells: usize,
    /// Whether the first row, which may name the columns, has another number of them.
    is_other_header: bool,
}

impl Evenness {
    fn of(text: &[u8], delimiter: Delimiter) -> Evenness {
        let mut rows = Rows::new(text, delimiter);
        let mut widths: Vec<usize> = Vec::new();
        // Reading from memory cannot fail.
        while widths.len() < ROWS
            && let Ok(Some(read)) = rows.next_row()
        {
            widths.push(match read {
                RowRead::Row(row) => row.len(),
                RowRead::Bad(_) => 0,
            });
        }
        let (total, first) = (widths.len(), widths.first().copied());
        widths.sort_unstable();
        let runs = widths.chunk_by(|one, other| one == other);
        let Some(most) = runs.max_by_key(|run| (run.len(), run.first().copied())) else { return Evenness::default() };
        let cells = most.first().copied().unwrap_or(0);
        Evenness { share: most.len() as f64 / total as f64, cells, is_other_header: first != Some(cells) }
    }

    fn likelihood(&self) -> f64 {
        self.share - if self.is_other_header { OTHER_HEADER } else { 0.0 }
    }
}
