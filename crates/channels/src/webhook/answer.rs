//! What a receiver's answer means for the message.

use std::{error::Error, time::Duration};

use base::{Code, Problem, Time};
use mail_parser::DateTime;
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use serde_json::Value as Json;

use crate::{Answer, Attempted, Later, Outcome, reason::plain_line};

/// How much of an answer is read that nobody waits for, in bytes.
const MAX_ANSWER: usize = 4 * 1024;
/// The largest answer that is taken where somebody waits for it, in bytes.
const MAX_WANTED_ANSWER: usize = 64 * 1024;
/// How much of it the ledger keeps, in characters.
const MAX_QUOTE: usize = 200;
/// The longest wait that a receiver may ask for.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a receiver that says "too many" without saying until when is left alone.
const DEFAULT_WAIT: Duration = Duration::from_secs(60);

/// What became of a message that was answered. The answer itself is returned where somebody waits for it.
pub async fn of_response(response: Response, now: Time, wants_answer: bool) -> Attempted {
    let status = response.status();
    let wait = retry_after(response.headers(), now);
    let is_json = is_json(response.headers());
    let (bytes, end) = read_some(response, if wants_answer { MAX_WANTED_ANSWER } else { MAX_ANSWER }).await;
    let quote = plain_line(&String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_ANSWER)]), MAX_QUOTE);
    let outcome = outcome(status, wait, &quote);
    let later = match status {
        StatusCode::TOO_MANY_REQUESTS => Later::Throttled,
        StatusCode::SERVICE_UNAVAILABLE if wait.is_some() => Later::Throttled,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => Later::Unreachable,
        _ => Later::Temporary,
    };
    let answer = wants_answer.then(|| Answer { status: status.as_u16(), body: read_body(&bytes, end, is_json) });
    Attempted { outcome, later, answer, through: None }
}

fn outcome(status: StatusCode, wait: Option<Duration>, quote: &str) -> Outcome {
    if status.is_success() {
        return Outcome::Accepted { provider_id: None };
    }
    let reason = match quote.is_empty() {
        true => format!("the receiver answered {}", status.as_u16()),
        false => format!("the receiver answered {}: {quote}", status.as_u16()),
    };
    match status {
        StatusCode::TOO_MANY_REQUESTS => Outcome::Retry { reason, after: wait.or(Some(DEFAULT_WAIT)) },
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY => Outcome::Retry { reason, after: wait },
        status if status.is_server_error() => Outcome::Retry { reason, after: wait },
        status if status.is_redirection() => {
            Outcome::Broken { reason: format!("{reason}; redirects are not followed, set the final url") }
        }
        status if concerns_every_message(status) => Outcome::Broken { reason },
        _ => Outcome::Refused { reason, suppress: false },
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// The answer as JSON, or why there is none.
fn read_body(bytes: &[u8], end: End, is_json: bool) -> Result<Json, String> {
    match end {
        End::TooLarge => return Err(format!("the answer is larger than {} KB", MAX_WANTED_ANSWER / 1024)),
        End::BrokenOff => return Err("the answer broke off".to_owned()),
        End::Whole => {}
    }
    if bytes.is_empty() {
        return Err("the answer is empty".to_owned());
    }
    if !is_json {
        return Err("the answer is not application/json".to_owned());
    }
    serde_json::from_slice(bytes).map_err(|error| format!("the answer is not valid JSON: {error}"))
}

/// Whether the receiver would answer any message so: it does not know us, or is not there any more.
fn concerns_every_message(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::PROXY_AUTHENTICATION_REQUIRED
            | StatusCode::GONE
    )
}

/// What became of a message that was not answered. The receiver knows the id, so that even
/// after the body was sent another attempt does no harm.
pub fn outcome_of_failure(error: &reqwest::Error, timeout: Duration) -> Outcome {
    let mut innermost: &dyn Error = error;
    loop {
        if let Some(problem) = innermost.downcast_ref::<Problem>()
            && problem.code == Code::ForbiddenAddress
        {
            return Outcome::Broken { reason: problem.to_string() };
        }
        let Some(deeper) = innermost.source() else { break };
        innermost = deeper;
    }
    if error.is_builder() {
        return Outcome::Broken { reason: "the request cannot be built from the configuration".to_owned() };
    }
    if error.is_timeout() {
        return Outcome::Retry { reason: format!("no answer within {} s", timeout.as_secs()), after: None };
    }
    // The innermost error does not name the URL, which may contain a token.
    let what = if error.is_connect() { "cannot connect" } else { "the connection failed" };
    Outcome::Retry { reason: format!("{what}: {}", plain_line(&innermost.to_string(), MAX_QUOTE)), after: None }
}

/// How the reading of an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    TooLarge,
    BrokenOff,
}

/// The beginning of an answer, at most `limit` bytes.
async fn read_some(mut response: Response, limit: usize) -> (Vec<u8>, End) {
    let mut answer: Vec<u8> = Vec::new();
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return (answer, End::Whole),
            Err(_) => return (answer, End::BrokenOff),
        };
        let room = limit - answer.len();
        answer.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return (answer, End::TooLarge);
        }
    }
}

/// The wait that `Retry-After` asks for, in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: Time) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(MAX_WAIT));
    }
    let date = DateTime::parse_rfc822(text).filter(DateTime::is_valid)?;
    let wait = date.to_timestamp().saturating_mul(1_000).saturating_sub(now.millis());
    Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0)).min(MAX_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms_and_bounded() {
        let now = Time::from_millis(1_763_712_000_000);
        let read = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now)
        };
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("Fri, 21 Nov 2025 08:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(read("Fri, 21 Nov 2025 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("18446744073709551615"), Some(MAX_WAIT));
        assert_eq!(read("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
