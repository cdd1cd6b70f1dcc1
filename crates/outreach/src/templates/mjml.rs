//! MJML to HTML, once, when a template is compiled.
//!
//! The tags of the template language are put aside before, each replaced by a word that MJML leaves as it is, and put
//! back into the HTML; so nothing of MJML is done when a message is rendered. A statement must come out exactly once and
//! in its place, or the parts of an `if` would no longer be in order.
//!
//! MJML itself forgives much: what it does not know it passes on, to be seen by nobody or in the wrong place. So elements
//! and attributes are checked here against its own list, and their depth and number are bounded.

mod check;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, ops::Range};

use super::tokens::{Refused, Token, Tokens};
use check::check;

/// Bytes of MJML.
const MAX_SOURCE: usize = 200_000;
/// Bytes of the HTML that is made from it.
const MAX_HTML: usize = 600_000;
/// The word that stands for a tag, with its number behind it.
const MARK: &str = "hearthq7tag";
/// The fonts that MJML names where the author names none. It would have the first one fetched from Google.
const FONTS_OF_MJML: &str = "Ubuntu, Helvetica, Arial, sans-serif";
/// What stands there instead: fonts that telephones and computers have, for Latin and for Chinese.
const FONTS: &str = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, 'PingFang SC', \
                     'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans SC', 'Noto Sans CJK SC', sans-serif";

/// A tag of the template language in a source.
struct Aside {
    range: Range<usize>,
    is_statement: bool,
}

/// The HTML of an MJML document.
pub(super) fn to_html(source: &str) -> Result<String, Refused> {
    let (marked, tags) = put_aside(source)?;
    check(&marked, source, &tags, false)?;
    let parsed = mrml::parse(&marked).map_err(|error| refused(source, 0, format!("is not MJML: {error}")))?;
    // Nothing is fetched from elsewhere that the author does not name: whoever serves a font learns who reads what and
    // when, and in some networks the message waits for it.
    let options = mrml::prelude::render::RenderOptions { fonts: HashMap::new(), ..Default::default() };
    let html = parsed.element.render(&options);
    let mut html = html.map_err(|error| refused(source, 0, format!("cannot be made into HTML: {error}")))?;
    if !marked.contains("Ubuntu") {
        html = html.replace(FONTS_OF_MJML, FONTS);
    }
    if html.len() > MAX_HTML {
        return Err(refused(source, 0, "its HTML has more than 600,000 bytes"));
    }
    put_back(&html, source, &tags)
}

/// Checks a piece of MJML that is to stand in others.
pub(super) fn check_piece(source: &str) -> Result<(), Refused> {
    let (marked, tags) = put_aside(source)?;
    check(&marked, source, &tags, true)
}

fn refused(source: &str, at: usize, message: impl Into<String>) -> Refused {
    let line = source.as_bytes()[..at.min(source.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
    Refused { line, message: message.into() }
}

fn put_aside(source: &str) -> Result<(String, Vec<Aside>), Refused> {
    if source.len() > MAX_SOURCE {
        return Err(refused(source, 0, "has more than 200,000 bytes"));
    }
    if source.contains(MARK) {
        return Err(refused(source, 0, format!("may not contain the word {MARK}")));
    }
    let mut marked = String::with_capacity(source.len());
    let mut tags: Vec<Aside> = Vec::new();
    let mut at = 0;
    while let Some(start) = source[at..].find('{').map(|found| at + found) {
        let kind = source.as_bytes().get(start + 1);
        let end = match kind {
            Some(b'#') => source[start..].find("#}").map(|end| start + end + 2),
            Some(b'{') => Some(tag_end(source, start, "}}")?),
            Some(b'%') => Some(tag_end(source, start, "%}")?),
            _ => {
                marked.push_str(&source[at..=start]);
                at = start + 1;
                continue;
            }
        };
        let Some(end) = end else { return Err(refused(source, start, "the comment has no end")) };
        marked.push_str(&source[at..start]);
        if kind != Some(&b'#') {
            marked.push_str(&format!("{MARK}{}z", tags.len()));
            tags.push(Aside { range: start..end, is_statement: kind == Some(&b'%') });
        }
        // Lines stay where they are.
        marked.extend(source[start..end].chars().filter(|c| *c == '\n' && kind == Some(&b'#')));
        at = end;
    }
    marked.push_str(&source[at..]);
    Ok((marked, tags))
}

fn tag_end(source: &str, start: usize, closing: &str) -> Result<usize, Refused> {
    let mut tokens = Tokens { source, at: start + 2 };
    if matches!(source.as_bytes().get(tokens.at), Some(b'-' | b'+')) {
        tokens.at += 1;
    }
    let (mut depth, mut is_first) = (0_usize, true);
    loop {
        let (token, at) = tokens.next(closing, depth == 0)?;
        match token {
            Token::End => return Ok(tokens.at),
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            Token::Word("raw") if is_first && closing == "%}" => {
                return Err(refused(source, at, "\"raw\" cannot be used in MJML"));
            }
            _ => {}
        }
        is_first = false;
    }
}

/// Puts the tags back into the HTML.
fn put_back(html: &str, source: &str, tags: &[Aside]) -> Result<String, Refused> {
    let mut output = String::with_capacity(html.len());
    let mut seen = vec![0_usize; tags.len()];
    let mut last_statement = None;
    let mut rest = html;
    while let Some(at) = rest.find(MARK) {
        output.push_str(&rest[..at]);
        let behind = &rest[at + MARK.len()..];
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let found = behind[..digits].parse::<usize>().ok().and_then(|number| Some((number, tags.get(number)?)));
        let Some((number, tag)) = found else {
            return Err(refused(source, 0, "cannot be made into HTML"));
        };
        if tag.is_statement {
            if last_statement.is_some_and(|last| last >= number) {
                return Err(refused(
                    source,
                    tag.range.start,
                    "this tag cannot stand here; put it around whole elements",
                ));
            }
            last_statement = Some(number);
        }
        seen[number] += 1;
        output.push_str(&source[tag.range.clone()]);
        rest = &behind[(digits + 1).min(behind.len())..];
    }
    output.push_str(rest);
    let lost = tags.iter().zip(seen).find(|(tag, seen)| tag.is_statement && *seen != 1);
    match lost {
        Some((tag, _)) => {
            Err(refused(source, tag.range.start, "this tag cannot stand here; put it around whole elements"))
        }
        None => Ok(output),
    }
}
