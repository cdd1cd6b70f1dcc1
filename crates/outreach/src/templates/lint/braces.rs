//! Braces that were meant as a tag and are none.

use super::Linter;
use crate::templates::pieces::{Piece, pieces};

impl Linter<'_> {
    /// Tells of ends of tags that end nothing. Braces that open and close by themselves, as those of styles and of JSON,
    /// are meant as they are.
    pub(super) fn braces(&mut self, path: &str, source: &str) {
        for at in stray_ends(source) {
            let end = &source[at..at + 2];
            let begin = if end == "}}" { "{{" } else { "{%" };
            let en = format!("\"{end}\" ends nothing and is shown to members; did you mean \"{begin}\" before it?");
            let zh = format!("“{end}”没有对应的“{begin}”，会原样显示给会员");
            self.warn_at(("unbalanced_braces", "error"), (path, source, at), en, zh);
        }
    }
}

/// Where an end of a tag stands in the text.
fn stray_ends(source: &str) -> Vec<usize> {
    let mut found = Vec::new();
    // Braces that are open in the text; tags in between do not close them.
    let mut open = 0_usize;
    for piece in pieces(source).unwrap_or_default() {
        let Piece::Text(range) = piece else { continue };
        let bytes = source.as_bytes();
        let mut at = range.start;
        while at < range.end {
            let next = (at + 1 < range.end).then(|| bytes[at + 1]);
            match (bytes[at], next) {
                (b'{', _) => open += 1,
                (b'}', Some(b'}')) if open < 2 => {
                    found.push(at);
                    open = 0;
                    at += 1;
                }
                // `width: 50%}` ends a style.
                (b'%', Some(b'}')) if open == 0 => {
                    found.push(at);
                    at += 1;
                }
                (b'}', _) => open = open.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::stray_ends;

    #[test]
    fn braces_that_belong_together_are_meant_and_ends_of_nothing_are_told() {
        for (source, expected) in [
            ("@media print{a{color:red}}", vec![]),
            ("{\"a\": {\"b\": {{ x }}}}", vec![]),
            ("{a:{b:{c:1}}}", vec![]),
            ("{a:{\n b:{{ c }}\n}}", vec![]),
            ("td{width:50%}", vec![]),
            ("{% raw %}{{ a }} }} {% endraw %}", vec![]),
            ("{{ \"}}\" }}{{ '{{' }}{% if a == '}}' %}{% endif %}{# }} %} #}", vec![]),
            ("{{ {'a': {'b': 1}}['a'] }}", vec![]),
            ("100% } 你好 {", vec![]),
            ("name }}", vec![5]),
            ("{ name }}", vec![7]),
            ("{{ a }}}}", vec![7]),
            ("{{ a }} b }} c }}", vec![10, 15]),
            ("if a %}", vec![5]),
            ("a{b:c}}", vec![5]),
        ] {
            assert_eq!(stray_ends(source), expected, "{source}");
        }
    }
}
