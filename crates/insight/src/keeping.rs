//! Keeps the histories of all workspaces: follows the pipeline, puts on disk what has come together, and makes anew what was
//! lost.

mod mending;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use base::{
    Clock, IdSource,
    ids::{MemberId, WorkspaceId},
};
use behaviour::{Columns, Engine, Memory, Move, Row, Rows, sql::Sql};
use people::histories::{Histories, HistoryError, OwnedIdentity, Regrouped, TakenEvent, Whole};
use store::{Db, views::View};
use tokio::sync::watch;

/// So many events wait in memory at the most before they are put on disk.
const MOST_WAITING: usize = 200_000;
/// So long an event waits at the most.
const LONGEST: Duration = Duration::from_secs(60);
/// So many small files of a bucket and month are put together.
const FILES: usize = 8;
/// Events of the table that are read at once, and that are put on disk at once.
const PAGE: i64 = 20_000;
const AT_ONCE: usize = 500_000;
/// Threads on which queries in SQL run, and how many run at once; others wait.
const SQL_THREADS: usize = 2;
const QUERIES: usize = 2;
/// After something failed.
const PAUSE: Duration = Duration::from_secs(2);

/// What the room works with.
pub struct Insight {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: IdSource,
    /// What profiles show, for rules and breakdowns.
    pub columns: Arc<people::members::Columns>,
    /// Runs queries.
    pub(crate) sql: Sql,
    /// So many at once.
    pub(crate) queries: tokio::sync::Semaphore,
    /// What queries see beside events.
    pub(crate) views: Vec<&'static View>,
    histories: Histories,
    /// Where the columns are: a folder for each workspace.
    dir: PathBuf,
    memory: Memory,
    kept: RwLock<HashMap<WorkspaceId, Arc<Kept>>>,
    /// How far in the log all of them are.
    followed: watch::Sender<Vec<u64>>,
    /// Held while something is taken in or out.
    changing: tokio::sync::Mutex<()>,
}

/// The histories of a workspace.
pub(crate) struct Kept {
    pub(crate) engine: Engine,
    /// Set when all that there is has been read.
    pub(crate) is_ready: AtomicBool,
    /// While it is being read: how many events of how many.
    pub(crate) done: AtomicU64,
    pub(crate) total: AtomicU64,
    /// What was found to be wrong on disk, until it has been made anew.
    pub(crate) fault: Mutex<Option<String>>,
}

impl Insight {
    /// Keeps histories in a directory, and at most so many bytes of them in memory.
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        ids: IdSource,
        columns: Arc<people::members::Columns>,
        histories: Histories,
        views: Vec<&'static View>,
        (dir, memory_bytes): (PathBuf, usize),
    ) -> std::io::Result<Arc<Insight>> {
        Ok(Arc::new(Insight {
            sql: Sql::new(SQL_THREADS)?,
            queries: tokio::sync::Semaphore::new(QUERIES),
            views,
            db,
            clock,
            ids,
            columns,
            histories,
            dir,
            memory: Memory::new(memory_bytes),
            kept: RwLock::default(),
            followed: watch::Sender::new(Vec::new()),
            changing: tokio::sync::Mutex::default(),
        }))
    }

    /// The histories of a workspace, when there are any.
    pub(crate) fn of(&self, workspace: WorkspaceId) -> Option<Arc<Kept>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(&workspace).cloned()
    }

    /// What is kept in memory.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// How many records of the log have taken effect and are not in the answers yet.
    pub(crate) fn behind(&self) -> u64 {
        let followed = self.followed.borrow().clone();
        let reached = self.histories.reached();
        let of = |partition: usize| followed.get(partition).copied().unwrap_or_default();
        reached.iter().enumerate().map(|(partition, reached)| reached.saturating_sub(of(partition))).sum()
    }

    /// Completes when everything that has taken effect by now is in the answers.
    pub(crate) async fn caught_up(&self) {
        let reached = self.histories.reached();
        let mut followed = self.followed.subscribe();
        let is_there = |followed: &Vec<u64>| {
            followed.len() >= reached.len()
                && followed.iter().zip(&reached).all(|(followed, reached)| followed >= reached)
        };
        // It fails only at the end of the process.
        let _ = followed.wait_for(is_there).await;
    }

    /// Takes out what belongs to some identities; returns how many events.
    pub(crate) async fn forget(&self, workspace: WorkspaceId, identities: HashSet<i64>) -> anyhow::Result<u64> {
        self.take_out(workspace, move |identity, _, _| identities.contains(&identity)).await
    }

    /// Takes out what happened before the moment, in milliseconds, that stands with its name; returns how many events.
    pub(crate) async fn expire(&self, workspace: WorkspaceId, before: HashMap<String, i64>) -> anyhow::Result<u64> {
        self.take_out(workspace, move |_, time, name| before.get(name).is_some_and(|before| time < *before)).await
    }

    async fn take_out(
        &self,
        workspace: WorkspaceId,
        is: impl Fn(i64, i64, &str) -> bool + Send + Sync + 'static,
    ) -> anyhow::Result<u64> {
        tokio::select! {
            () = self.caught_up() => {}
            () = self.clock.sleep(LONGEST) => anyhow::bail!("histories have not caught up with the pipeline"),
        }
        let _changing = self.changing.lock().await;
        let Some(kept) = self.of(workspace) else { return Ok(0) };
        self.db.make_durable().await?;
        let removed =
            tokio::task::spawn_blocking(move || kept.engine.remove(&behaviour::Gone { owners: None, is: &is }));
        Ok(removed.await??)
    }

    /// The histories of a workspace. One that is new, and in which nothing has happened yet, gets some; `None` before the others
    /// have been read.
    pub(crate) async fn of_new(&self, workspace: WorkspaceId) -> anyhow::Result<Option<Arc<Kept>>> {
        if let Some(kept) = self.of(workspace) {
            return Ok(Some(kept));
        }
        let _changing = self.changing.lock().await;
        let followed = self.followed.borrow().clone();
        match self.of(workspace) {
            None if !followed.is_empty() => Ok(Some(self.open_new(workspace, followed).await?)),
            kept => Ok(kept),
        }
    }

    /// Begins the histories of a workspace in which nothing has happened up to these cursors.
    async fn open_new(&self, workspace: WorkspaceId, cursors: Vec<u64>) -> anyhow::Result<Arc<Kept>> {
        let kept = self.open(workspace, &[]).await?;
        kept.engine.append(Rows::default(), cursors);
        kept.is_ready.store(true, Ordering::Release);
        self.insert(workspace, kept.clone());
        Ok(kept)
    }

    fn insert(&self, workspace: WorkspaceId, kept: Arc<Kept>) {
        self.kept.write().unwrap_or_else(PoisonError::into_inner).insert(workspace, kept);
    }

    fn all(&self) -> Vec<(WorkspaceId, Arc<Kept>)> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<(WorkspaceId, Arc<Kept>)> = kept.iter().map(|(id, kept)| (*id, kept.clone())).collect();
        all.sort_by_key(|(workspace, _)| *workspace);
        all
    }

    /// Opens the columns of a workspace. Columns whose manifest cannot be read, or that were not finished, are begun anew.
    async fn open(&self, workspace: WorkspaceId, reached: &[u64]) -> anyhow::Result<Arc<Kept>> {
        let (dir, memory) = (self.dir.join(workspace.to_string()), self.memory.clone());
        let columns = tokio::task::spawn_blocking(move || match Columns::open(&dir) {
            Err(behaviour::Error::Damaged { path, reason }) => {
                tracing::error!(path = %path.display(), reason, "histories are damaged and are read anew");
                std::fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
                anyhow::Ok(Columns::open(&dir)?)
            }
            columns => Ok(columns?),
        });
        let columns = columns.await??;
        let cursors = columns.manifest().cursors.clone();
        let is_ready = !cursors.is_empty() && cursors.iter().zip(reached).all(|(cursor, reached)| cursor <= reached);
        if !is_ready {
            columns.clear()?;
        }
        Ok(Arc::new(Kept {
            engine: Engine::new(columns, &memory),
            is_ready: AtomicBool::new(is_ready),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            fault: Mutex::new(None),
        }))
    }
}

/// Follows the pipeline.
pub struct Keeper {
    insight: Arc<Insight>,
    /// The next record of each partition.
    cursors: Vec<u64>,
    /// What [`Histories::regrouped_since`] said when it was last asked who belongs to whom.
    regrouped_at: u64,
    /// When the last flush was, in milliseconds.
    flushed: i64,
}

impl Keeper {
    /// Of these histories.
    pub fn new(insight: Arc<Insight>) -> Keeper {
        let flushed = insight.clock.now().millis();
        Keeper { insight, cursors: Vec::new(), regrouped_at: 0, flushed }
    }

    /// Follows the pipeline until it is told to stop.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let mut commits = self.insight.histories.commits();
        loop {
            commits.mark_unchanged();
            let work = self.follow();
            let outcome = tokio::select! {
                outcome = work => outcome,
                () = &mut stop => break,
            };
            let pause = match outcome {
                Ok(()) => LONGEST,
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "histories cannot follow");
                    PAUSE
                }
            };
            let clock = self.insight.clock.clone();
            tokio::select! {
                _ = commits.changed(), if pause == LONGEST => {}
                () = clock.sleep(pause) => {}
                () = &mut stop => break,
            }
        }
        if let Err(error) = self.flush().await {
            tracing::warn!(error = format!("{error:#}"), "the latest histories are not on disk and will be read again");
        }
    }

    /// Takes in all that there is.
    pub async fn follow(&mut self) -> anyhow::Result<()> {
        if self.cursors.is_empty() {
            self.begin().await?;
        }
        for (workspace, kept) in self.insight.all() {
            if kept.fault().is_some() && !self.mend(workspace, &kept).await? {
                self.begin_anew().await?;
            }
        }
        let insight = self.insight.clone();
        loop {
            let changing = insight.changing.lock().await;
            let (regrouped_at, regrouped) = insight.histories.regrouped_since(self.regrouped_at);
            let taken = match insight.histories.after(&self.cursors).await {
                Err(HistoryError::OutOfReach) => {
                    drop(changing);
                    tracing::warn!("the log does not reach back to what histories know; they are read anew");
                    self.begin_anew().await?;
                    continue;
                }
                taken => taken?,
            };
            let has_more = taken.cursors != self.cursors;
            if has_more {
                self.take(taken.events, &taken.cursors).await?;
                self.cursors = taken.cursors;
            }
            match regrouped {
                Regrouped::Members(members) => self.regroup_some(members).await?,
                Regrouped::Anybody => self.regroup().await?,
            }
            self.regrouped_at = regrouped_at;
            insight.followed.send_replace(self.cursors.clone());
            drop(changing);
            let waiting: usize = insight.all().iter().map(|(_, kept)| kept.engine.waiting()).sum();
            let since = insight.clock.now().millis() - self.flushed;
            if waiting > 0 && (waiting >= MOST_WAITING || since >= LONGEST.as_millis() as i64) {
                self.flush().await?;
            }
            if !has_more {
                return Ok(());
            }
        }
    }

    /// Opens what is on disk, and reads what is not.
    async fn begin(&mut self) -> anyhow::Result<()> {
        let reached = self.insight.histories.reached();
        let workspaces = self.insight.histories.workspaces().await?;
        for workspace in &workspaces {
            let kept = self.insight.open(*workspace, &reached).await?;
            self.insight.insert(*workspace, kept);
        }
        self.fill().await
    }

    async fn begin_anew(&mut self) -> anyhow::Result<()> {
        for (_, kept) in self.insight.all() {
            kept.is_ready.store(false, Ordering::Release);
        }
        for workspace in self.insight.histories.workspaces().await? {
            // Cursors that no log has reached make it begin anew.
            let kept = self.insight.open(workspace, &[]).await?;
            kept.engine.columns().clear()?;
            kept.is_ready.store(false, Ordering::Release);
            self.insight.insert(workspace, kept);
        }
        self.fill().await
    }

    /// Reads all events of the workspaces that are not ready, as they are at one moment.
    async fn fill(&mut self) -> anyhow::Result<()> {
        let waiting = |(_, kept): &(WorkspaceId, Arc<Kept>)| !kept.is_ready.load(Ordering::Acquire);
        let empty: Vec<(WorkspaceId, Arc<Kept>)> = self.insight.all().into_iter().filter(waiting).collect();
        if !empty.is_empty() {
            let whole = self.insight.histories.whole().await?;
            for (workspace, kept) in &empty {
                fill_one(&whole, *workspace, kept).await?;
            }
        }
        let all = self.insight.all();
        let mut cursors = self.insight.histories.reached();
        for (_, kept) in &all {
            let known = kept.engine.cursors();
            cursors.iter_mut().zip(known).for_each(|(cursor, known)| *cursor = (*cursor).min(known));
        }
        self.cursors = cursors;
        self.regroup().await
    }

    /// Gives every workspace its events; those that it knows already, because it is further than others, are left out.
    async fn take(&self, events: Vec<((u32, u64), TakenEvent)>, cursors: &[u64]) -> anyhow::Result<()> {
        let mut rows: HashMap<WorkspaceId, Rows> = HashMap::new();
        for ((partition, offset), event) in &events {
            let workspace = WorkspaceId(event.workspace_id);
            if self.insight.of(workspace).is_none() {
                self.insight.open_new(workspace, self.cursors.clone()).await?;
            }
            let known = self.insight.of(workspace).map(|kept| kept.engine.cursors()).unwrap_or_default();
            if known.get(*partition as usize).is_none_or(|known| offset >= known) {
                push(rows.entry(workspace).or_default(), event);
            }
        }
        for (workspace, kept) in self.insight.all() {
            let known = kept.engine.cursors();
            let further =
                |(partition, cursor): (usize, &u64)| (*cursor).max(known.get(partition).copied().unwrap_or_default());
            let cursors = cursors.iter().enumerate().map(further).collect();
            kept.engine.append(rows.remove(&workspace).unwrap_or_default(), cursors);
        }
        Ok(())
    }

    /// Says who belongs to whom.
    async fn regroup(&self) -> anyhow::Result<()> {
        for (workspace, kept) in self.insight.all() {
            let moves = self.insight.histories.moves(workspace).await?;
            kept.engine.regroup(moves.into_iter().map(move_of));
        }
        Ok(())
    }

    /// Says what now belongs to some members.
    async fn regroup_some(&self, members: BTreeSet<MemberId>) -> anyhow::Result<()> {
        let mut moves: HashMap<i64, Vec<Move>> = HashMap::new();
        for identity in self.insight.histories.identities_of(members).await? {
            moves.entry(identity.workspace_id).or_default().push(move_of(identity));
        }
        for (workspace, moves) in moves {
            if let Some(kept) = self.insight.of(WorkspaceId(workspace)) {
                kept.engine.regroup_some(moves);
            }
        }
        Ok(())
    }

    /// Puts on disk what waits in memory.
    async fn flush(&mut self) -> anyhow::Result<()> {
        self.flushed = self.insight.clock.now().millis();
        // The columns must not know what a power cut would take from the database.
        self.insight.db.make_durable().await?;
        for (_, kept) in self.insight.all() {
            if kept.engine.waiting() == 0 || !kept.is_ready.load(Ordering::Acquire) {
                continue;
            }
            tokio::task::spawn_blocking(move || {
                kept.engine.flush()?;
                kept.engine.compact(FILES).or_else(|error| kept.note(error))
            })
            .await??;
        }
        Ok(())
    }
}

fn move_of(identity: OwnedIdentity) -> Move {
    Move { owner: identity.home_id, identity: identity.identity_id, member: identity.member_id }
}

impl Kept {
    /// Notes what was found on disk; fails with anything else.
    pub(crate) fn note(&self, error: behaviour::Error) -> Result<(), behaviour::Error> {
        match error {
            behaviour::Error::Damaged { path, reason } => {
                tracing::error!(path = %path.display(), reason, "a file of histories is damaged; it will be made anew");
                *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.display().to_string());
                Ok(())
            }
            error => Err(error),
        }
    }

    /// Notes that it was made anew.
    fn mended(&self) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether all that there is has been read and nothing was found to be wrong.
    pub(crate) fn can_answer(&self) -> bool {
        self.is_ready.load(Ordering::Acquire) && self.fault().is_none()
    }

    /// What was found to be wrong on disk.
    pub(crate) fn fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads all events of a workspace.
async fn fill_one(whole: &Whole, workspace: WorkspaceId, kept: &Arc<Kept>) -> anyhow::Result<()> {
    kept.total.store(whole.count(workspace).await? as u64, Ordering::Relaxed);
    let (mut last, mut rows) = (i64::MIN, Rows::default());
    loop {
        let events = whole.after(workspace, last, PAGE).await?;
        events.iter().for_each(|event| push(&mut rows, event));
        let is_end = events.len() < PAGE as usize;
        if let Some(event) = events.last() {
            last = event.id;
        }
        kept.done.fetch_add(events.len() as u64, Ordering::Relaxed);
        if is_end || rows.len() >= AT_ONCE {
            // Without cursors it is known not to be finished.
            let cursors = if is_end { whole.cursors.clone() } else { Vec::new() };
            let (rows, kept) = (std::mem::take(&mut rows), kept.clone());
            tokio::task::spawn_blocking(move || {
                kept.engine.append(rows, cursors);
                kept.engine.flush()
            })
            .await??;
        }
        if is_end {
            let compacted = kept.clone();
            tokio::task::spawn_blocking(move || compacted.engine.compact(2)).await??;
            kept.is_ready.store(true, Ordering::Release);
            return Ok(());
        }
    }
}

fn push(rows: &mut Rows, event: &TakenEvent) {
    rows.push(Row {
        owner: event.home_id,
        time: event.happened_at,
        id: event.id,
        identity: event.identity_id,
        name: &event.name,
        properties: &event.properties_json,
    });
}
