//! `POST /api/v1/insight/interval`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use behaviour::kernels::spread::{FIRST, Intervals, THEN};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Words},
    question::{FilterBody, Looking, length},
    scope::question,
    spread::{Spread, TimeBucket, time_buckets},
};

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_interval))
}

question! {
    /// How long does it take from one event to the next?
    IntervalQuestion {
        /// From which events on.
        first: FilterBody,
        /// Until which events.
        then: FilterBody,
        /// Longer times are left out.
        within: Option<String>,
    }
}

/// How long it took.
#[derive(Serialize, ToSchema)]
struct IntervalAnswer {
    #[serde(flatten)]
    about: About,
    /// How many pairs of events.
    pairs: u64,
    /// How many members have one.
    members: u64,
    /// The average time in seconds; `null` when there is no pair.
    mean_seconds: Option<f64>,
    /// Half of the times are shorter.
    median_seconds: Option<f64>,
    /// Nine of ten are shorter.
    p90_seconds: Option<f64>,
    /// How many lie where.
    buckets: Vec<PairBucket>,
}

/// How many times lie between two lengths.
#[derive(Serialize, ToSchema)]
struct PairBucket {
    #[serde(flatten)]
    times: TimeBucket,
    /// How many pairs.
    pairs: u64,
}

/// How long it takes from one event to the next.
#[utoipa::path(post, path = "/api/v1/insight/interval", tag = "insight", request_body = IntervalQuestion,
    responses((status = 200, body = IntervalAnswer), (status = "4XX", body = ProblemBody)))]
async fn ask_interval(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(question): Json<IntervalQuestion>,
) -> ApiResult<Json<IntervalAnswer>> {
    insight.check(&caller)?;
    let scope = insight.scope(&caller, &question).await?;
    let (first, then) = (question.first.read("first")?, question.then.read("then")?);
    let most = question.within.as_deref().map(|within| length(within, "within")).transpose()?;
    let ((first_en, first_zh), (then_en, then_zh)) = (first.words(), then.words());
    let words = Words {
        en: format!(
            "The time from each {first_en} to the next {then_en} of the same member, before his next {first_en}."
        ),
        zh: format!("同一成员从每次 {first_zh} 到下一次 {then_zh} 的时间，其间没有再次 {first_zh}。"),
    };
    let looking = Looking::new(&scope).with(FIRST, &first).with(THEN, &then);
    let (kept, now) = (scope.clone(), scope.now);
    let computed = insight.compute(&caller, move |asking| {
        let steps_of = |name: &str| looking.steps_of(name);
        let selection = looking.selection(&kept, (kept.from.millis(), kept.to.millis()), &steps_of, None);
        asking.engine.ask(&selection, &Intervals { most }, asking.given_up)
    });
    let mut times = computed.await?;
    let spread = Spread::of_times(&mut times.times);
    Ok(Json(IntervalAnswer {
        about: insight.about(&scope, now, words),
        pairs: times.times.len() as u64,
        members: times.members,
        mean_seconds: spread.map(|spread| spread.average_seconds),
        median_seconds: spread.map(|spread| spread.median_seconds),
        p90_seconds: spread.map(|spread| spread.p90_seconds),
        buckets: time_buckets(&times.times).into_iter().map(|(times, pairs)| PairBucket { times, pairs }).collect(),
    }))
}
