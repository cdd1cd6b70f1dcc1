//! Finding the links of an HTML document without changing anything else of it.
//!
//! This is a scanner after the tokenisation rules of the HTML standard, as far as finding `href`
//! needs them: comments, declarations, text-only elements (`script`, `style` …), and
//! attributes in their three ways of quoting. It never builds a tree; whatever it does not
//! understand stays as it is.

use std::{borrow::Cow, ops::Range};

/// One link that may be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where its value stands in the document, without quotes.
    pub range: Range<usize>,
    /// The address, with character references resolved.
    pub url: String,
}

/// What was found in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html {
    /// The links, in order.
    pub links: Vec<Edit>,
    /// Where something may be added at the end of the body.
    pub end: usize,
}

/// Elements whose content is text up to their end tag.
const TEXT_ONLY: &[&str] =
    &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript", "plaintext"];

/// Finds the links of a document that carry no `data-no-track`.
pub fn scan(document: &str) -> Html {
    let mut found = Html { links: Vec::new(), end: document.len() };
    let bytes = document.as_bytes();
    let mut at = 0;
    while let Some(start) = find(bytes, at, b"<") {
        at = start + 1;
        if bytes[at..].starts_with(b"!--") {
            at = comment_end(bytes, at + 3);
            continue;
        }
        let is_end = bytes.get(at) == Some(&b'/');
        let name_at = at + usize::from(is_end);
        match bytes.get(name_at) {
            Some(byte) if byte.is_ascii_alphabetic() => {}
            Some(_) if is_end || matches!(bytes.get(at), Some(b'!' | b'?')) => {
                at = find(bytes, at, b">").map_or(bytes.len(), |end| end + 1);
                continue;
            }
            _ => continue,
        }
        let name_end = name_at + bytes[name_at..].iter().take_while(|b| !ends_name(**b)).count();
        let name = document[name_at..name_end].to_ascii_lowercase();
        let tag = read_attributes(document, name_end);
        at = tag.end;
        if is_end {
            if name == "body" {
                found.end = start;
            }
            continue;
        }
        if name == "a"
            && !tag.no_track
            && let Some(range) = tag.href
        {
            let url = resolve_references(document[range.clone()].trim()).into_owned();
            found.links.push(Edit { range, url });
        }
        if TEXT_ONLY.contains(&name.as_str()) {
            at = text_end(document, at, &name);
        }
    }
    found
}

/// Puts new values in the place of some, from first to last; `additions` go to the end of the body.
pub fn apply(document: &str, html: &Html, replacements: &[Option<String>], additions: &str) -> String {
    let mut output = String::with_capacity(document.len() + additions.len() + replacements.len() * 100);
    let mut copied = 0;
    let mut added = false;
    for (link, replacement) in html.links.iter().zip(replacements) {
        let Some(replacement) = replacement else { continue };
        if !added && link.range.start >= html.end {
            output.push_str(&document[copied..html.end]);
            output.push_str(additions);
            copied = html.end;
            added = true;
        }
        output.push_str(&document[copied..link.range.start]);
        output.push_str(replacement);
        copied = link.range.end;
    }
    if !added {
        output.push_str(&document[copied..html.end]);
        output.push_str(additions);
        copied = html.end;
    }
    output.push_str(&document[copied..]);
    output
}

struct Tag {
    href: Option<Range<usize>>,
    no_track: bool,
    end: usize,
}

fn read_attributes(document: &str, from: usize) -> Tag {
    let bytes = document.as_bytes();
    let mut tag = Tag { href: None, no_track: false, end: bytes.len() };
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => {
                tag.end = at + 1;
                return tag;
            }
            byte if byte.is_ascii_whitespace() || byte == b'/' => {
                at += 1;
                continue;
            }
            _ => {}
        }
        // A name may begin with `=`, oddly enough.
        let name_start = at;
        at += 1;
        while at < bytes.len() && !ends_name(bytes[at]) && bytes[at] != b'=' {
            at += 1;
        }
        let name = document.get(name_start..at).unwrap_or_default();
        let after_name = skip_space(bytes, at);
        let mut value = None;
        if bytes.get(after_name) == Some(&b'=') {
            let value_at = skip_space(bytes, after_name + 1);
            let (range, next) = read_value(bytes, value_at);
            value = Some(range);
            at = next;
        }
        if name.eq_ignore_ascii_case("data-no-track") {
            tag.no_track = true;
        }
        // Of an attribute that stands twice, the first counts.
        if name.eq_ignore_ascii_case("href") && tag.href.is_none() {
            tag.href = value.filter(|range| document.get(range.clone()).is_some());
        }
    }
    // The tag has no end, so no browser makes a link of it.
    tag.href = None;
    tag
}

fn read_value(bytes: &[u8], at: usize) -> (Range<usize>, usize) {
    match bytes.get(at) {
        Some(quote @ (b'"' | b'\'')) => {
            let end = find(bytes, at + 1, &[*quote]).unwrap_or(bytes.len());
            (at + 1..end, (end + 1).min(bytes.len()))
        }
        _ => {
            let length = bytes[at..].iter().take_while(|b| !b.is_ascii_whitespace() && **b != b'>').count();
            (at..at + length, at + length)
        }
    }
}

fn ends_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')
}

fn skip_space(bytes: &[u8], from: usize) -> usize {
    from + bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn find(bytes: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(needle.len()).position(|window| window == needle).map(|place| from + place)
}

fn comment_end(bytes: &[u8], from: usize) -> usize {
    // `<!-->` and `<!--->` are whole comments.
    for short in [&b">"[..], b"->"] {
        if bytes[from..].starts_with(short) {
            return from + short.len();
        }
    }
    let mut at = from;
    while let Some(dashes) = find(bytes, at, b"--") {
        for end in [&b">"[..], b"!>"] {
            if bytes[dashes + 2..].starts_with(end) {
                return dashes + 2 + end.len();
            }
        }
        at = dashes + 1;
    }
    bytes.len()
}

fn text_end(document: &str, from: usize, name: &str) -> usize {
    let bytes = document.as_bytes();
    let mut at = from;
    while let Some(start) = find(bytes, at, b"</") {
        let name_at = start + 2;
        let closes =
            bytes.get(name_at..name_at + name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name.as_bytes()))
                && bytes.get(name_at + name.len()).is_none_or(|byte| ends_name(*byte));
        if closes {
            return start;
        }
        at = name_at;
    }
    bytes.len()
}

/// Resolves the character references that occur in addresses.
fn resolve_references(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        output.push_str(&rest[..start]);
        rest = &rest[start..];
        match read_reference(rest) {
            Some((character, length)) => {
                output.push(character);
                rest = &rest[length..];
            }
            None => {
                output.push('&');
                rest = &rest[1..];
            }
        }
    }
    output.push_str(rest);
    Cow::Owned(output)
}

fn read_reference(text: &str) -> Option<(char, usize)> {
    const NAMED: &[(&str, char)] = &[("&amp;", '&'), ("&quot;", '"'), ("&apos;", '\''), ("&lt;", '<'), ("&gt;", '>')];
    if let Some((name, character)) = NAMED.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((*character, name.len()));
    }
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let number = text.get(2..end)?;
    let code = match text.as_bytes().get(1..3)? {
        [b'#', b'x' | b'X'] => u32::from_str_radix(number.get(1..)?, 16).ok()?,
        [b'#', _] => number.parse().ok()?,
        _ => return None,
    };
    let character = char::from_u32(code).filter(|character| !character.is_control())?;
    Some((character, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn urls(document: &str) -> Vec<String> {
        scan(document).links.into_iter().map(|link| link.url).collect()
    }

    #[test]
    fn finds_links_in_every_way_of_writing_them() {
        let document = r#"<p>1 < 2 <A class=x HREF='https://a.example/?x=1&amp;y=2'>a</A>
            <a href=https://b.example/c>b</a><a
              href = "https:&#x2f;&#47;c.example/" data-x="<a href='https://no.example'>">c</a>
            <a name=x>no</a><a href="https://d.example" href="https://no.example">d</a><area href="https://no.example">"#;
        assert_eq!(
            urls(document),
            ["https://a.example/?x=1&y=2", "https://b.example/c", "https://c.example/", "https://d.example"]
        );
    }

    #[test]
    fn leaves_alone_what_is_no_link() {
        let document = r#"<!-- <a href="https://no.example"> --><!--[if mso]><a href="https://no.example"><![endif]-->
            <style>a { content: '<a href="https://no.example">' }</style><script>"<a href='https://no.example'>"</script>
            <title><a href="https://no.example"></title><a href="https://no.example" data-no-track>x</a>
            <abbr href="https://no.example">x</abbr><a href="https://no.example"#;
        assert_eq!(urls(document), Vec::<String>::new());
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "measures the machine's own time")]
    fn a_long_document_takes_no_longer_than_its_length() {
        let started = std::time::Instant::now();
        for piece in
            ["<!---->", "<!--", "<a href=\"", "<title></title>", "<title>", "</", "<a href=&amp;>", "<!-- --!>"]
        {
            scan(&piece.repeat(200_000 / piece.len()));
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(1), "{:?}", started.elapsed());
    }

    #[test]
    fn comments_end_as_browsers_end_them() {
        let link = "<a href=\"https://a.example\">";
        for comment in ["<!-->", "<!--->", "<!---->", "<!-- x --!>", "<!-- - -- > -->"] {
            assert_eq!(urls(&format!("{comment}{link}")), ["https://a.example"], "{comment}");
        }
    }

    #[test]
    fn additions_go_before_the_end_of_the_body() {
        let document = "<body><a href=\"https://a.example\">a</a></body></html>";
        let html = scan(document);
        assert_eq!(apply(document, &html, &[Some("B".to_owned())], "+"), "<body><a href=\"B\">a</a>+</body></html>");
        let open = "text <a href=\"https://a.example\">a</a>";
        assert_eq!(apply(open, &scan(open), &[None], "+"), format!("{open}+"));
    }

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("<a href=\"https://x.example/?a=1&amp;b=2\">".to_owned()),
            Just("<a href='https://y.example'".to_owned()),
            Just("<a HREF=https://z.example/ü>".to_owned()),
            Just("</a>".to_owned()),
            Just("</body>".to_owned()),
            Just("<!--".to_owned()),
            Just("-->".to_owned()),
            Just("<style>".to_owned()),
            Just("</style>".to_owned()),
            "[<>/=\"' a-cé酒&;#x0-9!-]{0,12}",
        ];
        prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn only_the_values_of_links_change(document in pieces()) {
            let html = scan(&document);
            let nothing: Vec<Option<String>> = vec![None; html.links.len()];
            prop_assert_eq!(apply(&document, &html, &nothing, ""), document.clone());
            let same: Vec<Option<String>> = html.links.iter().map(|link| Some(document[link.range.clone()].to_owned())).collect();
            prop_assert_eq!(apply(&document, &html, &same, ""), document.clone());

            // After replacing, the same links stand in the same order, and everything between them is as it was.
            let marks: Vec<Option<String>> = (0..html.links.len()).map(|n| Some(format!("https://t.example/t/{n}"))).collect();
            let changed = apply(&document, &html, &marks, "");
            let again = scan(&changed);
            prop_assert_eq!(again.links.iter().map(|link| Some(link.url.clone())).collect::<Vec<_>>(), marks);
            let between = |text: &str, html: &Html| {
                let mut at = 0;
                let mut parts: Vec<String> = Vec::new();
                for link in &html.links {
                    parts.push(text[at..link.range.start].to_owned());
                    at = link.range.end;
                }
                parts.push(text[at..].to_owned());
                parts
            };
            prop_assert_eq!(between(&document, &html), between(&changed, &again));
        }
    }
}
