//! `/api/v1/boards`: questions put side by side. What a card asks is kept as it was saved; whoever shows the board asks it.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Problem, Time, ids::BoardId};
use people::segments::check_name;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Insight,
    documents::{Row, Shelf},
    people_behind::KindBody,
    scope::{WHOLE_DAYS, whole_days},
};

const BOARDS: Shelf = Shelf { table: "boards", word: "board", most: 500 };
const MOST_CARDS: usize = 50;
const MOST_BYTES: usize = 50_000;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(list_boards, create_board)).routes(routes!(
        get_board,
        replace_board,
        delete_board
    ))
}

/// A board to save.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BoardBody {
    /// Its name, 1 to 200 characters.
    name: String,
    /// Its cards, at most 50.
    cards: Vec<CardBody>,
    /// Which days it shows, as an ISO 8601 duration such as `P30D`; those of each question when left out.
    period: Option<String>,
    /// When replacing: the version that was read; a conflict is reported when it has changed.
    version: Option<i64>,
}

/// A question on a board.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CardBody {
    /// What stands above it; may be empty.
    title: String,
    /// What kind of question it is.
    kind: KindBody,
    /// The question, kept as it is.
    #[schema(value_type = Object)]
    question: Value,
    /// How its answer is shown.
    view: ViewBody,
    /// How many columns wide it is, 1 or 2.
    width: u8,
}

/// How an answer is shown.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ViewBody {
    /// Lines.
    Line,
    /// Bars.
    Bar,
    /// A table.
    Table,
    /// One large number.
    Number,
    /// Steps of a funnel.
    Funnel,
    /// A table whose cells are shaded.
    Heat,
    /// Flows from step to step.
    Sankey,
}

/// What is kept of a board.
#[derive(Serialize, Deserialize)]
struct Kept {
    cards: Vec<CardBody>,
    period: Option<String>,
}

/// A board.
#[derive(Serialize, ToSchema)]
struct BoardDto {
    /// `brd_…`
    #[schema(value_type = String)]
    id: BoardId,
    /// Its name.
    name: String,
    /// Its cards.
    cards: Vec<CardBody>,
    /// Which days it shows; `null` for those of each question.
    period: Option<String>,
    /// Counts the saves, from 1.
    version: i64,
    /// Who made it.
    created_by: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it was last saved.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
}

fn shown(row: &Row) -> Result<BoardDto, Problem> {
    let Kept { cards, period } = row.body()?;
    Ok(BoardDto {
        id: BoardId(row.id),
        name: row.name.clone(),
        cards,
        period,
        version: row.version,
        created_by: row.created_by.clone(),
        created_at: row.created_at(),
        updated_at: row.updated_at(),
    })
}

impl BoardBody {
    fn read(self) -> Result<(String, Kept), Problem> {
        let wrong = |field: String, message: &str| Problem::at(Code::InvalidBody, field, message);
        let name = check_name(&self.name)?;
        if let Some(period) = &self.period
            && whole_days(period).is_none()
        {
            return Err(wrong("period".to_owned(), WHOLE_DAYS));
        }
        if self.cards.len() > MOST_CARDS {
            return Err(wrong("cards".to_owned(), "must not be more than 50"));
        }
        for (card, nth) in self.cards.iter().zip(0..) {
            let at = |field: &str| format!("cards[{nth}].{field}");
            if card.title.chars().count() > 200 || card.title.contains(char::is_control) {
                return Err(wrong(at("title"), "must not have more than 200 characters"));
            }
            if !card.question.is_object() || card.question.to_string().len() > MOST_BYTES {
                return Err(wrong(at("question"), "must be an object of at most 50,000 bytes"));
            }
            if !(1..=2).contains(&card.width) {
                return Err(wrong(at("width"), "must be 1 or 2"));
            }
        }
        Ok((name, Kept { cards: self.cards, period: self.period }))
    }
}

/// Boards, newest first.
#[utoipa::path(get, path = "/api/v1/boards", tag = "insight", params(PageQuery),
    responses((status = 200, body = Page<BoardDto>), (status = "4XX", body = ProblemBody)))]
async fn list_boards(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<BoardDto>>> {
    insight.check(&caller)?;
    let (rows, next) = BOARDS.list(&insight, &caller, &page).await?;
    let items = rows.iter().map(shown).collect::<Result<_, Problem>>()?;
    Ok(Json(Page { items, next }))
}

/// Makes a board.
#[utoipa::path(post, path = "/api/v1/boards", tag = "insight", request_body = BoardBody,
    responses((status = 201, body = BoardDto), (status = "4XX", body = ProblemBody)))]
async fn create_board(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(body): Json<BoardBody>,
) -> ApiResult<(StatusCode, Json<BoardDto>)> {
    caller.require(Area::Segments, Verb::Write)?;
    let (name, kept) = body.read()?;
    let id = insight.ids.next(BoardId);
    let row = BOARDS.make(&insight, &caller, (id.0, id), &name, &kept).await?;
    Ok((StatusCode::CREATED, Json(shown(&row)?)))
}

/// One board.
#[utoipa::path(get, path = "/api/v1/boards/{id}", tag = "insight", params(("id" = String, Path,)),
    responses((status = 200, body = BoardDto), (status = "4XX", body = ProblemBody)))]
async fn get_board(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Path(id): Path<BoardId>,
) -> ApiResult<Json<BoardDto>> {
    insight.check(&caller)?;
    Ok(Json(shown(&BOARDS.get(insight.db.read(), &caller, id.0).await?)?))
}

/// Saves a board. Answers 409 when somebody has saved it since the version that is named.
#[utoipa::path(put, path = "/api/v1/boards/{id}", tag = "insight", params(("id" = String, Path,)),
    request_body = BoardBody,
    responses((status = 200, body = BoardDto), (status = "4XX", body = ProblemBody)))]
async fn replace_board(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Path(id): Path<BoardId>,
    Json(body): Json<BoardBody>,
) -> ApiResult<Json<BoardDto>> {
    caller.require(Area::Segments, Verb::Write)?;
    let version = body.version.ok_or_else(|| Problem::at(Code::InvalidBody, "version", "is missing"))?;
    let (name, kept) = body.read()?;
    let row = BOARDS.replace(&insight, &caller, (id.0, id), version, (&name, &kept)).await?;
    Ok(Json(shown(&row)?))
}

/// Deletes a board.
#[utoipa::path(delete, path = "/api/v1/boards/{id}", tag = "insight", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_board(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Path(id): Path<BoardId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Segments, Verb::Write)?;
    BOARDS.delete(&insight, &caller, (id.0, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
