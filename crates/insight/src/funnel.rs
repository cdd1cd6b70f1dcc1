//! `POST /api/v1/insight/funnel`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem};
use behaviour::{
    Error, History, Scalar, Steps,
    kernels::{
        funnel::{Exclusion, Funnel, MOST_STEPS, Mode, OTHER},
        members::{Count, Who},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    breakdown::{Breakdown, GroupBody, GroupKey, GroupPoint},
    question::{Behind, Filter, FilterBody, Looking, Question, length, length_words},
    scope::{Scope, question},
    spread::{Spread, TimeBucket, time_buckets},
};

/// Exclusions have the bits behind those of the steps.
const MOST_EXCLUSIONS: usize = 8;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_funnel))
}

question! {
    /// How many members go through steps?
    FunnelQuestion {
        /// The steps, 1 to 20.
        steps: Vec<FilterBody>,
        /// The longest time from the first step to any other, as an ISO 8601 duration; `P7D` when left out.
        within: Option<String>,
        /// In which order.
        #[serde(default)]
        mode: ModeBody,
        /// What must not happen between two steps; only when they are ordered.
        #[serde(default)]
        exclude: Vec<ExclusionBody>,
    }
}

/// In which order steps have to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ModeBody {
    /// One after the other, with anything in between.
    #[default]
    Ordered,
    /// One directly after the other.
    Strict,
    /// Whichever.
    Any,
}

/// Who does this between two steps does not get further.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExclusionBody {
    /// Name of the event.
    event: Option<String>,
    /// What it has to pass.
    #[serde(rename = "where")]
    #[schema(value_type = Option<Vec<Object>>)]
    filters: Option<serde_json::Value>,
    /// The step that has been reached, from 1 on; 1 when left out.
    after: Option<usize>,
    /// The step that has not been reached yet; the last one when left out.
    before: Option<usize>,
}

/// How many members went through steps.
#[derive(Serialize, ToSchema)]
struct FunnelAnswer {
    #[serde(flatten)]
    about: About,
    /// The steps.
    steps: Vec<StepDto>,
    /// The steps of those whose earliest event of the first step has each value of the property.
    groups: Vec<FunnelGroup>,
    /// How long it took those who went all the way.
    time_to_convert: TimeToConvert,
}

/// Who came at least so far.
#[derive(Serialize, ToSchema)]
struct StepDto {
    /// Name of the event.
    event: Option<String>,
    /// How many members.
    members: u64,
    /// Their share of those of the first step.
    of_first: Option<f64>,
    /// Their share of those of the step before.
    of_previous: Option<f64>,
    /// The median time from the first step to this one, in seconds.
    median_seconds: Option<f64>,
    /// The average of those times.
    average_seconds: Option<f64>,
}

/// The funnel of a group.
#[derive(Serialize, ToSchema)]
struct FunnelGroup {
    #[serde(flatten)]
    group: GroupKey,
    /// The steps.
    steps: Vec<StepDto>,
}

/// How long it takes.
#[derive(Serialize, ToSchema)]
struct TimeToConvert {
    /// How many members.
    members: u64,
    /// Half of them took less; `null` of nobody.
    median_seconds: Option<f64>,
    /// The average.
    average_seconds: Option<f64>,
    /// Nine of ten took less.
    p90_seconds: Option<f64>,
    /// How many took so long.
    buckets: Vec<MemberBucket>,
}

/// How many members took so long.
#[derive(Serialize, ToSchema)]
struct MemberBucket {
    #[serde(flatten)]
    times: TimeBucket,
    /// How many.
    members: u64,
}

/// A funnel, understood.
pub(crate) struct Asked {
    filters: Vec<Filter>,
    kernel: Funnel,
    looking: Looking,
}

/// The steps, those of each group, and how long it took those who went all the way, in milliseconds.
type Told = (Vec<StepDto>, Vec<FunnelGroup>, Vec<i64>);

impl Question for FunnelQuestion {
    type Asked = Asked;

    fn read(&self, scope: &Scope) -> Result<Asked, Problem> {
        if !(1..=MOST_STEPS).contains(&self.steps.len()) {
            return Err(Problem::at(Code::InvalidQuestion, "steps", "must be 1 to 20 steps"));
        }
        if self.exclude.len() > MOST_EXCLUSIONS {
            return Err(Problem::at(Code::InvalidQuestion, "exclude", "must not be more than 8"));
        }
        if !self.exclude.is_empty() && self.mode != ModeBody::Ordered {
            return Err(Problem::at(Code::InvalidQuestion, "exclude", "is only possible when the mode is \"ordered\""));
        }
        let window = length(self.within.as_deref().unwrap_or("P7D"), "within")?;
        let filters: Vec<Filter> = self
            .steps
            .iter()
            .zip(0..)
            .map(|(step, nth)| step.read(&format!("steps[{nth}]")))
            .collect::<Result<_, _>>()?;
        let mut looking = Looking::new(scope);
        for (filter, step) in filters.iter().zip(0..) {
            looking = looking.with(1 << step, filter);
        }
        let mut exclusions = Vec::new();
        for (excluded, nth) in self.exclude.iter().zip(0..) {
            let path = format!("exclude[{nth}]");
            let body = FilterBody { event: excluded.event.clone(), filters: excluded.filters.clone() };
            let (after, before) = (excluded.after.unwrap_or(1), excluded.before.unwrap_or(self.steps.len()));
            if after < 1 || before <= after || before > self.steps.len() {
                return Err(Problem::at(
                    Code::InvalidQuestion,
                    path,
                    "\"after\" and \"before\" must be two steps in their order",
                ));
            }
            let steps: Steps = 1 << (MOST_STEPS + nth);
            looking = looking.with(steps, &body.read(&path)?);
            exclusions.push(Exclusion { steps, after, before });
        }
        let mode = match self.mode {
            ModeBody::Ordered => Mode::Ordered,
            ModeBody::Strict => Mode::Strict,
            ModeBody::Any => Mode::Any,
        };
        if mode == Mode::Strict {
            looking = looking.with_any(OTHER);
        }
        let kernel = Funnel { steps: self.steps.len(), window, mode, exclusions, groups: 0, times: true };
        Ok(Asked { filters, kernel, looking })
    }
}

impl FunnelQuestion {
    fn words(&self, asked: &Asked) -> Words {
        let (window_en, window_zh) = length_words(asked.kernel.window);
        let steps: Vec<(String, String)> = asked.filters.iter().map(Filter::words).collect();
        let join = |pick: fn(&(String, String)) -> &str, by: &str| steps.iter().map(pick).collect::<Vec<_>>().join(by);
        let (en, zh, between_zh) = match self.mode {
            ModeBody::Ordered => ("in this order, with anything in between", "依次完成", "中间可以有其他行为，"),
            ModeBody::Strict => {
                ("in this order and directly one after the other", "依次且紧接着完成", "中间没有其他行为，")
            }
            ModeBody::Any => ("in any order", "不论先后地完成", ""),
        };
        Words {
            en: format!(
                "Members who did {} {en}, all within {window_en} of the first of them. Each counts once, as far as he came; no \
                 event counts as two steps.",
                join(|(en, _)| en, " → ")
            ),
            zh: format!(
                "{zh} {} 的成员：{between_zh}所有步骤都在第一步之后的 {window_zh}内。每位成员按其到达的最远一步计一次；同一事件不会算作两步。",
                join(|(_, zh)| zh, " → ")
            ),
        }
    }
}

impl Asked {
    /// The range as the engine takes it.
    fn range(scope: &Scope) -> (i64, i64) {
        (scope.from.millis(), scope.to.millis())
    }

    fn answer(&self, asking: &Asking<'_>, scope: &Scope) -> Result<Told, Error> {
        let range = Asked::range(scope);
        let breakdown = match &scope.by {
            Some(by) => Some(Breakdown::find(asking, scope, by, &self.looking, range, (1, Count::First))?),
            None => None,
        };
        let number = |value: Option<&Scalar<'_>>| breakdown.as_ref().map_or(0, |breakdown| breakdown.number(value));
        let grouping = scope.by.as_ref().map(|by| by.grouping(&number));
        let steps_of = |name: &str| self.looking.steps_of(name);
        let selection = self.looking.selection(scope, range, &steps_of, grouping);
        let groups = breakdown.as_ref().map_or(0, Breakdown::len);
        let kernel = Funnel { groups, ..self.kernel.clone() };
        let mut reached = asking.engine.ask(&selection, &kernel, asking.given_up)?;
        let steps = self.steps(&reached.members, &mut reached.times);
        let of_groups = breakdown.iter().flat_map(Breakdown::names).zip(&reached.groups);
        let groups =
            of_groups.map(|(group, members)| FunnelGroup { group, steps: self.steps(members, &mut []) }).collect();
        let times = match self.kernel.steps {
            // It takes no time at all.
            1 => vec![0; reached.members[0] as usize],
            _ => reached.times.pop().unwrap_or_default(),
        };
        Ok((steps, groups, times))
    }

    fn steps(&self, members: &[u64], times: &mut [Vec<i64>]) -> Vec<StepDto> {
        let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
        let step = |(nth, filter): (usize, &Filter)| {
            let spread = times.get_mut(nth).and_then(|times| Spread::of_times(times));
            StepDto {
                event: filter.event.clone(),
                members: members[nth],
                of_first: share(members[nth], members[0]),
                of_previous: share(members[nth], members[nth.saturating_sub(1)]),
                median_seconds: spread.as_ref().map(|spread| spread.median_seconds),
                average_seconds: spread.as_ref().map(|spread| spread.average_seconds),
            }
        };
        self.filters.iter().enumerate().map(step).collect()
    }
}

impl Behind for Asked {
    type Point = FunnelPoint;

    /// Who reached a step, or reached the one before and not this one; with a value, of those who first began with it.
    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &FunnelPoint) -> Result<Vec<i64>, Error> {
        if !(1..=self.kernel.steps).contains(&point.step) {
            return Ok(Vec::new());
        }
        let range = Asked::range(scope);
        let body = GroupBody { group: point.group.clone(), rest: point.rest };
        let Some(meant) = GroupPoint::find(&body, asking, scope, &self.looking, range, (1, Count::First))? else {
            return Ok(Vec::new());
        };
        let number = |value: Option<&Scalar<'_>>| meant.number(value);
        let grouping = meant.by(scope).map(|by| by.grouping(&number));
        let is_grouped = grouping.is_some();
        let steps_of = |name: &str| self.looking.steps_of(name);
        let selection = self.looking.selection(scope, range, &steps_of, grouping);
        let holds = |_: i64, history: &History<'_>| {
            let mut hits = Vec::new();
            history.hits(&mut hits);
            let first = hits.iter().find(|hit| hit.steps & 1 != 0);
            if is_grouped && first.is_none_or(|hit| hit.group != 0) {
                return false;
            }
            let depth = self.kernel.depth(&hits);
            if point.reached { depth >= point.step } else { depth + 1 == point.step }
        };
        asking.engine.ask(&selection, &Who { holds: &holds }, asking.given_up)
    }
}

/// A number of a funnel.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FunnelPoint {
    /// The step, from 1 on.
    pub(crate) step: usize,
    /// Whether it was reached; otherwise the one before was, and not this one.
    #[serde(default = "yes")]
    pub(crate) reached: bool,
    /// The value of the property, `null` for having none; whoever when left out.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    pub(crate) group: Option<Option<String>>,
    /// Those with values that are not told by themselves.
    #[serde(default)]
    pub(crate) rest: bool,
}

fn yes() -> bool {
    true
}

/// Tells `null` from nothing said.
pub(crate) fn said<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// How many members go through steps.
#[utoipa::path(post, path = "/api/v1/insight/funnel", tag = "insight", request_body = FunnelQuestion,
    responses((status = 200, body = FunnelAnswer), (status = "4XX", body = ProblemBody)))]
async fn ask_funnel(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(question): Json<FunnelQuestion>,
) -> ApiResult<Json<FunnelAnswer>> {
    insight.check(&caller)?;
    let scope = insight.scope(&caller, &question).await?;
    let asked = question.read(&scope)?;
    let words = question.words(&asked);
    let (kept, now) = (scope.clone(), scope.now);
    let (steps, groups, mut times) = insight.compute(&caller, move |asking| asked.answer(asking, &kept)).await?;
    let spread = Spread::of_times(&mut times);
    let buckets = time_buckets(&times).into_iter().map(|(times, members)| MemberBucket { times, members }).collect();
    let time_to_convert = TimeToConvert {
        members: times.len() as u64,
        median_seconds: spread.map(|spread| spread.median_seconds),
        average_seconds: spread.map(|spread| spread.average_seconds),
        p90_seconds: spread.map(|spread| spread.p90_seconds),
        buckets,
    };
    Ok(Json(FunnelAnswer { about: insight.about(&scope, now, words), steps, groups, time_to_convert }))
}
