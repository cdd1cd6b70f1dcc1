//! One pass over the bytes of a JSON text that finds what may not be stored, without building
//! a tree: it is run over the properties of every event.

use base::Code;
use serde_json::value::RawValue;

use super::refusal::Refusal;

/// How many levels of objects and lists may be nested, the outermost one included.
pub const MAX_DEPTH: usize = 20;
/// How many properties an object may have at its top level.
pub const MAX_PROPERTIES: usize = 1_000;

/// What is wrong with a JSON text that is otherwise well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// More than [`MAX_DEPTH`] levels.
    TooDeep,
    /// More than [`MAX_PROPERTIES`] properties at the top level.
    TooManyProperties,
    /// U+0000 in a text or a name, which PostgreSQL cannot store.
    NulCharacter,
    /// Half of a UTF-16 surrogate pair, which no UTF-8 text can hold.
    HalfCharacter,
    /// A number that is not finite as an IEEE 754 double.
    NumberOutOfRange,
}

impl Fault {
    /// The refusal of the field `field` with this fault.
    pub(super) fn refuse(self, field: &str) -> Refusal {
        let (code, what) = match self {
            Fault::TooDeep => (Code::TooDeep, "is nested more than 20 levels deep"),
            Fault::TooManyProperties => (Code::TooManyProperties, "has more than 1,000 properties"),
            Fault::NulCharacter => (Code::NulCharacter, "contains the character U+0000"),
            Fault::HalfCharacter => (Code::InvalidField, "contains half of a surrogate pair, which is not a character"),
            Fault::NumberOutOfRange => (Code::NumberOutOfRange, "contains a number that no double can hold"),
        };
        Refusal::new(code, format!("{field} {what}"))
    }
}

/// Checks depth, number of properties, texts and numbers. A [`RawValue`] is well-formed JSON,
/// so the structure itself needs no check.
pub fn check(json: &RawValue) -> Result<(), Fault> {
    let text = json.get();
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut properties) = (0, 0usize, 0usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = check_text(bytes, at + 1)?,
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(Fault::TooDeep);
                }
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b':' => {
                properties += usize::from(depth == 1);
                if properties > MAX_PROPERTIES {
                    return Err(Fault::TooManyProperties);
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => at = check_number(text, at)?,
            _ => at += 1,
        }
    }
    Ok(())
}

/// Checks a text from behind its opening quote; returns the place behind its closing quote.
fn check_text(bytes: &[u8], mut at: usize) -> Result<usize, Fault> {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return Ok(at + 1),
            b'\\' => at = check_escape(bytes, at + 1)?,
            _ => at += 1,
        }
    }
    Ok(at)
}

/// Checks an escape from behind its backslash; returns the place behind it.
fn check_escape(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    if bytes.get(at) != Some(&b'u') {
        return Ok(at + 1);
    }
    match code_unit(bytes, at + 1) {
        Some(0) => Err(Fault::NulCharacter),
        Some(0xDC00..=0xDFFF) => Err(Fault::HalfCharacter),
        Some(0xD800..=0xDBFF) => {
            let escaped = bytes.get(at + 5..at + 7) == Some(b"\\u");
            match code_unit(bytes, at + 7) {
                Some(0xDC00..=0xDFFF) if escaped => Ok(at + 11),
                _ => Err(Fault::HalfCharacter),
            }
        }
        _ => Ok(at + 5),
    }
}

fn code_unit(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

/// Checks a number; returns the place behind it.
fn check_number(text: &str, start: usize) -> Result<usize, Fault> {
    let mut has_exponent = false;
    let mut end = start;
    while let Some(byte) = text.as_bytes().get(end) {
        match byte {
            b'0'..=b'9' | b'-' | b'+' | b'.' => {}
            b'e' | b'E' => has_exponent = true,
            _ => break,
        }
        end += 1;
    }
    // Without an exponent it takes more than 308 digits to leave the range.
    let plainly_finite = !has_exponent && end - start <= 300;
    // What serde_json reads later decides, so it decides here, too.
    if plainly_finite || text.get(start..end).is_some_and(|number| serde_json::from_str::<f64>(number).is_ok()) {
        return Ok(end);
    }
    Err(Fault::NumberOutOfRange)
}
