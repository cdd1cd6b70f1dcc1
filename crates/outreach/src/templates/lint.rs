//! What may be wrong with a template although it can be rendered.

mod braces;
mod destinations;
mod known;
mod letter;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use channels::Form;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Content, Partial, content::Parts, pieces::position};
pub(super) use destinations::{Link, fixed_links};
pub(crate) use known::known_traits;
pub(super) use known::{Known, entry_events, known, newest_events, newest_traits};

/// Warnings of one template.
const MOST: usize = 100;

/// Something that may be wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TemplateWarning)]
pub(super) struct Warning {
    /// A stable code.
    pub code: &'static str,
    /// `error` for what members would see, `warning` for what may do harm, `hint` for what could be better.
    pub severity: &'static str,
    /// The part, such as `translations.zh.subject`.
    pub path: String,
    /// Line, counted from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column, counted from 1 in characters, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// What is found in a partial. Which rules it may ask, and what stands around it, is for the templates to say.
pub(super) fn lint_partial(partial: &Partial, known: &Known) -> Vec<Warning> {
    let Partial { text, html, mjml } = partial.clone();
    let content = Content { parts: Parts { text, html, mjml, ..Parts::default() }, ..Content::default() };
    let mut linter = Linter::new(&content, known, true);
    linter.variables("", &content.parts);
    for (name, source) in content.parts.named() {
        linter.seen(name, source);
    }
    linter.found.truncate(MOST);
    linter.found
}

/// What is found in a template. `html` is the size of what its bodies are
/// compiled into, by language.
pub(super) fn lint(form: Form, content: &Content, known: &Known, html: &BTreeMap<String, usize>) -> Vec<Warning> {
    let mut linter = Linter::new(content, known, false);
    for (before, parts) in content.named_parts() {
        linter.variables(&before, parts);
        if form == Form::Letter {
            linter.letter(&before, parts);
        }
    }
    if form == Form::Letter {
        linter.as_a_whole(html);
    }
    linter.found.truncate(MOST);
    linter.found
}

struct Linter<'a> {
    content: &'a Content,
    known: &'a Known,
    /// Whether it is a partial, of which the rest is not known.
    is_piece: bool,
    found: Vec<Warning>,
    /// The links that are the same for everybody.
    links: Vec<Link>,
}

impl<'a> Linter<'a> {
    fn new(content: &'a Content, known: &'a Known, is_piece: bool) -> Linter<'a> {
        Linter { content, known, is_piece, found: Vec::new(), links: Vec::new() }
    }

    fn warn_at(
        &mut self,
        what: (&'static str, &'static str),
        (path, source, at): (&str, &str, usize),
        en: String,
        zh: String,
    ) {
        self.warn(what, path.to_owned(), Some(position(source, at)), en, zh);
    }

    /// Takes note of a warning, once; `place` is line and column.
    fn warn(
        &mut self,
        (code, severity): (&'static str, &'static str),
        path: String,
        place: Option<(usize, usize)>,
        en: String,
        zh: String,
    ) {
        let (line, column) = (place.map(|place| place.0), place.map(|place| place.1));
        let warning = Warning { code, severity, path, line, column, en, zh };
        if !self.found.contains(&warning) {
            self.found.push(warning);
        }
    }
}
