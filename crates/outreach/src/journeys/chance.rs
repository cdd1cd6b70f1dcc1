//! Who is left out, and who goes which way: by chance, and always the same.

use base::ids::{JourneyId, MemberId};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A number from 0 to below 1 for a member in a journey: below the journey's share he is held out.
pub(super) fn of_journey(journey: JourneyId, member: MemberId) -> f64 {
    fraction(xxh3_64_with_seed(&member.0.to_le_bytes(), journey.0 as u64))
}

/// The same for a member at a step.
pub(super) fn of_step(journey: JourneyId, step: &str, member: MemberId) -> f64 {
    let mut bytes = step.as_bytes().to_vec();
    bytes.extend(member.0.to_le_bytes());
    fraction(xxh3_64_with_seed(&bytes, journey.0 as u64))
}

/// The same for a member in a workspace with this salt.
pub(super) fn of_workspace(salt: i64, member: MemberId) -> f64 {
    fraction(xxh3_64_with_seed(&member.0.to_le_bytes(), salt as u64))
}

/// The upper 53 bits as a number in 0..1.
fn fraction(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1u64 << 53) as f64
}
