//! The replies of the ways in.

use api::ApiError;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Code, Problem, Time};
use serde_json::{Value, json};

use super::{
    accept::{MAX_REFUSED_LISTED, Outcome},
    refusal::Refusal,
};

/// The reply to a request that was taken in: 200 when at least one record (or none of none) was
/// accepted, 400 when all were refused.
pub fn of_outcome(outcome: &Outcome) -> Response {
    if outcome.refused == 0 {
        let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        return (headers, r#"{"success":true}"#).into_response();
    }
    if outcome.accepted > 0 {
        let mut body = json!({ "success": true });
        name_refused(&mut body, outcome);
        return Json(body).into_response();
    }
    let Some((_, first)) = outcome.refusals.first() else {
        return ApiError(Problem::new(Code::Internal)).into_response();
    };
    let detail = match outcome.refused {
        1 => first.message.to_string(),
        many => format!("none of the {many} records was accepted; the first: {}", first.message),
    };
    let mut body = Problem::with(first.code, detail).to_json();
    body["status"] = json!(400);
    // As problems of fields are, with the place of the record for a path.
    body["errors"] = outcome
        .refusals
        .iter()
        .map(|(index, refusal)| {
            let mut entry = entry(*index, refusal);
            entry["path"] = json!(format!("[{index}]"));
            entry
        })
        .collect();
    if outcome.refused > MAX_REFUSED_LISTED {
        body["rejected_count"] = json!(outcome.refused);
    }
    let mut response = (StatusCode::BAD_REQUEST, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The reply to a request of which nothing was taken in.
pub fn of_problem(problem: Problem, now: Time) -> Response {
    let reset = problem.retry_after.filter(|_| problem.code == Code::RateLimited);
    let mut response = ApiError(problem).into_response();
    if let Some(seconds) = reset {
        let reset = now.millis().div_euclid(1_000).saturating_add_unsigned(seconds);
        response.headers_mut().insert("x-ratelimit-reset", HeaderValue::from(reset));
    }
    response
}

/// Adds to a reply how many records were accepted and which were refused, if any was.
pub fn name_refused(body: &mut Value, outcome: &Outcome) {
    if outcome.refused > 0 {
        body["accepted"] = json!(outcome.accepted);
        body["rejected_count"] = json!(outcome.refused);
        body["rejected"] = list(outcome);
    }
}

fn list(outcome: &Outcome) -> Value {
    outcome.refusals.iter().map(|(index, refusal)| entry(*index, refusal)).collect()
}

fn entry(index: usize, refusal: &Refusal) -> Value {
    json!({
        "index": index,
        "messageId": refusal.message_id,
        "code": refusal.code.as_str(),
        "message": refusal.message,
    })
}
