//! `POST /api/v1/insight/lifecycle`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem, Time};
use behaviour::{
    Error, History, Periods,
    kernels::{
        lifecycle::{LifeCycle, State as LifeState},
        members::Who,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    question::{Behind, FilterBody, Looking, Question},
    retention::PeriodUnit,
    scope::{Scope, question},
};

const MOST_PERIODS: usize = 1_000;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_lifecycle))
}

question! {
    /// Who is new, comes back, or stays away?
    LifecycleQuestion {
        /// Name of the event that makes a member active; any when left out.
        event: Option<String>,
        /// How long a period is; a day when left out.
        #[serde(default)]
        unit: PeriodUnit,
    }
}

/// What members are in each period.
#[derive(Serialize, ToSchema)]
struct LifecycleAnswer {
    #[serde(flatten)]
    about: About,
    /// By period.
    points: Vec<LifecyclePointDto>,
}

/// What members are in one period.
#[derive(Serialize, ToSchema)]
struct LifecyclePointDto {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    t: Time,
    /// Active for the first time ever.
    new: u64,
    /// Active in this period and the one before.
    returning: u64,
    /// Active in this period, not in the one before, but in an earlier one.
    resurrected: u64,
    /// Active in the period before, not in this one.
    dormant: u64,
    /// (new + resurrected) / dormant; `null` when nobody is dormant.
    quick_ratio: Option<f64>,
}

/// A question, understood.
pub(crate) struct Asked {
    kernel: LifeCycle,
    looking: Looking,
}

impl Question for LifecycleQuestion {
    type Asked = Asked;

    fn read(&self, scope: &Scope) -> Result<Asked, Problem> {
        scope.refuse_by()?;
        let filter = FilterBody { event: self.event.clone(), filters: None }.read("")?;
        let unit = self.unit.unit();
        let (from, to) = (scope.from.millis(), scope.to.millis());
        let told = Periods::between(from, to, unit, &scope.zone, MOST_PERIODS + 1);
        if told.len() > MOST_PERIODS {
            return Err(Problem::at(Code::InvalidQuestion, "unit", "there would be more than 1,000 periods"));
        }
        let before = told.begins().first().map_or(from, |begin| begin - 1);
        let periods = Periods::between(before, to, unit, &scope.zone, MOST_PERIODS + 2);
        Ok(Asked { kernel: LifeCycle { periods }, looking: Looking::new(scope).with(1, &filter) })
    }
}

impl Behind for Asked {
    type Point = LifecyclePoint;

    /// Who is in a state in a period.
    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &LifecyclePoint) -> Result<Vec<i64>, Error> {
        let begins = self.kernel.periods.begins();
        let Some(wanted) = begins.iter().skip(1).position(|begin| *begin == point.t.millis()) else {
            return Ok(Vec::new());
        };
        let steps_of = |name: &str| self.looking.steps_of(name);
        let selection = self.looking.selection(scope, (i64::MIN, scope.to.millis()), &steps_of, None);
        let holds = |_: i64, history: &History<'_>| {
            let (mut active, mut found) = (vec![false; begins.len()], false);
            self.kernel.states(history, &mut active, |period, state| {
                found |= period == wanted && state == point.state.state()
            });
            found
        };
        asking.engine.ask(&selection, &Who { holds: &holds }, asking.given_up)
    }
}

/// A number of a life cycle.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LifecyclePoint {
    /// When the period began.
    #[schema(value_type = String, format = DateTime)]
    t: Time,
    /// What they are.
    state: StateBody,
}

/// What members are.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StateBody {
    /// Active for the first time ever.
    New,
    /// Active in this period and the one before.
    Returning,
    /// Active in this period, not in the one before, but in an earlier one.
    Resurrected,
    /// Active in the period before, not in this one.
    Dormant,
}

impl StateBody {
    fn state(self) -> LifeState {
        match self {
            StateBody::New => LifeState::New,
            StateBody::Returning => LifeState::Returning,
            StateBody::Resurrected => LifeState::Resurrected,
            StateBody::Dormant => LifeState::Dormant,
        }
    }
}

/// Who is new, comes back, or stays away.
#[utoipa::path(post, path = "/api/v1/insight/lifecycle", tag = "insight", request_body = LifecycleQuestion,
    responses((status = 200, body = LifecycleAnswer), (status = "4XX", body = ProblemBody)))]
async fn ask_lifecycle(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(question): Json<LifecycleQuestion>,
) -> ApiResult<Json<LifecycleAnswer>> {
    insight.check(&caller)?;
    let scope = insight.scope(&caller, &question).await?;
    let asked = question.read(&scope)?;
    let (unit_en, unit_zh) = question.unit.words();
    let words = Words {
        en: format!(
            "A member is active in a {unit_en} in which he did it. New: for the first time ever. Returning: also in the {unit_en} \
             before. Resurrected: not in that one, but earlier. Dormant: active in the {unit_en} before and not in this one."
        ),
        zh: format!(
            "在某{unit_zh}内做过该行为的成员为活跃。新增：有史以来首次；留存：上一{unit_zh}也活跃；回流：上一{unit_zh}不活跃，但更早活跃过；沉默：上一{unit_zh}活跃而本{unit_zh}不活跃。"
        ),
    };
    let begins = asked.kernel.periods.begins()[1..].to_vec();
    let (kept, now) = (scope.clone(), scope.now);
    let computed = insight.compute(&caller, move |asking| {
        let steps_of = |name: &str| asked.looking.steps_of(name);
        let selection = asked.looking.selection(&kept, (i64::MIN, kept.to.millis()), &steps_of, None);
        asking.engine.ask(&selection, &asked.kernel, asking.given_up)
    });
    let lives = computed.await?;
    let point = |(begin, [new, returning, resurrected, dormant]): (i64, [u64; 4])| LifecyclePointDto {
        t: Time::from_millis(begin),
        new,
        returning,
        resurrected,
        dormant,
        quick_ratio: (dormant > 0).then(|| (new + resurrected) as f64 / dormant as f64),
    };
    let points = begins.into_iter().zip(lives.members).map(point).collect();
    Ok(Json(LifecycleAnswer { about: insight.about(&scope, now, words), points }))
}
