//! What an import would do: the counts of a dry run.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use base::{Event, ids::WorkspaceId};
use people::{
    consent::{CONSENT_GIVEN, CONSENT_WITHDRAWN},
    identity::{Forecast, Foreseen},
    tags::TAG_ADDED,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    Db,
    jobs::{JobError, JobHandler, JobRun},
};
use utoipa::ToSchema;

use super::{
    ImportMap, ImportTarget, ImportsState,
    job::{ImportTask, Reading, is_passing},
    rejects::RejectsFile,
    words::Language,
};

/// How many rejects a preview lists.
const MAX_LISTED: usize = 100;
/// How many identities it keeps in mind, about a hundred megabytes; a file with more is counted up to there.
const MAX_IDENTITIES: usize = 3_000_000;

/// What an import would do, row by row; true when nothing else happens until it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Rows that were looked at.
    pub rows: u64,
    /// Rows that make a member.
    pub create: u64,
    /// Rows about a member who is there, or was made by a row before.
    pub update: u64,
    /// Rows that make two members one.
    pub merge: u64,
    /// Rows that are not imported.
    pub reject: u64,
    /// Rows that were imported before.
    pub duplicate: u64,
    /// How many tags are to be put on, counted row by row; whoever carries one already keeps it as it is.
    #[serde(default)]
    pub tags: u64,
    /// How many tags of rows are passed over since a rule or a model gives them.
    #[serde(default)]
    pub ruled_tags: u64,
    /// How many consents are given.
    #[serde(default)]
    pub consents_given: u64,
    /// How many are withdrawn.
    #[serde(default)]
    pub consents_withdrawn: u64,
    /// Whether all rows were looked at. A preview ends at about a million.
    pub complete: bool,
    /// How many rows are rejected for which reason.
    pub reasons: BTreeMap<String, u64>,
    /// The first rejected rows.
    pub rejects: Vec<ListedReject>,
}

/// A row that is not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListedReject {
    /// The line of the file on which it begins.
    pub line: u64,
    /// The stable code of the reason.
    pub code: String,
    /// The reason in one sentence.
    pub message: String,
}

/// What to count.
pub struct Question {
    /// The file.
    pub file: PathBuf,
    /// What its columns mean.
    pub map: ImportMap,
    /// As the import would have it.
    pub target: ImportTarget,
    /// Where rejected rows go.
    pub rejects: PathBuf,
    /// In which language it is said why.
    pub language: Language,
}

/// Who wants to know how far a count is.
#[async_trait]
pub trait Onlooker: Send + Sync {
    /// So many rows were looked at, of about so many. An error ends the work.
    async fn see(&self, rows: u64, total: u64) -> Result<(), JobError>;
}

/// Counts what an import would do to the members in `db`, or to none.
pub async fn count(
    question: Question,
    db: Option<&Db>,
    onlooker: &dyn Onlooker,
) -> anyhow::Result<Result<Counts, JobError>> {
    let Question { file, map, target, rejects, language } = question;
    let workspace = target.workspace;
    let mut forecast = match db {
        Some(db) => Forecast::begin(db, workspace).await?,
        None => Forecast::of_nothing(workspace),
    };
    if map.entries().contains_key("message_id") {
        forecast = forecast.expecting_repeated_messages();
    }
    let mut rejects = RejectsFile::new(&rejects, language);
    let mut counts = Counts { complete: true, ..Counts::default() };
    let mut reading = Reading::begin(file, map, target, 0);
    let total = (&mut reading.estimate).await.unwrap_or(0);
    while let Some(batch) = reading.batches.recv().await {
        if forecast.size() > MAX_IDENTITIES {
            counts.complete = false;
            break;
        }
        counts.rows = batch.progress.rows;
        rejects.write(&batch.rejects)?;
        for reject in batch.rejects {
            counts.refuse(reject.line, reject.code.as_str(), reject.message.say(language).to_owned());
        }
        counts.ruled_tags += batch.ruled_tags;
        let mut records: Vec<_> = batch.records.into_iter().zip(batch.are_additions).collect();
        // What arrives in one moment is taken partition by partition.
        records.sort_by_key(|(record, _)| record.partition);
        let events: Vec<Event> =
            records.iter().map(|(record, _)| Event::from_record(&record.payload)).collect::<Result<_, _>>()?;
        let foreseen = forecast.take(db, &events).await?;
        for ((event, (_, is_addition)), foreseen) in events.iter().zip(&records).zip(foreseen) {
            match foreseen {
                // It is about whom the row's own record is about.
                _ if *is_addition => counts.add(event, foreseen),
                Foreseen::Create => counts.create += 1,
                Foreseen::Update => counts.update += 1,
                Foreseen::Merge => counts.merge += 1,
                Foreseen::Duplicate => counts.duplicate += 1,
                // It names nobody: its ids are blank or too long, which the normaliser refuses before.
                Foreseen::Refuse => counts.reject += 1,
            }
        }
        if let Err(stop) = onlooker.see(counts.rows, total.max(counts.rows)).await {
            return Ok(Err(stop));
        }
    }
    reading.end().await?;
    Ok(Ok(counts))
}

impl Counts {
    /// Counts what a row brings beside its own record.
    fn add(&mut self, event: &Event, foreseen: Foreseen) {
        if foreseen == Foreseen::Duplicate {
            return;
        }
        match event.name.as_str() {
            TAG_ADDED => {
                let properties = event.properties_value();
                self.tags += properties.get("tags").and_then(Value::as_array).map_or(0, Vec::len) as u64;
            }
            CONSENT_GIVEN => self.consents_given += 1,
            CONSENT_WITHDRAWN => self.consents_withdrawn += 1,
            _ => {}
        }
    }

    fn refuse(&mut self, line: u64, code: &str, message: String) {
        self.reject += 1;
        *self.reasons.entry(code.to_owned()).or_default() += 1;
        if self.rejects.len() < MAX_LISTED {
            self.rejects.push(ListedReject { line, code: code.to_owned(), message });
        }
    }
}

/// The job that counts.
pub struct PreviewJob {
    state: Arc<ImportsState>,
}

impl PreviewJob {
    /// The word in the table of jobs.
    pub const KIND: &'static str = "import_preview";

    /// Looks at this house's members.
    pub fn new(state: Arc<ImportsState>) -> PreviewJob {
        PreviewJob { state }
    }

    async fn preview(&self, run: &JobRun) -> anyhow::Result<Result<Value, JobError>> {
        let task: ImportTask = serde_json::from_value(run.payload())?;
        let map = task.mapping()?;
        let workspace = WorkspaceId(run.job.workspace_id);
        let (file, its_map) = (task.file.clone(), map.clone());
        let hashing = move || super::fingerprints(std::fs::File::open(&file)?, &its_map, workspace);
        // Rows that were imported before are known by their message ids, of which this is a part.
        let found = tokio::task::spawn_blocking(hashing).await??;
        let target = ImportTarget {
            workspace,
            partitions: self.state.log.partitions(),
            fingerprint: found.import,
            clock: self.state.clock.clone(),
            ids: self.state.ids.clone(),
            whence: task.whence(self.state.db.read(), workspace).await?,
        };
        let question = Question { file: task.file, map, target, rejects: task.rejects, language: task.language };
        Ok(match count(question, Some(&self.state.db), run).await? {
            Ok(counts) => Ok(serde_json::to_value(counts)?),
            Err(stop) => Err(stop),
        })
    }
}

#[async_trait]
impl Onlooker for JobRun {
    async fn see(&self, rows: u64, total: u64) -> Result<(), JobError> {
        self.progress(rows as i64, total as i64, &json!({"rows": rows, "phase": "preview"})).await
    }
}

#[async_trait]
impl JobHandler for PreviewJob {
    fn kind(&self) -> &'static str {
        PreviewJob::KIND
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        match self.preview(run).await {
            Ok(outcome) => outcome,
            Err(error) if is_passing(&error) => Err(JobError::Retry(error)),
            Err(error) => Err(JobError::Fail(error)),
        }
    }
}
