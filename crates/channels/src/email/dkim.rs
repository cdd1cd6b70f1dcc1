//! Signing messages: DKIM (RFC 6376) with RSA and with Ed25519 (RFC 8463), `relaxed/relaxed`.
//!
//! A message is signed as it goes over the wire, so what is signed is what was written. Both headers of one-click
//! unsubscribing are covered, as RFC 8058 demands; `From` and `Subject` are named once more than they stand there
//! (oversigned), so that nobody can add a second one.

mod canonical;
mod generate;

use base::{Problem, Time};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Host;

use crate::config::wrong;
use canonical::{Field, body_relaxed, field_relaxed, split};

pub use generate::{Algorithm, GeneratedKey, generate};

/// The most keys of one channel.
const MAX_KEYS: usize = 20;
const MAX_KEY_BYTES: usize = 10_000;
/// What is signed, where it stands in a message; in the order in which it is named.
const SIGNED: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "x-hearth-delivery",
];
/// What is named once more than it stands there.
const OVERSIGNED: &[&str] = &["from", "subject"];
/// Characters of the signature on one line.
const LINE: usize = 72;

/// A key of the configuration.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyConfig {
    /// The domain that signs; messages from it and from the domains below it are signed.
    pub domain: String,
    /// Which of the domain's keys it is: its public half stands at `<selector>._domainkey.<domain>`.
    pub selector: String,
    /// The private key in PEM form (PKCS#8, or PKCS#1 for RSA). Secret.
    pub private_key: String,
    /// Whether it signs. A key whose record is not published yet must not.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn yes() -> bool {
    true
}

/// Signs the messages of one sender.
pub struct Signers(Vec<Signer>);

struct Signer {
    domain: String,
    selector: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

/// Checks keys, also those that do not sign.
///
/// Errors: [`base::Code::InvalidChannel`] with the path of the field.
pub fn check(keys: &[KeyConfig]) -> Result<(), Problem> {
    if keys.len() > MAX_KEYS {
        return Err(wrong("dkim", format!("are at most {MAX_KEYS}")));
    }
    for (at, key) in keys.iter().enumerate() {
        let twin = |other: &KeyConfig| other.domain == key.domain && other.selector == key.selector;
        if keys[..at].iter().any(twin) {
            return Err(wrong(format!("dkim[{at}].selector"), "names a key that stands above"));
        }
        read(at, key)?;
    }
    Ok(())
}

impl Signers {
    /// The keys that sign for a sender in `domain`: those of the nearest domain that has any.
    ///
    /// Errors: [`base::Code::InvalidChannel`] with the path of the field.
    pub fn of(keys: &[KeyConfig], domain: &str) -> Result<Signers, Problem> {
        let domain = domain.to_ascii_lowercase();
        let mut signers = Vec::new();
        for (at, key) in keys.iter().enumerate().filter(|(_, key)| key.enabled) {
            let signer = read(at, key)?;
            if domain == signer.domain || domain.ends_with(&format!(".{}", signer.domain)) {
                signers.push(signer);
            }
        }
        let nearest = signers.iter().map(|signer| signer.domain.len()).max();
        signers.retain(|signer| Some(signer.domain.len()) == nearest);
        Ok(Signers(signers))
    }

    /// Puts a signature of each key before the message. `None` when a key fails, which it never does once it is read.
    pub fn sign(&self, message: Vec<u8>, now: Time) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return Some(message);
        }
        let (fields, body) = split(&message);
        let body_hash = BASE64_STANDARD.encode(Sha256::digest(body_relaxed(body)));
        let mut signed = Vec::with_capacity(message.len() + 1_000 * self.0.len());
        for signer in &self.0 {
            signed.extend_from_slice(signer.header(&fields, &body_hash, now)?.as_bytes());
        }
        signed.extend_from_slice(&message);
        Some(signed)
    }
}

impl Signer {
    fn header(&self, fields: &[Field<'_>], body_hash: &str, now: Time) -> Option<String> {
        let (names, mut input) = signed_fields(fields);
        let algorithm = match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let (domain, selector, seconds) = (&self.domain, &self.selector, now.millis() / 1_000);
        let header = format!(
            "DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed; d={domain};\r\n\ts={selector}; t={seconds};\r\n\t\
             h={};\r\n\tbh={body_hash};\r\n\tb=",
            names.join(":\r\n\t ")
        );
        let (name, value) = header.split_once(':')?;
        field_relaxed(&Field { name: name.as_bytes(), value: value.as_bytes() }, &mut input);
        let signature = BASE64_STANDARD.encode(self.key.sign(&input)?);
        let lines: Vec<&str> =
            signature.as_bytes().chunks(LINE).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        Some(format!("{header}{}\r\n", lines.join("\r\n\t ")))
    }
}

impl Key {
    fn sign(&self, input: &[u8]) -> Option<Vec<u8>> {
        match self {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input, &mut signature).ok()?;
                Some(signature)
            }
            // RFC 8463, section 3: the hash is what is signed.
            Key::Ed25519(pair) => Some(pair.sign(&Sha256::digest(input)).as_ref().to_vec()),
        }
    }

    /// What stands in the record of the public key.
    fn record(&self) -> String {
        match self {
            Key::Rsa(pair) => {
                let key = generate::subject_public_key(pair.public_key().as_ref());
                format!("v=DKIM1; k=rsa; p={}", BASE64_STANDARD.encode(key))
            }
            Key::Ed25519(pair) => {
                format!("v=DKIM1; k=ed25519; p={}", BASE64_STANDARD.encode(pair.public_key().as_ref()))
            }
        }
    }
}

/// The names of what is signed, and it in its canonical form.
fn signed_fields(fields: &[Field<'_>]) -> (Vec<&'static str>, Vec<u8>) {
    let mut names = Vec::new();
    let mut input = Vec::new();
    for name in SIGNED {
        // Of several the last counts first (section 5.4.2).
        for field in fields.iter().rev().filter(|field| field.is(name)) {
            names.push(*name);
            field_relaxed(field, &mut input);
            input.extend_from_slice(b"\r\n");
        }
    }
    names.extend(OVERSIGNED);
    (names, input)
}

fn read(at: usize, config: &KeyConfig) -> Result<Signer, Problem> {
    let path = |field: &str| format!("dkim[{at}].{field}");
    let domain = domain(&config.domain).map_err(|error| wrong(path("domain"), error))?;
    if !is_selector(&config.selector) {
        return Err(wrong(path("selector"), "has 1 to 63 letters, digits, hyphens and dots"));
    }
    let key = read_key(&config.private_key).map_err(|error| wrong(path("private_key"), error))?;
    Ok(Signer { domain, selector: config.selector.to_ascii_lowercase(), key })
}

/// A domain in ASCII and lower case.
pub(super) fn domain(text: &str) -> Result<String, &'static str> {
    match Host::parse(text) {
        Ok(Host::Domain(domain)) if domain.contains('.') && !domain.ends_with('.') && !text.contains('%') => Ok(domain),
        _ => Err("is not a domain"),
    }
}

fn is_selector(text: &str) -> bool {
    let is_label = |label: &str| {
        let fits = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        !label.is_empty() && fits && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 63 && text.split('.').all(is_label)
}

fn read_key(pem: &str) -> Result<Key, String> {
    if pem.len() > MAX_KEY_BYTES {
        return Err(format!("is longer than {MAX_KEY_BYTES} bytes"));
    }
    let unfit = "is an RSA key that cannot sign: it needs 2048 to 4096 bits and all its parts";
    match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
        Ok(PrivateKeyDer::Pkcs1(der)) => {
            let pair = RsaKeyPair::from_der(der.secret_pkcs1_der());
            pair.map(|pair| Key::Rsa(Box::new(pair))).map_err(|error| format!("{unfit} ({error})"))
        }
        Ok(PrivateKeyDer::Pkcs8(der)) => {
            let der = der.secret_pkcs8_der();
            if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
                return Ok(Key::Ed25519(pair));
            }
            match RsaKeyPair::from_pkcs8(der) {
                Ok(pair) => Ok(Key::Rsa(Box::new(pair))),
                Err(error) if error.to_string() == "WrongAlgorithm" => {
                    Err("is neither an RSA nor an Ed25519 key".to_owned())
                }
                Err(error) => Err(format!("{unfit} ({error})")),
            }
        }
        Ok(_) => Err("is a key of another kind: DKIM takes RSA and Ed25519".to_owned()),
        Err(_) => Err("is not a private key in PEM form (PKCS#8 or PKCS#1, without a passphrase)".to_owned()),
    }
}

#[cfg(test)]
mod tests;
