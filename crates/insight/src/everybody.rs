//! Answers what is asked of everybody's events: by rules in previews and within questions, and by simulations.

use std::sync::{Arc, Weak, atomic::AtomicBool};

use async_trait::async_trait;
use base::{
    Period, Time,
    ids::{MemberId, WorkspaceId},
    rule::{EventFilter, Measure},
};
use behaviour::{
    Engine, Error, Selection, Steps, Tests,
    kernels::{
        members::Who,
        rule::{Condition, Following, Holding, Holds as Held},
    },
};
use jiff::tz::TimeZone;
use people::rules::{EventAnswers, EventQuestion, Exceptions, Holds};

use crate::{
    Insight,
    answering::{GiveUp, LATEST},
    keeping::Kept,
};

/// So many members are told of in one answer; what goes beyond is left to be asked of each.
const MOST_TOLD: usize = 16_000_000;

/// Answers for as long as the room is there.
pub struct Everybody(pub(crate) Weak<Insight>);

#[async_trait]
impl EventAnswers for Everybody {
    async fn answers(
        &self,
        workspace: WorkspaceId,
        zone: &TimeZone,
        questions: Vec<EventQuestion>,
        now: Time,
    ) -> Vec<Option<Exceptions>> {
        let (nothing, zone) = (vec![None; questions.len()], zone.clone());
        let asked = self.ask(workspace, move |kept, given_up| kept.ask_all(&questions, (&zone, now), given_up));
        asked.await.unwrap_or(nothing)
    }

    async fn active(&self, workspace: WorkspaceId, from: Time, to: Time) -> Option<Vec<MemberId>> {
        let asked = self.ask(workspace, move |kept, given_up| {
            let selection = Selection::of_names(from.millis(), to.millis(), &|_| 1);
            let found = kept.engine.ask(&selection, &Who { holds: &|_, _| true }, given_up);
            kept.told(found)
        });
        Some(asked.await??.into_iter().map(MemberId).collect())
    }
}

impl Everybody {
    /// Asks the histories of a workspace with everything that has taken effect; `None` when there are none.
    async fn ask<T: Send + 'static>(
        &self,
        workspace: WorkspaceId,
        work: impl FnOnce(&Kept, &AtomicBool) -> T + Send + 'static,
    ) -> Option<T> {
        let insight = self.0.upgrade()?;
        tokio::select! {
            () = insight.caught_up() => {}
            () = insight.clock.sleep(LATEST) => return None,
        }
        let kept = insight.of(workspace).filter(|kept| kept.can_answer())?;
        let given_up = GiveUp::default();
        let flag = given_up.flag();
        tokio::task::spawn_blocking(move || work(&kept, &flag)).await.ok()
    }
}

impl Kept {
    /// What was found; what is wrong on disk is noted.
    fn told<T>(&self, found: Result<T, Error>) -> Option<T> {
        match found {
            Ok(found) => return Some(found),
            Err(Error::GivenUp) => {}
            Err(error) => {
                if let Err(error) = self.note(error) {
                    tracing::warn!(%error, "histories cannot be asked");
                }
            }
        }
        None
    }

    fn ask_all(
        &self,
        questions: &[EventQuestion],
        moment: (&TimeZone, Time),
        given_up: &AtomicBool,
    ) -> Vec<Option<Exceptions>> {
        let mut answers: Vec<Option<Exceptions>> = vec![None; questions.len()];
        let mut told = 0;
        for together in together(questions) {
            let Some(found) = self.told(ask(&self.engine, questions, &together, moment, given_up)) else { break };
            told += found.iter().map(Vec::len).sum::<usize>();
            if told > MOST_TOLD {
                break;
            }
            for (place, found) in together.into_iter().zip(found) {
                answers[place] = Some(found);
            }
        }
        answers
    }
}

/// The places of questions that one pass answers: those about the same events, with one property at the most.
fn together(questions: &[EventQuestion]) -> Vec<Vec<usize>> {
    type Same<'q> = (&'q EventFilter, Option<Time>);
    let mut passes: Vec<(Option<Same<'_>>, Option<&str>, Vec<usize>)> = Vec::new();
    for (place, question) in questions.iter().enumerate() {
        let (same, property) = match question {
            EventQuestion::Measured { filter, measure, after, .. } => (Some((filter, *after)), number_of(measure)),
            EventQuestion::Sequence { .. } => (None, None),
        };
        let joined = passes.iter_mut().find(|(other, known, _)| {
            same.is_some()
                && *other == same
                && (property.is_none() || known.is_none_or(|known| Some(known) == property))
        });
        match joined {
            Some((_, known, places)) => {
                *known = known.or(property);
                places.push(place);
            }
            None => passes.push((same, property, vec![place])),
        }
    }
    passes.into_iter().map(|(.., places)| places).collect()
}

/// The property whose numbers a measure asks for.
fn number_of(measure: &Measure) -> Option<&str> {
    match measure {
        Measure::Sum(property) | Measure::Avg(property) | Measure::Min(property) | Measure::Max(property) => {
            Some(property)
        }
        _ => None,
    }
}

/// Questions that one pass answers.
fn ask(
    engine: &Engine,
    questions: &[EventQuestion],
    together: &[usize],
    (zone, now): (&TimeZone, Time),
    given_up: &AtomicBool,
) -> Result<Vec<Exceptions>, Error> {
    let to = now.millis().saturating_add(1);
    match together.first().map(|first| &questions[*first]) {
        Some(EventQuestion::Sequence { steps, within }) => {
            let found = follow(engine, steps, (within.as_ref(), zone), to, given_up)?;
            Ok(vec![told(found)])
        }
        Some(EventQuestion::Measured { filter, after, .. }) => {
            let asked: Vec<&EventQuestion> = together.iter().map(|place| &questions[*place]).collect();
            let mut conditions = Vec::with_capacity(asked.len());
            let mut value = None;
            for question in asked {
                if let EventQuestion::Measured { measure, test, otherwise, .. } = question {
                    value = value.or(number_of(measure));
                    let (measure, test) = (measure.clone(), test.clone());
                    conditions.push(Condition { measure, test, otherwise: *otherwise });
                }
            }
            let is = |name: &str| Steps::from(name == filter.event);
            let from = after.map_or(i64::MIN, |after| after.millis().saturating_add(1));
            let selection =
                Selection { tests: tests(std::slice::from_ref(filter)), value, ..Selection::of_names(from, to, &is) };
            let found = engine.ask(&selection, &Holding { conditions }, given_up)?;
            Ok(found.into_iter().map(told).collect())
        }
        None => Ok(Vec::new()),
    }
}

fn follow(
    engine: &Engine,
    steps: &[EventFilter],
    (within, zone): (Option<&Period>, &TimeZone),
    to: i64,
    given_up: &AtomicBool,
) -> Result<Vec<(i64, Held)>, Error> {
    let of = |name: &str| {
        let is_one = |(place, step): (usize, &EventFilter)| Steps::from(step.event == name) << place;
        steps.iter().enumerate().map(is_one).fold(0, |all, step| all | step)
    };
    let selection = Selection { tests: tests(steps), ..Selection::of_names(i64::MIN, to, &of) };
    let within = within.map(|within| (within.clone(), zone.clone()));
    let (found, _) = engine.ask(&selection, &Following { steps: steps.len(), within }, given_up)?;
    Ok(found)
}

/// What events have to pass besides their names, step by step.
fn tests(steps: &[EventFilter]) -> Vec<Tests> {
    let of = |(place, step): (usize, &EventFilter)| Tests { steps: 1 << place, comparisons: step.filters.clone() };
    steps.iter().enumerate().map(of).collect()
}

fn told(found: Vec<(i64, Held)>) -> Exceptions {
    let holds = |held: Held| match held {
        Held::No => Holds::No,
        Held::Perhaps => Holds::Perhaps,
        Held::Yes => Holds::Yes,
    };
    found.into_iter().map(|(member, held)| (MemberId(member), holds(held))).collect()
}

impl Insight {
    /// Answers what rules ask of everybody's events, for as long as this is there.
    pub fn everybody(self: &Arc<Insight>) -> Arc<Everybody> {
        Arc::new(Everybody(Arc::downgrade(self)))
    }
}

#[cfg(test)]
mod tests {
    use base::rule::{Operator, Test};
    use serde_json::json;

    use super::*;

    #[test]
    fn questions_about_the_same_events_are_answered_together() {
        let measured = |event: &str, measure: Measure, after: Option<i64>| EventQuestion::Measured {
            filter: EventFilter { event: event.to_owned(), filters: Vec::new() },
            measure,
            test: Test::Compare(Operator::Gte, json!(2)),
            otherwise: false,
            after: after.map(Time::from_millis),
        };
        let sum = |property: &str| Measure::Sum(property.to_owned());
        let questions = [
            measured("Order Completed", Measure::Count, Some(5)),
            measured("Order Completed", sum("revenue"), Some(5)),
            measured("Order Completed", sum("items"), Some(5)),
            measured("Order Completed", Measure::Max("revenue".to_owned()), Some(5)),
            measured("Order Completed", Measure::Count, None),
            EventQuestion::Sequence { steps: Vec::new(), within: None },
            EventQuestion::Sequence { steps: Vec::new(), within: None },
            measured("Signed Up", Measure::Count, Some(5)),
        ];
        assert_eq!(together(&questions), [vec![0, 1, 3], vec![2], vec![4], vec![5], vec![6], vec![7]]);
    }
}
