//! Webhooks after the Standard Webhooks specification: a signed JSON POST that the receiver can
//! recognise when it comes twice.
//!
//! Invariant: the id is the delivery's, on every attempt, so repeating is always safe and no
//! outcome of this channel is unknown.

mod answer;
mod config;
mod signature;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base::{Clock, Code, Problem};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use serde_json::{Value as Json, json};
use url::Url;

use crate::{
    Attempt, Attempted, Channel, ChannelKind, Content, Form, Message, Outcome, Pace, TestStep, Trying, guard::Guard,
};

pub use config::Config;
pub use signature::{Secret, verify};

/// The largest payload, in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// The longest time that a channel may be configured to wait.
const MAX_TIMEOUT: Duration = Duration::from_secs(60);

/// The kind `webhook`.
pub struct WebhookKind {
    clock: Arc<dyn Clock>,
    guard: Guard,
    /// One client for all channels, so that they share connections.
    client: reqwest::Client,
}

impl WebhookKind {
    /// A kind whose channels sign with the time of `clock` and connect only where `guard` allows.
    ///
    /// Errors: [`Code::Internal`] when TLS cannot be set up.
    pub fn new(clock: Arc<dyn Clock>, guard: Guard) -> Result<WebhookKind, Problem> {
        let client = guard.http_client(MAX_TIMEOUT)?;
        Ok(WebhookKind { clock, guard, client })
    }
}

impl ChannelKind for WebhookKind {
    fn kind(&self) -> &'static str {
        "webhook"
    }

    fn names(&self) -> (&'static str, &'static str) {
        ("Webhook", "Webhook")
    }

    fn example(&self) -> Json {
        json!({"url": "https://example.com/hooks/hearth", "timeout_seconds": 15})
    }

    fn form(&self) -> Form {
        Form::Payload
    }

    fn needs_address(&self) -> bool {
        false
    }

    fn destination_fields(&self) -> &'static [&'static str] {
        &["url"]
    }

    fn secret_fields(&self) -> &'static [&'static str] {
        &["secret", "old_secret", "authorization"]
    }

    fn connect(&self, config: &Json) -> Result<Arc<dyn Channel>, Problem> {
        let config = Config::read(config)?;
        let url = self.guard.check_url(&config.url).map_err(|problem| {
            let detail = problem.detail.unwrap_or_else(|| problem.code.title().to_owned());
            Problem::at(problem.code, "url", detail)
        })?;
        Ok(Arc::new(WebhookChannel {
            url,
            secrets: config.secrets()?,
            headers: config.header_map()?,
            timeout: Duration::from_secs(config.timeout_seconds),
            pace: Pace { per_second: config.per_second, concurrency: config.concurrency },
            clock: self.clock.clone(),
            client: self.client.clone(),
        }))
    }
}

/// One receiver.
struct WebhookChannel {
    url: Url,
    /// The one that counts first.
    secrets: Vec<Secret>,
    headers: HeaderMap,
    timeout: Duration,
    pace: Pace,
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
}

/// What is posted.
#[derive(Serialize)]
struct Payload<'a> {
    r#type: &'a str,
    timestamp: base::Time,
    data: &'a Json,
}

#[async_trait]
impl Channel for WebhookChannel {
    async fn send(&self, message: &Message) -> Outcome {
        self.attempt(message, &Attempt::default()).await.outcome
    }

    async fn attempt(&self, message: &Message, attempt: &Attempt) -> Attempted {
        let Content::Json { event_type, body } = &message.content else {
            return refused("a webhook channel takes JSON only");
        };
        let now = self.clock.now();
        let Ok(payload) = serde_json::to_vec(&Payload { r#type: event_type, timestamp: now, data: body }) else {
            return refused("the payload cannot be written as JSON");
        };
        if payload.len() > MAX_BODY {
            return refused("the payload is larger than 1 MB");
        }
        let id = message.delivery.to_string();
        let timestamp = now.millis().div_euclid(1_000);
        let signatures: Vec<String> = self.secrets.iter().map(|secret| secret.sign(&id, timestamp, &payload)).collect();
        let request = self
            .client
            .post(self.url.clone())
            .timeout(self.timeout)
            .headers(self.headers.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures.join(" "))
            .body(payload);
        match request.send().await {
            Ok(response) => answer::of_response(response, now, attempt.wants_answer).await,
            Err(error) => answer::outcome_of_failure(&error, self.timeout).into(),
        }
    }

    async fn test(&self) -> Result<(), Problem> {
        // HEAD asks for nothing; whatever the receiver thinks of the method, it answers.
        let request = self.client.head(self.url.clone()).timeout(self.timeout).headers(self.headers.clone());
        let Err(error) = request.send().await else { return Ok(()) };
        let reason = match answer::outcome_of_failure(&error, self.timeout) {
            Outcome::Broken { reason } | Outcome::Retry { reason, .. } => reason,
            _ => "the request failed".to_owned(),
        };
        Err(Problem::with(Code::ChannelTestFailed, reason))
    }

    async fn try_out(&self) -> Vec<TestStep> {
        let began = self.clock.monotonic();
        let problem = self.test().await.err().map(|problem| problem.detail.unwrap_or_default());
        let took = self.clock.monotonic().saturating_sub(began);
        // Neither paths nor parameters, in which secrets may stand.
        let target = self.url.host_str().unwrap_or_default().to_owned();
        vec![TestStep { path: String::new(), what: Trying::Request, target, problem, took }]
    }

    fn idempotent(&self) -> bool {
        true
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}

fn refused(reason: &str) -> Attempted {
    Outcome::Refused { reason: reason.to_owned(), suppress: false }.into()
}
