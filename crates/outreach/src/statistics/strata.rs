//! Two shares compared stratum by stratum and put together, so that what the strata differ in looks like no effect.
//!
//! Where more members are left out in one season than in another, the plain sums of both sides differ though nothing was
//! brought about (Simpson's paradox). So each stratum k with n₁ₖ members on one side and n₀ₖ on the other is compared
//! within itself, and the differences δₖ are weighted after Mantel and Haenszel (1959): wₖ = n₁ₖn₀ₖ/(n₁ₖ+n₀ₖ),
//! δ = Σwₖδₖ / Σwₖ. A stratum of which one side has nobody has no weight. The variance of δ is that of Sato, Biometrics 45
//! (1989), "On the variance estimator for the Mantel-Haenszel risk difference", which holds for few large strata and for
//! many small ones: V = (δΣPₖ + ΣQₖ) / (Σwₖ)², with xₖ those who did it,
//! Pₖ = (n₁ₖ²x₀ₖ − n₀ₖ²x₁ₖ + n₁ₖn₀ₖ(n₀ₖ−n₁ₖ)/2) / Nₖ² and Qₖ = (x₁ₖ(n₀ₖ−x₀ₖ) + x₀ₖ(n₁ₖ−x₁ₖ)) / 2Nₖ. For one stratum all of
//! this is exactly what [`super::proportions::compare`] finds.
//!
//! Without an effect each wₖδₖ goes up and down around zero as members come in, whatever the share of its stratum, and so
//! does their sum: it may be asked at all times with the mixture test of [`super::sequential`], whose τ² is made of the mean
//! of the strata's p̄ₖ(1−p̄ₖ) under the same weights. Simulated with two to three hundred strata of very different shares and
//! holdouts, one after the other and at once, looked at after each member: at most 2.8 % of comparisons without a difference
//! were ever called different.

use super::proportions::{Arm, Comparison, Found, TAU_SQUARED_PER_VARIANCE, Verdict, compare};

/// Two sides put together of strata.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Together {
    /// The first sides of the strata that count.
    pub treated: Arm,
    /// The second sides of the strata that count.
    pub held_out: Arm,
    /// The share of either side if both were spread over the strata alike, by the weights; their difference is that of the
    /// comparison. `None` while no stratum counts.
    pub shares: Option<(f64, f64)>,
    /// How many strata count: those of which both sides have members.
    pub strata: usize,
    /// What is known.
    pub comparison: Comparison,
}

/// What the strata come to, summed up.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    weight: f64,
    /// Shares times weights.
    treated: f64,
    held_out: f64,
    p: f64,
    q: f64,
    /// p̄(1−p̄) times weights.
    spread: f64,
}

/// Whether both sides have members, so that they can be compared.
pub fn counts((treated, held_out): (Arm, Arm)) -> bool {
    treated.members > 0 && held_out.members > 0
}

/// Compares the two sides of each stratum and puts together what is found.
pub fn compare_within(strata: &[(Arm, Arm)]) -> Together {
    let counted: Vec<(Arm, Arm)> = strata.iter().copied().filter(|both| counts(*both)).collect();
    let sum = |of: &[(Arm, Arm)]| {
        of.iter().fold((Arm::default(), Arm::default()), |sum, both| (sum.0.with(both.0), sum.1.with(both.1)))
    };
    let (treated, held_out) = sum(&counted);
    let strata_that_count = counted.len();
    if counted.is_empty() {
        // Who is there can be told, but not compared.
        let (treated, held_out) = sum(strata);
        let verdict = if held_out.members == 0 { Verdict::NoComparison } else { Verdict::TooEarly };
        let nothing = Comparison { difference: None, relative_lift: None, interval: None, p_value: None, verdict };
        return Together { treated, held_out, shares: None, strata: 0, comparison: nothing };
    }
    if let [(treated, held_out)] = counted[..] {
        let shares = treated.share().zip(held_out.share());
        return Together { treated, held_out, shares, strata: 1, comparison: compare(treated, held_out) };
    }
    let mut sums = Sums::default();
    counted.iter().for_each(|both| sums.add(*both));
    let shares = (sums.treated / sums.weight, sums.held_out / sums.weight);
    let difference = shares.0 - shares.1;
    let found = Found {
        difference,
        base: shares.1,
        variance: (difference * sums.p + sums.q) / (sums.weight * sums.weight),
        tau_squared: TAU_SQUARED_PER_VARIANCE * sums.spread / sums.weight,
    };
    let comparison = found.judged(treated.is_enough() && held_out.is_enough());
    Together { treated, held_out, shares: Some(shares), strata: strata_that_count, comparison }
}

impl Sums {
    fn add(&mut self, (treated, held_out): (Arm, Arm)) {
        let (n1, n0) = (treated.members as f64, held_out.members as f64);
        let (x1, x0) = (treated.converted as f64, held_out.converted as f64);
        let all = n1 + n0;
        let weight = n1 * n0 / all;
        let pooled = (x1 + x0) / all;
        self.weight += weight;
        self.treated += weight * x1 / n1;
        self.held_out += weight * x0 / n0;
        self.p += (n1 * n1 * x0 - n0 * n0 * x1 + n1 * n0 * (n0 - n1) / 2.0) / (all * all);
        self.q += (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2.0 * all);
        self.spread += weight * pooled * (1.0 - pooled);
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng, rngs::StdRng};

    use super::{super::proportions::ALPHA, *};

    const fn arm(members: i64, converted: i64) -> Arm {
        Arm { members, converted }
    }

    fn is_near(found: f64, wanted: f64) -> bool {
        (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0)
    }

    /// A season of many orders in which few were left out beside one of few orders in which half were.
    const SEASONS: [(Arm, Arm); 2] = [(arm(9_500, 2_850), arm(500, 150)), (arm(1_000, 50), arm(1_000, 50))];

    #[test]
    fn a_season_does_not_look_like_an_effect() {
        let (treated, held_out) = (arm(10_500, 2_900), arm(1_500, 200));
        assert_eq!(compare(treated, held_out).verdict, Verdict::Raises, "the plain sum is deceived");
        let found = compare_within(&SEASONS);
        assert_eq!((found.treated, found.held_out, found.strata), (treated, held_out, 2));
        assert_eq!(found.comparison.verdict, Verdict::NoDifferenceShown);
        assert!(is_near(found.comparison.difference.unwrap(), 0.0));
        let (ours, theirs) = found.shares.unwrap();
        assert!(is_near(ours, theirs));
    }

    #[test]
    fn a_stratum_of_one_side_counts_for_nothing() {
        let one = [(arm(900, 200), arm(100, 10))];
        let with_others = [one[0], (arm(5_000, 4_000), arm(0, 0)), (arm(0, 0), arm(700, 3))];
        assert_eq!(compare_within(&with_others), compare_within(&one));
        let nobody = compare_within(&[(arm(50, 5), arm(0, 0)), (arm(7, 1), arm(0, 0))]);
        assert_eq!((nobody.treated, nobody.comparison.verdict), (arm(57, 6), Verdict::NoComparison));
        let apart = compare_within(&[(arm(500, 50), arm(0, 0)), (arm(0, 0), arm(500, 50))]);
        assert_eq!((apart.strata, apart.comparison.verdict), (0, Verdict::TooEarly));
        assert_eq!(compare_within(&[]).comparison.verdict, Verdict::NoComparison);
    }

    /// The estimate as its definition says it, member by member.
    fn naive(members: &[(usize, bool, bool)]) -> (f64, f64) {
        let (mut above, mut below, mut p, mut q) = (0.0, 0.0, 0.0, 0.0);
        for stratum in 0..4 {
            let number = |side: bool, did: Option<bool>| {
                let of = members.iter().filter(|one| one.0 == stratum && one.1 == side);
                of.filter(|one| did.is_none_or(|did| did == one.2)).count() as f64
            };
            let (n1, n0) = (number(true, None), number(false, None));
            if n1 == 0.0 || n0 == 0.0 {
                continue;
            }
            let (yes1, yes0, no1, no0) = (
                number(true, Some(true)),
                number(false, Some(true)),
                number(true, Some(false)),
                number(false, Some(false)),
            );
            let all = n1 + n0;
            above += (yes1 * n0 - yes0 * n1) / all;
            below += n1 * n0 / all;
            p += (n1.powi(2) * yes0 - n0.powi(2) * yes1 + n1 * n0 * (n0 - n1) / 2.0) / all.powi(2);
            q += (yes1 * no0 + yes0 * no1) / (2.0 * all);
        }
        let difference = above / below;
        (difference, (difference * p + q) / below.powi(2))
    }

    #[test]
    fn the_estimate_is_that_of_a_naive_count() {
        let mut random = StdRng::seed_from_u64(11);
        for _ in 0..50 {
            let members: Vec<(usize, bool, bool)> = (0..2_000)
                .map(|_| {
                    let stratum: usize = random.random_range(0..4);
                    let is_treated = random.random_bool([0.95, 0.5, 0.1, 1.0][stratum]);
                    (stratum, is_treated, random.random_bool([0.1, 0.4, 0.7, 0.9][stratum]))
                })
                .collect();
            let mut strata = [(Arm::default(), Arm::default()); 4];
            for (stratum, is_treated, did) in &members {
                let side = if *is_treated { &mut strata[*stratum].0 } else { &mut strata[*stratum].1 };
                *side = side.with(arm(1, i64::from(*did)));
            }
            let found = compare_within(&strata);
            let (difference, variance) = naive(&members);
            assert!(is_near(found.comparison.difference.unwrap(), difference));
            let (ours, theirs) = found.shares.unwrap();
            assert!(is_near(ours - theirs, difference));
            // The width of the interval tells of the variance.
            let weights: f64 = strata.iter().filter(|both| counts(**both)).map(|both| weight(*both)).sum();
            let spread: f64 =
                strata.iter().filter(|both| counts(**both)).map(|both| weight(*both) * pooled(*both)).sum();
            let half = super::super::sequential::half_width(variance, 0.01 * spread / weights, ALPHA);
            let interval = found.comparison.interval.unwrap();
            assert!(is_near(interval.high - interval.low, 2.0 * half), "{interval:?} {half}");
        }
    }

    fn weight((treated, held_out): (Arm, Arm)) -> f64 {
        1.0 / (1.0 / treated.members as f64 + 1.0 / held_out.members as f64)
    }

    fn pooled((treated, held_out): (Arm, Arm)) -> f64 {
        let share = treated.with(held_out).share().unwrap();
        share * (1.0 - share)
    }

    #[test]
    fn of_one_stratum_the_variance_is_that_of_the_plain_comparison() {
        for (treated, held_out) in [(arm(9_000, 1_800), arm(1_000, 100)), (arm(300, 20), arm(700, 300)), SEASONS[0]] {
            let mut sums = Sums::default();
            sums.add((treated, held_out));
            let difference = treated.share().unwrap() - held_out.share().unwrap();
            let plain = |arm: Arm| arm.share().unwrap() * (1.0 - arm.share().unwrap()) / arm.members as f64;
            let variance = (difference * sums.p + sums.q) / (sums.weight * sums.weight);
            assert!(is_near(variance / (plain(treated) + plain(held_out)), 1.0));
        }
    }

    /// Each stratum: the share of everybody in it, the share that is left out, and how many members.
    type Season = (f64, f64, usize);

    /// Looks after each member until a difference is seen; whether one was.
    fn is_ever_called_different(random: &mut StdRng, seasons: &[Season], effect: f64) -> bool {
        let mut strata = vec![(Arm::default(), Arm::default()); seasons.len()];
        seasons.iter().enumerate().any(|(number, (share, held_out, members))| {
            (0..*members).any(|_| {
                let is_held_out = random.random_bool(*held_out);
                let share = if is_held_out { *share } else { share + effect };
                let did = i64::from(random.random_bool(share));
                let (ours, theirs) = &mut strata[number];
                let side = if is_held_out { theirs } else { ours };
                *side = side.with(arm(1, did));
                matches!(compare_within(&strata).comparison.verdict, Verdict::Raises | Verdict::Lowers)
            })
        })
    }

    /// The acceptance test: seasons, other holdouts in each, no effect at all, and somebody who looks after every member.
    #[test]
    fn looking_after_every_member_of_many_seasons_finds_an_effect_where_there_is_none_in_at_most_a_share_alpha() {
        const COMPARISONS: usize = 600;
        let sparse: Vec<Season> = (0..40).map(|number| (0.05 + 0.02 * f64::from(number), 0.2, 25)).collect();
        let worlds: [&[Season]; 4] = [
            &[(0.05, 0.0, 800), (0.3, 0.05, 800), (0.1, 0.5, 800)],
            &[(0.02, 0.5, 1_500), (0.4, 0.1, 1_500)],
            &[(0.3, 0.5, 1_000), (0.05, 0.05, 1_500)],
            &sparse,
        ];
        let mut ever_at_all = 0;
        for seasons in worlds {
            let mut random = StdRng::seed_from_u64(20_260_326);
            let different = (0..COMPARISONS).filter(|_| is_ever_called_different(&mut random, seasons, 0.0)).count();
            let found = different as f64 / COMPARISONS as f64;
            assert!(found <= ALPHA, "{seasons:?}: {found}");
            ever_at_all += different;
        }
        assert!(ever_at_all > 0, "a test that never finds anything is none");
    }

    #[test]
    fn a_true_effect_is_found_through_the_seasons() {
        let mut random = StdRng::seed_from_u64(7);
        let seasons = [(0.05, 0.05, 3_000), (0.3, 0.2, 3_000), (0.1, 0.5, 3_000)];
        let found = (0..50).filter(|_| is_ever_called_different(&mut random, &seasons, 0.08)).count();
        assert!(found >= 45, "{found} of 50");
    }
}
