//! Exports of members: `/api/v1/members/export` and `/api/v1/segments/{id}/export`.
//!
//! Members leave page by page, so that memory stays bounded however many there are. A column is `id`, a kind of identity,
//! one of a member's own fields, or the name of a trait; what an import suggests for such a file brings the same members
//! back.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use api::{
    ApiError, ApiResult, Area, Caller, Path, ProblemBody, Query, Verb,
    csv::{Cell, CsvQuery, CsvStyle, file_reply},
};
use axum::{body::Body, extract::State, response::Response};
use base::{
    Code, Problem,
    ids::{MemberId, SegmentId, WorkspaceId},
};
use bytes::Bytes;
use futures::{Stream, stream};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use store::{Db, Sql};
use tokio::{io::AsyncReadExt, sync::mpsc};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    MemberDto, count_members,
    filter::{Asked, FilterParams, MemberFilter},
    find_ids, show_members,
};
use crate::{PeopleState, identity};

const MEMBERS_AT_ONCE: usize = 500;
const IDENTITIES_AT_ONCE: i64 = 2_000;
/// As many as an import takes.
const MAX_COLUMNS: usize = 1_000;
/// A sheet has 1,048,576 rows; one of them is the header.
const MAX_SHEET_ROWS: i64 = 1_048_575;
/// Longer texts do not fit into a cell of a sheet, in UTF-16 units.
const MAX_CELL: usize = 32_767;

/// Columns before the traits.
const FIRST: [&str; 5] = ["id", "user_id", "email", "phone", "anonymous_id"];
/// Columns behind the traits.
const LAST: [&str; 5] = ["tags", "segments", "stage", "created_at", "last_seen_at"];
const ENTERED_AT: &str = "entered_at";
/// How the names of columns begin that hold ids of accounts and devices, by kind.
const IDENTITIES: &str = "identities.";

/// The routes of exports.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(export_members)).routes(routes!(export_segment)).with_state(state)
}

/// What to export, and how.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `csv` (the default) or `xlsx`.
    format: Option<String>,
    /// Names of columns between commas: `id`, `user_id`, `email`, `phone`, `anonymous_id`, `identities.<kind>` (accounts
    /// and devices), `tags`, `segments`, `stage`, `created_at`, `last_seen_at`, or a trait. All of them when left out. A
    /// trait whose name is one of these or has a comma is written as `traits.NAME`.
    columns: Option<String>,
    /// Whether a CSV file begins with a byte order mark, without which Excel does not show Chinese. True by default.
    bom: Option<bool>,
    /// Whether a text in a CSV file that a spreadsheet would take for a formula gets an apostrophe before it. True by
    /// default.
    escape_formulas: Option<bool>,
}

/// The members whom a filter finds, or all of them, as a file. An operator may do this; it is written down in the audit log.
#[utoipa::path(get, path = "/api/v1/members/export", tag = "members", params(FilterParams, ExportQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = "4XX", body = ProblemBody)))]
async fn export_members(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<Vec<(String, String)>>,
) -> ApiResult<Response> {
    let mut asked = Asked(query);
    let filter = MemberFilter::take(&mut asked)?;
    let must_be = "must be true or false";
    let query = ExportQuery {
        format: asked.text("format")?,
        columns: asked.text("columns")?,
        bom: asked.read("bom", must_be)?,
        escape_formulas: asked.read("escape_formulas", must_be)?,
    };
    export(state, caller, filter, query).await
}

/// The members of a segment as a file, with the moment at which each came in.
#[utoipa::path(get, path = "/api/v1/segments/{id}/export", tag = "segments", params(("id" = String, Path,), ExportQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = "4XX", body = ProblemBody)))]
async fn export_segment(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    Query(query): Query<ExportQuery>,
) -> ApiResult<Response> {
    export(state, caller, MemberFilter { segment: Some(id), ..MemberFilter::default() }, query).await
}

async fn export(
    state: Arc<PeopleState>,
    caller: Caller,
    filter: MemberFilter,
    query: ExportQuery,
) -> ApiResult<Response> {
    let segment = filter.segment;
    // Taking everybody along at once is more than looking.
    caller.require(Area::People, Verb::Write)?;
    let db = state.db.read();
    if let Some(segment) = segment {
        let found: Option<String> = db
            .scalar(
                "SELECT state FROM segments WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL",
                vec![caller.workspace.0.into(), segment.0.into()],
            )
            .await?;
        // Nobody sees it in the file that some are missing.
        if found.ok_or(Problem::new(Code::NotFound))? != "live" {
            return Err(Problem::with(Code::WrongState, "the segment is being built").into());
        }
    }
    let is_sheet = match query.format.as_deref() {
        None | Some("csv") => false,
        Some("xlsx") => true,
        Some(_) => return Err(Problem::at(Code::InvalidQuery, "format", "is neither csv nor xlsx").into()),
    };
    let columns = match &query.columns {
        Some(named) => named_columns(named)?,
        None => all_columns(&state.db, caller.workspace, segment).await?,
    };
    let mut detail = json!({"format": if is_sheet { "xlsx" } else { "csv" }});
    if !(MemberFilter { segment: None, ..filter.clone() }).is_empty() {
        detail["filter"] = json!(filter);
    }
    let (db, workspace, now) = (state.db.clone(), caller.workspace, state.clock.now());
    let pages = Pages { db, workspace, filter, before: i64::MAX, now };
    if is_sheet && pages.count().await? > MAX_SHEET_ROWS {
        return Err(Problem::with(Code::SpreadsheetTooLarge, "a sheet has 1,048,576 rows; export CSV instead").into());
    }
    let names: Vec<&str> = columns.iter().map(|column| column.header.as_str()).collect();
    let target = segment.map_or_else(|| "members".to_owned(), |segment| segment.to_string());
    detail["columns"] = json!(names);
    state.audit(&caller, "members.exported", &target, detail).await?;
    let stem = segment.map_or_else(|| "members".to_owned(), |segment| segment.to_string());
    let (body, kind, ending) = match is_sheet {
        true => (
            sheet_body(pages, columns).await?,
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
        false => {
            let style = CsvStyle::from(CsvQuery { bom: query.bom, escape_formulas: query.escape_formulas });
            (Body::from_stream(csv_pieces(pages, columns, style)), "text/csv; charset=utf-8", "csv")
        }
    };
    Ok(file_reply(body, kind, &format!("{stem}.{ending}")))
}

/// One column.
#[derive(Clone, Debug)]
struct Column {
    header: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Id,
    Identity(String),
    Tags,
    Segments,
    Stage,
    CreatedAt,
    LastSeenAt,
    EnteredAt,
    Trait(String),
}

impl Column {
    fn of(header: &str) -> Column {
        let content = match header {
            "id" => Content::Id,
            kind @ ("user_id" | "email" | "phone" | "anonymous_id") => Content::Identity(kind.to_owned()),
            "tags" => Content::Tags,
            "segments" => Content::Segments,
            "stage" => Content::Stage,
            "created_at" => Content::CreatedAt,
            "last_seen_at" => Content::LastSeenAt,
            ENTERED_AT => Content::EnteredAt,
            name => match name.strip_prefix(IDENTITIES) {
                Some(kind) => Content::Identity(kind.to_owned()),
                None => Content::Trait(name.strip_prefix("traits.").unwrap_or(name).to_owned()),
            },
        };
        Column { header: header.to_owned(), content }
    }

    fn of_trait(name: &str) -> Column {
        let is_prefixed = name.starts_with("traits.") || name.starts_with(IDENTITIES);
        let is_taken = is_prefixed || FIRST.contains(&name) || LAST.contains(&name) || name == ENTERED_AT;
        Column::of(&if is_taken { format!("traits.{name}") } else { name.to_owned() })
    }
}

fn named_columns(named: &str) -> Result<Vec<Column>, Problem> {
    let names: Vec<&str> = named.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    if names.is_empty() || names.len() > MAX_COLUMNS || distinct.len() != names.len() {
        return Err(Problem::at(Code::InvalidQuery, "columns", "must name 1 to 1,000 different columns"));
    }
    Ok(names.into_iter().map(Column::of).collect())
}

#[derive(FromQueryResult)]
struct TraitsRow {
    id: i64,
    kind: String,
    traits_json: String,
}

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

/// A JSON object of which only the names matter.
type Names = std::collections::BTreeMap<String, IgnoredAny>;

/// Every column that there is something for, page by page through all identities.
async fn all_columns(db: &Db, workspace: WorkspaceId, segment: Option<SegmentId>) -> Result<Vec<Column>, ApiError> {
    let (mut names, mut kinds): (BTreeSet<String>, BTreeSet<String>) = (BTreeSet::new(), BTreeSet::new());
    let mut after = 0;
    loop {
        let rows: Vec<TraitsRow> = db
            .read()
            .all(
                "SELECT id, kind, traits_json FROM identities WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3",
                vec![workspace.0.into(), after.into(), IDENTITIES_AT_ONCE.into()],
            )
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        for row in &rows {
            let traits: Names = serde_json::from_str(&row.traits_json).unwrap_or_default();
            names.extend(traits.into_keys());
            if identity::Kind::named(&row.kind).is_external() && !kinds.contains(&row.kind) {
                kinds.insert(row.kind.clone());
            }
        }
        // Addresses stand in columns of their own.
        names.remove("email");
        names.remove("phone");
        if names.len() + kinds.len() + FIRST.len() + LAST.len() >= MAX_COLUMNS {
            let detail = "members have more traits than a file may have columns; name those that are wanted";
            return Err(Problem::with(Code::TooManyColumns, detail).into());
        }
    }
    // What is computed stands with nobody.
    let computed: Vec<NameRow> = db
        .read()
        .all(
            "SELECT name FROM traits WHERE workspace_id = $1 AND computed_json IS NOT NULL AND state <> 'deleting'
             ORDER BY name LIMIT $2",
            vec![workspace.0.into(), (MAX_COLUMNS as i64).into()],
        )
        .await?;
    names.extend(computed.into_iter().map(|row| row.name));
    let first = FIRST.into_iter().map(Column::of);
    let accounts = kinds.iter().map(|kind| Column::of(&format!("{IDENTITIES}{kind}")));
    let traits = names.iter().map(|name| Column::of_trait(name));
    let last = LAST.into_iter().map(Column::of);
    let entered = segment.is_some().then(|| Column::of(ENTERED_AT));
    Ok(first.chain(accounts).chain(traits).chain(last).chain(entered).collect())
}

/// Members whom a filter finds, with the moment at which they entered its segment, newest first.
struct Pages {
    db: Db,
    workspace: WorkspaceId,
    filter: MemberFilter,
    before: i64,
    /// As of when computed traits are shown.
    now: base::Time,
}

#[derive(FromQueryResult)]
struct EnteredRow {
    member_id: i64,
    entered_at: i64,
}

struct Exported {
    member: MemberDto,
    entered_at: Option<base::Time>,
}

impl Pages {
    async fn count(&self) -> Result<i64, DbErr> {
        count_members(self.db.read(), self.workspace, &self.filter).await
    }

    /// The next members; none at the end.
    async fn next(&mut self) -> Result<Vec<Exported>, DbErr> {
        let db = self.db.read();
        loop {
            let ids = find_ids(db, self.workspace, &self.filter, self.before, MEMBERS_AT_ONCE as u64).await?;
            let Some(last) = ids.last() else { return Ok(Vec::new()) };
            self.before = last.0;
            let mut members = show_members(db, self.workspace, &ids, self.now).await?;
            // All of them have become one with others since.
            if members.is_empty() {
                continue;
            }
            members.sort_by_key(|member| std::cmp::Reverse(member.id));
            let entered = self.entered(&ids).await?;
            let exported = members.into_iter().map(|member| {
                let entered_at = entered.get(&member.id.0).copied().map(base::Time::from_millis);
                Exported { member, entered_at }
            });
            return Ok(exported.collect());
        }
    }

    /// When these members entered the segment.
    async fn entered(&self, ids: &[MemberId]) -> Result<HashMap<i64, i64>, DbErr> {
        let Some(segment) = self.filter.segment else { return Ok(HashMap::new()) };
        let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
        let rows: Vec<EnteredRow> = self
            .db
            .read()
            .all_rows(
                "SELECT s.member_id, s.entered_at FROM {rows} CROSS JOIN segment_members s
                 WHERE s.segment_id = $2 AND s.member_id = CAST(r.value->>0 AS BIGINT)",
                &keys,
                vec![segment.0.into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| (row.member_id, row.entered_at)).collect())
    }
}

impl Exported {
    fn cell(&self, content: &Content) -> Cell {
        let text = |text: String| if text.is_empty() { Cell::Empty } else { Cell::Text(text) };
        let member = &self.member;
        match content {
            Content::Id => Cell::Text(member.id.to_string()),
            Content::Identity(kind) => {
                let first = member.identities.iter().find(|identity| identity.kind == *kind);
                first.map_or(Cell::Empty, |identity| text(identity.value.clone()))
            }
            Content::Tags => text(joined(&member.tags)),
            Content::Segments => text(member.segments.iter().map(SegmentId::to_string).collect::<Vec<_>>().join(";")),
            Content::Stage => text(member.stage.clone()),
            Content::CreatedAt => Cell::Text(member.created_at.to_string()),
            Content::LastSeenAt => Cell::Text(member.last_seen_at.to_string()),
            Content::EnteredAt => self.entered_at.map_or(Cell::Empty, |at| Cell::Text(at.to_string())),
            Content::Trait(name) => match member.traits.get(name) {
                None | Some(Value::Null) => Cell::Empty,
                Some(Value::String(value)) => text(value.clone()),
                Some(Value::Number(number)) => Cell::Number(number.clone()),
                Some(Value::Bool(truth)) => Cell::Bool(*truth),
                Some(other) => Cell::Text(other.to_string()),
            },
        }
    }
}

/// Tags as an import takes them apart again: where a semicolon would part one that has it in its name, as a list in JSON.
fn joined(tags: &[String]) -> String {
    match tags.iter().any(|tag| tag.contains([';', '；']) || tag.starts_with('[')) {
        true => json!(tags).to_string(),
        false => tags.join(";"),
    }
}

/// A CSV file, one page of members at a time.
fn csv_pieces(pages: Pages, columns: Vec<Column>, style: CsvStyle) -> impl Stream<Item = Result<Bytes, DbErr>> {
    stream::try_unfold((pages, columns, true), move |(mut pages, columns, is_first)| async move {
        let mut text = match is_first {
            true => style.begin(columns.iter().map(|column| column.header.as_str())),
            false => String::new(),
        };
        let members = pages.next().await?;
        if members.is_empty() && !is_first {
            return Ok(None);
        }
        for member in &members {
            style.write_row(&mut text, columns.iter().map(|column| member.cell(&column.content)));
        }
        Ok(Some((Bytes::from(text), (pages, columns, false))))
    })
}

/// A workbook, written to a private file without a name and read from there.
async fn sheet_body(mut pages: Pages, columns: Vec<Column>) -> Result<Body, ApiError> {
    let (send, receive) = mpsc::channel::<Vec<Exported>>(2);
    let writing = tokio::task::spawn_blocking(move || write_sheet(receive, &columns));
    loop {
        let members = pages.next().await?;
        if members.is_empty() || send.send(members).await.is_err() {
            break;
        }
    }
    drop(send);
    let written = writing.await.map_err(|_| Problem::new(Code::Internal))?;
    let file = written.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "a workbook cannot be written");
        Problem::new(Code::Internal)
    })?;
    let file = tokio::fs::File::from_std(file);
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; 64 * 1024];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        std::io::Result::Ok((length > 0).then(|| (Bytes::from(piece), file)))
    });
    Ok(Body::from_stream(pieces))
}

/// Cells go to a temporary file row by row, so a workbook of a million rows needs no more memory than one of ten.
fn write_sheet(mut members: mpsc::Receiver<Vec<Exported>>, columns: &[Column]) -> anyhow::Result<std::fs::File> {
    use std::io::{Seek, SeekFrom};
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    for (place, column) in columns.iter().enumerate() {
        sheet.write_string(0, place as u16, &column.header)?;
    }
    let mut row = 0;
    while let Some(page) = members.blocking_recv() {
        for member in &page {
            row += 1;
            for (place, column) in columns.iter().enumerate() {
                let place = place as u16;
                match member.cell(&column.content) {
                    Cell::Empty => continue,
                    Cell::Bool(truth) => sheet.write_boolean(row, place, truth)?,
                    // What a sheet's numbers cannot hold exactly stays a text.
                    Cell::Number(number) => {
                        match number.as_f64().filter(|value| value.to_string() == number.to_string()) {
                            Some(value) => sheet.write_number(row, place, value)?,
                            None => sheet.write_string(row, place, number.to_string())?,
                        }
                    }
                    Cell::Text(text) => sheet.write_string(row, place, fitting(&text))?,
                };
            }
        }
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// A text that is longer than a cell of a sheet may be is cut off.
fn fitting(text: &str) -> &str {
    let mut units = 0;
    for (place, character) in text.char_indices() {
        units += character.len_utf16();
        if units > MAX_CELL {
            return &text[..place];
        }
    }
    text
}
