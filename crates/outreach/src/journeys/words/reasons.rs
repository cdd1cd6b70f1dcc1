//! Why a message was not sent, or not yet, and what an operator can do about it.

use super::Words;

/// A reason in words.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Reason {
    /// As the ledger holds it.
    pub(in super::super) word: &'static str,
    en: &'static str,
    zh: &'static str,
    /// What can be done.
    advice_en: &'static str,
    advice_zh: &'static str,
}

const fn reason(
    word: &'static str,
    (en, zh): (&'static str, &'static str),
    (advice_en, advice_zh): (&'static str, &'static str),
) -> Reason {
    Reason { word, en, zh, advice_en, advice_zh }
}

/// Every reason that a message, or a step that sends one, may have.
#[rustfmt::skip]
pub(in super::super) const REASONS: &[Reason] = &[
    reason("suppressed_address",
        ("the address is on the list of those that get nothing.", "该地址在禁发名单中。"),
        ("Take it off the list only if you know that it works again.", "确认地址恢复正常后，才可将其移出名单。")),
    reason("consent_withdrawn",
        ("the member has withdrawn his consent to messages about this.", "成员已撤回接收此类消息的同意。"),
        ("Only he can give it again, by his preferences page or expressly to you.", "只有成员本人可以重新同意：在偏好页面，或明确告知你。")),
    reason("no_consent",
        ("the channel asks for a consent, and the member has given none for this topic.", "该渠道要求事先同意，而成员没有对此主题表示同意。"),
        ("Ask him for it, or record where he gave it.", "请征求其同意，或登记其已作出的同意。")),
    reason("not_confirmed",
        ("the member has not yet confirmed his consent by the link that he was sent.", "成员尚未通过确认链接完成二次确认。"),
        ("Nothing is sent until he does; the link can be sent again.", "确认前不会发送；可再次发送确认链接。")),
    reason("paused_by_member",
        ("the member has asked for a pause, and this message did not wait for its end.", "成员设置了暂停接收，该消息不再补发。"),
        ("Messages go out again when the pause is over.", "暂停期结束后恢复发送。")),
    reason("no_address",
        ("the member has no address for this channel.", "成员没有该渠道的地址。"),
        ("Add one to his profile; later messages will use it.", "在其资料中补充地址，之后的消息将会使用。")),
    reason("invalid_address",
        ("the address is not one that the channel can send to.", "该地址格式不正确，渠道无法发送。"),
        ("Correct it in the member's profile.", "请在成员资料中更正。")),
    reason("channel_missing",
        ("the channel does not exist, or is of another kind now.", "渠道不存在，或类型已改变。"),
        ("Set the channel up again, or change the step.", "请重新配置渠道，或修改该步骤。")),
    reason("channel_deleted",
        ("the channel was deleted while the message waited.", "消息等待期间渠道被删除。"),
        ("Set up another channel; this message is not sent any more.", "请配置其他渠道；该消息不再发送。")),
    reason("channel_paused",
        ("the channel is paused; the message waits.", "渠道已暂停，消息在等待。"),
        ("Resume the channel, and it goes out.", "恢复渠道后即会发送。")),
    reason("breaker",
        ("the channel has failed repeatedly and is being spared for a while; the message waits.", "渠道连续出错，暂时停用，消息在等待。"),
        ("See the state of the channel; it is tried again by itself.", "请查看渠道状态；系统会自动重试。")),
    reason("warm_up",
        ("the channel is being warmed up, and today's number is used up; the message waits.", "渠道处于预热期，今日额度已用完，消息在等待。"),
        ("It goes out as the plan allows; the plan is part of the channel.", "将按预热计划发送；计划可在渠道设置中调整。")),
    reason("account_limit",
        ("the account that sends has sent as much as it may in a day; the message waits.", "发信账号已达每日发送上限，消息在等待。"),
        ("It goes out on another day, or by another account of the channel; the limit is part of the channel.", "将在之后的日期或由渠道的其他账号发送；上限可在渠道设置中调整。")),
    reason("domain_rate",
        ("the member's mail provider is sent only so many messages at a time; the message waits.", "对收件域名有发送速率限制，消息在等待。"),
        ("It goes out by itself.", "稍后会自动发送。")),
    reason("template_missing",
        ("its template does not exist any more, or is for another kind of channel.", "模板已不存在，或属于其他类型的渠道。"),
        ("Give the step another template.", "请为该步骤指定其他模板。")),
    reason("template_failed",
        ("the template could not be filled in for this member.", "无法为该成员渲染模板。"),
        ("Preview the template with this member; a missing value needs a fallback.", "请用该成员预览模板；缺失的值需要设置默认内容。")),
    reason("template_too_costly",
        ("the template took more work than a message may.", "模板渲染的开销超过上限。"),
        ("Look for long loops in it.", "请检查模板中是否有过长的循环。")),
    reason("frequency_cap",
        ("the member has had as many messages as the frequency cap allows.", "已达到该成员的频次上限。"),
        ("The policy of the outbox sets the cap; messages of higher priority come first.", "上限在发送策略中设置；优先级高的消息优先。")),
    reason("quiet_hours",
        ("it was in the quiet hours.", "正值免打扰时段。"),
        ("The policy of the outbox says which hours, and whether messages wait.", "时段以及消息是否等待，在发送策略中设置。")),
    reason("outside_window",
        ("it was outside the hours in which this kind of channel sends.", "不在该类渠道的发送时段内。"),
        ("The windows are part of the policy of the outbox.", "发送时段在发送策略中设置。")),
    reason("expired",
        ("it was no longer worth sending: its time had run out.", "已过有效期，不再发送。"),
        ("The step or the policy says how long a message stays valid.", "有效期由步骤或发送策略决定。")),
    reason("stale",
        ("it had waited longer than messages may.", "等待时间超过上限。"),
        ("Look at why the channel did not send for so long.", "请查看渠道为何长时间未能发送。")),
    reason("journey_stopped",
        ("the journey was stopped while the message waited.", "消息等待期间旅程被停止。"),
        ("", "")),
    reason("higher_priority",
        ("the places left under the member's frequency cap are kept for messages of higher priority.", "频次上限内剩余的名额留给优先级更高的消息。"),
        ("It goes when there is room; give the step a higher priority if it matters as much.", "有名额时会发送；若同样重要，可提高该步骤的优先级。")),
    reason("cancelled_by_operator",
        ("an operator cancelled it.", "已被操作员取消。"),
        ("", "")),
    reason("settled_not_sent",
        ("somebody found out that it was not taken, and let it be.", "经核实未被接收，且不再重发。"),
        ("", "")),
    reason("broken",
        ("the channel cannot send until its configuration is mended.", "渠道配置有误，修正前无法发送。"),
        ("Mend the channel; messages then go out by themselves.", "修正渠道配置后会自动发送。")),
    reason("blocked",
        ("the recipient's server refused the sender, not the address.", "收件方服务器拒收的是发件方，而非该地址。"),
        ("Look after the sender's reputation: DKIM, SPF, the warm-up plan.", "请检查发件信誉：DKIM、SPF 与预热计划。")),
    reason("trait_missing",
        ("the member has no such trait.", "成员没有该属性。"),
        ("Set the trait, or let a branch before it ask for it.", "请设置该属性，或在此前用条件分支判断。")),
    reason("trait_unreadable",
        ("what the trait says is not a date.", "该属性的值不是日期。"),
        ("Correct it in the member's profile.", "请在成员资料中更正。")),
    reason("window_never_opens",
        ("its window never opens.", "该时间窗口不会开启。"),
        ("Change the step.", "请修改该步骤。")),
    reason("no_clock",
        ("nothing says when it would be over.", "无法确定何时结束。"),
        ("Change the step.", "请修改该步骤。")),
    reason("cancelled",
        ("somebody cancelled it.", "已被人工取消。"),
        ("", "")),
    reason("member_erased",
        ("the member was erased.", "成员数据已被删除。"),
        ("", "")),
    reason("refused",
        ("the other side refused it for good.", "对方明确拒收。"),
        ("Its words say why; correct the address or the message.", "原因见对方答复；请更正地址或内容。")),
    reason("bounced",
        ("it was returned by the recipient's mail server.", "被收件方服务器退回。"),
        ("", "")),
    reason("complained",
        ("the recipient marked a message as spam.", "收件人将消息标记为垃圾邮件。"),
        ("Do not write to him again.", "请勿再次发送。")),
    reason("unsubscribed",
        ("the recipient unsubscribed.", "收件人已退订。"),
        ("", "")),
    reason("manual",
        ("somebody put it on the list by hand.", "由人工加入名单。"),
        ("", "")),
    reason("retries_exhausted",
        ("it was tried as often as messages are, and never taken.", "已达到最大尝试次数，仍未被接收。"),
        ("What the other side said last stands beside it.", "对方最后的答复见下。")),
    reason("outcome_unknown",
        ("the connection broke before the other side answered, so it may or may not have arrived.", "在对方答复前连接中断，消息可能已送达，也可能没有。"),
        ("It is never sent again by guess. A receipt of the other side settles it, or you do when you have asked the recipient.", "系统不会凭猜测重发。对方的回执可以确定结果；你也可以在核实后手动确定。")),
    reason("process_ended",
        ("the program ended while the message was under way, so it may or may not have arrived.", "发送过程中程序终止，消息可能已送达，也可能没有。"),
        ("It is never sent again by guess. A receipt of the other side settles it, or you do when you have asked the recipient.", "系统不会凭猜测重发。对方的回执可以确定结果；你也可以在核实后手动确定。")),
];

/// The reason with this word.
pub(in super::super) fn find(word: &str) -> Option<&'static Reason> {
    REASONS.iter().find(|reason| reason.word == word)
}

/// The reason as a sentence, the word itself if the table lacks it.
pub(super) fn in_words(word: &str) -> Words {
    find(word).map_or_else(|| Words::new(format!("{word}."), format!("{word}。")), Reason::why)
}

impl Reason {
    /// Why.
    pub(in super::super) fn why(&self) -> Words {
        Words::new(self.en, self.zh)
    }

    /// What can be done; may be empty.
    pub(in super::super) fn advice(&self) -> Words {
        Words::new(self.advice_en, self.advice_zh)
    }
}
