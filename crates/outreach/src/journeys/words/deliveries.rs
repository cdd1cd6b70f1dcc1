//! The history of a message in words.

use base::Time;

use super::{Sayer, Words, moments, reasons};

/// What stands in a history: the states of the ledger, and what happens to a message beside them.
#[cfg(test)]
pub(in super::super) const STATES: &[&str] = &[
    "queued",
    "sending",
    "accepted",
    "delivered",
    "unknown",
    "failed",
    "suppressed",
    "cancelled",
    "expired",
    "bounced",
    "opened",
    "clicked",
    "scanner",
    "unsubscribed",
    "subscribed",
    "complained",
    "delayed",
    "settled",
    "answered",
    "deferred",
    "confirmed",
    "preferences",
];

/// What is said before a time in a detail.
const TIMES: [&str; 3] = ["next attempt at ", "not before ", "until "];
/// What a history says of messages that were under way when the program ended.
const PROCESS_ENDED: &str = "the process ended while the message was under way";
/// How scanners give themselves away.
const SCANNERS: [(&str, &str); 4] = [
    ("asked for the headers only", "只请求了页头"),
    ("is a program by its own account", "自称为程序"),
    ("came too soon after the message", "消息刚发出就来访问"),
    ("came from a network that followed links of many messages at once", "来自同时访问多封消息链接的网络"),
];
/// Characters of what the other side said.
const MOST_SAID: usize = 300;

/// A line's detail, taken apart: `reason; what was noted or the other side said; next attempt at …`.
#[derive(Debug, Default, PartialEq)]
pub(in super::super) struct Detail {
    /// A word of [`reasons::REASONS`].
    pub(in super::super) reason: Option<String>,
    /// What the house itself noted: numbers of a cap, which attempt it was, who settled it.
    pub(in super::super) noted: Vec<Words>,
    /// All that is not understood, as it is.
    pub(in super::super) said: String,
    /// When it may go.
    pub(in super::super) next_attempt: Option<Time>,
}

impl Detail {
    pub(in super::super) fn read(text: &str, sayer: &Sayer<'_>) -> Detail {
        let mut detail = Detail::default();
        let mut said: Vec<&str> = Vec::new();
        for part in text.split("; ").filter(|part| !part.is_empty()) {
            if part == PROCESS_ENDED {
                detail.reason = Some("process_ended".to_owned());
                continue;
            }
            let time = TIMES.iter().find_map(|before| part.strip_prefix(before)?.parse().ok());
            if time.is_some() {
                detail.next_attempt = time;
            } else if detail.reason.is_none() && reasons::find(part).is_some() {
                detail.reason = Some(part.to_owned());
            } else if let Some(noted) = note(part, sayer) {
                detail.noted.push(noted);
            } else if let Some((word, rest)) = part.split_once([':', ' '])
                && detail.reason.is_none()
                && reasons::find(word).is_some()
            {
                detail.reason = Some(word.to_owned());
                said.push(rest.trim());
            } else {
                said.push(part);
            }
        }
        detail.said = said.join("; ").chars().take(MOST_SAID).collect();
        detail
    }
}

/// What the outbox notes in words of its own.
fn note(part: &str, sayer: &Sayer<'_>) -> Option<Words> {
    if let Some(rest) = part.strip_prefix("cap ") {
        return Some(cap(rest));
    }
    if let Some(rest) = part.strip_prefix("settled by ") {
        let (by, note) = match rest.split_once(": ") {
            Some((by, note)) => (by, format!(": “{note}”")),
            None => (rest, String::new()),
        };
        let who = match by {
            "a report of the platform" => Words::new("a receipt of the other side", "对方的回执"),
            by => sayer.names.actor(by),
        };
        return Some(Words::new(format!("Settled by {}{note}.", who.en), format!("由 {} 确定{note}。", who.zh)));
    }
    if let Some(names) = part.strip_prefix("missing and left empty: ") {
        return Some(Words::new(
            format!("There was no value for {names}, which was left empty."),
            format!("{names} 没有值，已留空。"),
        ));
    }
    if let Some(account) = part.strip_prefix("through ") {
        return Some(Words::new(format!("It went through {account}."), format!("经由 {account} 发送。")));
    }
    if let Some(rest) = part.strip_prefix("the answer set ") {
        return Some(match rest.strip_prefix("no traits") {
            Some(_) => Words::new("Its answer set no traits.", "答复没有设置任何属性。"),
            None => {
                let (names, lacking) = rest.split_once(": ").unwrap_or((rest, ""));
                let words = Words::new(format!("Its answer set {names}."), format!("据答复设置了属性 {names}。"));
                match lacking.is_empty() {
                    true => words,
                    false => {
                        words.then(&Words::new("Other traits could not be read from it.", "其余属性无法从答复中读取。"))
                    }
                }
            }
        });
    }
    let (nth, most) = part.strip_prefix("attempt ")?.split_once(" of ")?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(nth) && is_number(most)).then(|| {
        Words::new(
            format!("That was attempt {nth} of at most {most}."),
            format!("这是第 {nth} 次尝试，最多 {most} 次。"),
        )
    })
}

/// `3 a day, 3 used, 1 kept for higher priorities`.
fn cap(rest: &str) -> Words {
    let numbers: Vec<&str> = rest.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect();
    let period = [("a day", "每天"), ("a week", "每周"), ("a month", "每月")];
    let (en, zh) = period.into_iter().find(|(en, _)| rest.contains(en)).unwrap_or_default();
    let number = |place: usize| numbers.get(place).copied().unwrap_or("0");
    let mut words = Words::new(
        format!("The cap is {} {en}, and {} are used.", number(0), number(1)),
        format!("上限为{zh} {} 条，已用 {} 条。", number(0), number(1)),
    );
    if numbers.len() > 2 {
        words = words.then(&Words::new(
            format!("{} are kept for messages of higher priority.", number(2)),
            format!("为优先级更高的消息保留 {} 条。", number(2)),
        ));
    }
    words
}

/// A line of a message's history, with what an operator can do.
pub(in super::super) fn in_words(state: &str, text: &str, sayer: &Sayer<'_>) -> Words {
    let detail = Detail::read(text, sayer);
    let why = detail.reason.as_deref().map(reasons::in_words).unwrap_or_default();
    let advice = detail.reason.as_deref().and_then(reasons::find).map(reasons::Reason::advice).unwrap_or_default();
    let said = sayer.names.spelt_out(&detail.said, sayer.zone);
    let quoted = match said.en.is_empty() {
        true => Words::default(),
        false => Words::new(format!("The other side said: “{}”.", said.en), format!("对方答复：“{}”。", said.zh)),
    };
    let remarks = detail.noted.iter().fold(Words::default(), |all, remark| match all.en.is_empty() {
        true => remark.clone(),
        false => all.then(remark),
    });
    let noted = match said.en.is_empty() {
        true => remarks.clone(),
        false => Words::new(format!("({})", said.en), format!("（{}）", said.zh)).then(&remarks),
    };
    let quoted = match quoted.en.is_empty() {
        true => remarks.clone(),
        false => quoted.then(&remarks),
    };
    let next = detail.next_attempt.map(|at| moments::moment(at, sayer.zone));
    let refused = |en: &str, zh: &str| Words::new(format!("{en}: {}", why.en), format!("{zh}：{}", why.zh));
    match state {
        "queued" if text.starts_with("settled by ") => {
            Words::new("The message was not taken, and waits to be sent again.", "消息未被接收，等待重新发送。")
                .then(&noted)
        }
        "queued" if detail.reason.as_deref() == Some("process_ended") => Words::new(
            "The program ended while the message was under way; the channel tells copies apart, so it is sent again.",
            "发送过程中程序终止；该渠道能识别重复消息，因此会再次发送。",
        ),
        "queued" => waits(&why, next).then(&quoted).then(&advice),
        "deferred" => waits(&why, next).then(&noted).then(&advice),
        "sending" => {
            let number = detail.said.strip_prefix("attempt ").unwrap_or_default();
            match number {
                "" => Words::new("The message is being handed over.", "正在交给渠道。"),
                number => Words::new(
                    format!("Attempt {number}: the message is handed over."),
                    format!("第 {number} 次尝试：交给渠道。"),
                ),
            }
        }
        "accepted" => {
            let sentence = Words::new("The other side has taken the message.", "对方已接收消息。");
            let named = match said.en.is_empty() {
                true => sentence,
                false => {
                    sentence.then(&Words::new(format!("It calls it {}.", said.en), format!("对方编号：{}。", said.zh)))
                }
            };
            named.then(&remarks)
        }
        "delivered" => Words::new("The message was delivered.", "消息已送达。").then(&noted),
        "unknown" => match why.en.is_empty() {
            true => refused_as_unknown().then(&noted),
            false => refused("What became of the message is unknown", "消息结果未知").then(&quoted).then(&advice),
        },
        "failed" if why.en.is_empty() => Words::new("The message failed.", "消息发送失败。").then(&quoted),
        "failed" => refused("The message failed", "消息发送失败").then(&quoted).then(&advice),
        "suppressed" => refused("The message was not sent", "消息未发送").then(&noted).then(&advice),
        "cancelled" => refused("The message was cancelled", "消息已取消").then(&noted).then(&advice),
        "expired" => refused("The message was not sent", "消息未发送").then(&noted).then(&advice),
        "bounced" => bounced(&detail.said).then(&quoted),
        "opened" => Words::new("The member opened the message.", "成员打开了消息。"),
        "clicked" => {
            Words::new(format!("The member followed the link {}", said.en), format!("成员点击了链接 {}", said.zh))
        }
        "scanner" => {
            let how = SCANNERS.iter().find(|(en, _)| *en == detail.said).map_or(said.zh.as_str(), |(_, zh)| *zh);
            Words::new(
                format!("A security scanner fetched it, not the member ({}); this does not count.", said.en),
                format!("安全扫描程序访问，并非成员本人（{how}），不计入统计。"),
            )
        }
        "unsubscribed" => {
            let topic = topic(&detail.said, sayer);
            Words::new(format!("The member unsubscribed ({}).", topic.en), format!("成员退订（{}）。", topic.zh))
        }
        "subscribed" => {
            let topic = topic(&detail.said, sayer);
            Words::new(
                format!("The member subscribed again ({}).", topic.en),
                format!("成员重新订阅（{}）。", topic.zh),
            )
        }
        "complained" => Words::new(
            "The recipient marked it as spam; his address gets nothing more.",
            "收件人将其标记为垃圾邮件，此后不再向该地址发送。",
        )
        .then(&quoted),
        "delayed" => {
            Words::new("The recipient's server keeps trying to deliver it.", "收件方服务器仍在尝试投递。").then(&quoted)
        }
        "confirmed" => Words::new(
            format!("The member confirmed his consent ({}).", said.en),
            format!("成员确认同意（{}）。", said.zh),
        ),
        "preferences" => Words::new(
            "The member changed what he wants to get, on the page to which the message leads.",
            "成员通过消息中的链接修改了接收偏好。",
        ),
        "settled" => Words::new("What became of it was settled.", "结果已确定。").then(&noted),
        "answered" => Words::new("The other side answered.", "对方已答复。").then(&noted),
        other => Words::new(format!("{}.", other.replace('_', " ")), format!("{other}。")).then(&noted),
    }
}

/// A topic, of which `*` are all.
fn topic(word: &str, sayer: &Sayer<'_>) -> Words {
    match word {
        "*" | "" => Words::new("all topics", "全部主题"),
        word => {
            let topic = sayer.names.topic(word);
            Words::new(format!("topic “{}”", topic.en), format!("主题“{}”", topic.zh))
        }
    }
}

fn refused_as_unknown() -> Words {
    let why = reasons::in_words("outcome_unknown");
    Words::new(format!("What became of the message is unknown: {}", why.en), format!("消息结果未知：{}", why.zh))
}

/// It waits: for its next attempt, or for what keeps it back.
fn waits(why: &Words, next: Option<Words>) -> Words {
    let first = match why.en.is_empty() {
        true => Words::new("The message was not taken and waits for the next attempt.", "消息未被接收，等待下次尝试。"),
        false => Words::new(format!("The message waits: {}", why.en), format!("消息在等待：{}", why.zh)),
    };
    match next {
        Some(at) => first.then(&Words::new(format!("Next attempt: {}.", at.en), format!("下次尝试：{}。", at.zh))),
        None => first,
    }
}

/// By the class of its status code (RFC 3463): 5 is for good, 4 for now.
fn bounced(said: &str) -> Words {
    let mut codes = said.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|code| {
        let is_enhanced = code.len() >= 5 && code.as_bytes()[1] == b'.';
        is_enhanced || (code.len() == 3 && !code.contains('.'))
    });
    let class = codes.find_map(|code| code.chars().next().filter(|digit| matches!(digit, '4' | '5')));
    match class {
        Some('5') => Words::new(
            "The message was returned for good: the address does not work.",
            "消息被永久退回：该地址无法送达。",
        ),
        Some(_) => Words::new(
            "The message was returned for now: the address may work later.",
            "消息被暂时退回：该地址稍后可能恢复。",
        ),
        None => Words::new("The message was returned.", "消息被退回。"),
    }
}
