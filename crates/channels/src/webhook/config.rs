//! The configuration of a webhook.

use std::collections::BTreeMap;

use base::Problem;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value as Json;

use super::signature::Secret;
use crate::config::{self, within, wrong};

const MAX_HEADERS: usize = 20;
const MAX_HEADER_VALUE: usize = 1_000;

/// A receiver and how to speak to it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where to post.
    pub url: String,
    /// The signing secret: `whsec_` and the base64 of 24 to 64 random bytes. Secret.
    pub secret: String,
    /// While receivers change from one secret to the next: the one before, with which each request is signed as well.
    /// Secret.
    #[serde(default)]
    pub old_secret: Option<String>,
    /// The value of an `Authorization` header, where the receiver wants one. Secret.
    #[serde(default)]
    pub authorization: Option<String>,
    /// More headers. They are shown to everyone who may see the channel, so nothing secret
    /// belongs here.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Messages per second.
    #[serde(default = "default_per_second")]
    pub per_second: f64,
    /// Requests at the same time.
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
    /// Seconds after which one attempt is given up.
    #[serde(default = "default_timeout_seconds")]
    pub timeout_seconds: u64,
}

fn default_per_second() -> f64 {
    50.0
}

fn default_concurrency() -> usize {
    16
}

fn default_timeout_seconds() -> u64 {
    10
}

impl Config {
    /// Reads and checks a configuration; the address is judged by the guard later.
    ///
    /// Errors: [`base::Code::InvalidChannel`] with the path of the field.
    pub fn read(json: &Json) -> Result<Config, Problem> {
        let config: Config = config::read(json)?;
        within("per_second", config.per_second, 0.001, 10_000.0)?;
        within("concurrency", config.concurrency, 1, 500)?;
        within("timeout_seconds", config.timeout_seconds, 1, 60)?;
        config.secrets()?;
        config.header_map()?;
        Ok(config)
    }

    /// The signing keys, the one that counts first.
    pub fn secrets(&self) -> Result<Vec<Secret>, Problem> {
        let read = |path: &str, text: &str| {
            Secret::parse(text).ok_or_else(|| wrong(path, "must be whsec_ and the base64 of 24 to 64 bytes"))
        };
        let mut secrets = vec![read("secret", &self.secret)?];
        if let Some(text) = self.old_secret.as_deref().filter(|text| !text.is_empty()) {
            secrets.push(read("old_secret", text)?);
        }
        Ok(secrets)
    }

    /// The operator's headers; the secret one is marked so that nothing prints it.
    pub fn header_map(&self) -> Result<HeaderMap, Problem> {
        if self.headers.len() > MAX_HEADERS {
            return Err(wrong("headers", format!("must be at most {MAX_HEADERS}")));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let path = || format!("headers.{name}");
            let header =
                HeaderName::try_from(name.as_str()).map_err(|_| wrong(path(), "is not the name of a header"))?;
            if let Some(reason) = why_reserved(header.as_str()) {
                return Err(wrong(path(), reason));
            }
            headers.insert(header, header_value(value).ok_or_else(|| wrong(path(), "is not a header's value"))?);
        }
        if let Some(text) = self.authorization.as_deref().filter(|text| !text.is_empty()) {
            let mut value = header_value(text).ok_or_else(|| wrong("authorization", "is not a header's value"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }
}

fn header_value(text: &str) -> Option<HeaderValue> {
    if text.len() > MAX_HEADER_VALUE {
        return None;
    }
    HeaderValue::from_str(text).ok()
}

/// Headers that the operator cannot set, and why.
fn why_reserved(name: &str) -> Option<&'static str> {
    match name {
        "authorization" | "proxy-authorization" | "cookie" => {
            Some("would be shown to everyone: use the secret field \"authorization\"")
        }
        "host" | "content-length" | "content-type" | "transfer-encoding" | "connection" | "upgrade" | "te"
        | "trailer" | "expect" | "keep-alive" => Some("is set by the protocol"),
        name if name.starts_with("webhook-") => Some("is set by the signature"),
        _ => None,
    }
}
