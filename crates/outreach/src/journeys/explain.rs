//! "Why did she get, or not get, this?" — the decision trail of one member in one journey.

use base::{
    Time,
    ids::{DeliveryId, JourneyId, MemberId, WorkspaceId},
};
use sea_orm::DbErr;
use serde::Serialize;
use serde_json::{Value, json};
use store::Sql;
use utoipa::ToSchema;

use super::{
    absence,
    report::{self, TraceDto},
    service::JourneyDto,
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

/// Puts the trail together from the runs' traces and the history of their messages.
pub async fn explain(
    db: &impl Sql,
    workspace: WorkspaceId,
    member: MemberId,
    journey: &JourneyDto,
) -> Result<Explanation, DbErr> {
    let runs = report::runs(db, journey.id, Some(member), i64::MAX, 100).await?;
    let mut trail = Vec::new();
    let mut deliveries: Vec<DeliveryId> = Vec::new();
    for run in runs.iter().rev() {
        for line in &run.trace {
            let delivery = line.detail.get("delivery").and_then(Value::as_str);
            deliveries.extend(delivery.and_then(|id| id.parse::<DeliveryId>().ok()));
            trail.push(in_words(line));
        }
    }
    for entry in outbox::trail(db, workspace, &deliveries).await? {
        trail.push(TrailLine {
            at: entry.at,
            what: entry.state.clone(),
            step: String::new(),
            detail: json!({"delivery": entry.delivery, "detail": entry.detail}),
            en: format!("Message {}: {}", english_state(&entry.state), entry.detail),
            zh: format!("消息{}：{}", chinese_state(&entry.state), entry.detail),
        });
    }
    trail.extend(absence::why_not_entered(db, workspace, member, journey).await?);
    trail.sort_by_key(|line| line.at);
    Ok(Explanation { member, journey: journey.id, trail })
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
        "exited" if text("reason").as_deref() == Some("journey_stopped") => {
            ("Left the journey because it was stopped.".to_owned(), "旅程已停止，成员离开旅程。".to_owned())
        }
        "exited" if text("reason").as_deref() == Some("merged") => (
            "Two members were found to be one, who goes on in his other run.".to_owned(),
            "两位成员确认为同一人，由另一条进程继续。".to_owned(),
        ),
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
