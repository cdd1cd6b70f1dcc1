//! What rules refer to: segments, tags, stages and traits that something stands behind.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use base::{
    Code, IdSource, Period, Problem, Time,
    ids::{SegmentId, WorkspaceId},
    rule::Rule,
};
use sea_orm::DbErr;
use store::{Sql, Tx};

use super::service::{add_successor, build_anew, load_sources};
use crate::{
    PeopleState,
    rules::{STRANGER, SegmentRole, SegmentSource},
    traits,
};

/// Whose rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker<'a> {
    /// A segment's.
    Segment(SegmentId),
    /// A dynamic tag's.
    Tag(&'a str),
    /// A stage's.
    Stage,
    /// Nobody's yet: it is only tried.
    Preview,
}

/// What a rule may ask for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference<'a> {
    /// A segment.
    Segment(SegmentId),
    /// A tag.
    Tag(&'a str),
    /// A stage.
    Stage(&'a str),
    /// Any stage.
    Ladder,
    /// A trait.
    Trait(&'a str),
}

/// Refuses a rule that names what does not exist, or that leads back to where it stands.
pub(crate) async fn check_references(
    db: &impl Sql,
    workspace: WorkspaceId,
    asker: Asker<'_>,
    rule: &Rule,
    path: &str,
) -> Result<(), Problem> {
    let internal = |error: DbErr| api::ApiError::from(error).0;
    let sources = load_sources(db, workspace).await.map_err(internal)?;
    let graph = Graph::of(&sources);
    let groups: Vec<(i64,)> = rule.groups().iter().map(|id| (id.0,)).collect();
    let known: Vec<IdRow> = db
        .all_rows(
            "SELECT g.id FROM {rows} JOIN groups g ON g.id = CAST(r.value->>0 AS BIGINT) AND g.workspace_id + 0 = $2",
            &groups,
            vec![workspace.0.into()],
        )
        .await
        .map_err(internal)?;
    if let Some(missing) = rule.groups().iter().find(|id| !known.iter().any(|row| row.id == id.0)) {
        return Err(Problem::at(Code::UnknownReference, path, format!("there is no group {missing}")));
    }
    let mut to_visit = vec![rule];
    let mut visited: HashSet<SegmentId> = HashSet::new();
    while let Some(rule) = to_visit.pop() {
        if asker == Asker::Stage && !rule.stages().is_empty() {
            return Err(Problem::at(Code::SegmentCycle, path, "a stage may not depend on stages"));
        }
        if let Asker::Tag(own) = asker
            && rule.tags().contains(&own)
        {
            return Err(Problem::at(Code::SegmentCycle, path, format!("the tag \"{own}\" would depend on itself")));
        }
        for stage in rule.stages() {
            if stage != STRANGER && !graph.stages.contains_key(stage) {
                return Err(Problem::at(Code::UnknownReference, path, format!("there is no stage \"{stage}\"")));
            }
        }
        for id in rule.segments() {
            if asker == Asker::Segment(id) {
                return Err(Problem::at(Code::SegmentCycle, path, format!("{id} would depend on itself")));
            }
            if !graph.is_segment(id) {
                return Err(Problem::at(Code::UnknownReference, path, format!("there is no segment {id}")));
            }
        }
        for id in graph.behind(rule) {
            if visited.insert(id) {
                to_visit.extend(graph.rules.get(&id).map(|source| &source.rule));
            }
        }
    }
    Ok(())
}

/// Refuses a rule of another feature that names what does not exist.
pub async fn check_rule(db: &impl Sql, workspace: WorkspaceId, rule: &Rule, path: &str) -> Result<(), Problem> {
    check_references(db, workspace, Asker::Preview, rule, path).await
}

#[derive(sea_orm::FromQueryResult)]
struct IdRow {
    id: i64,
}

struct Graph<'a> {
    rules: HashMap<SegmentId, &'a SegmentSource>,
    tags: HashMap<&'a str, SegmentId>,
    stages: HashMap<&'a str, SegmentId>,
}

impl<'a> Graph<'a> {
    fn of(sources: &'a [SegmentSource]) -> Graph<'a> {
        let mut graph = Graph { rules: HashMap::new(), tags: HashMap::new(), stages: HashMap::new() };
        for source in sources {
            graph.rules.insert(source.id, source);
            match &source.role {
                SegmentRole::Tag(tag) => _ = graph.tags.insert(tag, source.id),
                SegmentRole::Stage(stage, _) => _ = graph.stages.insert(stage, source.id),
                SegmentRole::Segment | SegmentRole::Successor(_) => {}
            }
        }
        graph
    }

    fn is_segment(&self, id: SegmentId) -> bool {
        self.rules.get(&id).is_some_and(|source| source.role == SegmentRole::Segment)
    }

    /// The segments that stand behind what a rule asks for; a stage depends on the whole ladder.
    fn behind(&self, rule: &Rule) -> Vec<SegmentId> {
        let mut found = rule.segments();
        found.extend(rule.tags().iter().filter_map(|tag| self.tags.get(tag)));
        if !rule.stages().is_empty() {
            found.extend(self.stages.values());
        }
        // Where a new rule waits to take the place of an old one, both count.
        let successors = self.rules.values().filter_map(|source| match source.role {
            SegmentRole::Successor(of) if found.contains(&of) => Some(source.id),
            _ => None,
        });
        let successors: Vec<SegmentId> = successors.collect();
        found.extend(successors);
        found
    }
}

impl Reference<'_> {
    /// Whether a rule asks for it directly.
    fn is_in(self, rule: &Rule) -> bool {
        match self {
            Reference::Segment(id) => rule.segments().contains(&id),
            Reference::Tag(tag) => rule.tags().contains(&tag),
            Reference::Stage(stage) => rule.stages().contains(&stage),
            Reference::Ladder => !rule.stages().is_empty(),
            Reference::Trait(name) => rule.traits().contains(&name),
        }
    }
}

/// To be called when what stands behind these names changes: all whose rules lead there are evaluated over history anew.
/// They change at one moment, together with everything else that is being built.
pub(crate) async fn rebuild_dependents(
    tx: &Tx,
    ids: &IdSource,
    workspace: WorkspaceId,
    changed: &[Reference<'_>],
    by: (&str, Time),
) -> Result<(), DbErr> {
    let sources = load_sources(tx, workspace).await?;
    let affected = affected_by(&sources, |_| false, changed);
    rebuild(tx, ids, &sources, &affected, by).await
}

/// To be called when a workspace has got another time zone: all whose rules look back by days, weeks, months or years
/// are evaluated over history anew, since their windows begin at other moments. What nobody leaves goes on as it is.
pub async fn rebuild_calendars(tx: &Tx, ids: &IdSource, workspace: WorkspaceId, by: (&str, Time)) -> Result<(), DbErr> {
    let is_calendar = |period: &Period| period.exact().is_none();
    let sources = load_sources(tx, workspace).await?;
    let (computed, _) = traits::load_book(tx, workspace).await?;
    let computed: Vec<Reference<'_>> = computed
        .iter()
        .filter(|(_, computed)| computed.within.as_ref().is_some_and(is_calendar))
        .map(|(name, _)| Reference::Trait(name))
        .collect();
    let looks_back = |source: &SegmentSource| !source.keeps && source.rule.periods().into_iter().any(is_calendar);
    let affected = affected_by(&sources, looks_back, &computed);
    rebuild(tx, ids, &sources, &affected, by).await
}

/// What a successor will take the place of, and otherwise the segment itself.
fn place_of(source: &SegmentSource) -> SegmentId {
    match source.role {
        SegmentRole::Successor(of) => of,
        _ => source.id,
    }
}

/// The segments that change themselves, those whose rules ask for one of these names, and all whose rules lead to them.
fn affected_by(
    sources: &[SegmentSource],
    changes: impl Fn(&SegmentSource) -> bool,
    changed: &[Reference<'_>],
) -> HashSet<SegmentId> {
    let roles: HashMap<SegmentId, &SegmentRole> = sources.iter().map(|source| (source.id, &source.role)).collect();
    let name_of = |source: &SegmentSource| match roles.get(&place_of(source)).copied() {
        Some(SegmentRole::Tag(tag)) => Reference::Tag(tag),
        Some(SegmentRole::Stage(..)) => Reference::Ladder,
        _ => Reference::Segment(place_of(source)),
    };
    let mut pending: Vec<Reference<'_>> = changed.to_vec();
    let mut affected: HashSet<SegmentId> = HashSet::new();
    for source in sources.iter().filter(|source| changes(source)) {
        affected.insert(source.id);
        pending.push(name_of(source));
    }
    while let Some(reference) = pending.pop() {
        for source in sources.iter().filter(|source| reference.is_in(&source.rule)) {
            if affected.insert(source.id) {
                pending.push(name_of(source));
            }
        }
    }
    affected
}

async fn rebuild(
    tx: &Tx,
    ids: &IdSource,
    sources: &[SegmentSource],
    affected: &HashSet<SegmentId>,
    (actor, now): (&str, Time),
) -> Result<(), DbErr> {
    let successors = sources.iter().filter(|source| place_of(source) != source.id);
    let replaced: HashSet<SegmentId> = successors.map(place_of).collect();
    for source in sources.iter().filter(|source| affected.contains(&source.id)) {
        let is_live = source.live && place_of(source) == source.id;
        match is_live {
            // What will take its place is evaluated by itself.
            true if replaced.contains(&source.id) => {}
            true => add_successor(tx, ids, source.id, None, (actor, now)).await?,
            false => build_anew(tx, source.id, now).await?,
        }
    }
    Ok(())
}

/// Who asks for something directly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum User {
    /// A segment.
    Segment(SegmentId),
    /// A dynamic tag, by its name.
    Tag(String),
    /// A stage, by its key.
    Stage(String),
    /// A thing of another feature, by its id.
    Other(String),
}

impl User {
    /// The segment that it is, if it is one.
    pub(super) fn segment(&self) -> Option<SegmentId> {
        match self {
            User::Segment(id) => Some(*id),
            _ => None,
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            User::Segment(id) => write!(f, "{id}"),
            User::Tag(tag) => write!(f, "tag \"{tag}\""),
            User::Stage(stage) => write!(f, "stage \"{stage}\""),
            User::Other(id) => f.write_str(id),
        }
    }
}

/// Who asks for something directly.
pub(crate) async fn users_of(
    state: &PeopleState,
    tx: &Tx,
    workspace: WorkspaceId,
    wanted: Reference<'_>,
) -> Result<Vec<User>, DbErr> {
    let asks = |rule: &Rule| wanted.is_in(rule);
    let sources = load_sources(tx, workspace).await?;
    let roles: HashMap<SegmentId, &SegmentRole> = sources.iter().map(|source| (source.id, &source.role)).collect();
    let mut users: Vec<User> = Vec::new();
    for source in sources.iter().filter(|source| asks(&source.rule)) {
        let id = place_of(source);
        let user = match roles.get(&id) {
            Some(SegmentRole::Tag(tag)) => User::Tag(tag.clone()),
            Some(SegmentRole::Stage(stage, _)) => User::Stage(stage.clone()),
            _ => User::Segment(id),
        };
        if !users.contains(&user) {
            users.push(user);
        }
    }
    for feature in &state.rule_users {
        for found in feature.uses(tx, workspace).await? {
            let puts = matches!(wanted, Reference::Tag(tag) if found.tags.iter().any(|other| other == tag));
            if puts || found.rules.iter().any(asks) {
                users.push(User::Other(found.who));
            }
        }
    }
    users.dedup();
    Ok(users)
}
