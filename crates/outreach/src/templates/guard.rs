//! Puts a meter on everything in a template that can make a value grow.
//!
//! The engine's fuel counts instructions, but one instruction can double a text or repeat it a
//! million times. So before a template is compiled, its tags are read here and the operands of
//! every operator, every filter's input and every slice are passed through a filter of ours:
//! [`CHARGE`] adds their size to what the rendering may use up, [`NUMBER`] demands a number (for
//! `*`, which would repeat a text). No line break is added, so the engine's line numbers stay true.
//!
//! Statements that capture output into a value (macros, blocks, `set` without `=`) or read other
//! templates are refused, since what they make could not be metered.

/// Name of the filter that charges for its input and passes it on.
pub const CHARGE: &str = "__charge";
/// Name of the filter that passes only numbers on.
pub const NUMBER: &str = "__number";

const STATEMENTS: &[&str] =
    &["if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith", "autoescape", "endautoescape"];

/// A template that is refused, with the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Refused {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

/// The source with meters in it. `known_filter` tells which filters exist.
pub fn with_meters(source: &str, known_filter: &dyn Fn(&str) -> bool) -> Result<String, Refused> {
    let mut reader = Reader { source, at: 0, output: String::with_capacity(source.len() * 2), copied: 0, known_filter };
    reader.template()?;
    reader.output.push_str(&source[reader.copied..]);
    Ok(reader.output)
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
    output: String,
    copied: usize,
    known_filter: &'s dyn Fn(&str) -> bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'s> {
    Word(&'s str),
    Literal,
    Open(u8),
    Close(u8),
    /// An operator with two operands, `*` apart from the others.
    Operator,
    Times,
    /// `+` or `-`, which may stand before an operand as well.
    Sign,
    Pipe,
    Dot,
    Colon,
    Comma,
    Assign,
    End,
}

/// One level of brackets.
#[derive(Clone, Copy, Debug)]
struct Level {
    open: u8,
    /// Whether an operand ends at the last token.
    after_operand: bool,
    /// The meter that the operand which is being read gets at its end.
    pending: Option<&'static str>,
    /// The brackets follow an operand: a subscript or arguments.
    postfix: bool,
    /// A subscript with a colon.
    slice: bool,
}

impl Level {
    fn new(open: u8, postfix: bool) -> Level {
        Level { open, after_operand: false, pending: None, postfix, slice: false }
    }
}

impl<'s> Reader<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn refuse<T>(&self, at: usize, message: impl Into<String>) -> Result<T, Refused> {
        let line = self.source.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        Err(Refused { line, message: message.into() })
    }

    /// Writes `|filter` at a place in the source that was not copied yet.
    fn insert(&mut self, at: usize, filter: &str) {
        self.output.push_str(&self.source[self.copied..at]);
        self.output.push('|');
        self.output.push_str(filter);
        self.copied = at;
    }

    fn template(&mut self) -> Result<(), Refused> {
        while let Some(start) = self.rest().find('{') {
            let tag = self.at + start;
            let (is_block, closing) = match self.source.as_bytes().get(tag + 1) {
                Some(b'{') => (false, "}}"),
                Some(b'%') => (true, "%}"),
                Some(b'#') => {
                    self.at = tag + 2 + usize::from(matches!(self.source.as_bytes().get(tag + 2), Some(b'-' | b'+')));
                    let Some(end) = self.rest().find("#}") else { return self.refuse(tag, "the comment has no end") };
                    self.at += end + 2;
                    continue;
                }
                _ => {
                    self.at = tag + 1;
                    continue;
                }
            };
            self.at = tag + 2;
            if matches!(self.source.as_bytes().get(self.at), Some(b'-' | b'+')) {
                self.at += 1;
            }
            if is_block && self.skip_simple_tag("raw") {
                self.skip_raw(tag)?;
                continue;
            }
            self.tag(is_block, closing)?;
        }
        Ok(())
    }

    /// Goes past `name %}` when that is what comes next.
    fn skip_simple_tag(&mut self, name: &str) -> bool {
        let trimmed = self.rest().trim_start_matches(|c: char| c.is_ascii_whitespace());
        let Some(after) = trimmed.strip_prefix(name) else { return false };
        let after = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let after = after.strip_prefix(['-', '+']).unwrap_or(after);
        let Some(after) = after.strip_prefix("%}") else { return false };
        self.at = self.source.len() - after.len();
        true
    }

    fn skip_raw(&mut self, tag: usize) -> Result<(), Refused> {
        while let Some(start) = self.rest().find("{%") {
            self.at += start + 2;
            let here = self.at;
            if matches!(self.source.as_bytes().get(self.at), Some(b'-' | b'+')) {
                self.at += 1;
            }
            if self.skip_simple_tag("endraw") {
                return Ok(());
            }
            self.at = here;
        }
        self.refuse(tag, "the raw block has no end")
    }

    fn tag(&mut self, is_block: bool, closing: &str) -> Result<(), Refused> {
        let mut levels = vec![Level::new(0, false)];
        let mut statement = "";
        let mut has_assign = false;
        // The `in` of a `for` divides its names from its values.
        let mut awaits_in = false;
        if is_block {
            let (token, start) = self.next(closing, true)?;
            let Token::Word(name) = token else { return self.refuse(start, "a statement begins with its name") };
            if !STATEMENTS.contains(&name) {
                return self.refuse(start, format!("\"{name}\" cannot be used in a message"));
            }
            statement = name;
            awaits_in = name == "for";
        }
        let mut previous_end = self.at;
        let mut previous = Token::End;
        loop {
            let (token, start) = self.next(closing, levels.len() == 1)?;
            let depth = levels.len();
            let Some(level) = levels.last_mut() else { return self.refuse(start, "brackets do not match") };
            match token {
                Token::End => {
                    let pending = level.pending.take();
                    self.finish(previous_end, pending);
                    if statement == "set" && !has_assign {
                        return self.refuse(start, "\"set\" needs a value: {% set name = value %}");
                    }
                    if statement == "for" && previous == Token::Word("recursive") {
                        return self.refuse(start, "\"recursive\" cannot be used in a message");
                    }
                    return Ok(());
                }
                Token::Word("in") if awaits_in && depth == 1 => {
                    awaits_in = false;
                    *level = Level::new(0, false);
                }
                Token::Word(word @ ("and" | "or" | "not" | "if" | "else" | "in" | "is")) => {
                    let ends = level.after_operand;
                    let pending = level.pending.take();
                    let compares = matches!(word, "in" | "is" | "not");
                    let is_operator = word == "in" && (ends || previous == Token::Word("not"));
                    level.after_operand = false;
                    level.pending = is_operator.then_some(CHARGE);
                    if ends {
                        self.finish(previous_end, pending.or(compares.then_some(CHARGE)));
                    } else if !is_operator && (word != "not" || pending.is_some()) {
                        return self.refuse(start, "an operand is missing");
                    }
                    if word == "is" {
                        self.test_name(closing)?;
                        if let Some(level) = levels.last_mut() {
                            level.after_operand = true;
                        }
                    }
                }
                Token::Word(word) => {
                    if word.starts_with("__") {
                        return self.refuse(start, format!("\"{word}\" is not a name that templates may use"));
                    }
                    level.after_operand = true;
                }
                Token::Literal => level.after_operand = true,
                Token::Open(open) => {
                    let postfix = level.after_operand;
                    levels.push(Level::new(open, postfix));
                }
                Token::Close(close) => {
                    let pending = level.pending.take();
                    let inner = *level;
                    let matching = matches!((inner.open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
                    if !matching {
                        return self.refuse(start, "brackets do not match");
                    }
                    self.finish(previous_end, pending);
                    levels.pop();
                    if let Some(outer) = levels.last_mut() {
                        outer.after_operand = true;
                    }
                    if inner.slice && inner.postfix && inner.open == b'[' {
                        self.charge_slice()?;
                    }
                }
                Token::Operator | Token::Times | Token::Sign => {
                    let is_prefix = !level.after_operand;
                    if is_prefix {
                        let is_splat = level.open == b'(' && matches!(previous, Token::Open(_) | Token::Comma);
                        if token != Token::Sign && !is_splat {
                            return self.refuse(start, "an operand is missing");
                        }
                    } else {
                        let demanded = token == Token::Times || level.pending == Some(NUMBER);
                        level.after_operand = false;
                        level.pending = Some(if token == Token::Times { NUMBER } else { CHARGE });
                        self.finish(previous_end, Some(if demanded { NUMBER } else { CHARGE }));
                    }
                }
                Token::Pipe => {
                    self.insert(previous_end, CHARGE);
                    let name = self.dotted_name(closing)?;
                    if !(self.known_filter)(name) {
                        return self.refuse(start, format!("there is no filter \"{name}\""));
                    }
                }
                Token::Dot => {
                    // The next token names an attribute and goes on with the operand.
                    let (token, start) = self.next(closing, false)?;
                    if !matches!(token, Token::Word(_) | Token::Literal) {
                        return self.refuse(start, "a name is missing after the dot");
                    }
                }
                Token::Colon | Token::Comma | Token::Assign => {
                    let pending = level.pending.take();
                    level.after_operand = false;
                    level.slice |= token == Token::Colon;
                    has_assign |= token == Token::Assign && depth == 1;
                    self.finish(previous_end, pending);
                }
            }
            previous = token;
            previous_end = self.at;
        }
    }

    fn finish(&mut self, operand_end: usize, pending: Option<&'static str>) {
        if let Some(filter) = pending {
            self.insert(operand_end, filter);
        }
    }

    /// A slice copies; it is charged after its bracket, where a filter may stand.
    fn charge_slice(&mut self) -> Result<(), Refused> {
        let next = self.rest().trim_start_matches(|c: char| c.is_ascii_whitespace()).bytes().next();
        if matches!(next, Some(b'.' | b'[' | b'(')) {
            return self.refuse(self.at, "put the slice into parentheses to go on with it");
        }
        let at = self.at;
        self.insert(at, CHARGE);
        Ok(())
    }

    fn test_name(&mut self, closing: &str) -> Result<(), Refused> {
        let before = self.at;
        if let (Token::Word("not"), _) = self.next(closing, false)? {
            self.dotted_name(closing)?;
            return Ok(());
        }
        self.at = before;
        self.dotted_name(closing)?;
        Ok(())
    }

    fn dotted_name(&mut self, closing: &str) -> Result<&'s str, Refused> {
        let (token, start) = self.next(closing, false)?;
        let Token::Word(first) = token else { return self.refuse(start, "a name is missing") };
        if first.starts_with("__") || self.rest().starts_with('.') {
            return self.refuse(start, format!("there is nothing named \"{first}\" here"));
        }
        Ok(first)
    }

    /// The next token and where it starts. The tag can end only outside all brackets.
    fn next(&mut self, closing: &str, may_end: bool) -> Result<(Token<'s>, usize), Refused> {
        let skipped = self.rest().bytes().take_while(u8::is_ascii_whitespace).count();
        self.at += skipped;
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let Some(first) = bytes.first().copied() else { return self.refuse(start, "the tag has no end") };
        if may_end {
            let signed = usize::from(matches!(first, b'-' | b'+'));
            if bytes[signed..].starts_with(closing.as_bytes()) {
                self.at += signed + closing.len();
                return Ok((Token::End, start));
            }
        }
        let (token, length) = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length = bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                (Token::Word(&self.rest()[..length]), length)
            }
            b'0'..=b'9' => {
                (Token::Literal, number_length(bytes, self.source.as_bytes()[..start].last() == Some(&b'.')))
            }
            b'"' | b'\'' => match text_length(bytes) {
                Some(length) => (Token::Literal, length),
                None => return self.refuse(start, "the text has no closing quote"),
            },
            b'(' | b'[' | b'{' => (Token::Open(first), 1),
            b')' | b']' | b'}' => (Token::Close(first), 1),
            b'|' => (Token::Pipe, 1),
            b'.' => (Token::Dot, 1),
            b':' => (Token::Colon, 1),
            b',' => (Token::Comma, 1),
            b'+' | b'-' => (Token::Sign, 1),
            _ if [&b"//"[..], b"**", b"==", b"!=", b">=", b"<="].iter().any(|two| bytes.starts_with(two)) => {
                (Token::Operator, 2)
            }
            b'*' => (Token::Times, 1),
            b'/' | b'%' | b'~' | b'<' | b'>' => (Token::Operator, 1),
            b'=' => (Token::Assign, 1),
            _ => return self.refuse(start, "this character cannot stand here"),
        };
        self.at += length;
        Ok((token, start))
    }
}

/// How long the number is, by the engine's own rules.
fn number_length(bytes: &[u8], after_dot: bool) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    if bytes.len() > 1 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X' | b'o' | b'O' | b'b' | b'B') {
        return 2 + bytes[2..].iter().take_while(|b| b.is_ascii_hexdigit() || **b == b'_').count();
    }
    let mut length = digits(0);
    if !after_dot && bytes.get(length) == Some(&b'.') && bytes.get(length + 1).is_some_and(u8::is_ascii_digit) {
        length += 1;
        length += digits(length);
    }
    let exponent = matches!(bytes.get(length), Some(b'e' | b'E'));
    let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
    if exponent && bytes.get(length + 1 + sign).is_some_and(u8::is_ascii_digit) {
        length += 1 + sign;
        length += digits(length);
    }
    length
}

fn text_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == bytes[0] => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metered(source: &str) -> String {
        with_meters(source, &|_| true).unwrap().replace(&format!("|{CHARGE}"), "¢").replace(&format!("|{NUMBER}"), "#")
    }

    #[test]
    fn every_operand_is_metered_and_nothing_else_changes() {
        for (source, expected) in [
            (
                "{{ a }} { {% raw %}{{ a ~ b }}{% endraw %} {# a ~ b #}",
                "{{ a }} { {% raw %}{{ a ~ b }}{% endraw %} {# a ~ b #}",
            ),
            ("{{ a ~ b.c[0] ~ 'x' }}", "{{ a¢ ~ b.c[0]¢ ~ 'x'¢ }}"),
            ("{{ a.b * -2 + c }}", "{{ a.b# * -2# + c¢ }}"),
            ("{{ x|upper ~ y|default('a' ~ b) }}", "{{ x¢|upper¢ ~ y¢|default('a'¢ ~ b¢)¢ }}"),
            (
                "{% for i in range(3) + r if i > 1 %}{% endfor %}",
                "{% for i in range(3)¢ + r¢ if i¢ > 1¢ %}{% endfor %}",
            ),
            ("{% if a not in b and not c is defined %}", "{% if a¢ not in b¢ and not c¢ is defined %}"),
            ("{{ 'yes' if a == 1 else 'no' }}", "{{ 'yes' if a¢ == 1¢ else 'no' }}"),
            ("{{ {'a': b * 2}['a'] }}", "{{ {'a': b# * 2#}['a'] }}"),
            ("{% set a, b = x + 1, y -%}", "{% set a, b = x¢ + 1¢, y -%}"),
            ("{{ name[:1] ~ f(*a, k=b+c) }}", "{{ name[:1]¢¢ ~ f(*a, k=b¢+c¢)¢ }}"),
            ("{{ (a ~ b) * 3 }}", "{{ (a¢ ~ b¢)# * 3# }}"),
            ("{{- 1.5e+3*x -}}", "{{- 1.5e+3#*x# -}}"),
        ] {
            assert_eq!(metered(source), expected);
        }
    }

    #[test]
    fn what_cannot_be_metered_is_refused_with_its_line() {
        for source in [
            "\n{% macro m() %}{% endmacro %}",
            "\n{% set x %}{{ x }}{% endset %}",
            "\n{% include 'a' %}",
            "\n{% for a in b recursive %}{% endfor %}",
            "\n{{ a|__charge }}",
            "\n{{ __x }}",
            "\n{{ a[1:][0] }}",
            "\n{{ a",
            "\n{{ 'a }}",
            "\n{{ (a] }}",
            "\n{{ a; b }}",
        ] {
            assert_eq!(with_meters(source, &|_| true).unwrap_err().line, 2, "{source}");
        }
        assert!(with_meters("{{ a|nothing }}", &|name| name != "nothing").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_metered_or_refused_without_panic(source in "[{}%#a-c .*~|\\[\\]()'\"0-9:=\n-]{0,60}") {
            let _ = with_meters(&source, &|_| true);
        }
    }
}
