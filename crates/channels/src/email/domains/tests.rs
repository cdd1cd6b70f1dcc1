use std::time::Duration;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const NORMAL: i64 = 50;

fn domains(json: serde_json::Value) -> Arc<Domains> {
    let limits: BTreeMap<String, Limit> = serde_json::from_value(json).unwrap();
    check(&limits).unwrap();
    Domains::new(&limits)
}

#[test]
fn a_provider_gets_its_pace_and_others_are_not_held_up() {
    let domains = domains(serde_json::json!({"qq.com": {"per_second": 2.0}}));
    let first = domains.enter("foxmail.com", NORMAL, SECOND).unwrap();
    first.works();
    assert_eq!(
        domains.enter("qq.com", NORMAL, SECOND).err(),
        Some(Duration::from_millis(500)),
        "no burst, also at the start"
    );
    for _ in 0..100 {
        assert!(domains.enter("example.org", NORMAL, SECOND).is_ok());
    }
    assert!(domains.enter("qq.com", NORMAL, SECOND * 2).is_ok());
}

#[test]
fn after_a_quiet_time_there_is_no_burst() {
    let domains = domains(serde_json::json!({"*": {"per_second": 10.0}}));
    drop(domains.enter("example.org", NORMAL, SECOND));
    let later = SECOND * 1_000;
    let passed = (0..50).filter(|_| domains.enter("example.org", NORMAL, later).is_ok()).count();
    assert_eq!(passed, 2);
    assert!(domains.enter("example.net", NORMAL, later).is_ok(), "each provider has its own");
}

#[test]
fn those_that_are_put_off_come_back_one_after_the_other() {
    let domains = domains(serde_json::json!({"*": {"per_second": 1.0}}));
    drop(domains.enter("example.org", NORMAL, SECOND));
    let pauses: Vec<u64> =
        (0..4).map(|_| domains.enter("example.org", NORMAL, SECOND).err().unwrap().as_millis() as u64).collect();
    assert_eq!(pauses, [1_000, 2_000, 3_000, 4_000]);
    let farthest = (0..5_000).filter_map(|_| domains.enter("example.org", NORMAL, SECOND).err()).max().unwrap();
    assert!(farthest <= FARTHEST + SECOND, "{farthest:?}");
}

#[test]
fn a_higher_priority_does_not_wait_behind_lower_ones_that_were_put_off_before() {
    let domains = domains(serde_json::json!({"*": {"per_second": 1.0}}));
    drop(domains.enter("example.org", NORMAL, SECOND));
    let pause = |priority: i64| domains.enter("example.org", priority, SECOND).err().unwrap().as_secs();
    assert_eq!((0..100).map(|_| pause(10)).max(), Some(100));
    assert_eq!((0..3).map(|_| pause(90)).collect::<Vec<u64>>(), [1, 2, 3]);
    assert_eq!(pause(NORMAL), 4, "behind those of a higher priority");
    assert_eq!(pause(10), 101, "and these behind their own");
    // Whoever comes first at a moment gets it; the other gets its place anew, behind its own.
    assert!(domains.enter("example.org", 90, SECOND * 2).is_ok());
    assert_eq!(domains.enter("example.org", 10, SECOND * 2).err(), Some(SECOND * 101));
    for number in 0..1_000 {
        pause(number);
    }
    let states = domains.lock();
    assert!(states["example.org"].put_off_until.values().all(|until| *until <= SECOND + FARTHEST + SECOND));
}

#[test]
fn no_more_are_under_way_than_may_be() {
    let domains = domains(serde_json::json!({"gmail.com": {"concurrency": 2}}));
    let passes: Vec<Pass> = (0..2).map(|_| domains.enter("googlemail.com", NORMAL, SECOND).ok().unwrap()).collect();
    assert!(domains.enter("gmail.com", NORMAL, SECOND).is_err());
    drop(passes);
    assert!(domains.enter("gmail.com", NORMAL, SECOND).is_ok());
}

#[test]
fn a_provider_that_says_too_many_rests_longer_each_time_and_alone() {
    let domains = domains(serde_json::json!({}));
    let pass = domains.enter("163.com", NORMAL, SECOND).unwrap();
    assert_eq!(pass.too_many(SECOND), FIRST_REST);
    assert_eq!(pass.too_many(SECOND), FIRST_REST, "those that were under way with it do not lengthen the rest");
    assert!(domains.enter("126.com", NORMAL, SECOND * 2).is_err(), "the same provider");
    assert!(domains.enter("qq.com", NORMAL, SECOND * 2).is_ok());
    let later = SECOND + FIRST_REST;
    let pass = domains.enter("yeah.net", NORMAL, later).unwrap();
    assert_eq!(pass.too_many(later), FIRST_REST * 2);
    let later = later + FIRST_REST * 2;
    domains.enter("163.com", NORMAL, later).unwrap().works();
    assert_eq!(domains.enter("163.com", NORMAL, later).unwrap().too_many(later), FIRST_REST);
}

#[test]
fn what_is_remembered_stays_bounded() {
    let domains = domains(serde_json::json!({}));
    for number in 0..(MAX_REMEMBERED as u64 + 10) {
        drop(domains.enter(&format!("d{number}.example"), NORMAL, Duration::from_millis(number)));
    }
    assert!(domains.lock().len() <= MAX_REMEMBERED);
}

#[test]
fn wrong_limits_are_refused_with_their_path() {
    let path = |json| {
        let limits: BTreeMap<String, Limit> = serde_json::from_value(json).unwrap();
        check(&limits).unwrap_err().errors[0].path.clone()
    };
    assert_eq!(path(serde_json::json!({"two words": {"per_second": 1}})), "domains.two words");
    assert_eq!(path(serde_json::json!({"qq.com": {}})), "domains.qq.com");
    assert_eq!(path(serde_json::json!({"qq.com": {"per_second": 0}})), "domains.qq.com.per_second");
    assert_eq!(
        path(serde_json::json!({"foxmail.com": {"concurrency": 1}, "qq.com": {"concurrency": 2}})),
        "domains.qq.com"
    );
}
