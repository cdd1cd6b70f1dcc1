//! What this room itself keeps about members.

use async_trait::async_trait;
use base::IdSource;
use sea_orm::FromQueryResult;
use store::{DbErr, Sql, Tx};

use super::{
    Counts, MemberSection, Part, PartOf, Subject,
    section::{Column, ColumnKind::*, column},
};

/// The sections of this room.
pub fn sections() -> Vec<std::sync::Arc<dyn MemberSection>> {
    vec![
        std::sync::Arc::new(ProfileSection),
        std::sync::Arc::new(ConsentSection),
        std::sync::Arc::new(SegmentsSection),
        std::sync::Arc::new(EventsSection),
    ]
}

/// Members, identities, traits, tags, merges.
struct ProfileSection;

const MERGED: &[Column] = &[
    column("id", "m.id", Id("mrg"), "编号", "Id"),
    column("kept", "m.kept_member_id", Id("mem"), "保留的成员", "Kept member"),
    column("absorbed", "m.absorbed_member_id", Id("mem"), "并入的成员", "Absorbed member"),
    column("reason", "m.reason", Text, "原因", "Reason"),
    column("merged_at", "m.merged_at", Moment, "合并时间", "Merged at"),
    column("undone_at", "m.undone_at", Moment, "撤销时间", "Undone at"),
];

/// The highest life-cycle stage that a member has reached.
const STAGE: &str =
    "(SELECT s.item_key FROM segment_members x JOIN segments s ON s.id = x.segment_id AND s.kind = 'stage'
   AND s.position IS NOT NULL AND s.deleted_at IS NULL WHERE x.member_id = m.id ORDER BY s.position DESC LIMIT 1)";

const PROFILE: &[Part] = &[
    Part {
        name: "members",
        title: ("成员", "Member"),
        of: PartOf::Member,
        from: "FROM members m WHERE (m.id = $1 OR m.merged_into = $1)",
        keys: &["m.id"],
        latest: "m.id",
        columns: &[
            column("id", "m.id", Id("mem"), "编号", "Id"),
            column("created_at", "m.created_at", Moment, "首次出现", "First seen"),
            column("last_seen_at", "m.last_seen_at", Moment, "最近活动", "Last seen"),
            column("stage", STAGE, Text, "阶段", "Stage"),
            column("merged_into", "m.merged_into", Id("mem"), "已并入", "Merged into"),
        ],
    },
    Part {
        name: "identities",
        title: ("身份与资料", "Identities and traits"),
        of: PartOf::Member,
        from: "FROM identities i WHERE i.member_id = $1",
        keys: &["i.id"],
        latest: "i.id",
        columns: &[
            column("id", "i.id", Id("idn"), "编号", "Id"),
            column("kind", "i.kind", Text, "类型", "Kind"),
            column("value", "i.value", Text, "值", "Value"),
            column("verified", "i.verified", Flag, "已验证", "Verified"),
            column("created_at", "i.created_at", Moment, "首次出现", "First seen"),
            column("traits", "i.traits_json", Traits, "资料（值、时间、来源）", "Traits (value, time, source)"),
        ],
    },
    Part {
        name: "tags",
        title: ("标签", "Tags"),
        of: PartOf::Member,
        from:
            "FROM (SELECT t.tag, t.added_at, t.source, i.value, ROW_NUMBER() OVER (ORDER BY t.identity_id, t.tag) AS nth
               FROM member_tags t JOIN identities i ON i.id = t.identity_id
               WHERE i.member_id = $1 AND t.source <> 'snapshot') t WHERE true",
        keys: &["t.nth"],
        latest: "t.added_at",
        columns: &[
            column("tag", "t.tag", Text, "标签", "Tag"),
            column("added_at", "t.added_at", Moment, "添加时间", "Added at"),
            column("source", "t.source", Text, "来源", "Source"),
            column("identity", "t.value", Text, "身份", "Identity"),
        ],
    },
    Part {
        name: "tag_changes",
        title: ("标签历史", "History of tags"),
        of: PartOf::Member,
        from: "FROM tag_changes t JOIN identities i ON i.id = t.identity_id WHERE i.member_id = $1 AND t.source <> 'snapshot'",
        keys: &["t.id"],
        latest: "t.id",
        columns: &[
            column("tag", "t.tag", Text, "标签", "Tag"),
            column("added", "t.added", Flag, "添加", "Added"),
            column("at", "t.changed_at", Moment, "时间", "At"),
            column("source", "t.source", Text, "来源", "Source"),
        ],
    },
    Part {
        name: "groups",
        title: ("群组历史", "Groups entered and left"),
        of: PartOf::Member,
        from: "FROM group_changes c JOIN identities i ON i.id = c.identity_id JOIN groups g ON g.id = c.group_id
               WHERE i.member_id = $1",
        keys: &["c.id"],
        latest: "c.id",
        columns: &[
            column("id", "c.group_id", Id("grp"), "编号", "Id"),
            column("key", "g.group_key", Text, "群组", "Group"),
            column("joined", "c.joined", Flag, "加入", "Entered"),
            column("at", "c.changed_at", Moment, "时间", "At"),
        ],
    },
    Part {
        name: "merges",
        title: ("合并", "Merges"),
        of: PartOf::Member,
        from: "FROM merges m WHERE (m.kept_member_id = $1 OR m.absorbed_member_id = $1
                 OR m.kept_origin_id IN (SELECT origin_member_id FROM identities WHERE member_id = $1))",
        keys: &["m.id"],
        latest: "m.id",
        columns: MERGED,
    },
    Part {
        name: "merge_suggestions",
        title: ("合并建议", "Suggested merges"),
        of: PartOf::Member,
        from: "FROM merge_suggestions s WHERE (s.one_id IN (SELECT id FROM members WHERE id = $1 OR merged_into = $1)
                 OR s.other_id IN (SELECT id FROM members WHERE id = $1 OR merged_into = $1))",
        keys: &["s.id"],
        latest: "s.id",
        columns: &[
            column("id", "s.id", Id("sug"), "编号", "Id"),
            column("reason", "s.reason", Text, "原因", "Reason"),
            column("state", "s.state", Text, "状态", "State"),
            column("suggested_at", "s.suggested_at", Moment, "建议时间", "Suggested at"),
            column("decided_at", "s.decided_at", Moment, "决定时间", "Decided at"),
        ],
    },
];

#[async_trait]
impl MemberSection for ProfileSection {
    fn tables(&self) -> &'static [&'static str] {
        &[
            "members",
            "identities",
            "member_tags",
            "tag_changes",
            "group_members",
            "group_changes",
            "merges",
            "merge_suggestions",
            "kept_apart",
            "timers",
            "emitted_events",
            "erasures",
        ]
    }

    fn parts(&self) -> &'static [Part] {
        PROFILE
    }

    async fn erase(&self, tx: &Tx, _ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let mut counts = Counts::default();
        let (members, identities) = (subject.member_rows(), subject.identity_rows());
        counts.delete_where(tx, "member_tags", "identity_id", &identities).await?;
        counts.delete_where(tx, "tag_changes", "identity_id", &identities).await?;
        counts.delete_where(tx, "group_members", "identity_id", &identities).await?;
        counts.delete_where(tx, "group_changes", "identity_id", &identities).await?;
        counts.delete_where(tx, "identities", "id", &identities).await?;
        for column in ["kept_member_id", "absorbed_member_id", "kept_origin_id", "absorbed_origin_id"] {
            counts.delete_where(tx, "merges", column, &members).await?;
        }
        for column in ["one_id", "other_id"] {
            counts.delete_where(tx, "merge_suggestions", column, &members).await?;
            counts.delete_where(tx, "kept_apart", column, &members).await?;
        }
        // Ids of all kinds are different numbers, so no other kind of timer can be meant.
        counts.delete_where(tx, "timers", "subject", &members).await?;
        let waiting: Vec<(String,)> = subject.members.iter().map(|id| (format!("%\"member\":\"{id}\"%"),)).collect();
        let rows = tx
            .run_rows(
                "DELETE FROM emitted_events WHERE id IN
                   (SELECT e.id FROM {rows} JOIN emitted_events e ON e.record LIKE (r.value->>0))",
                &waiting,
            )
            .await?;
        counts.delete("emitted_events", rows);
        counts.delete_where(tx, "members", "id", &members).await?;
        Ok(counts)
    }
}

/// What the member agreed to and refused.
struct ConsentSection;

const CONSENT: &[Part] = &[
    Part {
        name: "consents",
        title: ("同意（现行）", "Consent in force"),
        of: PartOf::Member,
        from: "FROM (SELECT c.*, i.kind, i.value,
                            ROW_NUMBER() OVER (ORDER BY c.identity_id, c.channel_kind, c.topic) AS nth
               FROM consents c JOIN identities i ON i.id = c.identity_id WHERE i.member_id = $1) c WHERE true",
        keys: &["c.nth"],
        latest: "c.decided_at",
        columns: DECISION,
    },
    Part {
        name: "consent_changes",
        title: ("同意的全部历史", "All decisions about consent"),
        of: PartOf::Member,
        from: "FROM (SELECT c.*, i.kind, i.value FROM consent_changes c JOIN identities i ON i.id = c.identity_id
               WHERE i.member_id = $1) c WHERE true",
        keys: &["c.id"],
        latest: "c.id",
        columns: DECISION,
    },
    Part {
        name: "pauses",
        title: ("暂停接收", "Pauses"),
        of: PartOf::Member,
        from: "FROM (SELECT p.*, i.kind, i.value FROM pauses p JOIN identities i ON i.id = p.identity_id
               WHERE i.member_id = $1) p WHERE true",
        keys: &["p.identity_id"],
        latest: "p.said_at",
        columns: &[
            column("paused_until", "p.paused_until", Moment, "暂停至", "Paused until"),
            column("said_at", "p.said_at", Moment, "设置时间", "Said at"),
            column("source", "p.source", Text, "来源", "Source"),
            column("identity_kind", "p.kind", Text, "身份类型", "Kind of identity"),
            column("identity_value", "p.value", Text, "身份", "Identity"),
        ],
    },
];

const DECISION: &[Column] = &[
    column("channel_kind", "c.channel_kind", Text, "渠道", "Channel"),
    column("topic", "c.topic", Text, "用途", "Topic"),
    column("granted", "c.granted", Flag, "同意", "Granted"),
    column("decided_at", "c.decided_at", Moment, "决定时间", "Decided at"),
    column("source", "c.source", Text, "来源", "Source"),
    column("proof", "c.proof_json", Json, "凭证", "Proof"),
    column("claimed", "c.claimed", Flag, "仅为网页声称", "Only claimed, in a page"),
    column("identity_kind", "c.kind", Text, "身份类型", "Kind of identity"),
    column("identity_value", "c.value", Text, "身份", "Identity"),
];

#[async_trait]
impl MemberSection for ConsentSection {
    fn tables(&self) -> &'static [&'static str] {
        &["consents", "consent_changes", "pauses"]
    }

    fn parts(&self) -> &'static [Part] {
        CONSENT
    }

    async fn erase(&self, tx: &Tx, _ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let mut counts = Counts::default();
        counts.delete_where(tx, "consents", "identity_id", &subject.identity_rows()).await?;
        counts.delete_where(tx, "consent_changes", "identity_id", &subject.identity_rows()).await?;
        counts.delete_where(tx, "pauses", "identity_id", &subject.identity_rows()).await?;
        Ok(counts)
    }
}

/// The segments in which the member is and was.
struct SegmentsSection;

const SEGMENTS: &[Part] = &[
    Part {
        name: "segments",
        title: ("所在分群", "Segments"),
        of: PartOf::Member,
        from: "FROM segment_members m JOIN segments s ON s.id = m.segment_id AND s.kind <> 'successor'
               WHERE m.member_id = $1",
        keys: &["m.segment_id"],
        latest: "m.entered_at",
        columns: &[
            column("id", "m.segment_id", Id("seg"), "编号", "Id"),
            column("kind", "s.kind", Text, "类别", "Kind"),
            column("name", "s.name", Text, "名称", "Name"),
            column("entered_at", "m.entered_at", Moment, "进入时间", "Entered at"),
        ],
    },
    Part {
        name: "segment_changes",
        title: ("分群进出历史", "Entries and exits of segments"),
        of: PartOf::Member,
        from: "FROM segment_changes c JOIN segments s ON s.id = c.segment_id
               WHERE c.member_id IN (SELECT id FROM members WHERE id = $1 OR merged_into = $1)",
        keys: &["c.id"],
        latest: "c.id",
        columns: &[
            column("segment", "c.segment_id", Id("seg"), "编号", "Segment"),
            column("kind", "s.kind", Text, "类别", "Kind"),
            column("name", "s.name", Text, "名称", "Name"),
            column("entered", "c.entered", Flag, "进入", "Entered"),
            column("at", "c.changed_at", Moment, "时间", "At"),
        ],
    },
];

#[derive(FromQueryResult)]
struct MembershipRow {
    segment_id: i64,
}

#[async_trait]
impl MemberSection for SegmentsSection {
    fn tables(&self) -> &'static [&'static str] {
        &["segment_members", "segment_changes", "snapshot_members"]
    }

    fn parts(&self) -> &'static [Part] {
        SEGMENTS
    }

    /// He leaves his segments, and what their sizes were stays true: the entries and exits are nobody's then.
    async fn erase(&self, tx: &Tx, ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let mut counts = Counts::default();
        let members = subject.member_rows();
        let left: Vec<MembershipRow> = tx
            .all_rows(
                "SELECT m.segment_id FROM {rows} JOIN segment_members m ON m.member_id = CAST(r.value->>0 AS BIGINT)",
                &members,
                Vec::new(),
            )
            .await?;
        let nobody = ids.next_number();
        let at = subject.at.millis();
        let exits: Vec<(i64, i64, i64, i64)> =
            left.iter().map(|row| (ids.next_number(), row.segment_id, nobody, at)).collect();
        let nameless: Vec<(i64, i64)> = members.iter().map(|(member,)| (*member, nobody)).collect();
        let rows = tx
            .run_rows(
                "UPDATE segment_changes SET member_id = x.nobody
                 FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS nobody FROM {rows}) AS x
                 WHERE segment_changes.member_id = x.id",
                &nameless,
            )
            .await?;
        counts.blank("segment_changes", rows);
        tx.run_rows(
            "INSERT INTO segment_changes (id, segment_id, member_id, entered, changed_at)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT), 0,
                    CAST(r.value->>3 AS BIGINT) FROM {rows}",
            &exits,
        )
        .await?;
        tx.run_rows(
            "UPDATE segments SET size = size - 1 WHERE id IN (SELECT CAST(r.value->>1 AS BIGINT) FROM {rows})",
            &exits,
        )
        .await?;
        counts.delete_where(tx, "segment_members", "member_id", &members).await?;
        counts.delete_where(tx, "snapshot_members", "member_id", &members).await?;
        Ok(counts)
    }
}

/// What happened.
struct EventsSection;

const EVENTS: &[Part] = &[Part {
    name: "events",
    title: ("事件", "Events"),
    of: PartOf::Identity,
    from: "FROM events e JOIN event_names n ON n.id = e.name_id WHERE e.identity_id = $1",
    keys: &["e.name_id", "e.happened_at", "e.id"],
    latest: "e.happened_at",
    columns: &[
        column("id", "e.id", Id("evt"), "编号", "Id"),
        column("name", "n.name", Text, "事件", "Event"),
        column("kind", "e.kind", Text, "类型", "Kind"),
        column("timestamp", "e.happened_at", Moment, "发生时间", "Happened at"),
        column("received_at", "e.received_at", Moment, "收到时间", "Received at"),
        column("message_id", "e.message_id", Text, "消息编号", "Message id"),
        column("source", "e.source", Text, "来源", "Source"),
        column("properties", "e.properties_json", Json, "内容", "Properties"),
        column("context", "e.context_json", Json, "环境", "Context"),
    ],
}];

#[async_trait]
impl MemberSection for EventsSection {
    fn tables(&self) -> &'static [&'static str] {
        &["events", "expired_events"]
    }

    fn parts(&self) -> &'static [Part] {
        EVENTS
    }

    async fn erase(&self, tx: &Tx, _ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let mut counts = Counts::default();
        counts.delete_where(tx, "events", "identity_id", &subject.identity_rows()).await?;
        counts.delete_where(tx, "expired_events", "identity_id", &subject.identity_rows()).await?;
        Ok(counts)
    }
}
