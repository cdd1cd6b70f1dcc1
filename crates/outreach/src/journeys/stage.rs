//! The journey stage: lets members in and out ([`super::entering`]) and moves them on ([`super::steps`]).

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use base::{
    Time,
    ids::{ChannelId, MemberId, WorkspaceId},
    rule::Rule,
};
use people::{
    identity::Parted,
    pipeline::{Poison, Stage, Trigger, Turn},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json};
use store::{Sql, Tx};

use super::{
    book::JourneyBook,
    document::ReentryPolicy,
    ending,
    runs::{self, Changed, MemberRuns, Run, TraceLine},
    steps::end,
};

/// The kind of timer that moves runs on.
pub const TIMER: &str = "journey";
/// Members whose runs stay in memory between batches.
const MEMBERS_IN_MEMORY: usize = 20_000;

/// Moves members through published journeys.
#[derive(Debug, Default)]
pub struct JourneyStage {
    books: HashMap<WorkspaceId, JourneyBook>,
    channels: HashMap<WorkspaceId, Vec<(ChannelId, String)>>,
    members: HashMap<MemberId, MemberRuns>,
    changed: Changed,
}

#[derive(FromQueryResult)]
struct ChannelRow {
    id: i64,
    kind: String,
}

#[async_trait]
impl Stage for JourneyStage {
    fn name(&self) -> &'static str {
        "journey"
    }

    async fn configure(&mut self, tx: &Tx, workspace: WorkspaceId) -> Result<BTreeMap<String, Rule>, DbErr> {
        let book = JourneyBook::load(tx, workspace).await?;
        let channels: Vec<ChannelRow> = tx
            .all(
                "SELECT id, kind FROM channels WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY id",
                vec![workspace.0.into()],
            )
            .await?;
        self.channels.insert(workspace, channels.into_iter().map(|row| (ChannelId(row.id), row.kind)).collect());
        let rules = book.rules();
        // Runs may have been moved or ended meanwhile.
        self.members.clear();
        self.books.insert(workspace, book);
        Ok(rules)
    }

    async fn load(&mut self, tx: &Tx, members: &[MemberId]) -> Result<(), DbErr> {
        if self.books.values().all(|book| book.journeys.is_empty()) {
            return Ok(());
        }
        let missing: Vec<MemberId> = members.iter().copied().filter(|id| !self.members.contains_key(id)).collect();
        self.members.extend(runs::load(tx, &missing).await?);
        Ok(())
    }

    async fn part(&mut self, tx: &Tx, parted: &Parted) -> Result<(), DbErr> {
        runs::part(tx, parted).await
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let workspace = turn.book.workspace;
        let Some(book) = self.books.remove(&workspace) else { return Ok(()) };
        let mut walk = Walk {
            book: &book,
            channels: self.channels.get(&workspace).map_or(&[], Vec::as_slice),
            members: &mut self.members,
            changed: &mut self.changed,
        };
        let outcome = walk.turn(turn);
        self.books.insert(workspace, book);
        outcome
    }

    async fn flush(&mut self, tx: &Tx) -> Result<(), DbErr> {
        runs::flush(tx, &self.members, &self.changed).await?;
        ending::after_batch(tx, self.books.values(), &self.changed.trace).await
    }

    fn committed(&mut self) {
        for (member, _) in std::mem::take(&mut self.changed).runs {
            if let Some(runs) = self.members.get_mut(&member) {
                runs.runs.retain(|run| run.state == "active");
            }
        }
        if self.members.len() > MEMBERS_IN_MEMORY {
            self.members.clear();
        }
    }

    fn forget(&mut self) {
        self.members.clear();
        self.changed = Changed::default();
    }
}

/// One turn through the journeys of one workspace.
pub(super) struct Walk<'a> {
    pub(super) book: &'a JourneyBook,
    pub(super) channels: &'a [(ChannelId, String)],
    pub(super) members: &'a mut HashMap<MemberId, MemberRuns>,
    pub(super) changed: &'a mut Changed,
}

impl<'a> Walk<'a> {
    fn turn(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        self.take_over_absorbed(turn);
        match turn.trigger {
            Trigger::Timer { kind } if kind == TIMER => {
                self.runs_of(turn.member).timer = None;
                self.wake(turn)?;
            }
            Trigger::Event(event) => {
                self.reach_goals(turn, event);
                // History that is brought in afterwards neither ends a run nor begins one.
                if !turn.is_import() {
                    self.let_out(turn, event);
                    self.let_in(turn, event)?;
                }
            }
            Trigger::Timer { .. } => {}
        }
        for segment in turn.changes.entered.clone() {
            for journey in self.book.by_segment.get(&segment).into_iter().flatten() {
                self.enter_by_segment(turn, *journey)?;
            }
        }
        self.set_timer(turn);
        Ok(())
    }

    pub(super) fn runs_of(&mut self, member: MemberId) -> &mut MemberRuns {
        self.members.entry(member).or_default()
    }

    /// Runs of a member who was absorbed, those that have ended included, are those of the one who remains. Who
    /// was on the same way twice, as two, goes on once.
    fn take_over_absorbed(&mut self, turn: &mut Turn<'_>) {
        for absorbed in turn.changes.absorbed.clone() {
            self.changed.merged.push((absorbed, turn.member));
            let Some(gone) = self.members.remove(&absorbed) else { continue };
            if gone.timer.is_some() {
                turn.effects.timers.set(TIMER, absorbed.0, turn.book.workspace, None);
            }
            let kept = turn.member;
            for (key, at) in gone.last_entered {
                let entered = self.runs_of(kept).last_entered.entry(key).or_insert(at);
                *entered = (*entered).max(at);
            }
            for (journey, times) in gone.recent {
                self.runs_of(kept).recent.entry(journey).or_default().extend(times);
            }
            for mut run in gone.runs {
                run.member = kept;
                self.changed.runs.remove(&(absorbed, run.id));
                self.changed.runs.insert((kept, run.id));
                if self.is_double(kept, &run) {
                    let step = run.step.clone().unwrap_or_default();
                    self.changed.note(&mut run, turn.now, &step, "exited", json!({"reason": "merged"}));
                    end(&mut run, turn.now, "exited", "merged");
                }
                self.runs_of(kept).runs.push(run);
            }
        }
    }

    /// Whether the member is under way in the same journey already, with the same key, and may not be so twice.
    fn is_double(&self, member: MemberId, run: &Run) -> bool {
        let version = self.book.version(run.journey, run.version);
        let several = version.is_some_and(|version| version.document.reentry.policy == ReentryPolicy::Always);
        let is_same = |other: &Run| other.state == "active" && other.journey == run.journey && other.key == run.key;
        run.state == "active" && !several && self.members.get(&member).is_some_and(|runs| runs.runs.iter().any(is_same))
    }

    pub(super) fn change(&mut self, member: MemberId, index: usize, change: impl FnOnce(&mut Run, &mut Changed)) {
        let Some(run) = self.members.get_mut(&member).and_then(|runs| runs.runs.get_mut(index)) else { return };
        change(run, self.changed);
        self.changed.runs.insert((member, run.id));
    }

    /// One timer per member: the earliest of his waits.
    fn set_timer(&mut self, turn: &mut Turn<'_>) {
        let member = turn.member;
        let book = self.book;
        let Some(runs) = self.members.get_mut(&member) else { return };
        let is_moving = |run: &&Run| {
            run.state == "active" && book.journeys.get(&run.journey).is_some_and(|published| !published.paused)
        };
        let wake_at = runs.runs.iter().filter(is_moving).filter_map(|run| run.wake_at).min();
        if wake_at != runs.timer {
            runs.timer = wake_at;
            turn.effects.timers.set(TIMER, member.0, turn.book.workspace, wake_at);
        }
    }
}

impl Changed {
    /// Adds a line to a run's trace.
    pub(super) fn note(&mut self, run: &mut Run, at: Time, step: &str, action: &'static str, detail: Value) {
        self.trace.push(TraceLine {
            run: run.id,
            journey: run.journey,
            version: run.version,
            seq: run.trace_length,
            at,
            step: step.to_owned(),
            action,
            detail,
        });
        run.trace_length += 1;
        self.runs.insert((run.member, run.id));
    }
}
