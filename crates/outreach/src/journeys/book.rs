//! The published journeys of a workspace, as the stage needs them.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use base::{
    ids::{JourneyId, SegmentId, WorkspaceId},
    rule::Rule,
};
use people::segments::{RuleUse, RuleUser};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{Document, Entry, StepAction};

/// One version of one journey.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) document: Document,
    /// Names of the branch rules in the rule book, by "step/case".
    pub(super) rule_names: HashMap<String, String>,
}

/// One journey that lives.
#[derive(Debug, Default)]
pub(super) struct Published {
    /// The version that new runs begin on; `None` when nobody is let in.
    pub(super) current: Option<i64>,
    /// Nobody is let in, and when the last run has ended the journey is stopped.
    pub(super) finishing: bool,
    /// While paused, runs stay where they are.
    pub(super) paused: bool,
    pub(super) versions: BTreeMap<i64, Version>,
}

/// All journeys of one workspace.
#[derive(Debug, Default)]
pub(super) struct JourneyBook {
    pub(super) journeys: BTreeMap<JourneyId, Published>,
    pub(super) by_event: HashMap<String, Vec<JourneyId>>,
    pub(super) by_segment: HashMap<SegmentId, Vec<JourneyId>>,
}

#[derive(FromQueryResult)]
struct VersionRow {
    journey_id: i64,
    version: i64,
    document_json: String,
    state: String,
    published_version: Option<i64>,
}

impl JourneyBook {
    /// Reads the journeys that let members in, or still have some under way.
    pub(super) async fn load(tx: &Tx, workspace: WorkspaceId) -> Result<JourneyBook, DbErr> {
        let rows: Vec<VersionRow> = tx
            .all(
                "SELECT v.journey_id, v.version, v.document_json, j.state, j.published_version
                 FROM journeys j JOIN journey_versions v ON v.journey_id = j.id
                 WHERE j.workspace_id = $1 AND j.deleted_at IS NULL AND j.state IN ('live', 'paused', 'finishing')
                   AND (v.version = j.published_version OR EXISTS
                     (SELECT 1 FROM journey_runs r WHERE r.journey_id = j.id AND r.version = v.version AND r.state = 'active'))
                 ORDER BY v.journey_id, v.version",
                vec![workspace.0.into()],
            )
            .await?;
        let mut book = JourneyBook::default();
        for row in rows {
            let journey = JourneyId(row.journey_id);
            let document = serde_json::from_str(&row.document_json).ok().and_then(|json| Document::parse(&json).ok());
            let Some(document) = document else {
                tracing::error!(%journey, version = row.version, "the published document cannot be read");
                continue;
            };
            book.add(journey, row, document);
        }
        Ok(book)
    }

    fn add(&mut self, journey: JourneyId, row: VersionRow, document: Document) {
        let published = self.journeys.entry(journey).or_default();
        published.paused = row.state == "paused";
        published.finishing = row.state == "finishing";
        if row.published_version == Some(row.version) {
            published.current = Some(row.version).filter(|_| row.state == "live");
            match &document.entry {
                Entry::Event(trigger) => self.by_event.entry(trigger.event.clone()).or_default().push(journey),
                Entry::Segment(segment) => self.by_segment.entry(*segment).or_default().push(journey),
            }
        }
        let rule_names =
            document.rules().map(|(place, _)| (place.clone(), rule_name(journey, row.version, &place))).collect();
        published.versions.insert(row.version, Version { document, rule_names });
    }

    /// The rules of all branches, for the rule book.
    pub(super) fn rules(&self) -> BTreeMap<String, Rule> {
        let mut rules = BTreeMap::new();
        for (journey, published) in &self.journeys {
            for (number, version) in &published.versions {
                for (place, rule) in version.document.rules() {
                    rules.insert(rule_name(*journey, *number, &place), rule.clone());
                }
            }
        }
        rules
    }

    /// Journeys that are stopped when the last run has ended.
    pub(super) fn finishing(&self) -> impl Iterator<Item = JourneyId> {
        self.journeys.iter().filter(|(_, published)| published.finishing).map(|(journey, _)| *journey)
    }

    pub(super) fn version(&self, journey: JourneyId, version: i64) -> Option<&Version> {
        self.journeys.get(&journey)?.versions.get(&version)
    }
}

fn rule_name(journey: JourneyId, version: i64, place: &str) -> String {
    format!("{journey}/{version}/{place}")
}

/// Tells which journeys ask rules, and change tags.
#[derive(Clone, Copy, Debug, Default)]
pub struct JourneysUseRules;

#[async_trait]
impl RuleUser for JourneysUseRules {
    async fn uses(&self, tx: &Tx, workspace: WorkspaceId) -> Result<Vec<RuleUse>, DbErr> {
        let book = JourneyBook::load(tx, workspace).await?;
        let mut uses = Vec::new();
        for (journey, published) in &book.journeys {
            let mut found = RuleUse { who: journey.to_string(), rules: Vec::new(), tags: Vec::new() };
            for version in published.versions.values() {
                found.rules.extend(version.document.rules().map(|(_, rule)| rule.clone()));
                if let Entry::Segment(segment) = version.document.entry {
                    found.rules.push(Rule::Segment(segment));
                }
                for step in version.document.steps.values() {
                    if let StepAction::Tag { add, remove, .. } = &step.action {
                        found.tags.extend(add.iter().chain(remove).cloned());
                    }
                }
            }
            uses.push(found);
        }
        Ok(uses)
    }
}
