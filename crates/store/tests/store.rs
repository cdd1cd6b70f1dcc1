//! The store on both databases: migrations, timers, jobs, secrets, bulk rows, and the
//! simulated clock.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "store/jobs.rs"]
mod jobs;
#[path = "store/secrets.rs"]
mod secrets;
mod support;

use std::{sync::Arc, time::Duration};

use base::{Clock, Time, ids::WorkspaceId};
use hearth_store::{
    FromQueryResult, SimulatedClock, Sql,
    timers::{self, Timer},
};
use support::{START, on_every_database};

#[tokio::test]
async fn migrations_run_again_without_harm_and_keep_what_is_there() {
    on_every_database(|bench| async move {
        bench
            .run("INSERT INTO workspaces (id, name, time_zone, created_at) VALUES (1, '酒铺', 'UTC', 0)", vec![])
            .await;
        let again = bench.connect_again().await;
        let name: Option<String> =
            again.read().scalar("SELECT name FROM workspaces WHERE id = 1", vec![]).await.unwrap();
        assert_eq!(name.as_deref(), Some("酒铺"));
        let steps = bench.number("SELECT COUNT(*) FROM schema_steps").await;
        let distinct = bench.number("SELECT COUNT(DISTINCT step) FROM schema_steps").await;
        assert!(steps >= 1 && steps == distinct);
        again.close().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_start_at_once_migrate_an_empty_database_together() {
    on_every_database(|bench| async move {
        // Back to an empty database: on SQLite a new directory, on PostgreSQL an empty schema.
        let fresh = tempfile::tempdir().unwrap();
        if bench.database.url.is_some() {
            let tx = bench.begin().await;
            tx.run("DROP SCHEMA public CASCADE", vec![]).await.unwrap();
            tx.run("CREATE SCHEMA public", vec![]).await.unwrap();
            tx.commit().await.unwrap();
        }
        let open = || {
            let (url, dir) = (bench.database.url.clone(), fresh.path().to_owned());
            tokio::spawn(async move { hearth_store::Db::open(url.as_deref(), &dir).await })
        };
        for db in [open(), open(), open(), open(), open(), open()] {
            let db = db.await.unwrap().unwrap();
            let members: Option<i64> = db.read().scalar("SELECT COUNT(*) FROM members", vec![]).await.unwrap();
            assert_eq!(members, Some(0));
            db.close().await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn what_has_no_room_leaves_no_transaction_behind() {
    let database = testing::TestDatabase::sqlite().await;
    let db = &database.db;
    let write = async |kind: &str, size: i64| {
        let tx = db.begin_replayable().await.unwrap();
        let values = vec![kind.into(), size.into()];
        let written = tx
            .run(
                "INSERT INTO timers (kind, subject, workspace_id, due_at) VALUES ($1 || hex(zeroblob($2)), 1, 1, 1)",
                values,
            )
            .await;
        match written {
            Ok(_) => tx.commit().await,
            Err(error) => Err(error),
        }
    };
    let tx = db.begin().await.unwrap();
    let pages: Option<i64> = tx.scalar("PRAGMA page_count", vec![]).await.unwrap();
    let limit = pages.unwrap() + 8;
    let _: Option<i64> = tx.scalar(&format!("PRAGMA max_page_count = {limit}"), vec![]).await.unwrap();
    tx.commit().await.unwrap();
    let error = write("large", 400_000).await.unwrap_err();
    assert!(hearth_store::is_disk_full(&error), "{error}");
    // What is rolled back from now on is gone, and what is committed is there for everybody.
    let tx = db.begin().await.unwrap();
    tx.run("INSERT INTO timers (kind, subject, workspace_id, due_at) VALUES ('dropped', 1, 1, 1)", vec![])
        .await
        .unwrap();
    drop(tx);
    write("small", 1).await.unwrap();
    db.make_durable().await.unwrap();
    let kinds: Option<String> = db.read().scalar("SELECT group_concat(kind) FROM timers", vec![]).await.unwrap();
    assert_eq!(kinds.as_deref(), Some("small00"));
}

fn timer(kind: &'static str, subject: i64, due_at: i64) -> Timer {
    Timer { kind, subject, workspace: WorkspaceId(1), due_at: Time::from_millis(due_at) }
}

#[tokio::test]
async fn timers_fire_in_the_order_of_their_moments_and_can_be_moved_and_cleared() {
    on_every_database(|bench| async move {
        let tx = bench.begin().await;
        timers::set(&tx, &[timer("b", 1, 300), timer("a", 2, 100), timer("a", 1, 300), timer("a", 3, 200)])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let due = |now: i64, limit: u64| {
            let db = bench.db.clone();
            async move {
                let due = timers::due(db.read(), Time::from_millis(now), limit).await.unwrap();
                due.into_iter().map(|t| (t.kind, t.subject, t.due_at)).collect::<Vec<_>>()
            }
        };
        let row = |kind: &str, subject: i64, at: i64| (kind.to_owned(), subject, at);
        assert_eq!(due(99, 10).await, []);
        assert_eq!(due(100, 10).await, [row("a", 2, 100)]);
        let all = [row("a", 2, 100), row("a", 3, 200), row("a", 1, 300), row("b", 1, 300)];
        assert_eq!(due(300, 10).await, all);
        assert_eq!(due(300, 2).await, all[..2]);
        assert_eq!(timers::next_due(bench.db.read()).await.unwrap(), Some(Time::from_millis(100)));

        let tx = bench.begin().await;
        timers::set(&tx, &[timer("a", 2, 250)]).await.unwrap();
        timers::clear(&tx, &[("a".to_owned(), 3), ("nobody".to_owned(), 1)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(due(300, 10).await, [row("a", 2, 250), row("a", 1, 300), row("b", 1, 300)]);

        let tx = bench.begin().await;
        timers::clear(&tx, &[("a".to_owned(), 1), ("a".to_owned(), 2), ("b".to_owned(), 1)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(timers::next_due(bench.db.read()).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    on_every_database(|bench| async move {
        let tx = bench.begin().await;
        timers::set(&tx, &[timer("a", 1, 1)]).await.unwrap();
        drop(tx);
        assert_eq!(bench.number("SELECT COUNT(*) FROM timers").await, 0);
    })
    .await;
}

#[derive(Debug, FromQueryResult)]
struct NamedRow {
    id: i64,
    name: String,
}

#[tokio::test]
async fn thousands_of_rows_are_written_and_read_in_bulk() {
    on_every_database(|bench| async move {
        let rows: Vec<(i64, i64, String)> =
            (0..5_000).map(|n| (n, 1, format!("Ereignis \"{n}\" 事件 {}", n % 7))).collect();
        let tx = bench.begin().await;
        let insert = "INSERT INTO event_names (id, workspace_id, name)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2 FROM {rows} WHERE true
             ON CONFLICT (id) DO NOTHING";
        assert_eq!(tx.run_rows(insert, &rows).await.unwrap(), 5_000);
        assert_eq!(tx.run_rows(insert, &rows).await.unwrap(), 0);
        assert_eq!(tx.run_rows(insert, &rows[..0]).await.unwrap(), 0);
        tx.commit().await.unwrap();

        let keys: Vec<(i64,)> = (0..6_000).map(|n| (n,)).collect();
        let found: Vec<NamedRow> = bench
            .db
            .read()
            .all_rows(
                "SELECT n.id, n.name FROM {rows} JOIN event_names n ON n.id = CAST(r.value->>0 AS BIGINT)
                 WHERE n.workspace_id + 0 = $2",
                &keys,
                vec![1i64.into()],
            )
            .await
            .unwrap();
        assert_eq!(found.len(), 5_000);
        assert!(found.iter().all(|row| row.name == rows[row.id as usize].2));
    })
    .await;
}

#[tokio::test]
async fn a_second_row_with_the_same_key_is_told_apart_from_other_failures() {
    on_every_database(|bench| async move {
        let insert = "INSERT INTO event_names (id, workspace_id, name) VALUES ($1, 1, 'once')";
        bench.run(insert, vec![1i64.into()]).await;
        let tx = bench.begin().await;
        let again = tx.run(insert, vec![2i64.into()]).await.unwrap_err();
        assert!(hearth_store::is_unique_violation(&again), "{again}");
        drop(tx);
        let tx = bench.begin().await;
        let other = tx.run("INSERT INTO no_such_table (id) VALUES (1)", vec![]).await.unwrap_err();
        assert!(!hearth_store::is_unique_violation(&other), "{other}");
    })
    .await;
}

#[tokio::test]
async fn the_simulated_clock_wakes_sleepers_in_the_order_of_their_moments() {
    let clock = SimulatedClock::at(Time::from_millis(START));
    let woken = Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for seconds in [30u64, 10, 20, 40] {
        let sleep = clock.sleep(Duration::from_secs(seconds));
        let woken = woken.clone();
        tasks.push(tokio::spawn(async move {
            sleep.await;
            woken.lock().unwrap().push(seconds);
        }));
    }
    clock.sleep(Duration::ZERO).await;
    clock.sleep_until(Time::from_millis(START - 1)).await;
    clock.advance(Duration::from_millis(9_999));
    let early = clock.sleep(Duration::from_secs(1));
    tokio::task::yield_now().await;
    assert!(woken.lock().unwrap().is_empty());
    clock.advance(Duration::from_secs(25));
    early.await;
    for task in [1, 2, 0] {
        (&mut tasks[task]).await.unwrap();
    }
    assert_eq!(*woken.lock().unwrap(), [10, 20, 30]);
    assert!(!tasks[3].is_finished());

    clock.set(Time::from_millis(START));
    assert_eq!(clock.now().millis(), START + 34_999, "time never goes backwards");
    clock.set(Time::from_millis(START + 40_000));
    (&mut tasks[3]).await.unwrap();
    assert_eq!(clock.monotonic(), Duration::from_secs(40));
}
