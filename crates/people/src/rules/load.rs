//! Reading what a book is made from.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base::{ids::WorkspaceId, rule::Rule};
use jiff::tz::TimeZone;
use sea_orm::DbErr;
use store::Sql;

use super::{BookSource, RuleBook};
use crate::{identity, segments, stages, tags, traits};

/// Everything of a workspace that rules may ask for: segments, what is settled about tags and traits.
pub(crate) async fn load_source(db: &impl Sql, workspace: WorkspaceId) -> Result<BookSource, DbErr> {
    let (computed, traits) = traits::load_book(db, workspace).await?;
    Ok(BookSource {
        segments: segments::load_sources(db, workspace).await?,
        coming_ladder: stages::coming_ladder(db, workspace).await?,
        tags: tags::load_book(db, workspace).await?,
        computed,
        traits,
        home: identity::load_home(db, workspace).await?,
        ..BookSource::default()
    })
}

/// The books of workspaces with what profiles show: stages, tags and traits, but no rules that ask for events.
pub async fn profile_books(
    db: &impl Sql,
    workspaces: &[WorkspaceId],
) -> Result<HashMap<WorkspaceId, Arc<RuleBook>>, DbErr> {
    let mut books = HashMap::new();
    for workspace in workspaces {
        let mut source = load_source(db, *workspace).await?;
        for segment in &mut source.segments {
            segment.rule = Rule::Any(Vec::new());
        }
        let zone = segments::zone_of(db, *workspace).await?;
        books.insert(*workspace, Arc::new(RuleBook::compile(*workspace, zone, 0, &source)));
    }
    Ok(books)
}

/// A book for asking these rules of members, by the names that they have here: it holds only what they need.
pub async fn asking_book(
    db: &impl Sql,
    workspace: WorkspaceId,
    rules: BTreeMap<String, Rule>,
) -> Result<Arc<RuleBook>, DbErr> {
    let mut source = load_source(db, workspace).await?;
    source.others = rules;
    source.asks_only_others = true;
    let zone = segments::zone_of(db, workspace).await?;
    Ok(Arc::new(RuleBook::compile(workspace, zone, 0, &source)))
}

/// The book of a workspace with everything that decides what a member is; without the rules of other features.
pub(crate) async fn member_book(db: &impl Sql, workspace: WorkspaceId) -> Result<Arc<RuleBook>, DbErr> {
    let source = load_source(db, workspace).await?;
    let zone = segments::zone_of(db, workspace).await?;
    Ok(Arc::new(RuleBook::compile(workspace, zone, 0, &source)))
}

impl RuleBook {
    /// A book for asking one rule, under this name: it holds only what that rule needs.
    pub(crate) fn compile_one(
        workspace: WorkspaceId,
        zone: TimeZone,
        source: &mut BookSource,
        name: &str,
        rule: &Rule,
    ) -> RuleBook {
        source.others.insert(name.to_owned(), rule.clone());
        source.asks_only_others = true;
        RuleBook::compile(workspace, zone, 0, source)
    }
}
