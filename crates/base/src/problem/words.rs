//! What problems say in Chinese. In English they say their title and their help.

use super::Code;

impl Code {
    /// What happened and what to do about it, in English.
    pub fn in_english(self) -> String {
        format!("{}. {}", self.title(), self.help())
    }

    /// The same in Chinese.
    pub fn in_chinese(self) -> &'static str {
        WORDS.iter().find(|(code, _)| *code == self).map_or("操作未能完成，原因见英文说明。", |(_, words)| words)
    }
}

#[rustfmt::skip]
const WORDS: &[(Code, &str)] = &[
    (Code::MalformedJson, "请求内容不是有效的 JSON。请用校验工具检查，详情里写明了位置。"),
    (Code::InvalidBody, "请求内容的格式不对。请对照 /api/openapi.json，详情里写明了是哪个字段。"),
    (Code::InvalidQuery, "查询参数无法识别。请对照 /api/openapi.json。"),
    (Code::InvalidPath, "这个地址没有对应的内容。请检查 id 的前缀和长度。"),
    (Code::InvalidCursor, "游标不属于这个列表。请原样传回 next，或不传以从头开始。"),
    (Code::UnsupportedMedia, "不支持的内容类型或编码。请发送 application/json，可用 gzip 压缩。"),
    (Code::BodyTooLarge, "请求内容过大。请分次发送。"),
    (Code::BatchTooLarge, "批次过大。请减小批次，单次请求最多 500 KB。"),
    (Code::NotFound, "没有这项内容。它可能已被删除，或属于另一个工作区。"),
    (Code::MethodNotAllowed, "这个地址不支持该方法。"),
    (Code::Conflict, "其间已被他人更改。请重新读取后再改。"),
    (Code::AlreadyExists, "已经存在。请换一个名字，或修改已有的。"),
    (Code::IdempotencyReplay, "这个 Idempotency-Key 已用于另一个请求。请为每个请求使用新的键。"),
    (Code::Internal, "服务端出错。原因见服务器日志。"),
    (Code::Unavailable, "暂时无法处理。请在 Retry-After 之后重试。"),
    (Code::Timeout, "超过了允许的时间。请减少一次请求的数量。"),
    (Code::Interrupted, "多次开始都没有完成。进程可能每次都中途退出，请查看它的日志和系统日志。"),
    (Code::DiskFull, "磁盘已满。请在服务器上腾出空间，随后会自动恢复；已确认的数据不会丢失。"),
    (Code::Overloaded, "等待处理的工作过多。请在 Retry-After 之后重试。"),
    (Code::Unauthenticated, "缺少有效的凭据。请使用 API 密钥、写入密钥，或先登录。"),
    (Code::Forbidden, "你的角色或密钥没有这项权限。请向工作区的所有者或管理员申请。"),
    (Code::LoginFailed, "邮箱或密码不对。多次失败后需要稍等。"),
    (Code::RateLimited, "请求过于频繁。请等待 Retry-After 所示的秒数。"),
    (Code::SetupDone, "初始设置已经完成。请登录，或用 hearth user create 创建用户。"),
    (Code::WeakPassword, "密码太容易被猜到。请至少用 10 个字符，避免常见词。"),
    (Code::CrossSite, "请求来自其他网站。请从 Hearth 自己的页面发送，或使用 API 密钥。"),
    (Code::EventTooLarge, "事件超过 32 KB。请减少属性的内容。"),
    (Code::MissingIdentity, "事件没有说明是谁。请填写 userId 或 anonymousId。"),
    (Code::MissingField, "缺少必填字段，详情里写明了是哪个。"),
    (Code::InvalidField, "字段的类型不对或值不可能，详情里写明了是哪个。"),
    (Code::UnknownCall, "不认识的调用类型。"),
    (Code::UnsupportedOperation, "无法执行这种操作，详情里有说明。"),
    (Code::TooManyProperties, "事件的属性超过 1,000 个。"),
    (Code::TooManyTraits, "成员的特征会超过 1,000 个。请把列表和细节并入一个特征。"),
    (Code::TraitsTooLarge, "成员的特征会超过 256 KB。历史和长文本请放进事件的属性。"),
    (Code::TooManyIdentities, "成员的身份过多。可能有许多人共用同一个 id，例如访客账号。"),
    (Code::WrongTraitType, "值与特征的类型不符。"),
    (Code::ListTooLong, "列表会超过 1,000 项或 32 KB。"),
    (Code::TagIsDynamic, "这个标签不能手动添加，它由规则或模型给出。"),
    (Code::TooManyTags, "成员的标签会超过 500 个。"),
    (Code::TooDeep, "JSON 嵌套过深。"),
    (Code::NulCharacter, "文本里有 NUL 字符。请去掉 U+0000。"),
    (Code::NumberOutOfRange, "数字过大，无法精确保存。请以文本发送。"),
    (Code::TimestampOutOfRange, "时间不合理。请使用 1970 年到明天之间的时间。"),
    (Code::Poison, "事件无法处理，已放入死信。"),
    (Code::RaggedRow, "这一行的列数与表头不符。请检查引号和分隔符。"),
    (Code::UnreadableFile, "文件既不是带列的文本，也不是电子表格。请发送 CSV，或没有密码的 .xlsx。"),
    (Code::SpreadsheetTooLarge, "电子表格解开后过大。请另存为 CSV，或拆成几个。"),
    (Code::TooManyColumns, "文件超过 1,000 列。请去掉不需要的列。"),
    (Code::InvalidMapping, "这个映射不适用于该文件，详情里写明了是哪一列或哪个字段。"),
    (Code::ImportRunning, "同一个文件正在导入。请等它完成，或先取消。"),
    (Code::InvalidQuestion, "这个问题无法这样提出。详情里写明了是哪个字段、应该是什么。"),
    (Code::QuestionTooLarge, "回答这个问题需要的内存超过上限。请缩短时间范围，或按取值较少的属性拆分。"),
    (Code::HistoryDamaged, "行为历史有一个文件已损坏，正在根据事件重新生成。请在 Retry-After 之后重试。"),
    (Code::InvalidRule, "规则无效，详情里写明了位置。"),
    (Code::ContradictoryRule, "这条规则不可能有人符合，详情里写明了互相矛盾的两个条件。"),
    (Code::RuleTooComplex, "规则过深或过长。最多 20 层、500 个条件。"),
    (Code::SegmentCycle, "分群引用了自己。请去掉这处引用。"),
    (Code::UnknownReference, "文档里提到的内容不存在，详情里写明了位置和 id。"),
    (Code::InvalidJourney, "旅程文档无效，详情里写明了位置。"),
    (Code::JourneyCycle, "旅程里有一个没有等待的循环。请在循环里加一个等待步骤。"),
    (Code::TooManySteps, "旅程的步骤过多，最多 200 步。请拆成几个旅程。"),
    (Code::SimulationTooLarge, "这次模拟所需的内存超出上限。请减少成员，或缩短时间。"),
    (Code::TaskClosed, "任务已经关闭：已完成、已过期，或成员已离开旅程。"),
    (Code::InvalidTemplate, "模板无法解析，详情里写明了行号。"),
    (Code::TemplateFailed, "模板渲染失败，原因见详情。请检查变量和循环。"),
    (Code::TemplateTooCostly, "模板的运算或输出过多。输出最多 1 MB。"),
    (Code::InvalidChannel, "渠道的配置无效，详情里写明了是哪个字段。"),
    (Code::ChannelTestFailed, "渠道无法使用，详情里写明了哪一步失败、对方如何答复。"),
    (Code::ForbiddenAddress, "这个地址在内部网络里。请改用公网地址，或在配置里放行该网段。"),
    (Code::InUse, "正在使用中，详情里写明了被什么使用。"),
    (Code::WrongState, "当前状态下不能这样做，详情里写明了现在的状态。"),
    (Code::BadToken, "链接无效，可能不完整。请使用消息里的完整链接。"),
    (Code::InvalidSignature, "签名不符。请检查密钥和发送方的时钟。"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words_in_chinese() {
        for code in Code::ALL {
            assert!(WORDS.iter().any(|(known, _)| known == code), "{} has none", code.as_str());
            assert!(code.in_chinese().ends_with('。'), "{}", code.as_str());
        }
    }
}
