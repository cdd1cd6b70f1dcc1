//! `/api/v1/stages`.

use std::{collections::HashSet, sync::Arc};

use api::{ApiResult, Area, Caller, Json, ProblemBody, Query, Verb};
use axum::{Extension, extract::State};
use base::{Code, Problem, Time, rule::Rule};
use jiff::{civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    STRANGERS_NAME,
    counted::Counted,
    ladder::{self, Rung},
    transitions,
};
use crate::{PeopleState, rules::STRANGER, segments};

const MOST_STAGES: usize = 20;

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_stages, put_stages))
        .routes(routes!(get_stage_transitions))
        .layer(Extension(Arc::new(Counted::default())))
        .with_state(state)
}

/// The ladder of stages.
#[derive(Serialize, ToSchema)]
struct Ladder {
    /// From the lowest; the first is that of strangers, who have reached none.
    stages: Vec<StageDto>,
    /// How far a changed ladder is that will take the place of this one.
    building: Option<Building>,
    /// When members were counted; up to a minute ago where counting takes long.
    #[schema(value_type = Option<String>, format = DateTime)]
    counted_at: Option<Time>,
}

/// What of the ladder.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LadderQuery {
    /// Whether to count who is on which rung. True when left out; names alone are quicker.
    numbers: Option<bool>,
}

/// How far something is.
#[derive(Serialize, ToSchema)]
struct Building {
    /// Members evaluated.
    done: i64,
    /// Members in all, when it began.
    total: i64,
}

/// A stage.
#[derive(Serialize, ToSchema)]
struct StageDto {
    /// By which rules ask for it.
    key: String,
    /// As people read it.
    name: String,
    /// Who reaches it; none for strangers.
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
    /// Whether a member falls back when the rule no longer holds.
    falls_back: bool,
    /// How many members are in it now; `null` when numbers were not asked for.
    members: Option<i64>,
    /// For how many days they have been in it, on average.
    mean_days: Option<f64>,
}

/// A ladder to build.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLadder {
    /// From the lowest above strangers; 1 to 20.
    stages: Vec<NewStage>,
}

/// A stage to make, or to keep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStage {
    /// By which rules ask for it: 1 to 40 small letters, digits, "-" and "_". The same key is the same stage.
    key: String,
    /// As people read it, 1 to 100 characters.
    name: String,
    /// Who reaches it. It may not ask for stages.
    #[schema(value_type = Object)]
    rule: Value,
    /// Whether a member falls back when the rule no longer holds.
    #[serde(default)]
    falls_back: bool,
}

/// The ladder, and how many members are on each rung.
#[utoipa::path(get, path = "/api/v1/stages", tag = "stages", params(LadderQuery),
    responses((status = 200, body = Ladder), (status = "4XX", body = ProblemBody)))]
async fn get_stages(
    State(state): State<Arc<PeopleState>>,
    Extension(counted): Extension<Arc<Counted>>,
    caller: Caller,
    Query(query): Query<LadderQuery>,
) -> ApiResult<Json<Ladder>> {
    caller.require(Area::Segments, Verb::Read)?;
    let counted = query.numbers.unwrap_or(true).then_some(counted);
    Ok(Json(show(&state, &caller, counted.as_deref()).await?))
}

async fn show(state: &PeopleState, caller: &Caller, counted: Option<&Counted>) -> ApiResult<Ladder> {
    const DAY: f64 = 86_400_000.0;
    // A new ladder may take the place of this one meanwhile.
    let db = state.db.snapshot().await?;
    let rungs = ladder::live_rungs(&db, caller.workspace).await?;
    let standings = match counted {
        Some(counted) => Some(counted.standings(&db, &*state.clock, caller.workspace, rungs.len()).await?),
        None => None,
    };
    let building = ladder::building(&db, caller.workspace).await?;
    let now = state.clock.now().millis() as f64;
    let standing =
        |position: usize| standings.iter().flat_map(|all| all.rows.iter()).find(|row| row.position == position as i64);
    let members = |position| standings.as_ref().map(|_| standing(position).map_or(0, |row| row.members));
    let mean_days = |position| standing(position).map(|row| (now - row.mean_since).max(0.0) / DAY);
    let mut stages = vec![StageDto {
        key: STRANGER.to_owned(),
        name: STRANGERS_NAME.to_owned(),
        rule: None,
        falls_back: false,
        members: members(0),
        mean_days: mean_days(0),
    }];
    stages.extend(rungs.into_iter().enumerate().map(|(place, row)| StageDto {
        key: row.item_key,
        name: row.name,
        rule: serde_json::from_str(&row.rule_json).ok(),
        falls_back: row.keeps == 0,
        members: members(place + 1),
        mean_days: mean_days(place + 1),
    }));
    let building = building.map(|row| Building { done: row.built, total: row.to_build });
    Ok(Ladder { stages, building, counted_at: standings.map(|all| all.at) })
}

/// Changes the ladder. The new one is evaluated over history and then takes the place of the present one as a whole.
#[utoipa::path(put, path = "/api/v1/stages", tag = "stages", request_body = NewLadder,
    responses((status = 200, body = Ladder), (status = "4XX", body = ProblemBody)))]
async fn put_stages(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Json(new): Json<NewLadder>,
) -> ApiResult<Json<Ladder>> {
    caller.require(Area::Segments, Verb::Write)?;
    let rungs = check(new)?;
    let tx = segments::begin_change(&state, &caller).await?;
    for (place, rung) in rungs.iter().enumerate() {
        let path = format!("stages[{place}].rule");
        segments::check_references(&tx, caller.workspace, segments::Asker::Stage, &rung.rule, &path).await?;
    }
    let kept: HashSet<&str> = rungs.iter().map(|rung| rung.key.as_str()).collect();
    for gone in
        ladder::live_rungs(&tx, caller.workspace).await?.iter().filter(|row| !kept.contains(row.item_key.as_str()))
    {
        if let Some(user) =
            segments::users_of(&state, &tx, caller.workspace, segments::Reference::Stage(&gone.item_key)).await?.first()
        {
            let detail = format!("{user} asks for the stage \"{}\"", gone.item_key);
            return Err(Problem::with(Code::InUse, detail).into());
        }
    }
    let now = state.clock.now();
    ladder::save_draft(&tx, &state.ids, now, (caller.workspace, &caller.actor), &rungs).await?;
    let changed = [segments::Reference::Ladder];
    segments::rebuild_dependents(&tx, &state.ids, caller.workspace, &changed, (&caller.actor, now)).await?;
    let keys: Vec<&str> = rungs.iter().map(|rung| rung.key.as_str()).collect();
    let detail = json!({ "stages": keys });
    store::audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "stages.updated", "stages", detail)
        .await?;
    tx.commit().await?;
    state.rules_changed.notify_one();
    Ok(Json(show(&state, &caller, Some(&Counted::default())).await?))
}

fn check(new: NewLadder) -> Result<Vec<Rung>, Problem> {
    if new.stages.is_empty() || new.stages.len() > MOST_STAGES {
        return Err(Problem::at(Code::InvalidBody, "stages", format!("must have 1 to {MOST_STAGES} stages")));
    }
    let mut keys = HashSet::from([STRANGER.to_owned()]);
    let mut rungs = Vec::new();
    for (place, stage) in new.stages.into_iter().enumerate() {
        let at =
            |field: &str, message: &str| Problem::at(Code::InvalidBody, format!("stages[{place}].{field}"), message);
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if stage.key.is_empty() || stage.key.len() > 40 || !stage.key.chars().all(is_plain) {
            return Err(at("key", "must have 1 to 40 small letters, digits, \"-\" and \"_\""));
        }
        if !keys.insert(stage.key.clone()) {
            return Err(at("key", "is there already"));
        }
        let name = stage.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
            return Err(at("name", "must have 1 to 100 characters"));
        }
        let rule = Rule::parse_new_at(&stage.rule, &format!("stages[{place}].rule"))?;
        rungs.push(Rung { key: stage.key, name, rule, falls_back: stage.falls_back });
    }
    Ok(rungs)
}

/// Between which moments.
#[derive(Deserialize, IntoParams)]
struct TransitionsQuery {
    /// The first moment, as RFC 3339 has it, or a date such as `2026-03-01`, which begins at midnight in the workspace's
    /// time zone.
    from: String,
    /// The second moment, or the date that is the last one counted; now when left out.
    to: Option<String>,
}

/// How members moved.
#[derive(Serialize, ToSchema)]
struct Transitions {
    /// From each stage to each, where anybody did; those who stayed, too.
    transitions: Vec<Transition>,
}

/// Members who were in one stage and are in another, or the same.
#[derive(Serialize, ToSchema)]
struct Transition {
    /// The stage at the first moment; none for who was not there yet.
    from: Option<String>,
    /// The stage at the second.
    to: String,
    /// How many.
    members: i64,
    /// Of all who were in the first stage, 0 to 1.
    rate: f64,
}

/// How members moved between stages from one moment to another.
#[utoipa::path(get, path = "/api/v1/stages/transitions", tag = "stages", params(TransitionsQuery),
    responses((status = 200, body = Transitions), (status = "4XX", body = ProblemBody)))]
async fn get_stage_transitions(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<TransitionsQuery>,
) -> ApiResult<Json<Transitions>> {
    caller.require(Area::Segments, Verb::Read)?;
    let db = state.db.snapshot().await?;
    let zone = segments::zone_of(&db, caller.workspace).await?;
    let from = read_moment("from", &query.from, &zone, Edge::Begin)?;
    let to = match &query.to {
        Some(to) => read_moment("to", to, &zone, Edge::End)?,
        None => state.clock.now(),
    };
    if from >= to {
        return Err(Problem::at(Code::InvalidQuery, "from", "must be before \"to\"").into());
    }
    let rungs = ladder::live_rungs(&db, caller.workspace).await?;
    let key = |position: i64| match usize::try_from(position - 1) {
        Ok(place) => rungs.get(place).map(|row| row.item_key.clone()).unwrap_or_default(),
        Err(_) => STRANGER.to_owned(),
    };
    let rows = transitions::transitions(&db, caller.workspace, (from, to)).await?;
    let total = |from: i64| rows.iter().filter(|row| row.from_position == from).map(|row| row.members).sum::<i64>();
    let transitions = rows.iter().map(|row| Transition {
        from: (row.from_position >= 0).then(|| key(row.from_position)),
        to: key(row.to_position),
        members: row.members,
        rate: row.members as f64 / total(row.from_position).max(1) as f64,
    });
    Ok(Json(Transitions { transitions: transitions.collect() }))
}

/// Which end of a day is meant.
#[derive(Clone, Copy)]
enum Edge {
    Begin,
    End,
}

/// A moment that is written as one, or as a day or a time in `zone`. Of a day that is the last one, the last millisecond.
fn read_moment(name: &str, text: &str, zone: &TimeZone, edge: Edge) -> Result<Time, Problem> {
    if let Ok(time) = text.parse::<Time>() {
        return Ok(time);
    }
    let unreadable = || {
        let message = "must be a date such as 2026-03-01 or a moment such as 2026-03-01T08:00:00Z";
        Problem::at(Code::InvalidQuery, name, message)
    };
    // Longer texts have a time in them.
    let is_date = text.len() == "2026-03-01".len();
    let moment: civil::DateTime = match text.parse::<civil::Date>() {
        Ok(date) if is_date => match edge {
            Edge::Begin => date.at(0, 0, 0, 0),
            Edge::End => date.tomorrow().map_err(|_| unreadable())?.at(0, 0, 0, 0),
        },
        _ => text.parse().map_err(|_| unreadable())?,
    };
    let zoned = moment.to_zoned(zone.clone()).map_err(|_| unreadable())?;
    let behind = i64::from(is_date && matches!(edge, Edge::End));
    Ok(Time::from_millis(zoned.timestamp().as_millisecond() - behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_of_the_workspace_and_a_moment_what_it_says() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let read = |text: &str, edge| read_moment("from", text, &zone, edge).map(|time| time.to_string());
        assert_eq!(read("2026-03-01", Edge::Begin).unwrap(), "2026-02-28T16:00:00.000Z");
        assert_eq!(read("2026-03-01", Edge::End).unwrap(), "2026-03-01T15:59:59.999Z", "the whole day counts");
        assert_eq!(read("2026-03-01T08:00:00", Edge::End).unwrap(), "2026-03-01T00:00:00.000Z");
        assert_eq!(read("2026-03-01T08:00:00Z", Edge::Begin).unwrap(), "2026-03-01T08:00:00.000Z");
        for wrong in ["", "today", "2026-02-30", "01.03.2026", "1772323200000"] {
            let problem = read(wrong, Edge::Begin).unwrap_err();
            assert_eq!((problem.code, problem.errors[0].path.as_str()), (Code::InvalidQuery, "from"), "{wrong}");
        }
    }
}
