//! What goes wrong beside the pipeline, or comes at an awkward moment, changes nothing about what it decides.

use std::{ops::Range, path::Path, sync::Arc};

use base::{Code, Event, EventKind, Time, ids::MemberId};
use log::{EventLog, LogError, NewRecord, Offset, Position, Record};
use people::{
    commands::{Command, Commands},
    pipeline::RunnerOptions,
};
use serde_json::json;
use tokio::sync::watch;

use super::support::{
    Bench, EXPLODES, HOUR, MINUTE, Outcome, START, WORKSPACE, both, naive, on_every_database, user, visitor,
};

fn at(mut event: Event, millis: i64) -> Event {
    event.timestamp = Time::from_millis(START + millis);
    event.received_at = event.timestamp;
    event
}

fn page(bench: &Bench, who: &str, millis: i64) -> Event {
    at(bench.track(user(who), "Page Read", json!({})), millis)
}

#[tokio::test]
async fn what_is_done_again_without_a_poisonous_event_is_decided_at_the_same_moments() {
    on_every_database(|mut bench| async move {
        bench.segment(1, &json!({"event": "Page Read", "count": {"op": "gte", "value": 2}, "within": "PT1H"})).await;
        bench.idle().await;
        bench
            .append(&[
                page(&bench, "a", 0),
                page(&bench, "a", 10 * MINUTE),
                at(bench.track(user("b"), EXPLODES, json!({})), 3 * HOUR),
            ])
            .await;
        bench.advance(4 * HOUR);
        bench.idle().await;
        let entered = format!("1 1 {}", START + 10 * MINUTE);
        let left = format!("1 0 {}", START + HOUR);
        assert_eq!(bench.state().await["changes"], [left, entered]);
        assert_eq!(bench.texts("SELECT code AS text FROM dead_letters").await, ["poison"]);
    })
    .await;
}

#[tokio::test]
async fn an_event_waits_for_the_timers_before_it_also_when_they_are_too_many_for_one_batch() {
    on_every_database(|mut bench| async move {
        bench.options = RunnerOptions { batch_timers: 2, ..RunnerOptions::default() };
        bench.restart().await;
        bench.segment(1, &json!({"event": "Page Read", "within": "PT1H"})).await;
        let pages: Vec<Event> = (0..5).map(|n| page(&bench, &format!("u{n}"), n * MINUTE)).collect();
        bench.advance(10 * MINUTE);
        bench.take(&pages).await;
        bench.append(&[page(&bench, "late", 5 * HOUR)]).await;
        bench.advance(6 * HOUR);
        bench.idle().await;
        let mut left =
            bench.texts("SELECT CAST(changed_at AS TEXT) AS text FROM segment_changes WHERE entered = 0").await;
        left.sort();
        let ends = (0..5).map(|n| (START + n * MINUTE + HOUR).to_string());
        assert_eq!(left, ends.chain([(START + 6 * HOUR).to_string()]).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn what_happens_when_many_timers_are_due_comes_after_all_of_them() {
    on_every_database(|mut bench| async move {
        bench.options = RunnerOptions { batch_timers: 2, ..RunnerOptions::default() };
        bench.restart().await;
        bench.segment(1, &json!({"event": "Page Read", "within": "PT1H"})).await;
        let pages =
            |bench: &Bench, at: i64| -> Vec<Event> { (0..5).map(|n| page(bench, &format!("u{n}"), at)).collect() };
        bench.take(&pages(&bench, 0)).await;
        bench.append(&pages(&bench, HOUR)).await;
        bench.advance(90 * MINUTE);
        bench.idle().await;
        let left = bench.texts("SELECT CAST(changed_at AS TEXT) AS text FROM segment_changes WHERE entered = 0").await;
        assert_eq!(left, vec![(START + HOUR).to_string(); 5]);
        assert_eq!(bench.number("SELECT COUNT(*) FROM segment_changes WHERE entered = 1").await, 10);
    })
    .await;
}

#[tokio::test]
async fn a_member_who_is_absorbed_while_a_segment_is_built_stays_absorbed() {
    on_every_database(|mut bench| async move {
        bench.take(&[page(&bench, "u", 0), bench.track(visitor("v"), "Page Read", json!({}))]).await;
        let segment = bench.segment(1, &json!({"event": "Page Read"})).await;
        bench.take(&[bench.identify(both("u", "v"), json!({}))]).await;
        bench.take(&[bench.track(visitor("v"), "Order Completed", json!({}))]).await;
        assert_eq!(bench.size(segment).await, 1);
        assert_eq!(bench.number("SELECT size FROM segments WHERE id = 1").await, 1);
        assert_eq!(naive::actual(&bench.db).await, naive::expected(&bench.db, bench.now()).await);
    })
    .await;
}

#[tokio::test]
async fn a_segment_is_built_while_events_keep_coming() {
    on_every_database(|mut bench| async move {
        bench.options = RunnerOptions { batch_events: 1, ..RunnerOptions::default() };
        bench.restart().await;
        bench.take(&[page(&bench, "old", 0)]).await;
        let segment = bench.segment(1, &json!({"event": "Page Read"})).await;
        let pages: Vec<Event> = (0..12).map(|_| bench.track(user("other"), "Product Viewed", json!({}))).collect();
        bench.append(&pages).await;
        for _ in 0..11 {
            assert!(!bench.step().await, "there is more to do");
        }
        assert_eq!(bench.size(segment).await, 1);
        assert_eq!(bench.texts("SELECT state AS text FROM segments WHERE id = 1").await, ["live"]);
    })
    .await;
}

#[tokio::test]
async fn a_damaged_record_is_told_and_what_lies_behind_it_is_read() {
    on_every_database(|mut bench| async move {
        let damaged = Damaged { inner: bench.log.clone(), offset: 1 };
        bench.log = Arc::new(damaged);
        bench.restart().await;
        let pages: Vec<Event> = (0..3).map(|n| page(&bench, "a", n)).collect();
        bench.take(&pages).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 2);
        assert_eq!(bench.texts("SELECT source || ' ' || code AS text FROM dead_letters").await, ["log poison"]);
    })
    .await;
}

#[tokio::test]
async fn a_log_that_is_older_than_the_database_is_read_on_from_its_end() {
    on_every_database(|mut bench| async move {
        bench.take(&[page(&bench, "a", 0)]).await;
        bench.run("UPDATE cursors SET next_offset = next_offset + 10", vec![]).await;
        bench.restart().await;
        bench.take(&[page(&bench, "a", 1), page(&bench, "b", 1)]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 3);
    })
    .await;
}

#[tokio::test]
async fn who_asks_for_a_change_that_is_refused_is_told_so() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({"name": "Li"}))]).await;
        let member = MemberId(bench.number("SELECT id FROM members").await);
        let commands =
            Commands::new(bench.log.clone(), Arc::new(bench.clock.clone()), bench.ids.clone(), bench.progress());
        for (count, outcome) in [(499, None), (2, Some(Code::TooManyTags)), (1, None)] {
            let tags: Vec<String> = (0..count).map(|n| format!("{count}-{n}")).collect();
            let command = Command {
                workspace: WORKSPACE,
                member,
                kind: EventKind::Command,
                name: "Tag Added",
                properties: json!({"tags": tags}),
                actor: "user:test",
            };
            let answer = commands.carry_out(command);
            tokio::pin!(answer);
            let answer = loop {
                tokio::select! {
                    biased;
                    answer = &mut answer => break answer,
                    _ = bench.step() => {}
                }
            };
            assert_eq!(answer.err().map(|problem| problem.code), outcome);
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM member_tags").await, 500);
    })
    .await;
}

/// A log of which one record in each partition cannot be read any more.
struct Damaged {
    inner: Arc<dyn EventLog>,
    offset: Offset,
}

#[async_trait::async_trait]
impl EventLog for Damaged {
    fn partitions(&self) -> u32 {
        self.inner.partitions()
    }

    async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<Position>, LogError> {
        self.inner.append(records).await
    }

    async fn read(&self, partition: u32, from: Offset, records: usize, bytes: usize) -> Result<Vec<Record>, LogError> {
        if from == self.offset {
            return Err(LogError::Corrupt { partition, offset: from, reason: "its checksum is wrong".to_owned() });
        }
        let mut read = self.inner.read(partition, from, records, bytes).await?;
        if from < self.offset {
            read.retain(|record| record.offset < self.offset);
        }
        Ok(read)
    }

    fn range(&self, partition: u32) -> Range<Offset> {
        self.inner.range(partition)
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.inner.subscribe()
    }

    async fn erase(
        &self,
        partition: u32,
        from: Offset,
        upto: Offset,
        is_concerned: log::IsConcerned,
    ) -> Result<log::Erased, LogError> {
        self.inner.erase(partition, from, upto, is_concerned).await
    }

    async fn retain(&self, floor: &[Offset], now_ms: i64) -> Result<u64, LogError> {
        self.inner.retain(floor, now_ms).await
    }

    async fn snapshot(&self, dir: &Path) -> Result<(), LogError> {
        self.inner.snapshot(dir).await
    }
}
