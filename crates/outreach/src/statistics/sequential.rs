//! Sequential tests of a mean, valid at every moment at once.
//!
//! Sources: the mixture sequential probability ratio test (mSPRT) after Robbins (1970) as Johari, Koomen, Pekelis and
//! Walsh, "Always Valid Inference" (2015/2022), use it for A/B tests; the asymptotic confidence sequence after
//! Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence
//! sequences" (2021/2024), equation with boundary parameter ρ².

/// The mixture likelihood ratio Λ of "the difference is anything" to "the difference is zero", for an observed difference
/// `delta` with variance `variance`, and a mixture N(0, `tau_squared`) over differences:
/// Λ = √(V/(V+τ²)) · exp(τ²δ² / (2V(V+τ²))).
///
/// Grows above 1 as the data speak against zero. NaN when `variance` is not positive.
pub fn likelihood_ratio(delta: f64, variance: f64, tau_squared: f64) -> f64 {
    log_likelihood_ratio(delta, variance, tau_squared).exp()
}

fn log_likelihood_ratio(delta: f64, variance: f64, tau_squared: f64) -> f64 {
    let sum = variance + tau_squared;
    0.5 * (variance / sum).ln() + tau_squared * delta * delta / (2.0 * variance * sum)
}

/// The p-value that one look gives: 1/Λ, at most 1. Under "no difference" it falls to α or below, ever, in at most a share
/// α of all comparisons. 1 when there is no variance yet to judge by.
pub fn p_value(delta: f64, variance: f64, tau_squared: f64) -> f64 {
    if variance.is_nan() || variance <= 0.0 {
        return 1.0;
    }
    (-log_likelihood_ratio(delta, variance, tau_squared)).exp().min(1.0)
}

/// Half the width of the interval around an observed difference that holds the true one at all times at once, with
/// probability 1−`alpha`: √(2V(V+τ²)/τ² · (ln(1/α) + ½ ln((V+τ²)/V))).
///
/// It leaves out zero exactly when [`p_value`] is below `alpha`. Infinite when there is no variance yet to judge by.
pub fn half_width(variance: f64, tau_squared: f64, alpha: f64) -> f64 {
    if variance.is_nan() || variance <= 0.0 {
        return f64::INFINITY;
    }
    let sum = variance + tau_squared;
    (2.0 * variance * sum / tau_squared * ((1.0 / alpha).ln() + 0.5 * (sum / variance).ln())).sqrt()
}

/// The running minimum of p-values: what a test that looks after every observation has found so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunningPValue(f64);

impl RunningPValue {
    /// Before the first look.
    pub fn new() -> RunningPValue {
        RunningPValue(1.0)
    }

    /// Takes in one look, and gives the smallest p-value so far.
    pub fn look(&mut self, delta: f64, variance: f64, tau_squared: f64) -> f64 {
        self.0 = self.0.min(p_value(delta, variance, tau_squared));
        self.0
    }
}

impl Default for RunningPValue {
    fn default() -> RunningPValue {
        RunningPValue::new()
    }
}

/// Half the width of the asymptotic confidence sequence of a mean after `observations` with standard deviation `sigma`:
/// σ · √(2(tρ²+1) · ln(√(tρ²+1)/α) / (t²ρ²)). `rho_squared` says at which number of observations it is narrowest: 0.1
/// about 80, smaller ones later.
pub fn confidence_sequence_half_width(sigma: f64, observations: f64, rho_squared: f64, alpha: f64) -> f64 {
    if observations.is_nan() || observations <= 0.0 {
        return f64::INFINITY;
    }
    let grown = observations * rho_squared + 1.0;
    sigma * (2.0 * grown * (grown.sqrt() / alpha).ln() / (observations * observations * rho_squared)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAU_SQUARED: f64 = 0.01;

    /// V = 2σ²/n for n per arm.
    fn variance(per_arm: f64) -> f64 {
        2.0 / per_arm
    }

    fn assert_digits(found: f64, wanted: f64) {
        assert!((found - wanted).abs() < 5e-7 * wanted.max(1.0), "{found} is not {wanted}");
    }

    #[test]
    fn likelihood_ratios_are_those_of_the_reference() {
        for (per_arm, delta, ratio, p) in [
            (100.0, 0.2, 1.139_513, 1.0 / 1.139_513),
            (1_000.0, 0.1, 3.278_722, 0.304_997),
            (10_000.0, 0.05, 64.170_151, 0.015_584),
        ] {
            assert_digits(likelihood_ratio(delta, variance(per_arm), TAU_SQUARED), ratio);
            assert_digits(p_value(delta, variance(per_arm), TAU_SQUARED), p);
        }
    }

    #[test]
    fn the_interval_is_that_of_the_reference_and_wider_than_one_for_a_single_look() {
        let always_valid = half_width(variance(1_000.0), TAU_SQUARED, 0.05);
        assert_digits(always_valid, 0.136_674);
        let single_look = 1.959_964 * variance(1_000.0).sqrt();
        assert_digits(single_look, 0.087_652);
        assert!(always_valid > single_look);
    }

    #[test]
    fn the_interval_leaves_out_zero_exactly_when_the_p_value_is_below_alpha() {
        for per_arm in [20.0, 300.0, 5_000.0, 1e6] {
            let edge = half_width(variance(per_arm), TAU_SQUARED, 0.05);
            assert!(p_value(edge * 1.000_01, variance(per_arm), TAU_SQUARED) < 0.05);
            assert!(p_value(edge * 0.999_99, variance(per_arm), TAU_SQUARED) > 0.05);
        }
    }

    #[test]
    fn the_confidence_sequence_is_that_of_the_reference() {
        for (observations, wanted) in
            [(1.0, 8.182_574), (10.0, 1.156_254), (100.0, 0.303_781), (1_000.0, 0.103_502), (10_000.0, 0.035_935)]
        {
            assert_digits(confidence_sequence_half_width(1.0, observations, 0.1, 0.05), wanted);
        }
    }

    #[test]
    fn a_running_p_value_never_rises() {
        let mut running = RunningPValue::new();
        let first = running.look(0.05, variance(10_000.0), TAU_SQUARED);
        assert_digits(first, 0.015_584);
        assert_digits(running.look(0.0, variance(20_000.0), TAU_SQUARED), first);
    }

    #[test]
    fn nothing_is_known_where_nothing_varies() {
        assert_digits(p_value(0.5, 0.0, TAU_SQUARED), 1.0);
        assert!(half_width(0.0, TAU_SQUARED, 0.05).is_infinite());
        assert!(confidence_sequence_half_width(1.0, 0.0, 0.1, 0.05).is_infinite());
    }
}
