//! How soon the list of members shows its first rows, whatever it is asked for.

use anyhow::ensure;
use base::Clock;
use reqwest::Method;

use crate::{figures::Figures, hearth::Hearth};

/// What nobody waits longer for, in milliseconds.
const SOON: f64 = 300.0;

/// Asks for first rows in several ways; `what` names a figure.
pub async fn measure(
    hearth: &Hearth,
    segment: &str,
    clock: &dyn Clock,
    what: impl Fn(&str) -> String,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let of_segment = format!("segment={segment}");
    let asked = [
        ("member list", "", Some(true)),
        // However many are in it now.
        ("member list, a segment", of_segment.as_str(), None),
        ("member list, a stage", "stage=buyer", None),
        ("member list, a text that many have", "q=%E4%B8%8A%E6%B5%B7", Some(true)),
        ("member list, an address", "q=m7@example.com", Some(true)),
        ("member list, a text that nobody has", "q=nobody-has-this", Some(false)),
    ];
    for (name, query, expected) in asked {
        figures.below(&what(name), first_rows(hearth, query, expected, clock).await?, SOON, "ms");
    }
    Ok(())
}

/// The slowest of three times, in milliseconds.
async fn first_rows(hearth: &Hearth, query: &str, expected: Option<bool>, clock: &dyn Clock) -> anyhow::Result<f64> {
    let path = format!("/api/v1/members?limit=50&{query}");
    let mut slowest: f64 = 0.0;
    for _ in 0..3 {
        let began = clock.monotonic();
        let answer = hearth.call(Method::GET, &path, None).await?;
        slowest = slowest.max((clock.monotonic() - began).as_secs_f64() * 1e3);
        let rows = answer["items"].as_array().map_or(0, Vec::len);
        ensure!(expected.is_none_or(|expected| expected == (rows > 0)), "{path} has {rows} rows");
    }
    Ok(slowest)
}
