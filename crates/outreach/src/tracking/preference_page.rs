//! The preference centre as a page.

use std::fmt::Write;

use base::{Language, Time};

use super::{
    page::{escape, form_button, framed},
    preferences::Preferences,
};

/// The page as HTML; `saved` says that what was asked for is in force.
pub(super) fn page(preferences: &Preferences, language: Language, saved: bool) -> String {
    let say = |zh: &'static str, en: &'static str| language.choose(zh, en);
    let title = say("订阅偏好", "Your preferences");
    let mut html = String::with_capacity(4_096);
    let _ = write!(html, "<p class=\"brand\">{}</p><h1>{title}</h1>", escape(&preferences.brand));
    let address = escape(&preferences.address);
    let _ = write!(html, "<p class=\"note\">{}{address}</p>", say("接收地址：", "Messages go to: "));
    if saved {
        let _ = write!(html, "<p class=\"good\" role=\"status\">{}</p>", say("设置已保存。", "Saved."));
    }
    html.push_str(&form_button("leave", say("退订此类消息", "Unsubscribe from messages like this one")));
    html.push_str("<form method=\"post\" class=\"card\">");
    write_topics(&mut html, preferences, language);
    write_channels(&mut html, preferences, language);
    write_pause(&mut html, preferences.paused_until, language);
    write_languages(&mut html, preferences.language, language);
    let _ = write!(
        html,
        "<p><button class=\"main\" name=\"action\" value=\"save\">{}</button></p></form>",
        say("保存", "Save")
    );
    html.push_str(&form_button("leave_all", say("退订全部消息", "Unsubscribe from everything")));
    framed(language, title, &html)
}

fn write_topics(html: &mut String, preferences: &Preferences, language: Language) {
    if preferences.topics.is_empty() {
        return;
    }
    let _ = write!(html, "<h2>{}</h2>", language.choose("您想接收的内容", "What you would like to get"));
    for (topic, is_wanted) in &preferences.topics {
        let description = topic.description_in(language).trim();
        let description = match description {
            "" => String::new(),
            text => format!("<br><span class=\"note\">{}</span>", escape(text)),
        };
        write_box(
            html,
            ("shown_topic", "topic"),
            &topic.topic,
            &escape(topic.name_in(language)),
            &description,
            *is_wanted,
        );
    }
}

fn write_channels(html: &mut String, preferences: &Preferences, language: Language) {
    let _ = write!(html, "<h2>{}</h2>", language.choose("接收渠道", "How you would like to get it"));
    for (kind, is_wanted) in &preferences.channels {
        let name = channel_name(kind, language);
        write_box(html, ("shown_channel", "channel"), kind, &escape(&name), "", *is_wanted);
    }
}

/// A box to tick, beside the note that it was shown. `name` and `more` are HTML.
fn write_box(html: &mut String, (shown, field): (&str, &str), value: &str, name: &str, more: &str, is_on: bool) {
    let (value, checked) = (escape(value), if is_on { " checked" } else { "" });
    let _ = write!(
        html,
        "<input type=\"hidden\" name=\"{shown}\" value=\"{value}\"><label>\
         <input type=\"checkbox\" name=\"{field}\" value=\"{value}\"{checked}><span>{name}{more}</span></label>"
    );
}

fn write_pause(html: &mut String, paused_until: Option<Time>, language: Language) {
    let _ = write!(html, "<h2>{}</h2>", language.choose("暂停接收", "Take a break"));
    let (value, text) = match paused_until {
        Some(until) => {
            let day = until.to_string().chars().take(10).collect::<String>();
            (
                "end",
                match language {
                    Language::Zh => format!("已暂停至 {day}。立即恢复接收"),
                    Language::En => format!("Paused until {day}. Get messages again now"),
                },
            )
        }
        None => (
            "begin",
            language
                .choose("暂停 30 天，之后自动恢复", "Pause everything for 30 days; it resumes by itself")
                .to_owned(),
        ),
    };
    let _ =
        write!(html, "<label><input type=\"checkbox\" name=\"pause\" value=\"{value}\"><span>{text}</span></label>");
}

fn write_languages(html: &mut String, chosen: Option<Language>, language: Language) {
    let label = language.choose("语言", "Language");
    let _ = write!(html, "<h2 id=\"language\">{label}</h2><select name=\"language\" aria-labelledby=\"language\">");
    if chosen.is_none() {
        let _ = write!(html, "<option value=\"\" selected>{}</option>", language.choose("自动", "Automatic"));
    }
    for (value, name, of) in [("zh-CN", "中文", Language::Zh), ("en", "English", Language::En)] {
        let selected = if chosen == Some(of) { " selected" } else { "" };
        let _ = write!(html, "<option value=\"{value}\" lang=\"{value}\"{selected}>{name}</option>");
    }
    html.push_str("</select>");
}

fn channel_name(kind: &str, language: Language) -> String {
    match kind {
        "email" => language.choose("电子邮件", "E-mail").to_owned(),
        "sms" => language.choose("短信", "Text messages").to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use people::consent::topics::Topic;

    #[test]
    fn what_comes_from_outside_stays_text() {
        let topic = Topic {
            topic: "\"><script>1</script>".to_owned(),
            name: ("<b>News</b>".to_owned(), "<i>新闻</i>".to_owned()),
            description: ("a & b".to_owned(), String::new()),
            is_shown: true,
            position: 0,
            confirm_template: None,
        };
        let preferences = Preferences {
            brand: "<script>".to_owned(),
            address: "a…@b.example".to_owned(),
            language: None,
            topics: vec![(topic, true)],
            channels: vec![("email".to_owned(), true)],
            paused_until: None,
        };
        let english = page(&preferences, Language::En, true);
        assert!(!english.contains("<script>") && !english.contains("<b>"), "{english}");
        assert!(english.contains("&lt;b&gt;News&lt;/b&gt;") && english.contains("a &amp; b"), "{english}");
        let chinese = page(&preferences, Language::Zh, false);
        assert!(chinese.contains("&lt;i&gt;新闻&lt;/i&gt;") && chinese.contains("lang=\"zh-CN\""), "{chinese}");
    }
}
