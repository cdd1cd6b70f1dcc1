//! `POST /api/v1/insight/members`: who is behind a number.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem, ids::MemberId};
use people::members::{MemberDto, show_members};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    funnel::{FunnelPoint, FunnelQuestion},
    lifecycle::{LifecyclePoint, LifecycleQuestion},
    retention::{RetentionPoint, RetentionQuestion},
    trend::{TrendPoint, TrendQuestion},
};

const USUALLY: usize = 50;
const MOST: usize = 200;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(list_members_behind))
}

/// A number of an answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Behind {
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
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KindBody {
    /// A funnel.
    Funnel,
    /// Retention.
    Retention,
    /// A trend.
    Trend,
    /// A life cycle.
    Lifecycle,
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
    async fn who_is_behind(self: &Arc<Insight>, caller: &Caller, behind: &Behind) -> ApiResult<Vec<i64>> {
        Ok(match behind.kind {
            KindBody::Funnel => {
                let (question, point): (FunnelQuestion, FunnelPoint) = read(behind)?;
                let scope = self.scope(caller, &question).await?;
                let asked = question.read(&scope)?;
                self.compute(caller, move |asking| asked.who(asking, &scope, &point)).await?
            }
            KindBody::Retention => {
                let (question, point): (RetentionQuestion, RetentionPoint) = read(behind)?;
                let scope = self.scope(caller, &question).await?;
                let asked = question.read(&scope)?;
                self.compute(caller, move |asking| asked.who(asking, &scope, &point)).await?
            }
            KindBody::Trend => {
                let (question, point): (TrendQuestion, TrendPoint) = read(behind)?;
                let scope = self.scope(caller, &question).await?;
                let asked = question.read(&scope)?;
                self.compute(caller, move |asking| asked.who(asking, &scope, &point)).await?
            }
            KindBody::Lifecycle => {
                let (question, point): (LifecycleQuestion, LifecyclePoint) = read(behind)?;
                let scope = self.scope(caller, &question).await?;
                let asked = question.read(&scope)?;
                self.compute(caller, move |asking| asked.who(asking, &scope, &point)).await?
            }
        })
    }
}

fn read<Q: DeserializeOwned, P: DeserializeOwned>(behind: &Behind) -> Result<(Q, P), Problem> {
    let wrong = |field: &'static str| {
        move |error: serde_json::Error| Problem::at(Code::InvalidQuestion, field, error.to_string())
    };
    let question = Q::deserialize(&behind.question).map_err(wrong("question"))?;
    let point = P::deserialize(&behind.point).map_err(wrong("point"))?;
    Ok((question, point))
}

/// Who is behind a number of an answer.
#[utoipa::path(post, path = "/api/v1/insight/members", tag = "insight", request_body = Behind,
    responses((status = 200, body = BehindAnswer), (status = "4XX", body = ProblemBody)))]
async fn list_members_behind(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(behind): Json<Behind>,
) -> ApiResult<Json<BehindAnswer>> {
    insight.check(&caller)?;
    let limit = behind.limit.unwrap_or(USUALLY);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::at(Code::InvalidQuestion, "limit", "must be 1 to 200").into());
    }
    let mut found = insight.who_is_behind(&caller, &behind).await?;
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.dedup();
    let total = found.len() as u64;
    let from = behind.cursor.map_or(0, |cursor| found.partition_point(|member| *member >= cursor.0));
    let page: Vec<MemberId> = found[from..].iter().take(limit).map(|member| MemberId(*member)).collect();
    let next = page.last().copied().filter(|_| from + page.len() < found.len());
    let mut items = show_members(insight.db.read(), caller.workspace, &page, insight.clock.now()).await?;
    items.sort_by_key(|member| std::cmp::Reverse(member.id));
    Ok(Json(BehindAnswer { items, total, next }))
}
