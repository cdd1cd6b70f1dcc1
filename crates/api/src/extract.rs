//! Bodies, queries and paths that fail as problems.

use axum::{
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, JsonRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use base::{Code, Problem};
use serde::{Serialize, de::DeserializeOwned};

use crate::ApiError;

/// A JSON body or reply.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let axum::Json(value) = axum::Json::<T>::from_request(request, state).await.map_err(|rejection| {
            let text = rejection.body_text();
            let code = match &rejection {
                JsonRejection::JsonDataError(_) => Code::InvalidBody,
                JsonRejection::JsonSyntaxError(_) if gave_up_with(&text, "recursion limit exceeded") => {
                    return ApiError(Problem::with(Code::TooDeep, "the body is nested more than 127 levels deep"));
                }
                JsonRejection::JsonSyntaxError(_) if gave_up_with(&text, "number out of range") => {
                    Code::NumberOutOfRange
                }
                JsonRejection::JsonSyntaxError(_) => Code::MalformedJson,
                JsonRejection::MissingJsonContentType(_) => Code::UnsupportedMedia,
                JsonRejection::BytesRejection(_) => code_of_unread(rejection.status()),
                _ => Code::MalformedJson,
            };
            ApiError(Problem::with(code, text))
        })?;
        Ok(Json(value))
    }
}

/// Whether the parser gave up for this reason. It stands behind the path, which is the sender's.
fn gave_up_with(text: &str, reason: &str) -> bool {
    let cause = text.rsplit(": ").next().unwrap_or_default();
    cause.strip_prefix(reason).is_some_and(|place| place.starts_with(" at line "))
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The problem of a body that could not be read, for handlers that take it as bytes.
pub fn unread_body(rejection: BytesRejection) -> ApiError {
    ApiError(Problem::with(code_of_unread(rejection.status()), rejection.body_text()))
}

fn code_of_unread(status: StatusCode) -> Code {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Code::BodyTooLarge } else { Code::MalformedJson }
}

/// A query string.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| ApiError(Problem::with(Code::InvalidQuery, rejection.body_text())))?;
        Ok(Query(query.0))
    }
}

/// Parts of the path.
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| ApiError(Problem::with(Code::InvalidPath, rejection.body_text())))?;
        Ok(Path(path.0))
    }
}
