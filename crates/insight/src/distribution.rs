//! `POST /api/v1/insight/distribution`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem};
use behaviour::{
    Error, History, Kernel, Periods, Scalar, Unit,
    kernels::{
        members::{Count, Who},
        spread::{Amount, Distribution},
        trend::percentile,
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

const MOST_BUCKETS: usize = 50;
const MOST_DAYS: usize = 100_000;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_distribution))
}

question! {
    /// How often, or how much, for each member?
    DistributionQuestion {
        /// Name of the event; any when left out.
        event: Option<String>,
        /// What is counted of each member.
        measure: AmountBody,
        /// The property whose numbers are meant, for sums and averages.
        property: Option<String>,
        /// Where the buckets begin, in order; they are chosen by themselves when left out.
        buckets: Option<Vec<f64>>,
    }
}

/// What is counted of each member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AmountBody {
    /// How often.
    Count,
    /// On how many days.
    Days,
    /// The sum of a property's numbers.
    Sum,
    /// Their average.
    Avg,
}

/// How members differ.
#[derive(Serialize, ToSchema)]
struct DistributionAnswer {
    #[serde(flatten)]
    about: About,
    #[serde(flatten)]
    all: DistributionDto,
    /// The same for each value of the property.
    groups: Vec<DistributionGroup>,
}

/// How members differ in one group.
#[derive(Serialize, ToSchema)]
struct DistributionGroup {
    #[serde(flatten)]
    group: GroupKey,
    #[serde(flatten)]
    of: DistributionDto,
}

/// How members differ.
#[derive(Serialize, ToSchema)]
struct DistributionDto {
    /// How many members did it.
    members: u64,
    /// The average of their numbers.
    mean: Option<f64>,
    /// Half of them have less, or as much.
    median: Option<f64>,
    /// Nine of ten have less, or as much.
    p90: Option<f64>,
    /// How many have how much.
    buckets: Vec<BucketDto>,
}

/// How many members have so much.
#[derive(Serialize, ToSchema)]
struct BucketDto {
    /// At least so much; `null` in one below all bounds.
    from: Option<f64>,
    /// Less than this; `null` in the last one.
    to: Option<f64>,
    /// How many.
    members: u64,
}

/// A question, understood.
pub(crate) struct Asked {
    looking: Looking,
    amount: Amount,
    property: Option<String>,
    /// Where the buckets begin; chosen by what there is when nothing is said.
    bounds: Option<Vec<f64>>,
}

/// The numbers of all members, and of those of each group.
type Values = (Vec<f64>, Vec<(GroupKey, Vec<f64>)>);

impl Question for DistributionQuestion {
    type Asked = Asked;

    fn read(&self, scope: &Scope) -> Result<Asked, Problem> {
        let wrong = |field: &str, message: &str| Problem::at(Code::InvalidQuestion, field, message);
        let filter = FilterBody { event: self.event.clone(), filters: None }.read("")?;
        let amount = match self.measure {
            AmountBody::Count => Amount::Count,
            AmountBody::Days => Amount::Periods,
            AmountBody::Sum => Amount::Sum,
            AmountBody::Avg => Amount::Average,
        };
        let needs_property = matches!(amount, Amount::Sum | Amount::Average);
        if needs_property && self.property.as_ref().is_none_or(String::is_empty) {
            return Err(wrong("property", "is needed for this measure"));
        }
        if let Some(bounds) = &self.buckets {
            let is_sorted = bounds.windows(2).all(|pair| pair[0] < pair[1]);
            if bounds.is_empty() || bounds.len() > MOST_BUCKETS || !is_sorted {
                return Err(wrong("buckets", "must be 1 to 50 numbers, each larger than the one before"));
            }
        }
        Ok(Asked {
            looking: Looking::new(scope).with(1, &filter),
            amount,
            property: self.property.clone().filter(|_| needs_property),
            bounds: self.buckets.clone(),
        })
    }
}

impl DistributionQuestion {
    fn words(&self) -> Result<Words, Problem> {
        let (event_en, event_zh) = FilterBody { event: self.event.clone(), filters: None }.read("")?.words();
        let (en, zh) = match self.measure {
            AmountBody::Count => ("how often a member did", "每位成员的次数："),
            AmountBody::Days => ("on how many days a member did", "每位成员有多少天做过："),
            AmountBody::Sum => ("the sum of a property of a member's", "每位成员的属性之和："),
            AmountBody::Avg => ("the average of a property of a member's", "每位成员的属性平均值："),
        };
        Ok(Words {
            en: format!("Members by {en} {event_en}; only those who did it at least once."),
            zh: format!("按{zh}{event_zh} 分布；只计至少做过一次的成员。"),
        })
    }
}

impl Asked {
    fn kernel(&self, scope: &Scope, groups: usize) -> Distribution {
        let periods = Periods::between(scope.from.millis(), scope.to.millis(), Unit::Day, &scope.zone, MOST_DAYS);
        Distribution { amount: self.amount, periods, groups }
    }

    fn values(&self, asking: &Asking<'_>, scope: &Scope) -> Result<Vec<f64>, Error> {
        let steps_of = |name: &str| self.looking.steps_of(name);
        let range = (scope.from.millis(), scope.to.millis());
        let mut selection = self.looking.selection(scope, range, &steps_of, None);
        selection.value = self.property.as_deref();
        let mut all = asking.engine.ask(&selection, &self.kernel(scope, 1), asking.given_up)?;
        Ok(all.groups.pop().unwrap_or_default())
    }

    fn answer(&self, asking: &Asking<'_>, scope: &Scope) -> Result<Values, Error> {
        let all = self.values(asking, scope)?;
        let Some(by) = &scope.by else { return Ok((all, Vec::new())) };
        let range = (scope.from.millis(), scope.to.millis());
        let breakdown = Breakdown::find(asking, scope, by, &self.looking, range, (1, Count::Members))?;
        let number = |value: Option<&Scalar<'_>>| breakdown.number(value);
        let steps_of = |name: &str| self.looking.steps_of(name);
        let mut selection = self.looking.selection(scope, range, &steps_of, Some(by.grouping(&number)));
        selection.value = self.property.as_deref();
        let groups = asking.engine.ask(&selection, &self.kernel(scope, breakdown.len()), asking.given_up)?;
        Ok((all, breakdown.names().zip(groups.groups).collect()))
    }

    /// Where buckets begin, by the numbers of all members.
    fn bounds(&self, all: &mut [f64]) -> Vec<f64> {
        self.bounds.clone().unwrap_or_else(|| bounds_for(self.amount, all))
    }
}

impl Behind for Asked {
    type Point = DistributionPoint;

    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &DistributionPoint) -> Result<Vec<i64>, Error> {
        let range = (scope.from.millis(), scope.to.millis());
        let mut all = self.values(asking, scope)?;
        let bounds = self.bounds(&mut all);
        let first = usize::from(!has_below(&all, &bounds));
        let body = GroupBody { group: point.group.clone(), rest: point.rest };
        let Some(meant) = GroupPoint::find(&body, asking, scope, &self.looking, range, (1, Count::Members))? else {
            return Ok(Vec::new());
        };
        let number = |value: Option<&Scalar<'_>>| meant.number(value);
        let steps_of = |name: &str| self.looking.steps_of(name);
        let grouping = meant.by(scope).map(|by| by.grouping(&number));
        let mut selection = self.looking.selection(scope, range, &steps_of, grouping);
        selection.value = self.property.as_deref();
        let kernel = self.kernel(scope, 1);
        let holds = |member: i64, history: &History<'_>| {
            let mut of_him = kernel.nothing();
            kernel.member(member, history, &mut of_him);
            let in_bucket =
                |value: &f64| bounds.partition_point(|bound| bound <= value) == point.bucket.saturating_add(first);
            of_him.groups.iter().flatten().any(in_bucket)
        };
        asking.engine.ask(&selection, &Who { holds: &holds }, asking.given_up)
    }
}

/// A number of a distribution.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DistributionPoint {
    /// The bucket, counted from 0 on among those that are shown.
    bucket: usize,
    /// The value of the property, `null` for having none; whoever when left out.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    group: Option<Option<String>>,
    /// Those with values that are not told by themselves.
    #[serde(default)]
    rest: bool,
}

/// Whether any number lies below all bounds: only then there is a bucket for those.
fn has_below(all: &[f64], bounds: &[f64]) -> bool {
    bounds.first().is_some_and(|first| all.iter().any(|value| value < first))
}

fn described(mut values: Vec<f64>, bounds: &[f64], has_below: bool) -> DistributionDto {
    let mut counts = vec![0; bounds.len() + 1];
    for value in &values {
        counts[bounds.partition_point(|bound| bound <= value)] += 1;
    }
    let bucket = |(nth, members): (usize, u64)| BucketDto {
        from: nth.checked_sub(1).map(|nth| bounds[nth]),
        to: bounds.get(nth).copied(),
        members,
    };
    let buckets = counts.into_iter().enumerate().skip(usize::from(!has_below)).map(bucket).collect();
    DistributionDto {
        members: values.len() as u64,
        mean: (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
        median: percentile(&mut values, 0.5),
        p90: percentile(&mut values, 0.9),
        buckets,
    }
}

/// Bounds in which values are neither all together nor all apart: 1, 2, 3, 5, 10 … for counts.
fn bounds_for(amount: Amount, values: &mut [f64]) -> Vec<f64> {
    if matches!(amount, Amount::Count | Amount::Periods) {
        return vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 11.0, 21.0, 51.0, 101.0];
    }
    let (Some(low), Some(high)) = (percentile(values, 0.0), percentile(values, 0.95)) else { return vec![0.0] };
    // Ten steps of 1, 2 or 5 times a power of ten.
    let wanted = ((high - low) / 10.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(wanted.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| *step >= wanted).unwrap_or(power);
    let begin = (low / step).floor();
    let mut bounds: Vec<f64> = (0..=11).map(|nth| (begin + f64::from(nth)) * step).collect();
    bounds.dedup();
    bounds
}

/// How often, or how much, for each member.
#[utoipa::path(post, path = "/api/v1/insight/distribution", tag = "insight", request_body = DistributionQuestion,
    responses((status = 200, body = DistributionAnswer), (status = "4XX", body = ProblemBody)))]
async fn ask_distribution(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(question): Json<DistributionQuestion>,
) -> ApiResult<Json<DistributionAnswer>> {
    insight.check(&caller)?;
    let scope = insight.scope(&caller, &question).await?;
    let asked = question.read(&scope)?;
    let words = question.words()?;
    let (kept, now) = (scope.clone(), scope.now);
    let computed = insight.compute(&caller, move |asking| {
        let (mut all, groups) = asked.answer(asking, &kept)?;
        let bounds = asked.bounds(&mut all);
        Ok((all, groups, bounds))
    });
    let (all, groups, bounds) = computed.await?;
    let has_below = has_below(&all, &bounds);
    let groups = groups
        .into_iter()
        .map(|(group, values)| DistributionGroup { group, of: described(values, &bounds, has_below) })
        .collect();
    let all = described(all, &bounds, has_below);
    Ok(Json(DistributionAnswer { about: insight.about(&scope, now, words), all, groups }))
}
