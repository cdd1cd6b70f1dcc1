//! What all questions have in common: which time, whose events, which of them.

use std::sync::Arc;

use api::{ApiResult, Caller};
use base::{
    Code, Period, Problem, Time,
    ids::{ChannelId, GroupId, MemberId, SegmentId},
    rule::{Comparison, Operator, Test},
};
use behaviour::MemberSet;
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
    pub(crate) by: Option<By>,
    pub(crate) top: Option<u32>,
}

/// How events are told apart.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(crate) enum By {
    /// The name of a property.
    Name(String),
    /// A property of the event.
    Property {
        /// Its name.
        property: String,
    },
}

impl By {
    pub(crate) fn property(&self) -> &str {
        match self {
            By::Name(property) | By::Property { property } => property,
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
    /// The property by which events are told apart.
    pub(crate) by: Option<String>,
    /// How many of its values are told.
    pub(crate) top: usize,
    /// The moment at which it was asked.
    pub(crate) now: Time,
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
            /// The property by whose values events are told apart.
            by: Option<crate::scope::By>,
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
        let by = body.by.map(|by| by.property().to_owned());
        if by.as_ref().is_some_and(|by| by.is_empty() || by.len() > 200) {
            return Err(Problem::at(Code::InvalidQuestion, "by", "must have 1 to 200 bytes").into());
        }
        let members = self.members(caller, body.segment, body.group).await?;
        Ok(Scope { from, to, zone, filters, members: members.map(Arc::new), by, top: top as usize, now })
    }

    async fn members(
        &self,
        caller: &Caller,
        segment: Option<SegmentId>,
        group: Option<GroupId>,
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
        Ok(match (of_segment, of_group) {
            (Some(one), Some(other)) => Some(one.iter().filter(|member| other.contains(*member)).collect()),
            (one, other) => one.or(other),
        })
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

/// So long before a moment that begins a day.
fn begin_of(period: &str, to: Time, zone: &TimeZone) -> Result<Time, Problem> {
    let wrong = |_| Problem::at(Code::InvalidQuestion, "period", "must be an ISO 8601 duration such as P30D");
    let period: Period = period.parse().map_err(wrong)?;
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
