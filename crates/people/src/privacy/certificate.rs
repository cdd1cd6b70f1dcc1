//! The certificate of an erasure: who asked for it and when, what is gone and where, what remains and why. It holds no
//! personal data, and its hash is that of its text, whose fields are sorted by name.

use base::{
    Time,
    ids::{ErasureId, MemberId, WorkspaceId},
};
use sea_orm::DbBackend;
use serde_json::{Value, json};

use super::{
    Counts,
    marks::sha256,
    page::{Page, choose},
};

/// What a certificate says.
pub(super) struct Facts<'a> {
    pub(super) erasure: ErasureId,
    pub(super) workspace: WorkspaceId,
    pub(super) member: MemberId,
    pub(super) reason: &'a str,
    pub(super) requested_by: &'a str,
    pub(super) requested_at: Time,
    pub(super) erased_at: Time,
    pub(super) completed_at: Time,
    /// How many members and identities it was about.
    pub(super) people: Value,
    pub(super) counts: Counts,
    pub(super) log_records: u64,
    pub(super) log_unreadable: u64,
    pub(super) backend: DbBackend,
    /// The database's free space was rewritten.
    pub(super) compacted: bool,
}

/// What remains after an erasure, and why.
const REMAINS: &[(&str, &str, &str)] = &[
    (
        "figures",
        "用于统计的行（投递、旅程、分群进出）保留时间与状态，不再含有地址、内容或成员身份。",
        "Rows that figures are made of (deliveries, journeys, entries of segments) keep their times and states, without \
         address, content or whose they were.",
    ),
    (
        "register",
        "擦除登记册保存加密密钥下的哈希值，使旧备份恢复后不会带回此人；没有密钥无法从中得知是谁。",
        "The register of erasures keeps hashes under a secret key, so that an old backup brings nobody back; without the \
         key nobody can tell whom they mean.",
    ),
    (
        "withheld",
        "停发或退订过的地址（如有）保存为加密密钥下的哈希值，再次导入后仍不会收到消息；没有密钥无法从中得知地址。",
        "Of addresses that complained, unsubscribed or were suppressed, if any, a hash under a secret key is kept, so \
         that nothing is sent to them when they are imported again; without the key nobody can tell the address.",
    ),
    (
        "backups",
        "此前所做的备份不会被改写；恢复时会按登记册再次擦除。请按备份的保存期限删除它们。",
        "Backups from before are not rewritten; a restore erases again by the register. Delete them when their time is \
         over.",
    ),
    (
        "outside",
        "已经发出的消息，以及邮件服务器、Webhook 接收方、导入所用的源文件，不在本系统之内。",
        "What has left the house is not in it: messages that were sent, mail servers, receivers of webhooks, the files \
         that were imported.",
    ),
    (
        "others",
        "其他成员自己的事件或备注中以自由文字提到此人的内容无法识别。",
        "Free text in which others speak of this person, in their own events, cannot be recognised.",
    ),
    (
        "disk",
        "文件已经改写，但存储介质可能在一段时间内仍保留旧的数据块。",
        "Files were written anew; the medium below may keep old blocks for a while.",
    ),
    (
        "database_files",
        "数据库文件中空闲的空间未能在此重写：请数据库管理员处理（VACUUM、预写日志归档、副本）。",
        "The free space in the database's files was not rewritten here: it is for its administrator (VACUUM, archived \
         write-ahead logs, replicas).",
    ),
];

/// The certificate's text, and its SHA-256.
pub(super) fn write(facts: &Facts<'_>) -> (String, String) {
    let is_rewritten = facts.backend == DbBackend::Sqlite && facts.compacted;
    let remains: Vec<&str> =
        REMAINS.iter().map(|(code, ..)| *code).filter(|code| !(is_rewritten && *code == "database_files")).collect();
    let text = json!({
        "format": 1,
        "erasure": facts.erasure,
        "workspace": facts.workspace,
        "member": facts.member,
        "members": facts.people["members"],
        "identities": facts.people["identities"],
        "requested_by": facts.requested_by,
        "requested_at": facts.requested_at,
        "reason": facts.reason,
        "erased_at": facts.erased_at,
        "completed_at": facts.completed_at,
        "deleted": facts.counts.deleted,
        "blanked": facts.counts.blanked,
        "log": {"records": facts.log_records, "unreadable": facts.log_unreadable},
        "database_rewritten": is_rewritten,
        "registered": true,
        "remains": remains,
    })
    .to_string();
    let hash = sha256(&text);
    (text, hash)
}

/// The certificate as a page to be printed.
pub(super) fn page(certificate: &Value, hash: &str, chinese: bool) -> String {
    let say = |chinese_text, english| choose(chinese, chinese_text, english);
    let mut page = Page::new(chinese, say("擦除证明", "Certificate of erasure"));
    page.paragraph(say(
        "本证明说明一位成员的个人数据已从本系统中擦除。证明本身不含个人数据。",
        "This certifies that the personal data of one member was erased from this system. It holds no personal data \
         itself.",
    ));
    let text = |name: &str| match &certificate[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let facts = [
        ("擦除编号", "Erasure", "erasure"),
        ("工作区", "Workspace", "workspace"),
        ("成员编号", "Member", "member"),
        ("合并在内的成员数", "Members, merged ones included", "members"),
        ("身份数", "Identities", "identities"),
        ("申请人", "Asked for by", "requested_by"),
        ("申请时间", "Asked for at", "requested_at"),
        ("原因", "Reason", "reason"),
        ("擦除时间", "Erased at", "erased_at"),
        ("完成时间", "Completed at", "completed_at"),
    ];
    let facts: Vec<(String, String)> =
        facts.iter().map(|(chinese, english, name)| (say(chinese, english).to_owned(), text(name))).collect();
    page.facts(&facts);
    page.heading(say("已擦除", "What was erased"));
    let mut rows = Vec::new();
    for (how, label) in [("deleted", say("已删除", "deleted")), ("blanked", say("已去除身份", "no longer says whose"))]
    {
        for (table, count) in certificate[how].as_object().into_iter().flatten() {
            if count.as_u64() != Some(0) {
                rows.push(vec![table.clone(), label.to_owned(), count.to_string()]);
            }
        }
    }
    let in_log =
        [("records", say("已删除", "deleted")), ("unreadable", say("无法读取，已删除", "unreadable, deleted"))];
    for (name, label) in in_log {
        let count = certificate["log"][name].as_u64().unwrap_or_default();
        if count > 0 || name == "records" {
            rows.push(vec![say("事件日志", "event log").to_owned(), label.to_owned(), count.to_string()]);
        }
    }
    page.table(&[say("位置", "Place"), say("方式", "How"), say("条数", "Count")], rows);
    page.heading(say("仍然保留的内容及原因", "What remains, and why"));
    let named = |code: &Value| REMAINS.iter().find(|(known, ..)| Some(*known) == code.as_str());
    let remains: Vec<&str> = certificate["remains"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(named)
        .map(|(_, chinese, english)| say(chinese, english))
        .collect();
    page.list(&remains);
    page.small(&format!(
        "{} {hash}",
        say(
            "证明文本（JSON，字段按名称排序）的 SHA-256：",
            "SHA-256 of the certificate's JSON, its fields sorted by name:"
        )
    ));
    page.finish()
}
