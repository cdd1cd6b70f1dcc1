//! The export of one member: everything that the sections know, as a JSON document of any length, or as a page.
//!
//! Rows are read in pages and sent on, so memory is bounded however much there is.

use std::sync::Arc;

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use bytes::Bytes;
use sea_orm::{DbBackend, DbErr, FromQueryResult};
use serde_json::{Map, Value, json};
use store::{Db, Sql};
use tokio::sync::mpsc;

use super::{
    Column, ColumnKind, MemberSection, Part, PartOf,
    page::{Page, choose},
};
use crate::members::{TraitFact, read_traits};

const ROWS_AT_ONCE: usize = 1_000;
/// How many rows of one part the page shows.
const ROWS_ON_PAGE: usize = 300;
const FORMAT: u64 = 1;

/// Whose export, and of when.
#[derive(Clone)]
pub(super) struct Export {
    pub(super) db: Db,
    pub(super) sections: Arc<Vec<Arc<dyn MemberSection>>>,
    pub(super) workspace: WorkspaceId,
    pub(super) member: MemberId,
    pub(super) at: Time,
}

/// Pieces of a body.
pub(super) type Pieces = mpsc::Sender<Result<Bytes, std::io::Error>>;

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct JsonRow {
    keys: String,
    json: String,
}

impl Export {
    /// Sends the document. Ends early when nobody reads any more.
    pub(super) async fn send_json(self, pieces: Pieces) {
        if let Err(error) = self.write_json(&pieces).await {
            fail(&pieces, error).await;
        }
    }

    /// Sends the page.
    pub(super) async fn send_page(self, chinese: bool, pieces: Pieces) {
        if let Err(error) = self.write_page(chinese, &pieces).await {
            fail(&pieces, error).await;
        }
    }

    fn parts(&self) -> impl Iterator<Item = &'static Part> {
        self.sections.iter().flat_map(|section| section.parts())
    }

    async fn write_json(&self, pieces: &Pieces) -> Result<(), DbErr> {
        let head =
            json!({"format": FORMAT, "member": self.member, "workspace": self.workspace, "exported_at": self.at});
        let head = head.to_string();
        let mut text = head.trim_end_matches('}').to_owned();
        for part in self.parts() {
            text += &format!(",\n\"{}\":[", part.name);
            let mut separator = "\n";
            for subject in self.subjects(part).await? {
                let mut after = vec![i64::MIN; part.keys.len()];
                loop {
                    let rows = self.rows_after(part, &subject, &after).await?;
                    let is_last = rows.len() < ROWS_AT_ONCE;
                    for row in rows {
                        after = serde_json::from_str(&row.keys).unwrap_or(after);
                        text += separator;
                        text += &read_row(part, &row.json).to_string();
                        separator = ",\n";
                    }
                    if !send(pieces, &mut text).await {
                        return Ok(());
                    }
                    if is_last {
                        break;
                    }
                }
            }
            text += "]";
        }
        text += "}\n";
        send(pieces, &mut text).await;
        Ok(())
    }

    async fn write_page(&self, chinese: bool, pieces: &Pieces) -> Result<(), DbErr> {
        let say = |chinese_text, english| choose(chinese, chinese_text, english);
        let mut page = Page::new(chinese, say("我们保存的关于您的数据", "The data that we keep about you"));
        page.facts(&[
            (say("成员编号", "Member").to_owned(), self.member.to_string()),
            (say("导出时间", "Exported at").to_owned(), self.at.to_string()),
        ]);
        page.paragraph(say(
            "每个列表最多显示最近的 300 行；完整数据在 JSON 格式的导出中。时间均为协调世界时（UTC）。",
            "Each list shows at most the latest 300 rows; everything is in the export as JSON. Times are in UTC.",
        ));
        let links: Vec<(&str, String)> =
            self.parts().map(|part| (part.name, say(part.title.0, part.title.1).to_owned())).collect();
        page.contents(say("目录", "Contents"), &links);
        for part in self.parts() {
            page.section(part.name, say(part.title.0, part.title.1));
            let mut rows = Vec::new();
            for subject in self.subjects(part).await? {
                rows.extend(self.latest_rows(part, subject).await?);
            }
            rows.sort_by_key(|(latest, _)| std::cmp::Reverse(*latest));
            rows.truncate(ROWS_ON_PAGE);
            if rows.is_empty() {
                page.paragraph(say("没有数据。", "Nothing is kept."));
            } else {
                let heads: Vec<&str> = part.columns.iter().map(|column| say(column.label.0, column.label.1)).collect();
                let rows = rows.iter().map(|(_, row)| shown_row(part, row, chinese)).collect();
                page.table(&heads, rows);
            }
            if !send(pieces, &mut page.take()).await {
                return Ok(());
            }
        }
        send(pieces, &mut page.finish()).await;
        Ok(())
    }

    /// For what a part is asked, one after the other.
    async fn subjects(&self, part: &Part) -> Result<Vec<store::Value>, DbErr> {
        let sql = match part.of {
            PartOf::Member => return Ok(vec![self.member.0.into()]),
            PartOf::MemberText => "SELECT id FROM members WHERE id = $1 OR merged_into = $1 ORDER BY id",
            PartOf::Identity => "SELECT id FROM identities WHERE member_id = $1 ORDER BY id",
        };
        let rows: Vec<IdRow> = self.db.read().all(sql, vec![self.member.0.into()]).await?;
        let value = |row: IdRow| match part.of {
            PartOf::MemberText => MemberId(row.id).to_string().into(),
            _ => row.id.into(),
        };
        Ok(rows.into_iter().map(value).collect())
    }

    async fn rows_after(&self, part: &Part, subject: &store::Value, after: &[i64]) -> Result<Vec<JsonRow>, DbErr> {
        let keys = part.keys.join(", ");
        let marks: Vec<String> = (2..2 + after.len()).map(|n| format!("${n}")).collect();
        let sql = format!(
            "SELECT {keys_json} AS keys, {row} AS json {from} AND ({keys}) > ({marks}) ORDER BY {keys} LIMIT {ROWS_AT_ONCE}",
            keys_json = keys_as_json(part, self.db.backend()),
            row = row_as_json(part.columns, self.db.backend()),
            from = part.from,
            marks = marks.join(", "),
        );
        let values = std::iter::once(subject.clone()).chain(after.iter().map(|key| (*key).into())).collect();
        self.db.read().all(&sql, values).await
    }

    async fn latest_rows(&self, part: &Part, subject: store::Value) -> Result<Vec<(i64, Value)>, DbErr> {
        let sql = format!(
            "SELECT CAST({latest} AS TEXT) AS keys, {row} AS json {from} ORDER BY {latest} DESC LIMIT {ROWS_ON_PAGE}",
            latest = part.latest,
            row = row_as_json(part.columns, self.db.backend()),
            from = part.from,
        );
        let rows: Vec<JsonRow> = self.db.read().all(&sql, vec![subject]).await?;
        let read = |row: JsonRow| (row.keys.parse().unwrap_or_default(), read_row(part, &row.json));
        Ok(rows.into_iter().map(read).collect())
    }
}

/// Hands the text on and empties it; false when nobody reads any more.
async fn send(pieces: &Pieces, text: &mut String) -> bool {
    text.is_empty() || pieces.send(Ok(Bytes::from(std::mem::take(text)))).await.is_ok()
}

/// The reader sees that the body was cut off.
async fn fail(pieces: &Pieces, error: DbErr) {
    tracing::error!(%error, "an export ended early");
    let _ = pieces.send(Err(std::io::Error::other("the export ended early"))).await;
}

fn keys_as_json(part: &Part, backend: DbBackend) -> String {
    let keys = part.keys.join(", ");
    match backend {
        DbBackend::Postgres => format!("CAST(json_build_array({keys}) AS TEXT)"),
        _ => format!("json_array({keys})"),
    }
}

fn row_as_json(columns: &[Column], backend: DbBackend) -> String {
    let pairs: Vec<String> = columns.iter().map(|column| format!("'{}', {}", column.name, column.sql)).collect();
    match backend {
        DbBackend::Postgres => format!("CAST(json_build_object({}) AS TEXT)", pairs.join(", ")),
        _ => format!("json_object({})", pairs.join(", ")),
    }
}

/// A row as the document says it.
fn read_row(part: &Part, json: &str) -> Value {
    let mut row: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
    for column in part.columns {
        let Some(value) = row.get_mut(column.name) else { continue };
        let read = match (column.kind, &*value) {
            (ColumnKind::Flag, Value::Number(number)) => Value::Bool(number.as_i64() != Some(0)),
            (ColumnKind::Moment, Value::Number(number)) => {
                json!(Time::from_millis(number.as_i64().unwrap_or_default()))
            }
            (ColumnKind::Json, Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            (ColumnKind::Traits, Value::String(text)) => traits(text),
            (ColumnKind::Id(prefix), Value::Number(number)) => id(prefix, number.as_i64().unwrap_or_default()),
            _ => continue,
        };
        *value = read;
    }
    Value::Object(row)
}

/// By name: the value, when it was said and by whom.
fn traits(text: &str) -> Value {
    let said = |fact: TraitFact| json!({"value": fact.value, "at": fact.at, "source": fact.source});
    Value::Object(read_traits(text).into_iter().map(|(name, fact)| (name, said(fact))).collect())
}

/// The text of an id with this prefix; no id for 0.
fn id(prefix: &str, number: i64) -> Value {
    let text = MemberId(number).to_string();
    match text.split_once('_') {
        Some((_, digits)) if number != 0 => Value::String(format!("{prefix}_{digits}")),
        _ => Value::Null,
    }
}

fn shown_row(part: &Part, row: &Value, chinese: bool) -> Vec<String> {
    let cell = |column: &Column| match &row[column.name] {
        Value::Null => String::new(),
        Value::Bool(true) => choose(chinese, "是", "yes").to_owned(),
        Value::Bool(false) => choose(chinese, "否", "no").to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(fields) if column.kind == ColumnKind::Traits => {
            let line = |(name, fact): (&String, &Value)| {
                let word = |field: &str| fact[field].as_str().unwrap_or_default().to_owned();
                format!("{name}: {} ({}, {})", fact["value"], word("at"), word("source"))
            };
            fields.iter().map(line).collect::<Vec<_>>().join("\n")
        }
        Value::Object(fields) if fields.is_empty() => String::new(),
        other => other.to_string(),
    };
    part.columns.iter().map(cell).collect()
}
