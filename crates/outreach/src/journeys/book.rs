//! The published journeys of a workspace, as the stage needs them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use base::{
    Time,
    ids::{JourneyId, SegmentId, WorkspaceId},
    rule::Rule,
};
use people::segments::{RuleUse, RuleUser};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{
    Document, StepAction,
    document::{Entry, Happening, Wait, WaitStep},
};

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
    /// The version by whose dates and schedule entries are planned: also while it is paused, so that what comes up
    /// meanwhile is passed over rather than caught up for.
    pub(super) planned: Option<i64>,
    /// Nobody is let in, and when the last run has ended the journey is stopped.
    pub(super) finishing: bool,
    /// While paused, or stopped, runs stay where they are.
    pub(super) paused: bool,
    pub(super) versions: BTreeMap<i64, Version>,
}

/// All journeys of one workspace.
#[derive(Debug, Default)]
pub(super) struct JourneyBook {
    pub(super) journeys: BTreeMap<JourneyId, Published>,
    pub(super) by_event: HashMap<String, Vec<JourneyId>>,
    pub(super) by_segment: HashMap<SegmentId, Vec<JourneyId>>,
    pub(super) by_segment_left: HashMap<SegmentId, Vec<JourneyId>>,
    /// Those that the rows of imports enter.
    pub(super) by_import: Vec<JourneyId>,
    /// Those that members enter at a date of theirs or by a schedule.
    pub(super) planned: Vec<JourneyId>,
    /// Those with steps at which a segment is waited for, and these segments.
    pub(super) awaiting: BTreeSet<JourneyId>,
    pub(super) awaited: BTreeSet<SegmentId>,
    /// The share of members whom no journey addresses, in 0..1, and the salt that decides who they are.
    pub(super) holdout: (f64, i64),
}

#[derive(FromQueryResult)]
struct VersionRow {
    journey_id: i64,
    version: i64,
    document_json: String,
    state: String,
    published_version: Option<i64>,
}

#[derive(FromQueryResult)]
struct HoldoutRow {
    holdout_millionths: i64,
    holdout_salt: i64,
}

impl JourneyBook {
    /// Reads the journeys that let members in, or still have some under way or goals to note at `now` or later.
    pub(super) async fn load(tx: &Tx, workspace: WorkspaceId, now: Time) -> Result<JourneyBook, DbErr> {
        let rows: Vec<VersionRow> = tx
            .all(
                "SELECT v.journey_id, v.version, v.document_json, j.state, j.published_version
                 FROM journeys j JOIN journey_versions v ON v.journey_id = j.id
                 WHERE j.workspace_id = $1 AND j.deleted_at IS NULL
                   AND ((j.state IN ('live', 'paused') AND v.version = j.published_version)
                     OR (j.state IN ('live', 'paused', 'finishing') AND EXISTS
                       (SELECT 1 FROM journey_runs r
                        WHERE r.journey_id = j.id AND r.version = v.version AND r.state = 'active'))
                     OR EXISTS (SELECT 1 FROM journey_runs r
                        WHERE r.journey_id = j.id AND r.version = v.version AND r.goal_until > $2))
                 ORDER BY v.journey_id, v.version",
                vec![workspace.0.into(), now.millis().into()],
            )
            .await?;
        let holdout: Option<HoldoutRow> = tx
            .one("SELECT holdout_millionths, holdout_salt FROM workspaces WHERE id = $1", vec![workspace.0.into()])
            .await?;
        let mut book = JourneyBook::default();
        if let Some(row) = holdout {
            book.holdout = (row.holdout_millionths as f64 / 1e6, row.holdout_salt);
        }
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
        // Of a journey that was stopped, whose goals are still noted, runs may be left that a job is about to end.
        published.paused = !matches!(row.state.as_str(), "live" | "finishing");
        published.finishing = row.state == "finishing";
        let is_open = matches!(row.state.as_str(), "live" | "paused");
        if is_open && row.published_version == Some(row.version) {
            published.current = Some(row.version).filter(|_| row.state == "live");
            match &document.entry {
                Entry::Happening(Happening::Event(trigger)) => {
                    self.by_event.entry(trigger.event.clone()).or_default().push(journey);
                }
                Entry::Happening(Happening::Entered(segment)) => {
                    self.by_segment.entry(*segment).or_default().push(journey);
                }
                Entry::Happening(Happening::Left(segment)) => {
                    self.by_segment_left.entry(*segment).or_default().push(journey);
                }
                Entry::Date(_) | Entry::Schedule(_) => {
                    published.planned = Some(row.version);
                    self.planned.push(journey);
                }
                Entry::Import => self.by_import.push(journey),
                Entry::Manual => {}
            }
        }
        for segment in document.steps.values().filter_map(|step| awaited(&step.action)) {
            self.awaited.insert(segment);
            self.awaiting.insert(journey);
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

    /// The segment for which runs wait at a step.
    pub(super) fn awaited_at(&self, journey: JourneyId, version: i64, step: &str) -> Option<SegmentId> {
        awaited(&self.version(journey, version)?.document.steps.get(step)?.action)
    }

    /// The document by which members enter a journey now, with its version.
    pub(super) fn current(&self, journey: JourneyId) -> Option<(i64, &Document)> {
        let version = self.journeys.get(&journey)?.current?;
        Some((version, &self.version(journey, version)?.document))
    }

    /// The document by which entries into a journey are planned.
    pub(super) fn planned_document(&self, journey: JourneyId) -> Option<&Document> {
        let version = self.journeys.get(&journey)?.planned?;
        Some(&self.version(journey, version)?.document)
    }

    /// Whether the runs of a journey stay where they are; so do those of one that is not in the book.
    pub(super) fn is_paused(&self, journey: JourneyId) -> bool {
        self.journeys.get(&journey).is_none_or(|published| published.paused)
    }
}

fn awaited(action: &StepAction) -> Option<SegmentId> {
    match action {
        StepAction::Wait(WaitStep { wait: Wait::Segment(segment), .. }) => Some(*segment),
        _ => None,
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
        // Who only waits for goals of runs that have ended holds up no change.
        let book = JourneyBook::load(tx, workspace, Time::MAX).await?;
        let mut uses = Vec::new();
        for (journey, published) in &book.journeys {
            let mut found = RuleUse { who: journey.to_string(), rules: Vec::new(), tags: Vec::new() };
            for version in published.versions.values() {
                found.rules.extend(version.document.rules().map(|(_, rule)| rule.clone()));
                found.rules.extend(version.document.segments().into_iter().map(|(_, segment)| Rule::Segment(segment)));
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
