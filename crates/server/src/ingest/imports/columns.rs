//! What a column holds.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    cells::FORMULA_MARKS,
    dates::DateFormat,
    detect::FileFormat,
    numbers::{MAX_DIGITS, NumberFormat, NumberProbe},
    odd_cells::{OddCells, dates_among, says_nothing},
    suggest,
    tags::Separator,
};

const EXAMPLES: usize = 3;
const EXAMPLE_CHARACTERS: usize = 80;

/// What the cells of a column are: all of them, but for those that say that there is nothing, and of dates nearly all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ColumnType {
    /// Anything.
    Text,
    /// Numbers that can be reckoned with; codes with leading zeros are text.
    Number,
    /// Truth values.
    Bool,
    /// Dates or moments.
    Date,
    /// Lists or objects in JSON.
    Json,
    /// Nothing.
    Empty,
}

/// One column of a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Column {
    /// As the header says it; the number of the column, from 1, where there is none.
    pub name: String,
    /// What its cells are.
    pub r#type: ColumnType,
    /// Some of its cells; none for a key that may not look at members (`people:read`), and none once the file is
    /// deleted.
    pub examples: Vec<String>,
    /// How its dates are written: `y-m-d`, `y/m/d`, `d.m.y`, `d/m/y`, `m/d/y`, `y年m月d日`, `excel`, `unix` …
    #[schema(value_type = Option<String>)]
    pub date_format: Option<DateFormat>,
    /// The two formats that its dates may have when no cell decides which number is the month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub ambiguous_dates: Option<(DateFormat, DateFormat)>,
    /// How the numbers among its cells are written, where all of them are written in one way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_format: Option<NumberFormat>,
    /// What may part tags in its cells: `semicolon`, `comma`, `bar`, `enumeration`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub separators: Vec<Separator>,
    /// The cells among those that were looked at that are not what the column is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odd_cells: Option<OddCells>,
}

/// Describes a column by some of its cells, without blanks around them.
///
/// Hardly anything but a date looks like one, so a column of dates may have odd cells ([`dates_among`]). Of numbers it may
/// not, for nearly all postcodes and other codes look like numbers, too; and a third word among yes and no is an answer of
/// its own. Where all cells are numbers they are no dates, though nearly all may look like some.
pub fn describe<'c>(
    name: Option<String>,
    index: usize,
    format: FileFormat,
    cells: impl Iterator<Item = &'c str> + Clone,
) -> Column {
    let filled = cells.filter(|cell| !cell.is_empty());
    let mut examples: Vec<String> = Vec::new();
    for cell in filled.clone().take(100) {
        let example = shortened(cell);
        if examples.len() < EXAMPLES && !examples.contains(&example) {
            examples.push(example);
        }
    }
    let name = name.filter(|name| !name.is_empty()).unwrap_or_else(|| (index + 1).to_string());
    let mut column = Column {
        name,
        r#type: ColumnType::Text,
        examples,
        date_format: None,
        ambiguous_dates: None,
        number_format: None,
        separators: Vec::new(),
        odd_cells: None,
    };
    if filled.clone().next().is_none() {
        column.r#type = ColumnType::Empty;
        return column;
    }
    let said = filled.clone().filter(|cell| !says_nothing(cell));
    let of = said.clone().count();
    let nothing = filled.count() - of;
    if of == 0 {
        return column;
    }
    let is_date_by_name = suggest::names_a_date(&column.name);
    let formats = DateFormat::ALL.into_iter().filter(|format| is_date_by_name || !format.is_number());
    let dates = dates_among(said.clone(), formats);
    let (mut truths, mut documents) = (true, nothing == 0);
    let mut numbers = NumberProbe::new(format == FileFormat::Xlsx);
    for cell in said {
        numbers.feed(cell);
        if column.separators.len() < Separator::ALL.len() {
            let new = Separator::of_cell(cell).filter(|separator| !column.separators.contains(separator));
            let new: Vec<Separator> = new.collect();
            column.separators.extend(new);
        }
        truths = truths && is_truth(cell);
        documents = documents && cell.starts_with(['{', '[']) && cell.ends_with(['}', ']']);
    }
    column.r#type = match &dates {
        Some(dates) if dates.are_all => ColumnType::Date,
        _ if numbers.are_all_numbers() => ColumnType::Number,
        _ if truths => ColumnType::Bool,
        _ if documents => ColumnType::Json,
        Some(_) => ColumnType::Date,
        None => ColumnType::Text,
    };
    let mut odd = OddCells { nothing: nothing as u64, misfits: 0, of: of as u64, example: None };
    match (column.r#type, dates) {
        (ColumnType::Date, Some(dates)) => {
            match dates.twin {
                Some(twin) => column.ambiguous_dates = Some((dates.format, twin)),
                None => column.date_format = Some(dates.format),
            }
            odd.misfits = dates.misfits as u64;
            odd.example = dates.example.map(shortened);
        }
        _ => column.number_format = numbers.format(),
    }
    if matches!(column.r#type, ColumnType::Text | ColumnType::Json) {
        odd.nothing = 0;
        odd.misfits = if numbers.are_nearly_all_numbers() { numbers.others() as u64 } else { 0 };
    }
    column.odd_cells = Some(odd).filter(|odd| odd.nothing > 0 || odd.misfits > 0);
    // What parts numbers parts no tags.
    if matches!(column.r#type, ColumnType::Date | ColumnType::Number) {
        column.separators.clear();
    }
    column
}

/// Whether a first row names columns: each of its cells is a text of its own, and none is a value.
pub fn is_header(row: &[String]) -> bool {
    let cells: Vec<&str> = row.iter().map(|cell| cell.trim()).collect();
    if cells.iter().any(|cell| suggest::is_known_name(cell)) {
        return true;
    }
    let is_value = |cell: &&str| {
        is_number(cell)
            || cell.contains('@')
            || cell.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-'))
            || matches!(cell.to_ascii_lowercase().as_str(), "true" | "false")
    };
    let distinct: HashSet<&str> = cells.iter().copied().collect();
    !cells.iter().any(|cell| cell.is_empty() || is_value(cell)) && distinct.len() == cells.len()
}

/// Whether cells that would be formulas have an apostrophe before them, always.
pub fn have_apostrophes<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let (mut guarded, mut bare) = (false, false);
    for cell in cells {
        match cell.strip_prefix('\'') {
            Some(rest) => guarded |= rest.starts_with(FORMULA_MARKS),
            None => bare |= cell.starts_with(FORMULA_MARKS) && !is_number(cell),
        }
    }
    guarded && !bare
}

/// As much of a cell as is shown.
fn shortened(cell: &str) -> String {
    cell.chars().take(EXAMPLE_CHARACTERS).collect()
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = whole.len() > 1 && whole.starts_with('0');
    is_digits(whole) && is_digits(fraction) && !is_code && whole.len() + fraction.len() <= MAX_DIGITS + 1
}

fn is_truth(cell: &str) -> bool {
    matches!(cell.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "是" | "否")
}
