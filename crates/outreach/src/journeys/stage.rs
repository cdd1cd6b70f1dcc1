//! The journey stage: lets members in, moves them on, lets them out.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use base::{
    Code, Event, EventKind, Time,
    event::empty_object,
    ids::{ChannelId, DeliveryId, EventId, JourneyId, MemberId, RunId, WorkspaceId},
    rule::Rule,
};
use people::{
    pipeline::{Poison, Stage, Trigger, Turn},
    rules::evaluate,
    tags::{TAG_ADDED, TAG_REMOVED},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json, value::to_raw_value};
use store::{Sql, Tx};

use super::{
    Document, Entry, StepAction,
    book::JourneyBook,
    document::ReentryPolicy,
    runs::{self, Changed, Intent, MemberRuns, Run, TraceLine},
};

/// The kind of timer that moves runs on.
pub const TIMER: &str = "journey";
/// A run that takes more steps than this is stopped.
const MAX_STEPS_OF_RUN: i64 = 10_000;
/// Members whose runs stay in memory between batches.
const MEMBERS_IN_MEMORY: usize = 20_000;

/// Moves members through published journeys.
#[derive(Debug, Default)]
pub struct JourneyStage {
    books: HashMap<WorkspaceId, JourneyBook>,
    channels: HashMap<WorkspaceId, Vec<(ChannelId, String)>>,
    members: HashMap<MemberId, MemberRuns>,
    changed: Changed,
}

#[derive(FromQueryResult)]
struct ChannelRow {
    id: i64,
    kind: String,
}

#[async_trait]
impl Stage for JourneyStage {
    fn name(&self) -> &'static str {
        "journey"
    }

    async fn configure(&mut self, tx: &Tx, workspace: WorkspaceId) -> Result<BTreeMap<String, Rule>, DbErr> {
        let book = JourneyBook::load(tx, workspace).await?;
        let channels: Vec<ChannelRow> = tx
            .all(
                "SELECT id, kind FROM channels WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY id",
                vec![workspace.0.into()],
            )
            .await?;
        self.channels.insert(workspace, channels.into_iter().map(|row| (ChannelId(row.id), row.kind)).collect());
        let rules = book.rules();
        self.books.insert(workspace, book);
        Ok(rules)
    }

    async fn load(&mut self, tx: &Tx, members: &[MemberId]) -> Result<(), DbErr> {
        if self.books.values().all(|book| book.journeys.is_empty()) {
            return Ok(());
        }
        let missing: Vec<MemberId> = members.iter().copied().filter(|id| !self.members.contains_key(id)).collect();
        self.members.extend(runs::load(tx, &missing).await?);
        Ok(())
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let workspace = turn.book.workspace;
        let Some(book) = self.books.remove(&workspace) else { return Ok(()) };
        let mut walk = Walk {
            book: &book,
            channels: self.channels.get(&workspace).map_or(&[], Vec::as_slice),
            members: &mut self.members,
            changed: &mut self.changed,
        };
        let outcome = walk.turn(turn);
        self.books.insert(workspace, book);
        outcome
    }

    async fn flush(&mut self, tx: &Tx) -> Result<(), DbErr> {
        runs::flush(tx, &self.members, &self.changed).await
    }

    fn committed(&mut self) {
        for (member, _) in std::mem::take(&mut self.changed).runs {
            if let Some(runs) = self.members.get_mut(&member) {
                runs.runs.retain(|run| run.state == "active");
            }
        }
        if self.members.len() > MEMBERS_IN_MEMORY {
            self.members.clear();
        }
    }

    fn forget(&mut self) {
        self.members.clear();
        self.changed = Changed::default();
    }
}

/// One turn through the journeys of one workspace.
struct Walk<'a> {
    book: &'a JourneyBook,
    channels: &'a [(ChannelId, String)],
    members: &'a mut HashMap<MemberId, MemberRuns>,
    changed: &'a mut Changed,
}

impl<'a> Walk<'a> {
    fn turn(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        self.take_over_absorbed(turn);
        match turn.trigger {
            Trigger::Timer { kind } if kind == TIMER => {
                self.runs_of(turn.member).timer = None;
                self.wake(turn)?;
            }
            Trigger::Event(event) => {
                self.let_out(turn, event);
                let entries = self.book.by_event.get(&event.name).filter(|_| !turn.is_import());
                for journey in entries.into_iter().flatten() {
                    self.enter_by_event(turn, *journey, event)?;
                }
            }
            Trigger::Timer { .. } => {}
        }
        for segment in turn.changes.entered.clone() {
            for journey in self.book.by_segment.get(&segment).into_iter().flatten() {
                self.enter_by_segment(turn, *journey)?;
            }
        }
        self.set_timer(turn);
        Ok(())
    }

    fn runs_of(&mut self, member: MemberId) -> &mut MemberRuns {
        self.members.entry(member).or_default()
    }

    /// Runs of a member who was absorbed go on for the one who remains.
    fn take_over_absorbed(&mut self, turn: &mut Turn<'_>) {
        for absorbed in turn.changes.absorbed.clone() {
            let Some(gone) = self.members.remove(&absorbed) else { continue };
            if gone.timer.is_some() {
                turn.effects.timers.set(TIMER, absorbed.0, turn.book.workspace, None);
            }
            let kept = turn.member;
            for (key, at) in gone.last_entered {
                let entered = self.runs_of(kept).last_entered.entry(key).or_insert(at);
                *entered = (*entered).max(at);
            }
            for mut run in gone.runs {
                run.member = kept;
                self.changed.runs.remove(&(absorbed, run.id));
                self.changed.runs.insert((kept, run.id));
                self.runs_of(kept).runs.push(run);
            }
        }
    }

    /// Ends runs whose exit has happened, and notes goals.
    fn let_out(&mut self, turn: &mut Turn<'_>, event: &Event) {
        let member = turn.member;
        let Some(runs) = self.members.get_mut(&member) else { return };
        for run in runs.runs.iter_mut().filter(|run| run.state == "active") {
            let Some(version) = self.book.version(run.journey, run.version) else { continue };
            let document = &version.document;
            if !same_key(document, run, event) {
                continue;
            }
            if let Some(goal) = &document.goal
                && run.goal_at.is_none()
                && goal.trigger.matches(event)
                && event.timestamp >= run.entered_at
                && goal
                    .within
                    .as_ref()
                    .is_none_or(|within| event.timestamp < within.after(run.entered_at, &turn.book.zone))
            {
                run.goal_at = Some(event.timestamp);
                self.changed.note(run, turn.now, "", "goal", json!({"event": event.name}));
            }
            if document.exit.iter().any(|exit| exit.matches(event)) {
                let step = run.step.clone().unwrap_or_default();
                self.changed.note(run, turn.now, &step, "exited", json!({"event": event.name}));
                end(run, turn.now, "exited", "exit event");
            }
        }
    }

    fn enter_by_event(&mut self, turn: &mut Turn<'_>, journey: JourneyId, event: &Event) -> Result<(), Poison> {
        let Some((version, document)) = self.current(journey) else { return Ok(()) };
        let Entry::Event(trigger) = &document.entry else { return Ok(()) };
        if !trigger.matches(event) {
            return Ok(());
        }
        let properties = event.properties_value();
        let key = document.key.as_deref().map(|path| key_of(path, &properties));
        let entry = json!({"event": event.name, "timestamp": event.timestamp, "properties": properties});
        self.enter(turn, journey, version, document, key.unwrap_or_default(), entry)
    }

    fn enter_by_segment(&mut self, turn: &mut Turn<'_>, journey: JourneyId) -> Result<(), Poison> {
        let Some((version, document)) = self.current(journey) else { return Ok(()) };
        let Entry::Segment(segment) = &document.entry else { return Ok(()) };
        let entry = json!({"segment": segment});
        self.enter(turn, journey, version, document, String::new(), entry)
    }

    fn current(&self, journey: JourneyId) -> Option<(i64, &'a Document)> {
        let book = self.book;
        let version = book.journeys.get(&journey)?.current?;
        Some((version, &book.version(journey, version)?.document))
    }

    fn enter(
        &mut self,
        turn: &mut Turn<'_>,
        journey: JourneyId,
        version: i64,
        document: &Document,
        key: String,
        entry: Value,
    ) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        let runs = self.runs_of(member);
        if !may_enter(document, runs, journey, &key, now, &turn.book.zone) {
            return Ok(());
        }
        let run = Run {
            id: turn.ids.next(RunId),
            workspace: turn.book.workspace,
            journey,
            version,
            member,
            origin: member,
            key: key.clone(),
            state: "active",
            step: Some(document.start.clone()),
            entered_at: now,
            step_at: now,
            wake_at: None,
            ended_at: None,
            end_reason: None,
            goal_at: None,
            steps_done: 0,
            entry,
        };
        runs.last_entered.insert((journey, key), now);
        runs.runs.push(run);
        let index = runs.runs.len() - 1;
        self.change(member, index, |run, changed| {
            let detail = run
                .entry
                .as_object()
                .map(|entry| json!({"event": entry.get("event"), "segment": entry.get("segment")}));
            changed.note(run, now, "", "entered", detail.unwrap_or_default());
        });
        if document.holdout > 0.0 && is_held_out(journey, member, document.holdout) {
            self.change(member, index, |run, changed| {
                changed.note(run, now, "", "held_out", json!({"share": document.holdout}));
                end(run, now, "held_out", "holdout");
            });
            return Ok(());
        }
        self.advance(turn, index)
    }

    /// Moves on every run whose wait is over.
    fn wake(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        for index in 0..self.runs_of(member).runs.len() {
            let run = &self.runs_of(member).runs[index];
            let is_due = run.state == "active" && run.wake_at.is_some_and(|at| at <= now);
            let (journey, version) = (run.journey, run.version);
            if !is_due || self.book.journeys.get(&journey).is_none_or(|published| published.paused) {
                continue;
            }
            let Some(version) = self.book.version(journey, version) else { continue };
            self.change(member, index, |run, changed| {
                let waited = run.step.take().unwrap_or_default();
                changed.note(run, now, &waited, "waited", json!({}));
                run.wake_at = None;
                run.step = version.document.steps.get(&waited).and_then(|step| step.next.clone());
            });
            self.advance(turn, index)?;
        }
        Ok(())
    }

    /// Takes steps until the run waits or ends.
    fn advance(&mut self, turn: &mut Turn<'_>, index: usize) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        loop {
            let run = &self.runs_of(member).runs[index];
            let (journey, version) = (run.journey, run.version);
            let Some(name) = run.step.clone() else {
                self.change(member, index, |run, changed| {
                    changed.note(run, now, "", "completed", json!({}));
                    end(run, now, "completed", "last step");
                });
                return Ok(());
            };
            let too_many = run.steps_done > MAX_STEPS_OF_RUN;
            let step = self.book.version(journey, version).and_then(|version| version.document.steps.get(&name));
            let Some(step) = step.filter(|_| !too_many) else {
                self.change(member, index, |run, changed| {
                    changed.note(run, now, &name, "failed", json!({"too_many_steps": too_many}));
                    end(run, now, "failed", if too_many { "too many steps" } else { "missing step" });
                });
                return Ok(());
            };
            let next = match &step.action {
                StepAction::Wait(period) => {
                    let wake_at = period.after(now, &turn.book.zone);
                    self.change(member, index, |run, changed| {
                        changed.note(run, now, &name, "waiting", json!({"until": wake_at}));
                        run.step_at = now;
                        run.wake_at = Some(wake_at);
                    });
                    return Ok(());
                }
                StepAction::Exit => {
                    self.change(member, index, |run, changed| {
                        changed.note(run, now, &name, "completed", json!({}));
                        end(run, now, "completed", "exit step");
                    });
                    return Ok(());
                }
                StepAction::Branch(cases) => {
                    let taken = self.choose(turn, journey, version, &name, cases.len())?;
                    let next = taken.map_or(&step.next, |case| &cases[case].next).clone();
                    self.change(member, index, |run, changed| {
                        changed.note(run, now, &name, "branched", json!({"case": taken, "next": next}));
                    });
                    next
                }
                StepAction::Send { channel, template, topic } => {
                    self.queue(turn, index, &name, channel, Some(*template), topic, json!({}))?;
                    step.next.clone()
                }
                StepAction::Webhook { channel, body } => {
                    self.queue(turn, index, &name, channel, None, "webhook", Value::Object(body.clone()))?;
                    step.next.clone()
                }
                StepAction::Tag { add, remove } => {
                    self.tag(turn, index, &name, add, remove)?;
                    step.next.clone()
                }
            };
            self.change(member, index, |run, _| {
                run.step = next;
                run.step_at = now;
            });
        }
    }

    /// The first case whose rule holds; `None` for "else".
    fn choose(
        &self,
        turn: &Turn<'_>,
        journey: JourneyId,
        version: i64,
        step: &str,
        cases: usize,
    ) -> Result<Option<usize>, Poison> {
        let Some(version) = self.book.version(journey, version) else { return Ok(None) };
        let member = turn.member()?;
        for case in 0..cases {
            let rule = version.rule_names.get(&format!("{step}/{case}")).and_then(|name| turn.book.other(name));
            let rule = rule.ok_or_else(|| Poison { code: Code::Poison, message: "a branch has no rule".to_owned() })?;
            if evaluate(rule, turn.book, member, turn.now).holds {
                return Ok(Some(case));
            }
        }
        Ok(None)
    }

    #[expect(clippy::too_many_arguments, reason = "what a message needs")]
    fn queue(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        channel: &str,
        template: Option<base::ids::TemplateId>,
        topic: &str,
        body: Value,
    ) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        let found = self.channels.iter().find(|(id, kind)| kind == channel || id.to_string() == channel);
        let Some((channel_id, kind)) = found.cloned() else {
            self.change(member, index, |run, changed| {
                changed.note(run, now, step, "skipped", json!({"reason": "channel_missing", "channel": channel}));
            });
            return Ok(());
        };
        let address = turn.member()?.address(&kind).unwrap_or_default();
        let id = turn.ids.next(DeliveryId);
        self.change(member, index, |run, changed| {
            changed.intents.push(Intent {
                id,
                workspace: run.workspace,
                member,
                channel: channel_id,
                channel_kind: kind,
                template,
                journey: run.journey,
                run: run.id,
                step: step.to_owned(),
                key: format!("{}/{step}/{}", run.id, run.steps_done),
                topic: topic.to_owned(),
                address,
                variables: json!({"event": run.entry.get("properties"), "journey": {"id": run.journey, "step": step}, "body": body}),
                at: now,
            });
            changed.note(run, now, step, "queued", json!({"delivery": id}));
        });
        turn.effects.queued_messages = true;
        Ok(())
    }

    /// Tags come back through the log as commands, like an operator's.
    fn tag(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        add: &[String],
        remove: &[String],
    ) -> Result<(), Poison> {
        let (now, member, workspace) = (turn.now, turn.member, turn.book.workspace);
        let run = &self.runs_of(member).runs[index];
        let (run_id, journey, number) = (run.id, run.journey, run.steps_done);
        for (name, tags) in [(TAG_REMOVED, remove), (TAG_ADDED, add)] {
            if tags.is_empty() {
                continue;
            }
            let properties = to_raw_value(&json!({"tags": tags, "journey": journey, "step": step}))
                .map_err(|error| Poison { code: Code::Poison, message: error.to_string() })?;
            turn.effects.emitted.push(Event {
                id: turn.ids.next(EventId),
                workspace,
                kind: EventKind::Command,
                name: name.to_owned(),
                user_id: None,
                anonymous_id: None,
                previous_id: None,
                member: Some(member),
                timestamp: now,
                received_at: now,
                message_id: format!("{run_id}/{number}/{name}"),
                source: format!("journey:{journey}"),
                properties,
                context: empty_object(),
            });
        }
        self.change(member, index, |run, changed| {
            changed.note(run, now, step, "tagged", json!({"add": add, "remove": remove}));
        });
        Ok(())
    }

    fn change(&mut self, member: MemberId, index: usize, change: impl FnOnce(&mut Run, &mut Changed)) {
        let Some(run) = self.members.get_mut(&member).and_then(|runs| runs.runs.get_mut(index)) else { return };
        change(run, self.changed);
        self.changed.runs.insert((member, run.id));
    }

    /// One timer per member: the earliest of his waits.
    fn set_timer(&mut self, turn: &mut Turn<'_>) {
        let member = turn.member;
        let book = self.book;
        let Some(runs) = self.members.get_mut(&member) else { return };
        let is_moving = |run: &&Run| {
            run.state == "active" && book.journeys.get(&run.journey).is_some_and(|published| !published.paused)
        };
        let wake_at = runs.runs.iter().filter(is_moving).filter_map(|run| run.wake_at).min();
        if wake_at != runs.timer {
            runs.timer = wake_at;
            turn.effects.timers.set(TIMER, member.0, turn.book.workspace, wake_at);
        }
    }
}

impl Changed {
    /// Adds a line to a run's trace.
    fn note(&mut self, run: &mut Run, at: Time, step: &str, action: &'static str, detail: Value) {
        self.trace.push(TraceLine {
            run: run.id,
            journey: run.journey,
            version: run.version,
            seq: run.steps_done,
            at,
            step: step.to_owned(),
            action,
            detail,
        });
        run.steps_done += 1;
        self.runs.insert((run.member, run.id));
    }
}

fn end(run: &mut Run, now: Time, state: &'static str, reason: &'static str) {
    run.state = state;
    run.end_reason = Some(reason);
    run.ended_at = Some(now);
    run.wake_at = None;
}

fn may_enter(
    document: &Document,
    runs: &MemberRuns,
    journey: JourneyId,
    key: &str,
    now: Time,
    zone: &jiff::tz::TimeZone,
) -> bool {
    let Some(last) = runs.last_entered.get(&(journey, key.to_owned())) else { return true };
    let under_way = runs.runs.iter().any(|run| run.journey == journey && run.key == key && run.state == "active");
    let allowed = match document.reentry.policy {
        ReentryPolicy::Never => false,
        ReentryPolicy::AfterExit => !under_way,
        ReentryPolicy::Always => true,
    };
    allowed && document.reentry.cooldown.as_ref().is_none_or(|cooldown| cooldown.after(*last, zone) <= now)
}

/// The same member gets the same answer for a journey, always.
fn is_held_out(journey: JourneyId, member: MemberId, share: f64) -> bool {
    let hash = xxhash_rust::xxh3::xxh3_64_with_seed(&member.0.to_le_bytes(), journey.0 as u64);
    // The upper 53 bits as a number in 0..1.
    ((hash >> 11) as f64 / (1u64 << 53) as f64) < share
}

fn key_of(path: &str, properties: &serde_json::Map<String, Value>) -> String {
    let name = path.strip_prefix("properties.").unwrap_or(path);
    match base::rule::lookup(properties, name) {
        Some(Value::String(text)) => text.chars().take(200).collect(),
        Some(other) => other.to_string().chars().take(200).collect(),
        None => String::new(),
    }
}

/// An event that carries the journey's key concerns only the run with that key; one without it
/// concerns all.
fn same_key(document: &Document, run: &Run, event: &Event) -> bool {
    let Some(path) = &document.key else { return true };
    let key = key_of(path, &event.properties_value());
    key.is_empty() || key == run.key
}
