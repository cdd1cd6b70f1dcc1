use super::*;

fn codes(parts: Parts) -> Vec<String> {
    let content = Content { parts, ..Content::default() };
    let begins = |journey: &str, event: &str, properties: &[&str]| known::Begins {
        journey: journey.to_owned(),
        event: event.to_owned(),
        properties: properties.iter().map(|name| (*name).to_owned()).collect(),
    };
    let known = Known {
        traits: ["name".to_owned()].into(),
        events: vec![begins("Orders", "Order Paid", &["id", "total"]), begins("Carts", "Cart Left", &["id"])],
    };
    lint(Form::Letter, &content, &known, &BTreeMap::new())
        .into_iter()
        .map(|found| format!("{}@{}", found.code, found.path))
        .collect()
}

fn good() -> Parts {
    Parts {
        subject: "Hello {{ member.name|fallback('friend') }}".to_owned(),
        text: "Bye {{ unsubscribe_url }}".to_owned(),
        html: "<img alt=\"\" src=\"https://shop.example/a.png\"><a href=\"{{ unsubscribe_url }}\">out</a>".to_owned(),
        ..Parts::default()
    }
}

#[test]
fn a_good_template_has_no_warnings_and_each_fault_has_its_own() {
    assert_eq!(codes(good()), Vec::<String>::new());
    type Spoil = fn(&mut Parts);
    let faults: [(&str, Spoil); 20] = [
        ("unknown_variable@text", |parts| parts.text += "{{ member.nmae|fallback('x') }}"),
        ("unknown_variable@text", |parts| parts.text += "{% if rules.vip %}{% endif %}"),
        ("missing_fallback@text", |parts| parts.text += "{{ member.name }}"),
        ("unknown_property@text", |parts| parts.text += "{{ event.total|fallback(0) }}"),
        ("unknown_property@html", |parts| parts.html += "{% if event.total.amount > 3 %}{% endif %}"),
        ("dead_link@text", |parts| parts.text += " https://shop.internal/a"),
        ("insecure_link@text", |parts| parts.text += " http://shop.example/a"),
        ("unbalanced_braces@text", |parts| parts.text += "name }}"),
        ("subject_too_long@subject", |parts| parts.subject += &"很".repeat(40)),
        ("preheader_too_long@preheader", |parts| parts.preheader = "a".repeat(200)),
        ("all_caps@subject", |parts| parts.subject = "{{ member.name|fallback('DEAR') }}, BUY MORE BREAD".to_owned()),
        ("spam_word@text", |parts| parts.text += " 点击领取"),
        ("clipped@html", |parts| parts.html += &"a".repeat(110_000)),
        ("dead_link@html", |parts| parts.html += "<a href=\"http://localhost:8080/\">a</a>"),
        ("dead_link@html", |parts| parts.html += "<a href=\"#\">a</a>"),
        ("insecure_link@html", |parts| {
            parts.html += "<a href=\"http://shop.example/{{ event.id|fallback(1) }}\">a</a>"
        }),
        ("image_without_alt@html", |parts| parts.html += "<img src=\"https://shop.example/b.png\">"),
        ("outside_image@mjml", |parts| {
            parts.mjml = "<mj-social-element name=\"x\" href=\"https://x.example/\">x</mj-social-element>".to_owned()
        }),
        ("missing_unsubscribe@html", |parts| (parts.text, parts.html) = ("a".to_owned(), String::new())),
        ("missing_text@text", |parts| parts.text = String::new()),
    ];
    for (expected, spoil) in faults {
        let mut parts = good();
        spoil(&mut parts);
        assert_eq!(codes(parts), [expected]);
    }
}
