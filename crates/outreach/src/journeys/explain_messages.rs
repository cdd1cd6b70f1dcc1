//! What became of messages, for the decision trail.

use std::collections::HashMap;

use base::{
    Time,
    ids::{ChannelId, DeliveryId, JourneyId, TemplateId, WorkspaceId},
};
use people::consent::normal_address;
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json};
use store::Sql;

use super::{
    explain::{MOST_LINES, TrailLine},
    naming::Mentioned,
    words::{Line, Sayer, Words, deliveries, moments, reasons},
};

/// A row of the ledger.
#[derive(Clone, FromQueryResult)]
pub(super) struct Message {
    pub(super) id: i64,
    pub(super) member_id: i64,
    channel_id: i64,
    channel_kind: String,
    template_id: i64,
    pub(super) journey_id: Option<i64>,
    pub(super) run_id: Option<i64>,
    step: String,
    topic: String,
    address: String,
    state: String,
    reason: Option<String>,
    priority: i64,
    expires_at: Option<i64>,
    queued_at: i64,
    next_attempt_at: i64,
}

const COLUMNS: &str = "d.id, d.member_id, d.channel_id, d.channel_kind, d.template_id, d.journey_id, d.run_id, d.step, \
                       d.topic, d.address, d.state, d.reason, d.priority, d.expires_at, d.queued_at, d.next_attempt_at";

#[derive(FromQueryResult)]
struct HistoryRow {
    delivery_id: i64,
    at: i64,
    state: String,
    detail: String,
}

#[derive(FromQueryResult)]
struct SinceRow {
    id: i64,
    reason: String,
    source: String,
    at: i64,
}

/// What became of some messages.
pub(super) struct Past {
    messages: HashMap<i64, Message>,
    history: Vec<HistoryRow>,
    /// Why an address gets nothing, or since when a consent is withdrawn, by message.
    since: HashMap<i64, SinceRow>,
    now: Time,
    /// Whether there is more history than is read.
    pub(super) is_cut: bool,
}

/// One message of a workspace.
pub(super) async fn message(
    db: &impl Sql,
    workspace: WorkspaceId,
    delivery: DeliveryId,
) -> Result<Option<Message>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM deliveries d WHERE d.workspace_id = $1 AND d.id = $2"),
        vec![workspace.0.into(), delivery.0.into()],
    )
    .await
}

/// Reads what became of these messages.
pub(super) async fn of(
    db: &impl Sql,
    workspace: WorkspaceId,
    deliveries: &[DeliveryId],
    now: Time,
) -> Result<Past, DbErr> {
    let keys: Vec<(i64,)> = deliveries.iter().map(|id| (id.0,)).collect();
    let messages: Vec<Message> = db
        .all_rows(
            &format!(
                "SELECT {COLUMNS} FROM {{rows}}
                 CROSS JOIN deliveries d WHERE d.id = CAST(r.value->>0 AS BIGINT) AND d.workspace_id = $2"
            ),
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    let known: Vec<(i64,)> = messages.iter().map(|message| (message.id,)).collect();
    let mut history: Vec<HistoryRow> = db
        .all_rows(
            "SELECT h.delivery_id, h.at, h.state, h.detail
             FROM {rows} JOIN delivery_history h ON h.delivery_id = CAST(r.value->>0 AS BIGINT)
             ORDER BY h.id DESC LIMIT $2",
            &known,
            vec![(MOST_LINES as i64 + 1).into()],
        )
        .await?;
    let is_cut = history.len() > MOST_LINES;
    history.truncate(MOST_LINES);
    history.reverse();
    let mut since = suppressed_since(db, workspace, &messages).await?;
    since.extend(withdrawn_since(db, &messages).await?);
    let since = since.into_iter().map(|row| (row.id, row)).collect();
    let messages = messages.into_iter().map(|message| (message.id, message)).collect();
    Ok(Past { messages, history, since, now, is_cut })
}

/// Why the addresses of suppressed messages get nothing.
async fn suppressed_since(db: &impl Sql, workspace: WorkspaceId, messages: &[Message]) -> Result<Vec<SinceRow>, DbErr> {
    let rows: Vec<(i64, &str, String)> = messages
        .iter()
        .filter(|message| message.reason.as_deref() == Some("suppressed_address"))
        .map(|message| {
            (message.id, message.channel_kind.as_str(), normal_address(&message.channel_kind, &message.address))
        })
        .collect();
    db.all_rows(
        "SELECT CAST(r.value->>0 AS BIGINT) AS id, s.reason, s.source, s.created_at AS at
         FROM {rows} CROSS JOIN suppressions s
         WHERE s.workspace_id = $2 AND s.channel_kind = r.value->>1 AND s.address = r.value->>2",
        &rows,
        vec![workspace.0.into()],
    )
    .await
}

/// When members withdrew the consent that messages lacked, the last time.
async fn withdrawn_since(db: &impl Sql, messages: &[Message]) -> Result<Vec<SinceRow>, DbErr> {
    let rows: Vec<(i64, i64, &str, &str)> = messages
        .iter()
        .filter(|message| message.reason.as_deref() == Some("consent_withdrawn"))
        .map(|message| (message.id, message.member_id, message.channel_kind.as_str(), message.topic.as_str()))
        .collect();
    db.all_rows(
        "SELECT CAST(r.value->>0 AS BIGINT) AS id, 'consent_withdrawn' AS reason, MAX(c.source) AS source,
                MAX(c.decided_at) AS at
         FROM {rows}
         JOIN members m ON m.id = CAST(r.value->>1 AS BIGINT)
         JOIN identities i ON i.member_id = COALESCE(m.merged_into, m.id)
         JOIN consents c ON c.identity_id = i.id AND c.granted = 0 AND c.channel_kind = r.value->>2
           AND (c.topic = r.value->>3 OR c.topic = '*')
         GROUP BY r.value->>0",
        &rows,
        Vec::new(),
    )
    .await
}

impl Past {
    /// Notes the ids of which the sentences will need names.
    pub(super) fn mention(&self, mentioned: &mut Mentioned) {
        for message in self.messages.values() {
            mentioned.note(&ChannelId(message.channel_id).to_string());
            mentioned.note(&TemplateId(message.template_id).to_string());
            message.journey_id.iter().for_each(|id| mentioned.note(&JourneyId(*id).to_string()));
        }
        self.history.iter().for_each(|line| mentioned.note(&line.detail));
        self.since.values().for_each(|since| mentioned.note(&since.source));
    }

    pub(super) fn message(&self, delivery: &str) -> Option<&Message> {
        self.messages.get(&delivery.parse::<DeliveryId>().ok()?.0)
    }

    /// The histories in words, and what holds now for those that still wait.
    pub(super) fn lines(&self, sayer: &Sayer<'_>) -> Vec<TrailLine> {
        let mut lines: Vec<TrailLine> = self
            .history
            .iter()
            .filter_map(|line| {
                let message = self.messages.get(&line.delivery_id)?;
                let mut words = deliveries::in_words(&line.state, &line.detail, sayer);
                if line.state == message.state {
                    words = words.then(&self.since(message, sayer));
                }
                let detail = json!({"delivery": DeliveryId(message.id), "detail": line.detail});
                let words = message.about(words, sayer);
                Some(TrailLine::new(Time::from_millis(line.at), &line.state, "", detail, words))
            })
            .collect();
        let mut waiting: Vec<&Message> = self.messages.values().filter(|message| message.state == "queued").collect();
        waiting.sort_by_key(|message| message.id);
        lines.extend(waiting.into_iter().map(|message| message.now(self.now, sayer)));
        lines
    }

    /// Since when, and by what, a message's address gets nothing or its consent is withdrawn.
    fn since(&self, message: &Message, sayer: &Sayer<'_>) -> Words {
        let Some(since) = self.since.get(&message.id) else { return Words::default() };
        let at = moments::moment(Time::from_millis(since.at), sayer.zone);
        if since.reason == "consent_withdrawn" {
            let source = sayer.names.source(&since.source);
            return Words::new(
                format!("He did so on {} ({}).", at.en, source.en),
                format!("撤回时间：{}（{}）。", at.zh, source.zh),
            );
        }
        let why = reasons::find(&since.reason).map_or_else(|| Words::same(since.reason.clone()), |reason| reason.why());
        Words::new(format!("It is there since {}: {}", at.en, why.en), format!("自 {} 起：{}", at.zh, why.zh))
    }
}

impl Message {
    /// Its template and channel, as operators know them.
    fn name(&self, sayer: &Sayer<'_>) -> Words {
        let channel = sayer.names.of(&ChannelId(self.channel_id).to_string());
        if self.template_id == 0 {
            return Words::new(format!("the call of “{channel}”"), format!("对“{channel}”的调用"));
        }
        let template = sayer.names.of(&TemplateId(self.template_id).to_string());
        Words::new(format!("“{template}” by “{channel}”"), format!("“{template}”（“{channel}”）"))
    }

    fn about(&self, words: Words, sayer: &Sayer<'_>) -> Words {
        let name = self.name(sayer).sentence();
        Words::new(format!("{}: {}", name.en, words.en), format!("{}：{}", name.zh, words.zh))
    }

    /// How it came to be.
    pub(super) fn queued_by(&self, place: &Words, sayer: &Sayer<'_>) -> Words {
        let name = self.name(sayer);
        let mut words = match self.address.is_empty() {
            true => Words::new(
                format!("{} queued {}", place.en, name.en),
                format!("{} 将 {} 放入发送队列", place.zh, name.zh),
            ),
            false => Words::new(
                format!("{} queued {} to {}", place.en, name.en, self.address),
                format!("{} 将 {} 放入发送队列，收件地址 {}", place.zh, name.zh, self.address),
            ),
        };
        let (en, zh) = priority_in_words(self.priority);
        let topic = sayer.names.topic(&self.topic);
        words = Words::new(
            format!("{} (topic “{}”, {en} priority).", words.en, topic.en),
            format!("{}（主题“{}”，优先级{zh}）。", words.zh, topic.zh),
        );
        if let Some(at) = self.expires_at {
            let at = moments::moment(Time::from_millis(at), sayer.zone);
            words = words
                .then(&Words::new(format!("It is worth sending until {}.", at.en), format!("有效期至 {}。", at.zh)));
        }
        words.sentence()
    }

    /// The first line of its own trail.
    pub(super) fn queued(&self, document: Option<&Value>, sayer: &Sayer<'_>) -> TrailLine {
        let detail = json!({"delivery": DeliveryId(self.id), "journey": self.journey_id.map(JourneyId)});
        let place = match self.journey_id {
            Some(journey) => {
                let journey = sayer.names.of(&JourneyId(journey).to_string());
                let place = Line { sayer, step: &self.step, detail: &detail, document }.place();
                Words::new(
                    format!("the journey “{journey}” at {}", place.en),
                    format!("旅程“{journey}”的 {}", place.zh),
                )
            }
            None => Words::new("an operator or a program", "操作员或程序"),
        };
        let words = self.queued_by(&place, sayer);
        TrailLine::new(Time::from_millis(self.queued_at), "queued", &self.step, detail, words)
    }

    /// Why it still waits.
    fn now(&self, now: Time, sayer: &Sayer<'_>) -> TrailLine {
        let due = Time::from_millis(self.next_attempt_at);
        let reason = self.reason.as_deref().and_then(reasons::find);
        let mut words = match reason {
            Some(reason) => {
                let why = reason.why();
                Words::new(format!("It waits now: {}", why.en), format!("目前在等待：{}", why.zh))
            }
            None => Words::new("It waits in the queue now.", "目前在队列中等待。"),
        };
        if due > now {
            let at = moments::moment(due, sayer.zone);
            words = words.then(&Words::new(
                format!("It can go out on {} at the earliest.", at.en),
                format!("最早 {} 发送。", at.zh),
            ));
        }
        words = words.then(&reason.map(reasons::Reason::advice).unwrap_or_default());
        let detail = json!({"delivery": DeliveryId(self.id), "reason": self.reason, "next_attempt_at": due});
        TrailLine::new(now, "now", "", detail, self.about(words, sayer))
    }
}

fn priority_in_words(priority: i64) -> (&'static str, &'static str) {
    match priority {
        ..=10 => ("low", "低"),
        11..=50 => ("normal", "普通"),
        51..=80 => ("high", "高"),
        _ => ("critical", "紧急"),
    }
}
