//! Journeys at a glance: what lets members in, how many are under way, and what it brings about.

use std::collections::BTreeMap;

use base::{
    Time,
    ids::{JourneyId, WorkspaceId},
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::Sql;
use utoipa::ToSchema;

use super::{
    Document,
    naming::{Mentioned, Names},
    references::Known,
    service::JourneyDto,
    states,
    tallies::QUARTER,
    words::{Sayer, entries},
};

const WEEK: i64 = 7 * 86_400_000;

/// A journey without its document.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JourneySummary {
    /// `jrn_…`
    #[schema(value_type = String)]
    pub id: JourneyId,
    /// Its name.
    pub name: String,
    /// `draft`, `live`, `paused`, `finishing` or `stopped`.
    pub state: String,
    /// Grows with every change of the draft and with every publication.
    pub revision: i64,
    /// The version that members enter; counts from 1.
    pub published_version: Option<i64>,
    /// What lets members in, by the draft.
    pub entry: EntrySummary,
    /// Steps of the draft.
    pub steps: i64,
    /// Runs that are under way.
    pub under_way: i64,
    /// Runs begun, ever.
    pub entered: i64,
    /// Runs begun within the last seven days.
    pub entered_7d: i64,
    /// Runs whose goal was reached, ever.
    pub goals: i64,
    /// Goals reached within the last seven days.
    pub goals_7d: i64,
    /// Whether something keeps the draft from being published.
    pub has_problems: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
}

/// What lets members into a journey.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntrySummary {
    /// `event`, `segment`, `segment_left`, `date`, `schedule`, `manual`, `import`, or `none` as long as nothing is said.
    pub kind: &'static str,
    /// In a few words.
    pub words: states::Words,
}

/// How much happens in a journey.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Numbers {
    /// Runs that are under way.
    under_way: i64,
    /// Runs begun, ever.
    entered: i64,
    /// Runs whose goal was reached, ever.
    goals: i64,
    /// Runs begun since the moment that was asked for.
    entered_since: i64,
    /// Goals reached since then.
    goals_since: i64,
}

#[derive(FromQueryResult)]
struct TallyRow {
    journey_id: i64,
    under_way: i64,
    entered: i64,
    goals: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    journey_id: i64,
    number: i64,
}

/// How much happens in these journeys. Entries are counted from the quarter of an hour in which `since` lies.
async fn numbers(db: &impl Sql, journeys: &[JourneyId], since: Time) -> Result<BTreeMap<JourneyId, Numbers>, DbErr> {
    let keys: Vec<(i64,)> = journeys.iter().map(|id| (id.0,)).collect();
    let mut found: BTreeMap<JourneyId, Numbers> = BTreeMap::new();
    let rows: Vec<TallyRow> = db
        .all_rows(
            "SELECT t.journey_id, CAST(SUM(CASE WHEN t.state = 'active' THEN t.runs ELSE 0 END) AS BIGINT) AS under_way,
               CAST(SUM(t.runs) AS BIGINT) AS entered, CAST(SUM(t.has_goal * t.runs) AS BIGINT) AS goals
             FROM {rows} CROSS JOIN journey_tallies t WHERE t.journey_id = CAST(r.value->>0 AS BIGINT)
             GROUP BY t.journey_id",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in rows {
        let numbers = found.entry(JourneyId(row.journey_id)).or_default();
        (numbers.under_way, numbers.entered, numbers.goals) = (row.under_way, row.entered, row.goals);
    }
    let rows: Vec<CountRow> = db
        .all_rows(
            "SELECT a.journey_id, CAST(SUM(a.runs) AS BIGINT) AS number
             FROM {rows} CROSS JOIN journey_arrivals a
             WHERE a.journey_id = CAST(r.value->>0 AS BIGINT) AND a.quarter >= $2 GROUP BY a.journey_id",
            &keys,
            vec![since.millis().div_euclid(QUARTER).into()],
        )
        .await?;
    for row in rows {
        found.entry(JourneyId(row.journey_id)).or_default().entered_since = row.number;
    }
    let rows: Vec<CountRow> = db
        .all_rows(
            "SELECT j.journey_id, COUNT(*) AS number FROM {rows} CROSS JOIN journey_runs j
             WHERE j.journey_id = CAST(r.value->>0 AS BIGINT) AND j.goal_at IS NOT NULL AND j.goal_at >= $2
             GROUP BY j.journey_id",
            &keys,
            vec![since.millis().into()],
        )
        .await?;
    for row in rows {
        found.entry(JourneyId(row.journey_id)).or_default().goals_since = row.number;
    }
    Ok(found)
}

/// These journeys at a glance.
pub(super) async fn summaries(
    db: &impl Sql,
    workspace: WorkspaceId,
    journeys: Vec<JourneyDto>,
    now: Time,
) -> Result<Vec<JourneySummary>, DbErr> {
    let ids: Vec<JourneyId> = journeys.iter().map(|journey| journey.id).collect();
    let mut numbers = numbers(db, &ids, Time::from_millis(now.millis() - WEEK)).await?;
    let read: Vec<_> = journeys.iter().map(|journey| Document::examine(&journey.document)).collect();
    let known = Known::load_for(db, workspace, read.iter().map(|(document, _)| document)).await?;
    let mut mentioned = Mentioned::default();
    journeys.iter().for_each(|journey| mentioned.note(&journey.document["entry"].to_string()));
    let names = Names::load(db, workspace, &mentioned).await?;
    let zone = TimeZone::UTC;
    let sayer = Sayer { names: &names, zone: &zone };
    let summary = |(journey, (document, problems)): (JourneyDto, (Document, _))| {
        let entry = journey.document.get("entry").unwrap_or(&Value::Null);
        let numbers = numbers.remove(&journey.id).unwrap_or_default();
        let problems: super::parse::Problems = problems;
        JourneySummary {
            entry: EntrySummary { kind: entries::kind(entry), words: entries::in_words(entry, &sayer).into() },
            steps: journey.document["steps"].as_object().map_or(0, |steps| steps.len() as i64),
            under_way: numbers.under_way,
            entered: numbers.entered,
            entered_7d: numbers.entered_since,
            goals: numbers.goals,
            goals_7d: numbers.goals_since,
            has_problems: !problems.into_inner().is_empty() || !known.problems(&document).is_empty(),
            id: journey.id,
            name: journey.name,
            state: journey.state,
            revision: journey.revision,
            published_version: journey.published_version,
            created_at: journey.created_at,
            updated_at: journey.updated_at,
        }
    };
    Ok(journeys.into_iter().zip(read).map(summary).collect())
}
