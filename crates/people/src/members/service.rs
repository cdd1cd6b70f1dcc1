//! Finding members and showing them.

use std::collections::{BTreeMap, HashMap};

use base::{
    Problem, Time,
    ids::{EventId, IdentityId, MemberId, SegmentId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::{Map, Value};
use store::Sql;
use utoipa::ToSchema;

use super::{MemberState, load_members};

/// A member, as the API shows him.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MemberDto {
    /// `mem_…`
    #[schema(value_type = String)]
    pub id: MemberId,
    /// By what he is known.
    pub identities: Vec<IdentityDto>,
    /// His profile.
    #[schema(value_type = Object)]
    pub traits: Map<String, Value>,
    /// Where each trait comes from; only when one member is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<BTreeMap<String, ProvenanceDto>>,
    /// His tags, sorted.
    pub tags: Vec<String>,
    /// Segments that he is in now.
    #[schema(value_type = Vec<String>)]
    pub segments: Vec<SegmentId>,
    /// Life-cycle stage.
    pub stage: Option<String>,
    /// By kind of channel and topic (`*` for all): whether he agreed.
    pub consent: BTreeMap<String, BTreeMap<String, bool>>,
    /// When he was first seen.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When he last did something.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Time,
}

/// One (kind, value) by which a member is known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityDto {
    /// `idn_…`
    #[schema(value_type = String)]
    pub id: IdentityId,
    /// `user_id`, `anonymous_id`, `email`, `phone` ….
    pub kind: String,
    /// The value, normalised.
    pub value: String,
    /// Whether its owner is proven.
    pub verified: bool,
}

/// Where a trait comes from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProvenanceDto {
    /// Who said it: a key, an operator, an import.
    pub source: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// Kind of the identity under which it was said.
    pub identity_kind: String,
    /// Value of that identity.
    pub identity_value: String,
}

/// Something in a member's timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineEntry {
    /// `evt_…`
    #[schema(value_type = String)]
    pub id: EventId,
    /// Which call or part of Hearth made it.
    pub kind: String,
    /// Name of the event.
    pub name: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub timestamp: Time,
    /// When it arrived.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Time,
    /// The sender's id of the message.
    pub message_id: String,
    /// Who sent it.
    pub source: String,
    /// Its properties.
    #[schema(value_type = Object)]
    pub properties: Value,
    /// Library, page, campaign ….
    #[schema(value_type = Object)]
    pub context: Value,
}

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct MemberFilter<'a> {
    /// Any part of an identity or of what the traits say, in any case.
    pub search: Option<&'a str>,
    /// Only members with this tag.
    pub tag: Option<&'a str>,
    /// Only members in this segment.
    pub segment: Option<SegmentId>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// The ids of members that match, newest first, before `before`.
async fn find_ids(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &MemberFilter<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<MemberId>, DbErr> {
    let mut sql =
        "SELECT m.id FROM members m WHERE m.workspace_id = $1 AND m.id < $2 AND m.merged_into IS NULL".to_owned();
    let mut values = vec![workspace.0.into(), before.into()];
    if let Some(search) = filter.search.map(str::trim).filter(|search| !search.is_empty()) {
        let pattern = search.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
        values.push(format!("%{pattern}%").into());
        sql += &format!(
            " AND m.id IN (SELECT member_id FROM identities WHERE workspace_id = $1 AND search_text LIKE ${} ESCAPE '!')",
            values.len()
        );
    }
    if let Some(tag) = filter.tag {
        values.push(tag.into());
        sql += &format!(
            " AND m.id IN (SELECT i.member_id FROM member_tags t JOIN identities i ON i.id = t.identity_id
               WHERE t.workspace_id = $1 AND t.tag = ${})",
            values.len()
        );
    }
    if let Some(segment) = filter.segment {
        values.push(segment.0.into());
        sql += &format!(" AND m.id IN (SELECT member_id FROM segment_members WHERE segment_id = ${})", values.len());
    }
    values.push((limit as i64).into());
    sql += &format!(" ORDER BY m.id DESC LIMIT ${}", values.len());
    let rows: Vec<IdRow> = db.all(&sql, values).await?;
    Ok(rows.into_iter().map(|row| MemberId(row.id)).collect())
}

/// Members that match, newest first.
pub async fn find_members(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &MemberFilter<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<MemberDto>, Problem> {
    let ids = find_ids(db, workspace, filter, before, limit).await.map_err(internal)?;
    let mut members = show_members(db, workspace, &ids).await.map_err(internal)?;
    members.sort_by_key(|member| std::cmp::Reverse(member.id));
    Ok(members)
}

/// Shows these members; those of other workspaces are left out.
pub async fn show_members(db: &impl Sql, workspace: WorkspaceId, ids: &[MemberId]) -> Result<Vec<MemberDto>, DbErr> {
    let states = load_members(db, ids, &HashMap::new(), Time::EPOCH).await?;
    let mut consent = load_consent(db, ids).await?;
    Ok(states
        .into_iter()
        .filter(|state| state.workspace == workspace)
        .map(|state| {
            let consent = consent.remove(&state.id).unwrap_or_default();
            show(state, consent)
        })
        .collect())
}

/// One member; an id that was absorbed leads to the member who absorbed it.
pub async fn show_member(db: &impl Sql, workspace: WorkspaceId, id: MemberId) -> Result<Option<MemberDto>, DbErr> {
    let id = current(db, id).await?;
    let Some(state) = load_members(db, &[id], &HashMap::new(), Time::EPOCH).await?.pop() else { return Ok(None) };
    if state.workspace != workspace {
        return Ok(None);
    }
    let provenance = state.traits().keys().filter_map(|name| Some((name.clone(), provenance(&state, name)?))).collect();
    let consent = load_consent(db, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(Some(MemberDto { provenance: Some(provenance), ..show(state, consent) }))
}

/// The one member that two would make.
pub(crate) async fn preview_merge(
    db: &impl Sql,
    kept: MemberId,
    absorbed: MemberId,
) -> Result<Option<MemberDto>, DbErr> {
    let mut states = load_members(db, &[kept, absorbed], &HashMap::new(), Time::EPOCH).await?;
    let Some(place) = states.iter().position(|state| state.id == kept) else { return Ok(None) };
    let mut merged = states.swap_remove(place);
    for other in states {
        merged.created_at = merged.created_at.min(other.created_at);
        merged.last_seen_at = merged.last_seen_at.max(other.last_seen_at);
        other.identities.into_iter().for_each(|identity| merged.add_identity(identity));
    }
    merged.refresh_traits();
    let mut consent = load_consent(db, &[kept, absorbed]).await?;
    let mut both = consent.remove(&absorbed).unwrap_or_default();
    for (channel, topics) in consent.remove(&kept).unwrap_or_default() {
        both.entry(channel).or_default().extend(topics);
    }
    Ok(Some(show(merged, both)))
}

/// The member who stands for this one since it was absorbed, or itself.
pub(crate) async fn current(db: &impl Sql, id: MemberId) -> Result<MemberId, DbErr> {
    let kept: Option<Option<i64>> =
        db.scalar("SELECT merged_into FROM members WHERE id = $1", vec![id.0.into()]).await?;
    Ok(kept.flatten().map_or(id, MemberId))
}

type Consent = BTreeMap<String, BTreeMap<String, bool>>;

#[derive(FromQueryResult)]
struct ConsentRow {
    member_id: i64,
    channel_kind: String,
    topic: String,
    granted: i64,
}

async fn load_consent(db: &impl Sql, ids: &[MemberId]) -> Result<HashMap<MemberId, Consent>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    let rows: Vec<ConsentRow> = db
        .all_rows(
            "SELECT i.member_id, c.channel_kind, c.topic, c.granted
             FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
             JOIN consents c ON c.identity_id = i.id ORDER BY c.decided_at",
            &keys,
            Vec::new(),
        )
        .await?;
    let mut consent: HashMap<MemberId, Consent> = HashMap::new();
    for row in rows {
        let by_channel = consent.entry(MemberId(row.member_id)).or_default();
        by_channel.entry(row.channel_kind).or_default().insert(row.topic, row.granted != 0);
    }
    Ok(consent)
}

fn provenance(state: &MemberState, name: &str) -> Option<ProvenanceDto> {
    let (identity, fact) = state.trait_fact(name)?;
    Some(ProvenanceDto {
        source: fact.source.clone(),
        at: fact.at,
        identity_kind: identity.kind.clone(),
        identity_value: identity.value.clone(),
    })
}

fn show(state: MemberState, consent: Consent) -> MemberDto {
    MemberDto {
        id: state.id,
        identities: state
            .identities
            .iter()
            .map(|i| IdentityDto { id: i.id, kind: i.kind.clone(), value: i.value.clone(), verified: i.verified })
            .collect(),
        traits: state.traits().clone(),
        provenance: None,
        tags: state.tags().into_iter().map(str::to_owned).collect(),
        segments: state.memberships.keys().copied().collect(),
        stage: state.stage.clone(),
        consent,
        created_at: state.created_at,
        last_seen_at: state.last_seen_at,
    }
}

/// A row of the timeline.
#[derive(FromQueryResult)]
pub struct TimelineRow {
    /// Number of the event.
    pub id: i64,
    name: String,
    kind: String,
    /// When it happened, in milliseconds.
    pub happened_at: i64,
    received_at: i64,
    message_id: String,
    source: String,
    properties_json: String,
    context_json: String,
}

/// The member's events, latest first, before the moment (time, id).
pub async fn timeline(
    db: &impl Sql,
    member: MemberId,
    name: Option<&str>,
    before: (i64, i64),
    limit: u64,
) -> Result<Vec<TimelineRow>, DbErr> {
    let mut values = vec![member.0.into(), before.0.into(), before.1.into(), (limit as i64).into()];
    let mut only = "";
    if let Some(name) = name {
        values.push(name.into());
        only = "AND n.name = $5";
    }
    db.all(
        &format!(
            "SELECT e.id, n.name, e.kind, e.happened_at, e.received_at, e.message_id, e.source, e.properties_json, e.context_json
             FROM events e JOIN event_names n ON n.id = e.name_id
             WHERE e.identity_id IN (SELECT id FROM identities WHERE member_id = $1)
               AND (e.happened_at < $2 OR (e.happened_at = $2 AND e.id < $3)) {only}
             ORDER BY e.happened_at DESC, e.id DESC LIMIT $4"
        ),
        values,
    )
    .await
}

impl From<TimelineRow> for TimelineEntry {
    fn from(row: TimelineRow) -> Self {
        TimelineEntry {
            id: EventId(row.id),
            kind: row.kind,
            name: row.name,
            timestamp: Time::from_millis(row.happened_at),
            received_at: Time::from_millis(row.received_at),
            message_id: row.message_id,
            source: row.source,
            properties: serde_json::from_str(&row.properties_json).unwrap_or_default(),
            context: serde_json::from_str(&row.context_json).unwrap_or_default(),
        }
    }
}

fn internal(error: DbErr) -> Problem {
    api::ApiError::from(error).0
}
