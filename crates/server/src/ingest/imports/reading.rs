//! How a file is read, where somebody has said so because what was found by itself is wrong: another encoding or
//! delimiter, another sheet, a first row that names the columns or does not. And its first rows, to look at.

use std::{path::PathBuf, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, Problem, ids::ImportId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::audit;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ImportMap, ImportsState,
    detect::{Detected, Hints, detect, io_problem, open_as_found},
    encoding::TextEncoding,
    files,
    map::Delimiter,
    routes::{find, show},
    rows::RowRead,
    schema::ImportBody,
};

const USUAL_ROWS: usize = 20;
const MOST_ROWS: usize = 100;
/// How much of a cell is shown, in characters.
const LONGEST_CELL: usize = 200;

pub(super) fn routes(state: Arc<ImportsState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(detect_again)).routes(routes!(list_rows)).with_state(state)
}

/// How a file is to be read; what is left out is found by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reading {
    /// The encoding of a text file: `utf-8`, `gbk`, `gb18030`, `big5`, `utf-16le` …
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "gb18030")]
    pub encoding: Option<String>,
    /// What stands between the cells of a text file: one character, `tab` or `whitespace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = ";")]
    pub delimiter: Option<String>,
    /// Whether the first row names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_headers: Option<bool>,
    /// Which sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// The first rows of a file.
#[derive(Serialize, ToSchema)]
struct RowsBody {
    /// The names of the columns, or their numbers where the file does not name them.
    columns: Vec<String>,
    /// The rows behind the header. Of a cell at most 200 characters are shown.
    rows: Vec<Vec<String>>,
    /// Whether there are more.
    more: bool,
}

/// How many rows are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// 1 to 100; 20 when left out.
    limit: Option<usize>,
}

/// Looks at a file again, with other eyes: in this encoding, with this delimiter, at this sheet. What is found takes the
/// place of what was found before, and mappings read the file so from then on. Nothing is imported.
#[utoipa::path(post, path = "/api/v1/imports/{id}/detect", tag = "imports", params(("id" = String, Path,)),
    request_body = Reading,
    responses((status = 200, body = ImportBody), (status = "4XX", body = ProblemBody)))]
async fn detect_again(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportId>,
    Json(reading): Json<Reading>,
) -> ApiResult<Json<ImportBody>> {
    caller.require(Area::Ingest, Verb::Write)?;
    let hints = reading.hints()?;
    let row = find(&state, caller.workspace, id).await?;
    if row.job_id.is_some() {
        return Err(Problem::with(Code::WrongState, "the import has been started; upload the file again").into());
    }
    let path = path_of(&state, id, row.file_deleted_at)?;
    let before = row.detected()?;
    check_sheet(&before, &reading)?;
    let looking = tokio::task::spawn_blocking(move || detect(&path, &hints));
    let found = looking.await.map_err(|_| Problem::new(Code::Internal))??;
    let found = Detected { chosen: reading.clone(), ..found };
    let text = serde_json::to_string(&found).map_err(|_| Problem::new(Code::Internal))?;
    let tx = state.db.begin().await?;
    files::set_detected(&tx, id, &text).await?;
    let (now, target) = (state.clock.now(), id.to_string());
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "import.read_anew", &target, json!(reading))
        .await?;
    tx.commit().await?;
    let row = find(&state, caller.workspace, id).await?;
    Ok(Json(show(&state, &caller, row).await?))
}

/// The first rows of a file, as it is read now. They are personal data, so whoever looks needs to be allowed to see
/// members.
#[utoipa::path(get, path = "/api/v1/imports/{id}/rows", tag = "imports", params(("id" = String, Path,), RowsQuery),
    responses((status = 200, body = RowsBody), (status = "4XX", body = ProblemBody)))]
async fn list_rows(
    State(state): State<Arc<ImportsState>>,
    caller: Caller,
    Path(id): Path<ImportId>,
    Query(query): Query<RowsQuery>,
) -> ApiResult<Json<RowsBody>> {
    caller.require(Area::Ingest, Verb::Read)?;
    caller.require(Area::People, Verb::Read)?;
    let most = query.limit.unwrap_or(USUAL_ROWS).clamp(1, MOST_ROWS);
    let row = find(&state, caller.workspace, id).await?;
    let path = path_of(&state, id, row.file_deleted_at)?;
    let detected = row.detected()?;
    let reading = tokio::task::spawn_blocking(move || first_rows(&path, &detected, most));
    Ok(Json(reading.await.map_err(|_| Problem::new(Code::Internal))??))
}

fn path_of(state: &ImportsState, id: ImportId, deleted_at: Option<i64>) -> Result<PathBuf, Problem> {
    let path = state.path(id);
    match deleted_at.is_none() && path.exists() {
        true => Ok(path),
        false => Err(Problem::with(Code::WrongState, "its file has been deleted; upload it again")),
    }
}

fn check_sheet(before: &Detected, reading: &Reading) -> Result<(), Problem> {
    match &reading.sheet {
        Some(sheet) if !before.sheets.contains(sheet) => {
            Err(Problem::at(Code::InvalidBody, "sheet", "is not a sheet of this file"))
        }
        _ => Ok(()),
    }
}

fn first_rows(path: &std::path::Path, detected: &Detected, most: usize) -> Result<RowsBody, Problem> {
    let mut source = open_as_found(path, detected)?;
    let name = |(place, column): (usize, &super::columns::Column)| match detected.has_headers {
        true => column.name.clone(),
        false => (place + 1).to_string(),
    };
    let mut body =
        RowsBody { columns: detected.columns.iter().enumerate().map(name).collect(), rows: Vec::new(), more: false };
    let mut skips_header = detected.has_headers;
    while let Some(read) = source.next_row().map_err(io_problem)? {
        let RowRead::Row(row) = read else { continue };
        if std::mem::take(&mut skips_header) {
            continue;
        }
        if body.rows.len() == most {
            body.more = true;
            break;
        }
        body.rows.push(row.cells().map(|cell| cell.chars().take(LONGEST_CELL).collect()).collect());
    }
    Ok(body)
}

impl Reading {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Reading::default()
    }

    /// The same for looking at the file.
    fn hints(&self) -> Result<Hints, Problem> {
        let wrong = |path: &str, message: &str| Problem::at(Code::InvalidBody, path, message);
        let encoding = match self.encoding.as_deref() {
            Some(name) => {
                Some(TextEncoding::named(name).ok_or_else(|| wrong("encoding", "is not the name of an encoding"))?)
            }
            None => None,
        };
        let delimiter = match self.delimiter.as_deref() {
            Some(word) => {
                let found = Delimiter::of_word(word);
                Some(found.ok_or_else(|| wrong("delimiter", "is not one character, tab or whitespace"))?)
            }
            None => None,
        };
        Ok(Hints::said(encoding, delimiter, self.has_headers, self.sheet.clone()))
    }

    /// The same as entries of a mapping.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'static str, String)> + '_ {
        let said = [
            ("encoding", self.encoding.clone()),
            ("delimiter", self.delimiter.clone()),
            ("has_headers", self.has_headers.map(|has_headers| has_headers.to_string())),
            ("sheet", self.sheet.clone()),
        ];
        said.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }

    /// A mapping that reads the file as was said, wherever it does not say otherwise itself.
    pub(super) fn complete(&self, map: ImportMap) -> Result<ImportMap, Problem> {
        if self.is_empty() {
            return Ok(map);
        }
        let mut entries = map.entries().clone();
        for (name, value) in self.entries() {
            entries.entry(name.to_owned()).or_insert(value);
        }
        let text = serde_json::to_string(&entries).map_err(|_| Problem::new(Code::Internal))?;
        ImportMap::parse(map.kind(), &text)
            .map_err(|error| Problem::at(Code::InvalidMapping, "mapping", error.to_string()))
    }
}
