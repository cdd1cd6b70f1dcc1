//! The pages behind links of messages, in Chinese and English, without scripts or anything from elsewhere. Whatever comes
//! from outside is escaped.

use base::Language;

use super::about::About;

/// What a short page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// That messages about a topic are left.
    Left,
    /// That all messages are left.
    LeftAll,
    /// That messages come again.
    Returned,
    /// That the link is not valid.
    BadLink,
    /// That it did not work.
    Failed,
    /// That the message was a test.
    Test,
    /// Whether a subscription is confirmed.
    Confirm,
    /// That a subscription is confirmed.
    Confirmed,
    /// That a link is too old to confirm.
    TooOld,
    /// That the member has refused since.
    RefusedSince,
}

impl Shown {
    /// Title and text. `topic` is HTML.
    fn words(self, language: Language, topic: Option<&str>) -> (&'static str, String) {
        let (title, text) = match self {
            Shown::Left => (("已退订", "Unsubscribed"), LEFT),
            Shown::LeftAll => (("已全部退订", "Unsubscribed from everything"), LEFT_ALL),
            Shown::Returned => (("已重新订阅", "Subscribed again"), RETURNED),
            Shown::BadLink => (("链接无效", "The link is not valid"), BAD_LINK),
            Shown::Failed => (("操作未完成", "That did not work"), FAILED),
            Shown::Test => (("这是一条测试消息", "This was a test message"), TEST),
            Shown::Confirm => (("确认订阅", "Confirm your subscription"), CONFIRM),
            Shown::Confirmed => (("订阅已确认", "Subscription confirmed"), CONFIRMED),
            Shown::TooOld => (("链接已失效", "This link is no longer valid"), TOO_OLD),
            Shown::RefusedSince => (("您已退订", "You have unsubscribed since"), REFUSED_SINCE),
        };
        let text = match topic {
            Some(topic) => language.choose(text.zh_of, text.en_of).replace("{topic}", topic),
            None => language.choose(text.zh, text.en).to_owned(),
        };
        (language.choose(title.0, title.1), text)
    }

    /// What can be done on the page: the action, and what the button says.
    fn button(self, language: Language) -> Option<(&'static str, &'static str)> {
        let (action, zh, en) = match self {
            Shown::Left => ("return", "重新订阅", "Subscribe again"),
            Shown::LeftAll => ("return_all", "重新接收", "Get messages again"),
            Shown::Returned => ("leave", "退订", "Unsubscribe"),
            Shown::Confirm => ("confirm", "确认订阅", "Confirm"),
            _ => return None,
        };
        Some((action, language.choose(zh, en)))
    }
}

/// A text, with the name of a topic in it and without.
struct Text {
    zh: &'static str,
    en: &'static str,
    zh_of: &'static str,
    en_of: &'static str,
}

/// One that is the same for all topics.
const fn plain(zh: &'static str, en: &'static str) -> Text {
    Text { zh, en, zh_of: zh, en_of: en }
}

const LEFT: Text = Text {
    zh: "您不会再收到这类消息。",
    en: "You will not get messages like this one any more.",
    zh_of: "您不会再收到“{topic}”的消息。",
    en_of: "You will not get messages about “{topic}” any more.",
};
const LEFT_ALL: Text = plain(
    "除您本人触发的通知（如订单、验证码）外，您不会再通过此渠道收到任何消息。",
    "Nothing more comes this way, apart from what you cause yourself, such as receipts.",
);
const RETURNED: Text = Text {
    zh: "您将继续收到这类消息。",
    en: "You will get messages like this one again.",
    zh_of: "您将继续收到“{topic}”的消息。",
    en_of: "You will get messages about “{topic}” again.",
};
const BAD_LINK: Text =
    plain("链接可能不完整，请使用消息中的完整链接。", "It may have been cut off; use the whole link from the message.");
const FAILED: Text = plain("请稍后再试。", "Please try again in a moment.");
const TEST: Text = plain(
    "正式消息中的链接会打开订阅偏好页面。此处的操作不会改变任何设置。",
    "In a real message this link leads to the preferences of whoever got it. Nothing is changed here.",
);
const CONFIRM: Text = Text {
    zh: "请点击下方按钮，确认是您本人订阅。如果不是您本人操作，无需理会，订阅不会生效。",
    en: "Please confirm that it was you who subscribed. If it was not, do nothing: it does not count then.",
    zh_of: "请点击下方按钮，确认是您本人订阅了“{topic}”。如果不是您本人操作，无需理会，订阅不会生效。",
    en_of: "Please confirm that it was you who subscribed to “{topic}”. If it was not, do nothing: it does not count then.",
};
const CONFIRMED: Text = Text {
    zh: "感谢您的确认。",
    en: "Thank you.",
    zh_of: "感谢您的确认。您已订阅“{topic}”。",
    en_of: "Thank you. You will get “{topic}” from now on.",
};
const TOO_OLD: Text =
    plain("确认链接的有效期为 30 天，请重新订阅。", "A link confirms for 30 days; please subscribe once more.");
const REFUSED_SINCE: Text = plain(
    "在此之后您选择了退订，因此不会重新订阅。如需订阅，请重新提交。",
    "So this link does not subscribe you again. Please subscribe anew if you want to.",
);

/// A short page as HTML.
pub(crate) fn page(shown: Shown, language: Language, about: &About) -> String {
    let topic = about.topic.as_deref().map(escape);
    let (title, text) = shown.words(language, topic.as_deref());
    let button = shown.button(language).map(|(action, label)| match shown {
        Shown::Confirm => main_button(action, label),
        _ => form_button(action, label),
    });
    let back = match shown {
        Shown::Left | Shown::LeftAll | Shown::Returned => {
            format!("<p><a href=\"\">{}</a></p>", language.choose("查看全部订阅偏好", "See all your preferences"))
        }
        _ => String::new(),
    };
    let content =
        format!("<h1>{title}</h1><div class=\"card\"><p>{text}</p>{}{back}</div>", button.unwrap_or_default());
    framed(language, title, &about.brand, &content)
}

/// A form of one button.
pub(super) fn form_button(action: &str, label: &str) -> String {
    format!("<form method=\"post\"><button name=\"action\" value=\"{action}\">{label}</button></form>")
}

fn main_button(action: &str, label: &str) -> String {
    format!("<form method=\"post\"><button class=\"main\" name=\"action\" value=\"{action}\">{label}</button></form>")
}

/// Every colour keeps its contrast on its ground: 4.5 for text, 3 for edges that say something.
const STYLE: &str = ":root{color-scheme:light dark;--ink:#1f1b16;--soft:#6b6258;--ground:#faf7f2;--card:#fff;--line:#e8e1d6;\
    --edge:#8d806f;--accent:#c2410c;--link:#9a3412;--on-accent:#fff;--good:#e7f0ea;--good-edge:#3f7d58}\
    @media(prefers-color-scheme:dark){:root{--ink:#f3ece2;--soft:#b9ac9b;--ground:#1b1714;--card:#26201b;--line:#3d342b;\
    --edge:#8f7f6c;--accent:#ea7a3e;--link:#f4a373;--on-accent:#1b1714;--good:#1e2f26;--good-edge:#5fa57f}}\
    *{box-sizing:border-box}body{font:16px/1.6 system-ui,-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif;\
    max-width:36em;margin:0 auto;padding:6vh 1.25em 4em;color:var(--ink);background:var(--ground);overflow-wrap:anywhere}\
    main::before{content:'';display:block;width:2.5em;height:4px;border-radius:2px;background:var(--accent);margin-bottom:1em}\
    h1{font-size:1.5em;line-height:1.3;margin:.2em 0 .6em}h2{font-size:1.05em;margin:0}p{margin:.6em 0}\
    .brand{color:var(--soft);margin:0}.note{color:var(--soft);font-size:.9em}h1+.note{margin-top:-.4em}a{color:var(--link)}\
    .good{background:var(--good);border:1px solid var(--good-edge);border-radius:.6em;padding:.6em 1em}\
    .card{background:var(--card);border:1px solid var(--line);border-radius:.8em;padding:1em 1.25em;margin:1.25em 0}\
    .end{margin-top:2em}fieldset{border:0;margin:0 0 1.75em;padding:0;min-width:0}legend{padding:0;margin-bottom:.25em}\
    label{display:flex;gap:.75em;padding:.6em 0;border-bottom:1px solid var(--line);align-items:flex-start;cursor:pointer}\
    label:last-of-type{border-bottom:0}label>span{flex:1;min-width:0}label .note{display:block}\
    input[type=checkbox]{width:1.25em;height:1.25em;margin:.2em 0;accent-color:var(--accent);flex:none}\
    select,button{font:inherit;min-height:44px;border-radius:.5em}select{padding:.5em;border:1px solid var(--edge);\
    background:var(--card);color:var(--ink);min-width:12em;max-width:100%}button{padding:.6em 1.4em;margin:.4em 0;\
    border:1px solid var(--accent);background:transparent;color:var(--link);cursor:pointer}\
    button.main{background:var(--accent);color:var(--on-accent);font-weight:600}\
    :focus-visible{outline:3px solid var(--accent);outline-offset:2px}@media(max-width:30em){button,select{width:100%}}";

/// The frame of every page. `content` is HTML; `title` and `brand` are escaped.
pub(super) fn framed(language: Language, title: &str, brand: &str, content: &str) -> String {
    let (tag, title, brand) = (language.tag(), escape(title), escape(brand));
    let (whole, head) = match brand.is_empty() {
        true => (title, String::new()),
        false => (format!("{title} · {brand}"), format!("<p class=\"brand\">{brand}</p>")),
    };
    format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{whole}</title>\
         <style>{STYLE}</style></head><body><main>{head}{content}</main></body></html>"
    )
}

/// A text that stays text in HTML, between tags and in attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_pages_name_the_brand_and_the_topic_as_text_and_say_less_where_they_know_less() {
        let about = About { brand: "<b>酒铺</b>".to_owned(), topic: Some("News & <i>more</i>".to_owned()) };
        let english = page(Shown::Left, Language::En, &about);
        assert!(english.contains("about “News &amp; &lt;i&gt;more&lt;/i&gt;” any more"), "{english}");
        assert!(
            english.contains("Unsubscribed · &lt;b&gt;酒铺&lt;/b&gt;</title>") && !english.contains("<b>"),
            "{english}"
        );
        let chinese = page(Shown::Confirm, Language::Zh, &About::default());
        assert!(chinese.contains("确认是您本人订阅。") && !chinese.contains("{topic}"), "{chinese}");
        assert!(!chinese.contains("class=\"brand\""), "{chinese}");
    }
}
