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
        ("{% for i in range(3) + r if i > 1 %}{% endfor %}", "{% for i in range(3)¢ + r¢ if i¢ > 1¢ %}{% endfor %}"),
        ("{% if a not in b and not c is defined %}", "{% if a¢ not in b¢ and not c¢ is defined %}"),
        ("{{ 'yes' if a == 1 else 'no' }}", "{{ 'yes' if a¢ == 1¢ else 'no' }}"),
        ("{{ {'a': b * 2}['a'] }}", "{{ {'a': b# * 2#}['a'] }}"),
        ("{% set a, b = x + 1, y -%}", "{% set a, b = x¢ + 1¢, y¢ -%}"),
        ("{{ name[:1] ~ f(*a, k=b+c) }}", "{{ name[:1]¢¢ ~ f(*a¢, k=b¢+c¢)¢ }}"),
        ("{{ [x, 1, [y if z else 'no'], {k: v}] }}", "{{ [x¢, 1, [y¢ if z¢ else 'no']¢, {k¢: v¢}¢] }}"),
        ("{% set x = [a is defined, b is in c, d or e] %}", "{% set x = [a¢ is defined, b¢ is in c, d¢ or e¢]¢ %}"),
        ("{% for (a, b) in c %}{% with d = a, e = b %}", "{% for (a, b) in c¢ %}{% with d = a¢, e = b¢ %}"),
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
        "\n{% set x.y = 1 %}",
        "\n{% set (x.y, z) = a %}",
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

#[test]
fn what_would_need_a_stack_without_an_end_is_refused_and_long_lists_are_not() {
    let chains: [fn(usize) -> String; 12] = [
        |n| format!("{{{{ a{} }}}}", "|upper".repeat(n)),
        |n| format!("{{{{ a{} }}}}", " ~ b".repeat(n)),
        |n| format!("{{{{ a{} }}}}", "**2".repeat(n)),
        |n| format!("{{{{ a{} }}}}", " and b".repeat(n)),
        |n| format!("{{{{ a{} }}}}", " is defined".repeat(n)),
        |n| format!("{{{{ {}a }}}}", "not ".repeat(n)),
        |n| format!("{{{{ {}1 }}}}", "-".repeat(n)),
        |n| format!("{{{{ a{} }}}}", ".b".repeat(n)),
        |n| format!("{{{{ a{} }}}}", "[0]".repeat(n)),
        |n| format!("{{{{ {}a{} }}}}", "(".repeat(n), ")".repeat(n)),
        |n| format!("{{% set x = [1, {}a{}] %}}", "[2, 3, ".repeat(n), "]".repeat(n)),
        |n| format!("{{% if a %}}{}{{% endif %}}", "{% elif b %}".repeat(n)),
    ];
    for chain in chains {
        assert!(with_meters(&chain(50), &|_| true).is_ok(), "{}", chain(2));
        let refused = with_meters(&format!("\n{}", chain(5_000)), &|_| true).unwrap_err();
        assert_eq!(refused.line, 2, "{}", chain(2));
    }
    let pairs = format!("{{% set x = {{{}}} %}}", "'a': -1 + b|upper, 'c': [(1, 2)], ".repeat(1_000));
    assert!(with_meters(&pairs, &|_| true).is_ok());
    assert!(with_meters(&"{{ a|upper }}{% if b %}{% elif c %}{% endif %}".repeat(1_000), &|_| true).is_ok());
}

#[test]
fn a_partial_is_included_by_its_plain_name_only() {
    let read = |source: &str| super::metered(source, &|_| true, "html");
    let found = read("a\n{% include \"my-footer\" %}{%- include 'b' -%}").unwrap();
    assert_eq!(found.source, "a\n{% include \"my-footer/html\" %}{%- include \"b/html\" -%}");
    assert_eq!(found.includes, [("my-footer".to_owned(), 2), ("b".to_owned(), 2)]);
    for source in [
        "{% include name %}",
        "{% include 'a' ~ 'b' %}",
        "{% include ['a'] %}",
        "{% include 'a/../b' %}",
        "{% include 'a' ignore missing %}",
        "{% include %}",
        "{% import 'a' as b %}",
        "{% extends 'a' %}",
    ] {
        assert!(read(source).is_err(), "{source}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_metered_or_refused_without_panic(source in "[{}%#a-c .*~|\\[\\]()'\"0-9:=\n-]{0,60}") {
        let _ = with_meters(&source, &|_| true);
    }
}
