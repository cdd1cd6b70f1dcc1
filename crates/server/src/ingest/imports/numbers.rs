//! Numbers as people write them: `1,280.00`, `1.280,00`, `1 280`, `¥128`, `12%`, `１２８`.
//!
//! Whether a point or a comma stands before the decimals is found in the whole column. Where its cells leave both open and
//! the two readings differ, nobody guesses: a factor of a thousand lies between them.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::odd_cells::are_nearly_all;

/// Numbers with more digits are ids: as numbers they would lose some.
pub const MAX_DIGITS: usize = 15;
/// No number that people write is longer, in bytes.
const MAX_BYTES: usize = 60;
/// What stands before an amount; a longer one before those that it begins with.
const BEFORE: [&str; 12] = ["HK$", "NT$", "US$", "RMB", "CNY", "USD", "EUR", "¥", "$", "€", "£", "₩"];
/// What stands behind one.
const BEHIND: [&str; 8] = ["RMB", "CNY", "USD", "EUR", "元", "円", "€", "₩"];

/// What stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DecimalMark {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

impl DecimalMark {
    /// The word in mappings.
    pub fn word(self) -> &'static str {
        match self {
            DecimalMark::Point => "point",
            DecimalMark::Comma => "comma",
        }
    }

    fn decimal(self) -> char {
        match self {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        }
    }

    fn between_groups(self) -> [char; 4] {
        match self {
            DecimalMark::Point => [',', ' ', '\u{a0}', '\''],
            DecimalMark::Comma => ['.', ' ', '\u{a0}', '\''],
        }
    }
}

impl fmt::Display for DecimalMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Not the word of a decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is neither point nor comma")]
pub struct UnknownMark;

impl FromStr for DecimalMark {
    type Err = UnknownMark;
    fn from_str(word: &str) -> Result<Self, UnknownMark> {
        [DecimalMark::Point, DecimalMark::Comma].into_iter().find(|mark| mark.word() == word).ok_or(UnknownMark)
    }
}

/// How the numbers of a column are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NumberFormat {
    /// What stands before the decimals; nothing where no cell tells.
    pub decimal: Option<DecimalMark>,
    /// Whether cells have another value with a point than with a comma before the decimals, and none decides it.
    pub is_ambiguous: bool,
    /// Whether a percent sign follows each: `12%` is 0.12, as spreadsheets reckon.
    pub percent: bool,
    /// The sign of the currency that stands beside them.
    pub currency: Option<String>,
    /// Whether all are written as programs do: without anything but digits, a minus and a point.
    pub is_plain: bool,
}

/// Why a text is not read as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is none of the column's form.
    Other,
    /// It may be one of two numbers, and nothing says which.
    TwoWays,
}

impl NumberFormat {
    /// The same with a decimal mark that somebody has named.
    pub fn with(mut self, decimal: DecimalMark) -> NumberFormat {
        self.decimal = Some(decimal);
        self.is_ambiguous = false;
        self
    }

    /// Numbers of which nothing is known but their decimal mark.
    pub fn of(decimal: DecimalMark) -> NumberFormat {
        NumberFormat { decimal: Some(decimal), is_ambiguous: false, percent: false, currency: None, is_plain: true }
    }

    /// A text as JSON writes the number, digit by digit where it can stay so.
    pub fn read(&self, text: &str) -> Result<String, Unreadable> {
        let Some(parts) = take_apart(text) else {
            return plain(text.trim()).map(Cow::into_owned).ok_or(Unreadable::Other);
        };
        let is_foreign = parts.currency.is_some_and(|sign| self.currency.as_deref() != Some(sign));
        if parts.percent != self.percent || is_foreign {
            return Err(Unreadable::Other);
        }
        let read = |mark| value(&parts.core, mark);
        let number = match self.decimal {
            Some(mark) => read(mark),
            None => match (read(DecimalMark::Point), read(DecimalMark::Comma)) {
                (Some(one), Some(other)) if !are_equal(&one, &other) => return Err(Unreadable::TwoWays),
                (one, other) => one.or(other),
            },
        };
        let number = number.ok_or(Unreadable::Other)?;
        let signed = if parts.is_negative { format!("-{number}") } else { number };
        if !parts.percent {
            return Ok(signed);
        }
        let hundredth: f64 = format!("{signed}e-2").parse().map_err(|_| Unreadable::Other)?;
        let number = serde_json::Number::from_f64(hundredth).ok_or(Unreadable::Other)?;
        Ok(number.to_string())
    }
}

/// A number as programs write it: without marks between groups, and perhaps with an exponent.
pub fn plain(text: &str) -> Option<Cow<'_, str>> {
    if is_json_number(text) {
        return Some(Cow::Borrowed(text));
    }
    let starts_like_a_number =
        text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'));
    let value: f64 = text.parse().ok().filter(|_| starts_like_a_number)?;
    serde_json::Number::from_f64(value).map(|number| Cow::Owned(number.to_string()))
}

/// Whether JSON takes this text for a number.
pub fn is_json_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && serde_json::from_str::<f64>(text).is_ok()
}

/// Finds out how the numbers of a column are written, cell by cell.
#[derive(Debug)]
pub struct NumberProbe {
    /// Of a workbook, whose own numbers always have a point before the decimals.
    is_sheet: bool,
    numbers: usize,
    others: usize,
    /// Whether digits stand in what is no number, as in codes.
    others_have_digits: bool,
    point: bool,
    comma: bool,
    differs: bool,
    with_percent: usize,
    currency: Option<&'static str>,
    has_several_currencies: bool,
    is_plain: bool,
    /// Whether blanks part groups, and whether anything else shows that these are numbers and no codes.
    is_spaced: bool,
    is_shown: bool,
}

impl NumberProbe {
    /// Begins; `is_sheet` says whether the cells come from a workbook.
    pub fn new(is_sheet: bool) -> NumberProbe {
        NumberProbe {
            is_sheet,
            numbers: 0,
            others: 0,
            others_have_digits: false,
            point: true,
            comma: true,
            differs: false,
            with_percent: 0,
            currency: None,
            has_several_currencies: false,
            is_plain: true,
            is_spaced: false,
            is_shown: false,
        }
    }

    /// Looks at a cell that is not empty.
    pub fn feed(&mut self, cell: &str) {
        let parts = take_apart(cell).filter(|parts| !cell.starts_with(['+', '＋']) && !is_code(&parts.core));
        let Some(parts) = parts else {
            self.pass_over(cell);
            return;
        };
        let point = value(&parts.core, DecimalMark::Point);
        let mut comma = value(&parts.core, DecimalMark::Comma);
        if self.is_sheet && point.is_some() && !parts.core.contains([',', ' ', '\u{a0}', '\'']) {
            comma = comma.filter(|_| !parts.core.contains('.'));
        }
        if point.is_none() && comma.is_none() {
            self.pass_over(cell);
            return;
        }
        self.numbers += 1;
        self.differs |= point.as_deref().zip(comma.as_deref()).is_some_and(|(one, other)| !are_equal(one, other));
        self.point &= point.is_some();
        self.comma &= comma.is_some();
        self.with_percent += usize::from(parts.percent);
        self.is_plain &= is_json_number(cell);
        self.is_spaced |= parts.core.contains(' ');
        self.is_shown |= parts.percent || parts.currency.is_some() || parts.core.contains(['.', ',']);
        if let Some(sign) = parts.currency {
            self.has_several_currencies |= self.currency.is_some_and(|known| known != sign);
            self.currency = Some(sign);
        }
    }

    /// How the numbers among the cells are written; `None` where there are none, or no two of one form.
    pub fn format(&self) -> Option<NumberFormat> {
        let is_mixed = self.has_several_currencies || (self.with_percent > 0 && self.with_percent < self.numbers);
        let are_codes = self.is_spaced && !self.is_shown;
        if self.numbers == 0 || is_mixed || are_codes {
            return None;
        }
        let decimal = match (self.point, self.comma) {
            (false, false) => return None,
            (true, false) => Some(DecimalMark::Point),
            (false, true) => Some(DecimalMark::Comma),
            (true, true) => self.is_sheet.then_some(DecimalMark::Point).filter(|_| !self.differs),
        };
        Some(NumberFormat {
            decimal,
            is_ambiguous: self.point && self.comma && self.differs,
            percent: self.with_percent > 0,
            currency: self.currency.map(str::to_owned),
            is_plain: self.is_plain,
        })
    }

    /// Whether every cell is a number of one form.
    pub fn are_all_numbers(&self) -> bool {
        self.others == 0 && self.format().is_some()
    }

    /// Whether nearly every cell is a number of one form, and the others are words. Codes have digits in them, too, when
    /// they are no numbers.
    pub fn are_nearly_all_numbers(&self) -> bool {
        let are_enough = are_nearly_all(self.numbers, self.numbers + self.others);
        self.others > 0 && !self.others_have_digits && are_enough && self.format().is_some()
    }

    /// How many cells are no numbers.
    pub fn others(&self) -> usize {
        self.others
    }

    fn pass_over(&mut self, cell: &str) {
        self.others += 1;
        self.others_have_digits |= cell.contains(char::is_numeric);
    }
}

/// A number with what stands around it.
struct Parts {
    is_negative: bool,
    /// Digits and marks.
    core: String,
    percent: bool,
    currency: Option<&'static str>,
}

/// Takes signs off; `None` when what remains is more than digits and marks.
fn take_apart(text: &str) -> Option<Parts> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    let narrow: String = text.chars().map(narrow).collect();
    let mut rest = narrow.trim();
    let mut sign = None;
    let mut currency = None;
    for _ in 0..2 {
        if let Some(after) = rest.strip_prefix(['-', '+']).filter(|_| sign.is_none()) {
            sign = Some(rest.starts_with('-'));
            rest = after.trim_start();
        }
        let before = BEFORE.into_iter().find(|before| rest.starts_with(before));
        if let Some(before) = before.filter(|_| currency.is_none()) {
            currency = Some(before);
            rest = rest[before.len()..].trim_start();
        }
    }
    let without_percent = rest.strip_suffix('%');
    if let Some(number) = without_percent {
        rest = number.trim_end();
    } else if let Some(behind) = BEHIND.into_iter().find(|behind| rest.ends_with(behind)) {
        if currency.is_some() {
            return None;
        }
        currency = Some(behind);
        rest = rest[..rest.len() - behind.len()].trim_end();
    }
    let is_core = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\'');
    if !rest.chars().all(is_core) || !rest.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some(Parts {
        is_negative: sign.unwrap_or(false),
        core: rest.to_owned(),
        percent: without_percent.is_some(),
        currency,
    })
}

/// A character in its usual width.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' | '，' | '．' | '％' | '＋' | '－' | '＄' | '＇' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        '￥' => '¥',
        '￡' => '£',
        '￦' => '₩',
        '−' => '-',
        '’' => '\'',
        '\u{3000}' => ' ',
        '\u{2009}' | '\u{202f}' => '\u{a0}',
        _ => c,
    }
}

/// A number without marks between its groups and with a point before its decimals, as JSON has it.
fn value(core: &str, mark: DecimalMark) -> Option<String> {
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = match core.split_once(mark.decimal()) {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (core, None),
    };
    if fraction.is_some_and(|fraction| !is_digits(fraction)) {
        return None;
    }
    let between = mark.between_groups().into_iter().find(|between| whole.contains(*between));
    let digits = match between {
        None if is_digits(whole) => whole.to_owned(),
        None => return None,
        Some(between) => {
            let mut groups = whole.split(between);
            let first = groups.next().unwrap_or_default();
            let is_first = (1..=3).contains(&first.len()) && is_digits(first) && !first.starts_with('0');
            if !is_first || !groups.all(|group| group.len() == 3 && is_digits(group)) {
                return None;
            }
            whole.replace(between, "")
        }
    };
    let significant = digits.trim_start_matches('0');
    let digits = if significant.is_empty() { "0" } else { significant };
    Some(match fraction {
        Some(fraction) => format!("{digits}.{fraction}"),
        None => digits.to_owned(),
    })
}

fn are_equal(one: &str, other: &str) -> bool {
    one == other || one.parse::<f64>().ok() == other.parse::<f64>().ok()
}

/// Codes have leading zeros, or more digits than a number keeps.
fn is_code(core: &str) -> bool {
    let digits = core.bytes().filter(u8::is_ascii_digit).count();
    let has_marks = digits < core.len();
    (!has_marks && digits > 1 && core.starts_with('0')) || digits > MAX_DIGITS + usize::from(has_marks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(cells: &[&str]) -> Option<NumberFormat> {
        let mut probe = NumberProbe::new(false);
        cells.iter().for_each(|cell| probe.feed(cell));
        probe.format().filter(|_| probe.are_all_numbers())
    }

    #[test]
    fn what_people_write_is_read_in_the_form_of_its_column() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["1,280.00", "3"], &["1280.00", "3"]),
            (&["1.280,00", "1.280"], &["1280.00", "1280"]),
            (&["1 280,00", "12,5"], &["1280.00", "12.5"]),
            (&["¥128", "￥1,280.5"], &["128", "1280.5"]),
            (&["-$5.25", "$-6", "$ 7"], &["-5.25", "-6", "7"]),
            (&["128元", "1,280.50元"], &["128", "1280.50"]),
            (&["12%", "7.5 %", "１２.5％"], &["0.12", "0.075", "0.125"]),
            (&["１２８", "１，２８０．５"], &["128", "1280.5"]),
            (&["1,234,567", "1.5"], &["1234567", "1.5"]),
            (&["1,234,567"], &["1234567"]),
            (&["0.125", "1.500"], &["0.125", "1.500"]),
            (&["12.50", "-3", ".5"], &["12.50", "-3", "0.5"]),
        ];
        for (cells, read) in cases {
            let format = found(cells).unwrap_or_else(|| panic!("{cells:?} are numbers"));
            assert!(!format.is_ambiguous, "{cells:?}");
            let numbers: Vec<_> = cells.iter().map(|cell| format.read(cell).unwrap()).collect();
            assert_eq!(numbers, *read, "{cells:?}");
        }
    }

    #[test]
    fn what_differs_by_a_factor_of_a_thousand_is_asked_about() {
        for cells in [&["1,280"][..], &["1.280", "25.500"], &["¥1,280", "¥7"]] {
            let format = found(cells).unwrap();
            assert!(format.is_ambiguous && format.decimal.is_none(), "{cells:?}");
            assert_eq!(format.read(cells[0]), Err(Unreadable::TwoWays));
        }
        let format = found(&["1,280"]).unwrap();
        assert_eq!(format.clone().with(DecimalMark::Point).read("1,280").unwrap(), "1280");
        assert_eq!(format.with(DecimalMark::Comma).read("1,280").unwrap(), "1.280");
        // Whole numbers decide nothing, and a later row is not guessed at, either.
        let format = found(&["1", "28"]).unwrap();
        assert_eq!((format.decimal, format.is_ambiguous), (None, false));
        assert_eq!(format.read("1,280"), Err(Unreadable::TwoWays));
        assert_eq!(format.read("12.5").unwrap(), "12.5");
    }

    #[test]
    fn what_is_no_number_is_not_made_one() {
        for cells in [
            &["00501"][..],
            &["+8613800138000"],
            &["110101199003070000"],
            &["12%", "12"],
            &["¥5", "$5"],
            &["1,28,0"],
            &["0,280,000"],
            &["1,280.50", "1.280,50"],
            &["139 123 456"],
            &["1.2.3"],
            &["¥"],
            &["12元%"],
            &["abc"],
            &["12", "免费"],
        ] {
            assert_eq!(found(cells), None, "{cells:?}");
        }
        let point = NumberFormat::of(DecimalMark::Point);
        for text in ["1,28", "1.280,5", "5%", "$5", "", "NaN", "1e400"] {
            assert_eq!(point.read(text), Err(Unreadable::Other), "{text}");
        }
    }

    #[test]
    fn numbers_of_a_workbook_have_a_point() {
        let mut probe = NumberProbe::new(true);
        ["1.285", "7"].iter().for_each(|cell| probe.feed(cell));
        assert_eq!(probe.format(), Some(NumberFormat::of(DecimalMark::Point)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_number_is_read_as_another_one(whole in 0u64..10_000_000, cents in 0u64..100, is_comma in any::<bool>(), rest in "[0-9,. ]{0,8}") {
            let (group, decimal) = if is_comma { ('.', ',') } else { (',', '.') };
            let digits = whole.to_string();
            let mut grouped = String::new();
            for (place, digit) in digits.chars().enumerate() {
                if place > 0 && (digits.len() - place).is_multiple_of(3) {
                    grouped.push(group);
                }
                grouped.push(digit);
            }
            let written = format!("{grouped}{decimal}{cents:02}");
            let format = found(&[written.as_str()]).unwrap();
            let number: f64 = format.read(&written).unwrap().parse().unwrap();
            prop_assert_eq!(number, format!("{whole}.{cents:02}").parse::<f64>().unwrap());
            // Whatever else is read is JSON.
            if let Ok(number) = format.read(&rest) {
                prop_assert!(is_json_number(&number), "{rest} {number}");
            }
        }
    }
}
