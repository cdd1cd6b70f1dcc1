//! `POST /api/v1/insight/attribution`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{
    Code, Problem,
    rule::{Comparison, Test},
};
use behaviour::{
    Error, Grouping, Scalar,
    kernels::{
        attribution::{Attribution, CONVERSION, Credit, Model},
        members::Count,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    breakdown::{Breakdown, GroupKey},
    question::{Filter, FilterBody, Looking, length, length_words},
    scope::{Scope, question},
};

/// The first kind of touches; the others have the bits behind it.
const TOUCH: behaviour::Steps = 2;
const MOST_KINDS: usize = 20;
/// So many values are told by themselves.
const MOST_KEYS: usize = 10_000;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_attribution))
}

question! {
    /// To which touches are conversions owed?
    AttributionQuestion {
        /// What is to be explained.
        conversion: ConversionBody,
        /// What may have led to it: one kind of events with `touch_by`, or up to 20 kinds; when left out, whatever has the
        /// property `touch_by`.
        touches: Option<Vec<FilterBody>>,
        /// The property by whose value touches are told apart.
        touch_by: Option<String>,
        /// How a conversion is shared among the touches before it; to the last when left out.
        #[serde(default)]
        model: ModelBody,
        /// How long before a conversion a touch may be; `P30D` when left out.
        within: Option<String>,
        /// For `time_decay`: after so long a touch weighs half; `P7D` when left out.
        half_life: Option<String>,
    }
}

/// What is to be explained.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConversionBody {
    /// Name of the event.
    event: Option<String>,
    /// What it has to pass.
    #[serde(rename = "where")]
    #[schema(value_type = Option<Vec<Object>>)]
    filters: Option<serde_json::Value>,
    /// The property that says what it is worth.
    value: Option<String>,
}

/// How a conversion is shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ModelBody {
    /// All of it to the first touch.
    First,
    /// All of it to the last touch.
    #[default]
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
    /// The value of the property, or the name of the event; `null` for touches that have none, and for the rest.
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
    /// How touches are told apart: by a property, or by their kind.
    by: Option<String>,
    kinds: Vec<Filter>,
    value: Option<String>,
    model: Model,
    window: i64,
}

impl Asked {
    fn answer(&self, asking: &Asking<'_>, scope: &Scope) -> Result<(Vec<GroupKey>, Credit), Error> {
        // Touches may lie before the range, conversions may not.
        let range = (scope.from.millis() - self.window, scope.to.millis());
        let breakdown = match &self.by {
            Some(by) => Some(Breakdown::find(
                asking,
                &Scope { top: MOST_KEYS, ..scope.clone() },
                by,
                &self.looking,
                range,
                (TOUCH, Count::Events),
            )?),
            None => None,
        };
        let number = |value: Option<&Scalar<'_>>| breakdown.as_ref().map_or(0, |breakdown| breakdown.number(value));
        let steps_of = |name: &str| self.looking.steps_of(name);
        let grouping = self.by.as_deref().map(|by| Grouping::Property(by, &number));
        let mut selection = self.looking.selection(scope, range, &steps_of, grouping);
        selection.value = self.value.as_deref();
        let kernel = Attribution {
            model: self.model,
            window: self.window,
            from: scope.from.millis(),
            is_by_step: breakdown.is_none(),
            keys: breakdown.as_ref().map_or(self.kinds.len(), Breakdown::len),
        };
        let credit = asking.engine.ask(&selection, &kernel, asking.given_up)?;
        let named = |kind: &Filter| GroupKey { key: kind.event.clone(), rest: false };
        let keys = match &breakdown {
            Some(breakdown) => breakdown.names().collect(),
            None => self.kinds.iter().map(named).collect(),
        };
        Ok((keys, credit))
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
    let ConversionBody { event, filters, value } = question.conversion.clone();
    let conversion = FilterBody { event, filters }.read("conversion")?;
    let kinds: Vec<Filter> = match (&question.touches, &question.touch_by) {
        (None, Some(by)) => {
            let has = Comparison { name: by.clone(), test: Test::Exists(true) };
            vec![Filter { event: None, filters: vec![has] }]
        }
        (Some(touches), by) if (1..=if by.is_some() { 1 } else { MOST_KINDS }).contains(&touches.len()) => {
            let touches = touches.iter().zip(0..);
            touches.map(|(touch, nth)| touch.read(&format!("touches[{nth}]"))).collect::<Result<_, _>>()?
        }
        _ => {
            let message = "must be 1 to 20, one with \"touch_by\", or left out with that";
            return Err(Problem::at(Code::InvalidQuestion, "touches", message).into());
        }
    };
    if question.touch_by.as_ref().is_some_and(|by| by.is_empty() || by.len() > 200) {
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
    let (conversion_en, conversion_zh) = conversion.words();
    let (touch_en, touch_zh): (Vec<String>, Vec<String>) = kinds.iter().map(Filter::words).unzip();
    let (touch_en, touch_zh) = (touch_en.join(", "), touch_zh.join("、"));
    let (window_en, window_zh) = length_words(window);
    let words = Words {
        en: format!(
            "Each {conversion_en} is owed to the {touch_en} of the same member in the {window_en} before it: {en}."
        ),
        zh: format!("每次 {conversion_zh} 归因于同一成员此前 {window_zh}内的 {touch_zh}：{zh}。"),
    };
    let mut looking = Looking::new(&scope).with(CONVERSION, &conversion);
    for (kind, nth) in kinds.iter().zip(0..) {
        looking = looking.with(TOUCH << nth, kind);
    }
    let asked = Asked { looking, by: question.touch_by.clone(), kinds, value, model, window };
    let (kept, now) = (scope.clone(), scope.now);
    let (keys, mut credit) = insight.compute(&caller, move |asking| asked.answer(asking, &kept)).await?;
    let owed = |(conversions, value): (f64, f64)| OwedDto { conversions, value };
    let unattributed = owed(credit.keys.pop().unwrap_or_default());
    let all = credit.all.0;
    let touches = keys.into_iter().zip(credit.keys).map(|(group, credit)| TouchDto {
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
