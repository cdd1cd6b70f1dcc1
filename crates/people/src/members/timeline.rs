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
    /// `mem_…`: to whom it happened, when that was another member, who has become one with this one since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub member: Option<MemberId>,
}

/// What to show of a timeline.
#[derive(Clone, Debug, Default)]
pub struct TimelineFilter {
    /// Only entries of this name.
    pub name: Option<String>,
    /// Only these kinds.
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
    /// A query for the member `$1`, with the columns `id`, `kind`, `name`, `happened_at`, `received_at`, `message_id`,
    /// `source`, `one`, `other` and `owner`, the member to whom it happened (0 for the present one). No two entries of
    /// one moment may have the same `id`; of those, the larger is the later one.
    pub sql: &'static str,
}

pub(super) const EVENT_KINDS: [&str; 8] =
    ["track", "identify", "page", "screen", "group", "alias", "command", "delivery"];
pub(super) const OTHER_KINDS: [&str; 6] = ["tag", "segment", "stage", "merge", "consent", "journey"];

impl TimelineFilter {
    /// Reads a list of kinds, separated by commas; `event` stands for those of all events, and `all` for everything.
    pub fn read_kinds(text: &str) -> Result<Vec<String>, Problem> {
        let mut kinds: Vec<String> = Vec::new();
        for word in text.split(',').map(str::trim) {
            match word {
                "all" => kinds.extend(TimelineFilter::all_kinds()),
                "event" => kinds.extend(EVENT_KINDS.iter().map(|kind| (*kind).to_owned())),
                kind if EVENT_KINDS.contains(&kind) || OTHER_KINDS.contains(&kind) => kinds.push(kind.to_owned()),
                _ => {
                    let known = [&EVENT_KINDS[..], &OTHER_KINDS[..]].concat().join(", ");
                    let message = format!("is not \"all\" or some of event, {known}");
                    return Err(Problem::at(Code::InvalidQuery, "kind", message));
                }
            }
        }
        Ok(kinds)
    }

    /// Every kind there is.
    pub fn all_kinds() -> Vec<String> {
        EVENT_KINDS.iter().chain(&OTHER_KINDS).map(|kind| (*kind).to_owned()).collect()
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
    pub(super) source: String,
    one: String,
    other: String,
    owner: i64,
}

/// What is asked of a column of every entry; the value is the parameter of this number.
struct Condition {
    column: &'static str,
    operator: &'static str,
    parameter: usize,
}

/// The streams of a member's events (those of one name under one identity) are found by leaping through their index
/// from one to the next; a page needs no more than its own length from the end of each.
pub(super) const STREAMS: &str = "WITH RECURSIVE streams (identity_id, name_id) AS (
    SELECT i.id, (SELECT MIN(e.name_id) FROM events e WHERE e.identity_id = i.id)
    FROM identities i WHERE i.member_id = $1
    UNION ALL
    SELECT s.identity_id,
           (SELECT MIN(e.name_id) FROM events e WHERE e.identity_id = s.identity_id AND e.name_id > s.name_id)
    FROM streams s WHERE s.name_id IS NOT NULL)";

const IDENTITIES: &str = "SELECT id FROM identities WHERE member_id = $1";
/// The member, and those who have become one with him.
const MEMBERS: &str = "SELECT CAST($1 AS BIGINT) UNION ALL SELECT id FROM members WHERE merged_into = $1";
/// Before everything that happens.
const BEGINNING: i64 = i64::MIN / 2;

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
    let mut conditions = Vec::new();
    let mut also = String::new();
    let wanted = [
        ("name", "=", filter.name.clone().map(store::Value::from)),
        ("happened_at", ">=", filter.from.map(|from| from.millis().into())),
        ("happened_at", "<", filter.to.map(|to| to.millis().into())),
        ("source", "=", filter.source.clone().map(store::Value::from)),
    ];
    for (column, operator, value) in wanted {
        if let Some(value) = value {
            values.push(value);
            let parameter = values.len();
            also += &format!(" AND {column} {operator} ${parameter}");
            conditions.push(Condition { column, operator, parameter });
        }
    }
    let mut parts = other_parts(filter);
    parts.extend(others.iter().filter(|part| filter.asks_for(part.kind)).map(|part| part.sql.to_owned()));
    let mut streams = "";
    if EVENT_KINDS.iter().any(|kind| filter.asks_for(kind)) {
        streams = STREAMS;
        values.push((limit.saturating_sub(1) as i64).into());
        parts.push(events_part(filter, &conditions, values.len()));
    }
    let parts: Vec<String> = parts
        .into_iter()
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
    let parts = parts.join(" UNION ALL ");
    let sql = format!("{streams} SELECT * FROM ({parts}) AS t ORDER BY happened_at DESC, id DESC LIMIT $4");
    db.all(&sql, values).await
}

/// The query for events. `skipped` is the parameter that is one less than the length of the page. From the end of each
/// stream that is long enough, a page reaches back to some moment; no event before the latest of these moments is on
/// the page of them all.
fn events_part(filter: &TimelineFilter, conditions: &[Condition], skipped: usize) -> String {
    let (mut of_names, mut of_events) = (String::new(), String::new());
    for Condition { column, operator, parameter } in conditions {
        match *column {
            "name" => of_names += &format!(" AND n.name {operator} ${parameter}"),
            column => of_events += &format!(" AND e.{column} {operator} ${parameter}"),
        }
    }
    let kinds: Vec<&str> = EVENT_KINDS.iter().copied().filter(|kind| filter.asks_for(kind)).collect();
    if kinds.len() < EVENT_KINDS.len() {
        of_events += &format!(" AND e.kind IN ('{}')", kinds.join("', '"));
    }
    // Who asks for the changes themselves needs no commands that led to them.
    for (kind, commands) in [("tag", "'Tag Added', 'Tag Removed'"), ("merge", "'Members Merged', 'Merge Undone'")] {
        if filter.asks_for(kind) {
            of_events += &format!(" AND NOT (e.kind = 'command' AND n.name IN ({commands}))");
        }
    }
    format!(
        "SELECT e.id, e.kind, n.name, e.happened_at, e.received_at, e.message_id, e.source, e.properties_json AS one,
                e.context_json AS other, CAST(0 AS BIGINT) AS owner
         FROM streams s JOIN event_names n ON n.id = s.name_id{of_names}
         JOIN events e ON e.identity_id = s.identity_id AND e.name_id = s.name_id AND e.happened_at <= $2
           AND e.happened_at >= COALESCE((
             SELECT MAX((SELECT e.happened_at FROM events e
                         WHERE e.identity_id = s.identity_id AND e.name_id = s.name_id
                           AND e.happened_at <= $2 AND (e.happened_at < $2 OR e.id < $3){of_events}
                         ORDER BY e.happened_at DESC LIMIT 1 OFFSET ${skipped}))
             FROM streams s JOIN event_names n ON n.id = s.name_id{of_names}), {BEGINNING}){of_events}"
    )
}

/// One query for each other place in which something about a member stands; all have the same columns.
pub(super) fn other_parts(filter: &TimelineFilter) -> Vec<String> {
    let mut parts = Vec::new();
    if filter.asks_for("tag") {
        parts.push(format!(
            "SELECT c.id, 'tag' AS kind, CASE WHEN c.added = 1 THEN 'Tag Added' ELSE 'Tag Removed' END AS name,
                    c.changed_at AS happened_at, c.changed_at AS received_at, '' AS message_id, c.source, c.tag AS one,
                    '' AS other, CAST(0 AS BIGINT) AS owner
             FROM tag_changes c WHERE c.source <> 'snapshot' AND c.identity_id IN ({IDENTITIES})"
        ));
    }
    for (kind, role, entered, left) in [
        ("segment", "segment", "Segment Entered", "Segment Left"),
        ("stage", "stage", "Stage Reached", "Stage Left"),
        ("tag", "tag", "Tag Added", "Tag Removed"),
    ] {
        if filter.asks_for(kind) {
            parts.push(segments_part(kind, role, entered, left));
        }
    }
    if filter.asks_for("merge") {
        // A merge is one row, so it has the number below zero: it may be undone at the moment at which it was made.
        for (id, name, moment, only, source) in [
            ("-m.id", "Members Merged", "m.merged_at", "", "m.source"),
            ("m.id", "Merge Undone", "m.undone_at", "AND m.undone_at IS NOT NULL", "COALESCE(m.undone_by, '')"),
        ] {
            parts.push(format!(
                "SELECT {id} AS id, 'merge' AS kind, '{name}' AS name, {moment} AS happened_at, {moment} AS received_at,
                        '' AS message_id, {source} AS source, m.reason AS one,
                        CAST(m.absorbed_member_id AS TEXT) || ' ' || CAST(m.kept_member_id AS TEXT) AS other,
                        CASE WHEN m.absorbed_member_id = $1 THEN 0 ELSE m.kept_member_id END AS owner
                 FROM merges m
                 WHERE m.id IN (SELECT k.id FROM merges k WHERE k.kept_member_id IN ({MEMBERS})
                                UNION SELECT a.id FROM merges a WHERE a.absorbed_member_id IN ({MEMBERS})) {only}"
            ));
        }
    }
    if filter.asks_for("consent") {
        parts.push(format!(
            "SELECT c.id, 'consent' AS kind,
                    CASE WHEN c.granted = 1 THEN 'Consent Given' ELSE 'Consent Withdrawn' END AS name,
                    c.decided_at AS happened_at, c.decided_at AS received_at, '' AS message_id, c.source,
                    c.channel_kind AS one, c.topic AS other, CAST(0 AS BIGINT) AS owner
             FROM consent_changes c WHERE c.identity_id IN ({IDENTITIES})"
        ));
    }
    parts
}

/// The query for segments in one role. What a merge alone did is left out: that the one who was absorbed left a segment
/// in which the other was from then on, and that this one entered it.
fn segments_part(kind: &str, role: &str, entered: &str, left: &str) -> String {
    format!(
        "SELECT c.id, '{kind}' AS kind, CASE WHEN c.entered = 1 THEN '{entered}' ELSE '{left}' END AS name,
                c.changed_at AS happened_at, c.changed_at AS received_at, '' AS message_id, 'hearth' AS source,
                COALESCE(CASE WHEN s.kind <> 'segment' THEN s.item_key END, s.name) AS one, CAST(s.id AS TEXT) AS other,
                c.member_id AS owner
         FROM segment_changes c JOIN segments s ON s.id = c.segment_id AND s.kind = '{role}'
         WHERE c.member_id IN ({MEMBERS})
           AND NOT (c.entered = 0 AND EXISTS (
             SELECT 1 FROM merges m
             WHERE m.absorbed_member_id = c.member_id AND m.merged_at = c.changed_at AND m.undone_at IS NULL
               AND 1 = (SELECT k.entered FROM segment_changes k
                        WHERE k.member_id = m.kept_member_id AND k.segment_id = c.segment_id
                          AND k.changed_at <= m.merged_at ORDER BY k.changed_at DESC, k.id DESC LIMIT 1)))
           AND NOT (c.entered = 1 AND EXISTS (
             SELECT 1 FROM merges m JOIN segment_changes a ON a.member_id = m.absorbed_member_id
               AND a.segment_id = c.segment_id AND a.entered = 0 AND a.changed_at = m.merged_at
             WHERE m.kept_member_id = c.member_id AND m.merged_at = c.changed_at AND m.undone_at IS NULL))"
    )
}

impl TimelineRow {
    /// The entry in the timeline of this member.
    pub fn into_entry(self, member: MemberId) -> TimelineEntry {
        let (properties, context) = self.details();
        TimelineEntry {
            id: EventId(self.id.abs()),
            kind: self.kind,
            name: self.name,
            timestamp: Time::from_millis(self.happened_at),
            received_at: Time::from_millis(self.received_at),
            message_id: self.message_id,
            source: self.source,
            properties,
            context,
            member: Some(MemberId(self.owner)).filter(|owner| owner.0 != 0 && *owner != member),
        }
    }

    fn details(&self) -> (Value, Value) {
        let number = self.other.parse().unwrap_or_default();
        let properties = match self.kind.as_str() {
            "tag" => json!({ "tag": self.one }),
            "segment" => json!({"segment": SegmentId(number), "name": self.one}),
            "stage" => json!({ "stage": self.one }),
            "merge" => {
                let member = |place| self.other.split(' ').nth(place).and_then(|id| id.parse().ok()).map(MemberId);
                json!({"reason": self.one, "absorbed": member(0), "kept": member(1)})
            }
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
