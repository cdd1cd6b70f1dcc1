//! Problems as replies.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Code, Problem};
use serde::Serialize;
use store::DbErr;
use utoipa::ToSchema;

/// What a handler returns when it cannot do what was asked.
#[derive(Debug)]
pub struct ApiError(pub Problem);

/// The result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// An RFC 9457 problem, as it stands in the body.
#[derive(Serialize, ToSchema)]
pub struct ProblemBody {
    /// `urn:hearth:problem:` and the code.
    pub r#type: String,
    /// What happened, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code to match on.
    pub code: String,
    /// The detail, or else the title; for clients that only show one text.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// What happened and what to do about it, for people.
    pub words: ProblemWords,
    /// What is wrong this time.
    pub detail: Option<String>,
    /// The wrong parts of the request, by path.
    pub errors: Option<Vec<ProblemOfField>>,
}

/// What is wrong with one part of a request.
#[derive(Serialize, ToSchema)]
pub struct ProblemOfField {
    /// JSON path from the root of the body, such as `rule.all[2].within`; of a batch of which all was refused the place of
    /// the record, such as `[3]`.
    pub path: String,
    /// The stable code.
    pub code: String,
    /// What is wrong with it, in English.
    pub message: String,
    /// The same for people; left out where there are no words but the message.
    pub words: Option<ProblemWords>,
}

/// A text for people.
#[derive(Serialize, ToSchema)]
pub struct ProblemWords {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

/// Why something failed that nobody waited for: a stable code with words for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorWords {
    /// The code, of the same catalogue as those of problems.
    pub code: String,
    /// What happened and what to do about it, in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

impl ErrorWords {
    /// The words for a code that is kept; of one that this program does not know, those for an error of its own.
    pub fn of(code: &str) -> ErrorWords {
        let known = Code::of(code).unwrap_or(Code::Internal);
        ErrorWords { code: code.to_owned(), en: known.in_english(), zh: known.in_chinese().to_owned() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self.0.to_json())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        ApiError(problem)
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        ApiError(Problem::new(code))
    }
}

impl From<DbErr> for ApiError {
    fn from(error: DbErr) -> Self {
        if store::is_disk_full(&error) {
            return ApiError(Problem::new(Code::DiskFull).retry_after(5));
        }
        tracing::error!(%error, "database error");
        ApiError(Problem::new(Code::Internal))
    }
}
