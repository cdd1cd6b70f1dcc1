//! What messages about single fields say in Chinese. Where a message is made, it is written in English; here it is found
//! again by its form, in which `{}` stands for what differs from time to time: a name, a number, a list of words.

/// The Chinese words for a message, where there are any.
pub(super) fn in_chinese(message: &str) -> Option<String> {
    WORDS.iter().find_map(|(form, words)| Some(put_in(words, &parts_of(form, message)?)))
}

/// What stands in a message where its form has `{}`; `None` when the message is of another form.
fn parts_of<'a>(form: &str, message: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = form.split("{}");
    let mut rest = message.strip_prefix(pieces.next()?)?;
    let mut parts = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let is_last = pieces.peek().is_none();
        let end = match is_last {
            // What stands last reaches to the end, whatever it holds.
            true => rest.len().checked_sub(piece.len()).filter(|end| rest.is_char_boundary(*end))?,
            false => rest.find(piece)?,
        };
        let (part, following) = rest.split_at(end);
        if part.is_empty() {
            return None;
        }
        parts.push(part);
        rest = following.strip_prefix(piece)?;
    }
    rest.is_empty().then_some(parts)
}

/// The words with these parts in their places.
fn put_in(words: &str, parts: &[&str]) -> String {
    let mut text = String::with_capacity(words.len());
    let mut parts = parts.iter();
    for (place, piece) in words.split("{}").enumerate() {
        if place > 0 {
            text.push_str(parts.next().copied().unwrap_or_default());
        }
        text.push_str(piece);
    }
    text
}

/// A form that says more stands before one that says less.
#[rustfmt::skip]
const WORDS: &[(&str, &str)] = &[
    // What fields are.
    ("is missing", "未填写"),
    ("is missing; give it or message_id", "未填写；请填写它或 message_id"),
    ("is missing; give member and journey, or delivery", "未填写；请填写成员和旅程，或填写触达"),
    ("is missing; without it the task does not expire", "未填写；没有期限的任务不会过期"),
    ("is missing; name a server here, or several in accounts", "未填写；请在这里填写服务器，或在 accounts 里填写多个"),
    ("is missing: username and password go together", "未填写：用户名和密码须一并填写"),
    ("is not known here; expected {}", "这里没有这个字段；可用的有 {}"),
    ("must be an object", "应为对象"),
    ("must be an object with op and value", "应为含 op 和 value 的对象"),
    ("must be a list", "应为列表"),
    ("must be a text", "应为文本"),
    ("must be true", "应为 true"),
    ("must be a number", "应为数字"),
    ("is not a text", "不是文本"),
    ("is not text", "不是文本"),
    ("must be a list of texts", "应为文本列表"),
    ("must be a text, a number or a boolean", "应为文本、数字或布尔值"),
    ("may hold texts, numbers and booleans", "只能包含文本、数字和布尔值"),
    ("must be a number from 0 to {}", "应为 0 到 {} 之间的数字"),
    ("must be between {} and {}", "应在 {} 到 {} 之间"),
    ("is less than 0", "不能小于 0"),
    ("must be before \"{}\"", "应早于 \"{}\""),
    ("goes with \"{}\"", "须与 \"{}\" 一起填写"),
    ("is not one of the fields here; expected {}", "这里没有这个字段；可用的有 {}"),
    ("is not one of {}", "应为以下之一：{}"),
    ("invalid type: {}, expected {}", "类型不对：收到 {}，应为 {}"),
    ("invalid value: {}, expected {}", "值不对：收到 {}，应为 {}"),
    ("unknown variant `{}`, expected {}", "不能为 {}；应为以下之一：{}"),
    // How long texts and lists are.
    ("must have 1 to 200 characters and no control characters", "应有 1 到 200 个字符，不能含控制字符"),
    ("must have 1 to {} printable ASCII characters", "应有 1 到 {} 个可见的 ASCII 字符"),
    ("must have 1 to {} characters", "应有 1 到 {} 个字符"),
    ("has 1 to {} characters of ASCII (others in modified UTF-7)", "应为 1 到 {} 个 ASCII 字符（其他字符用 modified UTF-7）"),
    ("has 1 to {} characters of ASCII", "应为 1 到 {} 个 ASCII 字符"),
    ("has 1 to {} characters", "应有 1 到 {} 个字符"),
    ("has {} to {} characters", "应有 {} 到 {} 个字符"),
    ("must have 1 to 200 bytes and no NUL", "应有 1 到 200 字节，不能含 NUL"),
    ("must have 1 to {} bytes", "应有 1 到 {} 字节"),
    ("must have at most {} bytes, no line end and no NUL", "最多 {} 字节，不能含换行和 NUL"),
    ("must have at most {} bytes", "最多 {} 字节"),
    ("must be a text of 1 to {} bytes", "应为 1 到 {} 字节的文本"),
    ("must be a text of at most {} bytes", "应为最多 {} 字节的文本"),
    ("must be a text of at most {} characters", "应为最多 {} 个字符的文本"),
    ("may have at most {} characters", "最多 {} 个字符"),
    ("has at most {} characters", "最多 {} 个字符"),
    ("has at most {} bytes and no NUL character", "最多 {} 字节，不能含 NUL 字符"),
    ("has at most {} bytes", "最多 {} 字节"),
    ("has 1 to 100 bytes, none of them a control character, and no blanks around them", "应有 1 到 100 字节，不能含控制字符，首尾不能有空格"),
    ("has 1 to 100 bytes and no control character", "应有 1 到 100 字节，不能含控制字符"),
    ("a name has 1 to {} bytes and no NUL character", "名称应有 1 到 {} 字节，不能含 NUL 字符"),
    ("has fewer than {} characters", "少于 {} 个字符"),
    ("has more than {} entries", "超过 {} 项"),
    ("has more than {} members", "超过 {} 位成员"),
    ("has more than {} tags", "超过 {} 个标签"),
    ("has more than {} caps", "频次上限超过 {} 条"),
    ("has more than {} filters", "筛选条件超过 {} 个"),
    ("has more than {} values", "取值超过 {} 个"),
    ("has one to five addresses", "应有 1 到 5 个地址"),
    ("is longer than {} KB", "超过 {} KB"),
    ("is larger than {} KB", "超过 {} KB"),
    ("have at most {} KB", "最多 {} KB"),
    ("are at most {}", "最多 {} 个"),
    ("must be at most {}", "最多 {} 个"),
    ("contains the NUL character", "含有 NUL 字符"),
    ("contains the character U+0000", "含有字符 U+0000"),
    // Accounts and settings.
    ("is not an e-mail address", "不是有效的邮箱地址"),
    ("is not an address", "不是有效的地址"),
    ("there is a user with this address", "已有使用这个邮箱的用户"),
    ("is not owner, admin, operator, analyst or viewer", "应为 owner、admin、operator、analyst 或 viewer"),
    ("is not an IANA time zone such as Asia/Shanghai", "不是有效的 IANA 时区，例如 Asia/Shanghai"),
    ("is not a country such as CN (ISO 3166-1 alpha-2)", "不是有效的国家代码，例如 CN（ISO 3166-1）"),
    ("is for a user who is disabled; send it with \"disabled\": true", "只用于停用用户；请与 \"disabled\": true 一起发送"),
    ("is not *, or an area and read or write, as people:read", "应为 *，或“领域:read/write”，例如 people:read"),
    ("is empty; leave it out for all scopes that you have", "不能为空；要获得你的全部权限，请不填此项"),
    ("your own key lacks {}", "你自己的密钥没有 {} 权限"),
    ("a write key has none", "写入密钥没有此项"),
    // People, tags, segments, rules.
    ("there is no such member", "没有这位成员"),
    ("is not a member of this workspace", "不是这个工作区的成员"),
    ("is the same member", "是同一位成员"),
    ("must be the id of the member", "应为该成员的 id"),
    ("is none of the member's", "不属于这位成员"),
    ("it is the member's only identity", "这是该成员唯一的身份"),
    ("there is no such segment", "没有这个分群"),
    ("there is no segment {}", "没有分群 {}"),
    ("there is no such group of tags", "没有这个标签组"),
    ("there is no group {}", "没有群组 {}"),
    ("there is no stage \"{}\"", "没有阶段 \"{}\""),
    ("there is no such version", "没有这个版本"),
    ("there is no tag to add or to remove", "没有要添加或移除的标签"),
    ("say one of segment, tag and members", "请在分群、标签和成员中选一种"),
    ("is over already; to take tags off, remove them", "时间已过；要取下标签，请移除它们"),
    ("a dynamic tag excludes no others; its rule can", "动态标签不能互斥，可由规则实现"),
    ("is not for computed traits", "不适用于计算特征"),
    ("the rule of a snapshot does not change", "快照的规则不能更改"),
    ("a stage may not depend on stages", "阶段不能依赖阶段"),
    ("must have 1 to {} stages", "应有 1 到 {} 个阶段"),
    ("{} would depend on itself", "{} 会依赖自己"),
    ("must have exactly one of {}", "应恰好有以下之一：{}"),
    ("may have only one of {}", "以下各项只能有一个：{}"),
    ("must have 2 to {} events", "应有 2 到 {} 个事件"),
    ("must be a list of events", "应为事件列表"),
    ("must be a list of rules", "应为条件列表"),
    ("must be a list of filters", "应为筛选条件列表"),
    ("must be true or false for \"exists\"", "\"exists\" 的值应为 true 或 false"),
    ("must be the name of an event, or an object with event and where", "应为事件名称，或含 event 和 where 的对象"),
    ("may not stand inside another \"been\"", "不能放在另一个 \"been\" 里"),
    ("is empty; a rule needs at least one condition", "不能为空；规则至少需要一个条件"),
    ("is beyond the limits of a rule", "超出规则的上限"),
    ("must be an ISO 8601 duration such as P30D", "应为 ISO 8601 时长，例如 P30D"),
    ("is no period such as P730D", "不是有效的时长，例如 P730D"),
    ("is less than a day", "不足一天"),
    ("is not a measure", "不是可用的统计方式"),
    ("is not the id of a segment", "不是分群的 id"),
    ("is not the id of a group", "不是群组的 id"),
    ("is not the id of a template", "不是模板的 id"),
    ("is not the id of a delivery", "不是触达的 id"),
    // Journeys.
    ("has no step", "没有步骤"),
    ("names a step that does not exist", "指向的步骤不存在"),
    ("has a step whose name is not 1 to 100 bytes", "有步骤的名称不是 1 到 100 字节"),
    ("must be a list of at most {}", "应为最多 {} 项的列表"),
    ("must be a list of 1 to {} cases", "应为 1 到 {} 个分支的列表"),
    ("must be a list of 2 to {} ways", "应为 2 到 {} 路的列表"),
    ("must be a list of 1 to 7 days", "应为 1 到 7 天的列表"),
    ("must be a list of 1 to 31 days", "应为 1 到 31 天的列表"),
    ("must be a list of 1 to {} members", "应为 1 到 {} 位成员的列表"),
    ("must be a list of tags", "应为标签列表"),
    ("must have shares that are 1 together, not {}", "各路比例之和应为 1，现在是 {}"),
    ("must add or remove a tag", "应添加或移除至少一个标签"),
    ("must have 1 to {} traits", "应有 1 到 {} 个特征"),
    ("must have at most {} traits", "最多 {} 个特征"),
    ("must have at most {} outcomes", "最多 {} 种结果"),
    ("has an outcome that is not 1 to 100 bytes", "有结果的名称不是 1 到 100 字节"),
    ("has a trait whose name is not 1 to 200 bytes", "有特征的名称不是 1 到 200 字节"),
    ("says who the member is; a journey cannot change that", "是成员的身份，旅程不能更改"),
    ("cannot be a goal; an event or a segment can", "不能作为目标；事件或分群可以"),
    ("is not never, after_exit or always", "应为 never、after_exit 或 always"),
    ("is not low, normal, high or critical", "应为 low、normal、high 或 critical"),
    ("is not day, week or month", "应为 day、week 或 month"),
    ("is not year", "应为 year"),
    ("is not member or workspace", "应为 member 或 workspace"),
    ("is not mon, tue, wed, thu, fri, sat or sun", "应为 mon、tue、wed、thu、fri、sat 或 sun"),
    ("is not a day from 1 to 31, or from -31 to -1 from the end", "应为 1 到 31，或从月末倒数的 -31 到 -1"),
    ("is not a time of the day such as 09:00", "不是有效的时刻，例如 09:00"),
    ("is not a duration such as P3D or -P7D", "不是有效的时长，例如 P3D 或 -P7D"),
    ("is not a time such as 2026-12-31T18:00:00Z, or a trait", "应为时间（例如 2026-12-31T18:00:00Z）或特征"),
    ("is the same time as from", "与开始时间相同"),
    ("is longer than a year, and the date comes each year", "超过一年，而这个日期每年都有"),
    ("has no place in a schedule for every day", "每天的计划不需要此项"),
    ("leaves no hour in which anything could be sent", "没有留下可以发送的时间"),
    ("is the end of the day, after which nothing begins", "是一天的结束，之后不再有开始"),
    ("is too long ago for these steps", "对这些步骤来说过于久远"),
    ("give members or a segment, one of the two", "请填写成员或分群，二选一"),
    ("give a journey or a delivery, not both", "请填写旅程或触达，不能同时填写"),
    ("is not a version's number or draft", "应为版本号或 draft"),
    ("is not open, done, expired or cancelled", "应为 open、done、expired 或 cancelled"),
    // Channels and templates.
    ("is not a host name or address", "不是有效的主机名或地址"),
    ("is not a host name", "不是有效的主机名"),
    ("a password must not travel unencrypted: use starttls or tls", "密码不能以明文传输：请使用 starttls 或 tls"),
    ("must be given anew, since \"{}\" has changed", "须重新填写，因为 \"{}\" 已更改"),
    ("is not the name of a header", "不是有效的请求头名称"),
    ("is not a header's value", "不是有效的请求头的值"),
    ("is the name of another account", "与另一个账号重名"),
    ("is not a certificate in PEM form", "不是 PEM 格式的证书"),
    ("cannot stand in a certificate", "不能出现在证书里"),
    ("names a key that the channel has", "与渠道已有的密钥重名"),
    ("names a key that stands above", "与上面的密钥重名"),
    ("is a kind that needs no address", "这种渠道不需要地址"),
    ("the channel is paused", "渠道已暂停"),
    ("a template has a text or a body", "模板需要有文本或正文"),
    ("a partial has a text, HTML or MJML", "片段需要有文本、HTML 或 MJML"),
    ("a partial keeps its name, by which templates know it", "片段的名称不能更改，模板以它引用片段"),
    ("is not the name of an encoding", "不是有效的编码名称"),
    ("is not one character, tab or whitespace", "应为一个字符、tab 或 whitespace"),
    ("is not a sheet of this file", "文件里没有这个工作表"),
    ("is json or html", "应为 json 或 html"),
    ("is neither csv nor xlsx", "应为 csv 或 xlsx"),
    ("is neither members nor events", "应为 members 或 events"),
    // Questions, boards, goals.
    ("must be 1 to 20 steps", "应有 1 到 20 个步骤"),
    ("must be 1 to 50 numbers, each larger than the one before", "应为 1 到 50 个数字，后一个大于前一个"),
    ("must be 1 to 20, one with \"touch_by\", or left out with that", "应为 1 到 20 个；填了 touch_by 时只能有一个，也可以不填"),
    ("must be 1 or 2", "应为 1 或 2"),
    ("must not be more than {} events", "不能超过 {} 个事件"),
    ("must not be more than {}", "不能超过 {} 个"),
    ("must not have more than {} characters", "不能超过 {} 个字符"),
    ("must not have months or years, which have no fixed length", "不能含月或年，因为它们长短不一"),
    ("must be an ISO 8601 duration of whole days such as P30D", "应为整天的 ISO 8601 时长，例如 P30D"),
    ("must be an ISO 8601 duration such as P7D or PT1H", "应为 ISO 8601 时长，例如 P7D 或 PT1H"),
    ("there would be more than {} periods", "周期会超过 {} 个"),
    ("there would be more than {} cohorts", "批次会超过 {} 个"),
    ("is needed for this measure", "这种统计方式需要填写此项"),
    ("is not possible for this question", "这种问题不能用此项"),
    ("is only possible when the mode is \"ordered\"", "只在按顺序（ordered）时可用"),
    ("\"after\" and \"before\" must be two steps in their order", "\"after\" 和 \"before\" 应为先后两个步骤"),
    ("is neither a moment (RFC 3339) nor a day (2026-07-01)", "应为时刻（RFC 3339）或日期（2026-07-01）"),
    ("is not before \"to\"", "应早于 \"to\""),
    ("is before \"from\"", "早于 \"from\""),
    ("is more than 1,000 days after \"from\"", "与 \"from\" 相差超过 1,000 天"),
    ("is not the name of a time zone", "不是有效的时区名称"),
    ("is not a day such as {}", "应为日期，例如 {}"),
    ("does not exist", "不存在"),
    ("a query only reads: begin with SELECT or WITH", "查询只能读取：请以 SELECT 或 WITH 开头"),
    ("must be more than 0", "应大于 0"),
    ("must be of the years {} to {}", "年份应在 {} 到 {} 之间"),
    ("must be a name of its own, of at most {} bytes", "应为不重复的名称，最多 {} 字节"),
    ("must be an object of at most {} bytes", "应为最多 {} 字节的对象"),
    ("must be {} to {}", "应为 {} 到 {}"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_by_its_form_and_keeps_what_differs() {
        let cases = [
            ("is missing", Some("未填写")),
            ("must be between 1 and 65535", Some("应在 1 到 65535 之间")),
            ("must be before \"to\"", Some("应早于 \"to\"")),
            ("is not one of eq, ne, gt", Some("应为以下之一：eq, ne, gt")),
            ("there is no segment seg_0000000000001", Some("没有分群 seg_0000000000001")),
            ("is longer than 256 KB", Some("超过 256 KB")),
            ("must be before \"\"", None),
            ("is longer than a fortnight", None),
            ("", None),
            ("is missing at the end", None),
        ];
        for (message, words) in cases {
            assert_eq!(in_chinese(message).as_deref(), words, "{message}");
        }
    }

    #[test]
    fn no_form_is_hidden_by_one_before_it_and_both_have_the_same_gaps() {
        for (place, (form, words)) in WORDS.iter().enumerate() {
            assert_eq!(form.matches("{}").count(), words.matches("{}").count(), "{form}");
            let message = form.replace("{}", "7");
            let found = WORDS.iter().position(|(other, _)| parts_of(other, &message).is_some());
            assert_eq!(found, Some(place), "{form}");
        }
    }
}
