//! How numbers are spread: median, average, and how many lie where.

use behaviour::kernels::trend::percentile;
use serde::Serialize;
use utoipa::ToSchema;

/// Where times lie, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// Half of them are shorter.
    pub(crate) median_seconds: f64,
    /// The average.
    pub(crate) average_seconds: f64,
    /// Nine of ten are shorter.
    pub(crate) p90_seconds: f64,
}

/// A length of time between two others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct TimeBucket {
    /// At least so long, in seconds.
    pub(crate) from_seconds: f64,
    /// Shorter than this; `null` in the last one.
    pub(crate) to_seconds: Option<f64>,
}

impl Spread {
    /// Of times in milliseconds; `None` of none.
    pub(crate) fn of_times(times: &mut [i64]) -> Option<Spread> {
        let mut seconds: Vec<f64> = times.iter().map(|time| *time as f64 / 1_000.0).collect();
        let whole: i128 = times.iter().map(|time| i128::from(*time)).sum();
        Some(Spread {
            median_seconds: percentile(&mut seconds, 0.5)?,
            average_seconds: whole as f64 / 1_000.0 / times.len() as f64,
            p90_seconds: percentile(&mut seconds, 0.9)?,
        })
    }
}

/// Bounds in seconds: seconds, minutes, hours, days.
const BOUNDS: [f64; 13] = [
    0.0,
    10.0,
    60.0,
    300.0,
    900.0,
    3_600.0,
    10_800.0,
    43_200.0,
    86_400.0,
    259_200.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
];

/// How many times, in milliseconds, lie where; without empty buckets at both ends.
pub(crate) fn time_buckets(times: &[i64]) -> Vec<(TimeBucket, u64)> {
    let mut counts = [0; BOUNDS.len()];
    for time in times {
        let seconds = *time as f64 / 1_000.0;
        counts[BOUNDS.partition_point(|bound| *bound <= seconds).saturating_sub(1)] += 1;
    }
    let first = counts.iter().position(|count| *count > 0).unwrap_or(0);
    let last = counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
    let bucket =
        |nth: usize| (TimeBucket { from_seconds: BOUNDS[nth], to_seconds: BOUNDS.get(nth + 1).copied() }, counts[nth]);
    (first..last).map(bucket).collect()
}
