//! Signed tokens in links.

use base::ids::DeliveryId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const VERSION: u8 = 1;
const BODY: usize = 18;
const MAC: usize = 16;
/// Bytes of a seal: short, since it stands in the return path, of which 64 bytes are all there is.
const SEAL: usize = 8;

/// What a token is good for; one for one purpose does not pass for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A tracked link.
    Link,
    /// The image that tells of an opening.
    Open,
    /// The unsubscribe page.
    Unsubscribe,
    /// The page that confirms a subscription.
    Confirm,
    /// The seal by which a report is known to be about a message of ours.
    Report,
}

impl Purpose {
    fn byte(self) -> u8 {
        match self {
            Purpose::Link => b't',
            Purpose::Open => b'o',
            Purpose::Unsubscribe => b'u',
            Purpose::Confirm => b'c',
            Purpose::Report => b'r',
        }
    }
}

/// Makes and reads tokens: base64url of version ‖ purpose ‖ delivery ‖ link ‖ the first 16
/// bytes of HMAC-SHA256 over all that.
#[derive(Clone)]
pub struct Signer {
    key: [u8; 32],
}

impl Signer {
    /// A signer with a key of its own.
    pub fn new(key: [u8; 32]) -> Signer {
        Signer { key }
    }

    /// The token for one delivery and link.
    pub fn token(&self, purpose: Purpose, delivery: DeliveryId, link: i64) -> String {
        let mut bytes = Vec::with_capacity(BODY + MAC);
        bytes.extend_from_slice(&[VERSION, purpose.byte()]);
        bytes.extend_from_slice(&delivery.0.to_be_bytes());
        bytes.extend_from_slice(&link.to_be_bytes());
        if let Some(mac) = self.mac(&bytes) {
            bytes.extend_from_slice(&mac.finalize().into_bytes()[..MAC]);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What a token names; `None` unless every byte of it is ours.
    pub fn read(&self, purpose: Purpose, token: &str) -> Option<(DeliveryId, i64)> {
        if token.len() != (BODY + MAC) * 4 / 3 + 1 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (body, mac) = bytes.split_at_checked(BODY)?;
        if body[0] != VERSION || body[1] != purpose.byte() || mac.len() != MAC {
            return None;
        }
        self.mac(body)?.verify_truncated_left(mac).ok()?;
        let delivery = i64::from_be_bytes(body[2..10].try_into().ok()?);
        let link = i64::from_be_bytes(body[10..18].try_into().ok()?);
        Some((DeliveryId(delivery), link))
    }

    /// Sixteen hexadecimal digits beside a delivery that nobody else can make: the first 8 bytes of HMAC-SHA256
    /// over version ‖ purpose ‖ delivery.
    pub fn seal(&self, delivery: DeliveryId) -> String {
        let mac = self.mac(&sealed(delivery)).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
        mac[..SEAL].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether this is the delivery's seal.
    pub fn is_seal(&self, delivery: DeliveryId, seal: &str) -> bool {
        let byte = |at: usize| u8::from_str_radix(seal.get(at * 2..at * 2 + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..SEAL).map(byte).collect();
        let bytes = bytes.filter(|_| seal.len() == SEAL * 2);
        bytes.is_some_and(|bytes| {
            self.mac(&sealed(delivery)).is_some_and(|mac| mac.verify_truncated_left(&bytes).is_ok())
        })
    }

    /// `None` never comes: HMAC takes a key of any length.
    fn mac(&self, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(body);
        Some(mac)
    }
}

fn sealed(delivery: DeliveryId) -> Vec<u8> {
    let mut bytes = vec![VERSION, Purpose::Report.byte()];
    bytes.extend_from_slice(&delivery.0.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_seal_belongs_to_one_delivery_and_one_key() {
        let signer = Signer::new([7; 32]);
        let seal = signer.seal(DeliveryId(1));
        assert_eq!(seal.len(), 16);
        assert!(signer.is_seal(DeliveryId(1), &seal) && signer.is_seal(DeliveryId(1), &seal.to_uppercase()));
        assert!(!signer.is_seal(DeliveryId(2), &seal));
        assert!(!Signer::new([8; 32]).is_seal(DeliveryId(1), &seal));
        for wrong in ["", "00", &seal[..14], &format!("{seal}00"), "围炉围炉围1"] {
            assert!(!signer.is_seal(DeliveryId(1), wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_token_reads_back_and_any_changed_character_breaks_it(delivery in 0i64.., link in 0i64.., place in 0usize..46, change in 1u8..64) {
            const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let signer = Signer::new([7; 32]);
            let token = signer.token(Purpose::Link, DeliveryId(delivery), link);
            prop_assert_eq!(token.len(), 46);
            prop_assert_eq!(signer.read(Purpose::Link, &token), Some((DeliveryId(delivery), link)));
            prop_assert_eq!(signer.read(Purpose::Unsubscribe, &token), None);
            prop_assert_eq!(Signer::new([8; 32]).read(Purpose::Link, &token), None);
            let mut bytes = token.clone().into_bytes();
            let at = ALPHABET.iter().position(|c| *c == bytes[place]).unwrap();
            bytes[place] = ALPHABET[(at + change as usize) % 64];
            let forged = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(signer.read(Purpose::Link, &forged), None);
        }

        #[test]
        fn foreign_text_is_refused(text in ".{0,80}") {
            prop_assert_eq!(Signer::new([7; 32]).read(Purpose::Link, &text), None);
        }
    }
}
