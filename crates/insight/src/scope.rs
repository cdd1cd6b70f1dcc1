//! What all questions have in common: which time, whose events, which of them.

use std::sync::Arc;

use api::{ApiResult, Caller};
use base::{
    Code, Period, Problem, Time,
    ids::{ChannelId, GroupId, MemberId, SegmentId},
    rule::{Comparison, Operator, Rule, Test},
};
use behaviour::{Grouping, MemberSet, MemberValues, Scalar};
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::Value;

use crate::Insight;

/// Days that are looked at when nothing is said.
const USUALLY: i64 = 30;
/// The most values of a property that are told apart.
const MOST_GROUPS: u32 = 100;
const USUAL_GROUPS: u32 = 10;

/// The common part of a question, as it is sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScopeBody {
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) period: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) filters: Option<Value>,
    pub(crate) segment: Option<SegmentId>,
    pub(crate) group: Option<GroupId>,
    pub(crate) channel: Option<ChannelId>,
    pub(crate) members: Option<Value>,
    pub(crate) by: Option<ByBody>,
    pub(crate) top: Option<u32>,
}

/// How events are told apart.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum ByBody {
    /// The name of a property.
    Name(String),
    /// A property of the event.
    Property {
        /// Its name.
        property: String,
    },
    /// A trait of the member, as it is now.
    Trait {
        /// Its name.
        #[serde(rename = "trait")]
        name: String,
    },
}

/// How events are told apart, understood.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// By a property.
    Property(String),
    /// By a trait of the member.
    Trait {
        /// Its name.
        name: String,
        /// What members show of it.
        values: Arc<MemberValues>,
    },
}

impl By {
    /// The name of the property or trait.
    pub(crate) fn name(&self) -> &str {
        match self {
            By::Property(name) | By::Trait { name, .. } => name,
        }
    }

    /// As the engine takes it: each value has a number.
    pub(crate) fn grouping<'q>(&'q self, number: &'q (dyn Fn(Option<&Scalar<'_>>) -> u32 + Sync)) -> Grouping<'q> {
        match self {
            By::Property(name) => Grouping::Property(name, number),
            By::Trait { values, .. } => Grouping::Member(values, number),
        }
    }
}

/// The common part of a question, understood.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) from: Time,
    pub(crate) to: Time,
    pub(crate) zone: TimeZone,
    /// What every event has to pass.
    pub(crate) filters: Vec<Comparison>,
    /// Whose events; `None` for everybody's.
    pub(crate) members: Option<Arc<MemberSet>>,
    /// How events are told apart.
    pub(crate) by: Option<By>,
    /// How many of its values are told.
    pub(crate) top: usize,
    /// The moment at which it was asked.
    pub(crate) now: Time,
}

impl Scope {
    /// Refuses a breakdown, for questions that have none.
    pub(crate) fn refuse_by(&self) -> Result<(), Problem> {
        match &self.by {
            Some(_) => Err(Problem::at(Code::InvalidQuestion, "by", "is not possible for this question")),
            None => Ok(()),
        }
    }
}

/// A question and what it has in common with others.
pub(crate) trait Asked {
    /// The common part.
    fn scope(&self) -> ScopeBody;
}

/// Makes the body of a question: its own fields, and those that all have.
macro_rules! question {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$field_doc])* $field: $type,)*
            /// The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out.
            from: Option<String>,
            /// The moment, or the beginning of the day, before which all are; the end of today when left out.
            to: Option<String>,
            /// In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`.
            period: Option<String>,
            /// Name of a time zone; that of the workspace when left out.
            zone: Option<String>,
            /// What every event has to pass: a list of `{"property", "op", "value"}`.
            #[serde(rename = "where")]
            #[schema(value_type = Option<Vec<Object>>)]
            filters: Option<serde_json::Value>,
            /// `seg_…`: only its present members.
            #[schema(value_type = Option<String>)]
            segment: Option<base::ids::SegmentId>,
            /// `grp_…`: only its present members.
            #[schema(value_type = Option<String>)]
            group: Option<base::ids::GroupId>,
            /// `chn_…`: only events of this channel.
            #[schema(value_type = Option<String>)]
            channel: Option<base::ids::ChannelId>,
            /// A rule, as in segments: only members for whom it holds now.
            #[schema(value_type = Option<Object>)]
            members: Option<serde_json::Value>,
            /// The property of events, or the trait of members, by whose values they are told apart.
            by: Option<crate::scope::ByBody>,
            /// How many of its values are told, 1 to 100; 10 when left out.
            top: Option<u32>,
        }

        impl crate::scope::Asked for $name {
            fn scope(&self) -> crate::scope::ScopeBody {
                crate::scope::ScopeBody {
                    from: self.from.clone(),
                    to: self.to.clone(),
                    period: self.period.clone(),
                    zone: self.zone.clone(),
                    filters: self.filters.clone(),
                    segment: self.segment,
                    group: self.group,
                    channel: self.channel,
                    members: self.members.clone(),
                    by: self.by.clone(),
                    top: self.top,
                }
            }
        }
    };
}
pub(crate) use question;

impl Insight {
    /// Understands the common part of a question.
    pub(crate) async fn scope(&self, caller: &Caller, asked: &impl Asked) -> ApiResult<Scope> {
        let body = asked.scope();
        let now = self.clock.now();
        let zone = match &body.zone {
            Some(name) => TimeZone::get(name)
                .map_err(|_| Problem::at(Code::InvalidQuestion, "zone", "is not the name of a time zone"))?,
            None => people::segments::zone_of(self.db.read(), caller.workspace).await?,
        };
        let to = match &body.to {
            Some(text) => moment("to", text, &zone)?,
            None => beginning(today(now, &zone), 1, &zone),
        };
        let period = body.period.as_deref().filter(|_| body.from.is_none() && body.to.is_none());
        let from = match (&body.from, period) {
            (Some(text), _) => moment("from", text, &zone)?,
            (None, Some(period)) => begin_of(period, to, &zone)?,
            (None, None) => beginning(today(Time::from_millis(to.millis() - 1), &zone), 1 - USUALLY, &zone),
        };
        if from >= to {
            return Err(Problem::at(Code::InvalidQuestion, "from", "is not before \"to\"").into());
        }
        let mut filters = Comparison::parse_list(body.filters.as_ref(), "where")?;
        if let Some(channel) = body.channel {
            let test = Test::Compare(Operator::Eq, Value::from(channel.to_string()));
            filters.push(Comparison { name: "channel".to_owned(), test });
        }
        let top = body.top.unwrap_or(USUAL_GROUPS);
        if !(1..=MOST_GROUPS).contains(&top) {
            return Err(Problem::at(Code::InvalidQuestion, "top", "must be 1 to 100").into());
        }
        let by = match body.by {
            Some(by) => Some(self.by(caller, by).await?),
            None => None,
        };
        let members = self.members(caller, body.segment, body.group, body.members.as_ref()).await?;
        Ok(Scope { from, to, zone, filters, members: members.map(Arc::new), by, top: top as usize, now })
    }

    async fn by(&self, caller: &Caller, by: ByBody) -> ApiResult<By> {
        let (ByBody::Name(name) | ByBody::Property { property: name } | ByBody::Trait { name }) = &by;
        if name.is_empty() || name.len() > 200 {
            return Err(Problem::at(Code::InvalidQuestion, "by", "must have 1 to 200 bytes").into());
        }
        let name = match by {
            ByBody::Trait { name } => name,
            ByBody::Name(name) | ByBody::Property { property: name } => return Ok(By::Property(name)),
        };
        let shown = self.columns.shown(&self.db, caller.workspace, &name, self.clock.monotonic()).await?;
        let values = shown.values.into_iter().map(scalar).collect();
        let places = shown.members.into_iter().map(|(member, place)| (member.0, place)).collect();
        Ok(By::Trait { name, values: Arc::new(MemberValues::new(values, places)) })
    }

    async fn members(
        &self,
        caller: &Caller,
        segment: Option<SegmentId>,
        group: Option<GroupId>,
        rule: Option<&Value>,
    ) -> ApiResult<Option<MemberSet>> {
        let db = self.db.read();
        let unknown = |field: &str| Problem::at(Code::UnknownReference, field, "does not exist");
        let set = |members: Vec<MemberId>| members.into_iter().map(|member| member.0).collect::<MemberSet>();
        let of_segment = match segment {
            Some(segment) => {
                let members = people::segments::member_ids(db, caller.workspace, segment).await?;
                Some(set(members.ok_or_else(|| unknown("segment"))?))
            }
            None => None,
        };
        let of_group = match group {
            Some(group) => {
                let members = people::groups::member_ids(db, caller.workspace, group).await?;
                Some(set(members.ok_or_else(|| unknown("group"))?))
            }
            None => None,
        };
        let of_rule = match rule {
            Some(rule) => {
                let rule = Rule::parse_at(rule, "members")?;
                people::segments::check_rule(db, caller.workspace, &rule, "members").await?;
                let holders = people::segments::holders(&self.db, &self.clock, &self.columns, caller.workspace, &rule);
                Some(set(holders.await?))
            }
            None => None,
        };
        let both = |one: MemberSet, other: MemberSet| one.iter().filter(|member| other.contains(*member)).collect();
        Ok([of_segment, of_group, of_rule].into_iter().flatten().reduce(both))
    }
}

/// A value of a trait; what has parts stands as the JSON text.
fn scalar(value: Value) -> Scalar<'static> {
    match value {
        Value::String(text) => Scalar::Text(text.into()),
        Value::Bool(truth) => Scalar::Truth(truth),
        Value::Number(number) => Scalar::Number(number.as_f64().unwrap_or_default()),
        other => Scalar::Text(other.to_string().into()),
    }
}

/// A moment, or the beginning of a day.
fn moment(field: &str, text: &str, zone: &TimeZone) -> Result<Time, Problem> {
    if let Ok(date) = text.parse::<Date>()
        && !text.contains('T')
    {
        return Ok(beginning(date, 0, zone));
    }
    let moment: Result<Time, _> = serde_json::from_value(Value::from(text));
    moment
        .map_err(|_| Problem::at(Code::InvalidQuestion, field, "is neither a moment (RFC 3339) nor a day (2026-07-01)"))
}

/// What a period must be.
pub(crate) const WHOLE_DAYS: &str = "must be an ISO 8601 duration of whole days such as P30D";

/// A duration of whole days, weeks, months or years.
pub(crate) fn whole_days(text: &str) -> Option<Period> {
    text.parse().ok().filter(|_| !text.contains('T'))
}

/// So long before a moment that begins a day.
fn begin_of(period: &str, to: Time, zone: &TimeZone) -> Result<Time, Problem> {
    let period = whole_days(period).ok_or_else(|| Problem::at(Code::InvalidQuestion, "period", WHOLE_DAYS))?;
    Ok(period.before(to, zone))
}

fn today(now: Time, zone: &TimeZone) -> Date {
    now.timestamp().to_zoned(zone.clone()).date()
}

/// When a day begins that lies so many days behind another.
fn beginning(date: Date, days: i64, zone: &TimeZone) -> Time {
    let begin = date.checked_add(days.days()).and_then(|date| date.to_zoned(zone.clone()));
    begin.map_or(Time::MAX, |begin| Time::from_millis(begin.timestamp().as_millisecond()))
}
