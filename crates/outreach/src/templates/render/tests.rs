use super::*;
use crate::templates::Partial;
use serde_json::json;
use std::time::Duration;

fn text(source: &str) -> Result<String, Problem> {
    let context =
        json!({"member": {"name": "李白", "html": "<b>&"}, "event": {"items": [1, 2, 3], "long": "a".repeat(30_000)}});
    Renderer::new()
        .preview(Form::Letter, &content("", source, ""), &Partials::new(), &context)
        .map(|rendered| rendered.text)
}

fn content(subject: &str, text: &str, html: &str) -> Content {
    let (subject, text, html) = (subject.to_owned(), text.to_owned(), html.to_owned());
    Content { parts: Parts { subject, text, html, ..Parts::default() }, ..Content::default() }
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
    let body = content("a\n  {{ x }}", "{{ x }}", "{{ x }}");
    let context = json!({"x": "<b>\r\nBcc: x"});
    let rendered = Renderer::new().preview(Form::Letter, &body, &Partials::new(), &context).unwrap();
    assert_eq!(rendered.subject, "a <b> Bcc: x");
    assert_eq!(rendered.text, "<b>\r\nBcc: x");
    assert!(rendered.html.starts_with("&lt;b&gt;"), "{}", rendered.html);
}

#[test]
fn a_webhook_template_writes_json_values() {
    let body = content("", r#"{"n": {{ name }}, "m": {{ missing }}}"#, "");
    let context = json!({"name": "a\"b"});
    let rendered = Renderer::new().preview(Form::Payload, &body, &Partials::new(), &context).unwrap();
    assert_eq!(serde_json::from_str::<Json>(&rendered.text).unwrap(), json!({"n": "a\"b", "m": null}));
}

#[test]
fn a_mistake_is_found_when_the_template_is_saved_and_names_its_line() {
    for (source, line) in [("\n\n{{ a b }}", "line 3"), ("\n{% if x %}", "line 2"), ("{{ a|nofilter }}", "line 1")] {
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
        "{{ range(9999)|map('truncate', 0, event.long)|list|length }}".to_owned(),
        "{{ range(9999)|map('plural', event.long, event.long)|list|length }}".to_owned(),
        "{{ range(9999)|map('money', event.long)|list|length }}".to_owned(),
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
    assert_eq!(text("{{ event['items'][1:]|list + [4, 5][1:]|list }}{{ 2 is in [1, 2] }}").unwrap(), "[2, 3, 5]True");
}

#[test]
fn a_fault_of_the_engine_refuses_the_template() {
    let problem = without_panic::<(), Problem>(Code::TemplateFailed, || panic!("a fault")).unwrap_err();
    assert_eq!(problem.code, Code::TemplateFailed);
}

#[test]
fn each_member_reads_his_language_and_what_it_leaves_out_is_said_to_all() {
    let mut body = content("hello", "", "<p>hello</p>");
    let zh = Parts { subject: "你好".to_owned(), html: "<p>你好</p>".to_owned(), ..Parts::default() };
    body.extra.translations.insert("zh".to_owned(), zh);
    body.extra.translations.insert("en".to_owned(), Parts { preheader: "a<b".to_owned(), ..Parts::default() });
    let render = |language: &str| {
        Renderer::new().preview(Form::Letter, &body, &Partials::new(), &json!({"language": language})).unwrap()
    };
    assert_eq!((render("zh").subject.as_str(), render("zh").text.as_str()), ("你好", "你好"));
    let en = render("en");
    assert_eq!((en.subject.as_str(), en.text.as_str(), en.preheader.as_str()), ("hello", "hello", "a<b"));
    assert!(en.html.starts_with("<div style=\"display:none") && en.html.contains("a&lt;b&#847;"), "{}", en.html);
    assert_eq!(render("").html, "<p>hello</p>");
}

#[test]
fn partials_escape_by_the_part_they_stand_in_and_share_the_fuel() {
    let mut body = content("{% include 'sign' %}", "{% include 'sign' %}", "<p>{% include 'sign' %}</p>");
    let partial = |text: &str| Partial { text: text.to_owned(), ..Partial::default() };
    let mut partials =
        Partials::from([("sign".to_owned(), partial("{{ x }}{% include 'end' %}")), ("end".to_owned(), partial("!"))]);
    let context = json!({"x": "<b>"});
    let rendered = Renderer::new().preview(Form::Letter, &body, &partials, &context).unwrap();
    assert_eq!((rendered.subject.as_str(), rendered.text.as_str()), ("<b>!", "<b>!"));
    assert_eq!(rendered.html, "<p>&lt;b&gt;!</p>");
    body.parts.html = "{% for i in range(9999) %}{% include 'end' %}{% endfor %}".to_owned();
    partials.insert("end".to_owned(), partial("{% for i in range(9999) %}x{% endfor %}"));
    let problem = Renderer::new().preview(Form::Letter, &body, &partials, &context).unwrap_err();
    assert_eq!(problem.code, Code::TemplateTooCostly);
    partials.insert("end".to_owned(), partial("{% include 'sign' %}"));
    assert!(Renderer::new().preview(Form::Letter, &body, &partials, &context).is_err(), "a circle ends");
}

#[test]
fn a_strict_template_fails_where_a_variable_is_missing() {
    let mut body = content("s", "{{ x }}{{ y|fallback('z') }}", "");
    body.extra.strict = true;
    let render = |context: Json| Renderer::new().preview(Form::Letter, &body, &Partials::new(), &context);
    assert_eq!(render(json!({"x": 1})).unwrap().text, "1z");
    assert_eq!(render(json!({"x": null})).unwrap_err().code, Code::TemplateFailed);
}

#[test]
fn what_was_missing_is_told_and_what_has_a_fallback_is_not() {
    let source =
        "{{ x }}{{ y|fallback('') }}{{ 'a' if z }}{% for i in items %}{{ i.name }}{% endfor %}{{ n|money('CNY') }}";
    let body = content("{{ s }}", source, "<p>{{ x }}{{ there }}</p>");
    let context = json!({"items": [{"name": "a"}, {}], "there": 1, "n": "no number"});
    let rendered = Renderer::new().preview(Form::Letter, &body, &Partials::new(), &context).unwrap();
    assert_eq!(rendered.missing.into_iter().collect::<Vec<_>>(), ["i.name", "n", "s", "x"]);
    let many: String = (0..20).map(|nth| format!("{{{{ v{nth} }}}}")).collect();
    let rendered = Renderer::new().preview(Form::Letter, &content("", &many, ""), &Partials::new(), &context);
    assert_eq!(rendered.unwrap().missing.len(), MOST_MISSING);
}

#[test]
fn the_cache_is_bounded() {
    let renderer = Renderer::new();
    let body = content("s", "t", "");
    for version in 0..(CACHE_SIZE as i64 + 10) {
        renderer.learn(1, version, Form::Letter, &body, &Partials::new()).unwrap();
    }
    assert!(!renderer.knows(1, 0));
    assert!(renderer.knows(1, CACHE_SIZE as i64 + 9));
    assert_eq!(renderer.cache().by_revision.len(), CACHE_SIZE);
}
