//! The runner: takes batches through the stages and commits them.

mod books;
mod deciding;
mod expiry;
mod letters;
mod loading;
mod pace;
mod writing;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use base::{
    Clock, Event, IdSource, Time,
    ids::{EventId, MemberId, WorkspaceId},
};
use log::EventLog;
use store::{Db, Writes, timers::DueTimer};
use tokio::sync::Notify;

use self::{
    deciding::{Batch, Refusal, TimerKey},
    pace::Pace,
    writing::Writing,
};
use super::{
    CONSUMER, Effects, Poison, Progress, Stage, Work, dedupe,
    flush::{self, EventNames},
    input::{Input, Item},
    wake::Wake,
};
use crate::{
    identity::{self, Parted},
    members::{Changed, Columns, Foretold, Room, Share, WorkingSet},
    privacy::{self, Eraser},
    rules::RuleBook,
    segments, traits,
};

/// How the runner works.
#[derive(Clone, Copy, Debug)]
pub struct RunnerOptions {
    /// Most events in one transaction; fewer while the database is slow, and where there are fewer members.
    pub batch_events: usize,
    /// Most timers in one transaction; fewer where there are fewer members.
    pub batch_timers: usize,
    /// Events and timers that are decided while those before them are written.
    pub part: usize,
    /// What stays in memory between batches.
    pub room: Room,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        let room = Room { ready: 20_000, packed_bytes: 560 << 20 };
        RunnerOptions { batch_events: 32_000, batch_timers: 16_000, part: 4_000, room }
    }
}

/// What one step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Events taken from the log.
    pub events: usize,
    /// Timers fired.
    pub timers: usize,
    /// Members evaluated for segments under construction.
    pub built: usize,
    /// Events deleted because their time was over.
    pub expired: usize,
}

impl Step {
    /// Whether there was nothing to do.
    pub fn is_idle(&self) -> bool {
        *self == Step::default()
    }
}

/// Runs the pipeline.
pub struct Runner {
    db: Db,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    ids: IdSource,
    stages: Vec<Box<dyn Stage>>,
    options: RunnerOptions,
    pace: Pace,
    people: WorkingSet,
    books: HashMap<WorkspaceId, Arc<RuleBook>>,
    names: EventNames,
    builder: segments::Builder,
    rebuilder: traits::Rebuilder,
    input: Input,
    cursors: Vec<u64>,
    progress: Progress,
    now: Time,
    poison: HashMap<EventId, Poison>,
    failed_timers: HashSet<TimerKey>,
    /// What the event of this batch has parted, until its turn.
    parted: Option<Parted>,
    /// Carries out erasures, where there are any.
    eraser: Option<Arc<Eraser>>,
    /// Are told of every commit.
    columns: Arc<Columns>,
    gone: privacy::Gone,
    /// Whether what stages emit has its turn at once, and not when it comes back through the log.
    echoes: bool,
    /// Names of events that came back in this way.
    echoed: BTreeSet<(WorkspaceId, String)>,
    wakes: RunnerWakes,
    pruning: Pruning,
    batches_since_building: u32,
}

/// After a batch of fewer events than this, more may gather for a moment: what comes in a steady stream then costs the
/// database less.
const SMALL: usize = 256;
const GATHERING: Duration = Duration::from_millis(20);
/// How often partitions may be read for one batch.
const READS_OF_A_BATCH: usize = 16;
/// About how much of what events say goes into one batch, in bytes: while it is written, nobody else writes.
const BATCH_BYTES: usize = 32 << 20;
/// While events keep coming, segments under construction get a slice after so many batches.
const BATCHES_BETWEEN_BUILDING: u32 = 4;
/// Events of a batch: the more members there are, the more of them are changed once for many events, and the more pages
/// of the database.
const EVENTS: Share = Share { of: 32, least: 8_000 };
/// Timers of a batch, each of which is of another member.
const TIMERS: Share = Share { of: 64, least: 4_000 };

/// Which of the old message ids have been forgotten today, slice by slice.
#[derive(Debug, Default)]
struct Pruning {
    day: i64,
    slice: i64,
}

/// Who is told of what.
#[derive(Clone, Debug, Default)]
pub struct RunnerWakes {
    /// To be notified by whoever changes rules.
    pub rules: Arc<Notify>,
    /// Notified after a commit that emitted events.
    pub emitted: Arc<Notify>,
    /// Notified after a commit that queued messages.
    pub outbox: Arc<Notify>,
}

impl Runner {
    /// A runner that goes on where the last one stopped. `stages` is the visible list.
    pub async fn new(
        db: Db,
        log: Arc<dyn EventLog>,
        clock: Arc<dyn Clock>,
        ids: IdSource,
        stages: Vec<Box<dyn Stage>>,
        options: RunnerOptions,
        wakes: RunnerWakes,
    ) -> anyhow::Result<Runner> {
        let mut cursors = store::cursors::load(db.read(), CONSUMER, log.partitions()).await?;
        for (partition, cursor) in cursors.iter_mut().enumerate() {
            let end = log.range(partition as u32).end;
            if *cursor > end {
                tracing::error!(
                    partition,
                    cursor = *cursor,
                    end,
                    "the log is older than the database; going on at its end"
                );
                *cursor = end;
            }
        }
        let progress = Progress::new(log.partitions());
        progress.advance(&cursors);
        Ok(Runner {
            input: Input::new(log.clone(), &cursors),
            pace: Pace::new(options.batch_events),
            people: WorkingSet::new(options.room),
            builder: segments::Builder::default(),
            rebuilder: traits::Rebuilder::default(),
            names: EventNames::default(),
            books: HashMap::new(),
            now: Time::EPOCH,
            poison: HashMap::new(),
            parted: None,
            eraser: None,
            columns: Arc::default(),
            gone: privacy::Gone::default(),
            echoes: false,
            echoed: BTreeSet::new(),
            failed_timers: HashSet::new(),
            pruning: Pruning::default(),
            batches_since_building: 0,
            db,
            log,
            clock,
            ids,
            stages,
            options,
            cursors,
            progress,
            wakes,
        })
    }

    /// The same, which carries out erasures.
    pub fn with_eraser(self, eraser: Arc<Eraser>) -> Runner {
        Runner { eraser: Some(eraser), ..self }
    }

    /// The same, which keeps these columns up to date.
    pub fn with_columns(self, columns: Arc<Columns>) -> Runner {
        Runner { columns, ..self }
    }

    /// The same for playing the past again: whoever is seen for the first time gets the ids that are foretold, what stages
    /// emit has its turn at once, at the moment of its cause, and no metric tells of any of it.
    pub fn replaying(mut self, foretold: Foretold) -> Runner {
        self.people.foretell(Arc::new(foretold));
        self.echoes = true;
        self
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Runs until `shutdown` completes. After a failed transaction (a full disk, a lost
    /// connection) it waits a moment and does the same batch again.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        let mut wake = Wake::new(self.log.as_ref(), self.wakes.rules.clone(), self.clock.clone());
        loop {
            match self.step().await {
                Ok(step) if step.is_idle() => {
                    let next_timer = match store::timers::next_due(self.db.read()).await {
                        Ok(next) => next,
                        Err(error) => {
                            tracing::warn!(%error, "the next timer cannot be read yet");
                            Some(self.clock.now().plus(Duration::from_secs(1)))
                        }
                    };
                    tokio::select! {
                        () = wake.wait(next_timer) => {}
                        () = &mut shutdown => return,
                    }
                }
                Ok(step) => {
                    // Between batches, see whether it is time to stop.
                    let is_small = step.timers + step.built == 0 && step.events < SMALL;
                    let gather = async {
                        if is_small {
                            self.clock.sleep(GATHERING).await;
                        }
                    };
                    tokio::select! {
                        biased;
                        () = &mut shutdown => return,
                        () = gather => {}
                    }
                }
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "the pipeline will try this batch again");
                    metrics::counter!("hearth_pipeline_failed_batches_total").increment(1);
                    tokio::select! {
                        () = self.clock.sleep(Duration::from_secs(1)) => {}
                        () = &mut shutdown => return,
                    }
                }
            }
        }
    }

    /// Does one batch: events that have arrived, timers that are due, segments under construction.
    pub async fn step(&mut self) -> anyhow::Result<Step> {
        self.prune_message_ids().await?;
        let expired = self.expire_events().await?;
        let mut items = self.take_items().await?;
        let mut before_it = Step::default();
        if let [Item { event: Ok(event), received_at, .. }] = &items[..]
            && stands_alone(event)
        {
            // Who was due before still was who he was.
            let until = *received_at;
            loop {
                let (step, _) = self.settle(&[], Some(until)).await?;
                before_it.timers += step.timers;
                if step.timers == 0 {
                    break;
                }
            }
        }
        let began = self.clock.monotonic();
        let (step, taken) = self.settle(&items, None).await?;
        self.pace.learn(taken, self.clock.monotonic().saturating_sub(began));
        self.input.put_back(items.split_off(taken));
        self.report(&items);
        Ok(Step { timers: step.timers + before_it.timers, expired, ..step })
    }

    /// Does a batch, again and again without what cannot be processed; gives how many of the items it took. With a
    /// moment, time goes no further.
    async fn settle(&mut self, items: &[Item], until: Option<Time>) -> anyhow::Result<(Step, usize)> {
        let before = self.now;
        loop {
            // Each attempt begins at the same moment, or what is decided would depend on the failure.
            self.now = before;
            match self.attempt(items, until).await {
                Ok(Attempt::Done { step, taken }) => return Ok((step, taken)),
                Ok(Attempt::Poisoned(event, poison)) => {
                    self.forget();
                    self.poison.insert(event, poison);
                }
                Ok(Attempt::Unnamed(workspace, name)) => {
                    self.forget();
                    self.echoed.insert((workspace, name));
                }
                Ok(Attempt::FailedTimer(timer)) => {
                    self.forget();
                    metrics::counter!("hearth_pipeline_failed_timers_total").increment(1);
                    self.failed_timers.insert(timer);
                }
                Err(error) => {
                    self.forget();
                    self.columns.forget();
                    self.now = before;
                    self.input.rewind(&self.cursors);
                    return Err(error);
                }
            }
        }
    }

    /// The next events in the order of their arrival. A partition that runs out must be read on before more can be
    /// taken; each time something was added to it meanwhile, so that has an end. An event that parts or erases members
    /// comes alone.
    async fn take_items(&mut self) -> anyhow::Result<Vec<Item>> {
        let mut items = Vec::new();
        let mut bytes = 0;
        self.pace.limit(self.people.at_once(self.options.batch_events, EVENTS));
        let most = self.pace.events();
        for _ in 0..READS_OF_A_BATCH {
            self.input.fill(most).await?;
            while items.len() < most && bytes < BATCH_BYTES {
                let Some(item) = self.input.pop() else { break };
                if item.event.as_ref().is_ok_and(stands_alone) {
                    match items.is_empty() {
                        true => items.push(item),
                        false => self.input.put_back(vec![item]),
                    }
                    return Ok(items);
                }
                bytes += item.bytes();
                items.push(item);
            }
            if items.len() >= most || bytes >= BATCH_BYTES || !self.input.has_more() {
                break;
            }
        }
        Ok(items)
    }

    async fn attempt(&mut self, items: &[Item], until: Option<Time>) -> anyhow::Result<Attempt> {
        // After a power cut the log tells again what the cursors have not passed.
        let tx = self.db.begin_replayable().await?;
        let made_ladder = self.refresh_books(&tx).await?;
        let mut changed = Changed::default();
        // While more lies unread, time has only come as far as the last event that was taken.
        let horizon = match until {
            Some(until) => until,
            None if self.input.has_more() => items.last().map_or(self.now, |item| item.received_at),
            None => self.clock.now(),
        };
        let mut effects = Effects::default();
        let batch_timers = self.people.at_once(self.options.batch_timers, TIMERS);
        let due = store::timers::due(&tx, horizon, batch_timers as u64).await?;
        let first = self.first_moment(items, &due, horizon);
        let tagged = self.builder.switch(&tx, &self.ids, first).await?;
        let switched = tagged.is_some();
        changed.members.extend(tagged.into_iter().flatten());
        if switched {
            self.forget();
            self.refresh_books(&tx).await?;
            self.stages.iter_mut().for_each(|stage| stage.switched());
        }
        // More timers are due than are taken at once: only what arrived before the last of them has its turn
        // now, or it would overtake those that are left, which may be due at the same moment.
        let cut = (due.len() == batch_timers).then(|| due.last().map(|t| t.due_at)).flatten();
        let cut = cut.map(Time::from_millis);
        let taken = cut.map_or(items.len(), |cut| items.iter().take_while(|item| item.received_at < cut).count());
        let items = &items[..taken];
        let horizon = cut.map_or(horizon, |cut| horizon.min(cut));
        let has_more = self.input.has_more() || cut.is_some() || until.is_some();
        let events: Vec<&Event> = items.iter().filter_map(|item| item.event.as_ref().ok()).collect();
        let mut writes = Writes::new(self.db.backend());
        let is_new = dedupe::mark_new(&tx, &events, &mut writes).await?;
        let fresh: Vec<&Event> = events
            .iter()
            .zip(&is_new)
            .filter(|(event, is_new)| **is_new && !self.poison.contains_key(&event.id))
            .map(|(event, _)| *event)
            .collect();
        for timer in &due {
            let workspace = WorkspaceId(timer.workspace_id);
            effects.timers.load(&timer.kind, timer.subject, workspace, Time::from_millis(timer.due_at));
        }
        let mut subjects: HashSet<MemberId> = due.iter().map(|timer| MemberId(timer.subject)).collect();
        self.parted = None;
        if let [event] = fresh[..]
            && identity::parts_members(event)
            && let Some(parted) = identity::part(&tx, &self.ids, event, self.now.max(event.received_at)).await?
        {
            self.forget();
            self.refresh_books(&tx).await?;
            for stage in &mut self.stages {
                stage.part(&tx, &parted).await?;
            }
            subjects.extend([parted.kept, parted.parted]);
            changed.members.extend([parted.kept, parted.parted]);
            self.parted = Some(parted);
        }
        let mut passed_over = HashSet::new();
        if let [event] = fresh[..]
            && privacy::erases(event)
            && let Some(eraser) = self.eraser.clone()
        {
            changed.gone = eraser.carry_out(&tx, &self.ids, event).await?;
            self.forget();
            self.refresh_books(&tx).await?;
            passed_over.insert(event.id);
        }
        // Members are loaded as of the first moment that this batch decides about, not as of the wall
        // clock: a pipeline that is behind must still see what was in a window then.
        let decided = fresh.iter().map(|event| event.received_at);
        let decided = decided.chain(due.iter().map(|timer| Time::from_millis(timer.due_at))).min();
        let as_of = decided.unwrap_or(horizon).min(horizon).max(self.now);
        self.load(&tx, &fresh, subjects, as_of).await?;
        if let Some(eraser) = &self.eraser
            && passed_over.is_empty()
        {
            let known = (&self.people, &self.books);
            passed_over = self.gone.find(&tx, &self.ids, &eraser.marks, &fresh, known).await?;
        }
        for stage in &mut self.stages {
            stage.prepare(&tx, &self.ids, &fresh).await?;
        }
        self.names.ensure(&tx, &self.ids, &fresh, &self.echoed).await?;

        let mut batch = Batch { effects, changed, writing: Writing::new(tx), decided: 0 };
        batch.writing.begin(writes).await?;
        let mut fired = 0;
        for event in &fresh {
            match self.fire_timers(&mut batch, event.received_at.min(horizon)).await? {
                Ok(count) => fired += count,
                Err(attempt) => return Ok(attempt),
            }
            if passed_over.contains(&event.id) {
                self.now = self.now.max(event.received_at);
                continue;
            }
            match self.take_event(&mut batch.effects, event) {
                Ok(()) => self.decided(&mut batch).await?,
                Err(Refusal::Untouched(poison)) => {
                    self.poison.insert(event.id, poison);
                }
                Err(Refusal::Halfway(poison)) => return Ok(Attempt::Poisoned(event.id, poison)),
                Err(Refusal::Unnamed(workspace, name)) => return Ok(Attempt::Unnamed(workspace, name)),
            }
        }
        match self.fire_timers(&mut batch, horizon).await? {
            Ok(count) => fired += count,
            Err(attempt) => return Ok(attempt),
        }
        if !has_more {
            self.now = self.now.max(horizon);
        }
        let Batch { mut effects, mut changed, writing, .. } = batch;
        let tx = writing.end().await?;
        let builds = !has_more || self.batches_since_building >= BATCHES_BETWEEN_BUILDING;
        let mut built = usize::from(switched) + usize::from(made_ladder);
        if builds {
            built += self.builder.step(&tx, &mut self.people, &self.books, &mut effects, self.now).await?;
            built += self.rebuilder.step(&tx, &mut self.people, &self.books, &mut effects, self.now).await?;
            for stage in self.stages.iter_mut().filter(|stage| stage.has_work()) {
                let (people, books) = (&mut self.people, &self.books);
                built += stage.work(&tx, &mut Work { now: self.now, people, books, effects: &mut effects }).await?;
            }
        }
        if items.is_empty() && fired == 0 && built == 0 && effects.timers.to_write().1.is_empty() {
            return Ok(Attempt::Done { step: Step::default(), taken });
        }
        changed.add(&self.people.dirty);
        let parts = events.iter().any(|event| stands_alone(event));
        let kept: BTreeSet<MemberId> = effects.merges.iter().map(|merge| self.people.current(merge.kept)).collect();
        flush::finish(&tx, &self.ids, &self.names, &mut self.people, &mut effects).await?;
        for stage in &mut self.stages {
            stage.flush(&tx).await?;
        }
        self.bury(&tx, items, std::mem::take(&mut effects.letters)).await?;
        let mut cursors = self.cursors.clone();
        for item in items {
            cursors[item.partition as usize] = cursors[item.partition as usize].max(item.offset + 1);
        }
        store::cursors::save(&tx, CONSUMER, &cursors).await?;
        changed.settle(&self.people);
        let committing = tokio::spawn(tx.commit());
        // Columns take members as they are in memory; where there are none, they are packed while the disk works.
        let has_columns = self.columns.has_any();
        if !has_columns {
            self.people.end_batch();
        }
        committing.await??;

        // Before anybody hears how far it has come: he may preview what he has just changed.
        self.columns.note(&changed, &self.people, &self.books, self.clock.monotonic());
        if has_columns {
            self.people.end_batch();
        }
        self.cursors = cursors;
        self.batches_since_building = if builds { 0 } else { self.batches_since_building + 1 };
        self.progress.refuse(&self.poison);
        if parts || !kept.is_empty() {
            self.progress.regroup((!parts).then_some(kept));
        }
        self.progress.advance(&self.cursors);
        let mut committed = || self.stages.iter_mut().for_each(|stage| stage.committed());
        match self.echoes {
            true => metrics::with_local_recorder(&metrics::NoopRecorder, committed),
            false => committed(),
        }
        self.poison.clear();
        self.failed_timers.clear();
        if !effects.emitted.is_empty() {
            self.wakes.emitted.notify_one();
        }
        if effects.queued_messages {
            self.wakes.outbox.notify_one();
        }
        metrics::counter!("hearth_pipeline_timers_total").increment(fired as u64);
        let step = Step { events: items.len(), timers: fired, built, expired: 0 };
        Ok(Attempt::Done { step, taken })
    }

    /// The first moment that a batch decides about, or `horizon` when nothing happens in it. What is done before the batch
    /// is done then; where time has come to is not known after a start.
    fn first_moment(&self, items: &[Item], due: &[DueTimer], horizon: Time) -> Time {
        let arrival = items.iter().find(|item| item.event.is_ok()).map(|item| item.received_at);
        let due = due.first().map(|timer| Time::from_millis(timer.due_at));
        arrival.into_iter().chain(due).min().unwrap_or(horizon).max(self.now)
    }

    fn forget(&mut self) {
        self.people.forget();
        self.names.forget();
        self.books.clear();
        self.gone.forget();
        self.stages.iter_mut().for_each(|stage| stage.forget());
    }

    /// Once a day, forgets message ids that are older than is promised; one slice of them at each call.
    async fn prune_message_ids(&mut self) -> anyhow::Result<()> {
        const SLICES: i64 = 64;
        let today = self.clock.now().millis() / 86_400_000;
        if self.pruning.day != today {
            self.pruning = Pruning { day: today, slice: 0 };
        }
        if self.pruning.slice < SLICES {
            let tx = self.db.begin_replayable().await?;
            dedupe::forget_old(&tx, today, self.pruning.slice, SLICES).await?;
            tx.commit().await?;
            self.pruning.slice += 1;
        }
        Ok(())
    }

    fn report(&self, items: &[Item]) {
        if self.echoes {
            return;
        }
        metrics::counter!("hearth_pipeline_events_total").increment(items.len() as u64);
        let lag = items.last().map_or(0, |item| (self.clock.now() - item.received_at).max(0));
        metrics::gauge!("hearth_pipeline_lag_seconds").set(lag as f64 / 1_000.0);
        metrics::gauge!("hearth_pipeline_waiting_records").set(self.progress.waiting(self.log.as_ref()) as f64);
        metrics::gauge!("hearth_pipeline_members_in_memory").set(self.people.len() as f64);
    }
}

/// Whether an event rearranges or erases members, works in the database and has a batch of its own.
fn stands_alone(event: &Event) -> bool {
    identity::parts_members(event) || privacy::erases(event)
}

enum Attempt {
    /// `taken` of the items were processed, the others have their turn later.
    Done {
        step: Step,
        taken: usize,
    },
    Poisoned(EventId, Poison),
    FailedTimer(TimerKey),
    /// An event that came of this batch has a name that has no number yet.
    Unnamed(WorkspaceId, String),
}
