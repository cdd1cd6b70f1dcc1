//! Deciding: each event and each timer has its turn through the stages, in memory.

use std::sync::Arc;

use base::{
    Event, Time,
    ids::{MemberId, WorkspaceId},
};
use store::Writes;

use super::{Attempt, Runner, flush, writing::Writing};
use crate::{
    members::Changed,
    pipeline::{Changes, Effects, Poison, Trigger, Turn},
    rules::RuleBook,
};

/// A batch about which is being decided.
pub(super) struct Batch {
    pub(super) effects: Effects,
    pub(super) changed: Changed,
    pub(super) writing: Writing,
    /// Events and timers that had their turn.
    pub(super) decided: usize,
}

/// Kind and subject.
pub(super) type TimerKey = (String, i64);

/// Why an event is not processed.
pub(super) enum Refusal {
    /// It was seen before anything had changed.
    Untouched(Poison),
    /// Stages had begun: the batch is done again without it.
    Halfway(Poison),
    /// What came of it has a name that has no number yet: the batch is done again with one.
    Unnamed(WorkspaceId, String),
}

impl Runner {
    pub(super) fn take_event(&mut self, effects: &mut Effects, event: &Event) -> Result<(), Refusal> {
        self.take_one(effects, event)?;
        self.echo(effects)
    }

    /// In a replay, gives what stages have emitted its turn. What is refused would lie in the dead letters.
    fn echo(&mut self, effects: &mut Effects) -> Result<(), Refusal> {
        while self.echoes && !effects.emitted.is_empty() {
            for event in std::mem::take(&mut effects.emitted) {
                if self.names.number(event.workspace, &event.name).is_none() {
                    return Err(Refusal::Unnamed(event.workspace, event.name));
                }
                match self.take_one(effects, &Event { received_at: self.now, ..event }) {
                    Ok(()) | Err(Refusal::Untouched(_)) => {}
                    Err(refusal) => return Err(refusal),
                }
            }
        }
        Ok(())
    }

    fn take_one(&mut self, effects: &mut Effects, event: &Event) -> Result<(), Refusal> {
        let Some(book) = self.books.get(&event.workspace).cloned() else {
            let message = "there is no such workspace".to_owned();
            return Err(Refusal::Untouched(Poison { code: base::Code::NotFound, message }));
        };
        self.now = self.now.max(event.received_at);
        for stage in &self.stages {
            stage
                .check(event, &book, &self.people)
                .map_err(|poison| Refusal::Untouched(named(stage.name(), poison)))?;
        }
        let member = event.member.map_or(MemberId(0), |member| self.people.current(member));
        self.turn(effects, &book, Trigger::Event(event), member).map_err(Refusal::Halfway)
    }

    /// Fires what is due by `horizon`; otherwise says why the batch is to be done again. A timer whose turn fails is dropped and reported: trying it again
    /// for ever would stop everybody else.
    pub(super) async fn fire_timers(
        &mut self,
        batch: &mut Batch,
        horizon: Time,
    ) -> anyhow::Result<Result<usize, Attempt>> {
        let mut fired = 0;
        while let Some((due_at, kind, subject, workspace)) = batch.effects.timers.pop_due(horizon) {
            let Some(book) = self.books.get(&workspace).cloned() else { continue };
            let member = MemberId(subject);
            if self.people.get(member).is_none() || self.failed_timers.contains(&(kind.clone(), subject)) {
                continue;
            }
            self.now = self.now.max(due_at);
            if let Err(poison) = self.turn(&mut batch.effects, &book, Trigger::Timer { kind: &kind }, member) {
                tracing::error!(kind, %member, error = poison.message, "a timer failed and is dropped");
                return Ok(Err(Attempt::FailedTimer((kind, subject))));
            }
            match self.echo(&mut batch.effects) {
                Ok(()) => {}
                Err(Refusal::Unnamed(workspace, name)) => return Ok(Err(Attempt::Unnamed(workspace, name))),
                Err(Refusal::Untouched(poison) | Refusal::Halfway(poison)) => {
                    tracing::error!(kind, %member, error = poison.message, "what came of a timer failed");
                    return Ok(Err(Attempt::FailedTimer((kind, subject))));
                }
            }
            fired += 1;
            self.decided(batch).await?;
        }
        Ok(Ok(fired))
    }

    fn turn(
        &mut self,
        effects: &mut Effects,
        book: &Arc<RuleBook>,
        trigger: Trigger<'_>,
        member: MemberId,
    ) -> Result<(), Poison> {
        let parted = if let Trigger::Event(_) = trigger { self.parted.take() } else { None };
        let mut turn = Turn {
            now: self.now,
            trigger,
            member,
            identity: None,
            people: &mut self.people,
            book,
            ids: &self.ids,
            effects,
            changes: Changes { parted, ..Changes::default() },
        };
        for stage in &mut self.stages {
            let name = stage.name();
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| stage.apply(&mut turn)));
            match outcome {
                Ok(Ok(())) => {}
                Ok(Err(poison)) => return Err(named(name, poison)),
                Err(_) => {
                    return Err(Poison { code: base::Code::Poison, message: format!("{name}: the stage failed") });
                }
            }
        }
        Ok(())
    }

    /// An event or a timer had its turn: when a part of the batch is full, it is written while the next one fills up.
    pub(super) async fn decided(&mut self, batch: &mut Batch) -> anyhow::Result<()> {
        batch.decided += 1;
        if batch.decided.is_multiple_of(self.options.part.max(1)) {
            batch.changed.add(&self.people.dirty);
            let mut writes = Writes::new(self.db.backend());
            flush::take_part(&mut writes, &self.ids, &self.names, &mut self.people, &mut batch.effects)?;
            batch.writing.begin(writes).await?;
        }
        Ok(())
    }
}

fn named(stage: &str, poison: Poison) -> Poison {
    Poison { message: format!("{stage}: {}", poison.message), ..poison }
}
