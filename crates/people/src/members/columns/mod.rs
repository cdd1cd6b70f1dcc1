//! What the profiles of all members show, column by column, so that a rule can be asked of everybody at once.
//!
//! Columns answer conditions on traits and on tags that were put on; what is asked of events, groups and kept segments is
//! asked of everybody at once (`rules/everybody.rs`). Of anything else, and of what there was no room to keep, they say that
//! they do not know. An answer therefore has three values: the rule holds, it does not, or the member is to be read from the
//! database and asked.
//!
//! They are made when a rule is first asked, by one reading of the workspace, and forgotten when none was asked for
//! half an hour. The pipeline tells of every commit. Whom it has in memory is taken in at once; the others, and all of
//! whom it tells while a rule is being asked, are read from the database before the next rule is.

mod answer;
mod column;
mod places;
mod scan;
mod show;
mod table;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::DbErr;
use serde_json::{Map, Value};
use store::Db;

use answer::Found;
use table::{Limits, Rules, Table};

use super::{Dirty, WorkingSet, load_members};
use crate::rules::{Answerer, BookSource, EventAnswers, OfEverybody, RuleBook};

/// For how long columns are kept that nobody asks.
const KEPT_FOR: Duration = Duration::from_secs(30 * 60);
/// When so many members wait to be read, reading everybody is the quicker.
const MOST_PENDING: usize = 100_000;
/// More places than this are not changed at once in the turn of the pipeline.
const MOST_STEPS: usize = 4_000_000;
const MEMBERS_AT_ONCE: usize = 1_000;

/// What the profiles of all members show, column by column, for previews.
#[derive(Default)]
pub struct Columns {
    limits: Limits,
    workspaces: Mutex<HashMap<WorkspaceId, Arc<OfWorkspace>>>,
    answerer: Answerer,
}

/// Whose profiles a commit has changed.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Those whose traits or tags may be others now.
    pub(crate) members: BTreeSet<MemberId>,
    /// Those who are no members any more.
    pub(crate) gone: Vec<MemberId>,
}

impl Changed {
    /// Adds those whom a part of a batch has changed.
    pub(crate) fn add(&mut self, dirty: &Dirty) {
        self.members.extend(dirty.identities.iter().map(|(member, _)| *member));
        self.members.extend(dirty.tags.values().map(|(member, _)| *member));
    }

    /// Puts those who remain in the place of those whom the batch merged into them.
    pub(crate) fn settle(&mut self, people: &WorkingSet) {
        self.members = self.members.iter().map(|member| people.current(*member)).collect();
        self.gone.extend(people.dirty.absorbed.keys());
    }

    fn all(&self) -> impl Iterator<Item = MemberId> {
        self.members.iter().chain(&self.gone).copied()
    }
}

impl Columns {
    /// Says who answers what is asked of events; the first who is named does.
    pub fn ask_events_of(&self, answerer: Arc<dyn EventAnswers>) {
        let _ = self.answerer.set(answerer);
    }

    /// What is known of everybody beside columns, for these conditions of a book.
    pub(crate) async fn told(
        &self,
        db: &Db,
        book: &RuleBook,
        conditions: &[usize],
        now: Time,
    ) -> Result<OfEverybody, DbErr> {
        OfEverybody::ask(db.read(), self.answerer.get(), book, conditions, now).await
    }

    /// Whether there are columns to be kept up to date.
    pub(crate) fn has_any(&self) -> bool {
        !lock(&self.workspaces).is_empty()
    }

    /// Takes in what was committed. `now` is by the monotonic clock.
    pub(crate) fn note(
        &self,
        changed: &Changed,
        people: &WorkingSet,
        books: &HashMap<WorkspaceId, Arc<RuleBook>>,
        now: Duration,
    ) {
        let workspaces: Vec<(WorkspaceId, Arc<OfWorkspace>)> =
            lock(&self.workspaces).iter().map(|(id, columns)| (*id, columns.clone())).collect();
        for (workspace, columns) in workspaces {
            columns.note(changed, people, books.get(&workspace), now);
        }
    }

    /// Forgets everything, after a commit of which it is not known whether it was made.
    pub(crate) fn forget(&self) {
        lock(&self.workspaces).clear();
    }

    /// For whom a condition of the book holds, as far as columns and what is `told` tell. When nobody waits for the answer any more, it
    /// goes on in the background, and whoever asks next finds the columns made. `now` is by the monotonic clock.
    pub(crate) async fn find(
        &self,
        db: &Db,
        (book, condition): (&Arc<RuleBook>, usize),
        told: &Arc<OfEverybody>,
        sample: usize,
        now: Duration,
    ) -> Result<Found, DbErr> {
        let columns = lock(&self.workspaces).entry(book.workspace).or_default().clone();
        lock(&columns.told).asked_at = now;
        let (db, book, told, limits) = (db.clone(), book.clone(), told.clone(), self.limits);
        let finding = tokio::spawn(async move {
            let asked = book.clone();
            columns.look(&db, book, limits, move |table| table.find(&asked, condition, &told, sample)).await
        });
        finding.await.map_err(broken)?
    }

    /// What the profiles of all members of a workspace show of a trait. `now` is by the monotonic clock.
    pub async fn shown(&self, db: &Db, workspace: WorkspaceId, name: &str, now: Duration) -> Result<ShownTrait, DbErr> {
        let books = crate::rules::profile_books(db.read(), &[workspace]).await?;
        let Some(book) = books.get(&workspace).cloned() else { return Ok(ShownTrait::default()) };
        let columns = lock(&self.workspaces).entry(workspace).or_default().clone();
        lock(&columns.told).asked_at = now;
        let (wanted, limits) = (name.to_owned(), self.limits);
        if let Some(shown) = columns.look(db, book.clone(), limits, move |table| table.shown(&wanted)).await? {
            return Ok(shown);
        }
        // There are too many different values for a column.
        scan::shown(db, &book, name).await
    }
}

/// All traits that the profiles of members with ids in a range show, both ends included, by a book of
/// [`crate::rules::profile_books`].
pub async fn shown_traits(
    db: &Db,
    book: &RuleBook,
    range: (MemberId, MemberId),
) -> Result<Vec<(MemberId, Map<String, Value>)>, DbErr> {
    scan::traits(db, book, range).await
}

/// What the profiles of all members show of a trait.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShownTrait {
    /// The different values.
    pub values: Vec<Value>,
    /// Who has one, and its place among them.
    pub members: Vec<(MemberId, u32)>,
}

/// The columns of one workspace.
#[derive(Default)]
struct OfWorkspace {
    /// None while nobody has asked. Whoever asks has it until he is answered.
    table: tokio::sync::Mutex<Option<Table>>,
    told: Mutex<Told>,
}

/// What the pipeline has told.
#[derive(Default)]
struct Told {
    /// Members whose columns are to be read from the database.
    pending: BTreeSet<MemberId>,
    /// When columns were last asked for.
    asked_at: Duration,
}

impl OfWorkspace {
    fn note(&self, changed: &Changed, people: &WorkingSet, book: Option<&Arc<RuleBook>>, now: Duration) {
        let mut told = lock(&self.told);
        let Ok(mut table) = self.table.try_lock() else {
            // Somebody is asking, and may have read the members before this commit.
            told.pending.extend(changed.all());
            return;
        };
        let Some(columns) = table.as_mut() else { return };
        let is_cheap = changed.members.len() * columns.width() <= MOST_STEPS;
        let book = book.filter(|book| is_cheap && columns.is_by(&Rules::of(book)));
        for id in &changed.members {
            match (people.get(*id), book) {
                (Some(member), Some(book)) if member.workspace == book.workspace => columns.put(member, book),
                (Some(_), Some(_)) => {}
                _ => _ = told.pending.insert(*id),
            }
        }
        changed.gone.iter().for_each(|id| columns.remove(*id));
        if told.pending.len() > MOST_PENDING || now.saturating_sub(told.asked_at) > KEPT_FOR {
            *table = None;
            told.pending.clear();
        }
    }

    /// Looks at the columns as they are now; they are made if there are none.
    async fn look<T: Send + 'static>(
        &self,
        db: &Db,
        book: Arc<RuleBook>,
        limits: Limits,
        look: impl FnOnce(&Table) -> T + Send + 'static,
    ) -> Result<T, DbErr> {
        let mut place = self.table.lock().await;
        let rules = Rules::of(&book);
        // Whatever fails from here on, no table is left behind that is not as the database is.
        let table = match place.take().filter(|table| table.is_by(&rules)) {
            Some(table) => table,
            None => {
                lock(&self.told).pending.clear();
                scan::build(db, &book, limits).await?
            }
        };
        let table = self.catch_up(table, db, &book).await?;
        let (table, found) = aside(move || {
            let found = look(&table);
            (table, found)
        })
        .await?;
        *place = Some(table);
        Ok(found)
    }

    /// Reads those who wait for it.
    async fn catch_up(&self, mut table: Table, db: &Db, book: &RuleBook) -> Result<Table, DbErr> {
        let pending = std::mem::take(&mut lock(&self.told).pending);
        let pending: Vec<MemberId> = pending.into_iter().collect();
        let books = HashMap::from([(book.workspace, Arc::new(without_rules(book)))]);
        for ids in pending.chunks(MEMBERS_AT_ONCE) {
            let members = load_members(db.read(), ids, &books, Time::EPOCH).await?;
            // Those who were not found are none any more.
            ids.iter().for_each(|id| table.remove(*id));
            let ours = members.iter().filter(|member| member.workspace == book.workspace);
            ours.for_each(|member| table.put(member, book));
        }
        Ok(table)
    }
}

/// What profiles show, and no rules that would have events read.
fn without_rules(book: &RuleBook) -> RuleBook {
    let source = BookSource { traits: book.traits.clone(), tags: book.tags.clone(), ..BookSource::default() };
    RuleBook::compile(book.workspace, book.zone.clone(), 0, &source)
}

/// Does what takes long where it keeps nobody waiting.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DbErr> {
    tokio::task::spawn_blocking(work).await.map_err(broken)
}

fn broken(error: tokio::task::JoinError) -> DbErr {
    DbErr::Custom(format!("the columns of members: {error}"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
