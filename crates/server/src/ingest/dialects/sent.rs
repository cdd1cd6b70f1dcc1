//! One request of a dialect: its parameters, the keys it may carry, and its body as text, taken out of forms, base64
//! and gzip within bounds.

use axum::{
    body::Body,
    http::{header, request::Parts},
};
use base::{Code, Problem};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use bytes::Bytes;
use url::form_urlencoded;

use crate::ingest::{
    body::{self, Bound},
    envelope,
};

/// How many parameters of a request are looked at.
const MAX_PARAMETERS: usize = 32;
/// How long a parameter may be; longer ones are passed over.
const MAX_PARAMETER_BYTES: usize = 1_024;
/// Base64 with or without the padding at its end: the SDKs do not agree.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What one request says.
pub struct Sent {
    head: Parts,
    /// Of the address first, then of the form.
    parameters: Vec<(String, String)>,
    /// Whether the body was a form.
    pub is_form: bool,
    body: Bytes,
}

impl Sent {
    /// What stands in the address and the headers.
    pub fn new(head: Parts) -> Sent {
        let mut sent = Sent { head, parameters: Vec::new(), is_form: false, body: Bytes::new() };
        let query = sent.head.uri.query().unwrap_or_default().to_owned();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            sent.keep(&name, &value);
        }
        sent
    }

    /// Reads the body.
    pub async fn receive(&mut self, body: Body, bound: &mut Bound<'_>) -> Result<(), Problem> {
        self.body = body::read_any(&self.head.headers, body, bound).await?;
        self.is_form = is_form(&self.head, &self.body);
        if !self.is_form {
            return Ok(());
        }
        let form = std::mem::take(&mut self.body);
        let mut data = None;
        for (name, value) in form_urlencoded::parse(&form) {
            match name.as_ref() {
                "data" | "data_list" => data = Some(value.into_owned()),
                _ => self.keep(&name, &value),
            }
        }
        let decoded = match &data {
            Some(data) => decode(data, bound),
            None => Err(Problem::with(Code::MissingField, "data, the field of the form with the records, is missing")),
        };
        // What cannot be decoded is kept as it came.
        self.body = match (&decoded, data) {
            (Ok(text), _) => text.clone(),
            (Err(_), Some(data)) => data.into(),
            (Err(_), None) => form,
        };
        decoded.map(drop)
    }

    /// The body, taken out of form, base64 and gzip as far as that went.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> Result<&str, Problem> {
        envelope::text(&self.body)
    }

    /// The first parameter with this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// What may be the write key in the `Authorization` header: user name, password, bearer token.
    pub fn secrets(&self) -> Vec<String> {
        let Some((scheme, credentials)) = self.header(header::AUTHORIZATION.as_str()).and_then(|v| v.split_once(' '))
        else {
            return Vec::new();
        };
        let mut secrets = Vec::new();
        if scheme.eq_ignore_ascii_case("bearer") {
            secrets.push(credentials.trim().to_owned());
        } else if scheme.eq_ignore_ascii_case("basic")
            && let Ok(pair) = STANDARD.decode(credentials.trim())
            && let Ok(pair) = String::from_utf8(pair)
        {
            secrets.extend(pair.splitn(2, ':').map(str::to_owned));
        }
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }

    fn keep(&mut self, name: &str, value: &str) {
        if self.parameters.len() < MAX_PARAMETERS && name.len() + value.len() <= MAX_PARAMETER_BYTES {
            self.parameters.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// Some SDKs send a form as plain text.
fn is_form(head: &Parts, body: &[u8]) -> bool {
    let media = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = matches!(body.trim_ascii_start().first(), None | Some(b'{' | b'['));
    let names_form = media.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
    let looks_like_one = body.starts_with(b"data=") || body.starts_with(b"data_list=");
    !is_json && (names_form || looks_like_one)
}

/// JSON as it is, or in base64, which may be packed underneath.
fn decode(data: &str, bound: &mut Bound<'_>) -> Result<Bytes, Problem> {
    let data = data.trim_ascii();
    if data.starts_with(['{', '[']) {
        return Ok(Bytes::copy_from_slice(data.as_bytes()));
    }
    // A plus sign that was not escaped has become a blank.
    let data: Vec<u8> = data
        .bytes()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .map(|byte| if byte == b' ' { b'+' } else { byte })
        .collect();
    let decoded = BASE64
        .decode(&data)
        .map_err(|_| Problem::with(Code::MalformedJson, "data is neither JSON nor base64 of it"))?;
    if body::is_gzip(&decoded) { body::unpack(&decoded, bound) } else { Ok(decoded.into()) }
}
