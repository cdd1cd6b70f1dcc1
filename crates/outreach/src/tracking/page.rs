//! The pages behind links of messages, in Chinese and English, without scripts or anything from elsewhere. Whatever comes
//! from outside is escaped.

use base::Language;

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
    /// Title and text.
    fn words(self, language: Language) -> (&'static str, &'static str) {
        let (zh, en) = match self {
            Shown::Left => (
                ("已退订", "您不会再收到这类消息。"),
                ("Unsubscribed", "You will not get messages like this one any more."),
            ),
            Shown::LeftAll => (
                ("已全部退订", "除您本人触发的通知（如订单、验证码）外，您不会再通过此渠道收到任何消息。"),
                (
                    "Unsubscribed from everything",
                    "Nothing more comes this way, apart from what you cause yourself, such as receipts.",
                ),
            ),
            Shown::Returned => (
                ("已重新订阅", "您将继续收到这类消息。"),
                ("Subscribed again", "You will get messages like this one again."),
            ),
            Shown::BadLink => (
                ("链接无效", "链接可能不完整，请使用消息中的完整链接。"),
                ("The link is not valid", "It may have been cut off; use the whole link from the message."),
            ),
            Shown::Failed => (("操作未完成", "请稍后再试。"), ("That did not work", "Please try again in a moment.")),
            Shown::Test => (
                ("这是一条测试消息", "正式消息中的链接会打开订阅偏好页面。此处的操作不会改变任何设置。"),
                (
                    "This was a test message",
                    "In a real message this link leads to the preferences of whoever got it. Nothing is changed here.",
                ),
            ),
            Shown::Confirm => (
                ("确认订阅", "点击下方按钮，确认由您本人订阅。"),
                ("Confirm your subscription", "With the button below you confirm that it was you who subscribed."),
            ),
            Shown::Confirmed => (("订阅已确认", "感谢您的确认。"), ("Subscription confirmed", "Thank you.")),
            Shown::TooOld => (
                ("链接已失效", "确认链接的有效期为 30 天，请重新订阅。"),
                ("This link is no longer valid", "A link confirms for 30 days; please subscribe once more."),
            ),
            Shown::RefusedSince => (
                ("您已退订", "在此之后您选择了退订，因此不会重新订阅。如需订阅，请重新提交。"),
                (
                    "You have unsubscribed since",
                    "So this link does not subscribe you again. Please subscribe anew if you want to.",
                ),
            ),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
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

/// A short page as HTML.
pub(crate) fn page(shown: Shown, language: Language) -> String {
    let (title, text) = shown.words(language);
    let button = shown.button(language).map(|(action, label)| form_button(action, label)).unwrap_or_default();
    framed(language, title, &format!("<h1>{title}</h1><p>{text}</p>{button}"))
}

/// A form of one button.
pub(super) fn form_button(action: &str, label: &str) -> String {
    format!("<form method=\"post\"><button name=\"action\" value=\"{action}\">{label}</button></form>")
}

const STYLE: &str = "body{font:16px/1.6 system-ui,'PingFang SC','Noto Sans SC',sans-serif;max-width:34em;\
    margin:8vh auto;padding:0 1.25em;color:#1f1b16;background:#faf7f2;overflow-wrap:anywhere}h1{font-size:1.5em;line-height:1.3}\
    h2{font-size:1.05em;margin:2em 0 .5em}.brand{color:#6b6258;margin:0}.note{color:#6b6258;font-size:.9em;margin:.2em 0}\
    .good{background:#e7f0ea;border:1px solid #3f7d58;border-radius:.6em;padding:.6em 1em}\
    form.card{background:#fff;border:1px solid #e8e1d6;border-radius:.6em;padding:.25em 1.25em 1.25em}\
    label{display:flex;gap:.75em;padding:.6em 0;border-bottom:1px solid #e8e1d6;align-items:flex-start}\
    label:last-of-type{border-bottom:0}label span{flex:1;min-width:0}input[type=checkbox],input[type=radio]{width:1.2em;height:1.2em;\
    margin:.2em 0;accent-color:#c2410c;flex:none}select{font:inherit;padding:.5em;border:1px solid #b8ab98;border-radius:.4em;\
    background:#fff;min-width:12em}button{font:inherit;padding:.6em 1.2em;margin:.4em 0;border:1px solid #c2410c;\
    border-radius:.4em;background:#fff;color:#9a3412;cursor:pointer;min-height:44px}button.main{background:#c2410c;color:#fff}\
    :focus-visible{outline:3px solid #e9a37f;outline-offset:2px}";

/// The frame of every page. `content` is HTML; `title` is escaped.
pub(super) fn framed(language: Language, title: &str, content: &str) -> String {
    let (tag, title) = (language.tag(), escape(title));
    format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main>{content}</main></body></html>"
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
