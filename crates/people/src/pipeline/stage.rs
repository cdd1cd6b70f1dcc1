//! What a stage is and what it sees.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use async_trait::async_trait;
use base::{
    Code, Event, IdSource, Time,
    ids::{IdentityId, MemberId, SegmentId, WorkspaceId},
    rule::Rule,
};
use sea_orm::DbErr;
use store::Tx;

use super::Effects;
use crate::{
    identity::Parted,
    members::{MemberState, WorkingSet},
    rules::{RuleBook, Touch},
};

/// One stage of the pipeline.
#[async_trait]
pub trait Stage: Send {
    /// The stage's name, for metrics and dead letters.
    fn name(&self) -> &'static str;

    /// Reads this workspace's configuration when it has changed; returns the rules that the
    /// stage will ask the rule book for.
    async fn configure(&mut self, _tx: &Tx, _workspace: WorkspaceId) -> Result<BTreeMap<String, Rule>, DbErr> {
        Ok(BTreeMap::new())
    }

    /// Reads in bulk what the stage keeps about these members, unless it has it in memory.
    async fn load(&mut self, _tx: &Tx, _members: &[MemberId]) -> Result<(), DbErr> {
        Ok(())
    }

    /// Reads in bulk what the stage needs to know about what these events name, besides members.
    async fn prepare(&mut self, _tx: &Tx, _ids: &IdSource, _events: &[&Event]) -> Result<(), DbErr> {
        Ok(())
    }

    /// Follows when members were parted in the database. Nobody is in memory then.
    async fn part(&mut self, _tx: &Tx, _parted: &Parted) -> Result<(), DbErr> {
        Ok(())
    }

    /// Looks at an event before any stage has its turn. An error buries it in the dead letters, at no cost for
    /// the rest of its batch.
    fn check(&self, _event: &Event, _book: &RuleBook, _people: &WorkingSet) -> Result<(), Poison> {
        Ok(())
    }

    /// Does the stage's part of one turn, in memory. An error buries the event in the dead
    /// letters; nothing of its turn remains, since the whole batch is done again without it. What anybody can
    /// send is for [`Stage::check`] to refuse.
    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison>;

    /// Segments that were built have taken their places, in the database: members may be in others than any turn has told.
    /// The stage has read its configuration anew before.
    fn switched(&mut self) {}

    /// Whether there is something to do that no event and no timer asks for.
    fn has_work(&self) -> bool {
        false
    }

    /// Does a slice of it, between the turns of a batch and its end; returns on how many members it worked.
    async fn work(&mut self, _tx: &Tx, _work: &mut Work<'_>) -> Result<usize, DbErr> {
        Ok(0)
    }

    /// Writes in bulk what has changed.
    async fn flush(&mut self, _tx: &Tx) -> Result<(), DbErr> {
        Ok(())
    }

    /// The transaction has been committed.
    fn committed(&mut self) {}

    /// The transaction failed: forget everything that is not in the database.
    fn forget(&mut self) {}
}

/// What a stage works with when it does so of its own accord.
pub struct Work<'a> {
    /// The moment to which time has come.
    pub now: Time,
    /// Members in memory.
    pub people: &'a mut WorkingSet,
    /// The rules of all workspaces.
    pub books: &'a HashMap<WorkspaceId, Arc<RuleBook>>,
    /// What is to be written.
    pub effects: &'a mut Effects,
}

/// An event that cannot be processed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poison {
    /// Stable code.
    pub code: Code,
    /// What is wrong, without personal data.
    pub message: String,
}

/// Why there is a turn.
#[derive(Clone, Copy, Debug)]
pub enum Trigger<'a> {
    /// Something happened.
    Event(&'a Event),
    /// A moment has come.
    Timer {
        /// Who set the timer.
        kind: &'a str,
    },
}

/// What earlier stages of this turn have changed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The member was seen for the first time.
    pub is_new: bool,
    /// What changed, as the index of the rule book knows it.
    pub touches: Vec<Touch>,
    /// Segments that the member entered by a live change.
    pub entered: Vec<SegmentId>,
    /// Segments that the member left.
    pub left: Vec<SegmentId>,
    /// Members that were merged into this one.
    pub absorbed: Vec<MemberId>,
    /// The member from whom another was parted, and the other: everything about both is to be decided anew.
    pub parted: Option<Parted>,
}

/// One event or timer on its way through the stages.
pub struct Turn<'a> {
    /// The moment for which everything is decided.
    pub now: Time,
    /// Why there is a turn.
    pub trigger: Trigger<'a>,
    /// The member whom it is about; the identify stage finds him.
    pub member: MemberId,
    /// The identity to which the event's facts are attached.
    pub identity: Option<IdentityId>,
    /// Members in memory.
    pub people: &'a mut WorkingSet,
    /// The workspace's rules.
    pub book: &'a Arc<RuleBook>,
    /// Where ids come from.
    pub ids: &'a IdSource,
    /// What is to be written.
    pub effects: &'a mut Effects,
    /// What has changed in this turn.
    pub changes: Changes,
}

impl Turn<'_> {
    /// The event, if one is the trigger.
    pub fn event(&self) -> Option<&Event> {
        match self.trigger {
            Trigger::Event(event) => Some(event),
            Trigger::Timer { .. } => None,
        }
    }

    /// Whether the event is history that was brought in afterwards. It counts for every rule, but it
    /// starts no journeys: nobody wants to welcome last year's members again.
    pub fn is_import(&self) -> bool {
        self.event().is_some_and(|event| event.source.starts_with("import:"))
    }

    /// The member whom the turn is about.
    pub fn member(&self) -> Result<&MemberState, Poison> {
        self.people.get(self.member).ok_or_else(|| missing(self.member))
    }

    /// The member, to be changed.
    pub fn member_mut(&mut self) -> Result<&mut MemberState, Poison> {
        self.people.get_mut(self.member).ok_or_else(|| missing(self.member))
    }
}

fn missing(member: MemberId) -> Poison {
    Poison { code: Code::Poison, message: format!("{member} does not exist") }
}
