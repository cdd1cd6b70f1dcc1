//! What could have let a member into a journey, by each kind of entry.

use base::{
    Time,
    ids::{SegmentId, WorkspaceId},
    rule::Comparison,
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value, json};
use store::Sql;

use super::{
    Document,
    absence::{PastRun, Reason},
    anniversaries::{self, When},
    document::Entry,
    entering::{is_own, key_of},
    explain::told,
    explain_rows::Person,
    naming::Names,
    words::steps,
};

/// Events and changes of the member that are looked at, from the last one back.
const LOOKED_AT: i64 = 200;

/// Something that could have let the member in.
pub(super) struct Occasion {
    pub(super) at: Time,
    /// When it happened by its own account, which runs keep of their entry event.
    pub(super) happened_at: Option<Time>,
    pub(super) key: String,
    /// Whether it was Hearth's own doing.
    pub(super) is_own: bool,
    /// Why it could not at all.
    pub(super) unfit: Option<Reason>,
    /// Why not, if no rule of the journey stood against it.
    pub(super) otherwise: Option<Reason>,
}

/// What is asked.
pub(super) struct Asked<'a> {
    pub(super) workspace: WorkspaceId,
    pub(super) person: &'a Person,
    /// The entry of the published document.
    pub(super) entry: &'a Value,
    /// The document as it is read; `None` when it cannot be.
    pub(super) document: Option<&'a Document>,
    /// The correlation key's path.
    pub(super) key: Option<&'a str>,
    /// When the journey was first published.
    pub(super) published_at: Time,
    pub(super) now: Time,
    pub(super) names: &'a Names,
}

/// What was found.
pub(super) struct Found {
    /// The last one first.
    pub(super) occasions: Vec<Occasion>,
    /// Particulars for programs.
    pub(super) detail: Value,
    /// What to say when no occasion was missed, and whether also to those who have been in the journey.
    pub(super) otherwise: Option<(Reason, bool)>,
}

impl Found {
    fn none(detail: Value, reason: Reason) -> Found {
        Found { occasions: Vec::new(), detail, otherwise: Some((reason, false)) }
    }
}

#[derive(FromQueryResult)]
struct EventRow {
    happened_at: i64,
    received_at: i64,
    source: String,
    properties_json: String,
}

#[derive(FromQueryResult)]
struct ChangeRow {
    changed_at: i64,
}

/// The occasions since the publication.
pub(super) async fn of(db: &impl Sql, asked: &Asked<'_>, runs: &[PastRun]) -> Result<Found, DbErr> {
    let segment = |field: &str| asked.entry.get(field).and_then(Value::as_str).and_then(|id| id.parse().ok());
    if let Some(segment) = segment("segment") {
        return into_segment(db, asked, segment).await;
    }
    if let Some(segment) = segment("segment_left") {
        return out_of_segment(db, asked, segment).await;
    }
    if let Some(event) = asked.entry.get("event").and_then(Value::as_str) {
        return of_event(db, asked, event).await;
    }
    if let Some(date) = asked.entry.get("date") {
        return Ok(on_date(asked, date, runs));
    }
    if let Some(schedule) = asked.entry.get("schedule") {
        return on_schedule(db, asked, schedule).await;
    }
    if asked.entry.get("import").is_some() {
        return Ok(Found::none(
            json!({"import": true}),
            Reason::new(
                "not_imported",
                "Rows of imports let members into this journey, and no import since its publication named the member.",
                "该旅程由导入的数据行触发；发布后没有导入涉及该成员。",
            ),
        ));
    }
    Ok(Found::none(
        json!({"manual": true}),
        Reason::new(
            "not_put_in",
            "Members enter this journey only by hand or by the API, and nobody has put the member in.",
            "该旅程只能手动或通过接口加入，尚无人加入该成员。",
        ),
    ))
}

/// When the member came into the segment since the publication; when he is in it since before, that alone.
async fn into_segment(db: &impl Sql, asked: &Asked<'_>, segment: SegmentId) -> Result<Found, DbErr> {
    let by_history = Reason::new(
        "in_segment_by_history",
        "Imported history, or the making of the segment, brought the member in; neither starts a journey.",
        "该成员因导入的历史数据或分群创建而进入分群；这两者都不会启动旅程。",
    );
    let mut occasions = changes(db, asked, segment, true, &by_history).await?;
    let inside = inside_since(db, asked, segment).await?;
    if let Some(at) = inside.filter(|at| occasions.is_empty() && *at < asked.published_at) {
        let unfit = Reason::new(
            "in_segment_before_publication",
            "The member was in the segment already when the journey was published; it lets in those who enter.",
            "旅程发布时该成员已在分群中；旅程只接纳新进入分群的成员。",
        );
        occasions.push(change(at, Some(unfit), None));
    }
    let name = asked.names.of(&segment.to_string());
    let never = Reason::new(
        "never_entered_segment",
        format!("The member has not entered the segment “{name}” since the journey was published."),
        format!("旅程发布后，该成员没有进入过分群“{name}”。"),
    );
    Ok(Found { occasions, detail: json!({"segment": segment}), otherwise: Some((never, false)) })
}

/// When the member left the segment since the publication.
async fn out_of_segment(db: &impl Sql, asked: &Asked<'_>, segment: SegmentId) -> Result<Found, DbErr> {
    let by_history = Reason::new(
        "left_segment_by_history",
        "Imported history, or a change of the segment's rule, took the member out; neither starts a journey.",
        "该成员因导入的历史数据或分群规则变更而离开分群；这两者都不会启动旅程。",
    );
    let occasions = changes(db, asked, segment, false, &by_history).await?;
    let name = asked.names.of(&segment.to_string());
    let reason = match inside_since(db, asked, segment).await? {
        Some(at) => {
            let at = told(at, asked.person);
            Reason::new(
                "still_in_segment",
                format!(
                    "The journey lets in those who leave the segment “{name}”, and the member is still in it, since {}.",
                    at.en
                ),
                format!("旅程接纳离开分群“{name}”的成员，而该成员自 {} 起仍在分群中。", at.zh),
            )
        }
        None => Reason::new(
            "never_left_segment",
            format!("The member has not left the segment “{name}” since the journey was published."),
            format!("旅程发布后，该成员没有离开过分群“{name}”。"),
        ),
    };
    Ok(Found { occasions, detail: json!({"segment_left": segment}), otherwise: Some((reason, false)) })
}

fn change(at: Time, unfit: Option<Reason>, otherwise: Option<Reason>) -> Occasion {
    Occasion { at, happened_at: None, key: String::new(), is_own: true, unfit, otherwise }
}

/// When the member came into a segment, or left it, the last time first.
async fn changes(
    db: &impl Sql,
    asked: &Asked<'_>,
    segment: SegmentId,
    entered: bool,
    otherwise: &Reason,
) -> Result<Vec<Occasion>, DbErr> {
    let times: Vec<ChangeRow> = db
        .all(
            "SELECT changed_at FROM segment_changes
             WHERE member_id = $1 AND segment_id = $2 AND entered = $5 AND changed_at >= $3
             ORDER BY id DESC LIMIT $4",
            vec![
                asked.person.id.0.into(),
                segment.0.into(),
                asked.published_at.millis().into(),
                LOOKED_AT.into(),
                i64::from(entered).into(),
            ],
        )
        .await?;
    Ok(times.iter().map(|row| change(Time::from_millis(row.changed_at), None, Some(otherwise.clone()))).collect())
}

async fn inside_since(db: &impl Sql, asked: &Asked<'_>, segment: SegmentId) -> Result<Option<Time>, DbErr> {
    let inside: Option<i64> = db
        .scalar(
            "SELECT entered_at FROM segment_members WHERE segment_id = $1 AND member_id = $2",
            vec![segment.0.into(), asked.person.id.0.into()],
        )
        .await?;
    Ok(inside.map(Time::from_millis))
}

/// The entry events of the member since the publication, the last one first.
async fn of_event(db: &impl Sql, asked: &Asked<'_>, name: &str) -> Result<Found, DbErr> {
    let filters = Comparison::parse_list(asked.entry.get("where"), "entry.where").unwrap_or_default();
    let events: Vec<EventRow> = db
        .all(
            "SELECT e.happened_at, e.received_at, e.source, e.properties_json FROM events e
             JOIN event_names n ON n.id = e.name_id
             WHERE e.identity_id IN (SELECT id FROM identities WHERE member_id = $1)
               AND n.workspace_id = $2 AND n.name = $3 AND e.received_at >= $4
             ORDER BY e.received_at DESC, e.id DESC LIMIT $5",
            vec![
                asked.person.id.0.into(),
                asked.workspace.0.into(),
                name.into(),
                asked.published_at.millis().into(),
                LOOKED_AT.into(),
            ],
        )
        .await?;
    let occasion = |event: EventRow| {
        let properties: Map<String, Value> = serde_json::from_str(&event.properties_json).unwrap_or_default();
        let unfit = if event.source.starts_with("import:") {
            Some(Reason::new(
                "imported",
                format!("“{name}” was imported; imports start no journeys."),
                format!("“{name}”是导入的；导入不会启动旅程。"),
            ))
        } else if !filters.iter().all(|filter| filter.holds(&properties)) {
            Some(Reason::new(
                "filters_did_not_match",
                format!("“{name}” happened since publication, but its properties did not match."),
                format!("发布后发生过“{name}”，但属性不符合入口条件。"),
            ))
        } else {
            None
        };
        Occasion {
            at: Time::from_millis(event.received_at),
            happened_at: Some(Time::from_millis(event.happened_at)),
            key: asked.key.map(|path| key_of(path, &properties)).unwrap_or_default(),
            is_own: is_own(&event.source),
            unfit,
            otherwise: None,
        }
    };
    let occasions: Vec<Occasion> = events.into_iter().map(occasion).collect();
    let detail = json!({"event": name, "times": occasions.len()});
    let never = Reason::new(
        "no_entry_event",
        format!("“{name}” has not happened since the journey was published."),
        format!("旅程发布后，该成员没有发生过“{name}”。"),
    );
    Ok(Found { occasions, detail, otherwise: Some((never, false)) })
}

/// A date that a trait gives: missing, unreadable, not yet come, over before the publication, or used.
fn on_date(asked: &Asked<'_>, date: &Value, runs: &[PastRun]) -> Found {
    let name = date.get("trait").and_then(Value::as_str).unwrap_or_default();
    let detail = json!({"date": date, "value": asked.person.traits.get(name)});
    let what = steps::date(date);
    let when = match asked.document.map(|document| &document.entry) {
        Some(Entry::Date(date)) => anniversaries::next(date, asked.person, asked.now),
        _ => When::Missing,
    };
    let reason = match when {
        When::Missing => Reason::new(
            "trait_missing",
            format!("The journey goes by the date in the trait “{name}”, and the member has none."),
            format!("旅程以属性“{name}”中的日期为准，而该成员没有此属性。"),
        ),
        When::Unreadable(value) => Reason::new(
            "trait_unreadable",
            format!("The trait “{name}” says “{value}”, which is not a date such as 1990-05-17."),
            format!("属性“{name}”的值为“{value}”，不是 1990-05-17 这样的日期。"),
        ),
        When::Comes(at) => {
            let (last, at) = (runs.last(), told(at, asked.person));
            match last {
                Some(run) => {
                    let last = told(Time::from_millis(run.entered_at), asked.person);
                    Reason::new(
                        "date_used",
                        format!("The member entered for this date on {} already; the next time is {}.", last.en, at.en),
                        format!("该成员已于 {} 因此日期进入过；下一次是 {}。", last.zh, at.zh),
                    )
                }
                None => Reason::new(
                    "date_ahead",
                    format!("It is not yet time: {} comes on {}.", what.en, at.en),
                    format!("时间未到：{}为 {}。", what.zh, at.zh),
                ),
            }
        }
        When::Over(at) if !runs.is_empty() => {
            let at = told(at, asked.person);
            Reason::new(
                "date_used",
                format!("The date was on {}, and it does not come again.", at.en),
                format!("该日期为 {}，不会再来。", at.zh),
            )
        }
        When::Over(at) if at < asked.published_at => {
            let (at, published) = (told(at, asked.person), told(asked.published_at, asked.person));
            Reason::new(
                "date_before_publication",
                format!("The date was on {}, before the journey was published on {}.", at.en, published.en),
                format!("该日期为 {}，早于旅程发布时间 {}。", at.zh, published.zh),
            )
        }
        When::Over(at) => {
            let at = told(at, asked.person);
            Reason::new(
                "date_passed",
                format!("The date was on {}; the trait was set too late, or the journey let nobody in then.", at.en),
                format!("该日期为 {}；属性设置得太晚，或当时旅程不接纳成员。", at.zh),
            )
        }
    };
    Found { occasions: Vec::new(), detail, otherwise: Some((reason, true)) }
}

async fn on_schedule(db: &impl Sql, asked: &Asked<'_>, schedule: &Value) -> Result<Found, DbErr> {
    let when = steps::schedule(schedule);
    let detail = json!({"schedule": schedule});
    let segment: Option<SegmentId> =
        schedule.get("segment").and_then(Value::as_str).and_then(|segment| segment.parse().ok());
    if let Some(segment) = segment
        && inside_since(db, asked, segment).await?.is_none()
    {
        let name = asked.names.of(&segment.to_string());
        let reason = Reason::new(
            "not_in_segment",
            format!(
                "The journey lets in those who are in the segment “{name}” {}, and the member is not in it.",
                when.en
            ),
            format!("旅程{}接纳分群“{name}”中的成员，而该成员不在其中。", when.zh),
        );
        return Ok(Found { occasions: Vec::new(), detail, otherwise: Some((reason, true)) });
    }
    let next = match asked.document.map(|document| &document.entry) {
        Some(Entry::Schedule(schedule)) => {
            let person = asked.person;
            let zone = if schedule.of_workspace { &person.workspace_zone } else { &person.zone };
            schedule.next(asked.now, None, zone)
        }
        _ => None,
    };
    let next = next.map(|(at, _)| told(at, asked.person)).unwrap_or_default();
    let reason = Reason::new(
        "schedule_ahead",
        format!("The journey lets members in {}; the next time is {}.", when.en, next.en),
        format!("旅程{}接纳成员；下一次是 {}。", when.zh, next.zh),
    );
    Ok(Found::none(detail, reason))
}
