//! The pipeline in a test: a real runner over a real log and a real database, and a clock that
//! stands still until the test moves it.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};

use people::{
    consent::ConsentStage,
    groups::GroupStage,
    identity::IdentifyStage,
    members::ProfileStage,
    pipeline::{Poison, Stage, Turn},
    segments::SegmentStage,
    tags::TagStage,
};
use store::{FromQueryResult, Sql};
pub use testing::{
    Bench, DAY, HOUR, MINUTE, START, TestDatabase, WORKSPACE, add_segment, add_workspace, both, user, visitor,
};

pub mod naive;
pub mod routes;

/// A bench on this database, which is emptied first.
pub async fn bench(database: &TestDatabase) -> Bench {
    database.bench(stages).await
}

/// Runs a test on SQLite, and on PostgreSQL when there is a server for tests.
pub async fn on_every_database<F: Future<Output = ()>>(test: impl Fn(Bench) -> F) {
    testing::on_every_database(async |database| test(bench(&database).await).await).await;
}

fn stages() -> Vec<Box<dyn Stage>> {
    vec![
        Box::new(IdentifyStage),
        Box::new(ProfileStage),
        Box::new(ConsentStage::default()),
        Box::new(GroupStage::default()),
        Box::new(TagStage),
        Box::new(SegmentStage::default()),
        Box::new(FaultyStage),
    ]
}

/// The name of an event at which the last stage fails.
pub const EXPLODES: &str = "Exploded";

/// A stage with an error in it.
struct FaultyStage;

impl Stage for FaultyStage {
    fn name(&self) -> &'static str {
        "faulty"
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        assert!(turn.event().is_none_or(|event| event.name != EXPLODES), "this is meant to fail");
        Ok(())
    }
}

/// What a pipeline has made.
pub trait Outcome {
    /// Identities by member, as sorted lists.
    async fn people(&self) -> BTreeSet<Vec<String>>;
    /// Everything that the pipeline has made, without the numbers that it gave out.
    async fn state(&self) -> BTreeMap<&'static str, Vec<String>>;
}

impl Outcome for Bench {
    async fn people(&self) -> BTreeSet<Vec<String>> {
        let rows: Vec<IdentityRow> = self
            .db
            .read()
            .all("SELECT member_id, kind, value FROM identities ORDER BY kind, value", vec![])
            .await
            .unwrap();
        let mut people: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for row in rows {
            people.entry(row.member_id).or_default().push(format!("{}:{}", row.kind, row.value));
        }
        people.into_values().collect()
    }

    async fn state(&self) -> BTreeMap<&'static str, Vec<String>> {
        let who = "(SELECT MIN(i.kind || ':' || i.value) FROM identities i WHERE i.member_id = m.id)";
        let queries = [
            ("traits", "SELECT kind || ':' || value || ' ' || CAST(verified AS TEXT) || ' ' || traits_json AS text FROM identities".to_owned()),
            ("members", format!("SELECT {who} || ' ' || CAST(m.created_at AS TEXT) || ' ' || CAST(m.last_seen_at AS TEXT) AS text FROM members m WHERE m.merged_into IS NULL")),
            ("tags", "SELECT i.value || ' ' || t.tag AS text FROM member_tags t JOIN identities i ON i.id = t.identity_id".to_owned()),
            ("events", "SELECT e.message_id || ' ' || i.value AS text FROM events e JOIN identities i ON i.id = e.identity_id".to_owned()),
            ("merges", "SELECT reason || ' ' || CAST(merged_at AS TEXT) AS text FROM merges".to_owned()),
            ("memberships", format!("SELECT CAST(s.segment_id AS TEXT) || ' ' || {who} || ' ' || CAST(s.entered_at AS TEXT) AS text FROM segment_members s JOIN members m ON m.id = s.member_id")),
            ("changes", "SELECT CAST(segment_id AS TEXT) || ' ' || CAST(entered AS TEXT) || ' ' || CAST(changed_at AS TEXT) AS text FROM segment_changes".to_owned()),
            ("sizes", "SELECT CAST(id AS TEXT) || ' ' || CAST(size AS TEXT) AS text FROM segments".to_owned()),
            ("dead letters", "SELECT source || ' ' || code || ' ' || message AS text FROM dead_letters".to_owned()),
        ];
        let mut state = BTreeMap::new();
        for (name, query) in queries {
            let mut rows = self.texts(&query).await;
            rows.sort();
            state.insert(name, rows);
        }
        let mut people: Vec<String> = self.people().await.into_iter().map(|ids| ids.join(" ")).collect();
        people.sort();
        state.insert("people", people);
        state
    }
}

#[derive(FromQueryResult)]
struct IdentityRow {
    member_id: i64,
    kind: String,
    value: String,
}
