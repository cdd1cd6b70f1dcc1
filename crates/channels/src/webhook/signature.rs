//! The signature of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in base64, as
//! `v1,…`; several signatures are separated by spaces.

use std::{fmt, time::Duration};

use base::{Code, Problem, Time};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const PREFIX: &str = "whsec_";
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// How many signatures of one request are looked at.
const MAX_SIGNATURES: usize = 10;

/// A signing key.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Reads `whsec_` and the base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Option<Secret> {
        let key = BASE64_STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        KEY_BYTES.contains(&key.len()).then_some(Secret(key))
    }

    /// The value of `webhook-signature` for a body. `timestamp` is in seconds since 1970.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mac = self.mac(id, &timestamp.to_string(), body);
        let sum = mac.map(|mac| BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        format!("v1,{}", sum.unwrap_or_default())
    }

    /// `None` never comes: HMAC takes a key of any length.
    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        Some(mac)
    }
}

/// Checks an inbound request: `id`, `timestamp` and `signature` are the values of its `webhook-…`
/// headers, `tolerance` is how far its time may lie from `now` on either side (the
/// specification suggests 5 minutes). Signatures are compared in constant time.
///
/// Errors: [`Code::InvalidSignature`].
pub fn verify(
    secret: &Secret,
    id: &str,
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: Time,
    tolerance: Duration,
) -> Result<(), Problem> {
    let invalid = |detail: &str| Problem::with(Code::InvalidSignature, detail);
    if id.is_empty() || id.len() > 256 {
        return Err(invalid("webhook-id is missing or too long"));
    }
    let seconds: i64 = timestamp.parse().map_err(|_| invalid("webhook-timestamp is not a number of seconds"))?;
    let distance = seconds.saturating_mul(1_000).abs_diff(now.millis());
    if u128::from(distance) > tolerance.as_millis() {
        return Err(invalid("webhook-timestamp is too old or in the future"));
    }
    for candidate in signature.split(' ').take(MAX_SIGNATURES) {
        let Some(sum) = candidate.strip_prefix("v1,").and_then(|text| BASE64_STANDARD.decode(text).ok()) else {
            continue;
        };
        if secret.mac(id, timestamp, body).is_some_and(|mac| mac.verify_slice(&sum).is_ok()) {
            return Ok(());
        }
    }
    Err(invalid("no signature in webhook-signature matches"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed by the reference implementation for Python (package `standardwebhooks`).
    const SECRET: &str = "whsec_aGVhcnRoLXdlYmhvb2stc2VjcmV0LTAxMjM0NTY3ODk=";
    const ID: &str = "dlv_01jd2q7w8k3xv";
    const TIMESTAMP: i64 = 1_763_712_000;
    const BODY: &str = r#"{"type":"journey.step","timestamp":"2025-11-21T08:00:00.000Z","data":{"name":"李雷"}}"#;
    const SIGNATURE: &str = "v1,AF16WDUnrVqo/x+bCif2gY/gjqvWb2vQ4+cd/E92ERo=";
    const TOLERANCE: Duration = Duration::from_secs(300);

    fn check(id: &str, timestamp: &str, signature: &str, body: &str, now_seconds: i64) -> Result<(), Problem> {
        let secret = Secret::parse(SECRET).unwrap();
        let now = Time::from_millis(now_seconds * 1_000);
        verify(&secret, id, timestamp, signature, body.as_bytes(), now, TOLERANCE)
    }

    #[test]
    fn the_signature_is_that_of_the_reference_implementation() {
        assert_eq!(Secret::parse(SECRET).unwrap().sign(ID, TIMESTAMP, BODY.as_bytes()), SIGNATURE);
    }

    #[test]
    fn a_good_signature_is_taken_also_among_others() {
        let at = TIMESTAMP.to_string();
        assert!(check(ID, &at, SIGNATURE, BODY, TIMESTAMP).is_ok());
        assert!(check(ID, &at, SIGNATURE, BODY, TIMESTAMP + 300).is_ok());
        assert!(check(ID, &at, SIGNATURE, BODY, TIMESTAMP - 300).is_ok());
        assert!(check(ID, &at, &format!("v1,AAAA v2,x {SIGNATURE}"), BODY, TIMESTAMP).is_ok());
    }

    #[test]
    fn anything_changed_or_late_is_refused() {
        let at = TIMESTAMP.to_string();
        let later = (TIMESTAMP + 1).to_string();
        for (id, timestamp, signature, body, now) in [
            ("dlv_01jd2q7w8k3xw", at.as_str(), SIGNATURE, BODY, TIMESTAMP),
            (ID, later.as_str(), SIGNATURE, BODY, TIMESTAMP),
            (ID, at.as_str(), SIGNATURE, "{}", TIMESTAMP),
            (ID, at.as_str(), &SIGNATURE.replacen("v1", "v2", 1), BODY, TIMESTAMP),
            (ID, at.as_str(), "v1,", BODY, TIMESTAMP),
            (ID, at.as_str(), "", BODY, TIMESTAMP),
            (ID, at.as_str(), SIGNATURE, BODY, TIMESTAMP + 301),
            (ID, at.as_str(), SIGNATURE, BODY, TIMESTAMP - 301),
            (ID, "9223372036854775807", SIGNATURE, BODY, TIMESTAMP),
            (ID, "now", SIGNATURE, BODY, TIMESTAMP),
            ("", at.as_str(), SIGNATURE, BODY, TIMESTAMP),
        ] {
            let refused = check(id, timestamp, signature, body, now).unwrap_err();
            assert_eq!(refused.code, Code::InvalidSignature, "{id} {timestamp} {signature}");
        }
    }

    #[test]
    fn a_weak_or_malformed_secret_is_not_a_secret() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "aGVhcnRoLXdlYmhvb2stc2VjcmV0LTAxMjM0NTY3ODk=", "whsec_!!!"] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
        assert!(Secret::parse(&format!("whsec_{}", BASE64_STANDARD.encode([7u8; 65]))).is_none());
    }
}
