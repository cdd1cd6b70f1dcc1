//! What is kept of a member in histories goes with him, and what is kept of events goes when their time is over.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use base::{IdSource, ids::WorkspaceId};
use people::privacy::{Counts, KeepsEvents, MemberSection, Needles, Part, Subject};
use store::{Db, DbErr, Tx};

use crate::Insight;

/// Histories, beside the table of events from which they are made.
pub struct HistoriesSection {
    /// Where they are.
    pub insight: Arc<Insight>,
}

#[async_trait]
impl MemberSection for HistoriesSection {
    fn tables(&self) -> &'static [&'static str] {
        &[]
    }

    fn parts(&self) -> &'static [Part] {
        &[]
    }

    async fn erase(&self, _tx: &Tx, _ids: &IdSource, _subject: &Subject) -> Result<Counts, DbErr> {
        Ok(Counts::default())
    }

    async fn sweep(&self, _db: &Db, subject: &Subject, _needles: &Needles) -> anyhow::Result<Counts> {
        let identities = subject.identities.iter().map(|identity| identity.id.0).collect();
        let removed = self.insight.forget(subject.workspace, identities).await?;
        let mut counts = Counts::default();
        counts.delete("histories", removed);
        Ok(counts)
    }
}

#[async_trait]
impl KeepsEvents for HistoriesSection {
    async fn expire(&self, workspace: WorkspaceId, before: &HashMap<String, i64>) -> anyhow::Result<u64> {
        self.insight.expire(workspace, before.clone()).await
    }
}
