//! The schema, as a list of numbered steps that only grows. A step first expands (new tables and
//! columns); what is no longer used is contracted by a later release.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, TransactionTrait};

use crate::{Db, Sql};

const STEPS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_first.sql")),
    (2, include_str!("../migrations/0002_people.sql")),
    (3, include_str!("../migrations/0003_imports.sql")),
    (4, include_str!("../migrations/0004_privacy.sql")),
    (5, include_str!("../migrations/0005_segments.sql")),
    (6, include_str!("../migrations/0006_trusted_keys.sql")),
    (7, include_str!("../migrations/0007_withheld.sql")),
    (8, include_str!("../migrations/0008_default_country.sql")),
    (9, include_str!("../migrations/0009_outreach.sql")),
    (10, include_str!("../migrations/0010_templates.sql")),
    (11, include_str!("../migrations/0011_outbox.sql")),
    (12, include_str!("../migrations/0012_sending.sql")),
    (13, include_str!("../migrations/0013_email.sql")),
    (14, include_str!("../migrations/0014_journeys.sql")),
    (15, include_str!("../migrations/0015_versions.sql")),
    (16, include_str!("../migrations/0016_simulations.sql")),
    (17, include_str!("../migrations/0017_preferences.sql")),
    (18, include_str!("../migrations/0018_partial_versions.sql")),
    (19, include_str!("../migrations/0019_echoes.sql")),
    (20, include_str!("../migrations/0020_tallies.sql")),
    (21, include_str!("../migrations/0021_job_errors.sql")),
    (22, include_str!("../migrations/0022_outbox.sql")),
    (23, include_str!("../migrations/0023_looking.sql")),
    (24, include_str!("../migrations/0024_journeys_app.sql")),
    (25, include_str!("../migrations/0025_histories.sql")),
    (26, include_str!("../migrations/0026_insight.sql")),
];

const STEPS_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_steps (step BIGINT PRIMARY KEY)";

pub(crate) async fn run(db: &Db) -> Result<(), DbErr> {
    let writer = db.writer();
    if db.backend() == DbBackend::Postgres {
        // Two processes that create one table at the same moment would collide on the catalogue.
        let tx = writer.begin().await?;
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7700)").await?;
        tx.execute_unprepared(STEPS_TABLE).await?;
        tx.commit().await?;
    } else {
        writer.execute_unprepared(STEPS_TABLE).await?;
    }
    for (step, text) in STEPS {
        let tx = match db.backend() {
            DbBackend::Postgres => {
                let tx = writer.begin().await?;
                // Two processes that start together take turns.
                tx.execute_unprepared("LOCK TABLE schema_steps IN EXCLUSIVE MODE").await?;
                tx
            }
            _ => db.begin().await?,
        };
        let done: Option<i64> =
            tx.scalar("SELECT step FROM schema_steps WHERE step = $1", vec![(*step).into()]).await?;
        if done.is_none() {
            tx.execute_unprepared(&for_backend(text, db.backend())).await?;
            tx.run("INSERT INTO schema_steps (step) VALUES ($1)", vec![(*step).into()]).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// The text for one kind of database. What stands between `-- {sqlite}` or `-- {postgres}` and the next line of that kind
/// is for that one alone, until `-- {both}`.
fn for_backend(text: &str, backend: DbBackend) -> String {
    let (own, other) = match backend {
        DbBackend::Sqlite => ("-- {sqlite}", "-- {postgres}"),
        _ => ("-- {postgres}", "-- {sqlite}"),
    };
    let mut wanted = String::with_capacity(text.len());
    let mut is_for_the_other = false;
    for line in text.lines() {
        match line {
            "-- {both}" => is_for_the_other = false,
            mark if mark == own => is_for_the_other = false,
            mark if mark == other => is_for_the_other = true,
            _ if is_for_the_other => {}
            line => wanted.extend([line, "\n"]),
        }
    }
    match backend {
        DbBackend::Sqlite => {
            wanted.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY").replace("{nr}", "WITHOUT ROWID")
        }
        _ => wanted.replace(" {nr}", ""),
    }
}
