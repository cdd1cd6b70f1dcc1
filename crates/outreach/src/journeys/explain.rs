//! "Why did she get, or not get, this?" — the decision trail of one member in one journey.

use base::{
    Problem, Time,
    ids::{DeliveryId, JourneyId, MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::{Value, json};
use store::Sql;
use utoipa::ToSchema;

use super::{
    Document, Entry,
    service::{self, JourneyDto, TraceDto},
};
use crate::outbox;

/// The decision trail, in order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// `mem_…`
    #[schema(value_type = String)]
    pub member: MemberId,
    /// `jrn_…`
    #[schema(value_type = String)]
    pub journey: JourneyId,
    /// What was decided, in order of time.
    pub trail: Vec<TrailLine>,
}

/// One decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailLine {
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// What: `entered`, `waiting`, `branched`, `queued`, `sending`, `accepted`, `suppressed` ….
    pub what: String,
    /// At which step, if at one.
    pub step: String,
    /// Particulars for programs.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// The same in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

#[derive(FromQueryResult)]
struct SeenRow {
    times: i64,
    last_at: Option<i64>,
}

/// Puts the trail together from the runs' traces and the history of their messages.
pub async fn explain(
    db: &impl Sql,
    workspace: WorkspaceId,
    member: MemberId,
    journey: &JourneyDto,
) -> Result<Explanation, Problem> {
    let internal = |error: DbErr| api::ApiError::from(error).0;
    let runs = service::runs(db, journey.id, Some(member), i64::MAX, 100).await.map_err(internal)?;
    let mut trail = Vec::new();
    let mut deliveries: Vec<DeliveryId> = Vec::new();
    for run in runs.iter().rev() {
        for line in &run.trace {
            let delivery = line.detail.get("delivery").and_then(Value::as_str);
            deliveries.extend(delivery.and_then(|id| id.parse::<DeliveryId>().ok()));
            trail.push(in_words(line));
        }
    }
    for entry in outbox::trail(db, workspace, &deliveries).await.map_err(internal)? {
        trail.push(TrailLine {
            at: entry.at,
            what: entry.state.clone(),
            step: String::new(),
            detail: json!({"delivery": entry.delivery, "detail": entry.detail}),
            en: format!("Message {}: {}", english_state(&entry.state), entry.detail),
            zh: format!("消息{}：{}", chinese_state(&entry.state), entry.detail),
        });
    }
    trail.sort_by_key(|line| line.at);
    if runs.is_empty() {
        trail.push(why_never_entered(db, workspace, member, journey).await.map_err(internal)?);
    }
    Ok(Explanation { member, journey: journey.id, trail })
}

/// The reason why a member has no run at all.
async fn why_never_entered(
    db: &impl Sql,
    workspace: WorkspaceId,
    member: MemberId,
    journey: &JourneyDto,
) -> Result<TrailLine, DbErr> {
    let published: Option<(i64, Document)> = published_document(db, journey).await?;
    let line = |at: i64, reason: &str, detail: Value, en: String, zh: String| TrailLine {
        at: Time::from_millis(at),
        what: "not_entered".to_owned(),
        step: String::new(),
        detail: json!({"reason": reason, "more": detail}),
        en,
        zh,
    };
    let Some((published_at, document)) = published else {
        let (en, zh) = ("The journey has not been published.", "旅程尚未发布。");
        return Ok(line(journey.created_at.millis(), "not_published", json!({}), en.to_owned(), zh.to_owned()));
    };
    match document.entry {
        Entry::Segment(segment) => {
            let inside: Option<i64> = db
                .scalar(
                    "SELECT entered_at FROM segment_members WHERE segment_id = $1 AND member_id = $2",
                    vec![segment.0.into(), member.0.into()],
                )
                .await?;
            Ok(match inside {
                Some(at) => line(
                    at,
                    "in_segment_before_publication",
                    json!({"segment": segment}),
                    "The member was in the segment already when the journey was published; it lets in those who enter."
                        .to_owned(),
                    "旅程发布时该成员已在分群中；旅程只接纳新进入分群的成员。".to_owned(),
                ),
                None => line(
                    published_at,
                    "never_entered_segment",
                    json!({"segment": segment}),
                    "The member has not entered the segment since the journey was published.".to_owned(),
                    "旅程发布后，该成员没有进入过入口分群。".to_owned(),
                ),
            })
        }
        Entry::Event(trigger) => {
            let seen: Option<SeenRow> = db
                .one(
                    "SELECT COUNT(*) AS times, MAX(e.received_at) AS last_at FROM events e
                     JOIN event_names n ON n.id = e.name_id
                     WHERE e.identity_id IN (SELECT id FROM identities WHERE member_id = $1)
                       AND n.workspace_id = $2 AND n.name = $3 AND e.received_at >= $4",
                    vec![member.0.into(), workspace.0.into(), trigger.event.clone().into(), published_at.into()],
                )
                .await?;
            let seen = seen.filter(|seen| seen.times > 0);
            let detail = json!({"event": trigger.event, "times": seen.as_ref().map_or(0, |seen| seen.times)});
            Ok(match seen {
                Some(seen) => line(
                    seen.last_at.unwrap_or(published_at),
                    "filters_did_not_match",
                    detail,
                    format!("\"{}\" happened since publication, but its properties did not match.", trigger.event),
                    format!("发布后发生过“{}”，但属性不符合入口条件。", trigger.event),
                ),
                None => line(
                    published_at,
                    "no_entry_event",
                    detail,
                    format!("\"{}\" has not happened since the journey was published.", trigger.event),
                    format!("旅程发布后，该成员没有发生过“{}”。", trigger.event),
                ),
            })
        }
    }
}

#[derive(FromQueryResult)]
struct PublishedRow {
    published_at: i64,
    document_json: String,
}

async fn published_document(db: &impl Sql, journey: &JourneyDto) -> Result<Option<(i64, Document)>, DbErr> {
    let Some(version) = journey.published_version else { return Ok(None) };
    let row: Option<PublishedRow> = db
        .one(
            "SELECT (SELECT MIN(published_at) FROM journey_versions WHERE journey_id = $1) AS published_at, document_json
             FROM journey_versions WHERE journey_id = $1 AND version = $2",
            vec![journey.id.0.into(), version.into()],
        )
        .await?;
    Ok(row.and_then(|row| {
        let document = serde_json::from_str(&row.document_json).ok().and_then(|json| Document::parse(&json).ok())?;
        Some((row.published_at, document))
    }))
}

fn in_words(line: &TraceDto) -> TrailLine {
    let text =
        |field: &str| line.detail.get(field).map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
    let step = &line.step;
    let (en, zh) = match line.action.as_str() {
        "entered" => {
            let by = text("event").or(text("segment")).unwrap_or_default();
            (format!("Entered the journey by {by}."), format!("因“{by}”进入旅程。"))
        }
        "held_out" => {
            ("Left out on purpose, as part of the holdout.".to_owned(), "被随机划入对照组，不接收消息。".to_owned())
        }
        "waiting" => {
            let until = text("until").unwrap_or_default();
            (format!("Waits at {step} until {until}."), format!("在 {step} 等待至 {until}。"))
        }
        "waited" => (format!("The wait at {step} was over."), format!("{step} 的等待结束。")),
        "branched" => {
            let next = text("next").unwrap_or_default();
            match line.detail.get("case").and_then(Value::as_u64) {
                Some(case) => (
                    format!("At {step}, case {} held; went on to {next}.", case + 1),
                    format!("{step} 的第 {} 个条件成立，转到 {next}。", case + 1),
                ),
                None => (
                    format!("At {step}, no case held; went on to {next}."),
                    format!("{step} 的条件均不成立，转到 {next}。"),
                ),
            }
        }
        "queued" => (format!("{step} queued a message."), format!("{step} 将一条消息放入发送队列。")),
        "skipped" => (format!("{step} was skipped: the channel does not exist."), format!("跳过 {step}：渠道不存在。")),
        "tagged" => (format!("{step} changed tags."), format!("{step} 修改了标签。")),
        "goal" => ("The goal was reached.".to_owned(), "达成目标。".to_owned()),
        "exited" => {
            let by = text("event").unwrap_or_default();
            (format!("Left the journey because of {by}."), format!("因“{by}”离开旅程。"))
        }
        "completed" => ("Reached the end of the journey.".to_owned(), "走完旅程。".to_owned()),
        other => (format!("{other} at {step}."), format!("{step}：{other}。")),
    };
    TrailLine { at: line.at, what: line.action.clone(), step: step.clone(), detail: line.detail.clone(), en, zh }
}

fn english_state(state: &str) -> String {
    state.replace('_', " ")
}

fn chinese_state(state: &str) -> &str {
    match state {
        "queued" => "已排队",
        "sending" => "发送中",
        "accepted" => "已被接收",
        "delivered" => "已送达",
        "opened" => "已打开",
        "clicked" => "已点击",
        "bounced" => "被退回",
        "failed" => "失败",
        "unknown" => "结果未知",
        "suppressed" => "被拦截",
        "expired" => "已过期",
        "cancelled" => "已取消",
        "scanner" => "遇到安全扫描",
        other => other,
    }
}
