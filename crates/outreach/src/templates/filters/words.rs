//! Hiding and shortening.

use unicode_segmentation::UnicodeSegmentation;

/// A value of which only so much is left that its owner knows it: of a phone number the first three and the last four
/// digits, of an address the first letter and what follows the `@`, of a name its first character.
pub(super) fn mask(text: &str) -> Option<String> {
    let first = text.graphemes(true).next()?;
    if let Some((_, domain)) = text.rsplit_once('@') {
        return Some(format!("{first}***@{domain}"));
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = digits >= 7 && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'));
    if !is_number {
        return Some(format!("{first}{}", "*".repeat((text.graphemes(true).count() - 1).clamp(1, 3))));
    }
    // The digits in the middle; of a short number more.
    let (start, end) = if digits >= 11 { (digits - 8, digits - 4) } else { (digits / 3, digits - digits / 3) };
    let mut nth = 0;
    let hidden = |c: char| {
        if !c.is_ascii_digit() {
            return c;
        }
        nth += 1;
        if (start..end).contains(&(nth - 1)) { '*' } else { c }
    };
    Some(text.chars().map(hidden).collect())
}

/// The first `length` characters as readers count them, with `end` where something was cut off.
pub(super) fn truncate(text: &str, length: usize, end: &str) -> String {
    match text.grapheme_indices(true).nth(length) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}{end}", text[..at].trim_end()),
    }
}
