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

/// The delimiter of a text in UTF-8: the one that divides most rows into the same number of cells.
pub fn find(text: &[u8]) -> Delimiter {
    let mut best = (Delimiter::Byte(b','), 0.0, 1);
    for candidate in CANDIDATES {
        let (share, cells) = evenness(text, Delimiter::Byte(candidate));
        if cells >= 2 && (share > best.1 + 0.05 || (share > best.1 - 0.05 && cells > best.2)) {
            best = (Delimiter::Byte(candidate), share, cells);
        }
    }
    if best.1 >= 0.7 {
        return best.0;
    }
    let (share, cells) = evenness(text, Delimiter::Whitespace);
    if cells >= 2 && share >= 0.9 && share > best.1 { Delimiter::Whitespace } else { best.0 }
}

/// How many cells most rows have, and how many rows do.
fn evenness(text: &[u8], delimiter: Delimiter) -> (f64, usize) {
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
    let total = widths.len();
    widths.sort_unstable();
    let runs = widths.chunk_by(|one, other| one == other);
    let most = runs.max_by_key(|run| (run.len(), run.first().copied()));
    most.map_or((0.0, 0), |run| (run.len() as f64 / total as f64, run.first().copied().unwrap_or(0)))
}
