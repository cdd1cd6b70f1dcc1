//! Journeys in a test: the whole pipeline over a real log and a real database, the real routes for changes of a
//! journey, and a clock that stands still until the test moves it.

use std::{
    future::Future,
    ops::{Deref, DerefMut},
    path::PathBuf,
};

use axum::Router;
use base::Event;
use outreach::journeys::JourneyStage;
use people::{
    groups::GroupStage, identity::IdentifyStage, members::ProfileStage, pipeline::Stage, segments::SegmentStage,
    tags::TagStage,
};
pub use testing::{DAY, HOUR, MINUTE, START, TestDatabase, WORKSPACE, both, user, visitor};

pub mod crowds;
pub mod journeys;
pub mod tallies;

fn stages() -> Vec<Box<dyn Stage>> {
    vec![
        Box::new(IdentifyStage),
        Box::new(ProfileStage),
        Box::new(GroupStage::default()),
        Box::new(TagStage),
        Box::new(SegmentStage::default()),
        Box::new(JourneyStage::default()),
    ]
}

/// A pipeline with journeys, and their routes.
pub struct Bench {
    pipeline: testing::Bench,
    pub router: Router,
    pub dir: PathBuf,
}

impl Bench {
    /// On this database, which is emptied first.
    pub async fn on(database: &TestDatabase) -> Bench {
        let pipeline = database.bench(stages).await;
        journeys::channel_and_template(&pipeline).await;
        let router = journeys::router(&database.db, &pipeline.clock, &pipeline.ids, database.dir());
        Bench { pipeline, router, dir: database.dir().to_owned() }
    }

    /// Appends and runs until nothing is left to do.
    pub async fn take(&mut self, events: &[Event]) {
        self.pipeline.take(events).await;
    }
}

impl Deref for Bench {
    type Target = testing::Bench;

    fn deref(&self) -> &testing::Bench {
        &self.pipeline
    }
}

impl DerefMut for Bench {
    fn deref_mut(&mut self) -> &mut testing::Bench {
        &mut self.pipeline
    }
}

/// Runs a test on SQLite, and on PostgreSQL when there is a server for tests.
pub async fn on_every_database<F: Future<Output = ()>>(test: impl Fn(Bench) -> F) {
    testing::on_every_database(async |database| test(Bench::on(&database).await).await).await;
}
