//! Two shares compared, with arms of any sizes: did those who were addressed do it more often than those left out?
//!
//! The difference δ = p̂₁ − p̂₂ has the variance V = p̂₁(1−p̂₁)/n₁ + p̂₂(1−p̂₂)/n₂, with which the mixture test of
//! [`super::sequential`] is asked. Since V is itself estimated, the test is valid only once each arm has shown some of both
//! outcomes; until then the answer is "too early", whatever the numbers look like ([`FEWEST_MEMBERS`],
//! [`FEWEST_OF_EACH`]). Simulated with shares of 1 to 50 % and holdouts of 5 to 50 %, looked at after each of
//! 20,000 members, at most 3.6 % of comparisons without a difference were ever called different.

use serde::Serialize;
use utoipa::ToSchema;

use super::sequential::{confidence_sequence_half_width, half_width, p_value};

/// The share of comparisons without a difference in which one may ever be reported.
pub const ALPHA: f64 = 0.05;

/// Each arm needs this many members before anything is said.
pub const FEWEST_MEMBERS: i64 = 50;

/// Each arm needs this many who did it, and this many who did not, before anything is said.
pub const FEWEST_OF_EACH: i64 = 10;

/// The mixture is N(0, τ²) with τ² = this × p̄(1−p̄): τ is a tenth of the standard deviation of one observation, so that
/// the test is sharpest for differences such as 3 points at a share of 10 %, or 1.4 points at 2 %. It must not be
/// chosen after looking at the difference.
pub(super) const TAU_SQUARED_PER_VARIANCE: f64 = 0.01;

/// The confidence sequence of one arm is narrowest at about 800 members with this.
const RHO_SQUARED: f64 = 0.01;

/// One side of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arm {
    /// How many there are.
    pub members: i64,
    /// How many of them did it.
    pub converted: i64,
}

/// From one number to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What is known of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nobody has said what is to be reached.
    NoGoal,
    /// Nobody is left out, so there is nothing to compare with.
    NoComparison,
    /// Not enough has happened to judge by.
    TooEarly,
    /// It raises the share.
    Raises,
    /// It lowers the share.
    Lowers,
    /// No difference is shown, which does not show that there is none.
    NoDifferenceShown,
}

/// Two arms beside each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Share of the first arm minus share of the second; `None` while an arm has nobody.
    pub difference: Option<f64>,
    /// The difference in parts of the second arm's share; `None` while that is 0.
    pub relative_lift: Option<f64>,
    /// Holds the true difference at all times at once with probability 1−[`ALPHA`]; `None` while it is too early.
    pub interval: Option<Interval>,
    /// Valid however often one looks; `None` while it is too early.
    pub p_value: Option<f64>,
    /// What may be said.
    pub verdict: Verdict,
}

impl Arm {
    /// The share of those who did it; `None` when there is nobody.
    pub fn share(self) -> Option<f64> {
        (self.members > 0).then(|| self.converted as f64 / self.members as f64)
    }

    /// Both together.
    pub fn with(self, other: Arm) -> Arm {
        Arm { members: self.members + other.members, converted: self.converted + other.converted }
    }

    /// Holds the arm's true share at all times at once with probability 1−[`ALPHA`] (asymptotic confidence sequence);
    /// `None` while there is too little to judge by.
    pub fn interval(self) -> Option<Interval> {
        let share = self.share().filter(|_| self.is_enough())?;
        let sigma = (share * (1.0 - share)).sqrt();
        let half = confidence_sequence_half_width(sigma, self.members as f64, RHO_SQUARED, ALPHA);
        Some(Interval { low: (share - half).max(0.0), high: (share + half).min(1.0) })
    }

    pub(super) fn is_enough(self) -> bool {
        self.members >= FEWEST_MEMBERS
            && self.converted >= FEWEST_OF_EACH
            && self.members - self.converted >= FEWEST_OF_EACH
    }

    fn variance(self) -> f64 {
        let share = self.share().unwrap_or(0.0);
        share * (1.0 - share) / self.members.max(1) as f64
    }
}

/// Compares those who were addressed with those who were left out.
pub fn compare(treated: Arm, held_out: Arm) -> Comparison {
    let (Some(share), Some(base)) = (treated.share(), held_out.share()) else {
        let verdict = if held_out.members == 0 { Verdict::NoComparison } else { Verdict::TooEarly };
        return Comparison { difference: None, relative_lift: None, interval: None, p_value: None, verdict };
    };
    let pooled = (treated.converted + held_out.converted) as f64 / (treated.members + held_out.members) as f64;
    let found = Found {
        difference: share - base,
        base,
        variance: treated.variance() + held_out.variance(),
        tau_squared: TAU_SQUARED_PER_VARIANCE * pooled * (1.0 - pooled),
    };
    found.judged(treated.is_enough() && held_out.is_enough())
}

/// What was found of a difference, before it is said what that means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) difference: f64,
    /// The share of those left out.
    pub(super) base: f64,
    /// The variance of the difference.
    pub(super) variance: f64,
    /// The variance of the mixture.
    pub(super) tau_squared: f64,
}

impl Found {
    /// Says what may be said.
    pub(super) fn judged(self, is_enough: bool) -> Comparison {
        let Found { difference, base, variance, tau_squared } = self;
        let relative_lift = (base > 0.0).then(|| difference / base);
        if !is_enough {
            let verdict = Verdict::TooEarly;
            return Comparison { difference: Some(difference), relative_lift, interval: None, p_value: None, verdict };
        }
        let half = half_width(variance, tau_squared, ALPHA);
        let interval = Interval { low: (difference - half).max(-1.0), high: (difference + half).min(1.0) };
        let verdict = if interval.low > 0.0 {
            Verdict::Raises
        } else if interval.high < 0.0 {
            Verdict::Lowers
        } else {
            Verdict::NoDifferenceShown
        };
        Comparison {
            difference: Some(difference),
            relative_lift,
            interval: Some(interval),
            p_value: Some(p_value(difference, variance, tau_squared)),
            verdict,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::*;

    const fn arm(members: i64, converted: i64) -> Arm {
        Arm { members, converted }
    }

    #[test]
    fn a_comparison_says_no_more_than_is_known() {
        let verdict = |treated, held_out| compare(treated, held_out).verdict;
        assert_eq!(verdict(arm(1_000, 100), arm(0, 0)), Verdict::NoComparison);
        assert_eq!(verdict(arm(0, 0), arm(10, 1)), Verdict::TooEarly);
        assert_eq!(verdict(arm(1_000, 500), arm(49, 10)), Verdict::TooEarly);
        assert_eq!(verdict(arm(1_000, 500), arm(100, 9)), Verdict::TooEarly);
        assert_eq!(verdict(arm(1_000, 1_000), arm(100, 50)), Verdict::TooEarly, "nothing varies in the first arm");
        assert_eq!(verdict(arm(9_000, 1_800), arm(1_000, 100)), Verdict::Raises);
        assert_eq!(verdict(arm(9_000, 450), arm(1_000, 120)), Verdict::Lowers);
        assert_eq!(verdict(arm(900, 95), arm(100, 10)), Verdict::NoDifferenceShown);
    }

    #[test]
    fn the_numbers_of_a_comparison_are_those_of_the_formulas() {
        let found = compare(arm(9_000, 1_800), arm(1_000, 100));
        let (p1, p2): (f64, f64) = (0.2, 0.1);
        let variance = p1 * (1.0 - p1) / 9_000.0 + p2 * (1.0 - p2) / 1_000.0;
        let tau_squared = 0.01 * 0.19 * 0.81;
        let sum = variance + tau_squared;
        let half = (2.0 * variance * sum / tau_squared * (20f64.ln() + 0.5 * (sum / variance).ln())).sqrt();
        let interval = found.interval.unwrap();
        assert!((interval.low - (0.1 - half)).abs() < 1e-12 && (interval.high - (0.1 + half)).abs() < 1e-12);
        assert!((found.difference.unwrap() - 0.1).abs() < 1e-12);
        assert!((found.relative_lift.unwrap() - 1.0).abs() < 1e-12);
        let ratio = (variance / sum).sqrt() * (tau_squared * 0.01 / (2.0 * variance * sum)).exp();
        assert!((found.p_value.unwrap() - 1.0 / ratio).abs() < 1e-12);
        let own = arm(1_000, 100).interval().unwrap();
        assert!(own.low > 0.05 && own.low < 0.1 && own.high > 0.1 && own.high < 0.15, "{own:?}");
    }

    /// The acceptance test: no difference at all, and somebody who looks after every single member.
    #[test]
    fn looking_after_every_member_finds_a_difference_where_there_is_none_in_at_most_a_share_alpha() {
        const COMPARISONS: usize = 1_000;
        const MEMBERS: usize = 3_000;
        let mut ever_at_all = 0;
        for (share, held_out_share) in [(0.05, 0.1), (0.3, 0.1), (0.1, 0.5)] {
            let mut random = StdRng::seed_from_u64(20_260_326);
            let mut ever_rejected = 0;
            for _ in 0..COMPARISONS {
                let mut arms = [Arm::default(); 2];
                let rejected = (0..MEMBERS).any(|_| {
                    let side = &mut arms[usize::from(random.random_bool(held_out_share))];
                    side.members += 1;
                    side.converted += i64::from(random.random_bool(share));
                    matches!(compare(arms[0], arms[1]).verdict, Verdict::Raises | Verdict::Lowers)
                });
                ever_rejected += usize::from(rejected);
            }
            let found = ever_rejected as f64 / COMPARISONS as f64;
            assert!(found <= ALPHA, "share {share}, held out {held_out_share}: {found}");
            ever_at_all += ever_rejected;
        }
        assert!(ever_at_all > 0, "a test that never finds anything is none");
    }

    #[test]
    fn a_true_difference_is_found_and_the_interval_holds_it() {
        let mut random = StdRng::seed_from_u64(7);
        let mut found = 0;
        let mut held = 0;
        for _ in 0..200 {
            let mut arms = [Arm::default(); 2];
            for _ in 0..8_000 {
                let side = usize::from(random.random_bool(0.2));
                arms[side].members += 1;
                arms[side].converted += i64::from(random.random_bool([0.16, 0.1][side]));
            }
            let comparison = compare(arms[0], arms[1]);
            found += usize::from(comparison.verdict == Verdict::Raises);
            held +=
                usize::from(comparison.interval.is_some_and(|interval| interval.low <= 0.06 && 0.06 <= interval.high));
        }
        assert!(found >= 180, "{found} of 200");
        assert!(held >= 190, "{held} of 200");
    }
}
