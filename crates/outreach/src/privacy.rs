//! What this room keeps about members: the ledger, suppressed addresses, ways through journeys, links.
//!
//! An address that gets nothing is deleted with its member; `people::privacy::withheld` has noted before, without the
//! address, that it gets nothing.

use std::sync::Arc;

use async_trait::async_trait;
use base::IdSource;
use people::privacy::{
    Column,
    ColumnKind::{Id, Json, Moment, Number, Text},
    Counts, MemberSection, Needles, Part, PartOf, Subject, column,
};
use store::{Db, DbErr, FromQueryResult, Sql, Tx};

use crate::journeys::{Counting, count_runs};

/// Why the messages of a member who was erased ended.
const ERASED: &str = "erased";
const LINKS_AT_ONCE: i64 = 5_000;

/// The sections of this room.
pub fn sections() -> Vec<Arc<dyn MemberSection>> {
    vec![Arc::new(DeliveriesSection), Arc::new(JourneysSection), crate::journeys::simulations_section()]
}

/// Messages to the member, and addresses that get none.
struct DeliveriesSection;

const DELIVERY: &[Column] = &[
    column("id", "d.id", Id("dlv"), "编号", "Id"),
    column("channel_kind", "d.channel_kind", Text, "渠道", "Channel"),
    column("template", "d.template_id", Id("tpl"), "模板", "Template"),
    column("journey", "d.journey_id", Id("jrn"), "旅程", "Journey"),
    column("step", "d.step", Text, "步骤", "Step"),
    column("topic", "d.topic", Text, "用途", "Topic"),
    column("address", "d.address", Text, "地址", "Address"),
    column("variables", "d.variables_json", Json, "变量", "Variables"),
    column("state", "d.state", Text, "状态", "State"),
    column("reason", "d.reason", Text, "原因", "Reason"),
    column("queued_at", "d.queued_at", Moment, "排队时间", "Queued at"),
    column("accepted_at", "d.accepted_at", Moment, "发出时间", "Accepted at"),
    column("opened_at", "d.opened_at", Moment, "打开时间", "Opened at"),
    column("clicked_at", "d.clicked_at", Moment, "点击时间", "Clicked at"),
    column("error", "d.error", Text, "错误", "Error"),
];

const DELIVERIES: &[Part] = &[
    Part {
        name: "deliveries",
        title: ("消息", "Messages"),
        of: PartOf::Member,
        from: "FROM deliveries d WHERE d.member_id IN (SELECT id FROM members WHERE id = $1 OR merged_into = $1)",
        keys: &["d.id"],
        latest: "d.id",
        columns: DELIVERY,
    },
    Part {
        name: "delivery_history",
        title: ("消息的历史", "History of messages"),
        of: PartOf::Member,
        from: "FROM delivery_history h JOIN deliveries d ON d.id = h.delivery_id
               WHERE d.member_id IN (SELECT id FROM members WHERE id = $1 OR merged_into = $1)",
        keys: &["d.id", "h.id"],
        latest: "h.id",
        columns: &[
            column("delivery", "h.delivery_id", Id("dlv"), "消息", "Message"),
            column("at", "h.at", Moment, "时间", "At"),
            column("state", "h.state", Text, "状态", "State"),
            column("detail", "h.detail", Text, "说明", "Detail"),
        ],
    },
    Part {
        name: "suppressions",
        title: ("停发的地址", "Addresses that get nothing"),
        of: PartOf::Member,
        from: "FROM (SELECT s.*, ROW_NUMBER() OVER (ORDER BY s.channel_kind, s.address) AS nth
               FROM suppressions s JOIN identities i ON i.workspace_id = s.workspace_id AND i.value = s.address
               WHERE i.member_id = $1) s WHERE true",
        keys: &["s.nth"],
        latest: "s.created_at",
        columns: &[
            column("channel_kind", "s.channel_kind", Text, "渠道", "Channel"),
            column("address", "s.address", Text, "地址", "Address"),
            column("reason", "s.reason", Text, "原因", "Reason"),
            column("source", "s.source", Text, "来源", "Source"),
            column("created_at", "s.created_at", Moment, "时间", "Created at"),
        ],
    },
];

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct LinkRow {
    id: i64,
    url: String,
}

#[async_trait]
impl MemberSection for DeliveriesSection {
    fn tables(&self) -> &'static [&'static str] {
        &["deliveries", "delivery_history", "suppressions", "links"]
    }

    fn parts(&self) -> &'static [Part] {
        DELIVERIES
    }

    /// The ledger keeps its rows, for what was sent was sent; to whom, with what, and what the other side said to it is
    /// gone.
    async fn erase(&self, tx: &Tx, _ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let mut counts = Counts::default();
        let mut whose: Vec<(i64, &str)> = subject.members.iter().map(|member| (member.0, "")).collect();
        for member in &subject.partly {
            whose.extend(subject.identities.iter().map(|identity| (member.0, identity.value.as_str())));
        }
        // Nothing is found twice: what is blank has nothing to be blanked.
        let rows: Vec<IdRow> = tx
            .all_rows(
                "SELECT DISTINCT d.id FROM {rows} JOIN deliveries d ON d.member_id = CAST(r.value->>0 AS BIGINT)
                 WHERE (r.value->>1 = '' OR d.address = r.value->>1)
                   AND (d.address <> '' OR d.variables_json <> '{}' OR d.error IS NOT NULL
                        OR d.provider_id IS NOT NULL OR d.member_id <> $2)",
                &whose,
                vec![subject.nobody.0.into()],
            )
            .await?;
        let deliveries: Vec<(i64, i64, i64)> =
            rows.iter().map(|row| (row.id, subject.nobody.0, subject.at.millis())).collect();
        let blanked = tx
            .run_rows(
                &format!(
                    "UPDATE deliveries SET member_id = x.nobody, address = '', variables_json = '{{}}', error = NULL,
                       provider_id = NULL, erased_at = x.at,
                       reason = CASE WHEN state = 'queued' THEN '{ERASED}' ELSE reason END,
                       ended_at = CASE WHEN state = 'queued' THEN x.at ELSE ended_at END,
                       state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END
                     FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS nobody,
                                  CAST(r.value->>2 AS BIGINT) AS at FROM {{rows}}) AS x
                     WHERE deliveries.id = x.id"
                ),
                &deliveries,
            )
            .await?;
        counts.blank("deliveries", blanked);
        let blanked = tx
            .run_rows(
                "UPDATE delivery_history SET detail = '' WHERE detail <> ''
                   AND delivery_id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})",
                &deliveries,
            )
            .await?;
        counts.blank("delivery_history", blanked);
        let addresses: Vec<(i64, &str)> =
            subject.identities.iter().map(|identity| (subject.workspace.0, identity.value.as_str())).collect();
        let deleted = tx
            .run_rows(
                "DELETE FROM suppressions WHERE (workspace_id, address) IN
                   (SELECT CAST(r.value->>0 AS BIGINT), r.value->>1 FROM {rows})",
                &addresses,
            )
            .await?;
        counts.delete("suppressions", deleted);
        Ok(counts)
    }

    /// While a message to him is being sent: what the other side says to it may name him.
    async fn is_busy(&self, db: &Db, subject: &Subject) -> Result<bool, DbErr> {
        let under_way: Option<i64> = db
            .read()
            .scalar(
                "SELECT id FROM deliveries WHERE member_id = $1 AND state = 'sending' LIMIT 1",
                vec![subject.nobody.0.into()],
            )
            .await?;
        Ok(under_way.is_some())
    }

    /// Links that carry an address.
    async fn sweep(&self, db: &Db, subject: &Subject, needles: &Needles) -> anyhow::Result<Counts> {
        let mut counts = Counts::default();
        let mut after = i64::MIN;
        loop {
            let links: Vec<LinkRow> = db
                .read()
                .all(
                    "SELECT id, url FROM links WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                    vec![subject.workspace.0.into(), after.into(), LINKS_AT_ONCE.into()],
                )
                .await?;
            let Some(last) = links.last() else { return Ok(counts) };
            after = last.id;
            let his: Vec<(i64,)> =
                links.iter().filter(|link| needles.find_in(&link.url)).map(|link| (link.id,)).collect();
            if !his.is_empty() {
                let tx = db.begin().await?;
                counts.delete_where(&tx, "links", "id", &his).await?;
                tx.commit().await?;
            }
        }
    }
}

/// Ways through journeys.
struct JourneysSection;

const JOURNEYS: &[Part] = &[
    Part {
        name: "journey_runs",
        title: ("旅程", "Journeys"),
        of: PartOf::Member,
        from: "FROM journey_runs r JOIN journeys j ON j.id = r.journey_id WHERE r.member_id = $1",
        keys: &["r.journey_id", "r.id"],
        latest: "r.id",
        columns: &[
            column("id", "r.id", Id("run"), "编号", "Id"),
            column("journey", "r.journey_id", Id("jrn"), "旅程编号", "Journey"),
            column("name", "j.name", Text, "名称", "Name"),
            column("version", "r.version", Number, "版本", "Version"),
            column("state", "r.state", Text, "状态", "State"),
            column("step", "r.step", Text, "步骤", "Step"),
            column("entered_at", "r.entered_at", Moment, "进入时间", "Entered at"),
            column("ended_at", "r.ended_at", Moment, "结束时间", "Ended at"),
            column("end_reason", "r.end_reason", Text, "结束原因", "Why it ended"),
            column("goal_at", "r.goal_at", Moment, "达成目标", "Goal reached at"),
            column("entry", "r.entry_json", Json, "进入的原因", "What let him in"),
        ],
    },
    Part {
        name: "journey_trace",
        title: ("旅程的每一步", "Steps of journeys"),
        of: PartOf::Member,
        from: "FROM journey_trace t JOIN journey_runs r ON r.id = t.run_id WHERE r.member_id = $1",
        keys: &["t.run_id", "t.seq"],
        latest: "t.at",
        columns: &[
            column("run", "t.run_id", Id("run"), "旅程编号", "Run"),
            column("at", "t.at", Moment, "时间", "At"),
            column("step", "t.step", Text, "步骤", "Step"),
            column("action", "t.action", Text, "动作", "Action"),
            column("detail", "t.detail_json", Json, "说明", "Detail"),
        ],
    },
    Part {
        name: "journey_entries",
        title: ("进入旅程的记录", "Entries into journeys"),
        of: PartOf::Member,
        from: "FROM (SELECT e.*, ROW_NUMBER() OVER (ORDER BY e.journey_id, e.origin_id, e.entry_key) AS nth
               FROM journey_entries e WHERE e.member_id = $1) e WHERE true",
        keys: &["e.nth"],
        latest: "e.last_entered",
        columns: &[
            column("journey", "e.journey_id", Id("jrn"), "旅程编号", "Journey"),
            column("key", "e.entry_key", Text, "关联值", "Correlation key"),
            column("last_entered", "e.last_entered", Moment, "最近进入时间", "Last entered"),
        ],
    },
    Part {
        name: "journey_plans",
        title: ("计划中的进入", "Planned entries"),
        of: PartOf::Member,
        from: "FROM journey_plans p WHERE p.member_id = $1",
        keys: &["p.journey_id"],
        latest: "p.due_at",
        columns: &[
            column("journey", "p.journey_id", Id("jrn"), "旅程编号", "Journey"),
            column("due_at", "p.due_at", Moment, "计划时间", "Due at"),
            column("occasion", "p.occasion", Text, "日期", "Occasion"),
        ],
    },
    Part {
        name: "journey_tasks",
        title: ("任务", "Tasks"),
        of: PartOf::Member,
        from: "FROM journey_tasks k WHERE k.member_id = $1",
        keys: &["k.id"],
        latest: "k.id",
        columns: &[
            column("id", "k.id", Id("tsk"), "编号", "Id"),
            column("journey", "k.journey_id", Id("jrn"), "旅程编号", "Journey"),
            column("title", "k.title", Text, "标题", "Title"),
            column("note", "k.note", Text, "备注", "Note"),
            column("state", "k.state", Text, "状态", "State"),
            column("outcome", "k.outcome", Text, "结果", "Outcome"),
            column("remark", "k.remark", Text, "完成说明", "Remark"),
            column("opened_at", "k.opened_at", Moment, "创建时间", "Opened at"),
            column("closed_at", "k.closed_at", Moment, "关闭时间", "Closed at"),
        ],
    },
];

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
}

#[async_trait]
impl MemberSection for JourneysSection {
    fn tables(&self) -> &'static [&'static str] {
        &["journey_runs", "journey_trace", "journey_entries", "journey_plans", "journey_tasks", "journey_touched"]
    }

    fn parts(&self) -> &'static [Part] {
        JOURNEYS
    }

    /// The figures of a journey count runs, so those stay, as nobody's; one that was under way has ended.
    async fn erase(&self, tx: &Tx, _ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let mut counts = Counts::default();
        let whose: Vec<(i64, i64, i64)> = subject
            .members
            .iter()
            .filter(|member| **member != subject.nobody)
            .map(|member| (member.0, subject.nobody.0, subject.at.millis()))
            .collect();
        let blanked = tx
            .run_rows(
                "UPDATE journey_trace SET detail_json = '{}' WHERE detail_json <> '{}' AND run_id IN
                   (SELECT j.id FROM {rows} JOIN journey_runs j ON j.member_id = CAST(r.value->>0 AS BIGINT))",
                &whose,
            )
            .await?;
        counts.blank("journey_trace", blanked);
        let under_way: Vec<(i64,)> = tx
            .all_rows::<RunRow, _>(
                "SELECT j.id FROM {rows} CROSS JOIN journey_runs j
                 WHERE j.member_id = CAST(r.value->>0 AS BIGINT) AND j.state = 'active'",
                &whose,
                Vec::new(),
            )
            .await?
            .into_iter()
            .map(|run| (run.id,))
            .collect();
        count_runs(tx, Counting::Out, &under_way).await?;
        let blanked = tx
            .run_rows(
                &format!(
                    "UPDATE journey_runs SET member_id = x.nobody, origin_member_id = x.nobody, entry_key = '',
                       entry_json = '{{}}', wake_at = NULL, wait_json = NULL, goal_until = NULL,
                       end_reason = CASE WHEN state = 'active' THEN '{ERASED}' ELSE end_reason END,
                       ended_at = CASE WHEN state = 'active' THEN x.at ELSE ended_at END,
                       state = CASE WHEN state = 'active' THEN 'exited' ELSE state END
                     FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS nobody,
                                  CAST(r.value->>2 AS BIGINT) AS at FROM {{rows}}) AS x
                     WHERE journey_runs.member_id = x.id"
                ),
                &whose,
            )
            .await?;
        counts.blank("journey_runs", blanked);
        count_runs(tx, Counting::In, &under_way).await?;
        let blanked = tx
            .run_rows(
                "UPDATE journey_tasks SET member_id = x.nobody, remark = NULL,
                   closed_at = CASE WHEN state = 'open' THEN x.at ELSE closed_at END,
                   state = CASE WHEN state = 'open' THEN 'cancelled' ELSE state END
                 FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS nobody,
                              CAST(r.value->>2 AS BIGINT) AS at FROM {rows}) AS x
                 WHERE journey_tasks.member_id = x.id",
                &whose,
            )
            .await?;
        counts.blank("journey_tasks", blanked);
        for table in ["journey_entries", "journey_plans", "journey_touched"] {
            let sql =
                format!("DELETE FROM {table} WHERE member_id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {{rows}})");
            counts.delete(table, tx.run_rows(&sql, &whose).await?);
        }
        crate::journeys::stop_emptied(tx, subject.workspace, subject.at).await?;
        Ok(counts)
    }
}
