//! A plain text made from HTML, for those whose mail programs show nothing else.
//!
//! Paragraphs, lists, tables and line breaks stay apart, links tell where they lead, images what they show. Nothing of the
//! head, of styles, scripts and comments is left. It never builds a tree.

/// Elements of which nothing is shown.
const UNSEEN: &[&str] = &["head", "style", "script", "title", "template", "noscript", "object", "svg"];
/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];
/// Elements with an empty line before and after them.
const PARAGRAPHS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6", "p"];
/// Characters of the text that is looked at for the name of a character.
const LONGEST_REFERENCE: usize = 12;

/// The text of a document.
pub(super) fn from_html(document: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = document;
    while let Some(start) = rest.find('<') {
        writer.text(&rest[..start]);
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = tag_end(rest) else {
            break;
        };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let name = name_of(tag);
        if !tag.starts_with('/') && UNSEEN.contains(&name.as_str()) && !tag.ends_with('/') {
            rest = after_closing(rest, &name);
            continue;
        }
        writer.tag(tag, &name);
    }
    if !rest.starts_with('<') {
        writer.text(rest);
    }
    writer.finish()
}

/// Where the tag at the beginning ends; quoted values may hold a `>`.
fn tag_end(rest: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Some(at),
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn name_of(tag: &str) -> String {
    let name = tag.trim_start_matches('/');
    let end = name.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(name.len());
    name[..end].to_ascii_lowercase()
}

fn after_closing<'d>(rest: &'d str, name: &str) -> &'d str {
    let lower = rest.to_ascii_lowercase();
    let Some(at) = lower.find(&format!("</{name}")) else { return "" };
    rest[at..].find('>').map_or("", |end| &rest[at + end + 1..])
}

/// The value of an attribute of a tag, with character references resolved.
pub(super) fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(at) = rest.find('=') {
        let name = rest[..at].trim_end().rsplit(|c: char| c.is_whitespace() || c == '"' || c == '\'').next();
        let value = rest[at + 1..].trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = &value[1..];
                inner.find(quote).map_or((inner, ""), |end| (&inner[..end], &inner[end + 1..]))
            }
            _ => value.find(char::is_whitespace).map_or((value, ""), |end| (&value[..end], &value[end..])),
        };
        if name.is_some_and(|name| name.eq_ignore_ascii_case(wanted)) {
            return Some(resolved(value));
        }
        rest = after;
    }
    None
}

#[derive(Default)]
struct Writer {
    output: String,
    /// Line breaks that are due before the next word.
    breaks: usize,
    /// A space that is due before the next word.
    space: bool,
    /// Where the links that are open lead, and where their texts begin.
    links: Vec<(String, usize)>,
    /// Hidden elements that are open.
    hidden: Vec<(String, usize)>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if !self.hidden.is_empty() || text.is_empty() {
            return;
        }
        let text = resolved(text);
        for piece in text.split_inclusive(is_blank) {
            let word = piece.trim_matches(is_blank);
            if !word.is_empty() {
                self.begin_word();
                self.output.extend(word.chars().filter(|c| !is_invisible(*c)));
            }
            self.space |= piece.ends_with(is_blank);
        }
    }

    fn begin_word(&mut self) {
        if self.output.is_empty() {
            // Nothing stands before the first word.
        } else if self.breaks > 0 {
            self.output.push_str(&"\n\n"[..self.breaks.min(2)]);
        } else if self.space && !self.output.ends_with([' ', '\n']) {
            self.output.push(' ');
        }
        (self.breaks, self.space) = (0, false);
    }

    fn tag(&mut self, tag: &str, name: &str) {
        let closes = tag.starts_with('/');
        if let Some((hidden, depth)) = self.hidden.last_mut() {
            if hidden == name && !tag.ends_with('/') {
                if closes {
                    *depth -= 1
                } else {
                    *depth += 1
                }
                if *depth == 0 {
                    self.hidden.pop();
                }
            }
            return;
        }
        if !closes
            && !tag.ends_with('/')
            && !["img", "br", "hr", "input", "meta", "link"].contains(&name)
            && is_hidden(tag)
        {
            self.hidden.push((name.to_owned(), 1));
            return;
        }
        match name {
            "br" => self.breaks = (self.breaks + 1).min(2),
            "td" | "th" => self.space = true,
            "li" if !closes => {
                self.breaks = self.breaks.max(1);
                self.begin_word();
                if !self.output.is_empty() && !self.output.ends_with('\n') {
                    self.output.push('\n');
                }
                self.output.push_str("- ");
            }
            "li" => self.breaks = self.breaks.max(1),
            "img" => {
                if let Some(shown) = attribute(tag, "alt").filter(|alt| !alt.trim().is_empty()) {
                    self.text(&shown.replace('&', "&amp;"));
                }
            }
            "a" if closes => {
                if let Some((href, begin)) = self.links.pop() {
                    self.tell_link(&href, begin);
                }
            }
            "a" => {
                let href = attribute(tag, "href").unwrap_or_default();
                self.links.push((href.trim().to_owned(), self.output.len()));
            }
            _ if PARAGRAPHS.contains(&name) => self.breaks = 2,
            _ if BLOCKS.contains(&name) => self.breaks = self.breaks.max(1),
            _ => {}
        }
    }

    /// Writes where a link leads, unless its text says so already.
    fn tell_link(&mut self, href: &str, begin: usize) {
        let label = self.output[begin..].trim().to_owned();
        if href.is_empty() || href.starts_with('#') || label == href {
            return;
        }
        if label.is_empty() {
            self.begin_word();
        } else if href.strip_prefix("mailto:").or(href.strip_prefix("tel:")) == Some(label.as_str()) {
            return;
        } else {
            self.output.push_str(": ");
        }
        self.output.push_str(href);
        self.space = true;
    }

    fn finish(self) -> String {
        let lines: Vec<&str> = self.output.lines().map(str::trim_end).collect();
        lines.join("\n").trim().to_owned()
    }
}

fn is_hidden(tag: &str) -> bool {
    let style = attribute(tag, "style").unwrap_or_default().replace(' ', "").to_ascii_lowercase();
    style.contains("display:none") || style.contains("visibility:hidden")
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\u{3000}'
}

/// Characters that only keep places or words apart.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{34f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2007}' | '\u{feff}')
}

/// The text with its character references resolved: numbers, and the names that occur in messages.
pub(super) fn resolved(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        output.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';');
        match end.and_then(|end| Some((character(&rest[1..end])?, end))) {
            Some((character, end)) => {
                output.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                output.push('&');
                rest = &rest[1..];
            }
        }
    }
    output.push_str(rest);
    output
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "middot" => '·',
        "bull" => '•',
        "laquo" => '«',
        "raquo" => '»',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "times" => '×',
        "euro" => '€',
        "pound" => '£',
        "yen" => '¥',
        "deg" => '°',
        "rarr" => '→',
        "larr" => '←',
        "zwnj" => '\u{200c}',
        "zwj" => '\u{200d}',
        "shy" => '\u{ad}',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_said_and_nothing_else() {
        for (html, text) in [
            ("<p>a</p><p>b</p>", "a\n\nb"),
            ("<style>x{}</style><!-- c --><!--[if mso]><b>m</b><![endif]-->t", "t"),
            ("a<br>b<br/>c  d\n e", "a\nb\nc d e"),
            ("<a href=\"https://x.example/?a=1&amp;b=2\">go</a>.", "go: https://x.example/?a=1&b=2 ."),
            ("<a href='https://x.example'>https://x.example</a>", "https://x.example"),
            ("<a href=\"https://x.example\"><img alt=\"A & B\" src=x></a>", "A & B: https://x.example"),
            ("<ul><li>one</li><li>two</li></ul>end", "- one\n- two\nend"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("<div style=\"display: none\">no<div>no</div>no</div>yes", "yes"),
            ("&lt;b&gt; &#20320;&#x597d; &nope; &", "<b> 你好 &nope; &"),
            ("<head><title>t</title></head><body>b</body>", "b"),
            ("x <unclosed", "x"),
            ("<a title=\"a>b\" href=y>z</a>", "z: y"),
        ] {
            assert_eq!(from_html(html), text, "{html}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(html in "[<>a-c/=\"' &;!\\-#你\n]{0,80}") {
            let _ = from_html(&html);
        }
    }
}
