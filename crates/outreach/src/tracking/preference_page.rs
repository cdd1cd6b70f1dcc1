//! The preference centre as a page.

use std::fmt::Write;

use base::Language;
use jiff::civil::Date;

use super::{
    page::{escape, form_button, framed},
    preferences::Preferences,
};

/// The page as HTML; `saved` says that what was asked for is in force.
pub(super) fn page(preferences: &Preferences, language: Language, saved: bool) -> String {
    let say = |zh: &'static str, en: &'static str| language.choose(zh, en);
    let title = say("订阅偏好", "Your preferences");
    let mut html = String::with_capacity(8_192);
    let address = escape(&preferences.address);
    let _ = write!(html, "<h1>{title}</h1><p class=\"note\">{}{address}</p>", say("接收地址：", "Messages go to: "));
    if saved {
        let _ = write!(html, "<p class=\"good\" role=\"status\">{}</p>", say("设置已保存。", "Saved."));
    }
    write_leave(&mut html, preferences, language);
    html.push_str("<form method=\"post\" class=\"card\">");
    write_topics(&mut html, preferences, language);
    write_channels(&mut html, preferences, language);
    write_pause(&mut html, preferences.paused_until, language);
    write_languages(&mut html, preferences.language, language);
    let _ =
        write!(html, "<button class=\"main\" name=\"action\" value=\"save\">{}</button></form>", say("保存", "Save"));
    let (note, action, label) = match preferences.is_left {
        true => (
            say("您已退订全部消息。", "You have unsubscribed from everything."),
            "return_all",
            say("重新接收", "Get messages again"),
        ),
        false => (
            say(
                "退订后，您只会收到本人触发的通知，如订单、验证码。",
                "You will then only get what you cause yourself, such as receipts.",
            ),
            "leave_all",
            say("退订全部消息", "Unsubscribe from everything"),
        ),
    };
    let _ = write!(html, "<div class=\"end\"><p class=\"note\">{note}</p>{}</div>", form_button(action, label));
    framed(language, title, &preferences.brand, &html)
}

/// The one button for whoever came to leave; none where there is nothing of its own to leave, or it is left already.
fn write_leave(html: &mut String, preferences: &Preferences, language: Language) {
    let own = preferences.topics.iter().find(|(topic, _)| topic.topic == preferences.topic);
    let Some((topic, true)) = own.map(|(topic, is_wanted)| (topic, *is_wanted && !preferences.is_left)) else { return };
    let name = topic.name_in(language);
    let label = match (name == topic.topic, language) {
        (true, _) => language.choose("退订此类消息", "Unsubscribe from messages like this one").to_owned(),
        (false, Language::Zh) => format!("退订“{}”", escape(name)),
        (false, Language::En) => format!("Unsubscribe from “{}”", escape(name)),
    };
    html.push_str(&form_button("leave", &label));
}

/// A part of the form under a heading. `legend` is HTML.
fn open_group(html: &mut String, legend: &str) {
    let _ = write!(html, "<fieldset><legend><h2>{legend}</h2></legend>");
}

fn write_topics(html: &mut String, preferences: &Preferences, language: Language) {
    if preferences.topics.is_empty() {
        return;
    }
    open_group(html, language.choose("您想接收的内容", "What you would like to get"));
    for (topic, is_wanted) in &preferences.topics {
        let description = topic.description_in(language).trim();
        let description = match description {
            "" => String::new(),
            text => format!("<span class=\"note\">{}</span>", escape(text)),
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
    html.push_str("</fieldset>");
}

fn write_channels(html: &mut String, preferences: &Preferences, language: Language) {
    open_group(html, language.choose("接收渠道", "How you would like to get it"));
    for (kind, is_wanted) in &preferences.channels {
        let name = channel_name(kind, language);
        write_box(html, ("shown_channel", "channel"), kind, &escape(&name), "", *is_wanted);
    }
    html.push_str("</fieldset>");
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

fn write_pause(html: &mut String, paused_until: Option<Date>, language: Language) {
    open_group(html, language.choose("暂停接收", "Take a break"));
    let (value, text) = match paused_until {
        Some(until) => {
            let _ = match language {
                Language::Zh => write!(html, "<p>已暂停至 {}。</p>", until.strftime("%Y年%-m月%-d日")),
                Language::En => write!(html, "<p>Paused until {}.</p>", until.strftime("%-d %B %Y")),
            };
            ("end", language.choose("立即恢复接收", "Get messages again now"))
        }
        None => {
            ("begin", language.choose("暂停 30 天，之后自动恢复", "Pause everything for 30 days; it resumes by itself"))
        }
    };
    let _ = write!(
        html,
        "<label><input type=\"checkbox\" name=\"pause\" value=\"{value}\"><span>{text}</span></label></fieldset>"
    );
}

fn write_languages(html: &mut String, chosen: Option<Language>, language: Language) {
    open_group(html, &format!("<span id=\"language\">{}</span>", language.choose("语言", "Language")));
    html.push_str("<select name=\"language\" aria-labelledby=\"language\">");
    if chosen.is_none() {
        let _ = write!(html, "<option value=\"\" selected>{}</option>", language.choose("自动", "Automatic"));
    }
    for (value, name, of) in [("zh-CN", "中文", Language::Zh), ("en", "English", Language::En)] {
        let selected = if chosen == Some(of) { " selected" } else { "" };
        let _ = write!(html, "<option value=\"{value}\" lang=\"{value}\"{selected}>{name}</option>");
    }
    html.push_str("</select></fieldset>");
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
    use jiff::civil::date;
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
            topic: String::new(),
            is_left: false,
            address: "a…@b.example".to_owned(),
            language: None,
            topics: vec![(topic, true)],
            channels: vec![("email".to_owned(), true)],
            paused_until: None,
        };
        let english = page(&preferences, Language::En, true);
        assert!(!english.contains("<script>") && !english.contains("<b>"), "{english}");
        assert!(english.contains("&lt;b&gt;News&lt;/b&gt;") && english.contains("a &amp; b"), "{english}");
        assert!(!english.contains("value=\"leave\""), "there is no topic of its own to leave");
        let preferences = Preferences {
            topic: "\"><script>1</script>".to_owned(),
            paused_until: Some(date(2026, 3, 9)),
            ..preferences
        };
        let english = page(&preferences, Language::En, false);
        assert!(
            english.contains("from “&lt;b&gt;News&lt;/b&gt;”") && english.contains("until 9 March 2026."),
            "{english}"
        );
        let chinese = page(&preferences, Language::Zh, false);
        assert!(
            chinese.contains("退订“&lt;i&gt;新闻&lt;/i&gt;”") && chinese.contains("至 2026年3月9日。"),
            "{chinese}"
        );
        assert!(chinese.contains("&lt;i&gt;新闻&lt;/i&gt;") && chinese.contains("lang=\"zh-CN\""), "{chinese}");
    }
}
