//! What is wrong with a document, in sentences that can stand beside the part that is wrong.

use super::Words;

/// A message as the reader of documents writes it, with `{}` for what differs; the same in English and in Chinese.
type Said = (&'static str, &'static str, &'static str);

/// What is missing, by the end of its path.
#[rustfmt::skip]
const MISSING: &[Said] = &[
    ("document.entry", "Say what lets members in.", "请设置进入条件。"),
    ("document.start", "Say with which step the journey begins.", "请指定第一个步骤。"),
    ("document.steps", "Add a first step.", "请添加第一个步骤。"),
    (".template", "Choose a template.", "请选择模板。"),
    (".channel", "Choose a channel.", "请选择渠道。"),
    (".event", "Name the event.", "请填写事件。"),
    (".segment", "Choose a segment.", "请选择分群。"),
    (".segment_left", "Choose a segment.", "请选择分群。"),
    (".trait", "Name the trait.", "请填写属性。"),
    (".title", "Say what is to be done.", "请填写任务标题。"),
    (".share", "Set the share.", "请填写比例。"),
    (".for", "Say how long.", "请填写时长。"),
    (".from", "Say from when.", "请填写开始时间。"),
    (".to", "Say until when.", "请填写结束时间。"),
    (".when", "Set the condition.", "请设置条件。"),
    (".traits", "Name the traits to set.", "请填写要设置的属性。"),
    (".property", "Name the property.", "请填写事件属性。"),
    (".policy", "Say who may come again.", "请选择再次进入的规则。"),
    (".every", "Say how often.", "请选择频率。"),
    (".timeout", "Say how long to wait at most.", "请填写最长等待时间。"),
    (".type", "Choose what the step does.", "请选择步骤类型。"),
];

/// Longer beginnings stand before shorter ones.
#[rustfmt::skip]
const SAID: &[Said] = &[
    // The document as a whole.
    ("is missing; without it the task does not expire", "Say when the task is due; without it, it never expires.", "请填写截止时间，否则任务不会到期。"),
    ("is missing", "This is missing.", "此项未填写。"),
    ("must be an object", "This must be an object.", "此项应为对象。"),
    ("is longer than {} KB", "The journey is longer than {} KB.", "旅程超过 {} KB。"),
    ("must have at most {} bytes", "The journey has more than {} bytes.", "旅程超过 {} 字节。"),
    ("is not known here; expected {}", "This field is not known here. Known are: {}.", "此处没有这个字段，可用的有：{}。"),
    ("must be a text of 1 to 200 bytes", "Write 1 to 200 bytes of text.", "请填写 1 到 200 字节的文本。"),
    ("must be a text of at most {} bytes", "Write at most {} bytes of text.", "文本最多 {} 字节。"),
    ("must be a number from 0 to 1", "Choose a share from 0 to 100 %.", "请填写 0 到 100% 之间的比例。"),
    ("must be a number from -100000 to 100000", "The place is too far away.", "位置超出画布范围。"),
    ("has no step", "The journey has no step yet.", "旅程还没有步骤。"),
    ("has {} steps; a journey can have {}", "The journey has {} steps; it can have {}.", "旅程有 {} 个步骤，最多 {} 个。"),
    ("has a step whose name is not 1 to 100 bytes", "The name of a step has 1 to 100 bytes.", "步骤名称应为 1 到 100 字节。"),
    ("names a step that does not exist", "The first step does not exist.", "第一个步骤不存在。"),
    ("leads to \"{}\", which does not exist", "This leads to the step “{}”, which does not exist.", "此处通往步骤“{}”，但该步骤不存在。"),
    ("{}; a circle needs a wait \"for\" some time, for an event, or a task", "The steps go round without a pause: {}. Put a wait for some time, a wait for an event or a task into the circle.", "步骤形成了没有停顿的循环：{}。请在循环中加入定时等待、等待事件或人工任务。"),
    ("causes \"{}\", which lets the member in again, and so on for ever; set a cooldown", "This step causes “{}”, which lets the member in again, and so on for ever. Set a pause between entries.", "此步骤会产生“{}”，使成员再次进入，如此往复不止。请设置再次进入的间隔。"),
    // Entry, re-entry, exits, goal.
    ("must be true", "This must be true.", "此项应为 true。"),
    ("is not year", "A date comes once, or every year.", "日期只能是一次或每年。"),
    ("is longer than a year, and the date comes each year", "The date comes each year, so this must be shorter than a year.", "日期每年到来，偏移不能超过一年。"),
    ("has no place in a schedule for every day", "A schedule for every day names no days.", "每天执行时无需指定日期。"),
    ("is not day, week or month", "Choose every day, week or month.", "请选择每天、每周或每月。"),
    ("is not member or workspace", "Choose the member's clock or the workspace's.", "请选择按成员或工作区的时区。"),
    ("must be a list of 1 to 31 days", "Choose 1 to 31 days.", "请选择 1 到 31 天。"),
    ("is not a day from 1 to 31, or from -31 to -1 from the end", "Choose a day from 1 to 31, or count back from the end of the month.", "请选择 1 到 31 日，或从月末倒数。"),
    ("is not never, after_exit or always", "Choose who may come again: nobody, who has left, or everybody.", "请选择再次进入的规则：不允许、离开后允许、始终允许。"),
    ("must be a list of at most {}", "There can be at most {} of them.", "最多 {} 项。"),
    ("cannot be a goal; an event or a segment can", "Leaving a segment cannot be the goal; an event or entering a segment can.", "离开分群不能作为目标，请使用事件或进入分群。"),
    ("is not the id of a segment", "Choose a segment.", "请选择分群。"),
    ("is not the id of a template", "Choose a template.", "请选择模板。"),
    ("is not the id of a group", "Choose a group.", "请选择群。"),
    // Steps.
    ("is not wait, branch, split, holdout, send, tag, set, webhook, task or exit", "There is no such type of step.", "没有这种步骤类型。"),
    ("must have exactly one of for, until, window, event, segment", "Say what to wait for: some time, a moment, certain hours, an event or a segment.", "请选择等待方式：一段时间、某个时刻、时段、事件或分群，仅选一种。"),
    ("must have exactly one of {}", "Exactly one of these is needed: {}.", "必须且只能有其中一项：{}。"),
    ("is not a duration such as P3D or -P7D", "Write a duration, such as 3 days or 7 days before.", "请填写时长，例如 3 天后或 7 天前。"),
    ("is not a time of the day such as 09:00", "Write a time of the day, such as 09:00.", "请填写一天中的时间，例如 09:00。"),
    ("\"{}\" is not a positive ISO 8601 duration such as P30D or PT1H", "“{}” is not a duration, such as 30 days or 1 hour.", "“{}”不是有效的时长，例如 30 天或 1 小时。"),
    ("must be a list of 1 to 7 days", "Choose 1 to 7 days of the week.", "请选择 1 到 7 个星期几。"),
    ("is not mon, tue, wed, thu, fri, sat or sun", "Choose a day of the week.", "请选择星期几。"),
    ("is not a time such as 2026-12-31T18:00:00Z, or a trait", "Choose a moment, or a trait that has a date.", "请选择时刻，或含有日期的属性。"),
    ("is the same time as from", "The hours begin and end at the same time.", "开始和结束时间相同。"),
    ("must be a list of {} to {} cases", "A branch has {} to {} cases.", "条件分支应有 {} 到 {} 个分支。"),
    ("must be a list of {} to {} ways", "A split has {} to {} ways.", "随机分流应有 {} 到 {} 条路径。"),
    ("must have shares that are 1 together, not {}", "The shares must be 100 % together.", "各路径的比例之和应为 100%。"),
    ("is not low, normal, high or critical", "Choose low, normal, high or critical.", "请选择优先级：低、普通、高、紧急。"),
    ("must add or remove a tag", "Name a tag to add or to take away.", "请填写要添加或移除的标签。"),
    ("must be a list of tags", "Name tags.", "请填写标签。"),
    ("must be a list of texts", "Tags are texts.", "标签应为文本。"),
    ("has more than {} tags", "There are more than {} tags.", "标签超过 {} 个。"),
    ("must have 1 to 100 characters", "Write 1 to 100 characters.", "请填写 1 到 100 个字符。"),
    ("looks like the id of a segment", "This looks like the id of a segment; choose another word.", "看起来像分群的 id，请换一个词。"),
    ("must have 1 to {} traits", "Set 1 to {} traits.", "请设置 1 到 {} 个属性。"),
    ("must have at most {} traits", "There can be at most {} traits.", "最多 {} 个属性。"),
    ("has a trait whose name is not 1 to 200 bytes", "The name of a trait has 1 to 200 bytes.", "属性名应为 1 到 200 字节。"),
    ("says who the member is; a journey cannot change that", "This says who the member is, and a journey cannot change that.", "此项是成员的身份，旅程不能修改。"),
    ("is larger than 32 KB", "This is larger than 32 KB.", "此项超过 32 KB。"),
    ("contains the NUL character", "This contains the NUL character.", "此项含有 NUL 字符。"),
    ("must have at most {} outcomes", "There can be at most {} outcomes.", "最多 {} 个结果。"),
    ("has an outcome that is not 1 to 100 bytes", "An outcome has 1 to 100 bytes.", "结果应为 1 到 100 字节。"),
    // What is referred to.
    ("there is no segment {}", "The segment does not exist any more.", "分群不存在或已删除。"),
    ("there is no group {}", "The group does not exist any more.", "群不存在或已删除。"),
    ("there is no stage \"{}\"", "There is no stage “{}”.", "没有阶段“{}”。"),
    ("there is no template {}", "The template does not exist any more.", "模板不存在或已删除。"),
    ("there is no channel \"{}\"", "There is no channel “{}”; set one up first.", "没有渠道“{}”，请先配置。"),
    ("template {} is for {}, not for {}", "The template {} is for the channel {}, not for {}.", "模板 {} 用于 {} 渠道，不能用于 {}。"),
    ("channel \"{}\" is of the kind {}, not webhook", "The channel “{}” is of the kind {}, not a webhook.", "渠道“{}”的类型是 {}，不是 webhook。"),
    // Rules of branches, filters of events.
    ("must be a text, a number or a boolean", "Write a text, a number, or true or false.", "请填写文本、数字或是否。"),
    ("must be a text", "Write a text.", "请填写文本。"),
    ("must be a number", "Write a number.", "请填写数字。"),
    ("must be true or false for \"exists\"", "Choose whether it is there or not.", "请选择存在或不存在。"),
    ("must be a list of filters", "These must be filters.", "此项应为筛选条件。"),
    ("has more than 50 filters", "An event can have 50 filters.", "一个事件最多 50 个筛选条件。"),
    ("must be a list of events", "These must be events.", "此项应为事件。"),
    ("must be a list of rules", "These must be conditions.", "此项应为条件。"),
    ("must be a list", "Name one or several values.", "请填写一个或多个值。"),
    ("has more than 10,000 values", "There are more than 10,000 values.", "超过 10,000 个值。"),
    ("may hold texts, numbers and booleans", "The values are texts, numbers, or true or false.", "值应为文本、数字或是否。"),
    ("is not one of {}", "Choose how to compare: {}.", "请选择比较方式：{}。"),
    ("is beyond the limits of a rule", "The condition is too deep or too long.", "条件过深或过长。"),
    ("must have {} to {} events", "A sequence has {} to {} events.", "事件序列应有 {} 到 {} 个事件。"),
    ("must have 2 to {} events", "A sequence has 2 to {} events.", "事件序列应有 2 到 {} 个事件。"),
    ("must be the name of an event, or an object with event and where", "Name an event.", "请填写事件。"),
    ("may not stand inside another \"been\"", "“Has been for” cannot stand inside another one.", "“持续满足”不能嵌套。"),
    ("is empty; a rule needs at least one condition", "Add a condition.", "请至少添加一个条件。"),
    ("is empty, so nothing is ever among its values", "Name at least one value.", "请至少填写一个值。"),
    ("holds for nobody: a number of events is 0, 1, 2 …", "This holds for nobody: a number of events is 0, 1, 2 …", "没有人会符合：事件次数只能是 0、1、2……"),
    ("contradicts {}: nobody can be both", "This contradicts another condition: nobody can be both.", "与另一个条件矛盾，没有人能同时符合。"),
    ("must be an ISO 8601 duration such as P30D", "Write a duration, such as 30 days.", "请填写时长，例如 30 天。"),
    ("may have only one of {}", "Choose only one of these: {}.", "只能选择其中一项：{}。"),
    ("must be an object with op and value", "Say how to compare, and with what.", "请填写比较方式和值。"),
    ("is not a measure", "There is no such measure.", "没有这种统计方式。"),
    ("must have 1 to 200 bytes and no NUL", "Write 1 to 200 bytes of text.", "请填写 1 到 200 字节的文本。"),
];

/// A message about the part at this path, in sentences; the message itself where the table lacks it.
pub(in super::super) fn in_words(path: &str, message: &str) -> Words {
    if message == "is missing"
        && let Some((_, en, zh)) = MISSING.iter().find(|(end, ..)| path.ends_with(end))
    {
        return Words::new(*en, *zh);
    }
    for (pattern, en, zh) in SAID {
        if let Some(parts) = parts_of(message, pattern) {
            return Words::new(filled(en, &parts), filled(zh, &parts));
        }
    }
    Words::same(message)
}

/// What stands at the `{}` of a pattern; `None` when the message is another one.
fn parts_of<'a>(message: &'a str, pattern: &str) -> Option<Vec<&'a str>> {
    let mut literals = pattern.split("{}");
    let mut rest = message.strip_prefix(literals.next()?)?;
    let mut parts = Vec::new();
    let mut literals = literals.peekable();
    while let Some(literal) = literals.next() {
        let end = match literals.peek() {
            // The last literal ends the message.
            None => rest.len().checked_sub(literal.len()).filter(|end| rest.is_char_boundary(*end))?,
            Some(_) => rest.find(literal)?,
        };
        parts.push(&rest[..end]);
        rest = rest[end..].strip_prefix(literal)?;
    }
    rest.is_empty().then_some(parts)
}

fn filled(sentence: &str, parts: &[&str]) -> String {
    let mut parts = parts.iter();
    let mut told = String::new();
    for (index, literal) in sentence.split("{}").enumerate() {
        if index > 0 {
            told.push_str(parts.next().unwrap_or(&""));
        }
        told.push_str(literal);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_told_with_its_particulars() {
        let said = |message: &str| in_words("document.steps.s1.next", message);
        assert_eq!(said("leads to \"a \\\" b\", which does not exist").zh, "此处通往步骤“a \\\" b”，但该步骤不存在。");
        assert_eq!(
            said("template tpl_1 is for webhook, not for email").zh,
            "模板 tpl_1 用于 webhook 渠道，不能用于 email。"
        );
        assert_eq!(said("must be a list of 2 to 50 ways").en, "A split has 2 to 50 ways.");
        assert_eq!(said("nobody has ever said this"), Words::same("nobody has ever said this"));
        assert_eq!(in_words("document.steps.s1.template", "is missing").zh, "请选择模板。");
        assert_eq!(in_words("document.colour", "is missing").zh, "此项未填写。");
    }

    #[test]
    fn sentences_have_as_many_particulars_as_their_messages_at_most() {
        for (pattern, en, zh) in SAID.iter().chain(MISSING) {
            let slots = |text: &str| text.matches("{}").count();
            assert!(slots(en) <= slots(pattern) && slots(zh) <= slots(pattern), "{pattern}");
            assert!(en.ends_with(['.', '…']) && zh.ends_with(['。', '…']), "{pattern}");
        }
    }
}
