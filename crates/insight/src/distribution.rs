//! `POST /api/v1/insight/distribution`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem};
use behaviour::{
    Error, Grouping, Periods, Scalar, Unit,
    kernels::{
        members::Count,
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
    breakdown::{Breakdown, GroupKey},
    question::{FilterBody, Looking},
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

/// The numbers of all members, and of those of each group.
type Values = (Vec<f64>, Vec<(GroupKey, Vec<f64>)>);

fn answer(
    asking: &Asking<'_>,
    scope: &Scope,
    looking: &Looking,
    amount: Amount,
    property: Option<&str>,
) -> Result<Values, Error> {
    let range = (scope.from.millis(), scope.to.millis());
    let kernel = |groups: usize| Distribution {
        amount,
        periods: Periods::between(range.0, range.1, Unit::Day, &scope.zone, MOST_DAYS),
        groups,
    };
    let steps_of = |name: &str| looking.steps_of(name);
    let mut selection = looking.selection(scope, range, &steps_of, None);
    selection.value = property;
    let mut all = asking.engine.ask(&selection, &kernel(1), asking.given_up)?;
    let all = all.groups.pop().unwrap_or_default();
    let Some(by) = &scope.by else { return Ok((all, Vec::new())) };
    let breakdown = Breakdown::find(asking, scope, by, looking, range, (1, Count::Members))?;
    let number = |value: Option<&Scalar<'_>>| breakdown.number(value);
    selection.grouping = Some(Grouping::Property(by, &number));
    let groups = asking.engine.ask(&selection, &kernel(breakdown.len()), asking.given_up)?;
    Ok((all, breakdown.names().zip(groups.groups).collect()))
}

fn described(mut values: Vec<f64>, bounds: &[f64]) -> DistributionDto {
    let mut counts = vec![0; bounds.len() + 1];
    for value in &values {
        counts[bounds.partition_point(|bound| bound <= value)] += 1;
    }
    let bucket = |(nth, members): (usize, u64)| BucketDto {
        from: nth.checked_sub(1).map(|nth| bounds[nth]),
        to: bounds.get(nth).copied(),
        members,
    };
    let buckets =
        counts.into_iter().enumerate().filter(|(nth, members)| *nth > 0 || *members > 0).map(bucket).collect();
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
    let filter = FilterBody { event: question.event.clone(), filters: None }.read("")?;
    let (amount, en, zh) = match question.measure {
        AmountBody::Count => (Amount::Count, "how often a member did", "每位成员的次数："),
        AmountBody::Days => (Amount::Periods, "on how many days a member did", "每位成员有多少天做过："),
        AmountBody::Sum => (Amount::Sum, "the sum of a property of a member's", "每位成员的属性之和："),
        AmountBody::Avg => (Amount::Average, "the average of a property of a member's", "每位成员的属性平均值："),
    };
    let needs_property = matches!(amount, Amount::Sum | Amount::Average);
    if needs_property && question.property.as_ref().is_none_or(String::is_empty) {
        return Err(Problem::at(Code::InvalidQuestion, "property", "is needed for this measure").into());
    }
    if let Some(bounds) = &question.buckets {
        let is_sorted = bounds.windows(2).all(|pair| pair[0] < pair[1]);
        if bounds.is_empty() || bounds.len() > MOST_BUCKETS || !is_sorted {
            return Err(Problem::at(
                Code::InvalidQuestion,
                "buckets",
                "must be 1 to 50 numbers, each larger than the one before",
            )
            .into());
        }
    }
    let (event_en, event_zh) = filter.words();
    let words = Words {
        en: format!("Members by {en} {event_en}; only those who did it at least once."),
        zh: format!("按{zh}{event_zh} 分布；只计至少做过一次的成员。"),
    };
    let looking = Looking::new(&scope).with(1, &filter);
    let (kept, now) = (scope.clone(), scope.now);
    let property = question.property.clone().filter(|_| needs_property);
    let computed = insight.compute(&caller, move |asking| answer(asking, &kept, &looking, amount, property.as_deref()));
    let (mut all, groups) = computed.await?;
    let bounds = question.buckets.clone().unwrap_or_else(|| bounds_for(amount, &mut all));
    let groups = groups.into_iter().map(|(group, values)| DistributionGroup { group, of: described(values, &bounds) });
    let groups = groups.collect();
    Ok(Json(DistributionAnswer { about: insight.about(&scope, now, words), all: described(all, &bounds), groups }))
}
