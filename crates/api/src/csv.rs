//! Files for spreadsheets: how a row of CSV is written, and how such a file is sent off.

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// How a CSV file is wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CsvQuery {
    /// Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default.
    pub bom: Option<bool>,
    /// Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default.
    pub escape_formulas: Option<bool>,
}

/// How a CSV file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvStyle {
    /// Whether it begins with a byte order mark.
    pub has_bom: bool,
    /// Whether formulas get an apostrophe before them.
    pub escapes_formulas: bool,
}

impl From<CsvQuery> for CsvStyle {
    fn from(query: CsvQuery) -> CsvStyle {
        CsvStyle { has_bom: query.bom.unwrap_or(true), escapes_formulas: query.escape_formulas.unwrap_or(true) }
    }
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number(serde_json::Number),
    /// Yes or no.
    Bool(bool),
}

impl CsvStyle {
    /// The beginning of a file: the names of the columns.
    pub fn begin<'n>(self, columns: impl Iterator<Item = &'n str>) -> String {
        let mut text = String::new();
        if self.has_bom {
            text.push('\u{feff}');
        }
        self.write_row(&mut text, columns.map(|name| Cell::Text(name.to_owned())));
        text
    }

    /// One row after RFC 4180.
    pub fn write_row(self, out: &mut String, cells: impl Iterator<Item = Cell>) {
        for (place, cell) in cells.enumerate() {
            if place > 0 {
                out.push(',');
            }
            match cell {
                Cell::Empty => {}
                Cell::Number(number) => out.push_str(&number.to_string()),
                Cell::Bool(truth) => out.push_str(if truth { "true" } else { "false" }),
                Cell::Text(text) => {
                    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
                    let guard = if is_formula && self.escapes_formulas { "'" } else { "" };
                    match text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
                        true => *out += &format!("\"{guard}{}\"", text.replace('"', "\"\"")),
                        false => {
                            out.push_str(guard);
                            out.push_str(&text);
                        }
                    }
                }
            }
        }
        out.push_str("\r\n");
    }
}

/// A reply that a browser saves as a file of this name.
pub fn file_reply(body: Body, kind: &'static str, name: &str) -> Response {
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(style: CsvStyle, cells: Vec<Cell>) -> String {
        let mut text = String::new();
        style.write_row(&mut text, cells.into_iter());
        text
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_a_text_and_what_parts_cells_is_quoted() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let style = CsvStyle::from(CsvQuery::default());
        let cells = vec![text("=HYPERLINK(\"x\")"), text("a,b"), text("-1"), Cell::Number(1.into()), Cell::Empty];
        assert_eq!(row(style, cells), "\"'=HYPERLINK(\"\"x\"\")\",\"a,b\",'-1,1,\r\n");
        assert_eq!(style.begin(["成员", "b"].into_iter()), "\u{feff}成员,b\r\n");
        let plain = CsvStyle { has_bom: false, escapes_formulas: false };
        assert_eq!(row(plain, vec![text("+86"), Cell::Bool(true), text(" x")]), "+86,true,\" x\"\r\n");
        assert_eq!(plain.begin(["a"].into_iter()), "a\r\n");
    }
}
