//! `POST /api/v1/insight/members`: who is behind a number.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, ProblemBody, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Problem, ids::MemberId};
use people::{
    PeopleState,
    members::{MemberDto, show_members},
    segments::{SegmentDto, keep_members},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    attribution::AttributionQuestion,
    distribution::DistributionQuestion,
    funnel::FunnelQuestion,
    interval::IntervalQuestion,
    lifecycle::LifecycleQuestion,
    path::PathQuestion,
    question::{Behind, Question},
    retention::RetentionQuestion,
    trend::TrendQuestion,
};

const USUALLY: usize = 50;
const MOST: usize = 200;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(list_members_behind))
}

/// The route that makes a segment of them.
pub(crate) fn keeping_routes(insight: Arc<Insight>, people: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(keep_members_behind)).with_state((insight, people))
}

/// A number of an answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Number {
    kind: KindBody,
    question: Value,
    point: Value,
}

/// Whose members are wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BehindQuestion {
    /// What kind of question it was.
    kind: KindBody,
    /// The question.
    #[schema(value_type = Object)]
    question: Value,
    /// Which number of the answer.
    #[schema(value_type = Object)]
    point: Value,
    /// How many members are told at once, 1 to 200; 50 when left out.
    limit: Option<usize>,
    /// Where to go on: `next` of the answer before.
    #[schema(value_type = Option<String>)]
    cursor: Option<MemberId>,
}

/// A kind of question.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KindBody {
    /// A funnel.
    Funnel,
    /// Retention.
    Retention,
    /// A trend.
    Trend,
    /// Paths.
    Path,
    /// A distribution.
    Distribution,
    /// Times from one event to the next.
    Interval,
    /// A life cycle.
    Lifecycle,
    /// An attribution.
    Attribution,
}

/// Who is behind a number, newest first.
#[derive(Serialize, ToSchema)]
struct BehindAnswer {
    /// Some of them.
    items: Vec<MemberDto>,
    /// How many they are.
    total: u64,
    /// Where to go on; `null` at the end.
    #[schema(value_type = Option<String>)]
    next: Option<MemberId>,
}

impl Insight {
    pub(crate) async fn who_is_behind(self: &Arc<Insight>, caller: &Caller, number: &Number) -> ApiResult<Vec<i64>> {
        let mut found = match number.kind {
            KindBody::Funnel => self.who::<FunnelQuestion>(caller, number).await?,
            KindBody::Retention => self.who::<RetentionQuestion>(caller, number).await?,
            KindBody::Trend => self.who::<TrendQuestion>(caller, number).await?,
            KindBody::Path => self.who::<PathQuestion>(caller, number).await?,
            KindBody::Distribution => self.who::<DistributionQuestion>(caller, number).await?,
            KindBody::Interval => self.who::<IntervalQuestion>(caller, number).await?,
            KindBody::Lifecycle => self.who::<LifecycleQuestion>(caller, number).await?,
            KindBody::Attribution => self.who::<AttributionQuestion>(caller, number).await?,
        };
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.dedup();
        Ok(found)
    }

    async fn who<Q: Question>(self: &Arc<Insight>, caller: &Caller, number: &Number) -> ApiResult<Vec<i64>> {
        let question: Q = read("question", &number.question)?;
        let point: <Q::Asked as Behind>::Point = read("point", &number.point)?;
        let scope = self.scope(caller, &question).await?;
        let asked = question.read(&scope)?;
        self.compute(caller, move |asking| asked.who(asking, &scope, &point)).await
    }
}

fn read<T: DeserializeOwned>(field: &'static str, value: &Value) -> Result<T, Problem> {
    T::deserialize(value).map_err(|error| Problem::at(Code::InvalidQuestion, field, error.to_string()))
}

/// Who is behind a number of an answer.
#[utoipa::path(post, path = "/api/v1/insight/members", tag = "insight", request_body = BehindQuestion,
    responses((status = 200, body = BehindAnswer), (status = "4XX", body = ProblemBody)))]
async fn list_members_behind(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(behind): Json<BehindQuestion>,
) -> ApiResult<Json<BehindAnswer>> {
    insight.check(&caller)?;
    let limit = behind.limit.unwrap_or(USUALLY);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::at(Code::InvalidQuestion, "limit", "must be 1 to 200").into());
    }
    let number = Number { kind: behind.kind, question: behind.question, point: behind.point };
    let found = insight.who_is_behind(&caller, &number).await?;
    let total = found.len() as u64;
    let from = behind.cursor.map_or(0, |cursor| found.partition_point(|member| *member >= cursor.0));
    let page: Vec<MemberId> = found[from..].iter().take(limit).map(|member| MemberId(*member)).collect();
    let next = page.last().copied().filter(|_| from + page.len() < found.len());
    let mut items = show_members(insight.db.read(), caller.workspace, &page, insight.clock.now()).await?;
    items.sort_by_key(|member| std::cmp::Reverse(member.id));
    Ok(Json(BehindAnswer { items, total, next }))
}

/// Those who are to be kept, and as what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SnapshotOfNumber {
    /// What kind of question it was.
    kind: KindBody,
    /// The question.
    #[schema(value_type = Object)]
    question: Value,
    /// Which number of the answer.
    #[schema(value_type = Object)]
    point: Value,
    /// The name of the segment, 1 to 200 characters.
    name: String,
}

/// A segment that was made of those behind a number.
#[derive(Serialize, ToSchema)]
struct SegmentOfNumber {
    /// The segment: a snapshot, which is made as soon as the pipeline gets to it.
    segment: SegmentDto,
    /// How many members were behind the number.
    members: u64,
}

/// Keeps those behind a number as a segment of their own: a snapshot, in which nobody enters or leaves later.
#[utoipa::path(post, path = "/api/v1/insight/members/segment", tag = "insight", request_body = SnapshotOfNumber,
    responses((status = 201, body = SegmentOfNumber), (status = "4XX", body = ProblemBody)))]
async fn keep_members_behind(
    State((insight, people)): State<(Arc<Insight>, Arc<PeopleState>)>,
    caller: Caller,
    Json(asked): Json<SnapshotOfNumber>,
) -> ApiResult<(StatusCode, Json<SegmentOfNumber>)> {
    insight.check(&caller)?;
    caller.require(Area::Segments, Verb::Write)?;
    let number = Number { kind: asked.kind, question: asked.question, point: asked.point };
    let found = insight.who_is_behind(&caller, &number).await?;
    let of = serde_json::json!(number);
    let segment = keep_members(&people, &caller, &asked.name, &found, of).await?;
    Ok((StatusCode::CREATED, Json(SegmentOfNumber { segment, members: found.len() as u64 })))
}
