//! Writing one part of a batch while the next one is decided.

use sea_orm::DbErr;
use store::{Tx, Writes};
use tokio::task::JoinHandle;

/// The transaction of a batch, in which something may just be written. Rolled back when dropped.
pub(super) struct Writing {
    at_rest: Option<Tx>,
    at_work: Option<JoinHandle<Result<Tx, DbErr>>>,
}

impl Writing {
    /// Nothing is being written yet.
    pub(super) fn new(tx: Tx) -> Writing {
        Writing { at_rest: Some(tx), at_work: None }
    }

    /// Begins to write, when what came before is written.
    pub(super) async fn begin(&mut self, writes: Writes) -> anyhow::Result<()> {
        let tx = self.take().await?;
        self.at_work = Some(tokio::spawn(async move {
            writes.run(&tx).await?;
            Ok(tx)
        }));
        Ok(())
    }

    /// The transaction, when everything is written.
    pub(super) async fn end(mut self) -> anyhow::Result<Tx> {
        self.take().await
    }

    async fn take(&mut self) -> anyhow::Result<Tx> {
        let tx = match self.at_work.take() {
            Some(task) => Some(task.await??),
            None => self.at_rest.take(),
        };
        tx.ok_or_else(|| anyhow::anyhow!("an earlier part of the batch was not written"))
    }
}
