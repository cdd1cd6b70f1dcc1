//! Commands: what an operator changes about a member is an event in the log like any other, and
//! takes effect in the pipeline. The caller may wait for that.

use std::{sync::Arc, time::Duration};

use base::{
    Clock, Code, Event, EventKind, IdSource, Problem,
    event::{empty_object, partition_of},
    ids::{EventId, MemberId, WorkspaceId},
};
use log::{EventLog, LogError, NewRecord, Position};
use serde_json::value::{RawValue, to_raw_value};

use crate::pipeline::Progress;

/// How long a caller waits for his command to take effect.
const PATIENCE: Duration = Duration::from_secs(10);

/// Appends commands to the log.
#[derive(Clone)]
pub struct Commands {
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    ids: IdSource,
    progress: Progress,
}

/// What to do about one member.
#[derive(Clone, Debug)]
pub struct Command<'a> {
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// About whom.
    pub member: MemberId,
    /// `Command`, or `Identify` to set traits.
    pub kind: EventKind,
    /// Name of the event.
    pub name: &'a str,
    /// Its properties.
    pub properties: serde_json::Value,
    /// Who asked for it, as the audit log writes it.
    pub actor: &'a str,
}

impl Commands {
    /// `progress` is that of the runner which reads this log.
    pub fn new(log: Arc<dyn EventLog>, clock: Arc<dyn Clock>, ids: IdSource, progress: Progress) -> Commands {
        Commands { log, clock, ids, progress }
    }

    /// Appends a command; it is durable when this returns.
    async fn submit(&self, id: EventId, command: Command<'_>) -> Result<Position, Problem> {
        let record = self.record(id, id.to_string(), command)?;
        self.append(vec![record]).await?.first().copied().ok_or(Problem::new(Code::Internal))
    }

    fn record(&self, id: EventId, message_id: String, command: Command<'_>) -> Result<NewRecord, Problem> {
        let now = self.clock.now();
        let properties: Box<RawValue> =
            to_raw_value(&command.properties).map_err(|error| Problem::with(Code::InvalidBody, error.to_string()))?;
        let event = Event {
            id,
            workspace: command.workspace,
            kind: command.kind,
            name: command.name.to_owned(),
            user_id: None,
            anonymous_id: None,
            previous_id: None,
            member: Some(command.member),
            timestamp: now,
            received_at: now,
            message_id,
            source: command.actor.to_owned(),
            trusted: true,
            properties,
            context: empty_object(),
        };
        let partition = partition_of(event.workspace, &event.partition_key(), self.log.partitions());
        Ok(NewRecord { partition, payload: event.to_record().into() })
    }

    async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<Position>, Problem> {
        self.log.append(records).await.map_err(|error| match error {
            LogError::DiskFull => Problem::new(Code::DiskFull).retry_after(5),
            error => {
                tracing::error!(%error, "a command cannot be appended");
                Problem::new(Code::Unavailable).retry_after(5)
            }
        })
    }

    /// Appends many commands at once and waits until the pipeline has been past them. Says of each why it was refused,
    /// if it was; it is in the dead letters then.
    pub async fn carry_out_all(&self, commands: Vec<Command<'_>>) -> Result<Vec<Option<Problem>>, Problem> {
        self.carry_out_as(commands, |id, _| id.to_string()).await
    }

    /// The same for one command per member that is carried out once, however often it is asked for by this `name` within
    /// eight days: what a job asks for again after it was interrupted.
    pub async fn carry_out_once(
        &self,
        name: &str,
        commands: Vec<Command<'_>>,
    ) -> Result<Vec<Option<Problem>>, Problem> {
        self.carry_out_as(commands, |_, member| format!("{name}/{member}")).await
    }

    async fn carry_out_as(
        &self,
        commands: Vec<Command<'_>>,
        message_id: impl Fn(EventId, MemberId) -> String,
    ) -> Result<Vec<Option<Problem>>, Problem> {
        let mut records = Vec::with_capacity(commands.len());
        let mut awaited = Vec::with_capacity(commands.len());
        for command in commands {
            let id = self.ids.next(EventId);
            awaited.push(self.progress.await_event(id));
            records.push(self.record(id, message_id(id, command.member), command)?);
        }
        for position in self.append(records).await? {
            self.progress.reached(position).await;
        }
        Ok(awaited.iter().map(|awaited| awaited.refusal()).collect())
    }

    /// Appends a command and waits until the pipeline has carried it out, or refused it.
    pub async fn carry_out(&self, command: Command<'_>) -> Result<(), Problem> {
        let id = self.ids.next(EventId);
        let awaited = self.progress.await_event(id);
        let position = self.submit(id, command).await?;
        let too_late = self.clock.sleep(PATIENCE);
        tokio::select! {
            () = self.progress.reached(position) => awaited.refusal().map_or(Ok(()), Err),
            () = too_late => Err(Problem::with(
                Code::Timeout,
                "the change is saved and will take effect when the pipeline has caught up",
            )),
        }
    }
}
