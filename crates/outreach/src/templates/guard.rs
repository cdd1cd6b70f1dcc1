//! Puts a meter on everything in a template that can make a value grow.
//!
//! The engine's fuel counts instructions, but one instruction can double a text or repeat it a
//! million times. So before a template is compiled, its tags are read here and the operands of
//! every operator, every filter's input, every slice and everything that becomes part of a list, a map or
//! a variable are passed through a filter of ours: [`CHARGE`] adds their weight to what the rendering may use
//! up and refuses what is too deep, [`NUMBER`] demands a number (for `*`, which would repeat a text). No
//! line break is added, so the engine's line numbers stay true.
//!
//! Statements that capture output into a value (macros, blocks, `set` without `=`) or change a value that is there
//! (`set a.b = …`) are refused, since what they make could not be metered. `include` takes the plain name of a partial,
//! which has meters of its own.

mod level;
#[cfg(test)]
mod tests;

pub use super::tokens::Refused;
use super::tokens::{Token, Tokens};
use level::{Level, links_of};

/// Name of the filter that charges for its input and passes it on.
pub const CHARGE: &str = "__charge";
/// Name of the filter that passes only numbers on.
pub const NUMBER: &str = "__number";

/// Name of the filter that takes note of what is missing where it is written.
pub const NOTE: &str = "__note";

/// How many operators, filters, tests, attributes and brackets may stand on one another in one value: the engine goes
/// down from each to the next, on a stack that has an end.
const MAX_LINKS: usize = 200;
/// How many `elif` may be open at once: to the engine, each stands in the one before.
const MAX_BRANCHES: usize = 200;

const STATEMENTS: &[&str] =
    &["if", "elif", "else", "endif", "for", "endfor", "set", "with", "endwith", "autoescape", "endautoescape"];

/// A source with meters in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metered {
    /// What is compiled.
    pub source: String,
    /// The partials that it puts in itself, with the lines.
    pub includes: Vec<(String, usize)>,
}

/// The source with meters in it. `known_filter` tells which filters exist.
pub fn with_meters(source: &str, known_filter: &dyn Fn(&str) -> bool) -> Result<String, Refused> {
    metered(source, known_filter, "").map(|metered| metered.source)
}

/// The source with meters in it, and what it includes: the partial `name` becomes the template `name/form`.
pub fn metered(source: &str, known_filter: &dyn Fn(&str) -> bool, form: &str) -> Result<Metered, Refused> {
    let mut reader = Reader {
        tokens: Tokens { source, at: 0 },
        output: String::with_capacity(source.len() * 2),
        copied: 0,
        branches: Vec::new(),
        known_filter,
        form,
        includes: Vec::new(),
        ranges: Vec::new(),
    };
    reader.template()?;
    reader.output.push_str(&source[reader.copied..]);
    Ok(Metered { source: reader.output, includes: reader.includes })
}

/// An `include` tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncludeTag {
    /// The partial.
    pub name: String,
    /// Where the tag stands.
    pub range: std::ops::Range<usize>,
}

/// The `include` tags of a source, in order.
pub fn include_tags(source: &str, known_filter: &dyn Fn(&str) -> bool) -> Result<Vec<IncludeTag>, Refused> {
    let mut reader = Reader {
        tokens: Tokens { source, at: 0 },
        output: String::new(),
        copied: 0,
        branches: Vec::new(),
        known_filter,
        form: "text",
        includes: Vec::new(),
        ranges: Vec::new(),
    };
    reader.template()?;
    let names = reader.includes.into_iter().map(|(name, _)| name);
    Ok(names.zip(reader.ranges).map(|(name, range)| IncludeTag { name, range }).collect())
}

/// Whether a partial may have this name.
pub fn is_partial_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=60).contains(&name.len()) && name.bytes().all(is_plain)
}

struct Reader<'s> {
    tokens: Tokens<'s>,
    output: String,
    copied: usize,
    /// The `elif` of each `if` that is open.
    branches: Vec<usize>,
    known_filter: &'s dyn Fn(&str) -> bool,
    form: &'s str,
    includes: Vec<(String, usize)>,
    ranges: Vec<std::ops::Range<usize>>,
}

impl<'s> Reader<'s> {
    /// Writes `|filter` at a place in the source that was not copied yet.
    fn insert(&mut self, at: usize, filter: &str) {
        self.output.push_str(&self.tokens.source[self.copied..at]);
        self.output.push('|');
        self.output.push_str(filter);
        self.copied = at;
    }

    fn template(&mut self) -> Result<(), Refused> {
        while let Some(start) = self.tokens.rest().find('{') {
            let tag = self.tokens.at + start;
            let (is_block, closing) = match self.tokens.source.as_bytes().get(tag + 1) {
                Some(b'{') => (false, "}}"),
                Some(b'%') => (true, "%}"),
                Some(b'#') => {
                    self.tokens.at =
                        tag + 2 + usize::from(matches!(self.tokens.source.as_bytes().get(tag + 2), Some(b'-' | b'+')));
                    let Some(end) = self.tokens.rest().find("#}") else {
                        return self.tokens.refuse(tag, "the comment has no end");
                    };
                    self.tokens.at += end + 2;
                    continue;
                }
                _ => {
                    self.tokens.at = tag + 1;
                    continue;
                }
            };
            self.tokens.at = tag + 2;
            if matches!(self.tokens.source.as_bytes().get(self.tokens.at), Some(b'-' | b'+')) {
                self.tokens.at += 1;
            }
            if is_block && self.skip_simple_tag("raw") {
                self.skip_raw(tag)?;
                continue;
            }
            self.tag(tag, is_block, closing)?;
        }
        Ok(())
    }

    /// Goes past `name %}` when that is what comes next.
    fn skip_simple_tag(&mut self, name: &str) -> bool {
        let trimmed = self.tokens.rest().trim_start_matches(|c: char| c.is_ascii_whitespace());
        let Some(after) = trimmed.strip_prefix(name) else { return false };
        let after = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let after = after.strip_prefix(['-', '+']).unwrap_or(after);
        let Some(after) = after.strip_prefix("%}") else { return false };
        self.tokens.at = self.tokens.source.len() - after.len();
        true
    }

    fn skip_raw(&mut self, tag: usize) -> Result<(), Refused> {
        while let Some(start) = self.tokens.rest().find("{%") {
            self.tokens.at += start + 2;
            let here = self.tokens.at;
            if matches!(self.tokens.source.as_bytes().get(self.tokens.at), Some(b'-' | b'+')) {
                self.tokens.at += 1;
            }
            if self.skip_simple_tag("endraw") {
                return Ok(());
            }
            self.tokens.at = here;
        }
        self.tokens.refuse(tag, "the raw block has no end")
    }

    fn tag(&mut self, opened: usize, is_block: bool, closing: &str) -> Result<(), Refused> {
        let mut levels = vec![Level::new(0, false)];
        let mut statement = "";
        let mut has_assign = false;
        // The `in` of a `for` divides its names from its values.
        let mut awaits_in = false;
        if is_block {
            let (token, start) = self.tokens.next(closing, true)?;
            let Token::Word(name) = token else { return self.tokens.refuse(start, "a statement begins with its name") };
            if name == "include" && !self.form.is_empty() {
                return self.include(opened, closing);
            }
            if !STATEMENTS.contains(&name) {
                return self.tokens.refuse(start, format!("\"{name}\" cannot be used in a message"));
            }
            statement = name;
            awaits_in = name == "for";
            self.count_branch(name, start)?;
        }
        let mut previous_end = self.tokens.at;
        let mut previous = Token::End;
        loop {
            let (token, start) = self.tokens.next(closing, levels.len() == 1)?;
            let depth = levels.len();
            if let Some(level) = levels.last_mut() {
                level.links += links_of(token);
            }
            if levels.iter().map(|level| level.links).sum::<usize>() > MAX_LINKS {
                return self.tokens.refuse(start, "too much stands on one another; divide it, with {% set name = … %}");
            }
            let Some(level) = levels.last_mut() else { return self.tokens.refuse(start, "brackets do not match") };
            // Names that get a value are no operands.
            let is_target = awaits_in || (statement == "set" && !has_assign);
            match token {
                Token::End => {
                    let keeps = matches!(statement, "set" | "with" | "for") && !is_target;
                    let meter = if keeps { level.take_meter(previous) } else { level.pending.take() };
                    self.finish(previous_end, meter);
                    if statement == "set" && !has_assign {
                        return self.tokens.refuse(start, "\"set\" needs a value: {% set name = value %}");
                    }
                    if statement == "for" && previous == Token::Word("recursive") {
                        return self.tokens.refuse(start, "\"recursive\" cannot be used in a message");
                    }
                    return Ok(());
                }
                Token::Word("in") if awaits_in && depth == 1 => {
                    awaits_in = false;
                    *level = Level::new(0, false);
                }
                Token::Word(word @ ("and" | "or" | "not" | "if" | "else" | "in" | "is")) => {
                    let ends = level.after_operand;
                    let meter = level.take_meter(previous);
                    let compares = matches!(word, "in" | "is" | "not");
                    let is_operator = word == "in" && (ends || previous == Token::Word("not"));
                    level.begin_operand();
                    level.pending = is_operator.then_some(CHARGE);
                    if ends {
                        self.finish(previous_end, meter.or(compares.then_some(CHARGE)));
                    } else if !is_operator && (word != "not" || meter.is_some()) {
                        return self.tokens.refuse(start, "an operand is missing");
                    }
                    if word == "is" {
                        self.test_name(closing)?;
                        if let Some(level) = levels.last_mut() {
                            level.after_operand = true;
                            level.is_answer = true;
                        }
                    }
                }
                Token::Word(word) => {
                    if word.starts_with("__") {
                        return self.tokens.refuse(start, format!("\"{word}\" is not a name that templates may use"));
                    }
                    level.after_operand = true;
                }
                Token::Literal => level.after_operand = true,
                Token::Open(open) => {
                    let postfix = level.after_operand;
                    levels.push(Level::new(open, postfix));
                }
                Token::Close(close) => {
                    let meter = if is_target { level.pending.take() } else { level.take_meter(previous) };
                    let inner = *level;
                    let matching = matches!((inner.open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
                    if !matching {
                        return self.tokens.refuse(start, "brackets do not match");
                    }
                    self.finish(previous_end, meter);
                    levels.pop();
                    if let Some(outer) = levels.last_mut() {
                        outer.after_operand = true;
                        outer.links += inner.links.max(inner.most_links);
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
                            return self.tokens.refuse(start, "an operand is missing");
                        }
                    } else {
                        let demanded = token == Token::Times || level.pending == Some(NUMBER);
                        level.begin_operand();
                        level.pending = Some(if token == Token::Times { NUMBER } else { CHARGE });
                        self.finish(previous_end, Some(if demanded { NUMBER } else { CHARGE }));
                    }
                }
                Token::Pipe => {
                    level.is_answer = false;
                    self.insert(previous_end, CHARGE);
                    let name = self.dotted_name(closing)?;
                    if !(self.known_filter)(name) {
                        return self.tokens.refuse(start, format!("there is no filter \"{name}\""));
                    }
                }
                Token::Dot if is_target => return self.tokens.refuse(start, "only plain names can be set"),
                Token::Dot => {
                    // The next token names an attribute and goes on with the operand.
                    let (token, start) = self.tokens.next(closing, false)?;
                    if !matches!(token, Token::Word(_) | Token::Literal) {
                        return self.tokens.refuse(start, "a name is missing after the dot");
                    }
                }
                Token::Colon | Token::Comma => {
                    let meter = if is_target { level.pending.take() } else { level.take_meter(previous) };
                    level.begin_operand();
                    level.slice |= token == Token::Colon;
                    if token == Token::Comma {
                        level.begin_value();
                    }
                    self.finish(previous_end, meter);
                }
                Token::Assign => {
                    let meter = level.pending.take();
                    level.begin_operand();
                    has_assign |= depth == 1;
                    self.finish(previous_end, meter);
                }
            }
            previous = token;
            previous_end = self.tokens.at;
        }
    }

    /// `include "name"`, and nothing else: what stands in a value could be any template.
    fn include(&mut self, opened: usize, closing: &str) -> Result<(), Refused> {
        let (token, start) = self.tokens.next(closing, true)?;
        let literal = &self.tokens.source[start..self.tokens.at];
        let name = literal.trim_matches(['"', '\'']);
        if token != Token::Literal || literal.len() != name.len() + 2 || !is_partial_name(name) {
            return self
                .tokens
                .refuse(start, "\"include\" takes the name of a partial in quotes: {% include \"name\" %}");
        }
        let line = self.tokens.source.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1;
        self.output.push_str(&self.tokens.source[self.copied..start]);
        self.output.push_str(&format!("\"{name}/{}\"", self.form));
        self.copied = self.tokens.at;
        self.includes.push((name.to_owned(), line));
        let (end, start) = self.tokens.next(closing, true)?;
        if end != Token::End {
            return self.tokens.refuse(start, "nothing may follow the name of the partial");
        }
        self.ranges.push(opened..self.tokens.at);
        Ok(())
    }

    fn count_branch(&mut self, statement: &str, start: usize) -> Result<(), Refused> {
        match statement {
            "if" => self.branches.push(0),
            "elif" => {
                if let Some(branches) = self.branches.last_mut() {
                    *branches += 1;
                }
            }
            "endif" => _ = self.branches.pop(),
            _ => return Ok(()),
        }
        match self.branches.iter().sum::<usize>() > MAX_BRANCHES {
            true => self.tokens.refuse(start, format!("more than {MAX_BRANCHES} \"elif\" stand on one another")),
            false => Ok(()),
        }
    }

    fn finish(&mut self, operand_end: usize, pending: Option<&'static str>) {
        if let Some(filter) = pending {
            self.insert(operand_end, filter);
        }
    }

    /// A slice copies; it is charged after its bracket, where a filter may stand.
    fn charge_slice(&mut self) -> Result<(), Refused> {
        let next = self.tokens.rest().trim_start_matches(|c: char| c.is_ascii_whitespace()).bytes().next();
        if matches!(next, Some(b'.' | b'[' | b'(')) {
            return self.tokens.refuse(self.tokens.at, "put the slice into parentheses to go on with it");
        }
        let at = self.tokens.at;
        self.insert(at, CHARGE);
        Ok(())
    }

    fn test_name(&mut self, closing: &str) -> Result<(), Refused> {
        let before = self.tokens.at;
        if let (Token::Word("not"), _) = self.tokens.next(closing, false)? {
            self.dotted_name(closing)?;
            return Ok(());
        }
        self.tokens.at = before;
        self.dotted_name(closing)?;
        Ok(())
    }

    fn dotted_name(&mut self, closing: &str) -> Result<&'s str, Refused> {
        let (token, start) = self.tokens.next(closing, false)?;
        let Token::Word(first) = token else { return self.tokens.refuse(start, "a name is missing") };
        if first.starts_with("__") || self.tokens.rest().starts_with('.') {
            return self.tokens.refuse(start, format!("there is nothing named \"{first}\" here"));
        }
        Ok(first)
    }
}
