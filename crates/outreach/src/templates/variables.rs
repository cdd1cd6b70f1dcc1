//! Which variables a template asks for, and whether it says what to do without them.

use std::collections::HashSet;

use super::{
    pieces::position,
    tokens::{Refused, Token, Tokens},
};

/// A variable where it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// Its path, such as `member.name`.
    pub path: String,
    /// Line of its tag, counted from 1.
    pub line: usize,
    /// Column of its tag, counted from 1 in characters.
    pub column: usize,
    /// Whether it is written into the message and nothing is said about what to write when it is missing.
    pub is_bare: bool,
}

/// Bytes of a name that is noted.
const MOST_OF_A_NAME: usize = 80;
/// Filters that say what to write instead.
const FALLBACKS: &[&str] = &["fallback", "default", "d"];
const KEYWORDS: &[&str] =
    &["and", "or", "not", "if", "else", "in", "is", "true", "false", "none", "True", "False", "None", "recursive"];

/// All variables of a source that come from outside it, in order.
pub(super) fn asked(source: &str) -> Result<Vec<Asked>, Refused> {
    let mut found = Vec::new();
    let mut own: HashSet<&str> = HashSet::from(["loop", "range"]);
    let mut at = 0;
    while let Some(start) = source[at..].find('{').map(|place| at + place) {
        let closing = match source.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => {
                at = source[start..].find("#}").map_or(source.len(), |end| start + end + 2);
                continue;
            }
            _ => {
                at = start + 1;
                continue;
            }
        };
        let mut tokens = Tokens { source, at: start + 2 };
        if matches!(source.as_bytes().get(tokens.at), Some(b'-' | b'+')) {
            tokens.at += 1;
        }
        let tag = read_tag(&mut tokens, closing)?;
        at = tokens.at;
        if closing == "%}" && tag.first() == Some(&Token::Word("raw")) {
            let rest = &source[at..];
            at = rest.find("endraw").map_or(source.len(), |end| at + end);
            at = source[at..].find("%}").map_or(source.len(), |end| at + end + 2);
            continue;
        }
        let place = position(source, start);
        let names = names_set(&tag, closing == "%}");
        let bare = closing == "}}" && is_bare(&tag);
        let skipped = if closing == "%}" { 1 } else { 0 };
        collect(&tag[skipped.min(tag.len())..], place, bare, &own, &names, &mut found);
        own.extend(names);
    }
    Ok(found)
}

/// A source that takes note of what is missing where it is written: behind each value that is written stands a filter
/// with the name of the first variable in it, unless the author says what to write instead.
pub(super) fn noting_missing(source: &str, filter: &str) -> Result<String, Refused> {
    let mut output = String::with_capacity(source.len() * 2);
    let (mut at, mut copied) = (0, 0);
    while let Some(start) = source[at..].find('{').map(|place| at + place) {
        let closing = match source.as_bytes().get(start + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => {
                at = source[start..].find("#}").map_or(source.len(), |end| start + end + 2);
                continue;
            }
            _ => {
                at = start + 1;
                continue;
            }
        };
        let mut tokens = Tokens { source, at: start + 2 };
        if matches!(source.as_bytes().get(tokens.at), Some(b'-' | b'+')) {
            tokens.at += 1;
        }
        let inside = tokens.at;
        let tag = read_tag(&mut tokens, closing)?;
        at = tokens.at;
        if closing == "%}" {
            if tag.first() == Some(&Token::Word("raw")) {
                let rest = &source[at..];
                at = rest.find("endraw").map_or(source.len(), |end| at + end);
                at = source[at..].find("%}").map_or(source.len(), |end| at + end + 2);
            }
            continue;
        }
        if !is_bare(&tag) || tag.iter().any(|token| matches!(token, Token::Word("and" | "or"))) {
            continue;
        }
        let mut found = Vec::new();
        collect(&tag, (0, 0), true, &HashSet::new(), &[], &mut found);
        let Some(first) = found.first().filter(|asked| asked.path.len() <= MOST_OF_A_NAME) else { continue };
        let end = if source[..at - 2].ends_with(['-', '+']) { at - 3 } else { at - 2 };
        output.push_str(&source[copied..inside]);
        output.push('(');
        output.push_str(&source[inside..end]);
        output.push_str(&format!(")|{filter}(\"{}\")", first.path));
        copied = end;
    }
    output.push_str(&source[copied..]);
    Ok(output)
}

fn read_tag<'s>(tokens: &mut Tokens<'s>, closing: &str) -> Result<Vec<Token<'s>>, Refused> {
    let mut tag = Vec::new();
    let mut depth = 0_usize;
    loop {
        let (token, _) = tokens.next(closing, depth == 0)?;
        match token {
            Token::End => return Ok(tag),
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        tag.push(token);
    }
}

/// Whether a tag says nothing about what to write instead of a value that is missing.
fn is_bare(tag: &[Token<'_>]) -> bool {
    let falls_back = |pair: &[Token<'_>]| matches!(pair, [Token::Pipe, Token::Word(name)] if FALLBACKS.contains(name));
    !tag.windows(2).any(falls_back) && !tag.contains(&Token::Word("if"))
}

/// The names that a statement gives values to.
fn names_set<'s>(tag: &[Token<'s>], is_block: bool) -> Vec<&'s str> {
    let words = |tokens: &[Token<'s>]| -> Vec<&'s str> {
        let word = |token: &Token<'s>| match token {
            Token::Word(word) => Some(*word),
            _ => None,
        };
        tokens.iter().filter_map(word).collect()
    };
    match tag.first() {
        Some(Token::Word("for")) if is_block => {
            let end = tag.iter().position(|token| *token == Token::Word("in")).unwrap_or(tag.len());
            words(&tag[1..end])
        }
        Some(Token::Word("set")) if is_block => {
            let end = tag.iter().position(|token| *token == Token::Assign).unwrap_or(tag.len());
            words(&tag[1..end])
        }
        Some(Token::Word("with")) if is_block => {
            let pairs = tag.windows(2).filter(|pair| pair[1] == Token::Assign);
            pairs.flat_map(|pair| words(&pair[..1])).collect()
        }
        _ => Vec::new(),
    }
}

fn collect<'s>(
    tag: &[Token<'s>],
    (line, column): (usize, usize),
    is_bare: bool,
    own: &HashSet<&'s str>,
    names: &[&'s str],
    found: &mut Vec<Asked>,
) {
    let mut at = 0;
    while at < tag.len() {
        let Token::Word(first) = tag[at] else {
            at += 1;
            continue;
        };
        let before = at.checked_sub(1).map(|before| tag[before]);
        let is_name = !matches!(before, Some(Token::Pipe | Token::Dot | Token::Word("is")))
            && !matches!(
                (before, at.checked_sub(2).map(|place| tag[place])),
                (Some(Token::Word("not")), Some(Token::Word("is")))
            );
        let is_keyword_argument = tag.get(at + 1) == Some(&Token::Assign);
        let mut path = first.to_owned();
        at += 1;
        if !is_name || KEYWORDS.contains(&first) || is_keyword_argument {
            continue;
        }
        while let (Some(Token::Dot), Some(Token::Word(next))) = (tag.get(at), tag.get(at + 1)) {
            path.push('.');
            path.push_str(next);
            at += 2;
        }
        let is_call = tag.get(at) == Some(&Token::Open(b'('));
        if is_call || own.contains(first) || names.contains(&first) {
            continue;
        }
        found.push(Asked { path, line, column, is_bare });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_noted_by_its_first_variable() {
        for (source, expected) in [
            ("{{ a.b }}", "{{( a.b )|N(\"a.b\")}}"),
            ("{{- a.b|upper -}} x", "{{-( a.b|upper )|N(\"a.b\")-}} x"),
            ("{{ 'x' if a }}{{ a or 'y' }}{{ a|fallback('') }}", "{{ 'x' if a }}{{ a or 'y' }}{{ a|fallback('') }}"),
            (
                "{{ 1 }}{% if a %}{# {{ b }} #}{% raw %}{{ c }}{% endraw %}",
                "{{ 1 }}{% if a %}{# {{ b }} #}{% raw %}{{ c }}{% endraw %}",
            ),
        ] {
            assert_eq!(noting_missing(source, "N").unwrap(), expected);
        }
    }

    #[test]
    fn variables_are_found_with_lines_and_fallbacks() {
        let source = "{{ member.name }}\n{{ member.city|fallback('here') }}{% for item in event.items if item.x %}{{ item.y }}\n\
                      {{ 'a' if member.vip else other }}{% endfor %}{% set a = b.c %}{{ a }}{{ f(x, k=y.z) }}{# {{ no }} #}{% if q is defined %}{% endif %}";
        let found: Vec<String> = asked(source)
            .unwrap()
            .into_iter()
            .map(|asked| format!("{}{}:{}", if asked.is_bare { "!" } else { "" }, asked.path, asked.line))
            .collect();
        assert_eq!(
            found,
            [
                "!member.name:1",
                "member.city:2",
                "event.items:2",
                "member.vip:3",
                "other:3",
                "b.c:3",
                "!x:3",
                "!y.z:3",
                "q:3"
            ]
        );
    }
}
