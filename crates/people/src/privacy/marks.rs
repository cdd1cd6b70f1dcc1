//! Keyed hashes of who was erased. Whoever has no key cannot tell from them whom they mean, nor try addresses.

use base::{
    Event,
    ids::{MemberId, WorkspaceId},
};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use store::Key;

use crate::identity::{self, Home, Kind, Names, Reach};

/// Makes marks under a key of this installation.
#[derive(Clone)]
pub struct Marks {
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Marks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Marks(…)")
    }
}

impl Marks {
    /// Marks under `key`.
    pub fn new(key: [u8; 32]) -> Marks {
        // The bytes of one block: shorter keys are padded with zeros, as the definition (RFC 2104) has it.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&key);
        Marks { keyed: Hmac::new(&block.into()) }
    }

    /// Marks under the key that an installation has for them.
    pub fn of_installation(key: &Key) -> Marks {
        Marks::new(key.derive("erasures"))
    }

    /// The mark of an identity, whose value must be normalised.
    pub fn of_identity(&self, workspace: WorkspaceId, kind: &str, value: &str) -> String {
        self.mark(&format!("{workspace}\0{kind}\0{value}"))
    }

    /// The mark of an address to which messages of a kind of channel go, normalised. It is another one than that of the
    /// identity, so that whoever reads both lists cannot tell which erasure stopped which messages.
    pub fn of_address(&self, workspace: WorkspaceId, channel_kind: &str, address: &str) -> String {
        self.mark(&format!("{workspace}\0messages to\0{channel_kind}\0{address}"))
    }

    /// The mark of a member.
    pub fn of_member(&self, member: MemberId) -> String {
        self.mark(&member.to_string())
    }

    /// The same for every register under one key, and another under each other key.
    pub fn of_key(&self) -> String {
        self.mark("the key of this register")
    }

    /// The marks of all whom an event names: by what they are known, and the members. A phone number without a code
    /// counts both as it stands and as one of the country `home`: nobody knows which country was the workspace's when
    /// it came. A device beside somebody's name does not count, since others use it as well.
    pub fn of_event(&self, event: &Event, home: Home) -> EventMarks {
        let mut keys = identity::keys_of(event, home);
        let main = Names::of(event, home).main;
        keys.retain(|key| {
            let kind = Kind::named(&key.0);
            !(kind.is_external() && kind.reach == Reach::Device) || main.as_ref() == Some(key)
        });
        if home.is_some() {
            let plain = identity::keys_of(event, None);
            keys.extend(plain.into_iter().filter(|(kind, _)| kind == "phone"));
            keys.sort_unstable();
            keys.dedup();
        }
        let identities = keys.iter().map(|(kind, value)| self.of_identity(event.workspace, kind, value)).collect();
        let members = event.member.into_iter().chain(identity::others_of(event));
        EventMarks { identities, members: members.map(|member| self.of_member(member)).collect() }
    }

    fn mark(&self, text: &str) -> String {
        let mut mac = self.keyed.clone();
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// The marks of all whom an event names.
pub struct EventMarks {
    /// Of its identities.
    pub identities: Vec<String>,
    /// Of the members that it names by id.
    pub members: Vec<String>,
}

/// The SHA-256 of a text, in hexadecimal digits.
pub(super) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_the_hmac_of_rfc_2104_and_another_under_each_key() {
        // Test case 1 of RFC 4231 has a key of twenty bytes; padded to thirty-two with zeros it is the same key.
        let mut key = [0; 32];
        key[..20].copy_from_slice(&[0x0b; 20]);
        let marks = Marks::new(key);
        assert_eq!(marks.mark("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        let other = Marks::new([1; 32]);
        assert_ne!(marks.of_key(), other.of_key());
        let of = |workspace, kind, value| marks.of_identity(WorkspaceId(workspace), kind, value);
        assert_ne!(of(1, "email", "a@example.com"), of(2, "email", "a@example.com"));
        assert_ne!(of(1, "email", "a@example.com"), of(1, "user_id", "a@example.com"));
        let to = |workspace, kind| marks.of_address(WorkspaceId(workspace), kind, "a@example.com");
        assert_ne!(to(1, "email"), of(1, "email", "a@example.com"));
        assert_ne!(to(1, "email"), to(2, "email"));
        assert_ne!(to(1, "email"), to(1, "sms"));
    }
}
