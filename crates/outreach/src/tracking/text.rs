//! Finding the addresses in a plain text.

use super::Edit;

/// Punctuation that ends a sentence rather than an address.
const TRAILING: &[char] = &['.', ',', ';', ':', '!', '?', '\'', '*', '_', '…'];
/// Characters at which an address certainly ends.
const ENDS: &[char] = &[
    '<', '>', '"', '`', '{', '}', '|', '\\', '^', '。', '，', '；', '：', '！', '？', '、', '）', '（', '】', '【',
    '」', '「', '》', '《', '“', '”', '‘', '’',
];

/// Finds the `http` and `https` addresses of a text, in order.
pub fn scan(text: &str) -> Vec<Edit> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = text[at..].find("http") {
        let start = at + offset;
        at = start + 4;
        let rest = &text[start..];
        let scheme = ["http://", "https://"].into_iter().find(|scheme| rest.starts_with(scheme));
        let inside_word = text[..start].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        let Some(scheme) = scheme.filter(|_| !inside_word) else { continue };
        let length =
            rest.find(|c: char| c.is_whitespace() || c.is_control() || ENDS.contains(&c)).unwrap_or(rest.len());
        let url = without_punctuation(&rest[..length]);
        if url.len() > scheme.len() {
            found.push(Edit { range: start..start + url.len(), url: url.to_owned() });
        }
        at = (start + url.len()).max(at);
    }
    found
}

/// Cuts off the punctuation behind an address; a closing bracket stays if it was opened inside.
fn without_punctuation(url: &str) -> &str {
    let count = |wanted: char| url.chars().filter(|c| *c == wanted).count();
    let unopened = |open: char, close: char| count(close).saturating_sub(count(open));
    let (mut round, mut square) = (unopened('(', ')'), unopened('[', ']'));
    let mut end = url.len();
    for (at, character) in url.char_indices().rev() {
        match character {
            ')' if round > 0 => round -= 1,
            ']' if square > 0 => square -= 1,
            other if TRAILING.contains(&other) => {}
            _ => break,
        }
        end = at;
    }
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_ends_where_a_reader_would_end_it() {
        let text = "See (https://a.example/x_(y)), https://b.example/?q=1. 见 https://c.example/酒。再见 <https://d.example> xhttp://no.example http:// https://e.example/a-b_c!";
        let urls: Vec<String> = scan(text).into_iter().map(|edit| edit.url).collect();
        assert_eq!(
            urls,
            [
                "https://a.example/x_(y)",
                "https://b.example/?q=1",
                "https://c.example/酒",
                "https://d.example",
                "https://e.example/a-b_c"
            ]
        );
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "measures the machine's own time")]
    fn a_long_text_takes_no_longer_than_its_length() {
        let started = std::time::Instant::now();
        for text in
            ["http://a".to_owned() + &")".repeat(200_000), "http://a)".repeat(25_000), "http://)".repeat(25_000)]
        {
            scan(&text);
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(1), "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn what_is_found_stands_there(text in "([a-z酒 .()<>]|https?://[a-z.]{1,8}){0,20}") {
            let mut last = 0;
            for edit in scan(&text) {
                prop_assert!(edit.range.start >= last);
                prop_assert_eq!(&text[edit.range.clone()], edit.url.as_str());
                last = edit.range.end;
            }
        }
    }
}
