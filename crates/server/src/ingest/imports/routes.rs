//! `/api/v1/imports`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, ErrorWords, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{
    Code, Problem, Time,
    ids::{ImportId, JobId, WorkspaceId},
};
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};
use store::{
    Db, DbErr, audit,
    jobs::{self, JobRow, NewJob},
};
use tokio::{fs::File, io::AsyncReadExt};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ImportMap, ImportsState, check_fit,
    detect::{Detected, Hints, detect},
    files::{self, FileRow},
    job::{ImportJob, ImportTask, check_tags},
    mappings::{self, MappingRow},
    preview::{Counts, PreviewJob},
    reading,
    schema::{ImportBody, MappingChoice, ProgressBody, ResultBody, SuggestedMapping, UploadQuery},
    suggest::suggest,
    words::Language,
};

/// The routes of imports and of saved mappings.
pub fn routes(state: Arc<ImportsState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_imports, upload))
        .routes(routes!(get_import, delete_import))
        .routes(routes!(preview))
        .routes(routes!(start))
        .routes(routes!(download_rejects))
        .with_state(state.clone())
        .merge(reading::routes(state.clone()))
        .merge(mappings::routes(state))
}

/// Uploads a file to be imported: CSV in any encoding, or a workbook (.xlsx). The body is the file itself, as
/// `curl --data-binary @members.csv` sends it, or `fetch(url, {method: "POST", body: file})`. Nothing is imported yet.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", params(UploadQuery),
    request_body(content = String, content_type = "application/octet-stream", description = "The file"),
    responses((status = 201, body = ImportBody), (status = "4XX", body = ProblemBody)))]
async fn upload(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> ApiResult<(StatusCode, Json<ImportBody>)> {
    caller.require(Area::Ingest, Verb::Write)?;
    let name = query.name.unwrap_or_else(|| "upload".to_owned());
    let name = mappings::check_name(&name)
        .map_err(|_| Problem::at(Code::InvalidQuery, "name", "must have 1 to 200 characters"))?;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|bytes: u64| bytes > state.limits.file_bytes) {
        return Err(Code::BodyTooLarge.into());
    }
    let row = files::receive(&state, &caller, name, request.into_body().into_data_stream()).await?;
    let now = state.clock.now();
    let kept = async {
        let tx = state.db.begin().await?;
        files::insert(&tx, &row).await?;
        let detail = json!({"name": row.name, "bytes": row.bytes});
        let target = row.id().to_string();
        audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "import.uploaded", &target, detail)
            .await?;
        tx.commit().await
    };
    if let Err(error) = kept.await {
        state.remove_files(row.id());
        return Err(error.into());
    }
    Ok((StatusCode::CREATED, Json(show(&state, &caller, row).await?)))
}

/// Uploaded files, newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(PageQuery),
    responses((status = 200, body = Page<ImportBody>), (status = "4XX", body = ProblemBody)))]
async fn list_imports(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<ImportBody>>> {
    caller.require(Area::Ingest, Verb::Read)?;
    let limit = page.limit();
    let db = state.db.read();
    let rows = files::list(db, caller.workspace, page.position(i64::MAX)?, limit + 1).await?;
    let jobs = jobs_of(&state.db, caller.workspace, &rows).await?;
    let saved = mappings::all(db, caller.workspace).await?;
    let shown = Shown::to(&caller);
    let bodies: Vec<ImportBody> =
        rows.into_iter().map(|row| body(row, &jobs, &saved, shown)).collect::<Result<_, Problem>>()?;
    Ok(Json(Page::from_rows(bodies, limit, |body| body.id.0, |body| body)))
}

/// One uploaded file, and how far its import is.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = String, Path,)),
    responses((status = 200, body = ImportBody), (status = "4XX", body = ProblemBody)))]
async fn get_import(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportId>,
) -> ApiResult<Json<ImportBody>> {
    caller.require(Area::Ingest, Verb::Read)?;
    let row = find(&state, caller.workspace, id).await?;
    Ok(Json(show(&state, &caller, row).await?))
}

/// Counts what an import would do, without doing it: a dry run, as a job.
#[utoipa::path(post, path = "/api/v1/imports/{id}/preview", tag = "imports", params(("id" = String, Path,)),
    request_body = MappingChoice,
    responses((status = 202, body = ImportBody), (status = "4XX", body = ProblemBody)))]
async fn preview(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportId>,
    headers: HeaderMap,
    Json(choice): Json<MappingChoice>,
) -> ApiResult<(StatusCode, Json<ImportBody>)> {
    caller.require(Area::Ingest, Verb::Write)?;
    let order = prepare(&state, &caller, id, &headers, choice).await?;
    let tx = state.db.begin().await?;
    let rejects = state.preview_rejects_path(id);
    let task = ImportTask { rejects, ..order.task };
    let job = NewJob {
        workspace: caller.workspace,
        kind: PreviewJob::KIND,
        payload: serde_json::to_value(&task).map_err(|_| Problem::new(Code::Internal))?,
        unique_key: Some(format!("import_preview/{id}")),
        created_by: &caller.actor,
    };
    let Some(job) = jobs::enqueue(&tx, &state.ids, state.clock.now(), job).await? else {
        return Err(Problem::with(Code::WrongState, "a preview of this file is running").into());
    };
    files::set_job(&tx, id, &order.mapping, job, true).await?;
    tx.commit().await?;
    let row = find(&state, caller.workspace, id).await?;
    Ok((StatusCode::ACCEPTED, Json(show(&state, &caller, row).await?)))
}

/// Starts the import, as a job. The same file is never imported twice at once, and rows that were imported with the same
/// mapping before are not imported again.
#[utoipa::path(post, path = "/api/v1/imports/{id}/start", tag = "imports", params(("id" = String, Path,)),
    request_body = MappingChoice,
    responses((status = 202, body = ImportBody), (status = "4XX", body = ProblemBody)))]
async fn start(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportId>,
    headers: HeaderMap,
    Json(choice): Json<MappingChoice>,
) -> ApiResult<(StatusCode, Json<ImportBody>)> {
    caller.require(Area::Ingest, Verb::Write)?;
    let order = prepare(&state, &caller, id, &headers, choice).await?;
    let now = state.clock.now();
    let tx = state.db.begin().await?;
    let job = NewJob {
        workspace: caller.workspace,
        kind: ImportJob::KIND,
        payload: serde_json::to_value(&order.task).map_err(|_| Problem::new(Code::Internal))?,
        unique_key: Some(ImportTask::unique_key(&order.task.content)),
        created_by: &caller.actor,
    };
    let Some(job) = jobs::enqueue(&tx, &state.ids, now, job).await? else {
        let other = files::running(&tx, caller.workspace, &order.task.content).await?;
        let detail = match other {
            Some(other) if other == id => "this import has been started".to_owned(),
            Some(other) => format!("{other} imports the same file"),
            None => "the command line imports the same file".to_owned(),
        };
        return Err(Problem::with(Code::ImportRunning, detail).into());
    };
    files::set_job(&tx, id, &order.mapping, job, false).await?;
    let detail = json!({"job": job, "kind": order.task.kind});
    let target = id.to_string();
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "import.started", &target, detail).await?;
    tx.commit().await?;
    let row = find(&state, caller.workspace, id).await?;
    Ok((StatusCode::ACCEPTED, Json(show(&state, &caller, row).await?)))
}

/// The rows that were not imported, as CSV: line, code, message (in the language of whoever began), row. Before an import
/// those that the preview found.
#[utoipa::path(get, path = "/api/v1/imports/{id}/rejects", tag = "imports", params(("id" = String, Path,)),
    responses((status = 200, content_type = "text/csv", body = String), (status = "4XX", body = ProblemBody)))]
async fn download_rejects(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportId>,
) -> ApiResult<Response> {
    // Whole rows, with all that is personal in them; it is written down who had them.
    caller.require(Area::Ingest, Verb::Write)?;
    let row = find(&state, caller.workspace, id).await?;
    let (now, target) = (state.clock.now(), id.to_string());
    let tx = state.db.begin().await?;
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "import.rejects_exported", &target, json!({}))
        .await?;
    tx.commit().await?;
    let path = match row.job_id {
        Some(_) => state.rejects_path(id),
        None => state.preview_rejects_path(id),
    };
    let body = match File::open(&path).await {
        Ok(file) => Body::from_stream(pieces_of(file)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Body::from("line,code,message,row\n"),
        Err(error) => {
            tracing::error!(%error, "a file of rejects cannot be read");
            return Err(Code::Internal.into());
        }
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{id}-rejects.csv\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Cancels what runs and deletes the file. Rows that were imported stay.
#[utoipa::path(delete, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_import(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Ingest, Verb::Write)?;
    let row = find(&state, caller.workspace, id).await?;
    let now = state.clock.now();
    let tx = state.db.begin().await?;
    for job in [row.job_id, row.preview_job_id].into_iter().flatten() {
        jobs::cancel(&tx, caller.workspace, JobId(job), now).await?;
    }
    files::delete(&tx, id).await?;
    let target = id.to_string();
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "import.deleted", &target, json!({})).await?;
    tx.commit().await?;
    state.db.job_ended().notify_waiters();
    // A job that still reads keeps what it has opened until its next checkpoint.
    state.remove_files(id);
    Ok(StatusCode::NO_CONTENT)
}

/// What to do with a file, checked against it.
struct Order {
    task: ImportTask,
    /// The mapping with its kind, to show.
    mapping: String,
}

async fn prepare(
    state: &Arc<ImportsState>,
    caller: &Caller,
    id: ImportId,
    headers: &HeaderMap,
    choice: MappingChoice,
) -> Result<Order, api::ApiError> {
    let wishes = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let language = choice.language.unwrap_or_else(|| Language::of_wishes(wishes));
    let row = find(state, caller.workspace, id).await?;
    if row.file_deleted_at.is_some() || !state.path(id).exists() {
        return Err(Problem::with(Code::WrongState, "its file has been deleted; upload it again").into());
    }
    let detected = row.detected()?;
    let map = detected.chosen.complete(choose(state, caller.workspace, choice).await?)?;
    let detected = match changes_reading(&map) {
        false => detected,
        true => {
            let (path, hints) = (state.path(id), Hints::from(&map));
            let looking = tokio::task::spawn_blocking(move || detect(&path, &hints));
            looking.await.map_err(|_| Problem::new(Code::Internal))??
        }
    };
    check_fit(&map, &detected)?;
    check_tags(state.db.read(), caller.workspace, &map).await?;
    let mut shown: serde_json::Map<String, Value> =
        map.entries().iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    shown.insert("kind".to_owned(), map.kind().word().into());
    let task = ImportTask {
        kind: map.kind().word().to_owned(),
        file: state.path(id),
        map: serde_json::to_string(map.entries()).map_err(|_| Problem::new(Code::Internal))?,
        rejects: state.rejects_path(id),
        content: row.content_hash,
        import: Some(id),
        name: row.name,
        language,
    };
    Ok(Order { task, mapping: Value::Object(shown).to_string() })
}

/// Whether a mapping says how to read the file, so that what was found by itself does not hold.
fn changes_reading(map: &ImportMap) -> bool {
    map.delimiter().is_some() || map.encoding().is_some() || map.has_headers().is_some() || map.sheet().is_some()
}

async fn choose(
    state: &ImportsState,
    workspace: WorkspaceId,
    choice: MappingChoice,
) -> Result<ImportMap, api::ApiError> {
    match (choice.mapping, choice.mapping_id) {
        (Some(entries), None) => Ok(mappings::read(None, &entries)?),
        (None, Some(id)) => {
            let row = mappings::get(state.db.read(), workspace, id).await?;
            Ok(row.ok_or(Problem::with(Code::UnknownReference, "there is no such mapping"))?.parse()?)
        }
        _ => Err(Problem::with(Code::InvalidBody, "send either mapping or mapping_id").into()),
    }
}

pub(super) async fn find(state: &ImportsState, workspace: WorkspaceId, id: ImportId) -> Result<FileRow, api::ApiError> {
    let row = files::get(state.db.read(), workspace, id).await?;
    Ok(row.ok_or(Problem::new(Code::NotFound))?)
}

/// How much of what is in a file a caller gets to see.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Cells, too.
    Everything,
    /// What it is made of: whose data stands in it is the business of those who may look at members.
    Form,
}

impl Shown {
    fn to(caller: &Caller) -> Shown {
        match caller.require(Area::People, Verb::Read) {
            Ok(()) => Shown::Everything,
            Err(_) => Shown::Form,
        }
    }
}

pub(super) async fn show(state: &ImportsState, caller: &Caller, row: FileRow) -> Result<ImportBody, api::ApiError> {
    let workspace = WorkspaceId(row.workspace_id);
    let jobs = jobs_of(&state.db, workspace, std::slice::from_ref(&row)).await?;
    let saved = mappings::all(state.db.read(), workspace).await?;
    Ok(body(row, &jobs, &saved, Shown::to(caller))?)
}

async fn jobs_of(db: &Db, workspace: WorkspaceId, rows: &[FileRow]) -> Result<Vec<JobRow>, DbErr> {
    let wanted: Vec<JobId> =
        rows.iter().flat_map(|row| [row.job_id, row.preview_job_id]).flatten().map(JobId).collect();
    jobs::get_many(db.read(), workspace, &wanted).await
}

fn body(row: FileRow, jobs: &[JobRow], saved: &[MappingRow], shown: Shown) -> Result<ImportBody, Problem> {
    let detected: Detected = row.detected()?;
    let detected = if shown == Shown::Everything { detected } else { detected.without_odd_examples() };
    let job = |id: Option<i64>| id.and_then(|id| jobs.iter().find(|job| job.id == id));
    let (import, preview) = (job(row.job_id), job(row.preview_job_id));
    let state = match (import, preview) {
        (Some(job), _) => job.state.clone(),
        (None, _) if row.file_deleted_at.is_some() => "expired".to_owned(),
        (None, Some(job)) => match job.state.as_str() {
            "queued" | "running" => "previewing".to_owned(),
            "done" => "previewed".to_owned(),
            _ => "preview_failed".to_owned(),
        },
        (None, None) => "uploaded".to_owned(),
    };
    let suggestion = suggest(&detected);
    let mut suggested = suggestion.entries;
    suggested.insert("kind".to_owned(), suggestion.kind.word().to_owned());
    suggested.extend(detected.chosen.entries().map(|(name, value)| (name.to_owned(), value)));
    let counts: Option<Counts> = preview.and_then(|job| serde_json::from_str(job.result_json.as_deref()?).ok());
    let working = import.or(preview);
    let result: Option<ResultBody> = import.and_then(|job| serde_json::from_str(job.result_json.as_deref()?).ok());
    Ok(ImportBody {
        id: row.id(),
        state,
        offered_mapping: mappings::that_fits(saved, &detected),
        suggested_mapping: SuggestedMapping { mapping: suggested, questions: suggestion.questions },
        detected: if shown == Shown::Everything { detected } else { detected.without_examples() },
        mapping: row.mapping_json.as_deref().and_then(|text| serde_json::from_str(text).ok()),
        preview: counts,
        progress: working.map(progress),
        result,
        error: working.and_then(|job| job.error.clone()),
        why: working.and_then(|job| job.error_code.as_deref()).map(ErrorWords::of),
        name: row.name,
        bytes: row.bytes,
        created_by: row.created_by,
        created_at: Time::from_millis(row.created_at),
        file_deleted_at: row.file_deleted_at.map(Time::from_millis),
    })
}

fn progress(job: &JobRow) -> ProgressBody {
    let checkpoint: Value =
        job.checkpoint_json.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let percent = match (job.state.as_str(), job.total) {
        ("done", _) => 100.0,
        (_, 0) => 0.0,
        (_, total) => (job.done as f64 * 1_000.0 / total as f64).round() / 10.0,
    };
    ProgressBody {
        job: JobId(job.id),
        phase: checkpoint.get("phase").and_then(Value::as_str).map(str::to_owned),
        rows: job.done,
        total: job.total,
        percent,
        rows_per_second: checkpoint.get("rows_per_second").and_then(Value::as_f64),
    }
}

/// A file in pieces of 64 KB.
fn pieces_of(file: File) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    stream::unfold(Some(file), async |file| {
        let mut file = file?;
        let mut piece = vec![0; 64 * 1024];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(length) => {
                piece.truncate(length);
                Some((Ok(Bytes::from(piece)), Some(file)))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}
