//! Which elements and attributes may stand where.

use std::ops::Range;

use super::{Aside, MARK};
use crate::templates::{
    mjml_elements::{element_named, similar_element},
    tokens::Refused,
};

const MAX_ELEMENTS: usize = 2_000;
/// How deep elements may stand in one another.
const MAX_DEPTH: usize = 40;
/// Elements of HTML that have no end.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Attributes whose values MJML computes with.
const COMPUTED: &[&str] = &["width", "height", "padding", "border-radius", "icon-size", "icon-height", "gap"];

/// An element that is open.
struct Open<'m> {
    name: &'m str,
    at: usize,
}

struct Checker<'m> {
    marked: &'m str,
    source: &'m str,
    tags: &'m [Aside],
    open: Vec<Open<'m>>,
    elements: usize,
    is_piece: bool,
}

/// Refuses elements, attributes and text that stand where they may not; `is_piece` is to stand in other documents.
pub(super) fn check(marked: &str, source: &str, tags: &[Aside], is_piece: bool) -> Result<(), Refused> {
    let mut checker = Checker { marked, source, tags, open: Vec::new(), elements: 0, is_piece };
    let mut at = 0;
    while let Some(start) = marked[at..].find('<').map(|found| at + found) {
        checker.text(at..start)?;
        let rest = &marked[start..];
        let skipped = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!", ">"), ("<?", ">")];
        if let Some((_, closing)) = skipped.into_iter().find(|(opening, _)| rest.starts_with(opening)) {
            let end = rest.find(closing).ok_or_else(|| checker.refused(start, "this has no end"))?;
            at = start + end + closing.len();
            continue;
        }
        at = checker.element(start)?;
    }
    checker.text(at..marked.len())?;
    match checker.open.last() {
        Some(open) => Err(checker.refused(open.at, format!("<{}> is not closed", open.name))),
        None if checker.elements == 0 && !is_piece => Err(checker.refused(0, "begins with <mjml>")),
        None => Ok(()),
    }
}

impl<'m> Checker<'m> {
    /// A refusal with the line of the source, whose tags may have lines of their own.
    fn refused(&self, at: usize, message: impl Into<String>) -> Refused {
        let at = at.min(self.marked.len());
        let mut line = self.marked.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let before = self.marked.get(..at).unwrap_or_default().matches(MARK).count();
        for tag in self.tags.iter().take(before) {
            line += self.source[tag.range.clone()].matches('\n').count();
        }
        Refused { line, message: message.into() }
    }

    /// Text may not stand where only elements do; statements may.
    fn text(&self, range: Range<usize>) -> Result<(), Refused> {
        let Some(parent) = self.open.last() else {
            let text = self.marked[range.clone()].trim();
            return match self.is_piece || text.is_empty() {
                true => Ok(()),
                false => Err(self.refused(range.start, "nothing may stand outside <mjml>")),
            };
        };
        if !element_named(parent.name).is_some_and(|element| element.holds_elements()) {
            return Ok(());
        }
        let mut rest = &self.marked[range.clone()];
        while let Some(at) = rest.find(MARK) {
            let behind = &rest[at + MARK.len()..];
            let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
            let tag = behind[..digits].parse::<usize>().ok().and_then(|number| self.tags.get(number));
            if !rest[..at].trim().is_empty() || !tag.is_some_and(|tag| tag.is_statement) {
                return Err(self.misplaced_text(parent.name, range.start));
            }
            rest = behind.get(digits + 1..).unwrap_or_default();
        }
        if rest.trim().is_empty() { Ok(()) } else { Err(self.misplaced_text(parent.name, range.start)) }
    }

    fn misplaced_text(&self, parent: &str, at: usize) -> Refused {
        let skipped = self.marked[at..].len() - self.marked[at..].trim_start().len();
        self.refused(at + skipped, format!("text cannot stand in <{parent}>; put it into <mj-text> or <mj-raw>"))
    }

    /// Checks the tag that begins here and returns where it ends.
    fn element(&mut self, start: usize) -> Result<usize, Refused> {
        let rest = &self.marked[start..];
        let closes = rest.starts_with("</");
        let name_at = if closes { 2 } else { 1 };
        let length = rest[name_at..]
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'))
            .count();
        if length == 0 {
            return Err(self.refused(start, "write &lt; for a < that begins no element"));
        }
        let name = &rest[name_at..name_at + length];
        if closes {
            let end = rest.find('>').ok_or_else(|| self.refused(start, "the tag has no end"))?;
            match self.open.pop() {
                Some(open) if open.name == name => {}
                Some(open) => {
                    let message = format!("</{name}> closes nothing here; <{}> is open", open.name);
                    return Err(self.refused(start, message));
                }
                None => return Err(self.refused(start, format!("</{name}> closes nothing"))),
            }
            return Ok(start + end + 1);
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(self.refused(start, "more than 2,000 elements"));
        }
        self.place(name, start)?;
        let (end, is_closed) = self.attributes(name, start, start + name_at + length)?;
        if !is_closed && !VOID.contains(&name) {
            self.open.push(Open { name, at: start });
            if self.open.len() > MAX_DEPTH {
                return Err(self.refused(start, "more than 40 elements stand in one another"));
            }
        }
        Ok(end)
    }

    /// Whether an element may stand where it does.
    fn place(&self, name: &str, at: usize) -> Result<(), Refused> {
        let is_mjml = name == "mjml" || name.starts_with("mj-");
        if name == "mj-include" {
            return Err(self.refused(at, "<mj-include> cannot be used; put a partial in with {% include \"name\" %}"));
        }
        if is_mjml && element_named(name).is_none() {
            let meant = similar_element(name).map(|meant| format!("; did you mean <{meant}>?")).unwrap_or_default();
            return Err(self.refused(at, format!("there is no element <{name}>{meant}")));
        }
        let Some(parent) = self.open.last() else {
            return match (self.is_piece, name) {
                (true, "mjml") => Err(self.refused(at, "a partial is a piece of MJML, without <mjml>")),
                (false, _) if name != "mjml" || self.elements > 1 => Err(self.refused(at, "a document is one <mjml>")),
                _ => Ok(()),
            };
        };
        let Some(element) = element_named(parent.name) else {
            return match is_mjml {
                true => Err(self.refused(at, format!("<{name}> cannot stand in <{}>", parent.name))),
                false => Ok(()),
            };
        };
        let fits = if element.holds_elements() { is_mjml && element.may_hold(name) } else { !is_mjml };
        match fits {
            true => Ok(()),
            false if is_mjml => Err(self.refused(at, format!("<{name}> cannot stand in <{}>", parent.name))),
            false => Err(self.refused(at, format!("<{name}> cannot stand in <{}>; put it into <mj-raw>", parent.name))),
        }
    }

    /// Reads the attributes; where the tag ends, and whether the element ends with it.
    fn attributes(&self, name: &str, start: usize, from: usize) -> Result<(usize, bool), Refused> {
        let bytes = self.marked.as_bytes();
        let element = element_named(name);
        let mut at = from;
        loop {
            at += bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            match bytes.get(at) {
                None => return Err(self.refused(start, "the tag has no end")),
                Some(b'>') => return Ok((at + 1, false)),
                Some(b'/') if bytes.get(at + 1) == Some(&b'>') => return Ok((at + 2, true)),
                Some(_) => {}
            }
            let length = bytes[at..]
                .iter()
                .take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'=' | b'>' | b'/' | b'"' | b'\'' | b'<'))
                .count();
            if length == 0 {
                return Err(self.refused(at, format!("an attribute of <{name}> cannot be read")));
            }
            let attribute = &self.marked[at..at + length];
            if attribute.contains(MARK) {
                return Err(self.refused(at, format!("a tag cannot stand between the attributes of <{name}>")));
            }
            if let Some(element) = element
                && !element.has_attribute(attribute)
            {
                let meant = element.similar_attribute(attribute);
                let meant = meant.map(|meant| format!("; did you mean \"{meant}\"?")).unwrap_or_default();
                return Err(self.refused(at, format!("<{name}> has no attribute \"{attribute}\"{meant}")));
            }
            let named_at = at;
            at += length;
            if bytes.get(at) != Some(&b'=') {
                continue;
            }
            let quote = bytes.get(at + 1).copied().filter(|byte| matches!(byte, b'"' | b'\''));
            let Some(quote) = quote else {
                return Err(self.refused(named_at, format!("the value of \"{attribute}\" stands in quotes")));
            };
            let value_at = at + 2;
            let Some(length) = bytes[value_at..].iter().position(|byte| *byte == quote) else {
                return Err(self.refused(named_at, format!("the value of \"{attribute}\" has no closing quote")));
            };
            let value = &self.marked[value_at..value_at + length];
            let computed = COMPUTED.iter().any(|other| attribute.contains(other));
            if element.is_some() && value.contains(MARK) && computed {
                let message = format!("\"{attribute}\" needs a fixed value, since the layout is computed from it");
                return Err(self.refused(named_at, message));
            }
            at = value_at + length + 1;
        }
    }
}
