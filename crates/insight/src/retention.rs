//! `POST /api/v1/insight/retention`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem, Time};
use behaviour::{
    Error, History, Kernel, Periods, Scalar, Steps, Unit,
    kernels::{
        members::{Count, Who},
        retention::{Back, Cohorts, RETURN, Retained, Retention, START},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    breakdown::{Breakdown, GroupBody, GroupKey, GroupPoint},
    funnel::said,
    question::{Behind, FilterBody, Looking, Question},
    scope::{Scope, question},
};

/// Cohorts, and periods for which each is followed.
const MOST_COHORTS: usize = 400;
const MOST_PERIODS: usize = 104;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_retention))
}

question! {
    /// Who comes back?
    RetentionQuestion {
        /// With what members begin.
        start: FilterBody,
        /// By what they come back.
        #[serde(rename = "return")]
        back_by: FilterBody,
        /// How long a period is; a day when left out.
        #[serde(default)]
        unit: PeriodUnit,
        /// For how many periods each cohort is followed, its own among them, 1 to 104; 8 when left out.
        periods: Option<usize>,
        /// Whether members belong to the cohort of the first period in which they began, or to all in which they did.
        #[serde(default)]
        cohorts: CohortsBody,
        /// Whether they have to come back in that very period, or in that one or later.
        #[serde(default)]
        back: BackBody,
    }
}

/// How long a period is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PeriodUnit {
    /// An hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// A week from Monday on.
    Week,
    /// A calendar month.
    Month,
}

impl PeriodUnit {
    pub(crate) fn unit(self) -> Unit {
        match self {
            PeriodUnit::Hour => Unit::Hour,
            PeriodUnit::Day => Unit::Day,
            PeriodUnit::Week => Unit::Week,
            PeriodUnit::Month => Unit::Month,
        }
    }

    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            PeriodUnit::Hour => ("hour", "小时"),
            PeriodUnit::Day => ("day", "天"),
            PeriodUnit::Week => ("week", "周"),
            PeriodUnit::Month => ("month", "月"),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CohortsBody {
    /// That of the first period.
    #[default]
    First,
    /// Those of all.
    Each,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum BackBody {
    /// In that very period.
    #[default]
    Exact,
    /// In that one or later.
    Rolling,
}

/// Who came back.
#[derive(Serialize, ToSchema)]
struct RetentionAnswer {
    #[serde(flatten)]
    about: About,
    /// By the period in which they began.
    cohorts: Vec<CohortDto>,
    /// By number of periods, the share of all who could have come back by now.
    average: Vec<Option<f64>>,
    /// The same for those who began with each value of the property; who began in several cohorts may be in several.
    groups: Vec<RetentionGroup>,
}

/// Members who began with one value of the property.
#[derive(Serialize, ToSchema)]
struct RetentionGroup {
    #[serde(flatten)]
    group: GroupKey,
    /// How many they are, in all cohorts.
    size: u64,
    /// How many of them came back after no period, one, two …, in all cohorts for which those have begun.
    returned: Vec<u64>,
    /// By number of periods, the share of all who could have come back by now.
    average: Vec<Option<f64>>,
}

/// Members who began in one period.
#[derive(Serialize, ToSchema)]
struct CohortDto {
    /// When the period began.
    #[schema(value_type = String, format = DateTime)]
    start: Time,
    /// How many they are.
    size: u64,
    /// How many of them came back after no period, one, two …, as far as those have begun.
    returned: Vec<u64>,
    /// How many of these periods are over.
    complete: usize,
}

/// A question, understood.
pub(crate) struct Asked {
    kernel: Retention,
    looking: Looking,
}

impl Question for RetentionQuestion {
    type Asked = Asked;

    fn read(&self, scope: &Scope) -> Result<Asked, Problem> {
        let followed = self.periods.unwrap_or(8);
        if !(1..=MOST_PERIODS).contains(&followed) {
            return Err(Problem::at(Code::InvalidQuestion, "periods", "must be 1 to 104"));
        }
        let (from, to) = (scope.from.millis(), scope.to.millis());
        let beginning = Periods::between(from, to, self.unit.unit(), &scope.zone, MOST_COHORTS + 1);
        if beginning.len() > MOST_COHORTS {
            return Err(Problem::at(Code::InvalidQuestion, "from", "there would be more than 400 cohorts"));
        }
        // Members of the last cohort are followed, too, and periods that have not begun are not told.
        let reach = scope.now.millis().max(beginning.end());
        let mut periods = Periods::between(from, reach, self.unit.unit(), &scope.zone, beginning.len() + followed - 1);
        if self.back == BackBody::Rolling {
            periods = Periods::between(from, reach, self.unit.unit(), &scope.zone, 100_000);
        }
        let start = self.start.read("start")?;
        let back_by = self.back_by.read("return")?;
        let looking = Looking::new(scope).with(START, &start).with(RETURN, &back_by);
        let cohorts = match self.cohorts {
            CohortsBody::First => Cohorts::First,
            CohortsBody::Each => Cohorts::Each,
        };
        let back = match self.back {
            BackBody::Exact => Back::Exact,
            BackBody::Rolling => Back::Rolling,
        };
        Ok(Asked {
            kernel: Retention { periods, beginning: beginning.len(), until: to, followed, cohorts, back, groups: 0 },
            looking,
        })
    }
}

impl RetentionQuestion {
    fn words(&self) -> Result<Words, Problem> {
        let ((start_en, start_zh), (back_en, back_zh)) =
            (self.start.read("start")?.words(), self.back_by.read("return")?.words());
        let (unit_en, unit_zh) = self.unit.words();
        let (cohort_en, cohort_zh) = match self.cohorts {
            CohortsBody::First => ("the first time in the range", "在所选时间内首次"),
            CohortsBody::Each => ("at least once in it", "在该周期内至少一次"),
        };
        let (when_en, when_zh) = match self.back {
            BackBody::Exact => ("in exactly that one", "恰好在那一周期内"),
            BackBody::Rolling => ("in that one or any later one", "在那一周期或之后"),
        };
        Ok(Words {
            en: format!(
                "Members are put into the {unit_en} in which they did {start_en} {cohort_en}. They came back after k {unit_en}s \
                 when they did {back_en} {when_en}; after 0, in the same {unit_en} at that moment or later."
            ),
            zh: format!(
                "成员按{cohort_zh}做 {start_zh} 的{unit_zh}分组。第 k {unit_zh}的回访，是指{when_zh}做了 {back_zh}；第 0 {unit_zh}指同一{unit_zh}内、自开始那一刻起。"
            ),
        })
    }
}

impl Asked {
    fn range(&self, scope: &Scope) -> (i64, i64) {
        let begin = self.kernel.periods.begins().first().copied().unwrap_or_default();
        (begin.max(scope.from.millis()), self.kernel.periods.end())
    }

    /// By what values are ranked: by those who began with them.
    fn ranked(&self) -> (Steps, Count) {
        (START, if self.kernel.cohorts == Cohorts::First { Count::First } else { Count::Members })
    }

    fn answer(&self, asking: &Asking<'_>, scope: &Scope) -> Result<(Retained, Vec<GroupKey>), Error> {
        let range = self.range(scope);
        let breakdown = match &scope.by {
            Some(by) => {
                Some(Breakdown::find(asking, scope, by, &self.looking, (range.0, scope.to.millis()), self.ranked())?)
            }
            None => None,
        };
        let number = |value: Option<&Scalar<'_>>| breakdown.as_ref().map_or(0, |breakdown| breakdown.number(value));
        let grouping = scope.by.as_ref().map(|by| by.grouping(&number));
        let steps_of = |name: &str| self.looking.steps_of(name);
        let selection = self.looking.selection(scope, range, &steps_of, grouping);
        let groups = breakdown.as_ref().map_or(0, Breakdown::len);
        let retained = asking.engine.ask(&selection, &Retention { groups, ..self.kernel.clone() }, asking.given_up)?;
        Ok((retained, breakdown.iter().flat_map(Breakdown::names).collect()))
    }
}

impl Behind for Asked {
    type Point = RetentionPoint;

    /// Who of a cohort came back after so many periods, or did not.
    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &RetentionPoint) -> Result<Vec<i64>, Error> {
        let begins = self.kernel.periods.begins();
        let of_cohort = |at: Time| begins.iter().position(|begin| *begin == at.millis());
        let cohorts = match point.cohort.map(of_cohort) {
            None => 0..self.kernel.beginning,
            Some(Some(cohort)) => cohort..cohort + 1,
            Some(None) => return Ok(Vec::new()),
        };
        // A period that has not begun, or for which nobody is followed, is in no answer.
        let has_begun = |cohort: &usize| {
            let begin = begins.get(cohort.saturating_add(point.period));
            point.period < self.kernel.followed && begin.is_some_and(|begin| *begin <= scope.now.millis())
        };
        let cohorts: Vec<usize> = cohorts.filter(has_begun).collect();
        let range = self.range(scope);
        let body = GroupBody { group: point.group.clone(), rest: point.rest };
        let until = (range.0, scope.to.millis());
        let Some(meant) = GroupPoint::find(&body, asking, scope, &self.looking, until, self.ranked())? else {
            return Ok(Vec::new());
        };
        let number = |value: Option<&Scalar<'_>>| meant.number(value);
        let grouping = meant.by(scope).map(|by| by.grouping(&number));
        let kernel = Retention { groups: if grouping.is_some() { 2 } else { 0 }, ..self.kernel.clone() };
        let steps_of = |name: &str| self.looking.steps_of(name);
        let selection = self.looking.selection(scope, range, &steps_of, grouping);
        let holds = |member: i64, history: &History<'_>| {
            let mut of_him = kernel.nothing();
            kernel.member(member, history, &mut of_him);
            let (sizes, returned) = match of_him.groups.first() {
                Some((sizes, returned)) => (sizes, returned),
                None => (&of_him.sizes, &of_him.returned),
            };
            cohorts.iter().any(|cohort| {
                let is_in = sizes.get(*cohort).is_some_and(|size| *size > 0);
                let came =
                    returned.get(*cohort).and_then(|counts| counts.get(point.period)).is_some_and(|came| *came > 0);
                is_in && point.returned.is_none_or(|returned| returned == came)
            })
        };
        asking.engine.ask(&selection, &Who { holds: &holds }, asking.given_up)
    }
}

/// A number of a retention.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionPoint {
    /// When the cohort's period began; all cohorts when left out.
    #[schema(value_type = Option<String>, format = DateTime)]
    cohort: Option<Time>,
    /// The number of periods after it.
    #[serde(default)]
    period: usize,
    /// Whether they came back then; everybody of the cohort when left out.
    returned: Option<bool>,
    /// The value of the property, `null` for having none; whoever when left out.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    group: Option<Option<String>>,
    /// Those with values that are not told by themselves.
    #[serde(default)]
    rest: bool,
}

/// Who comes back.
#[utoipa::path(post, path = "/api/v1/insight/retention", tag = "insight", request_body = RetentionQuestion,
    responses((status = 200, body = RetentionAnswer), (status = "4XX", body = ProblemBody)))]
async fn ask_retention(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(question): Json<RetentionQuestion>,
) -> ApiResult<Json<RetentionAnswer>> {
    insight.check(&caller)?;
    let scope = insight.scope(&caller, &question).await?;
    let asked = question.read(&scope)?;
    let words = question.words()?;
    let (kept, now) = (scope.clone(), scope.now);
    let (begins, ends) = (asked.kernel.periods.begins().to_vec(), asked.kernel.periods.ends().to_vec());
    let (retained, keys) = insight.compute(&caller, move |asking| asked.answer(asking, &kept)).await?;
    let told = |sizes: Vec<u64>, returned: Vec<Vec<u64>>| -> Vec<CohortDto> {
        let cohort = |(nth, (size, returned)): (usize, (u64, Vec<u64>))| {
            let begun = begins[nth..].iter().take_while(|begin| **begin <= now.millis()).count();
            let over = ends[nth..].iter().take_while(|end| **end <= now.millis()).count();
            let returned: Vec<u64> = returned.into_iter().take(begun).collect();
            CohortDto { start: Time::from_millis(begins[nth]), size, complete: over.min(returned.len()), returned }
        };
        sizes.into_iter().zip(returned).enumerate().map(cohort).collect()
    };
    let cohorts = told(retained.sizes, retained.returned);
    let group = |(group, (sizes, returned)): (GroupKey, (Vec<u64>, Vec<Vec<u64>>))| {
        let cohorts = told(sizes, returned);
        let size = cohorts.iter().map(|cohort| cohort.size).sum();
        let longest = cohorts.iter().map(|cohort| cohort.returned.len()).max().unwrap_or(0);
        let came = |k: usize| cohorts.iter().filter_map(|cohort| cohort.returned.get(k)).sum();
        RetentionGroup { group, size, returned: (0..longest).map(came).collect(), average: average(&cohorts) }
    };
    let groups = keys.into_iter().zip(retained.groups).map(group).collect();
    let average = average(&cohorts);
    Ok(Json(RetentionAnswer { about: insight.about(&scope, now, words), cohorts, average, groups }))
}

/// By number of periods, the share of all for whom those are over.
fn average(cohorts: &[CohortDto]) -> Vec<Option<f64>> {
    let share = |k: usize| {
        let could = cohorts.iter().filter(|cohort| k < cohort.complete);
        let (came, all) = could.fold((0, 0), |(came, all), cohort| (came + cohort.returned[k], all + cohort.size));
        (all > 0).then(|| came as f64 / all as f64)
    };
    let longest = cohorts.iter().map(|cohort| cohort.returned.len()).max().unwrap_or(0);
    (0..longest).map(share).collect()
}
