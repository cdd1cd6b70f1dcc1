//! The rules that templates ask, kept compiled.
//!
//! A book is made once for each revision of a template, and anew when the rules of its workspace have changed; not for
//! every batch of messages.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use base::{ids::WorkspaceId, rule::Rule};
use people::rules::{RuleBook, asking_book};
use store::{DbErr, FromQueryResult, Sql};

/// Books that are kept.
const MOST: usize = 300;

/// How the rules of a workspace stand; a book of before is too old when it differs.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(super) struct Standing {
    time_zone: String,
    rules_version: i64,
}

/// Compiled rules of templates, by template and revision.
#[derive(Default)]
pub struct AskingBooks {
    kept: Mutex<Kept>,
    compiled: AtomicU64,
}

#[derive(Default)]
struct Kept {
    by_revision: HashMap<(i64, i64), (Standing, Arc<RuleBook>)>,
    order: VecDeque<(i64, i64)>,
}

impl AskingBooks {
    /// How many books were compiled so far.
    pub fn compiled(&self) -> u64 {
        self.compiled.load(Ordering::Relaxed)
    }

    /// How the rules of a workspace stand. It is read before a book is made: one that is newer than it says is made
    /// once more, one that is older than it says would stay.
    pub(super) async fn standing(db: &impl Sql, workspace: WorkspaceId) -> Result<Standing, DbErr> {
        let sql = "SELECT time_zone, rules_version FROM workspaces WHERE id = $1";
        let found = db.one(sql, vec![workspace.0.into()]).await?;
        Ok(found.unwrap_or(Standing { time_zone: String::new(), rules_version: 0 }))
    }

    /// The book for asking the rules of a revision, under the names that the template has for them.
    pub(super) async fn book(
        &self,
        db: &impl Sql,
        (workspace, standing): (WorkspaceId, &Standing),
        revision: (i64, i64),
        rules: &[(String, Rule)],
    ) -> Result<Arc<RuleBook>, DbErr> {
        if let Some(book) = self.known(standing, revision) {
            return Ok(book);
        }
        let book = asking_book(db, workspace, rules.iter().cloned().collect()).await?;
        self.compiled.fetch_add(1, Ordering::Relaxed);
        let mut kept = self.kept();
        if kept.by_revision.insert(revision, (standing.clone(), book.clone())).is_none() {
            kept.order.push_back(revision);
        }
        while kept.order.len() > MOST {
            let Some(oldest) = kept.order.pop_front() else { break };
            kept.by_revision.remove(&oldest);
        }
        Ok(book)
    }

    fn known(&self, standing: &Standing, revision: (i64, i64)) -> Option<Arc<RuleBook>> {
        let kept = self.kept();
        let (of, book) = kept.by_revision.get(&revision)?;
        (of == standing).then(|| book.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
