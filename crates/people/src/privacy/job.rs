//! What an erasure still has to do when the state is erased: the register, what was written at the same moment, texts
//! that must be read through, the log, the free space of the database, and the certificate.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use base::{
    Clock, Event, IdSource, Time,
    ids::{ErasureId, MemberId, WorkspaceId},
};
use log::{EventLog, IsConcerned};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    Db, Sql,
    jobs::{JobError, JobHandler, JobRun},
};

use super::{
    Counts, Entry, Eraser, Marks, Needles, Register, Subject,
    certificate::{self, Facts},
};
use crate::identity::{Homes, load_homes};

/// The kind of job.
pub const KIND: &str = "erase";

/// Completes erasures: all that wait, in one pass over the log.
pub struct EraseJob {
    /// The database.
    pub db: Db,
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: IdSource,
    /// Who keeps what.
    pub eraser: Arc<Eraser>,
    /// Where it is noted for later restores.
    pub register: Arc<Register>,
}

#[derive(Clone, FromQueryResult)]
struct ErasureRow {
    id: i64,
    workspace_id: i64,
    member_id: i64,
    state: String,
    reason: String,
    requested_by: String,
    requested_at: i64,
    erased_at: Option<i64>,
    marks_json: String,
    subject_json: String,
    counts_json: String,
    late: i64,
    certificate_json: Option<String>,
}

impl ErasureRow {
    fn erased_at(&self) -> Time {
        Time::from_millis(self.erased_at.unwrap_or(self.requested_at))
    }

    fn marks(&self) -> Vec<String> {
        serde_json::from_str(&self.marks_json).unwrap_or_default()
    }
}

/// What a run of the job is about, and how far it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Work {
    /// The erasures, with how many records were known to be late when the pass began.
    covered: BTreeMap<i64, i64>,
    pass: LogPass,
}

/// How far the pass over the log is, and what it has found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct LogPass {
    partition: u32,
    next: u64,
    done: u64,
    /// Records by erasure.
    records: BTreeMap<i64, u64>,
    /// Records that could not be read.
    unreadable: u64,
}

#[async_trait]
impl JobHandler for EraseJob {
    fn kind(&self) -> &'static str {
        KIND
    }

    /// An erasure is not given up because a disk is full for an hour.
    fn max_attempts(&self) -> i64 {
        100
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        let work: Option<Work> = run.checkpoint().and_then(|value| serde_json::from_value(value).ok());
        let mut work = match work {
            Some(work) => work,
            None => self.begin().await?,
        };
        let covered: Vec<ErasureRow> =
            self.waiting().await?.into_iter().filter(|row| work.covered.contains_key(&row.id)).collect();
        if covered.is_empty() {
            return Ok(json!({"erasures": [], "log_records": 0}));
        }
        self.erase_from_log(run, &mut work, Wanted::of(&covered)).await?;
        let compacted = self.db.compact().await?;
        self.certify(&covered, &work, compacted).await?;
        let ids: Vec<ErasureId> = covered.iter().map(|row| ErasureId(row.id)).collect();
        Ok(json!({"erasures": ids, "log_records": work.pass.records.values().sum::<u64>()}))
    }
}

impl EraseJob {
    async fn waiting(&self) -> Result<Vec<ErasureRow>, DbErr> {
        self.db
            .read()
            .all(
                "SELECT id, workspace_id, member_id, state, reason, requested_by, requested_at, erased_at, marks_json,
                        subject_json, counts_json, late, certificate_json
                 FROM erasures WHERE state IN ('erased', 'swept') OR late > 0 ORDER BY id",
                Vec::new(),
            )
            .await
    }

    /// Reads through texts for all that wait, and decides which erasures this pass over the log is for: one that comes
    /// while it runs has a job of its own.
    async fn begin(&self) -> Result<Work, JobError> {
        for row in self.waiting().await?.iter().filter(|row| row.state == "erased") {
            self.register(row).await.map_err(JobError::Retry)?;
            self.wait_for_others(row).await.map_err(JobError::Retry)?;
            sweep(&self.db, &self.ids, &self.eraser, ErasureId(row.id)).await.map_err(JobError::Retry)?;
        }
        let swept = self.waiting().await?.into_iter().filter(|row| row.state != "erased");
        Ok(Work { covered: swept.map(|row| (row.id, row.late)).collect(), pass: LogPass::default() })
    }

    async fn register(&self, row: &ErasureRow) -> anyhow::Result<()> {
        let entry = Entry {
            erasure: ErasureId(row.id),
            workspace: WorkspaceId(row.workspace_id),
            at: row.erased_at(),
            marks: row.marks(),
        };
        let register = self.register.clone();
        tokio::task::spawn_blocking(move || register.add(&[entry])).await??;
        Ok(())
    }

    /// What is under way outside must have ended, or it would be written down after everything was read through.
    async fn wait_for_others(&self, row: &ErasureRow) -> anyhow::Result<()> {
        let subject: Subject = serde_json::from_str(&row.subject_json)?;
        for section in &self.eraser.sections {
            anyhow::ensure!(!section.is_busy(&self.db, &subject).await?, "something about him is under way");
        }
        Ok(())
    }

    async fn erase_from_log(&self, run: &JobRun, work: &mut Work, wanted: Wanted) -> Result<(), JobError> {
        let ranges: Vec<_> = (0..self.log.partitions()).map(|partition| self.log.range(partition)).collect();
        let total: u64 = ranges.iter().map(|range| range.end - range.start).sum();
        let found: Arc<Mutex<BTreeMap<i64, u64>>> = Arc::default();
        let homes = load_homes(self.db.read()).await.map_err(|error| JobError::Retry(error.into()))?;
        let is_concerned = wanted.concern_test((self.eraser.marks.clone(), homes), found.clone());
        while let Some(range) = ranges.get(work.pass.partition as usize) {
            let pass = &mut work.pass;
            pass.next = pass.next.max(range.start);
            while work.pass.next < range.end {
                let pass = &mut work.pass;
                let step = self.log.erase(pass.partition, pass.next, range.end, is_concerned.clone()).await;
                let step = step.map_err(|error| JobError::Retry(error.into()))?;
                pass.done += step.next - pass.next;
                pass.next = step.next;
                pass.unreadable += step.unreadable;
                for (erasure, records) in std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner)) {
                    *pass.records.entry(erasure).or_default() += records;
                }
                let done = pass.done as i64;
                run.progress(done, total as i64, &json!(work)).await?;
            }
            work.pass.partition += 1;
            work.pass.next = 0;
        }
        Ok(())
    }

    /// Issues all certificates of a pass at once.
    async fn certify(&self, rows: &[ErasureRow], work: &Work, compacted: bool) -> Result<(), JobError> {
        let now = self.clock.now();
        let mut issued: Vec<(i64, i64, i64, String, String)> = Vec::new();
        for row in rows {
            // Records that were late are counted with those that the first pass found.
            let earlier = row.certificate_json.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
            let before = |name: &str| earlier.as_ref().and_then(|c| c["log"][name].as_u64()).unwrap_or_default();
            let facts = Facts {
                erasure: ErasureId(row.id),
                workspace: WorkspaceId(row.workspace_id),
                member: MemberId(row.member_id),
                reason: &row.reason,
                requested_by: &row.requested_by,
                requested_at: Time::from_millis(row.requested_at),
                erased_at: row.erased_at(),
                completed_at: now,
                people: serde_json::from_str(&row.subject_json).unwrap_or_default(),
                counts: serde_json::from_str(&row.counts_json).unwrap_or_default(),
                log_records: before("records") + work.pass.records.get(&row.id).copied().unwrap_or_default(),
                log_unreadable: before("unreadable") + work.pass.unreadable,
                backend: self.db.backend(),
                compacted,
            };
            let (text, hash) = certificate::write(&facts);
            let late = work.covered.get(&row.id).copied().unwrap_or_default();
            issued.push((row.id, now.millis(), late, text, hash));
        }
        let tx = self.db.begin().await?;
        tx.run_rows(
            "UPDATE erasures SET state = 'done', completed_at = x.at, late = late - x.covered,
               certificate_json = x.certificate, certificate_hash = x.hash
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS at,
                          CAST(r.value->>2 AS BIGINT) AS covered, r.value->>3 AS certificate, r.value->>4 AS hash
                   FROM {rows}) AS x
             WHERE erasures.id = x.id",
            &issued,
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct SweptRow {
    subject_json: String,
    counts_json: String,
}

/// Erases once more what others may have written at that moment, and what only reading finds. Afterwards nothing says
/// any more whom to look for.
pub(super) async fn sweep(db: &Db, ids: &IdSource, eraser: &Eraser, erasure: ErasureId) -> anyhow::Result<()> {
    let row: Option<SweptRow> = db
        .read()
        .one(
            "SELECT subject_json, counts_json FROM erasures WHERE id = $1 AND state = 'erased'",
            vec![erasure.0.into()],
        )
        .await?;
    let Some(row) = row else { return Ok(()) };
    let mut subject: Subject = serde_json::from_str(&row.subject_json)?;
    let mut counts: Counts = serde_json::from_str(&row.counts_json)?;
    let people = json!({"members": subject.members.len(), "identities": subject.identities.len()});
    subject.members.push(subject.nobody);
    let tx = db.begin().await?;
    counts.add(eraser.erase_sections(&tx, ids, &subject).await?);
    tx.commit().await?;
    let needles = Needles::new(&subject.identities);
    for section in &eraser.sections {
        counts.add(section.sweep(db, &subject, &needles).await?);
    }
    let tx = db.begin().await?;
    tx.run(
        "UPDATE erasures SET state = 'swept', subject_json = $2, counts_json = $3 WHERE id = $1",
        vec![erasure.0.into(), people.to_string().into(), json!(counts).to_string().into()],
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Whom to look for in the log.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// By mark: the erasure, and until when records count.
    marks: HashMap<(WorkspaceId, String), (i64, Time)>,
}

impl Wanted {
    fn of(rows: &[ErasureRow]) -> Wanted {
        let mut wanted = Wanted::default();
        for row in rows {
            wanted.add(WorkspaceId(row.workspace_id), row.id, row.erased_at(), row.marks());
        }
        wanted
    }

    pub(super) fn add(&mut self, workspace: WorkspaceId, erasure: i64, at: Time, marks: Vec<String>) {
        for mark in marks {
            let known = self.marks.entry((workspace, mark)).or_insert((erasure, at));
            if known.1 < at {
                *known = (erasure, at);
            }
        }
    }

    /// Records that name one of them and arrived before; those that name an erased member by his id in any case, since
    /// that never comes again. What is found is counted by erasure.
    pub(super) fn concern_test(
        self,
        (marks, homes): (Marks, Homes),
        found: Arc<Mutex<BTreeMap<i64, u64>>>,
    ) -> IsConcerned {
        Arc::new(move |_, payload| {
            let Ok(event) = Event::from_record(payload) else { return false };
            let of_event = marks.of_event(&event, homes.get(&event.workspace).copied());
            let hit = |mark: String| self.marks.get(&(event.workspace, mark)).copied();
            let of_identity = of_event.identities.into_iter().filter_map(hit).find(|(_, at)| event.received_at <= *at);
            let Some((erasure, _)) = of_identity.or_else(|| of_event.members.into_iter().find_map(hit)) else {
                return false;
            };
            *found.lock().unwrap_or_else(PoisonError::into_inner).entry(erasure).or_default() += 1;
            true
        })
    }
}
