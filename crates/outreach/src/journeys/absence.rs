//! Why a member did not enter a journey, or not again.
//!
//! Nothing is written down about those who are not let in, so the answer is worked out from what happened
//! to the member and to the journey since it was published, by the same rules as in [`super::entering`].

use base::{
    Time,
    ids::{MemberId, SegmentId, WorkspaceId},
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value, json};
use store::Sql;

use super::{
    Document, Entry, EventTrigger, Happening,
    entering::{History, Refusal, is_own, key_of, refusal},
    explain::TrailLine,
    service::JourneyDto,
};

/// Events of the member that are looked at, from the last one back.
const LOOKED_AT: i64 = 200;

/// Why there is no run: a word for programs, and sentences.
struct Reason {
    word: &'static str,
    en: String,
    zh: String,
}

/// Something that could have let the member in.
struct Occasion {
    at: Time,
    /// When it happened by its own account, which runs keep of their entry event.
    happened_at: Option<Time>,
    key: String,
    /// Whether it was Hearth's own doing.
    is_own: bool,
    /// Why it could not at all.
    unfit: Option<Reason>,
}

/// A run of the member in the journey.
#[derive(FromQueryResult)]
struct PastRun {
    entry_key: String,
    entered_at: i64,
    ended_at: Option<i64>,
    entry_json: String,
}

#[derive(FromQueryResult)]
struct EventRow {
    happened_at: i64,
    received_at: i64,
    source: String,
    properties_json: String,
}

#[derive(FromQueryResult)]
struct PublishedRow {
    published_at: i64,
    document_json: String,
}

#[derive(FromQueryResult)]
struct EnteredRow {
    changed_at: i64,
}

/// The reason why a member has no run, or why the last occasion gave him no further one; `None` when every
/// occasion did.
pub(super) async fn why_not_entered(
    db: &impl Sql,
    workspace: WorkspaceId,
    member: MemberId,
    journey: &JourneyDto,
) -> Result<Option<TrailLine>, DbErr> {
    let runs: Vec<PastRun> = db
        .all(
            "SELECT entry_key, entered_at, ended_at, entry_json FROM journey_runs
             WHERE journey_id = $1 AND member_id = $2 ORDER BY id",
            vec![journey.id.0.into(), member.0.into()],
        )
        .await?;
    let Some((published_at, document)) = published_document(db, journey).await? else {
        let reason = reason("not_published", "The journey has not been published.", "旅程尚未发布。");
        return Ok(Some(line(journey.created_at, reason, json!({}))));
    };
    let (occasions, detail) = match &document.entry {
        Entry::Happening(Happening::Entered(segment)) => {
            (into_segment(db, *segment, member, published_at).await?, json!({"segment": segment}))
        }
        Entry::Happening(Happening::Event(trigger)) => {
            let occasions = of_event(db, workspace, member, trigger, &document, published_at).await?;
            let detail = json!({"event": trigger.event, "times": occasions.len()});
            (occasions, detail)
        }
        // What did not let him in leaves no trace there.
        _ => (Vec::new(), json!({})),
    };
    let Some(missed) = occasions.iter().find(|occasion| !runs.iter().any(|run| run.began_by(occasion))) else {
        return Ok(if runs.is_empty() { Some(line(published_at, never_happened(&document), detail)) } else { None });
    };
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    let zone = zone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
    let reason = match &missed.unfit {
        Some(unfit) => Reason { word: unfit.word, en: unfit.en.clone(), zh: unfit.zh.clone() },
        None => match closed_at(db, workspace, journey, missed.at).await? {
            Some(closed) => closed,
            None => refused(&document, &runs, missed, &zone),
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
    TrailLine {
        at,
        what: "not_entered".to_owned(),
        step: String::new(),
        detail: json!({"reason": reason.word, "more": detail}),
        en: reason.en,
        zh: reason.zh,
    }
}

fn reason(word: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Reason {
    Reason { word, en: en.into(), zh: zh.into() }
}

fn never_happened(document: &Document) -> Reason {
    match &document.entry {
        Entry::Happening(Happening::Entered(_)) => reason(
            "never_entered_segment",
            "The member has not entered the segment since the journey was published.",
            "旅程发布后，该成员没有进入过入口分群。",
        ),
        Entry::Happening(Happening::Event(trigger)) => reason(
            "no_entry_event",
            format!("\"{}\" has not happened since the journey was published.", trigger.event),
            format!("旅程发布后，该成员没有发生过“{}”。", trigger.event),
        ),
        _ => reason(
            "not_let_in",
            "Nothing has let the member into the journey since it was published.",
            "旅程发布后，该成员没有符合入口条件的时机。",
        ),
    }
}

/// When the member came into the segment since the publication, the last time first; when he is in it since
/// before, that alone.
async fn into_segment(
    db: &impl Sql,
    segment: SegmentId,
    member: MemberId,
    published_at: Time,
) -> Result<Vec<Occasion>, DbErr> {
    let times: Vec<EnteredRow> = db
        .all(
            "SELECT changed_at FROM segment_changes
             WHERE member_id = $1 AND segment_id = $2 AND entered = 1 AND changed_at >= $3
             ORDER BY id DESC LIMIT $4",
            vec![member.0.into(), segment.0.into(), published_at.millis().into(), LOOKED_AT.into()],
        )
        .await?;
    let occasion = |at: Time, unfit| Occasion { at, happened_at: None, key: String::new(), is_own: true, unfit };
    let mut occasions: Vec<Occasion> =
        times.iter().map(|row| occasion(Time::from_millis(row.changed_at), None)).collect();
    let inside: Option<i64> = db
        .scalar(
            "SELECT entered_at FROM segment_members WHERE segment_id = $1 AND member_id = $2",
            vec![segment.0.into(), member.0.into()],
        )
        .await?;
    if let Some(at) = inside.filter(|at| occasions.is_empty() && *at < published_at.millis()) {
        let unfit = reason(
            "in_segment_before_publication",
            "The member was in the segment already when the journey was published; it lets in those who enter.",
            "旅程发布时该成员已在分群中；旅程只接纳新进入分群的成员。",
        );
        occasions.push(occasion(Time::from_millis(at), Some(unfit)));
    }
    Ok(occasions)
}

/// The entry events of the member since the publication, the last one first.
async fn of_event(
    db: &impl Sql,
    workspace: WorkspaceId,
    member: MemberId,
    trigger: &EventTrigger,
    document: &Document,
    published_at: Time,
) -> Result<Vec<Occasion>, DbErr> {
    let events: Vec<EventRow> = db
        .all(
            "SELECT e.happened_at, e.received_at, e.source, e.properties_json FROM events e
             JOIN event_names n ON n.id = e.name_id
             WHERE e.identity_id IN (SELECT id FROM identities WHERE member_id = $1)
               AND n.workspace_id = $2 AND n.name = $3 AND e.received_at >= $4
             ORDER BY e.received_at DESC, e.id DESC LIMIT $5",
            vec![
                member.0.into(),
                workspace.0.into(),
                trigger.event.as_str().into(),
                published_at.millis().into(),
                LOOKED_AT.into(),
            ],
        )
        .await?;
    let name = &trigger.event;
    let occasion = |event: EventRow| {
        let properties: Map<String, Value> = serde_json::from_str(&event.properties_json).unwrap_or_default();
        let unfit = if event.source.starts_with("import:") {
            Some(reason(
                "imported",
                format!("\"{name}\" was imported; imports start no journeys."),
                format!("“{name}”是导入的；导入不会启动旅程。"),
            ))
        } else if !trigger.filters.iter().all(|filter| filter.holds(&properties)) {
            Some(reason(
                "filters_did_not_match",
                format!("\"{name}\" happened since publication, but its properties did not match."),
                format!("发布后发生过“{name}”，但属性不符合入口条件。"),
            ))
        } else {
            None
        };
        Occasion {
            at: Time::from_millis(event.received_at),
            happened_at: Some(Time::from_millis(event.happened_at)),
            key: document.key.as_deref().map(|path| key_of(path, &properties)).unwrap_or_default(),
            is_own: is_own(&event.source),
            unfit,
        }
    };
    Ok(events.into_iter().map(occasion).collect())
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
               AND action IN ('journey.published', 'journey.paused', 'journey.live', 'journey.stopped')
             ORDER BY id DESC LIMIT 1",
            vec![workspace.0.into(), journey.id.to_string().into(), at.millis().into()],
        )
        .await?;
    Ok(match last.as_deref() {
        Some("journey.paused") => Some(reason(
            "paused",
            "The journey was paused at that time; it lets nobody in then.",
            "当时旅程处于暂停状态，不接纳任何成员。",
        )),
        Some("journey.stopped") => {
            Some(reason("stopped", "The journey had been stopped at that time.", "当时旅程已停止。"))
        }
        _ => None,
    })
}

/// Why the journey's own rules did not let the member in at an occasion that fits.
fn refused(document: &Document, runs: &[PastRun], missed: &Occasion, zone: &TimeZone) -> Reason {
    let before: Vec<&PastRun> = runs.iter().filter(|run| run.entered_at <= missed.at.millis()).collect();
    let same: Vec<&&PastRun> = before.iter().filter(|run| run.entry_key == missed.key).collect();
    let past = History {
        last_entered: same.iter().map(|run| Time::from_millis(run.entered_at)).max(),
        is_under_way: same.iter().any(|run| run.ended_at.is_none_or(|ended| ended > missed.at.millis())),
        entries: before.iter().map(|run| Time::from_millis(run.entered_at)).collect(),
        is_own: missed.is_own,
    };
    match refusal(document, &past, missed.at, zone) {
        Some(Refusal::Once) => reason(
            "entered_before",
            "The member has been in the journey before, and it lets everybody in once.",
            "该成员以前进入过该旅程，而旅程只允许进入一次。",
        ),
        Some(Refusal::UnderWay) => reason(
            "under_way",
            "The member was still in the journey; he may come again when he has left it.",
            "该成员当时仍在旅程中；离开后才能再次进入。",
        ),
        Some(Refusal::Cooldown) => reason(
            "cooldown",
            "The member had entered the journey too shortly before; the cooldown was not over.",
            "距离上次进入旅程的时间太短，冷却期未结束。",
        ),
        Some(Refusal::TooOften) => reason(
            "too_often",
            "The member had entered the journey twenty times within the hour, and journeys do not go round in rings.",
            "该成员一小时内已进入旅程二十次；为防止旅程互相循环触发，不再接纳。",
        ),
        None if matches!(document.entry, Entry::Happening(Happening::Entered(_))) => reason(
            "in_segment_by_history",
            "Imported history, or the making of the segment, brought the member in; neither starts a journey.",
            "该成员因导入的历史数据或分群创建而进入分群；这两者都不会启动旅程。",
        ),
        None => reason(
            "earlier_version",
            "The version that was published at that time did not let the member in.",
            "当时发布的旅程版本没有接纳该成员。",
        ),
    }
}

async fn published_document(db: &impl Sql, journey: &JourneyDto) -> Result<Option<(Time, Document)>, DbErr> {
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
        Some((Time::from_millis(row.published_at), document))
    }))
}
