//! `/api/v1/goals`: numbers that are to be reached by a day, how far they are, and where they lead.

mod progress;

use std::{ops::RangeInclusive, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, IdSource, Problem, Time,
    ids::{GoalId, SegmentId, WorkspaceId},
};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use people::segments::check_name;
use serde::{Deserialize, Serialize};
use store::{Db, Sql};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    documents::{Row, Shelf},
    question::Filter,
    scope::{self, Scope, ScopeBody},
    trend::SeriesBody,
};
use progress::{Course, Progress};

const GOALS: Shelf = Shelf { table: "goals", word: "goal", most: 200 };
const MOST_DAYS: i32 = 1_000;
const YEARS: RangeInclusive<i16> = 1970..=9000;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(list_goals, create_goal)).routes(routes!(get_goal, replace_goal, delete_goal))
}

/// A goal to save.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GoalBody {
    /// Its name, 1 to 200 characters.
    name: String,
    /// What is counted, as a series of a trend.
    metric: SeriesBody,
    /// `seg_…`: only its present members.
    #[schema(value_type = Option<String>)]
    segment: Option<SegmentId>,
    /// How much it is to be; more than 0.
    target: f64,
    /// The first day, in the workspace's time zone.
    from: String,
    /// The last day, which counts as well.
    deadline: String,
    /// When replacing: the version that was read; a conflict is reported when it has changed.
    version: Option<i64>,
}

/// What is kept of a goal.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    metric: SeriesBody,
    segment: Option<SegmentId>,
    target: f64,
    from: Date,
    deadline: Date,
}

/// A goal.
#[derive(Serialize, ToSchema)]
struct GoalDto {
    /// `gol_…`
    #[schema(value_type = String)]
    id: GoalId,
    /// Its name.
    name: String,
    /// What is counted.
    metric: SeriesBody,
    /// Whose events count; `null` for everybody's.
    #[schema(value_type = Option<String>)]
    segment: Option<SegmentId>,
    /// How much it is to be.
    target: f64,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    deadline: Date,
    /// Counts the saves, from 1.
    version: i64,
    /// How far it is.
    progress: Progress,
    /// Who made it.
    created_by: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it was last saved.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
}

/// Keeps a goal in a workspace that is being filled, where nothing can be asked yet; one of the same name stays as it is.
pub async fn keep_goal(
    (db, ids, now): (&Db, &IdSource, Time),
    workspace: WorkspaceId,
    (name, metric, target): (&str, serde_json::Value, f64),
    (from, deadline): (Date, Date),
) -> anyhow::Result<()> {
    let kept = Kept { metric: serde_json::from_value(metric)?, segment: None, target, from, deadline };
    let tx = db.begin().await?;
    let there: Option<i64> = tx
        .scalar("SELECT id FROM goals WHERE workspace_id = $1 AND name = $2", vec![workspace.0.into(), name.into()])
        .await?;
    if there.is_none() {
        GOALS.insert(&tx, workspace, ids.next_number(), (name, &kept), ("system", now)).await?;
    }
    Ok(tx.commit().await?)
}

/// A day as it is said: by itself, or by a moment in it.
fn day(field: &str, text: &str, zone: &TimeZone) -> Result<Date, Problem> {
    let of_moment = |text: &str| text.parse::<jiff::Timestamp>().map(|moment| moment.to_zoned(zone.clone()).date());
    let day = if text.contains('T') { of_moment(text) } else { text.parse() };
    day.map_err(|_| Problem::at(Code::InvalidBody, field, "is not a day such as 2026-12-31"))
}

impl GoalBody {
    async fn read(self, insight: &Insight, caller: &Caller) -> ApiResult<(String, Kept)> {
        let wrong = |field: &str, message: &str| Problem::at(Code::InvalidBody, field, message);
        let name = check_name(&self.name)?;
        let zone = people::segments::zone_of(insight.db.read(), caller.workspace).await?;
        let (from, deadline) = (day("from", &self.from, &zone)?, day("deadline", &self.deadline, &zone)?);
        for (field, day) in [("from", from), ("deadline", deadline)] {
            if !YEARS.contains(&day.year()) {
                return Err(wrong(field, "must be of the years 1970 to 9000").into());
            }
        }
        if deadline < from {
            return Err(wrong("deadline", "is before \"from\"").into());
        }
        if (deadline - from).get_days() >= MOST_DAYS {
            return Err(wrong("deadline", "is more than 1,000 days after \"from\"").into());
        }
        if !self.target.is_finite() || self.target <= 0.0 {
            return Err(wrong("target", "must be more than 0").into());
        }
        self.metric.check("metric")?;
        self.metric.filter().read("metric")?;
        if let Some(segment) = self.segment
            && people::segments::member_ids(insight.db.read(), caller.workspace, segment).await?.is_none()
        {
            return Err(Problem::at(Code::UnknownReference, "segment", "does not exist").into());
        }
        // Whoever is told of an error has saved nothing.
        insight.ready(caller).await?;
        Ok((name, Kept { metric: self.metric, segment: self.segment, target: self.target, from, deadline }))
    }
}

/// What a goal looks at.
struct Question<'a> {
    kept: &'a Kept,
    from: Date,
    to: Date,
}

impl scope::Asked for Question<'_> {
    fn scope(&self) -> ScopeBody {
        ScopeBody {
            from: Some(self.from.to_string()),
            to: Some(self.to.to_string()),
            segment: self.kept.segment,
            ..ScopeBody::default()
        }
    }
}

impl Insight {
    async fn course(&self, caller: &Caller, kept: &Kept) -> ApiResult<(Course, Scope, Filter)> {
        let filter = kept.metric.filter().read("metric")?;
        let zone = people::segments::zone_of(self.db.read(), caller.workspace).await?;
        let today = self.clock.now().timestamp().to_zoned(zone).date();
        let course = Course { from: kept.from, deadline: kept.deadline, today, target: kept.target };
        let (from, to) = course.looks_at();
        let tomorrow = to.checked_add(1.day()).unwrap_or(to);
        let scope = self.scope(caller, &Question { kept, from, to: tomorrow }).await?;
        Ok((course, scope, filter))
    }

    async fn shown(self: &Arc<Insight>, caller: &Caller, rows: &[Row]) -> ApiResult<Vec<GoalDto>> {
        let mut asked = Vec::new();
        for row in rows {
            let kept: Kept = row.body()?;
            // A segment may have been deleted since: then nothing is known of the goal.
            let question = match self.course(caller, &kept).await {
                Ok(question) => Some(question),
                Err(error) if matches!(error.0.code, Code::UnknownReference | Code::InvalidQuestion) => None,
                Err(error) => return Err(error),
            };
            asked.push((kept, question));
        }
        let questions = asked.clone();
        let found = self.compute(caller, move |asking| {
            let progress = |(kept, question): (Kept, Option<(Course, Scope, Filter)>)| {
                let told = |(course, scope, filter): (Course, Scope, Filter)| {
                    course.progress(asking, &scope, (&filter, &kept.metric))
                };
                question.map(told).transpose()
            };
            questions.into_iter().map(progress).collect::<Result<Vec<_>, _>>()
        });
        let told = rows.iter().zip(asked).zip(found.await?).map(|((row, (kept, _)), progress)| GoalDto {
            id: GoalId(row.id),
            name: row.name.clone(),
            progress: progress.unwrap_or_else(Progress::unknown),
            metric: kept.metric,
            segment: kept.segment,
            target: kept.target,
            from: kept.from,
            deadline: kept.deadline,
            version: row.version,
            created_by: row.created_by.clone(),
            created_at: row.created_at(),
            updated_at: row.updated_at(),
        });
        Ok(told.collect())
    }

    async fn shown_one(self: &Arc<Insight>, caller: &Caller, row: Row) -> ApiResult<GoalDto> {
        let mut shown = self.shown(caller, &[row]).await?;
        Ok(shown.pop().ok_or(Problem::new(Code::NotFound))?)
    }
}

/// Goals with how far they are, newest first.
#[utoipa::path(get, path = "/api/v1/goals", tag = "insight", params(PageQuery),
    responses((status = 200, body = Page<GoalDto>), (status = "4XX", body = ProblemBody)))]
async fn list_goals(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<GoalDto>>> {
    insight.check(&caller)?;
    let (rows, next) = GOALS.list(&insight, &caller, &page).await?;
    Ok(Json(Page { items: insight.shown(&caller, &rows).await?, next }))
}

/// Makes a goal.
#[utoipa::path(post, path = "/api/v1/goals", tag = "insight", request_body = GoalBody,
    responses((status = 201, body = GoalDto), (status = "4XX", body = ProblemBody)))]
async fn create_goal(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(body): Json<GoalBody>,
) -> ApiResult<(StatusCode, Json<GoalDto>)> {
    insight.check(&caller)?;
    caller.require(Area::Segments, Verb::Write)?;
    let (name, kept) = body.read(&insight, &caller).await?;
    let id = insight.ids.next(GoalId);
    let row = GOALS.make(&insight, &caller, (id.0, id), &name, &kept).await?;
    Ok((StatusCode::CREATED, Json(insight.shown_one(&caller, row).await?)))
}

/// One goal with how far it is.
#[utoipa::path(get, path = "/api/v1/goals/{id}", tag = "insight", params(("id" = String, Path,)),
    responses((status = 200, body = GoalDto), (status = "4XX", body = ProblemBody)))]
async fn get_goal(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Path(id): Path<GoalId>,
) -> ApiResult<Json<GoalDto>> {
    insight.check(&caller)?;
    let row = GOALS.get(insight.db.read(), &caller, id.0).await?;
    Ok(Json(insight.shown_one(&caller, row).await?))
}

/// Saves a goal. Answers 409 when somebody has saved it since the version that is named.
#[utoipa::path(put, path = "/api/v1/goals/{id}", tag = "insight", params(("id" = String, Path,)),
    request_body = GoalBody,
    responses((status = 200, body = GoalDto), (status = "4XX", body = ProblemBody)))]
async fn replace_goal(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Path(id): Path<GoalId>,
    Json(body): Json<GoalBody>,
) -> ApiResult<Json<GoalDto>> {
    insight.check(&caller)?;
    caller.require(Area::Segments, Verb::Write)?;
    let version = body.version.ok_or_else(|| Problem::at(Code::InvalidBody, "version", "is missing"))?;
    let (name, kept) = body.read(&insight, &caller).await?;
    let row = GOALS.replace(&insight, &caller, (id.0, id), version, (&name, &kept)).await?;
    Ok(Json(insight.shown_one(&caller, row).await?))
}

/// Deletes a goal.
#[utoipa::path(delete, path = "/api/v1/goals/{id}", tag = "insight", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_goal(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Path(id): Path<GoalId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Segments, Verb::Write)?;
    GOALS.delete(&insight, &caller, (id.0, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
