//! Finding members and showing them.

use std::collections::{BTreeMap, HashMap};

use api::{ApiResult, PageQuery, cursor};
use base::{
    Clock, Code, Time,
    ids::{IdentityId, MemberId, SegmentId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{Db, Sql};
use utoipa::ToSchema;

use super::{
    MemberState,
    filter::MemberFilter,
    find::{Pace, START, Searched, find_page},
    load_members,
};
use crate::{
    rules::{Answers, RuleBook, Touch, member_book, profile_books},
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
    /// Since when he is in each of them, by its id.
    #[schema(value_type = BTreeMap<String, String>)]
    pub segments_since: BTreeMap<SegmentId, Time>,
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

/// Members of one page, as far as they were found.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberList {
    /// The members.
    pub items: Vec<MemberDto>,
    /// Pass as `cursor` to go on; `null` at the end.
    pub next: Option<String>,
    /// How far it was looked for this page, where the filter asks for what no index has. While it is not done, the next page
    /// goes on from there, also when this one is not full.
    pub searched: Option<Searched>,
}

/// Members that match, newest first; those whom the text that is looked for names come before.
pub(crate) async fn list_members(
    db: &Db,
    clock: &dyn Clock,
    workspace: WorkspaceId,
    filter: &MemberFilter,
    page: &PageQuery,
) -> ApiResult<MemberList> {
    let position = (page.position(START)?, page.limit());
    let found = find_page(db.read(), clock, workspace, filter, position, Pace::LIST).await?;
    let members = show_members(db.read(), workspace, &found.ids, clock.now()).await?;
    let mut members: HashMap<MemberId, MemberDto> = members.into_iter().map(|member| (member.id, member)).collect();
    Ok(MemberList {
        items: found.ids.iter().filter_map(|id| members.remove(id)).collect(),
        next: found.next.map(cursor),
        searched: found.searched,
    })
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
    let memberships = state.memberships.iter().filter(|(id, _)| is_plain(id));
    let segments_since: BTreeMap<SegmentId, Time> = memberships.map(|(id, since)| (*id, *since)).collect();
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
        segments: segments_since.keys().copied().collect(),
        segments_since,
        stage: state.stage(book).to_owned(),
        stage_since: state.stage_since(book),
        consent,
        created_at: state.created_at,
        last_seen_at: state.last_seen_at,
    }
}
