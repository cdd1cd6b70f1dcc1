//! `POST /api/v1/insight/attribution`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem};
use behaviour::{
    Error, Grouping, Scalar,
    kernels::attribution::{Attribution, CONVERSION, Credit, Model},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    breakdown::Breakdown,
    question::{FilterBody, Looking, length, length_words},
    scope::{Scope, question},
};

const TOUCH: behaviour::Steps = 2;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_attribution))
}

question! {
    /// To which touches are conversions owed?
    AttributionQuestion {
        /// What is to be explained.
        conversion: FilterBody,
        /// The property that says what a conversion is worth.
        value: Option<String>,
        /// What may have led to it.
        touch: FilterBody,
        /// The property by whose value touches are told apart.
        touch_by: String,
        /// How a conversion is shared among the touches before it.
        model: ModelBody,
        /// How long before a conversion a touch may be; `P30D` when left out.
        within: Option<String>,
        /// For `time_decay`: after so long a touch weighs half; `P7D` when left out.
        half_life: Option<String>,
    }
}

/// How a conversion is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ModelBody {
    /// All of it to the first touch.
    First,
    /// All of it to the last touch.
    Last,
    /// The same to each.
    Linear,
    /// 40 per cent each to the first and the last, the rest to those between.
    Position,
    /// The more the later.
    TimeDecay,
}

/// What is owed to whom.
#[derive(Serialize, ToSchema)]
struct AttributionAnswer {
    #[serde(flatten)]
    about: About,
    /// How many conversions there were.
    conversions: u64,
    /// What they were worth.
    value: f64,
    /// What is owed to each kind of touch, the largest first.
    touches: Vec<TouchDto>,
    /// Conversions without a touch before them.
    unattributed: OwedDto,
}

/// What is owed to one kind of touch.
#[derive(Serialize, ToSchema)]
struct TouchDto {
    /// The value of the property; `null` for touches that have none, and for the rest.
    key: Option<String>,
    /// Whether it stands for all values that are not told by themselves.
    rest: bool,
    #[serde(flatten)]
    owed: OwedDto,
    /// Its share of all conversions.
    share: f64,
}

/// Conversions and what they were worth.
#[derive(Clone, Copy, Serialize, ToSchema)]
struct OwedDto {
    /// How many.
    conversions: f64,
    /// What they were worth.
    value: f64,
}

struct Asked {
    looking: Looking,
    touch_by: String,
    value: Option<String>,
    model: Model,
    window: i64,
}

impl Asked {
    fn answer(&self, asking: &Asking<'_>, scope: &Scope) -> Result<(Breakdown, Credit), Error> {
        // Touches may lie before the range, conversions may not.
        let range = (scope.from.millis() - self.window, scope.to.millis());
        let breakdown = Breakdown::find(asking, scope, &self.touch_by, &self.looking, range, TOUCH)?;
        let number = |value: Option<&Scalar<'_>>| breakdown.number(value);
        let steps_of = |name: &str| self.looking.steps_of(name);
        let grouping = Grouping::Property(&self.touch_by, &number);
        let mut selection = self.looking.selection(scope, range, &steps_of, Some(grouping));
        selection.value = self.value.as_deref();
        let kernel =
            Attribution { model: self.model, window: self.window, from: scope.from.millis(), keys: breakdown.len() };
        let credit = asking.engine.ask(&selection, &kernel, asking.given_up)?;
        Ok((breakdown, credit))
    }
}

/// To which touches conversions are owed.
#[utoipa::path(post, path = "/api/v1/insight/attribution", tag = "insight", request_body = AttributionQuestion,
    responses((status = 200, body = AttributionAnswer), (status = "4XX", body = ProblemBody)))]
async fn ask_attribution(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(question): Json<AttributionQuestion>,
) -> ApiResult<Json<AttributionAnswer>> {
    insight.check(&caller)?;
    let scope = insight.scope(&caller, &question).await?;
    let (conversion, touch) = (question.conversion.read("conversion")?, question.touch.read("touch")?);
    if question.touch_by.is_empty() || question.touch_by.len() > 200 {
        return Err(Problem::at(Code::InvalidQuestion, "touch_by", "must have 1 to 200 bytes").into());
    }
    let window = length(question.within.as_deref().unwrap_or("P30D"), "within")?;
    let (model, en, zh) = match question.model {
        ModelBody::First => (Model::First, "all of it to the first", "全部归于首次触点"),
        ModelBody::Last => (Model::Last, "all of it to the last", "全部归于末次触点"),
        ModelBody::Linear => (Model::Linear, "the same to each", "平均分给每个触点"),
        ModelBody::Position => (
            Model::Position,
            "40 per cent each to the first and the last, the rest to those between",
            "首末触点各 40%，其余由中间触点均分",
        ),
        ModelBody::TimeDecay => {
            let half_life = length(question.half_life.as_deref().unwrap_or("P7D"), "half_life")?;
            (Model::TimeDecay(half_life as f64), "the more the later", "越靠近转化的触点越多")
        }
    };
    let ((conversion_en, conversion_zh), (touch_en, touch_zh)) = (conversion.words(), touch.words());
    let (window_en, window_zh) = length_words(window);
    let words = Words {
        en: format!(
            "Each {conversion_en} is owed to the {touch_en} of the same member in the {window_en} before it: {en}."
        ),
        zh: format!("每次 {conversion_zh} 归因于同一成员此前 {window_zh}内的 {touch_zh}：{zh}。"),
    };
    let looking = Looking::new(&scope).with(CONVERSION, &conversion).with(TOUCH, &touch);
    let asked = Asked { looking, touch_by: question.touch_by.clone(), value: question.value.clone(), model, window };
    let (kept, now) = (scope.clone(), scope.now);
    let (breakdown, mut credit) = insight.compute(&caller, move |asking| asked.answer(asking, &kept)).await?;
    let owed = |(conversions, value): (f64, f64)| OwedDto { conversions, value };
    let unattributed = owed(credit.keys.pop().unwrap_or_default());
    let all = credit.all.0;
    let touches = breakdown.names().zip(credit.keys).map(|(group, credit)| TouchDto {
        key: group.key,
        rest: group.rest,
        owed: owed(credit),
        share: if all > 0 { credit.0 / all as f64 } else { 0.0 },
    });
    let mut touches: Vec<TouchDto> = touches.filter(|touch| touch.owed.conversions > 0.0).collect();
    touches.sort_by(|one, other| other.owed.conversions.total_cmp(&one.owed.conversions));
    Ok(Json(AttributionAnswer {
        about: insight.about(&scope, now, words),
        conversions: all,
        value: credit.all.1.value(),
        touches,
        unattributed,
    }))
}
