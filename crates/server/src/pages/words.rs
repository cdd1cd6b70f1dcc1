//! What the pages say, in Chinese and in English.

use axum::http::{HeaderMap, header};

pub(super) struct Words {
    pub lang: &'static str,
    pub name: &'static str,
    pub what_it_is: &'static str,
    pub sign_in: &'static str,
    pub sign_out: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub password_rule: &'static str,
    pub set_up: &'static str,
    pub welcome: &'static str,
    pub link_ended: &'static str,
    pub brand: &'static str,
    pub time_zone: &'static str,
    pub your_name: &'static str,
    pub begin: &'static str,
    pub deliveries: &'static str,
    pub api_browser: &'static str,
    /// Numbers of the home page: key in the JSON of `/live`, and label.
    pub tiles: [(&'static str, &'static str); 6],
    /// Texts for the script: problem codes, states of deliveries, and what it says by itself.
    said_by_script: &'static [(&'static str, &'static str)],
}

const ENGLISH: Words = Words {
    lang: "en",
    name: "Hearth",
    what_it_is: "Runs your community, and tells you honestly what it did.",
    sign_in: "Sign in",
    sign_out: "Sign out",
    email: "E-mail",
    password: "Password",
    password_rule: "At least 10 characters, and not a common word.",
    set_up: "Set up Hearth",
    welcome: "You are the first one here. This makes the workspace of your brand and you its owner.",
    link_ended: "This link has been used or has ended. Restart the server: it prints a new one.",
    brand: "Name of the brand",
    time_zone: "Time zone",
    your_name: "Your name",
    begin: "Begin",
    deliveries: "Messages",
    api_browser: "API browser",
    tiles: [
        ("members", "Members"),
        ("events_today", "Events today"),
        ("events_per_second", "Events per second"),
        ("pipeline_waiting", "Events waiting"),
        ("segments", "Segments"),
        ("journeys_running", "Members in journeys"),
    ],
    said_by_script: &[
        ("login_failed", "E-mail or password is wrong."),
        ("rate_limited", "Too many failures. Try again in {seconds} seconds."),
        ("weak_password", "This password is too easy to guess."),
        ("setup_done", "The set-up has already been done. Sign in."),
        ("bad_token", "This link has been used or has ended."),
        ("no_connection", "The server does not answer. Trying again…"),
        ("none", "No messages yet"),
        ("queued", "Queued"),
        ("sending", "Sending"),
        ("accepted", "Accepted"),
        ("delivered", "Delivered"),
        ("opened", "Opened"),
        ("clicked", "Clicked"),
        ("bounced", "Bounced"),
        ("failed", "Failed"),
        ("unknown", "Unknown"),
        ("expired", "Expired"),
        ("cancelled", "Cancelled"),
        ("suppressed", "Suppressed"),
    ],
};

const CHINESE: Words = Words {
    lang: "zh-CN",
    name: "围炉 Hearth",
    what_it_is: "替您打理社群，做过什么，一五一十告诉您。",
    sign_in: "登录",
    sign_out: "退出登录",
    email: "邮箱",
    password: "密码",
    password_rule: "至少 10 个字符，不要用常见的词。",
    set_up: "初次设置",
    welcome: "您是第一位来到这里的人。填好下面几项，品牌的工作区就建好了，您就是它的所有者。",
    link_ended: "这个链接已经用过或已过期。重新启动服务，会打印一个新的链接。",
    brand: "品牌名称",
    time_zone: "时区",
    your_name: "您的姓名",
    begin: "开始使用",
    deliveries: "触达",
    api_browser: "接口文档",
    tiles: [
        ("members", "成员"),
        ("events_today", "今日事件"),
        ("events_per_second", "每秒事件"),
        ("pipeline_waiting", "待处理事件"),
        ("segments", "分群"),
        ("journeys_running", "旅程中的成员"),
    ],
    said_by_script: &[
        ("login_failed", "邮箱或密码不对。"),
        ("rate_limited", "失败次数太多，请 {seconds} 秒后再试。"),
        ("weak_password", "这个密码太容易被猜到。"),
        ("setup_done", "已经设置过了，请直接登录。"),
        ("bad_token", "这个链接已经用过或已过期。"),
        ("no_connection", "服务没有回应，正在重试……"),
        ("none", "还没有消息"),
        ("queued", "排队中"),
        ("sending", "发送中"),
        ("accepted", "已被接收"),
        ("delivered", "已送达"),
        ("opened", "已打开"),
        ("clicked", "已点击"),
        ("bounced", "被退回"),
        ("failed", "失败"),
        ("unknown", "结果不明"),
        ("expired", "已过期"),
        ("cancelled", "已取消"),
        ("suppressed", "已拦下"),
    ],
};

impl Words {
    /// The language that the browser asks for first, of those that there are.
    pub(super) fn for_browser(headers: &HeaderMap) -> &'static Words {
        let wishes = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        for wish in wishes.split(',') {
            let wish = wish.trim().to_ascii_lowercase();
            if wish.starts_with("zh") {
                return &CHINESE;
            }
            if wish.starts_with("en") {
                return &ENGLISH;
            }
        }
        &ENGLISH
    }

    /// The script's texts as JSON.
    pub(super) fn messages(&self) -> String {
        let texts: serde_json::Map<String, serde_json::Value> =
            self.said_by_script.iter().map(|(key, text)| ((*key).to_owned(), (*text).into())).collect();
        serde_json::Value::from(texts).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_wish_of_the_browser_counts() {
        let words = |wishes: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, wishes.parse().unwrap());
            Words::for_browser(&headers).lang
        };
        assert_eq!(words("zh-TW,zh;q=0.9,en;q=0.8"), "zh-CN");
        assert_eq!(words("en-GB,zh;q=0.5"), "en");
        assert_eq!(words("fr, zh"), "zh-CN");
        assert_eq!(words("fr"), "en");
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let keys = |words: &Words| words.said_by_script.iter().map(|(key, _)| *key).collect::<Vec<_>>();
        assert_eq!(keys(&ENGLISH), keys(&CHINESE));
        assert_eq!(ENGLISH.tiles.map(|(key, _)| key), CHINESE.tiles.map(|(key, _)| key));
    }
}
