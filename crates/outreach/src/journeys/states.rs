//! Pausing, resuming and stopping a journey, and what that says about those under way and the messages that wait.

use base::{Code, Problem, Time, ids::WorkspaceId};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};
use store::{Sql, Tx};
use utoipa::ToSchema;

use super::{
    changes::{self, Course, Work, Worked},
    ending, explain,
    queued::{self, Cancelling},
    service::{JourneyDto, JourneyError},
    words,
};
use crate::Outreach;

/// How to pause.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Whether messages that still wait are cancelled; they are sent otherwise.
    #[serde(default)]
    pub cancel_queued: bool,
}

/// How to stop.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// What becomes of those under way: `end` (the default) or `finish`.
    #[serde(default)]
    pub running: StopRunning,
    /// Whether messages that still wait are cancelled. When left out, they are if runs are ended, and sent if runs go on.
    pub cancel_queued: Option<bool>,
}

/// What becomes of those under way when a journey is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum StopRunning {
    /// Their runs end.
    #[default]
    End,
    /// They go on to their end; nobody enters any more.
    Finish,
}

/// A sentence in both languages.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

impl From<words::Words> for Words {
    fn from(words: words::Words) -> Words {
        Words { en: words.en, zh: explain::close_up(&words.zh) }
    }
}

/// Pauses a journey that lets members in.
pub async fn pause(
    tx: &Tx,
    outreach: &Outreach,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    pause: &Pause,
    (actor, now): (&str, Time),
) -> Result<Worked, JourneyError> {
    match journey.state.as_str() {
        "live" => {}
        "finishing" => {
            return Err(wrong(
                "the journey is finishing and lets nobody in; stop it with {\"running\": \"end\"} to end its runs",
            ));
        }
        other => return Err(wrong(&cannot(other, "paused"))),
    }
    set_state(tx, journey, "paused", false, now).await?;
    let cancelling = pause.cancel_queued.then_some(EVERYTHING);
    let work = Work { journey: journey.id, course: None, wakes: false, drops_plans: false, cancelling };
    work.begin(tx, outreach, workspace, actor, now).await
}

/// Lets a paused journey go on. Waits that were over meanwhile are over at once.
pub async fn resume(
    tx: &Tx,
    outreach: &Outreach,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    (actor, now): (&str, Time),
) -> Result<Worked, JourneyError> {
    if journey.state != "paused" {
        return Err(wrong(&cannot(&journey.state, "resumed")));
    }
    set_state(tx, journey, "live", false, now).await?;
    let work = Work { journey: journey.id, course: None, wakes: true, drops_plans: false, cancelling: None };
    work.begin(tx, outreach, workspace, actor, now).await
}

/// Stops a journey: at once, or when the last of its runs has come to its end.
pub async fn stop(
    tx: &Tx,
    outreach: &Outreach,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    stop: &Stop,
    (actor, now): (&str, Time),
) -> Result<Worked, JourneyError> {
    let is_under_way = changes::is_under_way(tx, journey.id).await?;
    let (to, wakes) = match (journey.state.as_str(), stop.running) {
        // A job that was to end its runs was cancelled or has failed.
        ("stopped", StopRunning::End) if is_under_way => ("stopped", false),
        ("live" | "paused" | "finishing", StopRunning::End) => ("stopped", false),
        ("live" | "paused", StopRunning::Finish) if !is_under_way => ("stopped", false),
        ("live", StopRunning::Finish) => ("finishing", false),
        ("paused", StopRunning::Finish) => ("finishing", true),
        ("finishing", StopRunning::Finish) => return Err(wrong("the journey is finishing already")),
        (other, _) => return Err(wrong(&cannot(other, "stopped"))),
    };
    let ends = stop.running == StopRunning::End;
    let cancels = stop.cancel_queued.unwrap_or(ends);
    // Runs that go on may still queue messages, which are sent even after the last of them has ended.
    set_state(tx, journey, to, !ends || !cancels, now).await?;
    let work = Work {
        journey: journey.id,
        course: ends.then_some(Course::End),
        wakes,
        drops_plans: true,
        cancelling: cancels.then(|| Cancelling { queued_until: (!ends).then_some(now), ..EVERYTHING }),
    };
    let worked = work.begin(tx, outreach, workspace, actor, now).await?;
    ending::stop_finished(tx, &[journey.id], now).await?;
    Ok(worked)
}

/// All messages of the journey.
const EVERYTHING: Cancelling = Cancelling { kept_steps: None, queued_until: None };

async fn set_state(tx: &Tx, journey: &JourneyDto, to: &str, queued_stay: bool, now: Time) -> Result<(), DbErr> {
    tx.run(
        "UPDATE journeys SET state = $2, updated_at = $3, queued_stay = $4 WHERE id = $1",
        vec![journey.id.0.into(), to.into(), now.millis().into(), i64::from(queued_stay).into()],
    )
    .await?;
    Ok(())
}

fn wrong(detail: &str) -> JourneyError {
    Problem::with(Code::WrongState, detail).into()
}

/// Why something cannot be done to a journey in this state.
pub(super) fn cannot(state: &str, done: &str) -> String {
    let is = match state {
        "draft" => "is a draft that has never been published",
        "live" => "is live",
        "paused" => "is paused",
        "finishing" => "is finishing: nobody enters, and its runs go on to their end",
        "stopped" => "is stopped",
        _ => "is gone",
    };
    format!("the journey {is}, so it cannot be {done}")
}

/// What becomes of those under way and of the messages that wait, after a change.
pub async fn in_words(db: &impl Sql, journey: &JourneyDto, worked: &Worked) -> Result<(i64, Words), DbErr> {
    let queued = queued::count(db, journey.id).await?;
    let mut en = Vec::new();
    let mut zh = Vec::new();
    for (number, english, chinese) in [
        (worked.moved, "runs were moved", "个进程已迁移"),
        (worked.ended, "runs were ended", "个进程已结束"),
        (worked.left, "runs stay on their version", "个进程留在原版本"),
        (worked.cancelled, "messages were cancelled", "条消息已取消"),
    ] {
        if number > 0 {
            en.push(format!("{number} {english}."));
            zh.push(format!("{number} {chinese}。"));
        }
    }
    if worked.job.is_some() {
        en.push("The rest is done in the background; the job shows how far it is.".to_owned());
        zh.push("其余部分在后台处理，可在任务中查看进度。".to_owned());
    } else if queued > 0 {
        en.push(format!("{queued} messages that are queued already will still be sent unless they are cancelled."));
        zh.push(format!("已排队的 {queued} 条消息仍会发送，除非将其取消。"));
    }
    let state = match journey.state.as_str() {
        "paused" => ("Nobody enters and nobody goes on until it is resumed.", "恢复之前，没有人进入，也没有人前进。"),
        "finishing" => ("Nobody enters; those under way go on to their end.", "不再有人进入，进行中的成员会走完旅程。"),
        "stopped" => ("The journey is stopped.", "旅程已停止。"),
        _ => ("Members can enter.", "成员可以进入旅程。"),
    };
    en.insert(0, state.0.to_owned());
    zh.insert(0, state.1.to_owned());
    Ok((queued, Words { en: en.join(" "), zh: zh.concat() }))
}
