//! What a comparison says, in words.

use super::lift::{NotCounted, WhyNotCounted};
use crate::statistics::{
    proportions::{FEWEST_MEMBERS, FEWEST_OF_EACH, Interval, Verdict},
    strata::Together,
};

/// Most versions that are named one by one because they do not count.
const MOST_NAMED: usize = 5;

/// What is to be told.
pub(super) struct Told<'a> {
    pub(super) found: &'a Together,
    pub(super) not_counted: &'a [NotCounted],
}

/// What is known, no more and no less.
pub(super) fn in_words(told: &Told<'_>) -> (String, String) {
    let (mut en, mut zh) = verdict_in_words(told.found);
    if told.found.comparison.verdict != Verdict::NoComparison && !told.not_counted.is_empty() {
        let (english, chinese) = not_counted_in_words(told.not_counted);
        en += &english;
        zh += &chinese;
    }
    (en, zh)
}

fn verdict_in_words(found: &Together) -> (String, String) {
    let Together { treated, held_out, shares, strata, comparison } = found;
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let (ours, theirs) = shares.unwrap_or_default();
    let (ours, theirs) = (percent(ours), percent(theirs));
    let interval = comparison.interval.unwrap_or(Interval { low: 0.0, high: 0.0 });
    let (low, high) = (format!("{:+.1}", interval.low * 100.0), format!("{:+.1}", interval.high * 100.0));
    let (en_within, zh_within) = match strata {
        0 | 1 => ("", ""),
        _ => (" (members of each version compared among themselves)", "（各版本内部分别比较后汇总）"),
    };
    let en_both = format!("{ours} % of those addressed reached the goal, {theirs} % of those left out{en_within}");
    let zh_both = format!("触达成员的达成率为 {ours}%，对照组为 {theirs}%{zh_within}");
    let en_range = format!("the true difference lies between {low} and {high} points (95 %, however often one looks)");
    let zh_range = format!("真实差异在 {low} 到 {high} 个百分点之间（95% 置信，随时查看均有效）");
    match comparison.verdict {
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

/// Who counts for neither side, and why.
fn not_counted_in_words(not_counted: &[NotCounted]) -> (String, String) {
    let needs_share = |one: &NotCounted| {
        not_counted.iter().filter(|other| other.version == one.version).count() > 1 || one.workspace_holdout > 0.0
    };
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    for one in not_counted.iter().take(MOST_NAMED) {
        let members = one.treated + one.held_out;
        let (why, why_zh) = match one.reason {
            WhyNotCounted::NoGoal => ("no goal", "没有目标"),
            WhyNotCounted::NobodyLeftOut => ("nobody left out to compare with", "没有对照成员可比"),
            WhyNotCounted::NobodyAddressed => ("nobody addressed to compare with", "没有触达成员可比"),
        };
        let (while_, while_zh) = match needs_share(one) {
            true => {
                let share = (one.workspace_holdout * 1e6).round() / 1e4;
                (format!(" while the workspace held out {share} %"), format!("（工作区对照比例为 {share}% 时）"))
            }
            false => (String::new(), String::new()),
        };
        en.push(format!("version {}{while_} ({members} members, {why})", one.version));
        zh.push(format!("版本 {}{while_zh}（{members} 位成员，{why_zh}）", one.version));
    }
    let more = not_counted.len().saturating_sub(MOST_NAMED);
    if more > 0 {
        en.push(format!("and {more} more"));
        zh.push(format!("另有 {more} 项"));
    }
    (format!(" Not counted: {}.", en.join("; ")), format!("未计入：{}。", zh.join("；")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        journeys::lift::{Lift, Stratum},
        statistics::proportions::Arm,
    };

    fn arm(members: i64, converted: i64) -> Arm {
        Arm { members, converted }
    }

    #[test]
    fn says_in_both_languages_what_is_known_and_nothing_more() {
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

    #[test]
    fn says_which_versions_do_not_count_and_why() {
        let stratum =
            |version, workspace_share, treated, held_out| Stratum { version, workspace_share, treated, held_out };
        let members = [
            stratum(1, 0, arm(5_000, 4_000), arm(0, 0)),
            stratum(2, 0, arm(900, 95), arm(100, 10)),
            stratum(2, 50_000, arm(900, 195), arm(100, 20)),
            stratum(3, 50_000, arm(30, 0), arm(2, 0)),
            stratum(4, 50_000, arm(0, 0), arm(7, 1)),
        ];
        let lift = Lift::of_strata(&members, |version| version != 3);
        assert_eq!(lift.verdict, Verdict::NoDifferenceShown);
        assert_eq!((lift.treated.members, lift.held_out.members), (1_800, 200));
        assert!(
            (lift.treated.conversion.unwrap() - lift.held_out.conversion.unwrap() - lift.difference.unwrap()).abs()
                < 1e-12
        );
        let end = " Not counted: version 1 (5000 members, nobody left out to compare with); version 3 while the workspace held \
                   out 5 % (32 members, no goal); version 4 while the workspace held out 5 % (7 members, nobody addressed to \
                   compare with).";
        assert!(lift.en.ends_with(end), "{}", lift.en);
        assert!(
            lift.zh.contains("未计入：版本 1（5000 位成员，没有对照成员可比）；版本 3（工作区对照比例为 5% 时）"),
            "{}",
            lift.zh
        );
        assert_eq!(Lift::of_strata(&members, |_| false).verdict, Verdict::NoGoal);
        let many: Vec<Stratum> =
            (1..9).map(|version| stratum(version, 0, arm(1, 0), arm(i64::from(version == 1), 0))).collect();
        let lift = Lift::of_strata(&many, |_| true);
        assert_eq!(lift.not_counted.len(), 7);
        assert!(lift.en.ends_with("; and 2 more.") && lift.zh.ends_with("另有 2 项。"), "{}", lift.en);
    }
}
