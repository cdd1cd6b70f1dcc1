//! What of a source is text and what is a tag, and where in it something stands.

use std::ops::Range;

use super::tokens::{Refused, Token, Tokens};

/// A part of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// What is written as it stands there.
    Text(Range<usize>),
    /// `{{ … }}`, which writes something.
    Value(Range<usize>),
    /// `{% … %}` or a comment, which write nothing; or a whole `raw` block, whose braces are meant.
    Silent(Range<usize>),
}

/// The parts of a source, in order and without gaps.
pub(super) fn pieces(source: &str) -> Result<Vec<Piece>, Refused> {
    let mut found = Vec::new();
    let (mut at, mut text_from) = (0, 0);
    while let Some(start) = source[at..].find('{').map(|place| at + place) {
        let kind = source.as_bytes().get(start + 1).copied();
        let end = match kind {
            Some(b'{') => tag_end(source, start, "}}")?.0,
            Some(b'%') => match tag_end(source, start, "%}")? {
                (end, true) => raw_end(source, end),
                (end, false) => end,
            },
            Some(b'#') => source[start..].find("#}").map_or(source.len(), |end| start + end + 2),
            _ => {
                at = start + 1;
                continue;
            }
        };
        if text_from < start {
            found.push(Piece::Text(text_from..start));
        }
        found.push(if kind == Some(b'{') { Piece::Value(start..end) } else { Piece::Silent(start..end) });
        (at, text_from) = (end, end);
    }
    if text_from < source.len() {
        found.push(Piece::Text(text_from..source.len()));
    }
    Ok(found)
}

/// Where a tag ends, and whether it opens a `raw` block.
fn tag_end(source: &str, start: usize, closing: &str) -> Result<(usize, bool), Refused> {
    let mut tokens = Tokens { source, at: start + 2 };
    if matches!(source.as_bytes().get(tokens.at), Some(b'-' | b'+')) {
        tokens.at += 1;
    }
    let (mut depth, mut is_first, mut is_raw) = (0_usize, true, false);
    loop {
        match tokens.next(closing, depth == 0)?.0 {
            Token::End => return Ok((tokens.at, is_raw && closing == "%}")),
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            token => is_raw |= is_first && token == Token::Word("raw"),
        }
        is_first = false;
    }
}

/// Where the block ends whose opening tag ended at `from`.
fn raw_end(source: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(start) = source[at..].find("{%").map(|place| at + place) {
        let inside = source[start + 2..].trim_start_matches(['-', '+']).trim_start();
        let word = inside.strip_prefix("endraw").map(|rest| rest.trim_start().trim_start_matches(['-', '+']));
        if let Some(rest) = word.and_then(|rest| rest.strip_prefix("%}")) {
            return source.len() - rest.len();
        }
        at = start + 2;
    }
    source.len()
}

/// Line and column of a place in a source, both counted from 1, columns in characters.
pub(super) fn position(source: &str, at: usize) -> (usize, usize) {
    let before = &source[..at];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_divided_without_gaps_and_strings_and_raw_blocks_keep_their_braces() {
        let source = "a{b}{{ {'x': '}}'}['x'] }}c{% if d %}{# }} #}{%- raw -%}{{ e }}{% x %}{%- endraw -%}}}";
        let told: Vec<String> = pieces(source)
            .unwrap()
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(range) => format!("text {}", &source[range]),
                Piece::Value(range) => format!("value {}", &source[range]),
                Piece::Silent(range) => format!("silent {}", &source[range]),
            })
            .collect();
        assert_eq!(
            told,
            [
                "text a{b}",
                "value {{ {'x': '}}'}['x'] }}",
                "text c",
                "silent {% if d %}",
                "silent {# }} #}",
                "silent {%- raw -%}{{ e }}{% x %}{%- endraw -%}",
                "text }}",
            ]
        );
    }

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        assert_eq!(
            [position("酒\n围炉x", 0), position("酒\n围炉x", 3), position("酒\n围炉x", 10)],
            [(1, 1), (1, 2), (2, 3)]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_divided_or_refused_without_panic(source in "[{}%#a-c .'\"\\[\n你-]{0,60}") {
            if let Ok(found) = pieces(&source) {
                let mut at = 0;
                for piece in found {
                    let (Piece::Text(range) | Piece::Value(range) | Piece::Silent(range)) = piece;
                    assert_eq!(range.start, at);
                    at = range.end;
                }
                assert_eq!(at, source.len());
            }
        }
    }
}
