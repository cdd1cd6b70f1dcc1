//! When an event happened: reading times as SDKs send them, and correcting the sender's clock.

use std::time::Duration;

use base::{Code, Time};
use serde_json::value::RawValue;

use super::refusal::Refusal;

/// How far after its arrival an event may claim to have happened.
pub const MAX_FUTURE: Duration = Duration::from_secs(24 * 3600);
/// A plain number below this would be read as a moment of the early 1970s; it is more likely
/// to be in seconds, and is refused rather than guessed at.
const SMALLEST_PLAUSIBLE_MILLIS: f64 = 1e11;
/// A sender's clock that shows this moment (2100-01-01, in milliseconds) or a later one is not believed.
const LATEST_PLAUSIBLE_CLOCK: i64 = 4_102_444_800_000;

/// What a time in a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Nothing: absent, null or empty.
    Missing,
    /// A moment.
    At(Time),
    /// A moment that is well-formed but that no computer clock can mean.
    OutOfRange,
    /// Something else.
    Unreadable,
}

/// Reads a time: RFC 3339 or ISO 8601 text (UTC where no offset is given), or milliseconds since 1970 as a number.
pub fn read(json: Option<&RawValue>) -> Reading {
    let Some(json) = json.map(RawValue::get) else { return Reading::Missing };
    if json.starts_with('"') {
        let Ok(text) = serde_json::from_str::<std::borrow::Cow<'_, str>>(json) else { return Reading::Unreadable };
        return read_text(text.trim());
    }
    match serde_json::from_str::<f64>(json) {
        Ok(millis) if millis.abs() >= SMALLEST_PLAUSIBLE_MILLIS => Reading::At(Time::from_millis(millis as i64)),
        _ => Reading::Unreadable,
    }
}

fn read_text(text: &str) -> Reading {
    if text.is_empty() {
        return Reading::Missing;
    }
    if let Some(time) = Time::parse_lenient(text) {
        return Reading::At(time);
    }
    // The last two days of the year 9999 lie beyond what a `Timestamp` can name.
    match text.strip_prefix("9999-").and_then(|rest| Time::parse_lenient(&format!("9998-{rest}"))) {
        Some(_) => Reading::OutOfRange,
        None => Reading::Unreadable,
    }
}

/// When a record arrived, and what is to be believed about it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When it reached Hearth: the moment that the sender's `sentAt` is compared with.
    pub received_at: Time,
    /// The present; differs from `received_at` for a replayed record.
    pub now: Time,
}

/// When the event happened: `timestamp − sentAt + receivedAt` (Segment's rule), so that the
/// skew of the sender's clock does not count. An unbelievable `sentAt` is ignored, and so is a correction that
/// leads out of the plausible range while the uncorrected moment lies within it.
pub fn happened_at(timestamp: Option<&RawValue>, sent_at: Reading, arrival: Arrival) -> Result<Time, Refusal> {
    let stated = match read(timestamp) {
        Reading::Missing => return Ok(arrival.received_at),
        Reading::At(time) => time,
        Reading::OutOfRange => return Err(out_of_range()),
        Reading::Unreadable => {
            return Err(Refusal::new(
                Code::InvalidField,
                "timestamp is neither an RFC 3339 text nor a number of milliseconds since 1970",
            ));
        }
    };
    let is_plausible = |time: Time| time >= Time::EPOCH && time <= arrival.now.plus(MAX_FUTURE);
    if let Reading::At(sent_at) = sent_at
        && sent_at >= Time::EPOCH
        && sent_at.millis() < LATEST_PLAUSIBLE_CLOCK
    {
        let corrected = Time::from_millis(stated.millis() + (arrival.received_at - sent_at));
        if is_plausible(corrected) {
            return Ok(corrected);
        }
    }
    if is_plausible(stated) { Ok(stated) } else { Err(out_of_range()) }
}

fn out_of_range() -> Refusal {
    Refusal::new(Code::TimestampOutOfRange, "timestamp is before 1970 or more than one day in the future")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn happened(timestamp: &str, sent_at: Option<&str>) -> Result<i64, Code> {
        let timestamp: Box<RawValue> = serde_json::from_str(timestamp).unwrap();
        let sent_at: Option<Box<RawValue>> = sent_at.map(|text| serde_json::from_str(text).unwrap());
        happened_at(
            Some(&timestamp),
            read(sent_at.as_deref()),
            Arrival { received_at: Time::from_millis(NOW), now: Time::from_millis(NOW) },
        )
        .map(|time| time.millis() - NOW)
        .map_err(|refusal| refusal.code)
    }

    #[test]
    fn the_skew_of_the_senders_clock_is_taken_out() {
        // The sender's clock is one hour behind; the event happened a minute before it was sent.
        assert_eq!(happened(r#""2023-11-14T21:12:20Z""#, Some(r#""2023-11-14T21:13:20Z""#)), Ok(-60_000));
        // A clock that was reset to 1970.
        assert_eq!(happened(r#""1970-01-01T00:00:10Z""#, Some(r#""1970-01-01T00:00:20Z""#)), Ok(-10_000));
    }

    #[test]
    fn an_unbelievable_sent_at_is_ignored() {
        for sent_at in [r#""soon""#, r#""0001-01-01T00:00:00Z""#, "17", "true", r#""""#, r#""9999-12-31T23:59:59Z""#] {
            assert_eq!(happened(r#""2023-11-14T22:13:20Z""#, Some(sent_at)), Ok(0), "{sent_at}");
        }
        // Go's and JavaScript's zero times would push the event decades into the future.
        assert_eq!(happened(r#""2023-11-14T22:13:20Z""#, Some(r#""1970-01-01T00:00:00.000Z""#)), Ok(0));
    }

    #[test]
    fn only_moments_between_1970_and_tomorrow_are_accepted() {
        for timestamp in [
            r#""0000-01-01T00:00:00Z""#,
            r#""9999-12-31T23:59:59Z""#,
            r#""9999-12-31T23:59:59.999+00:00""#,
            r#""9999-01-01""#,
            r#""1969-12-31T23:59:59.999Z""#,
            r#""2023-11-15T22:13:20.001Z""#,
            "-1e12",
            "1e300",
        ] {
            assert_eq!(happened(timestamp, None), Err(Code::TimestampOutOfRange), "{timestamp}");
            assert_eq!(happened(timestamp, Some(r#""2023-11-14T22:13:20Z""#)), Err(Code::TimestampOutOfRange));
        }
        assert_eq!(happened(r#""1970-01-01T00:00:00Z""#, None), Ok(-NOW));
        assert_eq!(happened(r#""2023-11-15T22:13:20Z""#, None), Ok(86_400_000));
        assert!(happened(r#""2013-11-14T22:13:20Z""#, None).is_ok(), "ten years old");
    }

    #[test]
    fn numbers_are_milliseconds_and_never_guessed_to_be_seconds() {
        assert_eq!(happened("1699999999000", None), Ok(-1_000));
        assert_eq!(happened("1699999999000.75", None), Ok(-1_000));
        for timestamp in ["1699999999", "0", "[]", "{}", "true", r#""yesterday""#, r#""9999-13-01""#] {
            assert_eq!(happened(timestamp, None), Err(Code::InvalidField), "{timestamp}");
        }
        assert_eq!(happened(r#""  ""#, None), Ok(0));
    }
}
