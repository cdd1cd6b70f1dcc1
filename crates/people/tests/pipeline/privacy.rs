//! Erasing members, with events of theirs before, at and after that moment, and what a restore does.

use std::sync::Arc;

use base::{
    Event, EventKind, Time,
    ids::{ErasureId, MemberId},
};
use log::EventLog;
use people::privacy::{EraseJob, MEMBER_ERASED, REGISTER_FILE, Register, RetentionJob, reapply};
use serde_json::{Value, json};
use store::jobs::{JobHandler, JobRunner};

use crate::support::{Bench, DAY, Outcome, WORKSPACE, both, on_every_database, user, visitor};

fn erase(bench: &Bench, member: MemberId) -> (ErasureId, Event) {
    let erasure = bench.ids.next(ErasureId);
    let event = bench.command(member, MEMBER_ERASED, json!({"erasure": erasure, "reason": "he asked"}));
    (erasure, Event { source: "user:test".to_owned(), ..event })
}

fn register(bench: &Bench, dir: &std::path::Path) -> Arc<Register> {
    Arc::new(Register::in_dir(dir, bench.eraser.marks.of_key()))
}

/// Runs all jobs that wait.
async fn run_jobs(bench: &Bench, dir: &std::path::Path) {
    let job = EraseJob {
        db: bench.db.clone(),
        log: bench.log.clone(),
        clock: bench.clock.shared(),
        ids: bench.ids.clone(),
        eraser: bench.eraser.clone(),
        register: register(bench, dir),
    };
    let handlers: Vec<Arc<dyn JobHandler>> = vec![Arc::new(job)];
    let jobs = JobRunner::new(bench.db.clone(), bench.clock.shared(), bench.ids.clone(), handlers);
    while jobs.run_next().await.unwrap() {}
    assert_eq!(bench.number("SELECT COUNT(*) FROM jobs WHERE state <> 'done'").await, 0);
}

/// The records of the log, as texts; an erased one is empty.
async fn records(log: &dyn EventLog) -> Vec<String> {
    let mut found = Vec::new();
    for partition in 0..log.partitions() {
        let range = log.range(partition);
        for record in log.read(partition, range.start, 10_000, 1 << 24).await.unwrap() {
            found.push(String::from_utf8(record.payload.to_vec()).unwrap());
        }
    }
    found
}

fn li(bench: &Bench) -> [Event; 4] {
    let traits = json!({"name": "Li", "email": "li@example.com", "email_verified": true});
    [
        bench.track(visitor("phone of li"), "Page Read", json!({})),
        bench.identify(both("li", "phone of li"), traits),
        bench.track(user("li"), "Page Read", json!({"note": "by li@example.com"})),
        bench.track(user("du"), "Page Read", json!({})),
    ]
}

#[tokio::test]
async fn everything_about_the_erased_and_nothing_about_others_is_gone() {
    on_every_database(|mut bench| async move {
        let dir = tempfile::tempdir().unwrap();
        let segment = bench.segment(1, &json!({"event": "Page Read"})).await;
        bench.take(&li(&bench)).await;
        bench.take(&[bench.tag(user("li"), "Tag Added", "vip")]).await;
        assert_eq!(bench.size(segment).await, 2);
        let du = bench.owner("du").await;
        let (erasure, event) = erase(&bench, bench.owner("li").await);
        bench.take(&[event]).await;
        for table in ["members", "identities", "segment_members"] {
            assert_eq!(bench.number(&format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}");
        }
        for table in ["member_tags", "tag_changes", "merges", "dead_letters"] {
            assert_eq!(bench.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(bench.owner("du").await, du);
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 1);
        assert_eq!(bench.number("SELECT size FROM segments WHERE id = 1").await, 1);
        let net = "SELECT CAST(SUM(2 * entered - 1) AS BIGINT) FROM segment_changes";
        assert_eq!(bench.number(net).await, 1, "what the size was stays true");
        assert!(records(bench.log.as_ref()).await.iter().any(|record| record.contains("li@example.com")));

        run_jobs(&bench, dir.path()).await;
        let left = records(bench.log.as_ref()).await;
        assert_eq!(left.iter().filter(|record| !record.is_empty()).count(), 1, "{left:?}");
        let state = bench.texts("SELECT state || subject_json AS text FROM erasures").await;
        assert!(state[0].starts_with("done") && !state[0].contains("li@"), "{state:?}");
        let certificate: Value =
            serde_json::from_str(&bench.texts("SELECT certificate_json AS text FROM erasures").await[0]).unwrap();
        assert_eq!(certificate["erasure"], json!(erasure));
        assert_eq!(certificate["log"]["records"], json!(5));
        assert_eq!(certificate["identities"], json!(3));
        assert_eq!(certificate["requested_by"], json!("user:test"));
        assert!(!certificate.to_string().contains("li@example.com"));
        assert_eq!(register(&bench, dir.path()).entries().unwrap().len(), 1);
        assert!(!std::fs::read_to_string(dir.path().join(REGISTER_FILE)).unwrap().contains("li"));

        // The pipeline goes on past what was erased, also when it begins anew.
        bench.restart().await;
        bench.take(&[bench.track(user("du"), "Page Read", json!({}))]).await;
        bench.progress().reached_end(bench.log.as_ref()).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 0);
    })
    .await;
}

#[tokio::test]
async fn what_had_arrived_before_brings_nobody_back_and_what_comes_later_is_a_stranger() {
    on_every_database(|mut bench| async move {
        let dir = tempfile::tempdir().unwrap();
        bench.take(&li(&bench)).await;
        let member = bench.owner("li").await;
        // These were taken in before the command and reach the log after it.
        let slow = [
            bench.track(user("li"), "Page Read", json!({"slow": "li@example.com"})),
            bench.identify(user("another"), json!({"email": "Li@Example.com"})),
            bench.identify(user("du"), json!({"city": "Chengdu"})),
        ];
        bench.advance(5);
        let (_, event) = erase(&bench, member);
        bench.take(&[event]).await;
        run_jobs(&bench, dir.path()).await;
        bench.advance(1_000);
        let told = Event {
            kind: EventKind::Delivery,
            ..bench.command(member, "Email Opened", json!({"delivery": "dlv_0000000000001"}))
        };
        bench.take(&slow).await;
        bench.take(&[told]).await;
        assert_eq!(bench.people().await.len(), 1, "du alone");
        assert_eq!(bench.number("SELECT COUNT(*) FROM dead_letters").await, 0, "no dead letter keeps him");
        assert!(records(bench.log.as_ref()).await.iter().any(|record| record.contains("slow")));
        run_jobs(&bench, dir.path()).await;
        let left = records(bench.log.as_ref()).await;
        assert!(!left.iter().any(|record| record.contains("slow") || record.to_lowercase().contains("li@example")));
        assert!(left.iter().any(|record| record.contains("Chengdu")));
        let certificate: Value =
            serde_json::from_str(&bench.texts("SELECT certificate_json AS text FROM erasures").await[0]).unwrap();
        assert_eq!(certificate["log"]["records"], json!(4 + 3), "those that were late are counted with the others");

        bench.take(&[bench.identify(user("li"), json!({"email": "li@example.com"}))]).await;
        let back = bench.owner("li").await;
        assert_ne!(back, member);
        let events = "SELECT COUNT(*) FROM events e JOIN identities i ON i.id = e.identity_id WHERE i.member_id = ";
        assert_eq!(bench.number(&format!("{events}{}", back.0)).await, 1);
    })
    .await;
}

#[tokio::test]
async fn with_a_member_go_all_who_were_merged_into_him_and_a_second_command_does_nothing() {
    on_every_database(|mut bench| async move {
        let proven = |name: &str| json!({"name": name, "email": "li@example.com", "email_verified": true});
        bench.take(&[bench.identify(visitor("one"), proven("Li")), bench.identify(user("two"), json!({}))]).await;
        bench.take(&[bench.identify(user("two"), proven("Bai"))]).await;
        assert_eq!(bench.people().await.len(), 1);
        let absorbed = MemberId(bench.number("SELECT id FROM members WHERE merged_into IS NOT NULL").await);
        let (erasure, event) = erase(&bench, absorbed);
        let again = Event { id: bench.ids.next(base::ids::EventId), message_id: "again".to_owned(), ..event.clone() };
        bench.take(&[event]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM members").await, 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM merges").await, 0);
        let counts = bench.texts("SELECT counts_json AS text FROM erasures").await;
        bench.take(&[again]).await;
        assert_eq!(bench.texts("SELECT counts_json AS text FROM erasures").await, counts);
        assert_eq!(bench.number("SELECT id FROM erasures").await, erasure.0);
    })
    .await;
}

#[tokio::test]
async fn a_failed_transaction_erases_nobody_and_the_next_attempt_does() {
    on_every_database(|mut bench| async move {
        bench.take(&li(&bench)).await;
        let before = bench.state().await;
        let (_, event) = erase(&bench, bench.owner("li").await);
        bench.append(&[event]).await;
        // A process that dies here has committed nothing; the next one finds the command again.
        bench.restart().await;
        assert_eq!(bench.state().await, before);
        bench.idle().await;
        assert_eq!(bench.people().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_restore_erases_again_by_the_register_and_only_him() {
    on_every_database(|mut bench| async move {
        let dir = tempfile::tempdir().unwrap();
        bench.take(&li(&bench)).await;
        let member = bench.owner("li").await;
        let (erasure, event) = erase(&bench, member);
        bench.take(&[event]).await;
        run_jobs(&bench, dir.path()).await;
        let entries = register(&bench, dir.path()).entries().unwrap();

        // An old copy: the same people in a database that knows of no erasure, and one of them merged with another.
        for table in ["erasures", "erased", "jobs", "message_ids"] {
            bench.run(&format!("DELETE FROM {table}"), vec![]).await;
        }
        bench.clock.advance(std::time::Duration::from_secs(1));
        bench.restart().await;
        let old = Time::from_millis(entries[0].at.millis() - 10);
        let arrived = |event: Event| Event { timestamp: old, received_at: old, ..event };
        let events: Vec<Event> = li(&bench).into_iter().map(arrived).collect();
        bench.take(&events).await;
        bench.take(&[bench.identify(user("wife"), json!({"name": "Wang"}))]).await;
        let (kept, absorbed) = (bench.owner("wife").await, bench.owner("li").await);
        bench.take(&[bench.command(kept, "Members Merged", json!({"with": absorbed}))]).await;
        assert_eq!(bench.owner("li").await, kept);

        let again = reapply(&bench.db, bench.log.as_ref(), &bench.eraser, &bench.ids, &entries).await.unwrap();
        assert_eq!((again.erasures, again.records), (1, 3));
        bench.restart().await;
        let people = bench.people().await;
        assert_eq!(people.len(), 2, "{people:?}");
        assert_eq!(bench.owner("wife").await, kept, "who only shared an id with him is still there");
        assert!(!bench.texts("SELECT traits_json AS text FROM identities").await.concat().contains("li@"));
        let late = arrived(bench.track(user("li"), "Page Read", json!({})));
        bench.take(&[late]).await;
        assert_eq!(bench.people().await.len(), 2, "what the copy of the log still holds brings nobody back");
        assert_eq!(bench.number("SELECT id FROM erasures").await, erasure.0);
        // A copy that knows of the erasure is not touched again: whoever is there came later.
        bench.take(&[bench.identify(user("li"), json!({}))]).await;
        let again = reapply(&bench.db, bench.log.as_ref(), &bench.eraser, &bench.ids, &entries).await.unwrap();
        assert_eq!(again.erasures, 0);
        assert_ne!(bench.owner("li").await, member);
    })
    .await;
}

#[tokio::test]
async fn what_has_expired_counts_no_more_in_memory_or_after_a_restart() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"event": "Page Read", "count": {"op": "gte", "value": 2}})).await;
        let old = Event {
            timestamp: Time::from_millis(bench.now().millis() - 100 * DAY),
            ..bench.track(user("li"), "Page Read", json!({}))
        };
        bench
            .take(&[
                old,
                bench.track(user("li"), "Page Read", json!({})),
                bench.track(user("du"), "Page Read", json!({})),
            ])
            .await;
        assert_eq!(bench.size(segment).await, 1);
        bench
            .run(
                "INSERT INTO retention (workspace_id, event, keep) VALUES ($1, 'Page Read', 'P90D')",
                vec![WORKSPACE.0.into()],
            )
            .await;
        people::privacy::enqueue_retention(&bench.db, &bench.ids, bench.now()).await.unwrap();
        let job = RetentionJob {
            db: bench.db.clone(),
            clock: bench.clock.shared(),
            wake: Arc::default(),
            keepers: Vec::new(),
        };
        let handlers: Vec<Arc<dyn JobHandler>> = vec![Arc::new(job)];
        let jobs = JobRunner::new(bench.db.clone(), bench.clock.shared(), bench.ids.clone(), handlers);
        let listed = async {
            while bench.number("SELECT COUNT(*) FROM expired_events").await == 0 {
                tokio::task::yield_now().await;
            }
        };
        // The job waits for the pipeline, which is idle until it is asked.
        tokio::select! {
            ended = jobs.run_next() => panic!("it did not wait: {ended:?}"),
            () = listed => {}
        }
        bench.idle().await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM expired_events").await, 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 2);
        assert_eq!(bench.size(segment).await, 0);
        assert_eq!(bench.number("SELECT size FROM segments WHERE id = 1").await, 0);
        bench.take(&[bench.track(user("du"), "Page Read", json!({}))]).await;
        assert_eq!(bench.size(segment).await, 1, "du has read twice");
        bench.take(&[bench.track(user("li"), "Page Read", json!({}))]).await;
        assert_eq!(bench.size(segment).await, 2, "li has read twice, not three times");
        bench.restart().await;
        bench.take(&[bench.track(user("li"), "Page Left", json!({}))]).await;
        assert_eq!(bench.size(segment).await, 2);
    })
    .await;
}
