//! Making keys.

use base64::{Engine, prelude::BASE64_STANDARD};
use rsa::{RsaPrivateKey, pkcs1::EncodeRsaPrivateKey, rand_core};
use serde::Deserialize;

use super::{domain, is_selector, read_key};

const RSA_BITS: usize = 2_048;
/// What stands before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410, section 7).
const ED25519_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// The algorithm of a subject public key that is RSA (RFC 3279, section 2.3.1).
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// How a key signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// RSA with 2048 bits, which every receiver verifies.
    #[default]
    Rsa,
    /// Ed25519, shorter and faster; some large receivers do not verify it, so it goes beside an RSA key.
    Ed25519,
}

/// A key and what has to be published.
#[derive(Clone)]
pub struct GeneratedKey {
    /// In PEM form.
    pub private_key: String,
    /// The name of the TXT record.
    pub record_name: String,
    /// Its text; in a zone file it is divided into strings of at most 255 bytes.
    pub record: String,
}

/// Makes a key for a domain. `fill` gives randomness. RSA takes seconds of work.
///
/// Errors: a sentence that begins with the field, `domain` or `selector`.
pub fn generate(
    algorithm: Algorithm,
    for_domain: &str,
    selector: &str,
    fill: &dyn Fn(&mut [u8]),
) -> Result<GeneratedKey, String> {
    let domain = domain(for_domain).map_err(|error| format!("domain {error}"))?;
    if !is_selector(selector) {
        return Err("selector has 1 to 63 letters, digits, hyphens and dots".to_owned());
    }
    let private_key = match algorithm {
        Algorithm::Rsa => {
            let key = RsaPrivateKey::new(&mut Randomness(fill), RSA_BITS).map_err(|error| error.to_string())?;
            let der = key.to_pkcs1_der().map_err(|error| error.to_string())?;
            pem("RSA PRIVATE KEY", der.as_bytes())
        }
        Algorithm::Ed25519 => {
            let mut seed = [0; 32];
            fill(&mut seed);
            pem("PRIVATE KEY", &[&ED25519_PREFIX[..], &seed[..]].concat())
        }
    };
    let record = read_key(&private_key)?.record();
    Ok(GeneratedKey {
        private_key,
        record_name: format!("{}._domainkey.{domain}", selector.to_ascii_lowercase()),
        record,
    })
}

/// An RSA public key (PKCS#1) as a subject public key, which is what verifiers expect in the record.
pub(super) fn subject_public_key(pkcs1: &[u8]) -> Vec<u8> {
    let bits = [&[0][..], pkcs1].concat();
    let content = [&RSA_ALGORITHM[..], &der(0x03, &bits)[..]].concat();
    der(0x30, &content)
}

/// A value in DER: tag, length, content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut value = vec![tag];
    match length {
        0..=127 => value.push(length as u8),
        128..=255 => value.extend([0x81, length as u8]),
        _ => value.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    value.extend_from_slice(content);
    value
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The randomness that was handed in, as the crate wants it.
struct Randomness<'a>(&'a dyn Fn(&mut [u8]));

impl rand_core::RngCore for Randomness<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        (self.0)(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rand_core::CryptoRng for Randomness<'_> {}
