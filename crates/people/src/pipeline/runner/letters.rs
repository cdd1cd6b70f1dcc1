//! Keeping what cannot be processed, among the dead letters.

use base::{Event, EventKind, ids::WorkspaceId};
use store::{Tx, dead_letters::DeadLetter};

use super::Runner;
use crate::pipeline::{
    Poison,
    input::{Item, NoEvent},
};

impl Runner {
    /// Keeps what cannot be processed, with its reason.
    pub(super) async fn bury(&mut self, tx: &Tx, items: &[Item], mut letters: Vec<DeadLetter>) -> anyhow::Result<()> {
        for item in items {
            match &item.event {
                Ok(event) => {
                    if let Some(poison) = self.poison.get(&event.id) {
                        letters.push(dead_letter(event, poison));
                    }
                }
                Err(NoEvent::Erased) => {}
                Err(NoEvent::Broken { record, reason }) => letters.push(DeadLetter {
                    workspace: WorkspaceId(0),
                    source: "log".to_owned(),
                    code: base::Code::Poison,
                    message: format!("partition {} offset {}: {reason}", item.partition, item.offset),
                    payload: String::from_utf8_lossy(record).into_owned(),
                }),
            }
        }
        if !letters.is_empty() {
            metrics::counter!("hearth_pipeline_poison_total").increment(letters.len() as u64);
            store::dead_letters::bury(tx, &self.ids, self.clock.now(), letters).await?;
        }
        Ok(())
    }
}

fn dead_letter(event: &Event, poison: &Poison) -> DeadLetter {
    let kind = if event.kind == EventKind::Command { "command" } else { "pipeline" };
    DeadLetter {
        workspace: event.workspace,
        source: kind.to_owned(),
        code: poison.code,
        message: poison.message.clone(),
        payload: String::from_utf8_lossy(&event.to_record()).into_owned(),
    }
}
