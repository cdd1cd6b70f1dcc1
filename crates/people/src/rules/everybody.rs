//! Conditions that are asked of all members at once, of whoever keeps everybody's history at hand, and of the database where
//! one statement tells.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};

use async_trait::async_trait;
use base::{
    Period, Time,
    ids::{MemberId, WorkspaceId},
    rule::{EventFilter, Measure, Test},
};
use jiff::tz::TimeZone;
use sea_orm::DbErr;
use store::Sql;

use super::{Condition, Occurrences, RuleBook, evaluate::measured};
use crate::{groups, segments};

/// Something that is asked of everybody's events.
#[derive(Clone, Debug)]
pub enum EventQuestion {
    /// Something computed over events.
    Measured {
        /// Which events.
        filter: EventFilter,
        /// What is computed.
        measure: Measure,
        /// What is asked of it.
        test: Test,
        /// Whether it holds for those who have no such event.
        otherwise: bool,
        /// Events at or before this moment do not count; `None` for all time.
        after: Option<Time>,
    },
    /// Events followed one another; whoever has none of them has not done so.
    Sequence {
        /// Which events, step by step.
        steps: Vec<EventFilter>,
        /// How long after the first the last may be.
        within: Option<Period>,
    },
}

impl EventQuestion {
    /// Whether it holds for those who have no such event.
    pub fn otherwise(&self) -> bool {
        matches!(self, EventQuestion::Measured { otherwise: true, .. })
    }
}

/// Whether a condition holds for a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It does not.
    No,
    /// He has to be asked himself.
    Perhaps,
    /// It does.
    Yes,
}

/// The members for whom the answer is another than for those who have no event.
pub type Exceptions = Vec<(MemberId, Holds)>;

/// Whoever keeps the histories of all members at hand.
#[async_trait]
pub trait EventAnswers: Send + Sync {
    /// The answers as of `now`, with everything that has taken effect; `None` for what cannot be told at once.
    async fn answers(
        &self,
        workspace: WorkspaceId,
        zone: &TimeZone,
        questions: Vec<EventQuestion>,
        now: Time,
    ) -> Vec<Option<Exceptions>>;

    /// To whom anything happened from a moment on and before another; `None` when that cannot be told at once.
    async fn active(&self, workspace: WorkspaceId, from: Time, to: Time) -> Option<Vec<MemberId>>;
}

/// Who answers, once he is known.
pub type Answerer = OnceLock<Arc<dyn EventAnswers>>;

/// What is known of everybody, by the places of conditions in a book.
#[derive(Debug, Default)]
pub(crate) struct OfEverybody(HashMap<usize, Answer>);

/// For whom a condition holds.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Whether it does for everybody else.
    pub(crate) otherwise: bool,
    pub(crate) exceptions: Exceptions,
}

impl OfEverybody {
    /// As it would be told.
    #[cfg(test)]
    pub(crate) fn of(answers: impl IntoIterator<Item = (usize, Answer)>) -> OfEverybody {
        OfEverybody(answers.into_iter().collect())
    }

    pub(crate) fn get(&self, condition: usize) -> Option<&Answer> {
        self.0.get(&condition)
    }

    /// Asks all that conditions of a book ask of events, groups and kept segments.
    pub(crate) async fn ask(
        db: &impl Sql,
        answerer: Option<&Arc<dyn EventAnswers>>,
        book: &RuleBook,
        conditions: &[usize],
        now: Time,
    ) -> Result<OfEverybody, DbErr> {
        let (mut told, mut asked) = (HashMap::new(), BTreeMap::new());
        for place in book.parts_of(conditions) {
            match &book.conditions[place] {
                Condition::Group(group) => {
                    let members = groups::member_ids(db, book.workspace, *group).await?;
                    told.insert(place, Answer::only(members.unwrap_or_default()));
                }
                Condition::Kept { segment, .. } => {
                    let members = segments::member_ids(db, book.workspace, *segment).await?;
                    told.insert(place, Answer::only(members.unwrap_or_default()));
                }
                condition => {
                    if let Some(question) = question_of(condition, book, now) {
                        asked.insert(place, question);
                    }
                }
            }
        }
        if let Some(answerer) = answerer.filter(|_| !asked.is_empty()) {
            let (places, questions): (Vec<usize>, Vec<EventQuestion>) = asked.into_iter().unzip();
            let otherwise: Vec<bool> = questions.iter().map(EventQuestion::otherwise).collect();
            let answers = answerer.answers(book.workspace, &book.zone, questions, now).await;
            for ((place, otherwise), exceptions) in places.into_iter().zip(otherwise).zip(answers) {
                if let Some(exceptions) = exceptions {
                    told.insert(place, Answer { otherwise, exceptions });
                }
            }
        }
        Ok(OfEverybody(told))
    }
}

impl Answer {
    fn only(members: Vec<MemberId>) -> Answer {
        Answer { otherwise: false, exceptions: members.into_iter().map(|member| (member, Holds::Yes)).collect() }
    }
}

fn question_of(condition: &Condition, book: &RuleBook, now: Time) -> Option<EventQuestion> {
    match condition {
        Condition::Event { selection, measure, test, within } => Some(EventQuestion::Measured {
            filter: book.selections[*selection].filter.clone(),
            measure: measure.clone(),
            test: test.clone(),
            otherwise: test.holds(measured(measure, &Occurrences::default(), now).as_ref()),
            after: within.as_ref().map(|within| within.before(now, &book.zone)),
        }),
        Condition::Sequence(place) => {
            let sequence = &book.sequences[*place];
            Some(EventQuestion::Sequence { steps: sequence.steps.clone(), within: sequence.within.clone() })
        }
        _ => None,
    }
}

impl RuleBook {
    /// These conditions and everything of which they consist.
    fn parts_of(&self, conditions: &[usize]) -> BTreeSet<usize> {
        let (mut found, mut open) = (BTreeSet::new(), conditions.to_vec());
        while let Some(place) = open.pop() {
            if !found.insert(place) {
                continue;
            }
            match &self.conditions[place] {
                Condition::All(parts) | Condition::Any(parts) => open.extend(parts),
                Condition::Not(part) => open.push(*part),
                Condition::Kept { condition, .. } | Condition::Been { condition, .. } => open.push(*condition),
                _ => {}
            }
        }
        found
    }
}
