//! `POST /api/v1/insight/trend`.

use std::sync::Arc;

use api::{ApiResult, Caller, Json, ProblemBody};
use axum::extract::State;
use base::{Code, Problem, Time};
use behaviour::{
    Error, History, Periods, Scalar,
    kernels::{
        members::{Count, Who},
        trend::{Cell, Measure, Trend, percentile},
    },
};
use jiff::{Span, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    answering::{About, Asking, Words},
    breakdown::{Breakdown, GroupBody, GroupKey, GroupPoint},
    formula::Formula,
    funnel::said,
    question::{Behind, Filter, FilterBody, Looking, Question},
    retention::PeriodUnit,
    scope::{Scope, question},
};

const MOST_SERIES: usize = 10;
const MOST_PERIODS: usize = 2_000;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(ask_trend))
}

question! {
    /// How much happens, over time?
    TrendQuestion {
        /// What is counted, 1 to 10.
        series: Vec<SeriesBody>,
        /// What is computed of them.
        #[serde(default)]
        formulas: Vec<FormulaBody>,
        /// How long a period is; a day when left out.
        #[serde(default)]
        unit: PeriodUnit,
        /// With what it is compared.
        previous: Option<PreviousBody>,
    }
}

/// Something that is counted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesBody {
    /// What formulas call it; `A`, `B` … when left out.
    name: Option<String>,
    /// Name of the event; any when left out.
    event: Option<String>,
    /// What it has to pass.
    #[serde(rename = "where")]
    #[schema(value_type = Option<Vec<Object>>)]
    filters: Option<serde_json::Value>,
    /// What is counted of them.
    pub(crate) measure: MeasureBody,
    /// The property whose numbers are meant, for sums, averages and percentiles.
    pub(crate) property: Option<String>,
}

impl SeriesBody {
    /// Which events it counts.
    pub(crate) fn filter(&self) -> FilterBody {
        FilterBody { event: self.event.clone(), filters: self.filters.clone() }
    }

    /// Refuses a measure of a property without the property, and names that are none; `path` is where it stands in the question.
    pub(crate) fn check(&self, path: &str) -> Result<(), Problem> {
        let wrong = |field: &str, message: &str| Problem::at(Code::InvalidQuestion, format!("{path}.{field}"), message);
        if self.name.as_ref().is_some_and(|name| name.trim().is_empty() || name.len() > 100) {
            return Err(wrong("name", "must be a name of its own, of at most 100 bytes"));
        }
        if self.property.as_ref().is_some_and(|property| property.len() > 200) {
            return Err(wrong("property", "must have 1 to 200 bytes"));
        }
        match self.measure.needs() != Measure::Counts && self.property.as_ref().is_none_or(String::is_empty) {
            true => Err(wrong("property", "is needed for this measure")),
            false => Ok(()),
        }
    }
}

/// What is computed of series.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FormulaBody {
    /// Its name.
    name: String,
    /// Such as `A / B * 100`: names of series, numbers, `+ - * /` and parentheses.
    expression: String,
}

/// With what it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PreviousBody {
    /// The time directly before, as long as this one.
    Period,
    /// The same time a year ago.
    Year,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MeasureBody {
    /// Events.
    Events,
    /// Different members who have one.
    Members,
    /// Events for each of these members.
    PerMember,
    /// The sum of a property's numbers.
    Sum,
    /// Their average.
    Avg,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The median.
    P50,
    /// Three of four are not larger.
    P75,
    /// Nine of ten are not larger.
    P90,
    /// 95 of a hundred are not larger.
    P95,
    /// 99 of a hundred are not larger.
    P99,
    /// Different members in the seven days that end with the period.
    #[serde(rename = "members_7d")]
    Members7d,
    /// Different members in the thirty days that end with the period.
    #[serde(rename = "members_30d")]
    Members30d,
}

/// How much happened.
#[derive(Serialize, ToSchema)]
struct TrendAnswer {
    #[serde(flatten)]
    about: About,
    /// The series, one for each group, and the formulas.
    series: Vec<SeriesDto>,
}

/// One line of a chart.
#[derive(Clone, Serialize, ToSchema)]
struct SeriesDto {
    /// Its name, and its group behind it.
    key: String,
    /// Its name.
    name: String,
    /// The value of the property; `null` without a breakdown, and for events that have none.
    group: Option<String>,
    /// Whether it stands for all values that are not told by themselves.
    rest: bool,
    /// Name of the event; `null` for any, and for formulas.
    event: Option<String>,
    /// What is counted; `null` for formulas.
    measure: Option<MeasureBody>,
    /// The value of each period.
    points: Vec<PointDto>,
    /// The value of all of them together.
    total: Option<f64>,
    /// The same for the time with which it is compared.
    previous: Option<PreviousDto>,
}

/// The value of a period.
#[derive(Clone, Serialize, ToSchema)]
struct PointDto {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    t: Time,
    /// The value; `null` when there is none.
    value: Option<f64>,
}

/// Values of another time.
#[derive(Clone, Serialize, ToSchema)]
struct PreviousDto {
    /// The value of each period, in the same order.
    points: Vec<PointDto>,
    /// The value of all of them together.
    total: Option<f64>,
}

impl MeasureBody {
    /// What the kernel has to tell for it.
    pub(crate) fn needs(self) -> Measure {
        match self {
            MeasureBody::Sum | MeasureBody::Avg | MeasureBody::Min | MeasureBody::Max => Measure::Sums,
            _ if self.share().is_some() => Measure::Numbers,
            _ => Measure::Counts,
        }
    }

    fn share(self) -> Option<f64> {
        match self {
            MeasureBody::P50 => Some(0.5),
            MeasureBody::P75 => Some(0.75),
            MeasureBody::P90 => Some(0.9),
            MeasureBody::P95 => Some(0.95),
            MeasureBody::P99 => Some(0.99),
            _ => None,
        }
    }

    /// For each period the moment from which on members count in it.
    pub(crate) fn since(self, periods: &Periods, zone: &TimeZone) -> Vec<i64> {
        let Some(days) = self.days() else { return periods.begins().to_vec() };
        let begins = periods.begins().iter().zip(periods.ends());
        begins.map(|(begin, end)| (*begin).min(moved(*end, (-days).days(), zone))).collect()
    }

    /// How many days it looks back from the end of a period.
    pub(crate) fn days(self) -> Option<i64> {
        match self {
            MeasureBody::Members7d => Some(7),
            MeasureBody::Members30d => Some(30),
            _ => None,
        }
    }

    /// Whether the numbers of days add up to that of all of them; those of members do when each counts once.
    pub(crate) fn adds_up(self) -> bool {
        matches!(self, MeasureBody::Events | MeasureBody::Members | MeasureBody::Sum)
    }

    /// The number of a period.
    pub(crate) fn of(self, cell: &mut Cell) -> Option<f64> {
        let any = cell.numbers > 0;
        match self {
            MeasureBody::Events => Some(cell.events as f64),
            MeasureBody::Members | MeasureBody::Members7d | MeasureBody::Members30d => Some(cell.members as f64),
            MeasureBody::PerMember => (cell.members > 0).then(|| cell.events as f64 / cell.members as f64),
            MeasureBody::Sum => Some(cell.sum.value()),
            MeasureBody::Avg => any.then(|| cell.sum.value() / cell.numbers as f64),
            MeasureBody::Min => cell.least,
            MeasureBody::Max => cell.most,
            _ => percentile(&mut cell.all, self.share().unwrap_or(0.5)),
        }
    }

    fn words(self, property: &str) -> (String, String) {
        let share = |percent: &str| {
            (format!("the {percent}th percentile of “{property}” of"), format!("“{property}”的第 {percent} 百分位数，"))
        };
        let fixed = |en: &str, zh: &str| (en.to_owned(), zh.to_owned());
        match self {
            MeasureBody::Events => fixed("how often", "次数，"),
            MeasureBody::Members => fixed("how many different members did", "不重复的成员数，"),
            MeasureBody::PerMember => {
                fixed("how often on average a member who did it did", "每位做过的成员的平均次数，")
            }
            MeasureBody::Sum => (format!("the sum of “{property}” of"), format!("“{property}”之和，")),
            MeasureBody::Avg => (format!("the average of “{property}” of"), format!("“{property}”的平均值，")),
            MeasureBody::Min => (format!("the smallest “{property}” of"), format!("“{property}”的最小值，")),
            MeasureBody::Max => (format!("the largest “{property}” of"), format!("“{property}”的最大值，")),
            MeasureBody::P50 => share("50"),
            MeasureBody::P75 => share("75"),
            MeasureBody::P90 => share("90"),
            MeasureBody::P95 => share("95"),
            MeasureBody::P99 => share("99"),
            MeasureBody::Members7d => fixed(
                "how many different members in the 7 days that end with the period did",
                "截至周期末 7 天内不重复的成员数，",
            ),
            MeasureBody::Members30d => fixed(
                "how many different members in the 30 days that end with the period did",
                "截至周期末 30 天内不重复的成员数，",
            ),
        }
    }
}

/// A series, understood.
struct Series {
    name: String,
    filter: Filter,
    measure: MeasureBody,
    property: Option<String>,
    looking: Looking,
}

/// The values of the periods, and of all of them together.
type Line = (Vec<PointDto>, Option<f64>);

/// A question, understood.
pub(crate) struct Asked {
    series: Vec<Series>,
    formulas: Vec<(String, Formula)>,
    unit: PeriodUnit,
    /// The range with which it is compared.
    previous: Option<(i64, i64)>,
}

impl Question for TrendQuestion {
    type Asked = Asked;

    fn read(&self, scope: &Scope) -> Result<Asked, Problem> {
        let wrong = |path: String, message: &str| Problem::at(Code::InvalidQuestion, path, message);
        if !(1..=MOST_SERIES).contains(&self.series.len()) {
            return Err(wrong("series".to_owned(), "must be 1 to 10"));
        }
        let mut series = Vec::new();
        for (body, nth) in self.series.iter().zip(0_u8..) {
            let path = format!("series[{nth}]");
            let filter = body.filter().read(&path)?;
            body.check(&path)?;
            let needs_property = body.measure.needs() != Measure::Counts;
            let name = body.name.clone().unwrap_or_else(|| char::from(b'A' + nth).to_string());
            if series.iter().any(|other: &Series| other.name == name) {
                return Err(wrong(format!("{path}.name"), "must be a name of its own, of at most 100 bytes"));
            }
            let looking = Looking::new(scope).with(1, &filter);
            let property = body.property.clone().filter(|_| needs_property);
            series.push(Series { name, filter, measure: body.measure, property, looking });
        }
        if self.formulas.len() > MOST_SERIES {
            return Err(wrong("formulas".to_owned(), "must not be more than 10"));
        }
        let names: Vec<&str> = series.iter().map(|series| series.name.as_str()).collect();
        let formula = |(body, nth): (&FormulaBody, usize)| {
            let formula = Formula::parse(&body.expression, &names);
            let formula = formula.map_err(|message| wrong(format!("formulas[{nth}].expression"), &message))?;
            Ok((body.name.clone(), formula))
        };
        let formulas = self.formulas.iter().zip(0..).map(formula).collect::<Result<_, Problem>>()?;
        let (from, to) = (scope.from.millis(), scope.to.millis());
        if periods(scope, self.unit, (from, to)).len() > MOST_PERIODS {
            return Err(wrong("unit".to_owned(), "there would be more than 2,000 periods"));
        }
        let previous = self.previous.map(|previous| match previous {
            PreviousBody::Period => earlier(scope, self.unit),
            PreviousBody::Year => (moved(from, -1.years(), &scope.zone), moved(to, -1.years(), &scope.zone)),
        });
        Ok(Asked { series, formulas, unit: self.unit, previous })
    }
}

impl TrendQuestion {
    fn words(&self, asked: &Asked) -> Words {
        let (unit_en, unit_zh) = self.unit.words();
        let series = |series: &Series| {
            let ((en, zh), (event_en, event_zh)) =
                (series.measure.words(series.property.as_deref().unwrap_or_default()), series.filter.words());
            (format!("{}: {en} {event_en}", series.name), format!("{}：{zh}{event_zh}", series.name))
        };
        let (en, zh): (Vec<String>, Vec<String>) = asked.series.iter().map(series).unzip();
        Words {
            en: format!("By {unit_en}, by when it happened. {}.", en.join("; ")),
            zh: format!("按{unit_zh}统计，以发生时间为准。{}。", zh.join("；")),
        }
    }
}

fn periods(scope: &Scope, unit: PeriodUnit, (from, to): (i64, i64)) -> Periods {
    Periods::between(from, to, unit.unit(), &scope.zone, MOST_PERIODS + 1)
}

/// As many whole periods directly before.
fn earlier(scope: &Scope, unit: PeriodUnit) -> (i64, i64) {
    let (from, to) = (scope.from.millis(), scope.to.millis());
    let count = periods(scope, unit, (from, to)).len() as i64;
    let span = match unit {
        PeriodUnit::Hour => count.hours(),
        PeriodUnit::Day => count.days(),
        PeriodUnit::Week => count.weeks(),
        PeriodUnit::Month => count.months(),
    };
    (moved(from, -span, &scope.zone), moved(to, -span, &scope.zone))
}

fn moved(millis: i64, span: Span, zone: &TimeZone) -> i64 {
    let moment = Time::from_millis(millis).timestamp().to_zoned(zone.clone());
    moment.checked_add(span).map_or(millis, |moment| moment.timestamp().as_millisecond())
}

impl Asked {
    fn kernel(&self, series: &Series, scope: &Scope, range: (i64, i64), groups: usize) -> Trend {
        let periods = periods(scope, self.unit, range);
        let since = series.measure.since(&periods, &scope.zone);
        Trend { periods, since, groups, measure: series.measure.needs() }
    }

    fn answer(&self, asking: &Asking<'_>, scope: &Scope) -> Result<Vec<SeriesDto>, Error> {
        let range = (scope.from.millis(), scope.to.millis());
        let mut told: Vec<SeriesDto> = Vec::new();
        for series in &self.series {
            let breakdown = match &scope.by {
                Some(by) => Some(Breakdown::find(asking, scope, by, &series.looking, range, (1, Count::Events))?),
                None => None,
            };
            let now = self.lines(asking, scope, series, breakdown.as_ref(), range)?;
            let before = match self.previous {
                Some(previous) => Some(self.lines(asking, scope, series, breakdown.as_ref(), previous)?),
                None => None,
            };
            let keys: Vec<GroupKey> = match &breakdown {
                Some(breakdown) => breakdown.names().collect(),
                None => vec![GroupKey { key: None, rest: false }],
            };
            for (nth, (group, (points, total))) in keys.into_iter().zip(now).enumerate() {
                let previous = before.as_ref().and_then(|before| before.get(nth)).cloned();
                told.push(SeriesDto {
                    key: key_name(&series.name, &group, scope.by.is_some()),
                    name: series.name.clone(),
                    group: group.key,
                    rest: group.rest,
                    event: series.filter.event.clone(),
                    measure: Some(series.measure),
                    points,
                    total,
                    previous: previous.map(|(points, total)| PreviousDto { points, total }),
                });
            }
        }
        let formulas =
            self.formulas.iter().flat_map(|(name, formula)| computed(name, formula, &told, scope.by.is_some()));
        let formulas: Vec<SeriesDto> = formulas.collect();
        told.extend(formulas);
        Ok(told)
    }

    /// By group, the values of the periods and of all together.
    fn lines(
        &self,
        asking: &Asking<'_>,
        scope: &Scope,
        series: &Series,
        breakdown: Option<&Breakdown>,
        range: (i64, i64),
    ) -> Result<Vec<Line>, Error> {
        let number = |value: Option<&Scalar<'_>>| breakdown.map_or(0, |breakdown| breakdown.number(value));
        let grouping = scope.by.as_ref().map(|by| by.grouping(&number));
        let kernel = self.kernel(series, scope, range, breakdown.map_or(1, Breakdown::len));
        let from = kernel
            .since
            .first()
            .map_or(range.0, |since| if series.measure.days().is_some() { *since } else { range.0 });
        let steps_of = |name: &str| series.looking.steps_of(name);
        let mut selection = series.looking.selection(scope, (from, range.1), &steps_of, grouping);
        selection.value = series.property.as_deref();
        let told = asking.engine.ask(&selection, &kernel, asking.given_up)?;
        let line = |mut cells: Vec<Cell>| {
            let total = cells.pop().and_then(|mut cell| series.measure.of(&mut cell));
            let point = |(begin, cell): (&i64, &mut Cell)| PointDto {
                t: Time::from_millis(*begin),
                value: series.measure.of(cell),
            };
            (kernel.periods.begins().iter().zip(&mut cells).map(point).collect(), total)
        };
        Ok(told.groups.into_iter().map(line).collect())
    }
}

impl Behind for Asked {
    type Point = TrendPoint;

    /// Who is counted in a period.
    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &TrendPoint) -> Result<Vec<i64>, Error> {
        let Some(series) = self.series.iter().find(|series| series.name == point.series) else { return Ok(Vec::new()) };
        let kernel = self.kernel(series, scope, (scope.from.millis(), scope.to.millis()), 1);
        let Some(period) = kernel.periods.begins().iter().position(|begin| *begin == point.t.millis()) else {
            return Ok(Vec::new());
        };
        let since = if series.measure.days().is_some() {
            kernel.since[period]
        } else {
            kernel.since[period].max(scope.from.millis())
        };
        let range = (since, kernel.periods.ends()[period].min(scope.to.millis()));
        let body = GroupBody { group: point.group.clone(), rest: point.rest };
        let whole = (scope.from.millis(), scope.to.millis());
        let Some(meant) = GroupPoint::find(&body, asking, scope, &series.looking, whole, (1, Count::Events))? else {
            return Ok(Vec::new());
        };
        let number = |value: Option<&Scalar<'_>>| meant.number(value);
        let grouping = meant.by(scope).map(|by| by.grouping(&number));
        let is_grouped = grouping.is_some();
        let steps_of = |name: &str| series.looking.steps_of(name);
        let selection = series.looking.selection(scope, range, &steps_of, grouping);
        let holds = |_: i64, history: &History<'_>| {
            let mut any = false;
            history.each_group(|group| any |= !is_grouped || group == 0);
            any
        };
        asking.engine.ask(&selection, &Who { holds: &holds }, asking.given_up)
    }
}

fn key_name(name: &str, group: &GroupKey, is_grouped: bool) -> String {
    match (is_grouped, &group.key, group.rest) {
        (false, ..) => name.to_owned(),
        (true, Some(key), _) => format!("{name} · {key}"),
        (true, None, true) => format!("{name} · *"),
        (true, None, false) => format!("{name} · –"),
    }
}

/// A formula for each group that one of its series has.
fn computed(name: &str, formula: &Formula, told: &[SeriesDto], is_grouped: bool) -> Vec<SeriesDto> {
    let mut groups: Vec<GroupKey> = Vec::new();
    for series in told {
        let group = GroupKey { key: series.group.clone(), rest: series.rest };
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    let line = |group: GroupKey| {
        let of = |name: &str| {
            told.iter().find(|series| series.name == name && series.group == group.key && series.rest == group.rest)
        };
        let first = told.first()?;
        let points = |pick: &dyn Fn(&SeriesDto) -> Option<&Vec<PointDto>>| -> Option<Vec<PointDto>> {
            let value = |nth: usize| formula.value(&|name| pick(of(name)?)?.get(nth)?.value);
            Some(
                pick(first)?
                    .iter()
                    .enumerate()
                    .map(|(nth, point)| PointDto { t: point.t, value: value(nth) })
                    .collect(),
            )
        };
        let previous = points(&|series| series.previous.as_ref().map(|previous| &previous.points));
        Some(SeriesDto {
            key: key_name(name, &group, is_grouped),
            name: name.to_owned(),
            event: None,
            measure: None,
            points: points(&|series| Some(&series.points))?,
            total: formula.value(&|name| of(name)?.total),
            previous: previous
                .map(|points| PreviousDto { points, total: formula.value(&|name| of(name)?.previous.as_ref()?.total) }),
            group: group.key,
            rest: group.rest,
        })
    };
    groups.into_iter().filter_map(line).collect()
}

/// A number of a trend.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrendPoint {
    /// The name of the series.
    series: String,
    /// When the period began.
    #[schema(value_type = String, format = DateTime)]
    t: Time,
    /// The value of the property, `null` for having none; whoever when left out.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    group: Option<Option<String>>,
    /// Those with values that are not told by themselves.
    #[serde(default)]
    rest: bool,
}

/// How much happens, over time.
#[utoipa::path(post, path = "/api/v1/insight/trend", tag = "insight", request_body = TrendQuestion,
    responses((status = 200, body = TrendAnswer), (status = "4XX", body = ProblemBody)))]
async fn ask_trend(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(question): Json<TrendQuestion>,
) -> ApiResult<Json<TrendAnswer>> {
    insight.check(&caller)?;
    let scope = insight.scope(&caller, &question).await?;
    let asked = question.read(&scope)?;
    let words = question.words(&asked);
    let (kept, now) = (scope.clone(), scope.now);
    let series = insight.compute(&caller, move |asking| asked.answer(asking, &kept)).await?;
    Ok(Json(TrendAnswer { about: insight.about(&scope, now, words), series }))
}
