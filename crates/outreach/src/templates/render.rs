//! Compiling and rendering.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base::{Code, Problem, rule::Rule};
use channels::Form;
use minijinja::{Environment, Error, ErrorKind, Value, value::Serde};
use serde_json::Value as Json;

use super::{
    Content, Partials,
    content::{Parts, Variant},
    engine::{MAX_OUTPUT, MOST_MISSING, Missing, TOO_COSTLY, engine, has_filter, strict_engine},
    guard::{self, NOTE},
    mjml, partials, plain_text, variables,
};

/// Characters of a subject line.
const MAX_SUBJECT: usize = 998;
/// Characters of a preheader; no mail program shows more.
const MAX_PREHEADER: usize = 500;
/// Compiled templates that are kept.
const CACHE_SIZE: usize = 300;
/// Bytes of compiled templates that are kept, by their sources.
const CACHE_BYTES: usize = 32_000_000;
/// Behind a preheader, so that mail programs do not show the beginning of the text after it.
const FILLER: &str = "&#847;&zwnj;&nbsp;";
const FILLERS: usize = 60;

/// A message as it came out of a template, before links are tracked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Subject line, one line.
    pub subject: String,
    /// What mail programs show beside the subject, one line; it stands in the HTML already.
    pub preheader: String,
    /// Plain text; JSON for a webhook.
    pub text: String,
    /// HTML; may be empty.
    pub html: String,
    /// Variables that were missing where they were to be written, without a word on what to write then; the first few.
    pub missing: BTreeSet<String>,
}

/// Compiles and renders templates, and keeps what it compiled.
pub struct Renderer {
    engine: Environment<'static>,
    strict_engine: Environment<'static>,
    compiled: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    by_revision: HashMap<(i64, i64), Arc<Compiled>>,
    order: VecDeque<(i64, i64)>,
    bytes: usize,
}

struct Compiled {
    engine: Environment<'static>,
    form: Form,
    /// What there is for each language, that for everybody under the empty one.
    variants: BTreeMap<String, CompiledVariant>,
    rules: Arc<Vec<(String, Rule)>>,
    /// Bytes of its sources.
    size: usize,
}

/// The names of the parts in the engine; `None` for one that is empty.
struct CompiledVariant {
    subject: Option<String>,
    preheader: Option<String>,
    text: Option<String>,
    html: Option<String>,
    /// Bytes of its HTML with the partials that stand in it.
    html_size: usize,
}

impl Default for Renderer {
    fn default() -> Self {
        Renderer::new()
    }
}

impl Renderer {
    /// A renderer with an empty cache.
    pub fn new() -> Renderer {
        Renderer { engine: engine(), strict_engine: strict_engine(), compiled: Mutex::default() }
    }

    /// Fails with [`Code::InvalidTemplate`], the part and the line when the template cannot be compiled. Returns how
    /// many bytes of HTML it makes before variables are put in, by language.
    pub fn check(
        &self,
        form: Form,
        content: &Content,
        partials: &Partials,
    ) -> Result<BTreeMap<String, usize>, Problem> {
        let compiled = self.compile(form, content, partials)?;
        Ok(compiled.variants.into_iter().map(|(language, variant)| (language, variant.html_size)).collect())
    }

    /// Renders a template that was just written, without keeping it.
    pub fn preview(
        &self,
        form: Form,
        content: &Content,
        partials: &Partials,
        context: &Json,
    ) -> Result<Rendered, Problem> {
        self.compile(form, content, partials)?.render(context)
    }

    /// Whether a revision is compiled already, so that its content need not be read.
    pub fn knows(&self, template: i64, revision: i64) -> bool {
        self.cache().by_revision.contains_key(&(template, revision))
    }

    /// Compiles a revision and keeps it.
    pub fn learn(
        &self,
        template: i64,
        revision: i64,
        form: Form,
        content: &Content,
        partials: &Partials,
    ) -> Result<(), Problem> {
        let compiled = Arc::new(self.compile(form, content, partials)?);
        let mut cache = self.cache();
        cache.bytes += compiled.size;
        match cache.by_revision.insert((template, revision), compiled) {
            None => cache.order.push_back((template, revision)),
            Some(before) => cache.bytes -= before.size,
        }
        while cache.order.len() > CACHE_SIZE || (cache.bytes > CACHE_BYTES && cache.order.len() > 1) {
            let Some(oldest) = cache.order.pop_front() else { break };
            if let Some(gone) = cache.by_revision.remove(&oldest) {
                cache.bytes -= gone.size;
            }
        }
        Ok(())
    }

    /// Renders a revision that was learnt, in the `language` of the context; `None` when it has been forgotten again.
    pub fn render(&self, template: i64, revision: i64, context: &Json) -> Option<Result<Rendered, Problem>> {
        let compiled = self.cache().by_revision.get(&(template, revision)).cloned()?;
        Some(compiled.render(context))
    }

    /// The rules that a revision asks, by the names it has for them; none when it has been forgotten.
    pub fn rules(&self, template: i64, revision: i64) -> Arc<Vec<(String, Rule)>> {
        self.cache().by_revision.get(&(template, revision)).map(|compiled| compiled.rules.clone()).unwrap_or_default()
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile(&self, form: Form, content: &Content, partials: &Partials) -> Result<Compiled, Problem> {
        without_panic(Code::InvalidTemplate, || self.compile_parts(form, content, partials))
    }

    fn compile_parts(&self, form: Form, content: &Content, partials: &Partials) -> Result<Compiled, Problem> {
        content.check(form)?;
        let engine = if content.extra.strict { &self.strict_engine } else { &self.engine };
        let mut compiler = Compiler { engine: engine.clone(), partials, included: BTreeSet::new(), size: 0 };
        let mut variants = BTreeMap::new();
        for variant in content.variants() {
            let compiled = compiler.variant(form, &variant)?;
            variants.insert(variant.language.to_owned(), compiled);
        }
        let mut rules = Vec::new();
        for (name, rule) in &content.extra.rules {
            rules.push((name.clone(), Rule::parse_at(rule, &format!("rules.{name}"))?));
        }
        let (engine, size) = (compiler.engine, compiler.size);
        Ok(Compiled { engine, form, variants, rules: Arc::new(rules), size })
    }
}

/// What a template is compiled into.
struct Compiler<'p> {
    engine: Environment<'static>,
    partials: &'p Partials,
    /// Names of the templates that stand for partials.
    included: BTreeSet<String>,
    size: usize,
}

impl Compiler<'_> {
    fn variant(&mut self, form: Form, variant: &Variant<'_>) -> Result<CompiledVariant, Problem> {
        let Variant { language, parts } = variant;
        let before = if language.is_empty() { String::new() } else { format!("translations.{language}.") };
        let text_form = if form == Form::Payload { "json" } else { "text" };
        let html = self.html_source(&before, parts)?;
        let html_part = if parts.mjml.is_empty() { "html" } else { "mjml" };
        let html_size = partials::whole_size(&html, self.partials);
        Ok(CompiledVariant {
            html_size,
            subject: self.part(&before, "subject", "text", &parts.subject)?,
            preheader: self.part(&before, "preheader", "text", &parts.preheader)?,
            text: self.part(&before, "text", text_form, &parts.text)?,
            html: self.part(&before, html_part, "html", &html)?,
        })
    }

    fn html_source(&self, before: &str, parts: &Parts) -> Result<String, Problem> {
        if parts.mjml.trim().is_empty() {
            return Ok(parts.html.clone());
        }
        let refused =
            |refused: guard::Refused| Problem::at(Code::InvalidTemplate, format!("{before}mjml"), refused.to_string());
        // The lines of its mistakes are those of the MJML, not of the HTML that is made from it.
        guard::metered(&parts.mjml, &has_filter, "html").map_err(refused)?;
        let whole = partials::with_pieces(&parts.mjml, self.partials).map_err(refused)?;
        mjml::to_html(&whole).map_err(refused)
    }

    /// Compiles one part and what it includes, and returns its name.
    fn part(&mut self, before: &str, part: &str, form: &str, source: &str) -> Result<Option<String>, Problem> {
        if source.trim().is_empty() {
            return Ok(None);
        }
        let path = format!("{before}{part}");
        let name = format!("{path}/{form}");
        let includes = self.add(&path, &name, source, form)?;
        self.size += source.len();
        let mut waiting = includes;
        while let Some((partial, line)) = waiting.pop() {
            let wanted = format!("{partial}/{form}");
            if !self.included.insert(wanted.clone()) {
                continue;
            }
            let Some(found) = self.partials.get(&partial) else {
                let message = format!("line {line}: there is no partial \"{partial}\"");
                return Err(Problem::at(Code::UnknownReference, path, message));
            };
            let Some(source) = found.source(form) else {
                let message = format!("line {line}: the partial \"{partial}\" has nothing for a part of this form");
                return Err(Problem::at(Code::InvalidTemplate, path, message));
            };
            self.size += source.len();
            let inner = self.add(&format!("partials.{partial}"), &wanted, source, form)?;
            waiting.extend(inner.into_iter().map(|(name, _)| (name, line)));
        }
        Ok(Some(name))
    }

    fn add(&mut self, path: &str, name: &str, source: &str, form: &str) -> Result<Vec<(String, usize)>, Problem> {
        let metered = guard::metered(source, &has_filter, form)
            .map_err(|refused| Problem::at(Code::InvalidTemplate, path, refused.to_string()))?;
        let source = variables::noting_missing(&metered.source, NOTE)
            .map_err(|refused| Problem::at(Code::InvalidTemplate, path, refused.to_string()))?;
        self.engine.add_template_owned(name.to_owned(), source).map_err(|error| invalid(path, &error))?;
        Ok(metered.includes)
    }
}

impl Compiled {
    fn render(&self, context: &Json) -> Result<Rendered, Problem> {
        without_panic(Code::TemplateFailed, || self.render_parts(context))
    }

    fn render_parts(&self, context: &Json) -> Result<Rendered, Problem> {
        let language = context.get("language").and_then(Json::as_str).unwrap_or_default();
        let variant = self.variants.get(language).or_else(|| self.variants.get(""));
        let Some(variant) = variant else { return Ok(Rendered::default()) };
        let context = Value::from(Serde(context));
        let mut missing = BTreeSet::new();
        let mut part = |name: &Option<String>| self.part(name, &context, &mut missing);
        let subject = one_line(&part(&variant.subject)?, MAX_SUBJECT);
        let preheader = one_line(&part(&variant.preheader)?, MAX_PREHEADER);
        let html = part(&variant.html)?;
        let text = match &variant.text {
            None if self.form == Form::Letter => plain_text::from_html(&html),
            text => part(text)?,
        };
        let html = if preheader.is_empty() || html.is_empty() { html } else { with_preheader(&html, &preheader) };
        Ok(Rendered { subject, preheader, text, html, missing })
    }

    fn part(&self, name: &Option<String>, context: &Value, missing: &mut BTreeSet<String>) -> Result<String, Problem> {
        let Some(name) = name else { return Ok(String::new()) };
        let path = name.rsplit_once('/').map_or(name.as_str(), |(path, _)| path);
        let mut output = Bounded { bytes: Vec::new(), full: false };
        let rendered = self.engine.get_template(name).and_then(|template| {
            let captured = template.render_captured_to(context.clone(), &mut output)?;
            let names = captured.state().get_extension::<Missing>();
            let room = MOST_MISSING.saturating_sub(missing.len());
            missing.extend(names.into_iter().flat_map(|names| &names.0).take(room).cloned());
            Ok(())
        });
        if output.full {
            return Err(Problem::at(Code::TemplateTooCostly, path, "the output has more than 1 MB"));
        }
        rendered.map_err(|error| failed(path, &error))?;
        String::from_utf8(output.bytes).map_err(|_| Problem::at(Code::TemplateFailed, path, "is not text"))
    }
}

/// A text on one line: a subject with a line break would begin another header.
fn one_line(text: &str, most: usize) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= most { line } else { line.chars().take(most).collect() }
}

/// The document with a preheader, which nobody sees in the message itself, at the beginning of its body.
fn with_preheader(html: &str, preheader: &str) -> String {
    let body = html.as_bytes().windows(5).position(|five| five.eq_ignore_ascii_case(b"<body"));
    let at = body.and_then(|body| html[body..].find('>').map(|end| body + end + 1)).unwrap_or(0);
    let escaped = preheader.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut output = String::with_capacity(html.len() + escaped.len() + FILLER.len() * FILLERS + 100);
    output.push_str(&html[..at]);
    output.push_str("<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">");
    output.push_str(&escaped);
    output.push_str(&FILLER.repeat(FILLERS));
    output.push_str("</div>");
    output.push_str(&html[at..]);
    output
}

/// The engine is somebody else's and the template is anybody's: should it have a fault, then this template
/// is refused, and nothing more is lost.
pub(crate) fn without_panic<T, E: From<Problem>>(code: Code, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    done.unwrap_or_else(|_| Err(Problem::with(code, "the template engine failed on it").into()))
}

/// Output that stops at its limit.
struct Bounded {
    bytes: Vec<u8>,
    full: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MAX_OUTPUT {
            self.full = true;
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn invalid(path: &str, error: &Error) -> Problem {
    Problem::at(Code::InvalidTemplate, path, told(error))
}

fn failed(path: &str, error: &Error) -> Problem {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(inner) = cause {
        if let Some(inner) = inner.downcast_ref::<Error>()
            && (inner.kind() == ErrorKind::OutOfFuel || inner.detail() == Some(TOO_COSTLY))
        {
            return Problem::at(Code::TemplateTooCostly, path, told(inner));
        }
        cause = inner.source();
    }
    Problem::at(Code::TemplateFailed, path, told(error))
}

fn told(error: &Error) -> String {
    let what = match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    };
    match error.line() {
        Some(line) => format!("line {line}: {what}"),
        None => what,
    }
}
