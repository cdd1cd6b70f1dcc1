//! Durable background work.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use base::{Clock, Code, ids::JobId, ids::WorkspaceId};
use hearth_store::jobs::{self, JobError, JobFilter, JobHandler, JobRow, JobRun, JobRunner, NewJob};
use serde_json::{Value, json};

use super::support::{Bench, on_every_database};

const WORKSPACE: WorkspaceId = WorkspaceId(1);

/// What the handler does with a run.
#[derive(Clone, Copy, Debug)]
enum Act {
    Succeed,
    Retry,
    Fail,
    /// Says with a code of its own what cannot be done.
    Refuse,
    /// Saves a checkpoint, then dies with its process.
    Die,
    /// Gets further by one, and no further for now.
    Advance,
    /// Has a bug.
    Panic,
    /// Somebody cancels while it runs.
    Cancelled,
}

struct Scripted {
    script: Mutex<Vec<Act>>,
    checkpoints: Mutex<Vec<Option<Value>>>,
    runs: AtomicI64,
    bench: Bench,
}

#[async_trait]
impl JobHandler for Scripted {
    fn kind(&self) -> &'static str {
        "count"
    }
    fn max_attempts(&self) -> i64 {
        4
    }
    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        let number = self.runs.fetch_add(1, Ordering::SeqCst);
        self.checkpoints.lock().unwrap().push(run.checkpoint());
        assert_eq!(run.payload(), json!({"to": 10}));
        let act = {
            let mut script = self.script.lock().unwrap();
            if script.is_empty() { Act::Succeed } else { script.remove(0) }
        };
        match act {
            Act::Succeed => Ok(json!({"counted": 10})),
            Act::Fail => Err(JobError::Fail(anyhow::anyhow!("cannot count"))),
            Act::Refuse => Err(JobError::fail(Code::UnreadableFile, "ten is too many")),
            Act::Retry => {
                run.progress(0, 10, &json!({"at": number + 1})).await?;
                Err(JobError::Retry(anyhow::anyhow!("not now")))
            }
            Act::Advance => {
                run.progress(number + 1, 10, &json!({"at": number + 1})).await?;
                Err(JobError::Retry(anyhow::anyhow!("not now")))
            }
            Act::Panic => panic!("on purpose"),
            Act::Die => {
                run.progress(5, 10, &json!({"at": 5})).await?;
                std::future::pending::<()>().await;
                unreachable!("the test drops this run")
            }
            Act::Cancelled => {
                run.progress(1, 10, &json!({"at": 1})).await?;
                let tx = self.bench.begin().await;
                let asked = jobs::cancel(&tx, WORKSPACE, JobId(run.job.id), self.bench.clock.now()).await.unwrap();
                tx.commit().await.unwrap();
                assert!(asked);
                run.progress(2, 10, &json!({"at": 2})).await?;
                unreachable!("progress says that it is to stop")
            }
        }
    }
}

fn handler(bench: &Bench, script: &[Act]) -> Arc<Scripted> {
    Arc::new(Scripted {
        script: Mutex::new(script.to_vec()),
        checkpoints: Mutex::default(),
        runs: AtomicI64::new(0),
        bench: bench.clone(),
    })
}

fn runner(bench: &Bench, handler: Arc<Scripted>) -> JobRunner {
    JobRunner::new(bench.db.clone(), bench.clock.shared(), bench.ids.clone(), vec![handler])
}

async fn enqueue(bench: &Bench, key: Option<&str>) -> Option<JobId> {
    let tx = bench.begin().await;
    let job = NewJob {
        workspace: WORKSPACE,
        kind: "count",
        payload: json!({"to": 10}),
        unique_key: key.map(str::to_owned),
        created_by: "user:test",
    };
    let id = jobs::enqueue(&tx, &bench.ids, bench.clock.now(), job).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn job(bench: &Bench, id: JobId) -> JobRow {
    jobs::get(bench.db.read(), WORKSPACE, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn one_job_per_unique_key_while_it_waits_or_runs() {
    on_every_database(|bench| async move {
        let first = enqueue(&bench, Some("import/1")).await.unwrap();
        assert_eq!(enqueue(&bench, Some("import/1")).await, None);
        assert!(enqueue(&bench, Some("import/2")).await.is_some());
        assert!(enqueue(&bench, None).await.is_some() && enqueue(&bench, None).await.is_some());
        let runner = runner(&bench, handler(&bench, &[]));
        while runner.run_next().await.unwrap() {}
        assert_eq!(job(&bench, first).await.state, "done");
        assert!(enqueue(&bench, Some("import/1")).await.is_some(), "a job that has ended does not block the next");
        assert_eq!(jobs::find(bench.db.read(), WORKSPACE, &JobFilter::default(), i64::MAX, 10).await.unwrap().len(), 5);
        assert!(jobs::get(bench.db.read(), WorkspaceId(2), first).await.unwrap().is_none(), "another's job");
    })
    .await;
}

#[tokio::test]
async fn a_job_that_fails_for_now_is_tried_again_after_growing_pauses_from_its_checkpoint() {
    on_every_database(|bench| async move {
        let id = enqueue(&bench, None).await.unwrap();
        let handler = handler(&bench, &[Act::Retry, Act::Retry, Act::Retry]);
        let runner = runner(&bench, handler.clone());
        let mut pauses = Vec::new();
        for _ in 0..3 {
            assert!(runner.run_next().await.unwrap());
            assert_eq!(job(&bench, id).await.state, "queued");
            assert!(!runner.run_next().await.unwrap(), "it pauses");
            let run_at = bench.number("SELECT run_at FROM jobs").await;
            pauses.push(run_at - bench.clock.now().millis());
            bench.clock.advance(Duration::from_millis(pauses[pauses.len() - 1] as u64 - 1));
            assert!(!runner.run_next().await.unwrap(), "the pause is not over");
            bench.clock.advance(Duration::from_millis(1));
        }
        assert!((750..=1_250).contains(&pauses[0]), "{pauses:?}");
        assert!((3_000..=5_000).contains(&pauses[1]), "{pauses:?}");
        assert!((12_000..=20_000).contains(&pauses[2]), "{pauses:?}");
        assert!(runner.run_next().await.unwrap());
        let done = job(&bench, id).await;
        assert_eq!((done.state.as_str(), done.attempts), ("done", 4));
        assert_eq!((done.done, done.total), (0, 10));
        assert_eq!(done.result_json.as_deref(), Some(r#"{"counted":10}"#));
        let seen = handler.checkpoints.lock().unwrap().clone();
        assert_eq!(seen, [None, Some(json!({"at": 1})), Some(json!({"at": 2})), Some(json!({"at": 3}))]);
    })
    .await;
}

#[tokio::test]
async fn a_job_fails_for_good_after_its_last_attempt_or_at_once_when_trying_cannot_help() {
    on_every_database(|bench| async move {
        let id = enqueue(&bench, Some("key")).await.unwrap();
        let runner_of_retries = runner(&bench, handler(&bench, &[Act::Retry; 9]));
        let mut runs = 0;
        for _ in 0..20 {
            runs += usize::from(runner_of_retries.run_next().await.unwrap());
            bench.clock.advance(Duration::from_secs(120));
        }
        assert_eq!(runs, 4);
        let failed = job(&bench, id).await;
        assert_eq!((failed.state.as_str(), failed.error.as_deref()), ("failed", Some("not now")));
        assert!(failed.ended_at.is_some());

        let id = enqueue(&bench, Some("key")).await.unwrap();
        assert!(runner(&bench, handler(&bench, &[Act::Fail])).run_next().await.unwrap());
        let failed = job(&bench, id).await;
        assert_eq!((failed.state.as_str(), failed.error.as_deref()), ("failed", Some("cannot count")));
        assert_eq!(failed.error_code.as_deref(), Some("internal"));
    })
    .await;
}

#[tokio::test]
async fn why_a_job_failed_has_a_code_and_those_who_wait_are_told_that_it_ended() {
    on_every_database(|bench| async move {
        let id = enqueue(&bench, None).await.unwrap();
        let runner = runner(&bench, handler(&bench, &[Act::Retry, Act::Refuse]));
        assert!(runner.run_next().await.unwrap());
        assert_eq!(job(&bench, id).await.error_code.as_deref(), Some("internal"), "why it is tried again");
        bench.clock.advance(Duration::from_secs(120));
        let mut ended = std::pin::pin!(bench.db.job_ended().notified());
        ended.as_mut().enable();
        assert!(runner.run_next().await.unwrap());
        ended.await;
        let failed = job(&bench, id).await;
        assert_eq!(failed.error.as_deref(), Some("ten is too many"));
        assert_eq!(failed.error_code.as_deref(), Some("unreadable_file"));
        assert!(Code::of("unreadable_file").unwrap().in_chinese().contains("CSV"));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_gets_further_may_be_tried_as_often_as_it_takes() {
    on_every_database(|bench| async move {
        let id = enqueue(&bench, None).await.unwrap();
        let runner = runner(&bench, handler(&bench, &[Act::Advance; 9]));
        for _ in 0..10 {
            assert!(runner.run_next().await.unwrap());
            bench.clock.advance(Duration::from_secs(2));
        }
        let done = job(&bench, id).await;
        assert_eq!((done.state.as_str(), done.done), ("done", 9));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_panics_fails_and_the_next_one_runs() {
    on_every_database(|bench| async move {
        let (first, second) = (enqueue(&bench, None).await.unwrap(), enqueue(&bench, None).await.unwrap());
        let runner = runner(&bench, handler(&bench, &[Act::Panic]));
        assert!(runner.run_next().await.unwrap() && runner.run_next().await.unwrap());
        let failed = job(&bench, first).await;
        assert_eq!(failed.state, "failed");
        assert!(failed.error.unwrap().contains("panicked"));
        assert_eq!(job(&bench, second).await.state, "done");
    })
    .await;
}

#[tokio::test]
async fn a_job_that_kills_its_process_each_time_fails_and_the_next_one_runs() {
    on_every_database(|bench| async move {
        let (first, second) = (enqueue(&bench, None).await.unwrap(), enqueue(&bench, None).await.unwrap());
        let deadly = handler(&bench, &[Act::Die; 4]);
        for attempt in 1..=4 {
            let dying = runner(&bench, deadly.clone());
            let mut run = Box::pin(dying.run_next());
            while deadly.runs.load(Ordering::SeqCst) < attempt || job(&bench, first).await.checkpoint_json.is_none() {
                tokio::select! {
                    biased;
                    _ = &mut run => unreachable!("it hangs"),
                    () = tokio::task::yield_now() => {}
                }
            }
            drop(run);
            bench.clock.advance(Duration::from_secs(61));
        }
        let runner = runner(&bench, deadly);
        assert!(runner.run_next().await.unwrap() && runner.run_next().await.unwrap());
        assert_eq!(job(&bench, first).await.state, "failed");
        assert_eq!(job(&bench, second).await.state, "done");
    })
    .await;
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_and_a_running_one_at_its_next_checkpoint() {
    on_every_database(|bench| async move {
        let id = enqueue(&bench, Some("key")).await.unwrap();
        let cancel = || async {
            let tx = bench.begin().await;
            let asked = jobs::cancel(&tx, WORKSPACE, id, bench.clock.now()).await.unwrap();
            tx.commit().await.unwrap();
            asked
        };
        assert!(cancel().await);
        assert_eq!(job(&bench, id).await.state, "cancelled");
        assert!(!cancel().await, "it has ended already");
        let untouched = handler(&bench, &[]);
        assert!(!runner(&bench, untouched.clone()).run_next().await.unwrap());
        assert_eq!(untouched.runs.load(Ordering::SeqCst), 0);

        let id = enqueue(&bench, Some("key")).await.unwrap();
        assert!(runner(&bench, handler(&bench, &[Act::Cancelled])).run_next().await.unwrap());
        assert_eq!(job(&bench, id).await.state, "cancelled");
        assert!(enqueue(&bench, Some("key")).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn the_job_of_a_dead_process_is_taken_over_when_its_lease_has_ended() {
    on_every_database(|bench| async move {
        let id = enqueue(&bench, None).await.unwrap();
        let dying = runner(&bench, handler(&bench, &[Act::Die]));
        let mut run = Box::pin(dying.run_next());
        while job(&bench, id).await.checkpoint_json.is_none() {
            tokio::select! {
                biased;
                _ = &mut run => unreachable!("it hangs"),
                () = tokio::task::yield_now() => {}
            }
        }
        drop(run);

        let heir = handler(&bench, &[]);
        let other = runner(&bench, heir.clone());
        assert!(!other.run_next().await.unwrap(), "the lease protects a run that may be alive");
        bench.clock.advance(Duration::from_secs(61));
        assert!(other.run_next().await.unwrap());
        assert_eq!(*heir.checkpoints.lock().unwrap(), [Some(json!({"at": 5}))]);
        let done = job(&bench, id).await;
        assert_eq!((done.state.as_str(), done.attempts), ("done", 2));
    })
    .await;
}

#[tokio::test]
async fn two_runners_do_not_take_the_same_job() {
    on_every_database(|bench| async move {
        for _ in 0..6 {
            enqueue(&bench, None).await.unwrap();
        }
        let handler = handler(&bench, &[]);
        let (one, two) = (runner(&bench, handler.clone()), runner(&bench, handler.clone()));
        let all = |runner: JobRunner| async move {
            // A runner that loses a race finds nothing for the moment; it asks a few times more.
            for _ in 0..20 {
                runner.run_next().await.unwrap();
            }
        };
        tokio::join!(all(one), all(two));
        assert_eq!(handler.runs.load(Ordering::SeqCst), 6);
        assert_eq!(bench.number("SELECT COUNT(*) FROM jobs WHERE state = 'done' AND attempts = 1").await, 6);
    })
    .await;
}
