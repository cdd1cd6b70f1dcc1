//! Finding members and showing them.

use std::collections::{BTreeMap, HashMap};

use api::ApiResult;
use base::{
    Code, Problem, Time,
    ids::{GroupId, IdentityId, MemberId, SegmentId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::{Map, Value};
use store::Sql;
use utoipa::ToSchema;

use super::{MemberState, load_members};
use crate::{
    groups::members_sql,
    rules::{Answers, RuleBook, STRANGER, Touch, member_book, profile_books},
    segments::settle,
};

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
    /// Life-cycle stage: the highest that he has reached.
    pub stage: String,
    /// When he reached that stage; of a stranger, when he was first seen.
    #[schema(value_type = String, format = DateTime)]
    pub stage_since: Time,
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

/// What to look for.
#[derive(Clone, Debug, Default)]
pub struct MemberFilter<'a> {
    /// Any part of an identity or of what the traits say, in any case.
    pub search: Option<&'a str>,
    /// Only members whose profiles show this tag.
    pub tag: Option<&'a str>,
    /// Only members who carry this tag, also behind one that excludes it.
    pub carries: Option<&'a str>,
    /// Only members in this segment.
    pub segment: Option<SegmentId>,
    /// Only members in this stage.
    pub stage: Option<&'a str>,
    /// Only members of this group.
    pub group: Option<GroupId>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// The ids of members that match, newest first, before `before`.
pub(crate) async fn find_ids(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &MemberFilter<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<MemberId>, DbErr> {
    let (condition, mut values) = condition(workspace, filter, before);
    values.push((limit as i64).into());
    let sql = format!("SELECT m.id FROM members m WHERE {condition} ORDER BY m.id DESC LIMIT ${}", values.len());
    let rows: Vec<IdRow> = db.all(&sql, values).await?;
    Ok(rows.into_iter().map(|row| MemberId(row.id)).collect())
}

/// How many members match.
pub(crate) async fn count_members(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &MemberFilter<'_>,
) -> Result<i64, DbErr> {
    let (condition, values) = condition(workspace, filter, i64::MAX);
    let count: Option<i64> = db.scalar(&format!("SELECT COUNT(*) FROM members m WHERE {condition}"), values).await?;
    Ok(count.unwrap_or_default())
}

/// What SQL asks of a member `m` that matches, with its parameters.
fn condition(workspace: WorkspaceId, filter: &MemberFilter<'_>, before: i64) -> (String, Vec<store::Value>) {
    let mut sql = "m.workspace_id = $1 AND m.id < $2 AND m.merged_into IS NULL".to_owned();
    let mut values = vec![workspace.0.into(), before.into()];
    if let Some(search) = filter.search.map(str::trim).filter(|search| !search.is_empty()) {
        let pattern = search.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
        values.push(format!("%{pattern}%").into());
        sql += &format!(
            " AND m.id IN (SELECT member_id FROM identities WHERE workspace_id = $1 AND search_text LIKE ${} ESCAPE '!')",
            values.len()
        );
    }
    for tag in filter.tag.into_iter().chain(filter.carries) {
        values.push(tag.into());
        sql += &format!(
            " AND (m.id IN (SELECT i.member_id FROM member_tags t JOIN identities i ON i.id = t.identity_id
                           WHERE t.workspace_id = $1 AND t.tag = ${0})
               OR m.id IN (SELECT x.member_id FROM tags t JOIN segment_members x ON x.segment_id = t.segment_id
                           WHERE t.workspace_id = $1 AND t.name = ${0}))",
            values.len()
        );
    }
    if let Some(tag) = filter.tag {
        values.push(tag.into());
        sql += &format!(" AND NOT EXISTS ({})", hidden_sql(&format!("${}", values.len())));
    }
    if let Some(group) = filter.group {
        values.push(group.0.into());
        sql += &format!(" AND m.id IN ({})", members_sql(&format!("${}", values.len())));
    }
    if let Some(stage) = filter.stage {
        const RUNGS: &str = "segments s WHERE s.workspace_id = $1 AND s.kind = 'stage' AND s.position IS NOT NULL
                             AND s.deleted_at IS NULL";
        values.push(stage.into());
        let own = format!("(SELECT s.position FROM {RUNGS} AND s.item_key = ${})", values.len());
        let above = format!(
            "SELECT x.member_id FROM segment_members x WHERE x.segment_id IN
               (SELECT s.id FROM {RUNGS} AND s.position > COALESCE({own}, 0))"
        );
        sql += &match stage {
            STRANGER => format!(" AND m.id NOT IN ({above})"),
            _ => format!(
                " AND m.id NOT IN ({above}) AND m.id IN (SELECT x.member_id FROM segment_members x WHERE x.segment_id IN
                   (SELECT s.id FROM {RUNGS} AND s.item_key = ${}))",
                values.len()
            ),
        };
    }
    if let Some(segment) = filter.segment {
        values.push(segment.0.into());
        sql += &format!(" AND m.id IN (SELECT member_id FROM segment_members WHERE segment_id = ${})", values.len());
    }
    (sql, values)
}

/// What hides a tag of member `m`: one that excludes it and was put on later than it ever was, by the order of
/// [`MemberState::shows_tag`].
fn hidden_sql(tag: &str) -> String {
    format!(
        "SELECT 1 FROM identities i JOIN member_tags u ON u.identity_id = i.id
         JOIN tags other ON other.workspace_id = $1 AND other.name = u.tag
         JOIN tags own ON own.workspace_id = $1 AND own.name = {tag} AND own.group_id = other.group_id
         JOIN tag_groups g ON g.id = own.group_id AND g.exclusive = 1
         WHERE i.member_id = m.id AND u.tag <> {tag} AND NOT EXISTS (
           SELECT 1 FROM identities j JOIN member_tags t ON t.identity_id = j.id
           WHERE j.member_id = m.id AND t.tag = {tag}
             AND (t.added_at > u.added_at OR (t.added_at = u.added_at AND t.tag > u.tag)))"
    )
}

/// Members that match, newest first.
pub async fn find_members(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &MemberFilter<'_>,
    now: Time,
    (before, limit): (i64, u64),
) -> Result<Vec<MemberDto>, Problem> {
    let ids = find_ids(db, workspace, filter, before, limit).await.map_err(internal)?;
    let mut members = show_members(db, workspace, &ids, now).await.map_err(internal)?;
    members.sort_by_key(|member| std::cmp::Reverse(member.id));
    Ok(members)
}

/// Shows these members; those of other workspaces are left out.
pub async fn show_members(
    db: &impl Sql,
    workspace: WorkspaceId,
    ids: &[MemberId],
    now: Time,
) -> Result<Vec<MemberDto>, DbErr> {
    let books = profile_books(db, &[workspace]).await?;
    let Some(book) = books.get(&workspace) else { return Ok(Vec::new()) };
    let states = load_members(db, ids, &books, now).await?;
    let mut consent = load_consent(db, ids).await?;
    Ok(states
        .into_iter()
        .filter(|state| state.workspace == workspace)
        .map(|state| {
            let consent = consent.remove(&state.id).unwrap_or_default();
            show(&state, book, consent, now)
        })
        .collect())
}

/// One member; an id that was absorbed leads to the member who absorbed it.
pub async fn show_member(
    db: &impl Sql,
    workspace: WorkspaceId,
    id: MemberId,
    now: Time,
) -> Result<Option<MemberDto>, DbErr> {
    let id = current(db, id).await?;
    let books = profile_books(db, &[workspace]).await?;
    let Some(book) = books.get(&workspace) else { return Ok(None) };
    let Some(state) = load_members(db, &[id], &books, now).await?.pop() else { return Ok(None) };
    if state.workspace != workspace {
        return Ok(None);
    }
    let provenance =
        state.traits().keys().filter_map(|name| Some((name.clone(), provenance(&state, book, name)?))).collect();
    let consent = load_consent(db, &[id]).await?.remove(&id).unwrap_or_default();
    Ok(Some(MemberDto { provenance: Some(provenance), ..show(&state, book, consent, now) }))
}

/// The one member that two would make, with all that would be decided anew.
pub(crate) async fn preview_merge(
    db: &impl Sql,
    workspace: WorkspaceId,
    kept: MemberId,
    absorbed: MemberId,
    now: Time,
) -> Result<Option<MemberDto>, DbErr> {
    let book = member_book(db, workspace).await?;
    let books = HashMap::from([(workspace, book.clone())]);
    let mut states = load_members(db, &[kept, absorbed], &books, now).await?;
    let Some(place) = states.iter().position(|state| state.id == kept) else { return Ok(None) };
    let mut merged = states.swap_remove(place);
    let mut touches = Vec::new();
    for gone in states {
        let reached = merged.keep_reached(&gone, &book).into_iter().filter(|(_, is_new)| *is_new);
        touches.extend(reached.map(|(place, _)| Touch::Kept(book.segments[place].id)));
        touches.extend(merged.absorb(gone, &book, now));
    }
    settle(&mut merged, &book, book.touched_by(&touches), (Time::EPOCH, now), &mut Answers::default());
    let mut consent = Consent::new();
    for decision in load_decisions(db, &[kept, absorbed]).await? {
        decision.apply(&mut consent);
    }
    Ok(Some(show(&merged, &book, consent, now)))
}

/// The member who stands for this one since it was absorbed, or itself.
pub(crate) async fn current(db: &impl Sql, id: MemberId) -> Result<MemberId, DbErr> {
    let kept: Option<Option<i64>> =
        db.scalar("SELECT merged_into FROM members WHERE id = $1", vec![id.0.into()]).await?;
    Ok(kept.flatten().map_or(id, MemberId))
}

/// The member who stands for this one, of this workspace.
pub(crate) async fn require_member(db: &impl Sql, workspace: WorkspaceId, id: MemberId) -> ApiResult<MemberId> {
    let id = current(db, id).await?;
    let found: Option<i64> = db
        .scalar("SELECT id FROM members WHERE workspace_id = $1 AND id = $2", vec![workspace.0.into(), id.0.into()])
        .await?;
    found.map(MemberId).ok_or(Code::NotFound.into())
}

type Consent = BTreeMap<String, BTreeMap<String, bool>>;

#[derive(FromQueryResult)]
struct ConsentRow {
    member_id: i64,
    channel_kind: String,
    topic: String,
    granted: i64,
}

impl ConsentRow {
    /// Puts the decision in the place of those before it.
    fn apply(self, consent: &mut Consent) {
        consent.entry(self.channel_kind).or_default().insert(self.topic, self.granted != 0);
    }
}

async fn load_consent(db: &impl Sql, ids: &[MemberId]) -> Result<HashMap<MemberId, Consent>, DbErr> {
    let mut consent: HashMap<MemberId, Consent> = HashMap::new();
    for decision in load_decisions(db, ids).await? {
        let member = MemberId(decision.member_id);
        decision.apply(consent.entry(member).or_default());
    }
    Ok(consent)
}

/// What members have decided, by all their identities, in the order in which one takes the place of another: first what
/// was only claimed, then by time, and of two at one moment the withdrawal last.
async fn load_decisions(db: &impl Sql, ids: &[MemberId]) -> Result<Vec<ConsentRow>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    db.all_rows(
        "SELECT i.member_id, c.channel_kind, c.topic, c.granted
         FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
         JOIN consents c ON c.identity_id = i.id ORDER BY c.claimed DESC, c.decided_at, c.granted DESC",
        &keys,
        Vec::new(),
    )
    .await
}

fn provenance(state: &MemberState, book: &RuleBook, name: &str) -> Option<ProvenanceDto> {
    let (identity, fact) = state.trait_fact(name, book.conflict_of(name))?;
    Some(ProvenanceDto {
        source: fact.source.clone(),
        at: fact.at,
        identity_kind: identity.kind.clone(),
        identity_value: identity.value.clone(),
    })
}

fn show(state: &MemberState, book: &RuleBook, consent: Consent, now: Time) -> MemberDto {
    let is_plain = |id: &SegmentId| {
        !book.ladder.iter().any(|(rung, _)| rung == id)
            && !book.dynamic_tags.iter().any(|(_, behind)| behind == id)
            && book.place_of(*id).is_some_and(|place| !book.segments[place].is_successor)
    };
    MemberDto {
        id: state.id,
        identities: state
            .identities
            .iter()
            .map(|i| IdentityDto { id: i.id, kind: i.kind.clone(), value: i.value.clone(), verified: i.verified })
            .collect(),
        traits: state.profile(book, now),
        provenance: None,
        tags: state.shown_tags(book).into_iter().map(str::to_owned).collect(),
        segments: state.memberships.keys().copied().filter(is_plain).collect(),
        stage: state.stage(book).to_owned(),
        stage_since: state.stage_since(book),
        consent,
        created_at: state.created_at,
        last_seen_at: state.last_seen_at,
    }
}

fn internal(error: DbErr) -> Problem {
    api::ApiError::from(error).0
}
