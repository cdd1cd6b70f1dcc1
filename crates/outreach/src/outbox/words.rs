//! Why a message waits or was not sent, in words.

use serde::Serialize;
use utoipa::ToSchema;

use crate::journeys::reason_in_words;

/// Why a message waits, or came to its end.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Reason {
    /// `due`, `scheduled`, `retry`, `channel_paused`, `breaker`, `quiet_hours`, `outside_window`, `frequency_cap`,
    /// `higher_priority`, `warm_up`, `domain_rate` or another reason of the ledger.
    pub code: String,
    /// The same in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

impl Reason {
    /// Of a message that does not wait any more.
    pub(super) fn of_end(code: &str) -> Reason {
        let (en, zh) = reason_in_words(code).unwrap_or_else(|| (format!("{code}."), format!("{code}。")));
        Reason { code: code.to_owned(), en, zh }
    }

    /// In the words for a code.
    pub(super) fn of(code: &str) -> Reason {
        let (en, zh) = match code {
            "due" => ("It is due and goes when its turn comes.", "已到发送时间，轮到时即发出。"),
            "scheduled" => ("It is not due yet.", "尚未到发送时间。"),
            "channel_paused" => {
                ("The channel is paused; it goes when the channel is resumed.", "渠道已暂停，恢复后再发送。")
            }
            "channel_missing" => ("There is no such channel any more.", "渠道已不存在。"),
            "breaker" => (
                "The channel cannot send at the moment and is tried again by itself.",
                "渠道暂时无法发送，系统会自动重试。",
            ),
            "broken" => {
                ("The channel cannot send until its configuration is mended.", "渠道配置有误，修正之前无法发送。")
            }
            "quiet_hours" => ("The hour is quiet; it goes when quiet hours end.", "正值免打扰时段，时段结束后发送。"),
            "outside_window" => {
                ("Messages of this kind of channel go at other hours.", "不在该类渠道的发送时段内，时段开始后发送。")
            }
            "frequency_cap" => (
                "The member has got as many messages as the frequency cap allows; it goes in the next period.",
                "该成员收到的消息已达频次上限，下一周期再发送。",
            ),
            "higher_priority" => (
                "The places left under the frequency cap are kept for messages of a higher priority.",
                "频次上限内剩余的名额留给优先级更高的消息。",
            ),
            "warm_up" => {
                ("The sender is being warmed up and has sent what it may today.", "发信地址正在预热，今日额度已用完。")
            }
            "account_limit" => {
                ("The account has sent as much as it may in a day.", "发信账号已达每日发送上限，次日继续发送。")
            }
            "domain_rate" => {
                ("The receiving domain is given only so many messages at a time.", "正在限制发往该收件域名的速度。")
            }
            _ => ("It waits for another attempt.", "等待下一次发送。"),
        };
        Reason { code: code.to_owned(), en: en.to_owned(), zh: zh.to_owned() }
    }

    /// A cap with its numbers.
    pub(super) fn with_numbers(mut self, most: i64, used: i64, kept: i64) -> Reason {
        self.en += &format!(" Cap {most}, used {used}, kept for others {kept}.");
        self.zh += &format!("上限 {most} 条，已用 {used} 条，为其他消息保留 {kept} 条。");
        self
    }

    /// What the policy does not let wait.
    pub(super) fn that_drops(mut self) -> Reason {
        self.en += " By the policy it will not be sent.";
        self.zh += "按照策略，这条消息不会发送。";
        self
    }

    /// Another attempt of so many.
    pub(super) fn retry(nth: i64, most: i64) -> Reason {
        Reason {
            code: "retry".to_owned(),
            en: format!("An attempt failed; the next one is number {nth} of at most {most}."),
            zh: format!("上次发送未成功，下一次是第 {nth} 次（最多 {most} 次）。"),
        }
    }
}
