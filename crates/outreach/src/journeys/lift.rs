//! What a journey brought about: those whom it addressed beside those whom it left out on purpose.
//!
//! Everybody counts once, by the first run of the member who began it, in the version on which it began; coming again
//! inflates neither side. Who was left out by a step in the middle had been addressed before and counts as such.
//!
//! Versions are never added up: how many are left out differs between them, as the season does. Members are compared only
//! with those who began on the same version while the workspace left out the same share, and what is found there is put
//! together ([`crate::statistics::strata`]). Where nobody was left out, or nobody addressed, nobody counts.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    lift_words::{self, Told},
    tallies::{Side, Tally},
};
use crate::statistics::{
    proportions::{ALPHA, Arm, Interval, Verdict},
    strata::{self, Together},
};

/// One side of the comparison.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ArmDto {
    /// How many members.
    pub members: i64,
    /// How many of them reached the goal in its time.
    pub converted: i64,
    /// The share of those who did. Where several versions count, as it would be if both sides were spread over them alike,
    /// so that it is not `converted` / `members`.
    pub conversion: Option<f64>,
    /// Holds the true share at all times at once, with 95 % probability; `null` where several versions count.
    pub interval: Option<Interval>,
}

/// Two sides beside each other. All shares are parts of 1.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Lift {
    /// Those who were addressed.
    pub treated: ArmDto,
    /// Those who were left out.
    pub held_out: ArmDto,
    /// Conversion of the first minus that of the second. Of several versions, the mean of their differences, weighted
    /// after Mantel and Haenszel.
    pub difference: Option<f64>,
    /// The difference in parts of the conversion of those left out.
    pub relative_lift: Option<f64>,
    /// Holds the true difference at all times at once, with 95 % probability: it may be looked at every day.
    pub interval: Option<Interval>,
    /// Falls to `alpha` without a difference in at most that share of comparisons, however often one looks.
    pub p_value: Option<f64>,
    /// 0.05.
    pub alpha: f64,
    /// Whether there is enough to judge by.
    pub enough_data: bool,
    /// What may be said.
    pub verdict: Verdict,
    /// Who is on neither side, since there was nobody to compare with.
    pub not_counted: Vec<NotCounted>,
    /// What may be said, in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

/// Members who began on a version and count for neither side.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NotCounted {
    /// The version on which they began.
    pub version: i64,
    /// The share that the workspace left out then.
    pub workspace_holdout: f64,
    /// How many were addressed.
    pub treated: i64,
    /// How many were left out.
    pub held_out: i64,
    /// Why they do not count.
    pub reason: WhyNotCounted,
}

/// Why members do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotCounted {
    /// The version has no goal.
    NoGoal,
    /// Nobody was left out.
    NobodyLeftOut,
    /// Nobody was addressed.
    NobodyAddressed,
}

/// Members who began on one version while the workspace left out one share: they alone can be compared with each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stratum {
    pub(super) version: i64,
    /// In millionths.
    pub(super) workspace_share: i64,
    pub(super) treated: Arm,
    pub(super) held_out: Arm,
}

/// Those addressed and those left out, by version and share.
pub(super) fn strata(tallies: &[Tally]) -> Vec<Stratum> {
    let mut strata: BTreeMap<(i64, i64), Stratum> = BTreeMap::new();
    for tally in tallies {
        let key = (tally.began_on, tally.drawn_at_share);
        let stratum = || Stratum { version: key.0, workspace_share: key.1, ..Stratum::default() };
        let arm = Arm { members: tally.runs, converted: if tally.has_goal == 1 { tally.runs } else { 0 } };
        match Side::of_number(tally.side) {
            Side::Treated => {
                let stratum = strata.entry(key).or_insert_with(stratum);
                stratum.treated = stratum.treated.with(arm);
            }
            Side::HeldOut => {
                let stratum = strata.entry(key).or_insert_with(stratum);
                stratum.held_out = stratum.held_out.with(arm);
            }
            Side::Neither => {}
        }
    }
    strata.into_values().collect()
}

impl Stratum {
    pub(super) fn both(&self) -> (Arm, Arm) {
        (self.treated, self.held_out)
    }

    fn not_counted(&self, has_goal: bool) -> Option<NotCounted> {
        let reason = match (has_goal, self.treated.members, self.held_out.members) {
            (false, ..) => WhyNotCounted::NoGoal,
            (true, _, 0) => WhyNotCounted::NobodyLeftOut,
            (true, 0, _) => WhyNotCounted::NobodyAddressed,
            _ => return None,
        };
        Some(NotCounted {
            version: self.version,
            workspace_holdout: self.workspace_share as f64 / 1e6,
            treated: self.treated.members,
            held_out: self.held_out.members,
            reason,
        })
    }
}

impl Lift {
    /// Compares two sides that were drawn from the same members at the same time.
    pub fn of(treated: Arm, held_out: Arm) -> Lift {
        Lift::told(strata::compare_within(&[(treated, held_out)]), Vec::new())
    }

    /// Compares the sides of a journey within each stratum. Versions without a goal do not count.
    pub(super) fn of_strata(members: &[Stratum], has_goal: impl Fn(i64) -> bool) -> Lift {
        let sides: Vec<(Arm, Arm)> = members.iter().filter(|one| has_goal(one.version)).map(Stratum::both).collect();
        if sides.is_empty() && !members.is_empty() {
            let all: Vec<(Arm, Arm)> = members.iter().map(Stratum::both).collect();
            return Lift::without_goal(&all);
        }
        let not_counted = members.iter().filter_map(|one| one.not_counted(has_goal(one.version))).collect();
        Lift::told(strata::compare_within(&sides), not_counted)
    }

    /// The sides of a journey of which nobody has said what is to be reached.
    pub(super) fn without_goal(sides: &[(Arm, Arm)]) -> Lift {
        Lift {
            verdict: Verdict::NoGoal,
            enough_data: false,
            en: "The journey has no goal, so it cannot be said what it brings about.".to_owned(),
            zh: "旅程没有设置目标，无法衡量效果。".to_owned(),
            ..Lift::told(strata::compare_within(sides), Vec::new())
        }
    }

    fn told(found: Together, not_counted: Vec<NotCounted>) -> Lift {
        let Together { treated, held_out, shares, strata, comparison } = found;
        let (en, zh) = lift_words::in_words(&Told { found: &found, not_counted: &not_counted });
        let arm = |arm: Arm, share: Option<f64>| ArmDto {
            members: arm.members,
            converted: arm.converted,
            conversion: share.or(arm.share()),
            interval: arm.interval().filter(|_| strata <= 1),
        };
        Lift {
            treated: arm(treated, shares.map(|shares| shares.0)),
            held_out: arm(held_out, shares.map(|shares| shares.1)),
            difference: comparison.difference,
            relative_lift: comparison.relative_lift,
            interval: comparison.interval,
            p_value: comparison.p_value,
            alpha: ALPHA,
            enough_data: comparison.interval.is_some(),
            verdict: comparison.verdict,
            not_counted,
            en,
            zh,
        }
    }

    /// With a word of warning where the goal has no end, so that both sides are not watched for the same time.
    pub(super) fn of_unlike_times(mut self) -> Lift {
        if matches!(self.verdict, Verdict::Raises | Verdict::Lowers | Verdict::NoDifferenceShown) {
            self.en += " Mind that the goal has no \"within\": those addressed were watched until they left the journey, \
                        those left out for 30 days. Give it one, and both are watched for the same time.";
            self.zh += "请注意：目标没有设置 within 期限，触达成员只观察到离开旅程为止，对照组则观察 30 天；设置期限后，两组的观察时间才一致。";
        }
        self
    }
}
