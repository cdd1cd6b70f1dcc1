//! The journey stage: reads what the members of a batch are in, has each turn's part done by [`super::turn`], and writes
//! what came of it.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use base::{
    Code, Event, EventKind, Time,
    ids::{ChannelId, JourneyId, MemberId, WorkspaceId},
    rule::Rule,
};
use people::{
    identity::Parted,
    members::WorkingSet,
    pipeline::{Poison, Stage, Turn, Work},
    rules::RuleBook,
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{
    book::JourneyBook,
    ending, flush, inside, load,
    memory::Memory,
    planner::Planner,
    runs::Changed,
    tasks::{TASK_COMPLETED, task_of},
    touched,
};

/// The kind of timer that moves runs on and lets in who is to enter at a moment.
pub const TIMER: &str = "journey";

/// Moves members through published journeys.
#[derive(Debug, Default)]
pub struct JourneyStage {
    books: HashMap<WorkspaceId, JourneyBook>,
    channels: HashMap<WorkspaceId, Vec<(ChannelId, String)>>,
    members: Memory,
    pub(super) changed: Changed,
    planner: Planner,
    /// How many members of this batch others have changed since the last.
    touched: usize,
    watch: inside::Watch,
    /// The last moment for which anything was decided since the start.
    now: Time,
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
        // Versions, steps and timers of runs may have been changed with the rules.
        self.members.forget();
        let book = JourneyBook::load(tx, workspace, self.now).await?;
        let channels: Vec<ChannelRow> = tx
            .all(
                "SELECT id, kind FROM channels WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY id",
                vec![workspace.0.into()],
            )
            .await?;
        self.channels.insert(workspace, channels.into_iter().map(|row| (ChannelId(row.id), row.kind)).collect());
        self.planner.configure(tx, workspace, &book).await?;
        self.watch.configure(workspace, &book);
        let rules = book.rules();
        self.books.insert(workspace, book);
        Ok(rules)
    }

    async fn load(&mut self, tx: &Tx, members: &[MemberId]) -> Result<(), DbErr> {
        self.touched += touched::forget(tx, &mut self.members).await?;
        if self.books.values().all(|book| book.journeys.is_empty()) {
            return Ok(());
        }
        let missing: Vec<MemberId> = members.iter().copied().filter(|id| !self.members.holds(*id)).collect();
        let has_plans = self.books.values().any(|book| !book.planned.is_empty());
        for (member, runs) in load::load(tx, &missing, self.now, has_plans).await? {
            self.members.insert(member, runs);
        }
        Ok(())
    }

    async fn part(&mut self, tx: &Tx, parted: &Parted) -> Result<(), DbErr> {
        flush::part(tx, parted).await
    }

    fn check(&self, event: &Event, _book: &RuleBook, people: &WorkingSet) -> Result<(), Poison> {
        if event.kind != EventKind::Command || event.name != TASK_COMPLETED {
            return Ok(());
        }
        let member = event.member.map(|member| people.current(member));
        let runs = member.and_then(|member| self.members.get(member)).map_or(&[][..], |member| &member.runs);
        let task = task_of(event);
        match task.is_some_and(|task| runs.iter().any(|run| run.waits_for_task(task))) {
            true => Ok(()),
            false => Err(Poison { code: Code::TaskClosed, message: "the task is not open".to_owned() }),
        }
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        self.now = self.now.max(turn.now);
        self.walk(turn.book.workspace, |walk| walk.turn(turn)).unwrap_or(Ok(()))
    }

    fn switched(&mut self) {
        self.books.iter().for_each(|(workspace, book)| self.watch.begin(*workspace, book));
    }

    fn has_work(&self) -> bool {
        let watches = self.watch.has_work() || self.books.values().any(|book| !book.awaited.is_empty());
        // What was noted of those whom others have changed is to be taken away, even if nothing else happens.
        self.touched > 0 || watches || self.planner.has_work()
    }

    async fn work(&mut self, tx: &Tx, work: &mut Work<'_>) -> Result<usize, DbErr> {
        self.now = self.now.max(work.now);
        let looked_at = self.touched + self.ask_those_inside(tx, work).await?;
        let Some(slice) = self.planner.next_slice(tx, work).await? else { return Ok(looked_at) };
        self.load(tx, &slice.members).await?;
        let journey: JourneyId = slice.journey;
        self.walk(slice.workspace, |walk| walk.plan_slice(work, journey, &slice.members));
        Ok(looked_at + slice.members.len().max(1))
    }

    async fn flush(&mut self, tx: &Tx) -> Result<(), DbErr> {
        flush::flush(tx, &mut self.members, &self.changed).await?;
        ending::after_batch(tx, self.books.values(), &self.changed.trace).await
    }

    fn committed(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        let mut counts: BTreeMap<&'static str, u64> = BTreeMap::new();
        changed.trace.iter().for_each(|line| *counts.entry(line.action).or_default() += 1);
        for (action, count) in counts {
            metrics::counter!("hearth_journey_transitions_total", "action" => action).increment(count);
        }
        for (member, _) in changed.runs {
            if let Some(runs) = self.members.get_mut(member) {
                runs.runs.retain(|run| run.is_open());
                for run in &mut runs.runs {
                    run.is_new = false;
                    run.indexed = run.indexed_as();
                    run.counted = Some(run.counted_as());
                }
            }
        }
        self.members.end_batch();
        self.touched = 0;
        self.watch.committed();
    }

    fn forget(&mut self) {
        self.members.forget();
        self.watch.forget();
        self.changed = Changed::default();
        self.touched = 0;
    }
}

impl JourneyStage {
    /// Those who came into a segment without a turn of their own, and wait for that, get one. Zero when there is nothing more
    /// to do of that.
    async fn ask_those_inside(&mut self, tx: &Tx, work: &mut Work<'_>) -> Result<usize, DbErr> {
        let mut members = self.watch.next_slice(tx, &self.books).await?;
        let looked_at = usize::from(!members.is_empty() || self.watch.has_work());
        members.extend(inside::entered(&self.books, work));
        // Whom this batch has absorbed still stands in the database; those who absorbed them have had their turn.
        members.retain(|member| work.people.current(*member) == *member);
        members.sort_unstable();
        members.dedup();
        if members.is_empty() {
            return Ok(looked_at);
        }
        self.load(tx, &members).await?;
        let now = work.now;
        for member in &members {
            let Some(runs) = self.members.get_mut(*member) else { continue };
            let Some(run) = runs.runs.iter().find(|run| run.waits_for_segment(now)) else { continue };
            if runs.timer.is_none_or(|timer| timer > now) {
                let workspace = run.workspace;
                runs.timer = Some(now);
                work.effects.timers.set(TIMER, member.0, workspace, Some(now));
            }
        }
        Ok(looked_at)
    }

    /// A walk through the journeys of a workspace; none where there are none.
    fn walk<T>(&mut self, workspace: WorkspaceId, with: impl FnOnce(&mut Walk<'_>) -> T) -> Option<T> {
        let book = self.books.get(&workspace)?;
        let mut walk = Walk {
            book,
            channels: self.channels.get(&workspace).map_or(&[], Vec::as_slice),
            members: &mut self.members,
            changed: &mut self.changed,
        };
        Some(with(&mut walk))
    }
}

/// One turn through the journeys of one workspace.
pub(super) struct Walk<'a> {
    pub(super) book: &'a JourneyBook,
    pub(super) channels: &'a [(ChannelId, String)],
    pub(super) members: &'a mut Memory,
    pub(super) changed: &'a mut Changed,
}
