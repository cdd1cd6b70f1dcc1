//! MJML to HTML, once, when a template is compiled.
//!
//! The tags of the template language are put aside before, each replaced by a word that MJML leaves as it is, and put
//! back into the HTML; so nothing of MJML is done when a message is rendered. A statement must come out exactly once and
//! in its place, or the parts of an `if` would no longer be in order.
//!
//! MJML itself forgives much: what it does not know it passes on, to be seen by nobody or in the wrong place. So elements
//! and attributes are checked here against its own list, and their depth and number are bounded.

use std::{collections::HashMap, ops::Range};

use super::{
    mjml_elements::{element_named, similar_element},
    tokens::{Refused, Token, Tokens},
};

/// Bytes of MJML.
const MAX_SOURCE: usize = 200_000;
/// Bytes of the HTML that is made from it.
const MAX_HTML: usize = 600_000;
const MAX_ELEMENTS: usize = 2_000;
/// How deep elements may stand in one another.
const MAX_DEPTH: usize = 40;
/// The word that stands for a tag, with its number behind it.
const MARK: &str = "hearthq7tag";
/// Elements of HTML that have no end.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// The fonts that MJML names where the author names none. It would have the first one fetched from Google.
const FONTS_OF_MJML: &str = "Ubuntu, Helvetica, Arial, sans-serif";
/// What stands there instead: fonts that telephones and computers have, for Latin and for Chinese.
const FONTS: &str = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, 'PingFang SC', \
                     'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans SC', 'Noto Sans CJK SC', sans-serif";
/// Attributes whose values MJML computes with.
const COMPUTED: &[&str] = &["width", "height", "padding", "border-radius", "icon-size", "icon-height", "gap"];

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

fn check(marked: &str, source: &str, tags: &[Aside], is_piece: bool) -> Result<(), Refused> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn document(body: &str) -> String {
        format!("<mjml lang=\"zh-CN\"><mj-head><mj-title>t</mj-title></mj-head><mj-body>{body}</mj-body></mjml>")
    }

    fn section(text: &str) -> String {
        document(&format!("<mj-section><mj-column>{text}</mj-column></mj-section>"))
    }

    #[test]
    fn tags_come_through_as_they_were_written() {
        let html = to_html(&section(
            "{% if rules.vip and 1 < 2 %}<mj-text>Dear {{ member.name|fallback(\"friend\") }}</mj-text>{% endif %}\
             <mj-button href=\"https://x.example/?a={{ event['id'] }}\">go</mj-button>",
        ))
        .unwrap();
        for part in [
            "{% if rules.vip and 1 < 2 %}",
            "Dear {{ member.name|fallback(\"friend\") }}",
            "{% endif %}",
            "href=\"https://x.example/?a={{ event['id'] }}\"",
            "lang=\"zh-CN\"",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(!html.contains(MARK) && !html.contains("<mj-"), "{html}");
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place() {
        let text = |inner: &str| section(&format!("\n{inner}"));
        for (source, said) in [
            (text("<mj-txet>a</mj-txet>"), "did you mean <mj-text>"),
            (text("<mj-text colour=\"red\">a</mj-text>"), "no attribute \"colour\"; did you mean \"color\""),
            (text("<mj-include path=\"/etc/passwd\" />"), "<mj-include> cannot be used"),
            (text("<mj-section></mj-section>"), "<mj-section> cannot stand in <mj-column>"),
            (text("hello"), "text cannot stand in <mj-column>"),
            (text("{{ member.name }}"), "text cannot stand in <mj-column>"),
            (text("<p>hello</p>"), "put it into <mj-raw>"),
            (text("<mj-text>a</mj-button>"), "closes nothing here"),
            (text("<mj-text {% if a %}color=\"red\"{% endif %}>a</mj-text>"), "between the attributes"),
            (text("<mj-image width=\"{{ w }}\" src=\"a\" />"), "needs a fixed value"),
            (text("<mj-text>a < b</mj-text>"), "&lt;"),
            (text("<mj-text>{{ a</mj-text>"), "has no end"),
            (text("<mj-text>{% raw %}a</mj-text>"), "\"raw\""),
        ] {
            let refused = to_html(&source).unwrap_err();
            assert!(refused.message.contains(said), "{source}: {refused}");
            assert_eq!(refused.line, 2, "{source}: {refused}");
        }
        for source in ["", "hello", "<html></html>", "<mjml></mjml><mjml></mjml>", "<mj-body></mj-body>"] {
            assert!(to_html(source).is_err(), "{source}");
        }
    }

    #[test]
    fn fonts_come_from_outside_only_when_the_author_names_them() {
        let elements = "<mj-text>a</mj-text><mj-button>b</mj-button><mj-table><tr><td>c</td></tr></mj-table>\
            <mj-text font-family=\"Lato, sans-serif\">d</mj-text>";
        let html = to_html(&section(elements)).unwrap();
        assert!(!html.contains("googleapis") && !html.contains("@import") && !html.contains("Ubuntu"), "{html}");
        assert_eq!(html.matches("'PingFang SC'").count(), 3, "{html}");
        assert!(html.contains("font-family:Lato, sans-serif"), "{html}");
        let named = "<mj-head><mj-font name=\"Ubuntu\" href=\"https://fonts.shop.example/u.css\" /></mj-head>";
        let document = format!(
            "<mjml>{named}<mj-body><mj-section><mj-column>{elements}</mj-column></mj-section></mj-body></mjml>"
        );
        let html = to_html(&document).unwrap();
        assert!(html.contains("https://fonts.shop.example/u.css") && html.contains("font-family:Ubuntu,"), "{html}");
    }

    #[test]
    fn bombs_are_refused_before_they_are_parsed() {
        let deep = document("<mj-section><mj-column><mj-text>")
            .replace("<mj-text>", &format!("<mj-text>{}", "<b>".repeat(30_000)));
        assert!(to_html(&deep).is_err());
        let wide = document(&"<mj-section></mj-section>".repeat(3_000));
        assert!(to_html(&wide).unwrap_err().message.contains("2,000"));
        assert!(to_html(&"x".repeat(MAX_SOURCE + 1)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(body in "(<|>|/|mj-text|mj-section|mj-column|mj-raw|=|\"|\\{\\{|\\}\\}|a| |\n|你|<!--|%\\}|\\{%){0,40}") {
            let _ = to_html(&document(&body));
            let _ = check_piece(&body);
        }
    }
}
