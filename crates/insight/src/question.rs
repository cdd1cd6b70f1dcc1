//! Which events a question means, and what it asks the engine to look at.

use std::collections::HashMap;

use base::{Code, Period, Problem, Time, rule::Comparison};
use behaviour::{Error, Grouping, Selection, Steps, Tests};
use jiff::tz::TimeZone;
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{
    answering::Asking,
    scope::{self, Scope},
};

/// A kind of question.
pub(crate) trait Question: scope::Asked + DeserializeOwned {
    /// The question, understood.
    type Asked: Behind;

    /// Understands it.
    fn read(&self, scope: &Scope) -> Result<Self::Asked, Problem>;
}

/// A question whose numbers have members behind them.
pub(crate) trait Behind: Send + 'static {
    /// Which number of the answer.
    type Point: DeserializeOwned + Send + 'static;

    /// Who is behind it, in no order; nobody when there is no such number.
    fn who(&self, asking: &Asking<'_>, scope: &Scope, point: &Self::Point) -> Result<Vec<i64>, Error>;
}

/// Which events are meant.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FilterBody {
    /// Name of the event; any when left out.
    pub(crate) event: Option<String>,
    /// What it has to pass: a list of `{"property", "op", "value"}`.
    #[serde(rename = "where")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub(crate) filters: Option<serde_json::Value>,
}

/// Which events are meant, understood.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) event: Option<String>,
    pub(crate) filters: Vec<Comparison>,
}

impl FilterBody {
    /// Understands it; it stands at `path` in the question.
    pub(crate) fn read(&self, path: &str) -> Result<Filter, Problem> {
        if self.event.as_ref().is_some_and(|event| event.is_empty() || event.len() > 200) {
            return Err(Problem::at(Code::InvalidQuestion, format!("{path}.event"), "must have 1 to 200 bytes"));
        }
        let filters = Comparison::parse_list(self.filters.as_ref(), &format!("{path}.where"))?;
        Ok(Filter { event: self.event.clone(), filters })
    }
}

impl Filter {
    /// What the events are called in a sentence.
    pub(crate) fn words(&self) -> (String, String) {
        let (en, zh) = match &self.event {
            Some(event) => (format!("“{event}”"), format!("“{event}”")),
            None => ("any event".to_owned(), "任意事件".to_owned()),
        };
        match self.filters.is_empty() {
            true => (en, zh),
            false => (format!("{en} (filtered)"), format!("{zh}（有筛选）")),
        }
    }
}

/// What the engine is to look at: each step is some events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looking {
    names: HashMap<String, Steps>,
    any: Steps,
    tests: Vec<Tests>,
}

impl Looking {
    /// Of a scope, at nothing yet.
    pub(crate) fn new(scope: &Scope) -> Looking {
        let mut looking = Looking::default();
        if !scope.filters.is_empty() {
            looking.tests.push(Tests { steps: Steps::MAX, comparisons: scope.filters.clone() });
        }
        looking
    }

    /// Also at these events, as these steps.
    pub(crate) fn with(mut self, steps: Steps, filter: &Filter) -> Looking {
        match &filter.event {
            Some(event) => *self.names.entry(event.clone()).or_default() |= steps,
            None => self.any |= steps,
        }
        if !filter.filters.is_empty() {
            self.tests.push(Tests { steps, comparisons: filter.filters.clone() });
        }
        self
    }

    /// Also at all other events, as this step.
    pub(crate) fn with_any(mut self, steps: Steps) -> Looking {
        self.any |= steps;
        self
    }

    /// What an event of a name can be.
    pub(crate) fn steps_of(&self, name: &str) -> Steps {
        self.any | self.names.get(name).copied().unwrap_or_default()
    }

    /// As the engine takes it, over a range in milliseconds since 1970.
    pub(crate) fn selection<'q>(
        &self,
        scope: &'q Scope,
        (from, to): (i64, i64),
        steps_of: &'q (dyn Fn(&str) -> Steps + Sync),
        grouping: Option<Grouping<'q>>,
    ) -> Selection<'q> {
        Selection {
            from,
            to,
            steps_of,
            tests: self.tests.clone(),
            value: None,
            grouping,
            members: scope.members.as_deref(),
        }
    }
}

/// A length of time that is the same everywhere: of a day 24 hours. Months and years have none.
pub(crate) fn length(text: &str, path: &str) -> Result<i64, Problem> {
    let wrong = |message: &str| Problem::at(Code::InvalidQuestion, path, message);
    let period: Period = text.parse().map_err(|_| wrong("must be an ISO 8601 duration such as P7D or PT1H"))?;
    if text.split('T').next().is_some_and(|date| date.contains(['M', 'Y'])) {
        return Err(wrong("must not have months or years, which have no fixed length"));
    }
    let begin = Time::from_millis(0);
    Ok(period.after(begin, &TimeZone::UTC).millis() - begin.millis())
}

/// So long as words.
pub(crate) fn length_words(millis: i64) -> (String, String) {
    const UNITS: [(i64, &str, &str); 4] =
        [(86_400_000, "day", "天"), (3_600_000, "hour", "小时"), (60_000, "minute", "分钟"), (1_000, "second", "秒")];
    let unit = UNITS.iter().find(|(unit, ..)| millis % unit == 0);
    let (number, en, zh) = unit.map_or((millis, "millisecond", "毫秒"), |(unit, en, zh)| (millis / unit, *en, *zh));
    (format!("{number} {en}{}", if number == 1 { "" } else { "s" }), format!("{number} {zh}"))
}
