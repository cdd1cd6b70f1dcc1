//! What steps do outside their run: messages, tags, traits, calls.

use base::{
    Code, Event, EventKind, Period, Time,
    event::empty_object,
    ids::{DeliveryId, EventId, JourneyId, MemberId, TemplateId},
};
use people::{
    pipeline::{Poison, Turn},
    tags::{TAG_ADDED, TAG_REMOVED},
};
use serde_json::{Map, Value, json, value::to_raw_value};

use super::{
    StepAction,
    document::Priority,
    echo::change_id,
    runs::{Intent, Pending},
    stage::Walk,
    steps::Flow,
};

/// A message that a step queues.
struct Message<'s> {
    channel: &'s str,
    /// `None` for a webhook.
    template: Option<TemplateId>,
    topic: &'s str,
    body: Value,
    priority: Priority,
    expires: Option<&'s Period>,
    options: Value,
}

impl Walk<'_> {
    pub(super) fn send(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        action: &StepAction,
    ) -> Result<Flow, Poison> {
        let StepAction::Send { channel, template, topic, priority, expires } = action else { return Ok(Flow::Next) };
        let message = Message {
            channel,
            template: Some(*template),
            topic,
            body: json!({}),
            priority: *priority,
            expires: expires.as_ref(),
            options: json!({}),
        };
        self.queue(turn, index, step, message)?;
        Ok(Flow::Next)
    }

    /// Queues the call; with a deadline the run waits for the answer.
    pub(super) fn call_webhook(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        action: &StepAction,
    ) -> Result<Flow, Poison> {
        let StepAction::Webhook { channel, body, traits, deadline } = action else { return Ok(Flow::Next) };
        let asks = !traits.is_empty() || deadline.is_some();
        let message = Message {
            channel,
            template: None,
            topic: "webhook",
            body: Value::Object(body.clone()),
            priority: Priority::Normal,
            expires: None,
            options: if asks { json!({"traits": traits, "answer": asks}) } else { json!({}) },
        };
        let delivery = self.queue(turn, index, step, message)?;
        match (delivery, deadline) {
            (Some(delivery), Some(deadline)) => {
                let pending = Pending::Webhook { delivery };
                self.wait_for(turn, index, step, pending, Some(deadline), Value::Null)
            }
            _ => Ok(Flow::Next),
        }
    }

    fn queue(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        message: Message<'_>,
    ) -> Result<Option<DeliveryId>, Poison> {
        let (now, member) = (turn.now, turn.member);
        let channel = message.channel;
        let found = self.channels.iter().find(|(id, kind)| kind == channel || id.to_string() == channel);
        let Some((channel_id, kind)) = found.cloned() else {
            self.change(member, index, |run, changed| {
                changed.note(run, now, step, "skipped", json!({"reason": "channel_missing", "channel": channel}));
            });
            return Ok(None);
        };
        let state = turn.member()?;
        let address = state.address(&kind).unwrap_or_default();
        let expires_at = message.expires.map(|period| period.after(now, &state.time_zone(turn.book)));
        let id = turn.ids.next(DeliveryId);
        self.change(member, index, |run, changed| {
            let properties = run.entry_value().remove("properties");
            changed.intents.push(Intent {
                id,
                workspace: run.workspace,
                member,
                channel: channel_id,
                channel_kind: kind,
                template: message.template,
                journey: run.journey,
                run: run.id,
                step: step.to_owned(),
                key: format!("{}/{step}/{}", run.id, run.trace_length),
                topic: message.topic.to_owned(),
                address,
                variables: json!({"event": properties, "journey": {"id": run.journey, "step": step},
                    "body": message.body}),
                priority: message.priority.number(),
                expires_at,
                options: message.options,
                at: now,
            });
            changed.note(run, now, step, "queued", json!({"delivery": id}));
        });
        turn.effects.queued_messages = true;
        Ok(Some(id))
    }

    /// Tags come back through the log as commands, like an operator's. The id of the last tells the run that all have come.
    pub(super) fn tag(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        add: &[String],
        remove: &[String],
    ) -> Result<Flow, Poison> {
        let (now, member) = (turn.now, turn.member);
        let run = &self.runs(member)[index];
        let (run_id, journey, number) = (run.id, run.journey, run.trace_length);
        let mut commands = vec![(TAG_REMOVED, remove), (TAG_ADDED, add)];
        commands.retain(|(_, tags)| !tags.is_empty());
        for (place, (name, tags)) in commands.iter().enumerate() {
            let properties = json!({"tags": tags, "journey": journey, "step": step});
            let message_id = match place + 1 == commands.len() {
                true => change_id(run_id, number),
                false => format!("{}/{name}", change_id(run_id, number)),
            };
            emit(turn, journey, EventKind::Command, name, message_id, &properties)?;
        }
        self.change(member, index, |run, changed| {
            run.told = if commands.is_empty() { run.told } else { Some(number) };
            changed.note(run, now, step, "tagged", json!({"add": add, "remove": remove}));
        });
        Ok(Flow::Next)
    }

    /// So do traits, as what Hearth itself says of the member.
    pub(super) fn set_traits(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        traits: &Map<String, Value>,
    ) -> Result<Flow, Poison> {
        let (now, member) = (turn.now, turn.member);
        let run = &self.runs(member)[index];
        let (journey, number) = (run.journey, run.trace_length);
        say_traits(turn, journey, change_id(run.id, number), traits)?;
        let names: Vec<&String> = traits.keys().collect();
        self.change(member, index, |run, changed| {
            run.told = Some(number);
            changed.note(run, now, step, "set", json!({"traits": names}));
        });
        Ok(Flow::Next)
    }
}

/// Lets the log say traits of the member.
pub(super) fn say_traits(
    turn: &mut Turn<'_>,
    journey: JourneyId,
    message_id: String,
    traits: &Map<String, Value>,
) -> Result<(), Poison> {
    let kind = EventKind::Identify;
    emit(turn, journey, kind, kind.default_name(), message_id, &Value::Object(traits.clone()))
}

/// Appends an event about the member to the log, as what the journey says.
pub(super) fn emit(
    turn: &mut Turn<'_>,
    journey: JourneyId,
    kind: EventKind,
    name: &str,
    message_id: String,
    properties: &Value,
) -> Result<(), Poison> {
    let properties =
        to_raw_value(properties).map_err(|error| Poison { code: Code::Poison, message: error.to_string() })?;
    let (member, now): (MemberId, Time) = (turn.member, turn.now);
    turn.effects.emitted.push(Event {
        id: turn.ids.next(EventId),
        workspace: turn.book.workspace,
        kind,
        name: name.to_owned(),
        user_id: None,
        anonymous_id: None,
        previous_id: None,
        member: Some(member),
        timestamp: now,
        received_at: now,
        message_id,
        source: format!("journey:{journey}"),
        trusted: true,
        properties,
        context: empty_object(),
    });
    Ok(())
}
