//! `POST /api/v1/insight/interval`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::Problem;
use behaviour::{
    Error, History, Kernel,
    kernels::{
        members::Who,
        spread::{FIRST, Intervals, THEN},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    question::{Behind, FilterBody, Looking, Question, length},
    scope::{Scope, question},
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

/// A question, understood.
pub(crate) struct Asked {
    looking: Looking,
    kernel: Intervals,
}

impl Question for IntervalQuestion {
    type Asked = Asked;

    fn read(&self, scope: &Scope) -> Result<Asked, Problem> {
        scope.refuse_by()?;
        let (first, then) = (self.first.read("first")?, self.then.read("then")?);
        let most = self.within.as_deref().map(|within| length(within, "within")).transpose()?;
        let looking = Looking::new(scope).with(FIRST, &first).with(THEN, &then);
        Ok(Asked { looking, kernel: Intervals { most } })
    }
}

impl IntervalQuestion {
    fn words(&self) -> Result<Words, Problem> {
        let ((first_en, first_zh), (then_en, then_zh)) =
            (self.first.read("first")?.words(), self.then.read("then")?.words());
        Ok(Words {
            en: format!(
                "The time from each {first_en} to the next {then_en} of the same member, before his next {first_en}."
            ),
            zh: format!("同一成员从每次 {first_zh} 到下一次 {then_zh} 的时间，其间没有再次 {first_zh}。"),
        })
    }
}

impl Behind for Asked {
    type Point = IntervalPoint;

    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &IntervalPoint) -> Result<Vec<i64>, Error> {
        let steps_of = |name: &str| self.looking.steps_of(name);
        let selection = self.looking.selection(scope, (scope.from.millis(), scope.to.millis()), &steps_of, None);
        let is_meant = |millis: &i64| {
            let seconds = *millis as f64 / 1_000.0;
            point.from_seconds.is_none_or(|from| from <= seconds) && point.to_seconds.is_none_or(|to| seconds < to)
        };
        let holds = |member: i64, history: &History<'_>| {
            let mut of_him = self.kernel.nothing();
            self.kernel.member(member, history, &mut of_him);
            of_him.times.iter().any(is_meant)
        };
        asking.engine.ask(&selection, &Who { holds: &holds }, asking.given_up)
    }
}

/// A number of an interval: those with a pair that took so long.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntervalPoint {
    /// At least so long, in seconds; however short when left out.
    from_seconds: Option<f64>,
    /// Shorter than this; however long when left out.
    to_seconds: Option<f64>,
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
    let asked = question.read(&scope)?;
    let words = question.words()?;
    let (kept, now) = (scope.clone(), scope.now);
    let computed = insight.compute(&caller, move |asking| {
        let steps_of = |name: &str| asked.looking.steps_of(name);
        let selection = asked.looking.selection(&kept, (kept.from.millis(), kept.to.millis()), &steps_of, None);
        asking.engine.ask(&selection, &asked.kernel, asking.given_up)
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
