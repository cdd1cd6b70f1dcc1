//! `POST /api/v1/insight/attribution`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{
    Code, Problem,
    rule::{Comparison, Test},
};
use behaviour::{
    Error, History, Kernel, Scalar,
    kernels::{
        attribution::{Attribution, CONVERSION, Credit, Model},
        members::{Count, Who},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    breakdown::{Breakdown, GroupKey},
    funnel::said,
    question::{Behind, Filter, FilterBody, Looking, Question, length, length_words},
    scope::{By, Scope, question},
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

/// A question, understood.
pub(crate) struct Asked {
    looking: Looking,
    conversion: Filter,
    /// How touches are told apart: by a property, or by their kind.
    by: Option<By>,
    kinds: Vec<Filter>,
    value: Option<String>,
    model: Model,
    window: i64,
}

impl Question for AttributionQuestion {
    type Asked = Asked;

    fn read(&self, scope: &Scope) -> Result<Asked, Problem> {
        scope.refuse_by()?;
        let ConversionBody { event, filters, value } = self.conversion.clone();
        let conversion = FilterBody { event, filters }.read("conversion")?;
        let kinds: Vec<Filter> = match (&self.touches, &self.touch_by) {
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
                return Err(Problem::at(Code::InvalidQuestion, "touches", message));
            }
        };
        if self.touch_by.as_ref().is_some_and(|by| by.is_empty() || by.len() > 200) {
            return Err(Problem::at(Code::InvalidQuestion, "touch_by", "must have 1 to 200 bytes"));
        }
        let window = length(self.within.as_deref().unwrap_or("P30D"), "within")?;
        let model = match self.model {
            ModelBody::First => Model::First,
            ModelBody::Last => Model::Last,
            ModelBody::Linear => Model::Linear,
            ModelBody::Position => Model::Position,
            ModelBody::TimeDecay => {
                Model::TimeDecay(length(self.half_life.as_deref().unwrap_or("P7D"), "half_life")? as f64)
            }
        };
        let mut looking = Looking::new(scope).with(CONVERSION, &conversion);
        for (kind, nth) in kinds.iter().zip(0..) {
            looking = looking.with(TOUCH << nth, kind);
        }
        Ok(Asked { looking, conversion, by: self.touch_by.clone().map(By::Property), kinds, value, model, window })
    }
}

impl Asked {
    fn words(&self) -> Words {
        let (en, zh) = match self.model {
            Model::First => ("all of it to the first", "全部归于首次触点"),
            Model::Last => ("all of it to the last", "全部归于末次触点"),
            Model::Linear => ("the same to each", "平均分给每个触点"),
            Model::Position => (
                "40 per cent each to the first and the last, the rest to those between",
                "首末触点各 40%，其余由中间触点均分",
            ),
            Model::TimeDecay(_) => ("the more the later", "越靠近转化的触点越多"),
        };
        let (conversion_en, conversion_zh) = self.conversion.words();
        let (touch_en, touch_zh): (Vec<String>, Vec<String>) = self.kinds.iter().map(Filter::words).unzip();
        let (touch_en, touch_zh) = (touch_en.join(", "), touch_zh.join("、"));
        let (window_en, window_zh) = length_words(self.window);
        Words {
            en: format!(
                "Each {conversion_en} is owed to the {touch_en} of the same member in the {window_en} before it: {en}."
            ),
            zh: format!("每次 {conversion_zh} 归因于同一成员此前 {window_zh}内的 {touch_zh}：{zh}。"),
        }
    }

    /// Touches may lie before the range, conversions may not.
    fn range(&self, scope: &Scope) -> (i64, i64) {
        (scope.from.millis() - self.window, scope.to.millis())
    }

    fn kernel(&self, scope: &Scope, breakdown: Option<&Breakdown>) -> Attribution {
        Attribution {
            model: self.model,
            window: self.window,
            from: scope.from.millis(),
            is_by_step: breakdown.is_none(),
            keys: breakdown.map_or(self.kinds.len(), Breakdown::len),
        }
    }

    fn breakdown(&self, asking: &Asking<'_>, scope: &Scope) -> Result<Option<Breakdown>, Error> {
        let Some(by) = &self.by else { return Ok(None) };
        let scope = Scope { top: MOST_KEYS, ..scope.clone() };
        let what = (TOUCH, Count::Events);
        Ok(Some(Breakdown::find(asking, &scope, by, &self.looking, self.range(&scope), what)?))
    }

    fn ask<K: Kernel>(
        &self,
        asking: &Asking<'_>,
        scope: &Scope,
        breakdown: Option<&Breakdown>,
        kernel: &K,
    ) -> Result<K::Partial, Error> {
        let number = |value: Option<&Scalar<'_>>| breakdown.map_or(0, |breakdown| breakdown.number(value));
        let steps_of = |name: &str| self.looking.steps_of(name);
        let grouping = self.by.as_ref().map(|by| by.grouping(&number));
        let mut selection = self.looking.selection(scope, self.range(scope), &steps_of, grouping);
        selection.value = self.value.as_deref();
        asking.engine.ask(&selection, kernel, asking.given_up)
    }

    fn keys(&self, breakdown: Option<&Breakdown>) -> Vec<GroupKey> {
        match breakdown {
            Some(breakdown) => breakdown.names().collect(),
            None => self.kinds.iter().map(|kind| GroupKey { key: kind.event.clone(), rest: false }).collect(),
        }
    }

    fn answer(&self, asking: &Asking<'_>, scope: &Scope) -> Result<(Vec<GroupKey>, Credit), Error> {
        let breakdown = self.breakdown(asking, scope)?;
        let credit = self.ask(asking, scope, breakdown.as_ref(), &self.kernel(scope, breakdown.as_ref()))?;
        Ok((self.keys(breakdown.as_ref()), credit))
    }
}

impl Behind for Asked {
    type Point = AttributionPoint;

    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &AttributionPoint) -> Result<Vec<i64>, Error> {
        let breakdown = self.breakdown(asking, scope)?;
        let kernel = self.kernel(scope, breakdown.as_ref());
        let wanted = GroupKey { key: point.key.clone().flatten(), rest: point.rest };
        let keys = self.keys(breakdown.as_ref());
        let is_meant = |place: usize| match (point.unattributed, &point.key, point.rest) {
            (true, ..) => place == kernel.keys,
            (false, None, false) => true,
            _ => keys.get(place).is_some_and(|key| *key == wanted),
        };
        let meant: Vec<bool> = (0..=kernel.keys).map(is_meant).collect();
        let holds = |member: i64, history: &History<'_>| {
            let mut of_him = kernel.nothing();
            kernel.member(member, history, &mut of_him);
            of_him.keys.iter().zip(&meant).any(|((conversions, _), is_meant)| *is_meant && *conversions > 0.0)
        };
        self.ask(asking, scope, breakdown.as_ref(), &Who { holds: &holds })
    }
}

/// A number of an attribution: those whose conversions are owed to a kind of touch; all who converted when nothing is said.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttributionPoint {
    /// The value of the property, or the name of the event; `null` for touches that have none.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    key: Option<Option<String>>,
    /// All values that are not told by themselves.
    #[serde(default)]
    rest: bool,
    /// Those with conversions that no touch led to.
    #[serde(default)]
    unattributed: bool,
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
    let asked = question.read(&scope)?;
    let words = asked.words();
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
