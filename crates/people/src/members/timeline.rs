//! Everything that concerns a member, latest first.

use base::{
    Code, Problem, Time,
    ids::{EventId, JourneyId, MemberId, SegmentId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::{Value, json};
use store::Sql;
use utoipa::ToSchema;

/// Something in a member's timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// `evt_…`
    #[schema(value_type = String)]
    pub id: EventId,
    /// Which call or part of Hearth made it: `track`, `identify`, `page`, `screen`, `group`, `alias`, `command`, `delivery`;
    /// `tag`, `segment`, `stage`, `merge`, `consent` or `journey`.
    pub kind: String,
    /// Name of the event.
    pub name: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Time,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Time,
    /// The sender's id of the message.
    pub message_id: String,
    /// Who sent it.
    pub source: String,
    /// Its properties.
    #[schema(value_type = Object)]
    pub properties: Value,
    /// Library, page, campaign ….
    #[schema(value_type = Object)]
    pub context: Value,
}

/// What to show of a timeline.
#[derive(Clone, Debug, Default)]
pub struct TimelineFilter {
    /// Only entries of this name.
    pub name: Option<String>,
    /// Only these kinds; events of all kinds when empty.
    pub kinds: Vec<String>,
    /// Only what happened at or after this moment.
    pub from: Option<Time>,
    /// Only what happened before this moment.
    pub to: Option<Time>,
    /// Only what came from this source.
    pub source: Option<String>,
}

/// What another feature adds to timelines: entries of one kind.
#[derive(Clone, Copy, Debug)]
pub struct TimelinePart {
    /// The kind.
    pub kind: &'static str,
    /// A query for the member `$1`, with the columns `id`, `kind`, `name`, `happened_at`, `received_at`, `message_id`, `source`,
    /// `one` and `other`. No two entries of one moment may have the same `id`; of those, the larger is the later one.
    pub sql: &'static str,
}

const EVENT_KINDS: [&str; 8] = ["track", "identify", "page", "screen", "group", "alias", "command", "delivery"];
const OTHER_KINDS: [&str; 6] = ["tag", "segment", "stage", "merge", "consent", "journey"];

impl TimelineFilter {
    /// Reads a list of kinds, separated by commas; `all` stands for all of them.
    pub fn read_kinds(text: &str) -> Result<Vec<String>, Problem> {
        if text.trim() == "all" {
            return Ok(EVENT_KINDS.iter().chain(&OTHER_KINDS).map(|kind| (*kind).to_owned()).collect());
        }
        let known = |kind: &str| EVENT_KINDS.contains(&kind) || OTHER_KINDS.contains(&kind);
        let kinds: Vec<String> = text.split(',').map(|kind| kind.trim().to_owned()).collect();
        match kinds.iter().find(|kind| !known(kind)) {
            Some(_) => {
                let message =
                    format!("is not \"all\" or some of {}, {}", EVENT_KINDS.join(", "), OTHER_KINDS.join(", "));
                Err(Problem::at(Code::InvalidQuery, "kind", message))
            }
            None => Ok(kinds),
        }
    }

    fn asks_for(&self, kind: &str) -> bool {
        self.kinds.iter().any(|wanted| wanted == kind)
    }
}

/// A row of the timeline.
#[derive(FromQueryResult)]
pub struct TimelineRow {
    /// Number of the entry; below zero for the first of two that tell of one thing.
    pub id: i64,
    kind: String,
    name: String,
    /// When it happened, in milliseconds.
    pub happened_at: i64,
    received_at: i64,
    message_id: String,
    source: String,
    one: String,
    other: String,
}

/// The member's timeline with what other features add to it, latest first, before the moment (time, id).
pub async fn timeline(
    db: &impl Sql,
    member: MemberId,
    filter: &TimelineFilter,
    others: &[TimelinePart],
    before: (i64, i64),
    limit: u64,
) -> Result<Vec<TimelineRow>, DbErr> {
    let mut values = vec![member.0.into(), before.0.into(), before.1.into(), (limit as i64).into()];
    let mut also = String::new();
    let conditions = [
        ("name =", filter.name.clone().map(store::Value::from)),
        ("happened_at >=", filter.from.map(|from| from.millis().into())),
        ("happened_at <", filter.to.map(|to| to.millis().into())),
        ("source =", filter.source.clone().map(store::Value::from)),
    ];
    for (condition, value) in conditions {
        if let Some(value) = value {
            values.push(value);
            also += &format!(" AND {condition} ${}", values.len());
        }
    }
    let others = others.iter().filter(|part| filter.asks_for(part.kind)).map(|part| part.sql.to_owned());
    let parts: Vec<String> = parts(filter)
        .into_iter()
        .chain(others)
        .map(|part| {
            format!(
                "SELECT * FROM (SELECT * FROM ({part}) AS p
                   WHERE (happened_at < $2 OR (happened_at = $2 AND id < $3)){also}
                   ORDER BY happened_at DESC, id DESC LIMIT $4) AS q"
            )
        })
        .collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT * FROM ({}) AS t ORDER BY happened_at DESC, id DESC LIMIT $4", parts.join(" UNION ALL "));
    db.all(&sql, values).await
}

/// One query for each place in which something about a member stands; all have the same columns.
fn parts(filter: &TimelineFilter) -> Vec<String> {
    const IDENTITIES: &str = "SELECT id FROM identities WHERE member_id = $1";
    let mut parts = Vec::new();
    let events: Vec<&str> = EVENT_KINDS.iter().copied().filter(|kind| filter.asks_for(kind)).collect();
    if filter.kinds.is_empty() || !events.is_empty() {
        let mut only = match events.is_empty() {
            true => String::new(),
            false => format!("AND e.kind IN ('{}')", events.join("', '")),
        };
        // Who asks for the changes themselves needs no commands that led to them.
        for (kind, commands) in [("tag", "'Tag Added', 'Tag Removed'"), ("merge", "'Members Merged', 'Merge Undone'")] {
            if filter.asks_for(kind) {
                only += &format!(" AND NOT (e.kind = 'command' AND n.name IN ({commands}))");
            }
        }
        parts.push(format!(
            "SELECT e.id, e.kind, n.name, e.happened_at, e.received_at, e.message_id, e.source, e.properties_json AS one,
                    e.context_json AS other
             FROM events e JOIN event_names n ON n.id = e.name_id WHERE e.identity_id IN ({IDENTITIES}) {only}"
        ));
    }
    if filter.asks_for("tag") {
        parts.push(format!(
            "SELECT c.id, 'tag' AS kind, CASE WHEN c.added = 1 THEN 'Tag Added' ELSE 'Tag Removed' END AS name,
                    c.changed_at AS happened_at, c.changed_at AS received_at, '' AS message_id, c.source, c.tag AS one,
                    '' AS other
             FROM tag_changes c WHERE c.source <> 'snapshot' AND c.identity_id IN ({IDENTITIES})"
        ));
    }
    for (kind, role, entered, left) in
        [("segment", "segment", "Segment Entered", "Segment Left"), ("stage", "stage", "Stage Reached", "Stage Left")]
    {
        if filter.asks_for(kind) {
            parts.push(format!(
                "SELECT c.id, '{kind}' AS kind, CASE WHEN c.entered = 1 THEN '{entered}' ELSE '{left}' END AS name,
                        c.changed_at AS happened_at, c.changed_at AS received_at, '' AS message_id, 'hearth' AS source,
                        COALESCE(CASE WHEN s.kind = 'stage' THEN s.item_key END, s.name) AS one, CAST(s.id AS TEXT) AS other
                 FROM segment_changes c JOIN segments s ON s.id = c.segment_id AND s.kind = '{role}'
                 WHERE c.member_id = $1"
            ));
        }
    }
    if filter.asks_for("merge") {
        for (name, moment, only, source) in [
            ("Members Merged", "m.merged_at", "", "m.source"),
            ("Merge Undone", "m.undone_at", "AND m.undone_at IS NOT NULL", "COALESCE(m.undone_by, '')"),
        ] {
            parts.push(format!(
                "SELECT m.id, 'merge' AS kind, '{name}' AS name, {moment} AS happened_at, {moment} AS received_at,
                        '' AS message_id, {source} AS source, m.reason AS one, CAST(m.absorbed_member_id AS TEXT) AS other
                 FROM merges m WHERE (m.kept_member_id = $1 OR m.absorbed_member_id = $1) {only}"
            ));
        }
    }
    if filter.asks_for("consent") {
        parts.push(format!(
            "SELECT c.id, 'consent' AS kind,
                    CASE WHEN c.granted = 1 THEN 'Consent Given' ELSE 'Consent Withdrawn' END AS name,
                    c.decided_at AS happened_at, c.decided_at AS received_at, '' AS message_id, c.source,
                    c.channel_kind AS one, c.topic AS other
             FROM consent_changes c WHERE c.identity_id IN ({IDENTITIES})"
        ));
    }
    parts
}

impl From<TimelineRow> for TimelineEntry {
    fn from(row: TimelineRow) -> Self {
        let (properties, context) = row.details();
        TimelineEntry {
            id: EventId(row.id.abs()),
            kind: row.kind,
            name: row.name,
            timestamp: Time::from_millis(row.happened_at),
            received_at: Time::from_millis(row.received_at),
            message_id: row.message_id,
            source: row.source,
            properties,
            context,
        }
    }
}

impl TimelineRow {
    fn details(&self) -> (Value, Value) {
        let number = self.other.parse().unwrap_or_default();
        let properties = match self.kind.as_str() {
            "tag" => json!({ "tag": self.one }),
            "segment" => json!({"segment": SegmentId(number), "name": self.one}),
            "stage" => json!({ "stage": self.one }),
            "merge" => json!({"reason": self.one, "absorbed": MemberId(number)}),
            "consent" => json!({"channel_kind": self.one, "topic": self.other}),
            "journey" => json!({"journey": JourneyId(number), "name": self.one}),
            _ => {
                let read = |text: &str| serde_json::from_str(text).unwrap_or_default();
                return (read(&self.one), read(&self.other));
            }
        };
        (properties, json!({}))
    }
}
