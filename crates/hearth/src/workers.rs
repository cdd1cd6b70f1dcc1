//! The tasks of a process that are to run as long as it does.

use std::collections::HashMap;

use tokio::task::{Id, JoinError, JoinSet};

/// Tasks with names, so that the end of one is noticed and can be told.
#[derive(Default)]
pub struct Workers {
    tasks: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

impl Workers {
    /// Starts a task.
    pub fn spawn(&mut self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(work).id();
        self.names.insert(id, name);
    }

    /// Completes when a task ends that nobody asked to end; says which.
    pub async fn first_end(&mut self) -> anyhow::Error {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => anyhow::anyhow!("{} ended by itself", self.name(id)),
            Some(Err(error)) => self.failure(&error),
            None => std::future::pending().await,
        }
    }

    /// Waits for all tasks, which have been asked to end. Fails when one of them panicked.
    pub async fn finish(mut self) -> anyhow::Result<()> {
        let mut outcome = Ok(());
        while let Some(ended) = self.tasks.join_next_with_id().await {
            if let Err(error) = ended {
                outcome = Err(self.failure(&error));
            }
        }
        outcome
    }

    fn failure(&self, error: &JoinError) -> anyhow::Error {
        let how = if error.is_panic() { "panicked" } else { "was cancelled" };
        anyhow::anyhow!("{} {how}", self.name(error.id()))
    }

    fn name(&self, id: Id) -> &'static str {
        self.names.get(&id).copied().unwrap_or("a worker")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_worker_that_dies_or_gives_up_is_named() {
        let mut workers = Workers::default();
        workers.spawn("the idler", std::future::pending());
        workers.spawn("the pipeline", async { panic!("on purpose") });
        assert_eq!(workers.first_end().await.to_string(), "the pipeline panicked");
        workers.spawn("the outbox", async {});
        assert_eq!(workers.first_end().await.to_string(), "the outbox ended by itself");
    }

    #[tokio::test]
    async fn workers_that_were_asked_to_end_may_do_so() {
        let mut workers = Workers::default();
        workers.spawn("the outbox", async {});
        assert!(workers.finish().await.is_ok());
        let mut workers = Workers::default();
        workers.spawn("the outbox", async { panic!("on purpose") });
        assert!(workers.finish().await.is_err());
    }
}
