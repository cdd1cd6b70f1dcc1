//! What every filter makes of what.

use base::Code;
use channels::Form;
use serde_json::json;

use crate::templates::{Content, Parts, Renderer};

fn shown(language: &str, source: &str) -> Result<String, base::Problem> {
    let context = json!({
        "language": language, "time_zone": "Asia/Shanghai", "now": "2026-11-23T04:00:00Z",
        "member": {"name": "欧阳修", "gender": "男", "blank": " \n", "nothing": null, "list": [1]},
        "total": 1234.5, "half": 1.005, "at": "2026-11-22T20:30:00Z", "day": "2024-02-29",
    });
    let content = Content { parts: Parts { text: source.to_owned(), ..Parts::default() }, ..Content::default() };
    Renderer::new().preview(Form::Letter, &content, &Default::default(), &context).map(|rendered| rendered.text)
}

#[test]
fn each_filter_writes_what_people_of_that_language_do() {
    for (language, source, expected) in [
        ("zh", "{{ total|money('CNY') }}", "¥1,234.50"),
        ("en", "{{ total|money('CNY') }}", "CN¥1,234.50"),
        ("en", "{{ total|money(currency='usd', language='zh') }}", "US$1,234.50"),
        ("en", "{{ total|money('JPY') }}", "¥1,235"),
        ("en", "{{ half|money('EUR') }} {{ '-0.004'|money('EUR') }} {{ -5|money('GBP') }}", "€1.01 €0.00 -£5.00"),
        (
            "en",
            "{{ 999.995|money('USD') }} {{ 1|money('KWD') }} {{ 1|money('XYZ') }} {{ 1|money }}",
            "$1,000.00 KWD 1.000 XYZ 1.00 1.00",
        ),
        (
            "en",
            "{{ 1234567|number }} {{ 0.5|number }} {{ 1234.567|number(1) }} {{ '1,000'|number }}",
            "1,234,567 0.5 1,234.6 1,000",
        ),
        (
            "en",
            "{{ 0.256|percent }} {{ 0.256|percent(1) }} {{ 1|percent }} {{ -0.005|percent(decimals=2) }}",
            "26% 25.6% 100% -0.50%",
        ),
        (
            "zh",
            "{{ at|date }} {{ at|date('long') }} {{ at|date('weekday') }} {{ at|date('relative') }}",
            "2026/11/23 2026年11月23日 星期一 今天",
        ),
        (
            "en",
            "{{ at|date }} {{ at|date('long') }} {{ at|date('weekday') }} {{ at|date('relative') }}",
            "23 Nov 2026 23 November 2026 Monday today",
        ),
        (
            "en",
            "{{ at|date('datetime', zone='America/New_York') }} {{ at|date('time', 'en', 'no/where') }}",
            "22 November 2026, 15:30 20:30",
        ),
        (
            "en",
            "{{ day|date('long', zone='Pacific/Honolulu') }} {{ day|date('relative') }}",
            "29 February 2024 2 years ago",
        ),
        (
            "zh",
            "{{ '2026-11-26'|date('relative') }} {{ '2026-11-21'|date('relative') }} {{ 1795406400|date('iso') }}",
            "3天后 前天 2026-11-23",
        ),
        ("en", "{{ '2026-11-26'|date('relative') }} {{ '2027-02-23'|date('relative') }}", "in 3 days in 3 months"),
        (
            "zh",
            "{{ member.name|surname }} {{ member.name|given_name }} {{ member.name|honorific }}",
            "欧阳 修 欧阳先生",
        ),
        ("en", "{{ '王小明'|honorific('女') }} {{ 'Ada Lovelace'|honorific(gender='female') }}", "王女士 Ms Lovelace"),
        (
            "zh",
            "{{ '王 伟'|surname }} {{ '阿凡提·买买提'|given_name }} {{ 'Lovelace, Ada'|given_name }} {{ 'Ada'|honorific('f') }}",
            "王 阿凡提 Ada Ada",
        ),
        (
            "en",
            "{{ 1|plural('item', 'items') }} {{ 2|plural('item', 'items') }} {{ 0|plural(one='item', other='items') }}",
            "item items items",
        ),
        (
            "en",
            "{{ '13812345678'|mask }} {{ 'li@x.example'|mask }} {{ '李白'|mask }} {{ '+86 138 1234 5678'|mask }}",
            "138****5678 l***@x.example 李* +86 138 **** 5678",
        ),
        (
            "zh",
            "{{ '你好👨‍👩‍👧世界'|truncate(3) }} {{ 'short'|truncate(9) }} {{ 'abcdef'|truncate(2, end='') }}",
            "你好👨‍👩‍👧… short ab",
        ),
    ] {
        assert_eq!(shown(language, source).unwrap(), expected, "{language}: {source}");
    }
}

#[test]
fn what_is_blank_or_cannot_be_read_is_missing() {
    for value in ["nobody", "member.nothing", "member.blank", "member.list"] {
        for filter in [
            "money('CNY')",
            "number",
            "percent",
            "date('long')",
            "plural('a', 'b')",
            "surname",
            "given_name",
            "mask",
            "honorific",
        ] {
            let source = format!("[{{{{ {value}|{filter} }}}}{{{{ {value}|{filter}|fallback('friend') }}}}]");
            assert_eq!(shown("en", &source).unwrap(), "[friend]", "{source}");
        }
    }
    for value in ["'tomorrow'|date", "'abc'|money('USD')", "'1e400'|number", "'2026-13-01'|date", "1e300|date"] {
        assert_eq!(shown("en", &format!("[{{{{ {value} }}}}]")).unwrap(), "[]", "{value}");
    }
    assert_eq!(
        shown("en", "{{ member.blank|fallback('friend') }}{{ 0|fallback(1) }}{{ nobody|truncate(3) }}").unwrap(),
        "friend0"
    );
}

#[test]
fn arguments_that_no_member_can_cause_are_errors() {
    for source in [
        "{{ at|date('shortish') }}",
        "{{ 1|number(99) }}",
        "{{ 1|money('CNY', 'zh', 1) }}",
        "{{ 1|money(curency='CNY') }}",
    ] {
        assert_eq!(shown("en", source).unwrap_err().code, Code::TemplateFailed, "{source}");
    }
}
