//! Why a member did not enter a journey, or not again.
//!
//! Nothing is written down about those who are not let in, so the answer is worked out from what happened
//! to the member and to the journey since it was published, by the same rules as in [`super::entering`]. What could have
//! let him in is collected in [`super::occasions`].

use base::{Time, ids::WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value, json};
use store::Sql;

use super::{
    Document,
    entering::{History, Refusal, refusal},
    explain::{TrailLine, told},
    explain_rows::Person,
    naming::{Mentioned, Names},
    occasions::{self, Found, Occasion},
    service::JourneyDto,
    words::Words,
};

/// Why there is no run: a word for programs, and sentences.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    pub(super) word: &'static str,
    pub(super) words: Words,
}

impl Reason {
    pub(super) fn new(word: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Reason {
        Reason { word, words: Words::new(en, zh) }
    }
}

/// A run of the member in the journey.
#[derive(FromQueryResult)]
pub(super) struct PastRun {
    pub(super) entry_key: String,
    pub(super) entered_at: i64,
    pub(super) ended_at: Option<i64>,
    entry_json: String,
}

/// Runs that are looked at, from the last one back: enough for every rule about coming again.
const MOST_RUNS: i64 = 100;

#[derive(FromQueryResult)]
struct PublishedRow {
    published_at: i64,
    document_json: String,
}

/// The reason why a member has no run, or why the last occasion gave him no further one; `None` when every
/// occasion did.
pub(super) async fn why_not_entered(
    db: &impl Sql,
    workspace: WorkspaceId,
    person: &Person,
    journey: &JourneyDto,
    now: Time,
) -> Result<Option<TrailLine>, DbErr> {
    let mut runs: Vec<PastRun> = db
        .all(
            "SELECT entry_key, entered_at, ended_at, entry_json FROM journey_runs
             WHERE journey_id = $1 AND member_id = $2 ORDER BY id DESC LIMIT $3",
            vec![journey.id.0.into(), person.id.0.into(), MOST_RUNS.into()],
        )
        .await?;
    runs.reverse();
    let Some((published_at, json)) = published_document(db, journey).await? else {
        let reason = Reason::new("not_published", "The journey has not been published.", "旅程尚未发布。");
        return Ok(Some(line(journey.created_at, reason, json!({}))));
    };
    let entry = json.get("entry").cloned().unwrap_or_default();
    let mut mentioned = Mentioned::default();
    mentioned.note(&entry.to_string());
    let names = Names::load(db, workspace, &mentioned).await?;
    let key = json.get("key").and_then(Value::as_str);
    let document = Document::parse(&json).ok();
    let document = document.as_ref();
    let asked = occasions::Asked { workspace, person, entry: &entry, document, key, published_at, now, names: &names };
    let Found { occasions, detail, otherwise } = occasions::of(db, &asked, &runs).await?;
    let Some(missed) = occasions.iter().find(|occasion| !runs.iter().any(|run| run.began_by(occasion))) else {
        let is_told = runs.is_empty() || otherwise.as_ref().is_some_and(|(_, always)| *always);
        let is_under_way = runs.iter().any(|run| run.ended_at.is_none());
        return Ok(otherwise.filter(|_| is_told && !is_under_way).map(|(reason, _)| {
            let at = if runs.is_empty() { published_at } else { now };
            line(at, reason, detail)
        }));
    };
    let reason = match &missed.unfit {
        Some(unfit) => unfit.clone(),
        None => match closed_at(db, workspace, journey, missed.at).await? {
            Some(closed) => closed,
            None => match document {
                Some(document) => refused(document, &runs, missed, person),
                None => not_by_this_version(),
            },
        },
    };
    Ok(Some(line(missed.at, reason, detail)))
}

impl PastRun {
    fn began_by(&self, occasion: &Occasion) -> bool {
        let entry: Map<String, Value> = serde_json::from_str(&self.entry_json).unwrap_or_default();
        let happened_at = entry.get("timestamp").and_then(Value::as_str).and_then(|text| text.parse::<Time>().ok());
        let same_moment = match occasion.happened_at {
            Some(_) => happened_at == occasion.happened_at,
            None => self.entered_at == occasion.at.millis(),
        };
        self.entry_key == occasion.key && same_moment
    }
}

fn line(at: Time, reason: Reason, detail: Value) -> TrailLine {
    TrailLine::new(at, "not_entered", "", json!({"reason": reason.word, "more": detail}), reason.words)
}

/// Whether the journey let nobody in at that time, by what the audit log says.
async fn closed_at(
    db: &impl Sql,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    at: Time,
) -> Result<Option<Reason>, DbErr> {
    let last: Option<String> = db
        .scalar(
            "SELECT action FROM audit_log WHERE workspace_id = $1 AND target = $2 AND at <= $3
               AND action IN ('journey.published', 'journey.paused', 'journey.live', 'journey.resumed',
                              'journey.stopped', 'journey.finishing')
             ORDER BY id DESC LIMIT 1",
            vec![workspace.0.into(), journey.id.to_string().into(), at.millis().into()],
        )
        .await?;
    Ok(match last.as_deref() {
        Some("journey.paused") => Some(Reason::new(
            "paused",
            "The journey was paused at that time; it lets nobody in then.",
            "当时旅程处于暂停状态，不接纳任何成员。",
        )),
        Some("journey.stopped" | "journey.finishing") => {
            Some(Reason::new("stopped", "The journey had been stopped at that time.", "当时旅程已停止。"))
        }
        _ => None,
    })
}

/// Why the journey's own rules did not let the member in at an occasion that fits.
fn refused(document: &Document, runs: &[PastRun], missed: &Occasion, person: &Person) -> Reason {
    let before: Vec<&PastRun> = runs.iter().filter(|run| run.entered_at <= missed.at.millis()).collect();
    let same: Vec<&&PastRun> = before.iter().filter(|run| run.entry_key == missed.key).collect();
    let past = History {
        last_entered: same.iter().map(|run| Time::from_millis(run.entered_at)).max(),
        is_under_way: same.iter().any(|run| run.ended_at.is_none_or(|ended| ended > missed.at.millis())),
        entries: before.iter().map(|run| Time::from_millis(run.entered_at)).collect(),
        is_own: missed.is_own,
    };
    let last = past.last_entered.map(|at| told(at, person)).unwrap_or_default();
    let (key_en, key_zh) = match missed.key.as_str() {
        "" => (String::new(), String::new()),
        key => (format!(" with the key “{key}”"), format!("（键“{key}”）")),
    };
    match refusal(document, &past, missed.at, &person.zone) {
        Some(Refusal::Once) => Reason::new(
            "entered_before",
            format!("The member was in the journey{key_en} before, on {}, and it lets everybody in once.", last.en),
            format!("该成员{key_zh}已于 {} 进入过该旅程，而旅程只允许进入一次。", last.zh),
        ),
        Some(Refusal::UnderWay) => Reason::new(
            "under_way",
            format!(
                "The member was still in the journey{key_en}, since {}; he may come again when he has left it.",
                last.en
            ),
            format!("该成员{key_zh}自 {} 起仍在旅程中；离开后才能再次进入。", last.zh),
        ),
        Some(Refusal::Cooldown) => {
            let cooldown = document.reentry.cooldown.as_ref();
            let from = past.last_entered.zip(cooldown).map(|(last, cooldown)| cooldown.after(last, &person.zone));
            let from = from.map(|at| told(at, person)).unwrap_or_default();
            Reason::new(
                "cooldown",
                format!(
                    "The member had entered the journey{key_en} on {}, and the cool-down was not over; he may enter again from {} on.",
                    last.en, from.en
                ),
                format!("该成员{key_zh}上次于 {} 进入旅程，冷却期未结束；自 {} 起可再次进入。", last.zh, from.zh),
            )
        }
        Some(Refusal::TooOften) => Reason::new(
            "too_often",
            "The member had entered the journey twenty times within the hour, and journeys do not go round in rings.",
            "该成员一小时内已进入旅程二十次；为防止旅程互相循环触发，不再接纳。",
        ),
        None => missed.otherwise.clone().unwrap_or_else(not_by_this_version),
    }
}

fn not_by_this_version() -> Reason {
    Reason::new(
        "earlier_version",
        "The version that was published at that time did not let the member in.",
        "当时发布的旅程版本没有接纳该成员。",
    )
}

async fn published_document(db: &impl Sql, journey: &JourneyDto) -> Result<Option<(Time, Value)>, DbErr> {
    let Some(version) = journey.published_version else { return Ok(None) };
    let row: Option<PublishedRow> = db
        .one(
            "SELECT (SELECT MIN(published_at) FROM journey_versions WHERE journey_id = $1) AS published_at, document_json
             FROM journey_versions WHERE journey_id = $1 AND version = $2",
            vec![journey.id.0.into(), version.into()],
        )
        .await?;
    Ok(row.and_then(|row| Some((Time::from_millis(row.published_at), serde_json::from_str(&row.document_json).ok()?))))
}
