//! The opt-in stage: asks whoever agreed in a page to confirm it, where the topic wants that.
//!
//! At most one message goes to an identity about a topic within a day, however often somebody says that it agreed: nobody
//! can have a stranger's mailbox filled. Who has decided already, one way or the other, is not asked.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use base::{
    Event, EventKind, Time,
    ids::{ChannelId, DeliveryId, IdentityId, MemberId, TemplateId, WorkspaceId},
    rule::Rule,
};
use people::{
    consent::{self, CONSENT_GIVEN, Check, Verdict, asks_to_confirm, topics},
    pipeline::{Poison, Stage, Turn},
};
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql, Tx};

const DAY: i64 = 86_400_000;
const EMAIL: &str = "email";

/// What a workspace asks to be confirmed, and by which channel.
#[derive(Debug, Default)]
struct Asked {
    templates: BTreeMap<String, TemplateId>,
    channel: Option<ChannelId>,
}

/// A consent that is to be confirmed.
#[derive(Clone, Debug)]
struct Wanted {
    delivery: DeliveryId,
    workspace: WorkspaceId,
    member: MemberId,
    identity: IdentityId,
    channel: ChannelId,
    template: TemplateId,
    topic: String,
    address: String,
    at: Time,
}

/// Queues the messages that ask for confirmation.
#[derive(Debug, Default)]
pub struct OptInStage {
    asked: HashMap<WorkspaceId, Asked>,
    wanted: Vec<Wanted>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[async_trait]
impl Stage for OptInStage {
    fn name(&self) -> &'static str {
        "opt_in"
    }

    async fn configure(&mut self, tx: &Tx, workspace: WorkspaceId) -> Result<BTreeMap<String, Rule>, DbErr> {
        let described = topics::topics(tx, workspace).await?;
        let to_confirm = described.into_iter().filter_map(|topic| Some((topic.topic, topic.confirm_template?)));
        let templates: BTreeMap<String, TemplateId> = to_confirm.collect();
        let channel: Option<IdRow> = match templates.is_empty() {
            true => None,
            // The oldest that sends.
            false => {
                tx.one(
                    "SELECT id FROM channels WHERE workspace_id = $1 AND kind = 'email' AND deleted_at IS NULL
                     ORDER BY CASE WHEN state = 'active' THEN 0 ELSE 1 END, id LIMIT 1",
                    vec![workspace.0.into()],
                )
                .await?
            }
        };
        self.asked.insert(workspace, Asked { templates, channel: channel.map(|row| ChannelId(row.id)) });
        Ok(BTreeMap::new())
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Some(event) = turn.event().filter(|event| is_claim(event)) else { return Ok(()) };
        let (Some(asked), Some(identity)) = (self.asked.get(&event.workspace), turn.identity) else { return Ok(()) };
        if asked.templates.is_empty() {
            return Ok(());
        }
        let Ok((kind, topic)) = consent::about(&mut event.properties_value(), true) else { return Ok(()) };
        let (Some(template), Some(channel)) = (asked.templates.get(&topic), asked.channel) else { return Ok(()) };
        let Some(address) = turn.member()?.address(EMAIL).filter(|_| kind == EMAIL) else { return Ok(()) };
        self.wanted.push(Wanted {
            delivery: turn.ids.next(DeliveryId),
            workspace: event.workspace,
            member: turn.member,
            identity,
            channel,
            template: *template,
            topic,
            address,
            at: turn.now,
        });
        turn.effects.queued_messages = true;
        Ok(())
    }

    async fn flush(&mut self, tx: &Tx) -> Result<(), DbErr> {
        if self.wanted.is_empty() {
            return Ok(());
        }
        let checks: Vec<Check> = self.wanted.iter().map(Wanted::check).collect();
        let in_force = consent::in_force(tx, &checks).await?;
        let open = self.wanted.iter().zip(in_force).filter(|(_, verdict)| *verdict == Verdict::Claimed);
        let rows: Vec<_> = open.map(|(wanted, _)| wanted.row()).collect();
        tx.run_rows(
            "INSERT INTO deliveries (id, workspace_id, member_id, channel_id, channel_kind, template_id, step, intent_key,
                topic, address, variables_json, options_json, state, queued_at, next_attempt_at, priority)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                CAST(r.value->>3 AS BIGINT), 'email', CAST(r.value->>4 AS BIGINT), '', r.value->>5, 'transactional',
                r.value->>6, r.value->>7, r.value->>8, 'queued', CAST(r.value->>9 AS BIGINT), CAST(r.value->>9 AS BIGINT), 80
             FROM {rows} WHERE true
             ON CONFLICT (intent_key) DO NOTHING",
            &rows,
        )
        .await?;
        Ok(())
    }

    fn committed(&mut self) {
        self.wanted.clear();
    }

    fn forget(&mut self) {
        self.wanted.clear();
    }
}

/// Whether an event tells of a consent that has yet to be confirmed.
fn is_claim(event: &Event) -> bool {
    let is_consent = event.kind == EventKind::Track && event.name == CONSENT_GIVEN;
    is_consent && (!event.trusted || asks_to_confirm(&event.properties_value()))
}

type Row<'a> = (i64, i64, i64, i64, i64, String, &'a str, String, String, i64);

impl Wanted {
    fn check(&self) -> Check {
        Check {
            workspace: self.workspace,
            member: self.member,
            channel_kind: EMAIL.to_owned(),
            topic: self.topic.clone(),
            address: self.address.clone(),
            requires_consent: true,
        }
    }

    fn row(&self) -> Row<'_> {
        let key = format!("opt-in/{}/{}/{}", self.identity, self.topic, self.at.millis().div_euclid(DAY));
        let variables = json!({"topic": self.topic});
        let options = json!({"confirms": {"channel_kind": EMAIL, "topic": self.topic}});
        (
            self.delivery.0,
            self.workspace.0,
            self.member.0,
            self.channel.0,
            self.template.0,
            key,
            &self.address,
            variables.to_string(),
            options.to_string(),
            self.at.millis(),
        )
    }
}
