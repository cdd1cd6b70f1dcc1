//! Bodies, queries and paths that fail as problems.

use axum::{
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, JsonRejection},
    },
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use base::{Code, Problem, problem::FieldProblem};
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
                JsonRejection::JsonDataError(_) => {
                    let errors = wrong_field(&text).into_iter().collect();
                    return ApiError(Problem { errors, ..Problem::with(Code::InvalidBody, text) });
                }
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

/// Which field does not have the expected form, as the parser says it.
fn wrong_field(text: &str) -> Option<FieldProblem> {
    let said = text.strip_prefix("Failed to deserialize the JSON body into the target type: ")?;
    let said = said.rsplit_once(" at line ").map_or(said, |(said, _)| said);
    let is_path = |path: &str| !path.contains(char::is_whitespace);
    let (path, message) = said.split_once(": ").filter(|(path, _)| is_path(path)).unwrap_or(("", said));
    let quoted = |rest: &str| rest.split('`').next().unwrap_or_default().to_owned();
    let (field, message) = if let Some(rest) = message.strip_prefix("missing field `") {
        (quoted(rest), "is missing".to_owned())
    } else if let Some(rest) = message.strip_prefix("unknown field `") {
        let expected = rest.split_once("expected ").map_or("none", |(_, expected)| expected);
        let expected = expected.trim_start_matches("one of ").replace('`', "");
        (quoted(rest), format!("is not one of the fields here; expected {expected}"))
    } else {
        (String::new(), message.to_owned())
    };
    // The parser names an unknown field with its path as well.
    let is_named = field.is_empty() || path == field || path.ends_with(&format!(".{field}"));
    let path = match (path.is_empty(), is_named) {
        (_, true) => path.to_owned(),
        (true, false) => field,
        (false, false) => format!("{path}.{field}"),
    };
    Some(FieldProblem { path, code: Code::InvalidBody.as_str(), message })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_did_not_expect_is_said_at_its_field() {
        let cases = [
            ("missing field `email` at line 1 column 2", "email", "is missing"),
            ("rule.all[2]: missing field `event` at line 1 column 90", "rule.all[2].event", "is missing"),
            ("colour: unknown field `colour`, expected `name` at line 1 column 9", "colour", "expected name"),
            ("a.b: unknown field `b`, expected one of `c`, `d` at line 1 column 9", "a.b", "expected c, d"),
            (
                "role: unknown variant `king`, expected one of `viewer`, `owner` at line 1 column 9",
                "role",
                "unknown variant",
            ),
            ("invalid type: sequence, expected struct X at line 1 column 0", "", "invalid type: sequence"),
            (
                "ids[0]: invalid type: integer `1`, expected a string at line 1 column 9",
                "ids[0]",
                "invalid type: integer",
            ),
        ];
        for (said, path, part) in cases {
            let text = format!("Failed to deserialize the JSON body into the target type: {said}");
            let wrong = wrong_field(&text).unwrap();
            assert_eq!(wrong.path, path, "{said}");
            assert!(wrong.message.contains(part) && !wrong.message.contains("at line"), "{}", wrong.message);
        }
        assert_eq!(wrong_field("Failed to parse the request body as JSON"), None);
    }
}
