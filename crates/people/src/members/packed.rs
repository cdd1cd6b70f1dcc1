//! Members who wait in memory until something happens to them again, each packed into a few hundred bytes: a community
//! of a million then fits into memory, and hardly anybody has to be read from the database.

use std::collections::HashMap;

use base::ids::MemberId;

use super::MemberState;

/// Packed members, at most so many bytes of them. Two generations: what was not asked for while the young one filled up
/// is forgotten.
#[derive(Debug)]
pub struct PackedMembers {
    young: HashMap<MemberId, Box<[u8]>>,
    old: HashMap<MemberId, Box<[u8]>>,
    young_bytes: usize,
    capacity: usize,
    scratch: Vec<u8>,
}

/// What an entry takes beside its bytes, about.
const ENTRY_BYTES: usize = 48;

impl PackedMembers {
    /// Holds about so many bytes.
    pub fn new(capacity: usize) -> PackedMembers {
        PackedMembers {
            young: HashMap::new(),
            old: HashMap::new(),
            young_bytes: 0,
            capacity,
            scratch: Vec::with_capacity(4_096),
        }
    }

    /// Packs a member.
    pub fn put(&mut self, member: &MemberState) {
        self.scratch.clear();
        // What cannot be packed is read from the database again.
        let Ok(bytes) = postcard::to_extend(member, std::mem::take(&mut self.scratch)) else { return };
        self.young_bytes += bytes.len() + ENTRY_BYTES;
        self.young.insert(member.id, bytes.as_slice().into());
        self.scratch = bytes;
        if self.young_bytes > self.capacity / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }

    /// Takes a member out; his profile is still to be computed from what his identities said.
    pub fn take(&mut self, id: MemberId) -> Option<MemberState> {
        let bytes = match self.young.remove(&id) {
            Some(bytes) => {
                self.young_bytes -= bytes.len() + ENTRY_BYTES;
                bytes
            }
            None => self.old.remove(&id)?,
        };
        postcard::from_bytes(&bytes).ok()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

/// Serde form of a JSON value as its text: the packed form does not describe itself.
pub mod json_text {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use serde_json::Value;

    /// Writes the text.
    pub fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads the text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        serde_json::from_str(text).map_err(de::Error::custom)
    }
}
