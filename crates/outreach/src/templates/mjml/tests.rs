use super::*;

fn document(body: &str) -> String {
    format!("<mjml lang=\"zh-CN\"><mj-head><mj-title>t</mj-title></mj-head><mj-body>{body}</mj-body></mjml>")
}

fn section(text: &str) -> String {
    document(&format!("<mj-section><mj-column>{text}</mj-column></mj-section>"))
}

#[test]
fn tags_come_through_as_they_were_written() {
    let html = to_html(&section(
        "{% if rules.vip and 1 < 2 %}<mj-text>Dear {{ member.name|fallback(\"friend\") }}</mj-text>{% endif %}\
         <mj-button href=\"https://x.example/?a={{ event['id'] }}\">go</mj-button>",
    ))
    .unwrap();
    for part in [
        "{% if rules.vip and 1 < 2 %}",
        "Dear {{ member.name|fallback(\"friend\") }}",
        "{% endif %}",
        "href=\"https://x.example/?a={{ event['id'] }}\"",
        "lang=\"zh-CN\"",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
    assert!(!html.contains(MARK) && !html.contains("<mj-"), "{html}");
}

#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let text = |inner: &str| section(&format!("\n{inner}"));
    for (source, said) in [
        (text("<mj-txet>a</mj-txet>"), "did you mean <mj-text>"),
        (text("<mj-text colour=\"red\">a</mj-text>"), "no attribute \"colour\"; did you mean \"color\""),
        (text("<mj-include path=\"/etc/passwd\" />"), "<mj-include> cannot be used"),
        (text("<mj-section></mj-section>"), "<mj-section> cannot stand in <mj-column>"),
        (text("hello"), "text cannot stand in <mj-column>"),
        (text("{{ member.name }}"), "text cannot stand in <mj-column>"),
        (text("<p>hello</p>"), "put it into <mj-raw>"),
        (text("<mj-text>a</mj-button>"), "closes nothing here"),
        (text("<mj-text {% if a %}color=\"red\"{% endif %}>a</mj-text>"), "between the attributes"),
        (text("<mj-image width=\"{{ w }}\" src=\"a\" />"), "needs a fixed value"),
        (text("<mj-text>a < b</mj-text>"), "&lt;"),
        (text("<mj-text>{{ a</mj-text>"), "has no end"),
        (text("<mj-text>{% raw %}a</mj-text>"), "\"raw\""),
    ] {
        let refused = to_html(&source).unwrap_err();
        assert!(refused.message.contains(said), "{source}: {refused}");
        assert_eq!(refused.line, 2, "{source}: {refused}");
    }
    for source in ["", "hello", "<html></html>", "<mjml></mjml><mjml></mjml>", "<mj-body></mj-body>"] {
        assert!(to_html(source).is_err(), "{source}");
    }
}

#[test]
fn fonts_come_from_outside_only_when_the_author_names_them() {
    let elements = "<mj-text>a</mj-text><mj-button>b</mj-button><mj-table><tr><td>c</td></tr></mj-table>\
        <mj-text font-family=\"Lato, sans-serif\">d</mj-text>";
    let html = to_html(&section(elements)).unwrap();
    assert!(!html.contains("googleapis") && !html.contains("@import") && !html.contains("Ubuntu"), "{html}");
    assert_eq!(html.matches("'PingFang SC'").count(), 3, "{html}");
    assert!(html.contains("font-family:Lato, sans-serif"), "{html}");
    let named = "<mj-head><mj-font name=\"Ubuntu\" href=\"https://fonts.shop.example/u.css\" /></mj-head>";
    let document =
        format!("<mjml>{named}<mj-body><mj-section><mj-column>{elements}</mj-column></mj-section></mj-body></mjml>");
    let html = to_html(&document).unwrap();
    assert!(html.contains("https://fonts.shop.example/u.css") && html.contains("font-family:Ubuntu,"), "{html}");
}

#[test]
fn bombs_are_refused_before_they_are_parsed() {
    let deep = document("<mj-section><mj-column><mj-text>")
        .replace("<mj-text>", &format!("<mj-text>{}", "<b>".repeat(30_000)));
    assert!(to_html(&deep).is_err());
    let wide = document(&"<mj-section></mj-section>".repeat(3_000));
    assert!(to_html(&wide).unwrap_err().message.contains("2,000"));
    assert!(to_html(&"x".repeat(MAX_SOURCE + 1)).is_err());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_panic(body in "(<|>|/|mj-text|mj-section|mj-column|mj-raw|=|\"|\\{\\{|\\}\\}|a| |\n|你|<!--|%\\}|\\{%){0,40}") {
        let _ = to_html(&document(&body));
        let _ = check_piece(&body);
    }
}
