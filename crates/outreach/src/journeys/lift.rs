//! What a journey brought about: those whom it addressed beside those whom it left out on purpose.
//!
//! Everybody counts once, by the first run of the member who began it, in the version on which it began; coming again
//! inflates neither side. Who was left out by a step in the middle had been addressed before and counts as such.

use std::collections::BTreeMap;

use base::ids::JourneyId;
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use crate::statistics::proportions::{ALPHA, Arm, FEWEST_MEMBERS, FEWEST_OF_EACH, Interval, Verdict, compare};

/// One side of the comparison.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ArmDto {
    /// How many members.
    pub members: i64,
    /// How many of them reached the goal in its time.
    pub converted: i64,
    /// The share of those who did.
    pub conversion: Option<f64>,
    /// Holds the true share at all times at once, with 95 % probability.
    pub interval: Option<Interval>,
}

/// Two sides beside each other. All shares are parts of 1.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Lift {
    /// Those who were addressed.
    pub treated: ArmDto,
    /// Those who were left out.
    pub held_out: ArmDto,
    /// Conversion of the first minus that of the second.
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
    /// The same in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

impl From<Arm> for ArmDto {
    fn from(arm: Arm) -> ArmDto {
        ArmDto { members: arm.members, converted: arm.converted, conversion: arm.share(), interval: arm.interval() }
    }
}

impl Lift {
    /// Compares two sides.
    pub fn of(treated: Arm, held_out: Arm) -> Lift {
        let found = compare(treated, held_out);
        let (en, zh) = in_words(treated, held_out, found.verdict, found.interval);
        Lift {
            treated: treated.into(),
            held_out: held_out.into(),
            difference: found.difference,
            relative_lift: found.relative_lift,
            interval: found.interval,
            p_value: found.p_value,
            alpha: ALPHA,
            enough_data: found.interval.is_some(),
            verdict: found.verdict,
            en,
            zh,
        }
    }
}

impl Lift {
    /// Compares two sides of a journey, which may have no goal.
    pub(super) fn of_goal(treated: Arm, held_out: Arm, has_goal: bool) -> Lift {
        if has_goal {
            return Lift::of(treated, held_out);
        }
        Lift {
            verdict: Verdict::NoGoal,
            enough_data: false,
            en: "The journey has no goal, so it cannot be said what it brings about.".to_owned(),
            zh: "旅程没有设置目标，无法衡量效果。".to_owned(),
            ..Lift::of(treated, held_out)
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

/// What is known, no more and no less.
fn in_words(treated: Arm, held_out: Arm, verdict: Verdict, interval: Option<Interval>) -> (String, String) {
    let percent = |share: Option<f64>| format!("{:.1}", share.unwrap_or(0.0) * 100.0);
    let (ours, theirs) = (percent(treated.share()), percent(held_out.share()));
    let interval = interval.unwrap_or(Interval { low: 0.0, high: 0.0 });
    let (low, high) = (format!("{:+.1}", interval.low * 100.0), format!("{:+.1}", interval.high * 100.0));
    let en_both = format!("{ours} % of those addressed reached the goal, {theirs} % of those left out");
    let zh_both = format!("触达成员的达成率为 {ours}%，对照组为 {theirs}%");
    let en_range = format!("the true difference lies between {low} and {high} points (95 %, however often one looks)");
    let zh_range = format!("真实差异在 {low} 到 {high} 个百分点之间（95% 置信，随时查看均有效）");
    match verdict {
        Verdict::NoComparison | Verdict::NoGoal => (
            "Nobody is left out, so there is nothing to compare with; set a holdout to measure what this brings."
                .to_owned(),
            "没有对照组，无法比较；设置对照组后才能衡量效果。".to_owned(),
        ),
        Verdict::TooEarly => (
            format!(
                "Too early to say. Each side needs at least {FEWEST_MEMBERS} members, {FEWEST_OF_EACH} of whom reached \
                 the goal and {FEWEST_OF_EACH} of whom did not; so far {} of {} addressed and {} of {} left out reached it.",
                treated.converted, treated.members, held_out.converted, held_out.members
            ),
            format!(
                "数据还太少，暂时无法判断。每一组至少需要 {FEWEST_MEMBERS} 位成员，其中达成与未达成目标的各不少于 \
                 {FEWEST_OF_EACH} 位；目前触达的 {} 位中有 {} 位达成，对照组 {} 位中有 {} 位达成。",
                treated.members, treated.converted, held_out.members, held_out.converted
            ),
        ),
        Verdict::Raises => (
            format!("It raises the goal: {en_both}; {en_range}."),
            format!("提高了目标达成率：{zh_both}；{zh_range}。"),
        ),
        Verdict::Lowers => (
            format!("It lowers the goal: {en_both}; {en_range}."),
            format!("降低了目标达成率：{zh_both}；{zh_range}。"),
        ),
        Verdict::NoDifferenceShown => (
            format!("No difference is shown so far, which does not mean that there is none: {en_both}; {en_range}."),
            format!("目前没有显示出差异，但这不等于没有差异：{zh_both}；{zh_range}。"),
        ),
    }
}

#[derive(FromQueryResult)]
struct ArmRow {
    version: i64,
    is_held_out: i64,
    members: i64,
    converted: i64,
}

/// Those addressed and those left out, by the version on which they began.
pub(super) async fn arms(db: &impl Sql, journey: JourneyId) -> Result<BTreeMap<i64, (Arm, Arm)>, DbErr> {
    let rows: Vec<ArmRow> = db
        .all(
            "WITH first_runs (id) AS
               (SELECT MIN(id) FROM journey_runs WHERE journey_id = $1 GROUP BY origin_member_id)
             SELECT COALESCE(r.moved_from, r.version) AS version,
               CAST(CASE WHEN r.state = 'held_out' AND NOT EXISTS (SELECT 1 FROM journey_trace t
                   WHERE t.run_id = r.id AND t.action = 'held_out' AND t.step <> '') THEN 1 ELSE 0 END AS BIGINT)
                 AS is_held_out,
               COUNT(*) AS members, COUNT(r.goal_at) AS converted
             FROM first_runs f JOIN journey_runs r ON r.id = f.id GROUP BY 1, 2 ORDER BY 1, 2",
            vec![journey.0.into()],
        )
        .await?;
    let mut arms: BTreeMap<i64, (Arm, Arm)> = BTreeMap::new();
    for row in rows {
        let (treated, held_out) = arms.entry(row.version).or_default();
        let arm = Arm { members: row.members, converted: row.converted };
        *(if row.is_held_out == 1 { held_out } else { treated }) = arm;
    }
    Ok(arms)
}

/// Both sides of several versions together.
pub(super) fn together(arms: &BTreeMap<i64, (Arm, Arm)>) -> (Arm, Arm) {
    let sum = |some: &dyn Fn(&(Arm, Arm)) -> Arm| Arm {
        members: arms.values().map(|both| some(both).members).sum(),
        converted: arms.values().map(|both| some(both).converted).sum(),
    };
    (sum(&|both| both.0), sum(&|both| both.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_in_both_languages_what_is_known_and_nothing_more() {
        let arm = |members, converted| Arm { members, converted };
        for (treated, held_out, en, zh) in [
            (arm(100, 10), arm(0, 0), "Nobody is left out", "没有对照组"),
            (arm(100, 10), arm(40, 3), "Too early", "数据还太少"),
            (arm(9_000, 1_800), arm(1_000, 100), "It raises", "提高了"),
            (arm(9_000, 450), arm(1_000, 120), "It lowers", "降低了"),
            (arm(900, 95), arm(100, 10), "No difference is shown", "没有显示出差异"),
        ] {
            let lift = Lift::of(treated, held_out);
            assert!(lift.en.starts_with(en), "{}", lift.en);
            assert!(lift.zh.contains(zh), "{}", lift.zh);
            assert_eq!(lift.enough_data, lift.interval.is_some());
        }
    }
}
