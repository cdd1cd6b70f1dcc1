//! Saved mappings, and which of them fits a file.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, IdSource, Problem, Time,
    ids::{ImportMappingId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value, json};
use store::{Db, Sql, audit};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ImportKind, ImportMap, ImportsState,
    detect::Detected,
    schema::{MappingBody, NewMapping, OfferedMapping},
};

/// How many mappings a workspace may save.
const MAX_MAPPINGS: i64 = 500;
const MAX_MAPPING_BYTES: usize = 128 * 1024;

/// The routes of saved mappings.
pub fn routes(state: Arc<ImportsState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_mappings, create_mapping))
        .routes(routes!(get_mapping, update_mapping, delete_mapping))
        .with_state(state)
}

/// A saved mapping.
#[derive(Clone, Debug, FromQueryResult)]
pub struct MappingRow {
    /// Number behind the `imm_…` id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `events` or `members`.
    pub kind: String,
    /// The entries.
    pub mapping_json: String,
    created_by: String,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, name, kind, mapping_json, created_by, created_at, updated_at";

/// A mapping of a workspace by its id.
pub async fn get(db: &impl Sql, workspace: WorkspaceId, id: ImportMappingId) -> Result<Option<MappingRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM import_mappings WHERE workspace_id = $1 AND id = $2"),
        vec![workspace.0.into(), id.0.into()],
    )
    .await
}

/// The same by its name.
pub async fn named(db: &impl Sql, workspace: WorkspaceId, name: &str) -> Result<Option<MappingRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM import_mappings WHERE workspace_id = $1 AND name = $2"),
        vec![workspace.0.into(), name.into()],
    )
    .await
}

/// All mappings of a workspace, for finding one that fits; there are at most some hundred.
pub async fn all(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<MappingRow>, DbErr> {
    db.all(
        &format!("SELECT {COLUMNS} FROM import_mappings WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2"),
        vec![workspace.0.into(), MAX_MAPPINGS.into()],
    )
    .await
}

/// Of several mappings the one that names most columns of a file, and none that it does not have.
pub fn that_fits(mappings: &[MappingRow], detected: &Detected) -> Option<OfferedMapping> {
    let header = detected.header()?;
    let fitting = mappings.iter().filter_map(|row| {
        let map = row.parse().ok()?;
        let columns = map.columns().len();
        let fits = map.columns().iter().all(|column| header.iter().any(|name| name == column));
        // One that names no columns would fit all files.
        (fits && columns > 0).then_some((columns, row))
    });
    let (_, row) = fitting.max_by_key(|(columns, row)| (*columns, row.id))?;
    Some(OfferedMapping { id: ImportMappingId(row.id), name: row.name.clone() })
}

impl MappingRow {
    /// The mapping.
    pub fn parse(&self) -> Result<ImportMap, Problem> {
        let kind = ImportKind::of_word(&self.kind).ok_or(Problem::new(Code::Internal))?;
        ImportMap::parse(kind, &self.mapping_json)
            .map_err(|error| Problem::with(Code::InvalidMapping, error.to_string()))
    }
}

/// Keeps a mapping under a name, in place of the one that has it. For the command line.
pub async fn save(
    db: &Db,
    (ids, now): (&IdSource, Time),
    workspace: WorkspaceId,
    name: &str,
    map: &ImportMap,
    actor: &str,
) -> Result<(), Problem> {
    let name = check_name(name)?;
    let store = async {
        let tx = db.begin().await?;
        let id = ids.next(ImportMappingId);
        let entries = serde_json::to_string(map.entries()).unwrap_or_default();
        tx.run(
            "INSERT INTO import_mappings (id, workspace_id, name, kind, mapping_json, created_by, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
             ON CONFLICT (workspace_id, name) DO UPDATE SET kind = excluded.kind, mapping_json = excluded.mapping_json,
               updated_at = excluded.updated_at",
            vec![
                id.0.into(),
                workspace.0.into(),
                name.as_str().into(),
                map.kind().word().into(),
                entries.into(),
                actor.into(),
                now.millis().into(),
            ],
        )
        .await?;
        let detail = json!({"name": name, "kind": map.kind().word()});
        audit::record(&tx, ids, now, workspace, actor, "import_mapping.saved", &name, detail).await?;
        tx.commit().await
    };
    store.await.map_err(|error: DbErr| api::ApiError::from(error).0)
}

/// Saved mappings, newest first.
#[utoipa::path(get, path = "/api/v1/import-mappings", tag = "imports", params(PageQuery),
    responses((status = 200, body = Page<MappingBody>), (status = "4XX", body = ProblemBody)))]
async fn list_mappings(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<MappingBody>>> {
    caller.require(Area::Ingest, Verb::Read)?;
    let limit = page.limit();
    let rows: Vec<MappingRow> = state
        .db
        .read()
        .all(
            &format!(
                "SELECT {COLUMNS} FROM import_mappings WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
            ),
            vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()],
        )
        .await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, body)))
}

/// Saves a mapping. It is offered for files whose header has all columns that it names.
#[utoipa::path(post, path = "/api/v1/import-mappings", tag = "imports", request_body = NewMapping,
    responses((status = 201, body = MappingBody), (status = "4XX", body = ProblemBody)))]
async fn create_mapping(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Json(new): Json<NewMapping>,
) -> ApiResult<(StatusCode, Json<MappingBody>)> {
    caller.require(Area::Ingest, Verb::Write)?;
    let (name, map) = check(&new)?;
    let id = state.ids.next(ImportMappingId);
    let now = state.clock.now();
    let tx = state.db.begin().await?;
    let count: Option<i64> = tx
        .scalar("SELECT COUNT(*) FROM import_mappings WHERE workspace_id = $1", vec![caller.workspace.0.into()])
        .await?;
    if count.unwrap_or(0) >= MAX_MAPPINGS {
        return Err(Problem::with(Code::WrongState, "a workspace may save 500 mappings; delete some").into());
    }
    let added = tx
        .run(
            "INSERT INTO import_mappings (id, workspace_id, name, kind, mapping_json, created_by, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (workspace_id, name) DO NOTHING",
            vec![
                id.0.into(),
                caller.workspace.0.into(),
                name.as_str().into(),
                map.kind().word().into(),
                serde_json::to_string(map.entries()).unwrap_or_default().into(),
                caller.actor.as_str().into(),
                now.millis().into(),
            ],
        )
        .await?;
    if added == 0 {
        return Err(Problem::with(Code::AlreadyExists, "another mapping has this name").into());
    }
    let detail = json!({"name": name, "kind": map.kind().word()});
    let target = id.to_string();
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "import_mapping.created", &target, detail)
        .await?;
    let row = get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(body(row))))
}

/// One saved mapping.
#[utoipa::path(get, path = "/api/v1/import-mappings/{id}", tag = "imports", params(("id" = String, Path,)),
    responses((status = 200, body = MappingBody), (status = "4XX", body = ProblemBody)))]
async fn get_mapping(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportMappingId>,
) -> ApiResult<Json<MappingBody>> {
    caller.require(Area::Ingest, Verb::Read)?;
    let row = get(state.db.read(), caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    Ok(Json(body(row)))
}

/// Replaces a saved mapping.
#[utoipa::path(put, path = "/api/v1/import-mappings/{id}", tag = "imports", params(("id" = String, Path,)),
    request_body = NewMapping,
    responses((status = 200, body = MappingBody), (status = "4XX", body = ProblemBody)))]
async fn update_mapping(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportMappingId>,
    Json(new): Json<NewMapping>,
) -> ApiResult<Json<MappingBody>> {
    caller.require(Area::Ingest, Verb::Write)?;
    let (name, map) = check(&new)?;
    let now = state.clock.now();
    let tx = state.db.begin().await?;
    let changed = tx
        .run(
            "UPDATE import_mappings SET name = $3, kind = $4, mapping_json = $5, updated_at = $6
             WHERE workspace_id = $1 AND id = $2",
            vec![
                caller.workspace.0.into(),
                id.0.into(),
                name.as_str().into(),
                map.kind().word().into(),
                serde_json::to_string(map.entries()).unwrap_or_default().into(),
                now.millis().into(),
            ],
        )
        .await
        .map_err(|error| match store::is_unique_violation(&error) {
            true => Problem::with(Code::AlreadyExists, "another mapping has this name").into(),
            false => api::ApiError::from(error),
        })?;
    if changed == 0 {
        return Err(Code::NotFound.into());
    }
    let detail = json!({"name": name, "kind": map.kind().word()});
    let target = id.to_string();
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "import_mapping.updated", &target, detail)
        .await?;
    let row = get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    tx.commit().await?;
    Ok(Json(body(row)))
}

/// Deletes a saved mapping.
#[utoipa::path(delete, path = "/api/v1/import-mappings/{id}", tag = "imports", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_mapping(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportMappingId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Ingest, Verb::Write)?;
    let now = state.clock.now();
    let tx = state.db.begin().await?;
    let values = vec![caller.workspace.0.into(), id.0.into()];
    if tx.run("DELETE FROM import_mappings WHERE workspace_id = $1 AND id = $2", values).await? == 0 {
        return Err(Code::NotFound.into());
    }
    let target = id.to_string();
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "import_mapping.deleted", &target, json!({}))
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads a mapping as a request writes it: without its kind, which may also stand in it.
pub fn read(kind: Option<&str>, entries: &Map<String, Value>) -> Result<ImportMap, Problem> {
    let mut entries = entries.clone();
    let own = entries.remove("kind");
    let word = kind.or(own.as_ref().and_then(Value::as_str)).unwrap_or("members");
    let kind = ImportKind::of_word(word)
        .ok_or_else(|| Problem::at(Code::InvalidMapping, "mapping.kind", "is neither members nor events"))?;
    let text = Value::Object(entries).to_string();
    if text.len() > MAX_MAPPING_BYTES {
        return Err(Problem::at(Code::InvalidMapping, "mapping", "is larger than 128 KB"));
    }
    if text.contains("\\u0000") {
        return Err(Code::NulCharacter.into());
    }
    ImportMap::parse(kind, &text).map_err(|error| Problem::at(Code::InvalidMapping, "mapping", error.to_string()))
}

fn check(new: &NewMapping) -> Result<(String, ImportMap), Problem> {
    Ok((check_name(&new.name)?, read(Some(&new.kind), &new.mapping)?))
}

/// A name of 1 to 200 characters without control characters.
pub fn check_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.contains(char::is_control) {
        return Err(Problem::at(Code::InvalidBody, "name", "must have 1 to 200 characters"));
    }
    Ok(name.to_owned())
}

fn body(row: MappingRow) -> MappingBody {
    MappingBody {
        id: ImportMappingId(row.id),
        name: row.name,
        kind: row.kind,
        mapping: serde_json::from_str(&row.mapping_json).unwrap_or_default(),
        created_by: row.created_by,
        created_at: Time::from_millis(row.created_at),
        updated_at: Time::from_millis(row.updated_at),
    }
}
