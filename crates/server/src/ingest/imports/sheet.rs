//! Rows of a workbook (.xlsx), read with bounded memory behind [`sheet_guard`].

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

use base::{Code, Problem};
use calamine::{DataRef, Reader, Xlsx};

use super::{
    MAX_COLUMNS, Reject, RowSource,
    rows::{MAX_ROW_BYTES, Row, RowRead, too_long},
    sheet_guard::{self, too_large, unreadable},
};

const ROWS_AT_ONCE: usize = 500;
const MAX_SHEETS: usize = 1_000;

/// A part of a sheet on its way from the thread that unpacks it; nothing at the end of the sheet.
type Piece = Result<Option<Vec<RowRead>>, Problem>;

/// The rows of one sheet.
pub struct SheetRows {
    pieces: Receiver<Piece>,
    ready: std::vec::IntoIter<RowRead>,
    is_over: bool,
    last_row: u64,
    bytes: u64,
    declared_rows: u64,
    sheets: Vec<String>,
}

/// The names of the sheets, after the guard has let the file pass.
fn sheets(path: &Path) -> Result<Vec<String>, Problem> {
    sheet_guard::check(File::open(path).map_err(|error| unreadable(&error.to_string()))?)?;
    let names = open(path)?.sheet_names();
    match names.len() {
        0 => Err(unreadable("it has no sheet")),
        1..=MAX_SHEETS => Ok(names),
        _ => Err(too_large(format!("it has more than {MAX_SHEETS} sheets"))),
    }
}

fn open(path: &Path) -> Result<Xlsx<BufReader<File>>, Problem> {
    let file = File::open(path).map_err(|error| unreadable(&error.to_string()))?;
    Xlsx::new(BufReader::new(file)).map_err(|error| unreadable(&error.to_string()))
}

impl SheetRows {
    /// Begins to read a sheet, the first when none is named.
    pub fn open(path: &Path, sheet: Option<&str>) -> Result<SheetRows, Problem> {
        let names = sheets(path)?;
        let name = match sheet {
            None => names.first().cloned().unwrap_or_default(),
            Some(name) if names.iter().any(|known| known == name) => name.to_owned(),
            Some(name) => {
                let message = format!("the workbook has no sheet \"{name}\"; it has {}", names.join(", "));
                return Err(Problem::with(Code::InvalidMapping, message));
            }
        };
        let path: PathBuf = path.to_owned();
        let (send, pieces) = sync_channel(4);
        let (tell, told) = sync_channel(1);
        // The reader borrows from its workbook, so it lives on a stack of its own; it ends when nobody listens.
        std::thread::Builder::new()
            .name("sheet".to_owned())
            .spawn(move || {
                let outcome = read_all(&path, &name, &tell, &send);
                drop(tell);
                if let Err(problem) = outcome {
                    let _ = send.send(Err(problem));
                }
            })
            .map_err(|error| unreadable(&error.to_string()))?;
        // Nothing comes when the sheet cannot be read; the first piece then says why.
        let declared_rows = told.recv().unwrap_or(0);
        Ok(SheetRows::of_pieces(pieces, declared_rows, names))
    }

    fn of_pieces(pieces: Receiver<Piece>, declared_rows: u64, sheets: Vec<String>) -> SheetRows {
        let ready = Vec::new().into_iter();
        SheetRows { pieces, ready, is_over: false, last_row: 0, bytes: 0, declared_rows, sheets }
    }

    /// The names of all sheets.
    pub fn sheets(&self) -> &[String] {
        &self.sheets
    }

    /// How many rows the sheet says that it has.
    pub fn declared_rows(&self) -> u64 {
        self.declared_rows
    }
}

impl RowSource for SheetRows {
    fn next_row(&mut self) -> io::Result<Option<RowRead>> {
        loop {
            if let Some(row) = self.ready.next() {
                let (line, bytes) = match &row {
                    RowRead::Row(row) => (row.line, row.text().len()),
                    RowRead::Bad(reject) => (reject.line, reject.row.len()),
                };
                self.last_row = line;
                self.bytes += bytes as u64;
                return Ok(Some(row));
            }
            if self.is_over {
                return Ok(None);
            }
            match self.pieces.recv() {
                Ok(Ok(Some(rows))) => self.ready = rows.into_iter(),
                Ok(Ok(None)) => self.is_over = true,
                Ok(Err(problem)) => return Err(io::Error::other(problem)),
                // The thread has ended before the sheet: what is missing must not look like the end of the file.
                Err(_) => return Err(io::Error::other(unreadable("one of its cells breaks the reader"))),
            }
        }
    }

    fn lines(&self) -> u64 {
        self.last_row
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn read_all(path: &Path, sheet: &str, tell: &SyncSender<u64>, send: &SyncSender<Piece>) -> Result<(), Problem> {
    let mut workbook = open(path)?;
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|error| unreadable(&error.to_string()))?;
    let _ = tell.send(u64::from(cells.dimensions().end.0) + 1);
    let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
    let mut current: Option<SheetRow> = None;
    let mut width = 0;
    while let Some(cell) = cells.next_cell().map_err(|error| unreadable(&error.to_string()))? {
        let (line, column) = cell.get_position();
        let (line, column) = (u64::from(line) + 1, column as usize);
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if column >= MAX_COLUMNS {
            return Err(too_many_columns());
        }
        if current.as_ref().is_some_and(|row| row.line != line) {
            finish(current.take(), &mut width, &mut rows);
            if rows.len() == ROWS_AT_ONCE && send.send(Ok(Some(std::mem::take(&mut rows)))).is_err() {
                return Ok(());
            }
        }
        let row = current.get_or_insert_with(|| SheetRow { line, cells: Vec::new(), bytes: 0 });
        row.bytes += text.len() + 1;
        if row.bytes <= MAX_ROW_BYTES {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, String::new());
            }
            row.cells[column] = text;
        }
    }
    finish(current, &mut width, &mut rows);
    let _ = send.send(Ok(Some(rows)));
    let _ = send.send(Ok(None));
    Ok(())
}

/// The problem of a table that is too wide.
pub fn too_many_columns() -> Problem {
    Problem::new(Code::TooManyColumns)
}

struct SheetRow {
    line: u64,
    cells: Vec<String>,
    bytes: usize,
}

/// A sheet keeps no empty cells, so rows are filled up to the width of the first.
fn finish(row: Option<SheetRow>, width: &mut usize, rows: &mut Vec<RowRead>) {
    let Some(SheetRow { line, mut cells, bytes }) = row else { return };
    if bytes > MAX_ROW_BYTES {
        let fault = too_long();
        let row = cells.first().cloned().unwrap_or_default();
        rows.push(RowRead::Bad(Reject { line, code: fault.code, message: fault.message, row }));
        return;
    }
    if *width == 0 {
        *width = cells.len();
    }
    if cells.len() < *width {
        cells.resize(*width, String::new());
    }
    rows.push(RowRead::Row(Row::of_cells(line, &cells)));
}

/// What a cell shows, about: dates as ISO 8601, whole numbers without a point.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::DateTime(moment) if moment.is_duration() => moment.as_f64().to_string(),
        DataRef::DateTime(moment) => {
            let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
            match (hour, minute, second, milli) {
                (0, 0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
                (_, _, _, 0) => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
                _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows_of(pieces: Vec<Piece>) -> SheetRows {
        let (send, receive) = sync_channel(pieces.len());
        pieces.into_iter().for_each(|piece| send.send(piece).unwrap());
        SheetRows::of_pieces(receive, 0, Vec::new())
    }

    fn one_row() -> Vec<RowRead> {
        vec![RowRead::Row(Row::of_cells(1, &["u1".to_owned()]))]
    }

    #[test]
    fn a_reader_that_dies_within_a_sheet_is_not_taken_for_its_end() {
        let mut whole = rows_of(vec![Ok(Some(one_row())), Ok(None)]);
        assert!(whole.next_row().unwrap().is_some() && whole.next_row().unwrap().is_none());
        assert!(whole.next_row().unwrap().is_none(), "the end stays the end");
        let mut cut = rows_of(vec![Ok(Some(one_row()))]);
        assert!(cut.next_row().unwrap().is_some());
        let problem = cut.next_row().unwrap_err().downcast::<Problem>().unwrap();
        assert_eq!(problem.code, Code::UnreadableFile);
    }
}
