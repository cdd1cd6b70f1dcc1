//! What a member's timeline can be filtered by, without reading it.

use std::collections::BTreeSet;

use base::{Time, ids::MemberId};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::timeline::{EVENT_KINDS, OTHER_KINDS, STREAMS, TimelineFilter, TimelinePart, other_parts, timeline};

/// So many entries, the latest, are looked at for sources.
const LATEST: u64 = 200;

/// What a timeline can be filtered by.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineFacets {
    /// The names of his events, the latest first.
    events: Vec<TimelineEventName>,
    /// The kinds of entries that there are.
    kinds: Vec<String>,
    /// Where the latest entries came from.
    sources: Vec<String>,
}

/// Events of one name.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineEventName {
    /// The name.
    name: String,
    /// When the latest happened.
    #[schema(value_type = String, format = DateTime)]
    last_at: Time,
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
    last_at: i64,
}

#[derive(FromQueryResult)]
struct KindRow {
    kind: String,
}

/// The facets of a member's timeline. Names are found by leaping through the index of his events; kinds of events are those
/// of the latest of each name.
pub(super) async fn facets(db: &impl Sql, member: MemberId, others: &[TimelinePart]) -> Result<TimelineFacets, DbErr> {
    let names: Vec<NameRow> = db
        .all(
            &format!(
                "{STREAMS} SELECT n.name, MAX((SELECT MAX(e.happened_at) FROM events e
                                     WHERE e.identity_id = s.identity_id AND e.name_id = s.name_id)) AS last_at
                 FROM streams s JOIN event_names n ON n.id = s.name_id GROUP BY n.name ORDER BY 2 DESC, n.name"
            ),
            vec![member.0.into()],
        )
        .await?;
    let mut parts = vec![
        "SELECT (SELECT e.kind FROM events e WHERE e.identity_id = s.identity_id AND e.name_id = s.name_id
                 ORDER BY e.happened_at DESC LIMIT 1) AS kind
         FROM streams s WHERE s.name_id IS NOT NULL"
            .to_owned(),
    ];
    let of_others = TimelineFilter { kinds: OTHER_KINDS.map(str::to_owned).to_vec(), ..TimelineFilter::default() };
    let others_of_people = other_parts(&of_others);
    let of_features = others.iter().map(|part| part.sql.to_owned());
    for (place, part) in others_of_people.into_iter().chain(of_features).enumerate() {
        parts.push(format!("SELECT kind FROM (SELECT kind FROM ({part}) AS p{place} LIMIT 1) AS q{place}"));
    }
    let kinds: Vec<KindRow> = db
        .all(
            &format!("{STREAMS} SELECT DISTINCT kind FROM ({}) AS k", parts.join(" UNION ALL ")),
            vec![member.0.into()],
        )
        .await?;
    let known: BTreeSet<String> = kinds.into_iter().map(|row| row.kind).collect();
    let kinds = EVENT_KINDS.iter().chain(&OTHER_KINDS).map(|kind| (*kind).to_owned());
    let everything = TimelineFilter { kinds: TimelineFilter::all_kinds(), ..TimelineFilter::default() };
    let latest = timeline(db, member, &everything, others, (i64::MAX, i64::MAX), LATEST).await?;
    let sources: BTreeSet<String> = latest.into_iter().map(|row| row.source).filter(|one| !one.is_empty()).collect();
    Ok(TimelineFacets {
        events: names
            .into_iter()
            .map(|row| TimelineEventName { name: row.name, last_at: Time::from_millis(row.last_at) })
            .collect(),
        kinds: kinds.filter(|kind| known.contains(kind)).collect(),
        sources: sources.into_iter().collect(),
    })
}
