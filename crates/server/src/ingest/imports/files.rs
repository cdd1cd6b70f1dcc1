//! Uploaded files: the rows that speak of them, where they lie, and when they go.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use api::Caller;
use axum::body::BodyDataStream;
use base::{
    Code, Problem, Time,
    ids::{ImportId, JobId, WorkspaceId},
};
use futures::StreamExt;
use sea_orm::{DbErr, FromQueryResult};
use store::{Db, Sql, Tx};
use tokio::{fs::File, io::AsyncWriteExt};

use super::{ImportsState, content_hash, detect::Detected, hex};

/// How long a client may take for the next piece of a file.
const PATIENCE: Duration = Duration::from_secs(60);
/// A file without a row is one whose upload was cut short, unless it is as young as this.
const UPLOAD_LASTS: Duration = Duration::from_secs(24 * 3_600);
/// How many files go at once: what was found in a wide one takes up to half a megabyte.
const FILES_AT_ONCE: i64 = 100;

/// An uploaded file.
#[derive(Clone, Debug, FromQueryResult)]
pub struct FileRow {
    /// Number behind the `imp_…` id.
    pub id: i64,
    /// Whose it is.
    pub workspace_id: i64,
    /// As the one who sent it calls it.
    pub name: String,
    /// How large it is.
    pub bytes: i64,
    /// [`super::Fingerprints::content`].
    pub content_hash: String,
    /// A [`Detected`].
    pub detected_json: String,
    /// The mapping by which it was previewed or imported last, with its kind.
    pub mapping_json: Option<String>,
    /// The job that counts.
    pub preview_job_id: Option<i64>,
    /// The job that imports.
    pub job_id: Option<i64>,
    /// Who sent it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// When the file went.
    pub file_deleted_at: Option<i64>,
}

const COLUMNS: &str = "id, workspace_id, name, bytes, content_hash, detected_json, mapping_json, preview_job_id, job_id, \
                       created_by, created_at, file_deleted_at";

impl FileRow {
    /// The id.
    pub fn id(&self) -> ImportId {
        ImportId(self.id)
    }

    /// What was found in it.
    pub fn detected(&self) -> Result<Detected, Problem> {
        serde_json::from_str(&self.detected_json).map_err(|_| Problem::new(Code::Internal))
    }
}

/// One file of a workspace.
pub async fn get(db: &impl Sql, workspace: WorkspaceId, id: ImportId) -> Result<Option<FileRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM import_files WHERE workspace_id = $1 AND id = $2"),
        vec![workspace.0.into(), id.0.into()],
    )
    .await
}

/// Files of a workspace, newest first, those before `before`.
pub async fn list(db: &impl Sql, workspace: WorkspaceId, before: i64, limit: u64) -> Result<Vec<FileRow>, DbErr> {
    db.all(
        &format!("SELECT {COLUMNS} FROM import_files WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"),
        vec![workspace.0.into(), before.into(), (limit as i64).into()],
    )
    .await
}

/// Adds a file that lies in its place.
pub async fn insert(tx: &Tx, row: &FileRow) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO import_files (id, workspace_id, name, bytes, content_hash, detected_json, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            row.id.into(),
            row.workspace_id.into(),
            row.name.as_str().into(),
            row.bytes.into(),
            row.content_hash.as_str().into(),
            row.detected_json.as_str().into(),
            row.created_by.as_str().into(),
            row.created_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Notes the mapping of a file, and the job that works by it.
pub async fn set_job(tx: &Tx, id: ImportId, mapping: &str, job: JobId, is_preview: bool) -> Result<(), DbErr> {
    let column = if is_preview { "preview_job_id" } else { "job_id" };
    tx.run(
        &format!("UPDATE import_files SET mapping_json = $2, {column} = $3 WHERE id = $1"),
        vec![id.0.into(), mapping.into(), job.0.into()],
    )
    .await?;
    Ok(())
}

/// Notes what was found in a file when it was looked at again. What was counted before counts no more.
pub async fn set_detected(tx: &Tx, id: ImportId, detected: &str) -> Result<(), DbErr> {
    tx.run(
        "UPDATE import_files SET detected_json = $2, mapping_json = NULL, preview_job_id = NULL WHERE id = $1",
        vec![id.0.into(), detected.into()],
    )
    .await?;
    Ok(())
}

/// Forgets a file.
pub async fn delete(tx: &Tx, id: ImportId) -> Result<(), DbErr> {
    tx.run("DELETE FROM import_files WHERE id = $1", vec![id.0.into()]).await?;
    Ok(())
}

/// The file of another import with this content that waits or runs, if it is one that was uploaded.
pub async fn running(db: &impl Sql, workspace: WorkspaceId, content: &str) -> Result<Option<ImportId>, DbErr> {
    let id: Option<i64> = db
        .scalar(
            "SELECT f.id FROM import_files f JOIN jobs j ON j.id = f.job_id
             WHERE f.workspace_id = $1 AND f.content_hash = $2 AND j.state IN ('queued', 'running')",
            vec![workspace.0.into(), content.into()],
        )
        .await?;
    Ok(id.map(ImportId))
}

impl ImportsState {
    /// Where a file lies.
    pub fn path(&self, id: ImportId) -> PathBuf {
        self.dir.join(format!("{id}.upload"))
    }

    /// Where its rejected rows lie.
    pub fn rejects_path(&self, id: ImportId) -> PathBuf {
        self.dir.join(format!("{id}.rejects.csv"))
    }

    /// Where the rejected rows of a preview lie.
    pub fn preview_rejects_path(&self, id: ImportId) -> PathBuf {
        self.dir.join(format!("{id}.preview.csv"))
    }

    /// Removes a file and what came of it; false when something could not be removed.
    pub fn remove_files(&self, id: ImportId) -> bool {
        remove_files(&self.dir, id)
    }
}

fn remove_files(dir: &Path, id: ImportId) -> bool {
    let paths = ["upload", "rejects.csv", "preview.csv"].map(|ending| dir.join(format!("{id}.{ending}")));
    // Each of them, also when one fails.
    let removed = paths.map(|path| match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(import = %id, %error, "a file of an import cannot be removed");
            false
        }
        _ => true,
    });
    removed.into_iter().all(|removed| removed)
}

/// Takes a file in, piece by piece. Leaves nothing behind when it fails.
pub async fn receive(
    state: &Arc<ImportsState>,
    caller: &Caller,
    name: String,
    mut body: BodyDataStream,
) -> Result<FileRow, Problem> {
    let id = state.ids.next(ImportId);
    let partial = Partial { state: state.clone(), id, is_kept: false };
    make_dir(&state.dir).map_err(disk_problem)?;
    let mut file = create(&state.path(id)).await.map_err(disk_problem)?;
    let mut hash = content_hash(caller.workspace);
    let mut bytes = 0u64;
    loop {
        let next = tokio::select! {
            next = body.next() => next,
            () = state.clock.sleep(PATIENCE) => return Err(Problem::new(Code::Timeout)),
        };
        let Some(piece) = next else { break };
        let piece =
            piece.map_err(|_| Problem::with(Code::UnreadableFile, "the body ended before its announced length"))?;
        bytes += piece.len() as u64;
        if bytes > state.limits.file_bytes {
            let most = state.limits.file_bytes >> 20;
            return Err(Problem::with(Code::BodyTooLarge, format!("a file may have {most} MB; divide it")));
        }
        hash.update(&piece);
        file.write_all(&piece).await.map_err(disk_problem)?;
    }
    file.flush().await.map_err(disk_problem)?;
    file.sync_all().await.map_err(disk_problem)?;
    let path = state.path(id);
    let looking = tokio::task::spawn_blocking(move || super::detect::detect(&path, &super::Hints::default()));
    let detected = looking.await.map_err(|_| Problem::new(Code::Internal))??;
    let row = FileRow {
        id: id.0,
        workspace_id: caller.workspace.0,
        name,
        bytes: bytes as i64,
        content_hash: hex(&hash),
        detected_json: serde_json::to_string(&detected).map_err(|_| Problem::new(Code::Internal))?,
        mapping_json: None,
        preview_job_id: None,
        job_id: None,
        created_by: caller.actor.clone(),
        created_at: state.clock.now().millis(),
        file_deleted_at: None,
    };
    partial.keep();
    Ok(row)
}

/// A file on its way in, which is removed unless it is kept: also when the client hangs up.
struct Partial {
    state: Arc<ImportsState>,
    id: ImportId,
    is_kept: bool,
}

impl Partial {
    fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_kept {
            self.state.remove_files(self.id);
        }
    }
}

fn make_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

async fn create(path: &Path) -> io::Result<File> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(path).await
}

fn disk_problem(error: io::Error) -> Problem {
    if error.kind() == io::ErrorKind::StorageFull {
        return Problem::new(Code::DiskFull).retry_after(5);
    }
    tracing::error!(%error, "an uploaded file cannot be written");
    Problem::new(Code::Internal)
}

#[derive(FromQueryResult)]
struct OldRow {
    id: i64,
    detected_json: String,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Removes files whose time is over, with the examples of what was in them, and what uploads left that were cut short.
/// Returns how many.
pub async fn sweep(state: &ImportsState) -> Result<usize, DbErr> {
    let now = state.clock.now();
    let gone = remove_older(&state.db, &state.dir, now.minus(state.limits.kept)).await?;
    let strays = sweep_strays(state, now).await?;
    Ok(gone + strays)
}

/// Removes all files that were uploaded before a moment, but for those whose import waits, runs, or has ended since then;
/// also those that nobody has imported. With them go the examples of what was in them. Returns how many went.
pub async fn remove_older(db: &Db, dir: &Path, moment: Time) -> Result<usize, DbErr> {
    let mut gone = 0;
    let mut after = i64::MIN;
    loop {
        let old: Vec<OldRow> = db
            .read()
            .all(
                "SELECT f.id, f.detected_json FROM import_files f LEFT JOIN jobs j ON j.id = f.job_id
                 WHERE f.file_deleted_at IS NULL AND f.created_at < $1 AND f.id > $2
                   AND (j.id IS NULL OR (j.ended_at IS NOT NULL AND j.ended_at < $1)) ORDER BY f.id LIMIT $3",
                vec![moment.millis().into(), after.into(), FILES_AT_ONCE.into()],
            )
            .await?;
        // Past those that cannot be removed, so that this ends.
        let Some(last) = old.last() else { return Ok(gone) };
        after = last.id;
        gone += remove_all(db, dir, moment, old).await?;
    }
}

async fn remove_all(db: &Db, dir: &Path, moment: Time, old: Vec<OldRow>) -> Result<usize, DbErr> {
    let mut gone: Vec<(i64, String)> = Vec::new();
    for row in old {
        if !remove_files(dir, ImportId(row.id)) {
            continue;
        }
        let bare = serde_json::from_str::<Detected>(&row.detected_json).map(Detected::without_examples);
        let bare = bare.ok().and_then(|detected| serde_json::to_string(&detected).ok());
        gone.push((row.id, bare.unwrap_or_else(|| "{}".to_owned())));
    }
    if !gone.is_empty() {
        let tx = db.begin().await?;
        tx.run_rows(
            &format!(
                "UPDATE import_files SET file_deleted_at = {}, detected_json = (
                   SELECT r.value->>1 FROM {{rows}} WHERE CAST(r.value->>0 AS BIGINT) = import_files.id)
                 WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {{rows}})",
                moment.millis()
            ),
            &gone,
        )
        .await?;
        tx.commit().await?;
    }
    Ok(gone.len())
}

async fn sweep_strays(state: &ImportsState, now: Time) -> Result<usize, DbErr> {
    let Ok(entries) = fs::read_dir(&state.dir) else { return Ok(0) };
    let mut found: HashSet<i64> = HashSet::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let id: Option<ImportId> = name.split('.').next().and_then(|id| id.parse().ok());
        // The id says when the upload began.
        if let Some(id) = id.filter(|id| (id.0 >> 21) < now.minus(UPLOAD_LASTS).millis()) {
            found.insert(id.0);
        }
    }
    let keys: Vec<(i64,)> = found.iter().map(|id| (*id,)).collect();
    let known: Vec<IdRow> = state
        .db
        .read()
        .all_rows(
            "SELECT f.id FROM {rows} JOIN import_files f ON f.id = CAST(r.value->>0 AS BIGINT)
             WHERE f.file_deleted_at IS NULL",
            &keys,
            Vec::new(),
        )
        .await?;
    known.iter().for_each(|row| {
        found.remove(&row.id);
    });
    Ok(found.into_iter().filter(|id| state.remove_files(ImportId(*id))).count())
}
