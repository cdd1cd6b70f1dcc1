//! The unsubscribe page, in Chinese and English, without scripts or anything from elsewhere.

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// A question with buttons.
    Question,
    /// That it was done.
    Left,
    /// That messages come again.
    Returned,
    /// That the link is not valid.
    BadLink,
    /// That it did not work.
    Failed,
}

/// Whether the visitor prefers Chinese, by his `Accept-Language`.
pub(crate) fn prefers_chinese(accept_language: &str) -> bool {
    accept_language
        .split(',')
        .map(|part| part.trim().to_ascii_lowercase())
        .find(|part| part.starts_with("zh") || part.starts_with("en"))
        .is_some_and(|part| part.starts_with("zh"))
}

/// The page as HTML. Nothing in it comes from outside.
pub(crate) fn page(shown: Shown, chinese: bool) -> String {
    let (title, text) = match (shown, chinese) {
        (Shown::Question, true) => ("退订", "不想再收到这类消息？"),
        (Shown::Question, false) => ("Unsubscribe", "Do you no longer want to get messages like this one?"),
        (Shown::Left, true) => ("已退订", "您不会再收到这类消息。"),
        (Shown::Left, false) => ("Unsubscribed", "You will not get messages like this one any more."),
        (Shown::Returned, true) => ("已重新订阅", "您将继续收到这类消息。"),
        (Shown::Returned, false) => ("Subscribed again", "You will get messages like this one again."),
        (Shown::BadLink, true) => ("链接无效", "链接可能不完整，请使用消息中的完整链接。"),
        (Shown::BadLink, false) => {
            ("The link is not valid", "It may have been cut off; use the whole link from the message.")
        }
        (Shown::Failed, true) => ("操作未完成", "请稍后再试。"),
        (Shown::Failed, false) => ("That did not work", "Please try again in a moment."),
    };
    let button = |action: &str, label: &str| {
        format!("<form method=\"post\"><button name=\"action\" value=\"{action}\">{label}</button></form>")
    };
    let buttons = match (shown, chinese) {
        (Shown::Question, true) => button("leave", "退订此类消息") + &button("leave_all", "退订全部消息"),
        (Shown::Question, false) => {
            button("leave", "Unsubscribe") + &button("leave_all", "Unsubscribe from everything")
        }
        (Shown::Left, true) => button("return", "重新订阅"),
        (Shown::Left, false) => button("return", "Subscribe again"),
        (Shown::Returned, true) => button("leave", "退订"),
        (Shown::Returned, false) => button("leave", "Unsubscribe"),
        (Shown::BadLink | Shown::Failed, _) => String::new(),
    };
    let language = if chinese { "zh-CN" } else { "en" };
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>body{{font:16px/1.6 system-ui,sans-serif;max-width:32em;margin:12vh auto;padding:0 1.5em;color:#222}}\
         button{{font:inherit;padding:.6em 1.2em;margin:.4em 0;border:1px solid #b5532a;border-radius:.4em;\
         background:#fff;color:#8f3f1d;cursor:pointer}}button:focus-visible{{outline:3px solid #e9a37f}}</style></head>\
         <body><main><h1>{title}</h1><p>{text}</p>{buttons}</main></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_decides() {
        assert!(prefers_chinese("zh-TW,zh;q=0.9,en;q=0.8"));
        assert!(prefers_chinese("fr, zh;q=0.5"));
        assert!(!prefers_chinese("en-GB,zh;q=0.5"));
        assert!(!prefers_chinese(""));
    }
}
