//! Those who do tasks and answer webhooks in a simulation, where it is said what they do. Whoever is not spoken of does
//! nothing, so that tasks expire and calls time out.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use async_trait::async_trait;
use base::{
    Code, Event, EventKind, IdSource, Period, Problem, Time,
    event::empty_object,
    ids::{EventId, MemberId, WorkspaceId},
    rule::Rule,
};
use people::{
    identity::Parted,
    members::WorkingSet,
    pipeline::{Poison, Stage, Trigger, Turn, Work},
    rules::RuleBook,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json, value::to_raw_value};
use store::{DbErr, Tx};
use utoipa::ToSchema;

use super::stage_set::Stages;
use crate::journeys::{JourneyStage, answers::WEBHOOK_ANSWERED, tasks::TASK_COMPLETED};

/// The kind of timer at which somebody does something.
const TIMER: &str = "reply";
/// As what replies stand in the log of a simulation.
const SOURCE: &str = "simulation";

/// How a task of a step is done.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaskReply {
    /// What came of it.
    outcome: Option<String>,
    /// How long it takes, such as `PT2H`; no time when left out.
    after: Option<String>,
}

/// How the webhook of a step answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookReply {
    /// The status; 200 when left out.
    status: Option<u16>,
    /// Traits that the answer gives.
    #[schema(value_type = Option<Object>)]
    traits: Option<Map<String, Value>>,
    /// How long it takes, such as `PT5S`; no time when left out.
    after: Option<String>,
}

/// Who replies to what, by step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Replies {
    pub(super) tasks: BTreeMap<String, TaskReply>,
    pub(super) answers: BTreeMap<String, WebhookReply>,
}

impl Replies {
    /// Refuses periods that cannot be read.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let tasks = self.tasks.iter().map(|(step, reply)| ("tasks", step, &reply.after));
        let answers = self.answers.iter().map(|(step, reply)| ("answers", step, &reply.after));
        for (of, step, after) in tasks.chain(answers) {
            if let Some(Err(error)) = after.as_ref().map(|text| text.parse::<Period>()) {
                return Err(Problem::at(Code::InvalidBody, format!("{of}.{step}.after"), error.to_string()));
            }
        }
        Ok(())
    }

    /// The stages, with those who reply behind the journeys.
    pub(super) fn stages(&self, stages: Stages) -> Vec<Box<dyn Stage>> {
        let mut list = stages();
        if let Some(last) = list.last_mut().filter(|last| last.name() == "journey") {
            *last = Box::new(Answering { replies: Arc::new(self.clone()), ..Answering::default() });
        }
        list
    }
}

/// Something that is to be told.
#[derive(Debug)]
struct Reply {
    at: Time,
    name: &'static str,
    message_id: String,
    properties: Value,
}

/// The journeys' stage, with those who reply to it.
#[derive(Default)]
struct Answering {
    journeys: JourneyStage,
    replies: Arc<Replies>,
    due: HashMap<MemberId, Vec<Reply>>,
    /// Told in this batch, which may have to be done again.
    told: HashSet<String>,
    /// Heard in this batch.
    heard: HashSet<String>,
}

impl Answering {
    /// What this turn has asked, of those who reply.
    fn hear(&mut self, turn: &mut Turn<'_>, (intents, tasks): (usize, usize)) {
        let (now, zone) = (turn.now, turn.book.zone.clone());
        let at = |after: &Option<String>| {
            let period = after.as_ref().and_then(|text| text.parse::<Period>().ok());
            period.map_or(now, |period| period.after(now, &zone))
        };
        let mut heard = Vec::new();
        for intent in self.journeys.changed.intents.iter().skip(intents) {
            let Some(reply) = self.replies.answers.get(&intent.step) else { continue };
            if intent.options["answer"] != true {
                continue;
            }
            let status = reply.status.unwrap_or(200);
            let properties = json!({
                "delivery": intent.id, "journey": intent.journey, "run": intent.run, "step": intent.step,
                "status": status, "ok": (200..300).contains(&status), "traits": reply.traits,
            });
            let message_id = format!("{}/answered", intent.id);
            heard.push(Reply { at: at(&reply.after), name: WEBHOOK_ANSWERED, message_id, properties });
        }
        for task in self.journeys.changed.tasks.iter().skip(tasks) {
            let Some(reply) = self.replies.tasks.get(&task.step) else { continue };
            let properties = json!({"task": task.id, "outcome": reply.outcome});
            let message_id = format!("{}/done", task.id);
            heard.push(Reply { at: at(&reply.after), name: TASK_COMPLETED, message_id, properties });
        }
        if !heard.is_empty() {
            self.heard.extend(heard.iter().map(|reply| reply.message_id.clone()));
            self.due.entry(turn.member).or_default().extend(heard);
        }
    }

    /// Tells what is due, and sets the timer for what is not.
    fn tell(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Some(due) = self.due.get(&turn.member) else { return Ok(()) };
        let waiting = due.iter().filter(|reply| !self.told.contains(&reply.message_id));
        let (now, later): (Vec<&Reply>, Vec<&Reply>) = waiting.partition(|reply| reply.at <= turn.now);
        let next = later.iter().map(|reply| reply.at).min();
        let mut told = Vec::new();
        for reply in now {
            let properties = to_raw_value(&reply.properties)
                .map_err(|error| Poison { code: Code::Poison, message: error.to_string() })?;
            turn.effects.emitted.push(Event {
                id: turn.ids.next(EventId),
                workspace: turn.book.workspace,
                kind: EventKind::Command,
                name: reply.name.to_owned(),
                user_id: None,
                anonymous_id: None,
                previous_id: None,
                member: Some(turn.member),
                timestamp: turn.now,
                received_at: turn.now,
                message_id: reply.message_id.clone(),
                source: SOURCE.to_owned(),
                trusted: true,
                properties,
                context: empty_object(),
            });
            told.push(reply.message_id.clone());
        }
        self.told.extend(told);
        turn.effects.timers.set(TIMER, turn.member.0, turn.book.workspace, next);
        Ok(())
    }
}

/// Whether this tells what a webhook answered when the past was present. What it set is told by events of its own; here
/// others answer.
fn answers_of_then(event: &Event) -> bool {
    event.kind == EventKind::Command && event.name == WEBHOOK_ANSWERED && event.source != SOURCE
}

#[async_trait]
impl Stage for Answering {
    fn name(&self) -> &'static str {
        self.journeys.name()
    }

    async fn configure(&mut self, tx: &Tx, workspace: WorkspaceId) -> Result<BTreeMap<String, Rule>, DbErr> {
        self.journeys.configure(tx, workspace).await
    }

    async fn load(&mut self, tx: &Tx, members: &[MemberId]) -> Result<(), DbErr> {
        self.journeys.load(tx, members).await
    }

    async fn prepare(&mut self, tx: &Tx, ids: &IdSource, events: &[&Event]) -> Result<(), DbErr> {
        self.journeys.prepare(tx, ids, events).await
    }

    async fn part(&mut self, tx: &Tx, parted: &Parted) -> Result<(), DbErr> {
        self.journeys.part(tx, parted).await
    }

    fn check(&self, event: &Event, book: &RuleBook, people: &WorkingSet) -> Result<(), Poison> {
        // A task of then is none of these; that it was done may matter all the same.
        match event.name == TASK_COMPLETED && event.source != SOURCE {
            true => Ok(()),
            false => self.journeys.check(event, book, people),
        }
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        if turn.event().is_some_and(answers_of_then) {
            return Ok(());
        }
        let before = (self.journeys.changed.intents.len(), self.journeys.changed.tasks.len());
        self.journeys.apply(turn)?;
        self.hear(turn, before);
        let is_heard = (self.journeys.changed.intents.len(), self.journeys.changed.tasks.len()) != before;
        match turn.trigger {
            Trigger::Timer { kind } if kind == TIMER => self.tell(turn),
            _ if is_heard => self.tell(turn),
            _ => Ok(()),
        }
    }

    fn switched(&mut self) {
        self.journeys.switched();
    }

    fn has_work(&self) -> bool {
        self.journeys.has_work()
    }

    async fn work(&mut self, tx: &Tx, work: &mut Work<'_>) -> Result<usize, DbErr> {
        self.journeys.work(tx, work).await
    }

    async fn flush(&mut self, tx: &Tx) -> Result<(), DbErr> {
        self.journeys.flush(tx).await
    }

    fn committed(&mut self) {
        self.heard.clear();
        let told = std::mem::take(&mut self.told);
        if !told.is_empty() {
            self.due.values_mut().for_each(|due| due.retain(|reply| !told.contains(&reply.message_id)));
            self.due.retain(|_, due| !due.is_empty());
        }
        self.journeys.committed();
    }

    fn forget(&mut self) {
        self.told.clear();
        // What was asked in a batch that is done again is asked again, under other ids.
        let heard = std::mem::take(&mut self.heard);
        if !heard.is_empty() {
            self.due.values_mut().for_each(|due| due.retain(|reply| !heard.contains(&reply.message_id)));
            self.due.retain(|_, due| !due.is_empty());
        }
        self.journeys.forget();
    }
}
