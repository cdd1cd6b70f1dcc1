//! Compiling and rendering.

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::{Arc, Mutex, PoisonError},
};

use base::{Code, Problem};
use channels::Form;
use minijinja::{Environment, Error, ErrorKind, Value, value::Serde};
use serde_json::Value as Json;

use super::{
    engine::{FILTERS, MAX_OUTPUT, TOO_COSTLY, engine},
    guard,
};

/// Bytes of a template's source, all parts together.
const MAX_SOURCE: usize = 600_000;
/// Characters of a subject line.
const MAX_SUBJECT: usize = 998;
/// Compiled templates that are kept.
const CACHE_SIZE: usize = 300;

/// The parts of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Body<'a> {
    /// What its messages are made of.
    pub form: Form,
    /// Subject line.
    pub subject: &'a str,
    /// Plain text; JSON for a webhook.
    pub text: &'a str,
    /// HTML; may be empty.
    pub html: &'a str,
}

/// A message as it came out of a template, before links are tracked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Subject line, one line.
    pub subject: String,
    /// Plain text; JSON for a webhook.
    pub text: String,
    /// HTML; may be empty.
    pub html: String,
}

/// Compiles and renders templates, and keeps what it compiled.
pub struct Renderer {
    engine: Environment<'static>,
    compiled: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    by_version: HashMap<(i64, i64), Arc<Compiled>>,
    order: VecDeque<(i64, i64)>,
}

struct Compiled {
    engine: Environment<'static>,
}

impl Default for Renderer {
    fn default() -> Self {
        Renderer::new()
    }
}

impl Renderer {
    /// A renderer with an empty cache.
    pub fn new() -> Renderer {
        Renderer { engine: engine(), compiled: Mutex::default() }
    }

    /// Fails with [`Code::InvalidTemplate`] and the line when the template cannot be compiled.
    pub fn check(&self, body: Body<'_>) -> Result<(), Problem> {
        self.compile(body).map(|_| ())
    }

    /// Renders a template that was just written, without keeping it.
    pub fn preview(&self, body: Body<'_>, context: &Json) -> Result<Rendered, Problem> {
        self.compile(body)?.render(context)
    }

    /// Whether a version is compiled already, so that its body need not be read.
    pub fn knows(&self, template: i64, version: i64) -> bool {
        self.cache().by_version.contains_key(&(template, version))
    }

    /// Compiles a version and keeps it.
    pub fn learn(&self, template: i64, version: i64, body: Body<'_>) -> Result<(), Problem> {
        let compiled = Arc::new(self.compile(body)?);
        let mut cache = self.cache();
        if cache.by_version.insert((template, version), compiled).is_none() {
            cache.order.push_back((template, version));
        }
        while cache.order.len() > CACHE_SIZE {
            if let Some(oldest) = cache.order.pop_front() {
                cache.by_version.remove(&oldest);
            }
        }
        Ok(())
    }

    /// Renders a version that was learnt; `None` when it has been forgotten again.
    pub fn render(&self, template: i64, version: i64, context: &Json) -> Option<Result<Rendered, Problem>> {
        let compiled = self.cache().by_version.get(&(template, version)).cloned()?;
        Some(compiled.render(context))
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile(&self, body: Body<'_>) -> Result<Compiled, Problem> {
        without_panic(Code::InvalidTemplate, || self.compile_parts(body))
    }

    fn compile_parts(&self, body: Body<'_>) -> Result<Compiled, Problem> {
        if body.subject.len() + body.text.len() + body.html.len() > MAX_SOURCE {
            return Err(Problem::with(Code::InvalidTemplate, "a template has at most 600,000 bytes"));
        }
        let is_json = body.form == Form::Payload;
        let mut compiled = Compiled { engine: self.engine.clone() };
        let parts = [
            ("subject", "subject", body.subject),
            ("text", if is_json { "json" } else { "text" }, body.text),
            ("html", "html", body.html),
        ];
        for (path, name, source) in parts {
            if source.contains('\0') {
                return Err(Problem::at(Code::InvalidTemplate, path, "contains the NUL character"));
            }
            let metered = guard::with_meters(source, &|filter| self.has_filter(filter))
                .map_err(|refused| Problem::at(Code::InvalidTemplate, path, refused.to_string()))?;
            compiled.engine.add_template_owned(name, metered).map_err(|error| invalid(path, &error))?;
        }
        Ok(compiled)
    }

    fn has_filter(&self, name: &str) -> bool {
        FILTERS.contains(&name)
    }
}

impl Compiled {
    fn render(&self, context: &Json) -> Result<Rendered, Problem> {
        without_panic(Code::TemplateFailed, || self.render_parts(context))
    }

    fn render_parts(&self, context: &Json) -> Result<Rendered, Problem> {
        let context = Value::from(Serde(context));
        let text = if self.engine.get_template("json").is_ok() { "json" } else { "text" };
        let subject = self.part("subject", "subject", &context)?;
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Rendered {
            subject: subject.chars().take(MAX_SUBJECT).collect(),
            text: self.part(text, "text", &context)?,
            html: self.part("html", "html", &context)?,
        })
    }

    fn part(&self, name: &str, path: &str, context: &Value) -> Result<String, Problem> {
        let mut output = Bounded { bytes: Vec::new(), full: false };
        let rendered = self
            .engine
            .get_template(name)
            .and_then(|template| template.render_captured_to(context.clone(), &mut output).map(|_| ()));
        if output.full {
            return Err(Problem::at(Code::TemplateTooCostly, path, "the output has more than 1 MB"));
        }
        rendered.map_err(|error| failed(path, &error))?;
        String::from_utf8(output.bytes).map_err(|_| Problem::at(Code::TemplateFailed, path, "is not text"))
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    fn text(source: &str) -> Result<String, Problem> {
        let body = Body { form: Form::Letter, subject: "", text: source, html: "" };
        let context = json!({"member": {"name": "李白", "html": "<b>&"}, "event": {"items": [1, 2, 3], "long": "a".repeat(30_000)}});
        Renderer::new().preview(body, &context).map(|rendered| rendered.text)
    }

    #[test]
    fn variables_that_are_missing_are_empty_however_deep() {
        assert_eq!(text("[{{ nobody }}{{ nobody.a.b.c }}{{ member.x.y|default('?') }}]").unwrap(), "[?]");
        assert_eq!(text("{% for i in event.nothing %}x{% endfor %}.").unwrap(), ".");
    }

    #[test]
    fn operators_and_filters_still_mean_the_same() {
        assert_eq!(text("{{ 'a' ~ member.name ~ 1 + 2 }}").is_err(), text("{{ ('a' ~ member.name) + 2 }}").is_err());
        assert_eq!(
            text("{{ 2 * 3 + 4 }} {{ '%.2f'|format(1.005 * 100) }} {{ 7 // 2 }} {{ 2 ** 3 }}").unwrap(),
            "10 100.50 3 8"
        );
        assert_eq!(
            text("{{ event['items']|join(', ') }} {{ member.name[:1] }} {{ 'a-b'|replace('-', '+') }}").unwrap(),
            "1, 2, 3 李 a+b"
        );
        assert_eq!(text("{% for i in range(3) if i != 1 %}{{ loop.index }}{{ i }} {% endfor %}").unwrap(), "10 22 ");
        assert_eq!(text("{{ 'yes' if 2 in event['items'] and 9 not in event['items'] else 'no' }}").unwrap(), "yes");
    }

    #[test]
    fn html_is_escaped_text_is_not_and_a_subject_is_one_line() {
        let body = Body { form: Form::Letter, subject: "a\n  {{ x }}", text: "{{ x }}", html: "{{ x }}" };
        let rendered = Renderer::new().preview(body, &json!({"x": "<b>\r\nBcc: x"})).unwrap();
        assert_eq!(rendered.subject, "a <b> Bcc: x");
        assert_eq!(rendered.text, "<b>\r\nBcc: x");
        assert!(rendered.html.starts_with("&lt;b&gt;"), "{}", rendered.html);
    }

    #[test]
    fn a_webhook_template_writes_json_values() {
        let body =
            Body { form: Form::Payload, subject: "", text: r#"{"n": {{ name }}, "m": {{ missing }}}"#, html: "" };
        let rendered = Renderer::new().preview(body, &json!({"name": "a\"b"})).unwrap();
        assert_eq!(serde_json::from_str::<Json>(&rendered.text).unwrap(), json!({"n": "a\"b", "m": null}));
    }

    #[test]
    fn a_mistake_is_found_when_the_template_is_saved_and_names_its_line() {
        for (source, line) in [("\n\n{{ a b }}", "line 3"), ("\n{% if x %}", "line 2"), ("{{ a|nofilter }}", "line 1")]
        {
            let problem = text(source).unwrap_err();
            assert_eq!(problem.code, Code::InvalidTemplate, "{source}");
            assert!(problem.detail.as_deref().unwrap_or_default().contains(line), "{source}: {problem}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "measures the machine's own time")]
    fn bombs_end_quickly() {
        let doubling = "{% set x = x ~ x %}".repeat(40);
        // Ten of ten of ten …
        let tens = |(name, of): (char, char)| format!("{{% set {name} = [{}] %}}", vec![of.to_string(); 10].join(", "));
        let laughs: String = ('a'..='j').zip(std::iter::once('0').chain('a'..='i')).map(tens).collect();
        let bombs = [
            "{% for i in range(100000000) %}x{% endfor %}".to_owned(),
            "{% for i in range(9999) %}{% for j in range(9999) %}{{ i }}{% endfor %}{% endfor %}".to_owned(),
            "{{ 'a' * 100000000 }}".to_owned(),
            "{{ [1] * 100000000 }}".to_owned(),
            format!("{{% set x = 'aaaaaaaaaaaaaaaa' %}}{doubling}"),
            format!("{{% set x = [1, 2] %}}{}{{{{ x|length }}}}", "{% set x = x + x %}".repeat(60)),
            "{% set ns = namespace(x='aaaaaaaaaaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}".to_owned(),
            "{{ event.long|replace('a', event.long)|replace('a', event.long) }}".to_owned(),
            "{{ event.long|list|join(event.long) }}".to_owned(),
            "{{ '%1000000000d'|format(1) }}".to_owned(),
            "{{ event|tojson(indent=1000000000) }}".to_owned(),
            "{% for i in range(9999) %}{{ event.long|upper|lower|list|sort|length }}{% endfor %}".to_owned(),
            "{% for i in range(9999) %}{{ event.long }}{% endfor %}".to_owned(),
            "{{ 10 ** 100000 }}".to_owned(),
            "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}".to_owned(),
            "{% set ns = dict(a=1) %}{% set ns.x = ns %}{{ ns }}".to_owned(),
            format!("{{% set x = [] %}}{}{{{{ x }}}}", "{% set x = [x] %}".repeat(5_000)),
            format!("{{% set x = {{}} %}}{}{{{{ x|tojson }}}}", "{% set x = {'x': x} %}".repeat(5_000)),
            format!("{{% set x = 1 %}}{}{{{{ x }}}}", "{% set x = 0, x %}".repeat(10_000)),
            format!("{{% set x = 1 %}}{}{{{{ x == x }}}}", "{% set x = [x if 1 else 0] %}".repeat(10_000)),
            format!("{{% set x = [1, 2] %}}{}{{{{ x }}}}", "{% set x = [x is undefined|default(x, true)] %}".repeat(5_000)),
            format!("{{% set x = [1] %}}{}{{{{ x }}}}", "{% set x = [0, x][1:] %}".repeat(5_000)),
            format!("{{% set x = event['items'] %}}{}{{{{ x|length }}}}", "{% set x = x|reverse %}".repeat(20_000)),
            format!("{laughs}{{{{ j|tojson }}}}"),
            format!("{laughs}{{{{ j }}}}"),
            format!("{laughs}{{{{ j == j }}}}"),
            format!("{laughs}{{{{ j in [j] }}}}"),
            format!("{laughs}{{{{ j|string|length }}}}"),
            format!("{{% set x = 0 %}}{}", "{% set x = x, x, x %}".repeat(60)),
            "{{ range(9999)|select('in', range(9999)|list)|list|length }}".to_owned(),
            "{% for i in range(9999) %}{% if loop.changed(event.long|list) %}{% endif %}{% endfor %}".to_owned(),
            "{% for i in range(9999) %}{% for c in event.long %}{% endfor %}{% endfor %}".to_owned(),
            "{% set m = {range(9999)|list: 1} %}{% for i in range(9999) %}{{ m[range(9999)|list] }}{% endfor %}".to_owned(),
        ];
        for bomb in bombs {
            let started = std::time::Instant::now();
            let problem = text(&bomb).unwrap_err();
            let took = started.elapsed();
            let codes = [Code::TemplateTooCostly, Code::TemplateFailed, Code::InvalidTemplate];
            let begins: String = bomb.chars().take(300).collect();
            assert!(codes.contains(&problem.code), "{begins}: {problem}");
            assert!(took < Duration::from_secs(1), "{begins} took {took:?}");
        }
    }

    #[test]
    fn depth_is_counted_where_a_value_is_made_and_not_where_it_is_shown() {
        let nested = |times: usize| format!("{{% set x = [] %}}{}{{{{ x }}}}", "{% set x = [x] %}".repeat(times));
        assert!(text(&nested(30)).is_ok());
        assert_eq!(text(&nested(60)).unwrap_err().code, Code::TemplateTooCostly);
        // What was made and never shown would still have to be dropped.
        assert_eq!(text(&nested(20_000).replace("{{ x }}", "")).unwrap_err().code, Code::TemplateTooCostly);
        assert_eq!(
            text("{{ event['items'][1:]|list + [4, 5][1:]|list }}{{ 2 is in [1, 2] }}").unwrap(),
            "[2, 3, 5]True"
        );
    }

    #[test]
    fn a_fault_of_the_engine_refuses_the_template() {
        let problem = without_panic::<(), Problem>(Code::TemplateFailed, || panic!("a fault")).unwrap_err();
        assert_eq!(problem.code, Code::TemplateFailed);
    }

    #[test]
    fn the_cache_is_bounded() {
        let renderer = Renderer::new();
        let body = Body { form: Form::Letter, subject: "s", text: "t", html: "" };
        for version in 0..(CACHE_SIZE as i64 + 10) {
            renderer.learn(1, version, body).unwrap();
        }
        assert!(!renderer.knows(1, 0));
        assert!(renderer.knows(1, CACHE_SIZE as i64 + 9));
        assert_eq!(renderer.cache().by_version.len(), CACHE_SIZE);
    }
}
