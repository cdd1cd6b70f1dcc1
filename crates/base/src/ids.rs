//! Prefixed, sortable ids.
//!
//! An id is a positive 63-bit number: 42 bits of milliseconds since 1970 and 21 bits that keep
//! ids of one millisecond apart, so ids sort by time of creation, fit a `BIGINT` column, and
//! read as `mem_01jd2q7w8k3xv` (thirteen Crockford base-32 digits) everywhere outside.

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Clock, Time};

const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 13;
const LOW_BITS: u32 = 21;

/// Text that is not an id of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an id that starts with \"{prefix}_\" and has {LENGTH} base-32 digits")]
pub struct IdError {
    /// The prefix that the id should have had.
    pub prefix: &'static str,
}

fn write_digits(number: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [0u8; LENGTH];
    let mut rest = number as u64;
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest & 31) as usize];
        rest >>= 5;
    }
    f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
}

fn read_digits(text: &str) -> Option<i64> {
    if text.len() != LENGTH {
        return None;
    }
    let mut number: u64 = 0;
    for byte in text.bytes() {
        let digit = DIGITS.iter().position(|d| *d == byte)?;
        if number >> 58 != 0 {
            return None;
        }
        number = number << 5 | digit as u64;
    }
    i64::try_from(number).ok()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl $name {
            /// What every id of this kind starts with, without the underscore.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                write_digits(self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(read_digits)
                    .map($name)
                    .ok_or(IdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match serializer.is_human_readable() {
                    true => serializer.collect_str(self),
                    false => serializer.serialize_i64(self.0),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if !deserializer.is_human_readable() {
                    return i64::deserialize(deserializer).map($name);
                }
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// One brand's isolated data.
    WorkspaceId = "wrk";
    /// A person who logs in to the admin app.
    UserId = "usr";
    /// An API key or a write key.
    KeyId = "key";
    /// A person in the brand's community.
    MemberId = "mem";
    /// One (kind, value) by which a member is known.
    IdentityId = "idn";
    /// An immutable fact.
    EventId = "evt";
    /// A group of members.
    GroupId = "grp";
    /// A rule whose membership follows the facts.
    SegmentId = "seg";
    /// A group of tags.
    TagGroupId = "tgr";
    /// An automation.
    JourneyId = "jrn";
    /// One member's way through a journey.
    RunId = "run";
    /// A message body with variables.
    TemplateId = "tpl";
    /// One configured connection.
    ChannelId = "chn";
    /// One message to one recipient.
    DeliveryId = "dlv";
    /// A merge of two members.
    MergeId = "mrg";
    /// Two members who may be one person.
    SuggestionId = "sug";
    /// A durable piece of background work.
    JobId = "job";
    /// A file that was uploaded to be imported.
    ImportId = "imp";
    /// What the columns of such files mean, saved under a name.
    ImportMappingId = "imm";
    /// A rejected or poisonous record.
    DeadLetterId = "ded";
    /// One line of the audit log.
    AuditId = "aud";
    /// Something that a journey gives people of the team to do.
    TaskId = "tsk";
    /// Questions put side by side.
    BoardId = "brd";
    /// A number that is to be reached by a day.
    GoalId = "gol";
    /// A query in SQL that was asked.
    QueryId = "qry";
    /// The erasure of one member, and its certificate.
    ErasureId = "ers";
}

/// The id with this number, of the kind that has this prefix.
pub fn text_of(prefix: &str, number: i64) -> String {
    struct Digits(i64);
    impl fmt::Display for Digits {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_digits(self.0, f)
        }
    }
    format!("{prefix}_{}", Digits(number))
}

/// The smallest number that an id of this moment can have. Ids sort by time, so what came about within a span of time is a
/// range of numbers.
pub fn first_number_at(moment: Time) -> i64 {
    const LAST: i64 = (1 << (63 - LOW_BITS)) - 1;
    moment.millis().clamp(0, LAST) << LOW_BITS
}

/// When an id with this number was made.
pub fn moment_of_number(number: i64) -> Time {
    Time::from_millis(number >> LOW_BITS)
}

/// Makes ids (and other randomness) from a clock and a seed, so that a run can be repeated.
#[derive(Clone, Debug)]
pub struct IdSource {
    clock: Arc<dyn Clock>,
    last: Arc<AtomicI64>,
    random: Arc<Mutex<StdRng>>,
}

impl IdSource {
    /// Ids that no one can foresee, from the operating system's entropy.
    pub fn from_entropy(clock: Arc<dyn Clock>) -> IdSource {
        IdSource::with_rng(clock, StdRng::from_os_rng())
    }

    /// The same ids on every run with the same clock, for tests and demos.
    pub fn from_seed(clock: Arc<dyn Clock>, seed: u64) -> IdSource {
        IdSource::with_rng(clock, StdRng::seed_from_u64(seed))
    }

    fn with_rng(clock: Arc<dyn Clock>, random: StdRng) -> IdSource {
        IdSource { clock, last: Arc::new(AtomicI64::new(0)), random: Arc::new(Mutex::new(random)) }
    }

    /// The next number; larger than every earlier one of this source.
    pub fn next_number(&self) -> i64 {
        let millis = self.clock.now().millis().max(0);
        let floor = millis << LOW_BITS;
        let last = self.last.load(Ordering::Relaxed);
        // A fresh millisecond starts at a random place in its lower half, so that two
        // processes beside each other do not collide.
        let candidate = if last < floor { floor | i64::from(self.random_u32() >> 12) } else { floor };
        self.last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(candidate.max(last + 1)))
            .map_or(candidate, |last| candidate.max(last + 1))
    }

    /// The next id of any kind: `let member: MemberId = ids.next(MemberId)`.
    pub fn next<Id>(&self, wrap: fn(i64) -> Id) -> Id {
        wrap(self.next_number())
    }

    /// Fills `bytes` with randomness fit for secrets when the source is [`IdSource::from_entropy`].
    pub fn fill(&self, bytes: &mut [u8]) {
        self.lock().fill_bytes(bytes);
    }

    /// A uniform number in `0.0..1.0`, for jitter.
    pub fn unit(&self) -> f64 {
        self.lock().random()
    }

    fn random_u32(&self) -> u32 {
        self.lock().next_u32()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, StdRng> {
        self.random.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_reads_back_and_sorts_as_its_number(a in 0i64.., b in 0i64..) {
            prop_assert_eq!(MemberId(a).to_string().parse::<MemberId>().unwrap(), MemberId(a));
            prop_assert_eq!(MemberId(a).to_string().cmp(&MemberId(b).to_string()), a.cmp(&b));
        }

        #[test]
        fn foreign_text_never_panics(text in ".*") {
            let _ = text.parse::<MemberId>();
        }
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let segment = SegmentId(7).to_string();
        assert_eq!(segment.parse::<MemberId>(), Err(IdError { prefix: "mem" }));
        assert!("mem_zzzzzzzzzzzzz".parse::<MemberId>().is_err());
    }
}
