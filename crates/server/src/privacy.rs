//! What this room keeps that may say something about members: refused records, lines of the audit log, jobs, and replies
//! that are kept for an `Idempotency-Key`.

use std::sync::Arc;

use async_trait::async_trait;
use base::{Clock, IdSource};
use people::privacy::{
    ColumnKind::{Id, Json, Moment, Text},
    Counts, MemberSection, Needles, Part, PartOf, Subject, column,
};
use serde_json::Value;
use store::{Db, DbErr, FromQueryResult, Secrets, Sql, Tx};

use crate::idempotency::Idempotency;

const ROWS_AT_ONCE: i64 = 2_000;

/// The sections of this room.
pub fn sections(db: &Db, clock: &Arc<dyn Clock>, ids: &IdSource, secrets: &Secrets) -> Vec<Arc<dyn MemberSection>> {
    let replies = Idempotency::to_look_through(db.clone(), clock.clone(), ids.clone(), secrets);
    vec![Arc::new(LettersSection), Arc::new(RecordsSection { replies })]
}

/// Records that were refused.
struct LettersSection;

const LETTERS: &[Part] = &[Part {
    name: "dead_letters",
    title: ("被拒收的记录", "Refused records"),
    of: PartOf::Member,
    from: "FROM (SELECT DISTINCT d.id, d.received_at, d.source, d.code, d.message, d.payload
           FROM identities i JOIN dead_letters d ON d.workspace_id = i.workspace_id
             AND REPLACE(LOWER(d.payload), '\"' || LOWER(i.value) || '\"', '') <> LOWER(d.payload)
           WHERE i.member_id = $1) d WHERE true",
    keys: &["d.id"],
    latest: "d.id",
    columns: &[
        column("id", "d.id", Id("ded"), "编号", "Id"),
        column("received_at", "d.received_at", Moment, "收到时间", "Received at"),
        column("source", "d.source", Text, "来源", "Source"),
        column("code", "d.code", Text, "代码", "Code"),
        column("message", "d.message", Text, "原因", "Reason"),
        column("payload", "d.payload", Text, "内容", "Payload"),
    ],
}];

#[derive(FromQueryResult)]
struct TextRow {
    id: i64,
    one: String,
    other: String,
}

#[async_trait]
impl MemberSection for LettersSection {
    fn tables(&self) -> &'static [&'static str] {
        &["dead_letters"]
    }

    fn parts(&self) -> &'static [Part] {
        LETTERS
    }

    /// At once, so that nobody replays one of them. Those that nobody could read have no workspace.
    async fn erase(&self, tx: &Tx, _ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr> {
        let mut counts = Counts::default();
        let needles = Needles::new(&subject.identities);
        let mut after = i64::MIN;
        loop {
            let rows: Vec<TextRow> = tx
                .all(
                    "SELECT id, payload AS one, message AS other FROM dead_letters
                     WHERE workspace_id IN ($1, 0) AND id > $2 ORDER BY id LIMIT $3",
                    vec![subject.workspace.0.into(), after.into(), ROWS_AT_ONCE.into()],
                )
                .await?;
            let Some(last) = rows.last() else { return Ok(counts) };
            after = last.id;
            let names = |row: &&TextRow| {
                needles.find_in(&row.one)
                    || needles.find_in(&row.other)
                    || subject.members.iter().any(|member| row.one.contains(&member.to_string()))
            };
            let his: Vec<(i64,)> = rows.iter().filter(names).map(|row| (row.id,)).collect();
            counts.delete_where(tx, "dead_letters", "id", &his).await?;
        }
    }
}

/// What was written down about the work of operators.
struct RecordsSection {
    replies: Idempotency,
}

const RECORDS: &[Part] = &[Part {
    name: "audit",
    title: ("操作记录", "What operators did"),
    of: PartOf::MemberText,
    from: "FROM audit_log a WHERE a.target = $1",
    keys: &["a.id"],
    latest: "a.id",
    columns: &[
        column("at", "a.at", Moment, "时间", "At"),
        column("actor", "a.actor", Text, "操作者", "Actor"),
        column("action", "a.action", Text, "操作", "Action"),
        column("detail", "a.detail_json", Json, "说明", "Detail"),
    ],
}];

#[async_trait]
impl MemberSection for RecordsSection {
    fn tables(&self) -> &'static [&'static str] {
        &["audit_log", "jobs", "idempotency_keys"]
    }

    fn parts(&self) -> &'static [Part] {
        RECORDS
    }

    async fn erase(&self, _tx: &Tx, _ids: &IdSource, _subject: &Subject) -> Result<Counts, DbErr> {
        Ok(Counts::default())
    }

    /// Who did what stays written down; an address in it does not.
    async fn sweep(&self, db: &Db, subject: &Subject, needles: &Needles) -> anyhow::Result<Counts> {
        let mut counts = Counts::default();
        let tables: [(&'static str, [&str; 2]); 2] =
            [("audit_log", ["target", "detail_json"]), ("jobs", ["payload_json", "result_json"])];
        for (table, columns) in tables {
            counts.blank(table, blank_texts(db, subject, needles, table, columns).await?);
        }
        counts.blank("idempotency_keys", self.replies.blank(subject.workspace, needles).await?);
        Ok(counts)
    }
}

/// Takes the addresses out of two texts of each row of a table.
async fn blank_texts(
    db: &Db,
    subject: &Subject,
    needles: &Needles,
    table: &str,
    columns: [&str; 2],
) -> Result<u64, DbErr> {
    let [one, other] = columns;
    let (mut after, mut blanked) = (i64::MIN, 0);
    loop {
        let rows: Vec<TextRow> = db
            .read()
            .all(
                &format!(
                    "SELECT id, COALESCE({one}, '') AS one, COALESCE({other}, '') AS other FROM {table}
                     WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3"
                ),
                vec![subject.workspace.0.into(), after.into(), ROWS_AT_ONCE.into()],
            )
            .await?;
        let Some(last) = rows.last() else { return Ok(blanked) };
        after = last.id;
        let mut changes: Vec<(i64, Option<String>, Option<String>)> = Vec::new();
        for row in &rows {
            let new = (needles.blank(&row.one), needles.blank(&row.other));
            if new.0.is_some() || new.1.is_some() {
                changes.push((row.id, new.0, new.1));
            }
        }
        if changes.is_empty() {
            continue;
        }
        let tx = db.begin().await?;
        blanked += tx
            .run_rows(
                &format!(
                    "UPDATE {table} SET {one} = COALESCE(x.one, {table}.{one}), {other} = COALESCE(x.other, {table}.{other})
                     FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS one, r.value->>2 AS other
                           FROM {{rows}}) AS x
                     WHERE {table}.id = x.id"
                ),
                &changes,
            )
            .await?;
        tx.commit().await?;
    }
}

/// What is said instead of a reply that was about somebody who is gone.
pub(crate) fn erased_reply() -> String {
    Value::Object(serde_json::Map::from_iter([("erased".to_owned(), Value::Bool(true))])).to_string()
}
