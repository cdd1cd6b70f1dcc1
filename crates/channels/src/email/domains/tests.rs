use std::time::Duration;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn domains(json: serde_json::Value) -> Arc<Domains> {
    let limits: BTreeMap<String, Limit> = serde_json::from_value(json).unwrap();
    check(&limits).unwrap();
    Domains::new(&limits)
}

#[test]
fn a_provider_gets_its_pace_and_others_are_not_held_up() {
    let domains = domains(serde_json::json!({"qq.com": {"per_second": 2.0}}));
    let first = domains.enter("foxmail.com", SECOND).unwrap();
    first.works();
    assert_eq!(domains.enter("qq.com", SECOND).err(), Some(Duration::from_millis(500)), "no burst, also at the start");
    for _ in 0..100 {
        assert!(domains.enter("example.org", SECOND).is_ok());
    }
    assert!(domains.enter("qq.com", SECOND * 2).is_ok());
}

#[test]
fn after_a_quiet_time_there_is_no_burst() {
    let domains = domains(serde_json::json!({"*": {"per_second": 10.0}}));
    drop(domains.enter("example.org", SECOND));
    let later = SECOND * 1_000;
    let passed = (0..50).filter(|_| domains.enter("example.org", later).is_ok()).count();
    assert_eq!(passed, 2);
    assert!(domains.enter("example.net", later).is_ok(), "each provider has its own");
}

#[test]
fn those_that_are_put_off_come_back_one_after_the_other() {
    let domains = domains(serde_json::json!({"*": {"per_second": 1.0}}));
    drop(domains.enter("example.org", SECOND));
    let pauses: Vec<u64> =
        (0..4).map(|_| domains.enter("example.org", SECOND).err().unwrap().as_millis() as u64).collect();
    assert_eq!(pauses, [1_000, 2_000, 3_000, 4_000]);
    let farthest = (0..5_000).filter_map(|_| domains.enter("example.org", SECOND).err()).max().unwrap();
    assert!(farthest <= FARTHEST + SECOND, "{farthest:?}");
}

#[test]
fn no_more_are_under_way_than_may_be() {
    let domains = domains(serde_json::json!({"gmail.com": {"concurrency": 2}}));
    let passes: Vec<Pass> = (0..2).map(|_| domains.enter("googlemail.com", SECOND).ok().unwrap()).collect();
    assert!(domains.enter("gmail.com", SECOND).is_err());
    drop(passes);
    assert!(domains.enter("gmail.com", SECOND).is_ok());
}

#[test]
fn a_provider_that_says_too_many_rests_longer_each_time_and_alone() {
    let domains = domains(serde_json::json!({}));
    let pass = domains.enter("163.com", SECOND).unwrap();
    assert_eq!(pass.too_many(SECOND), FIRST_REST);
    assert_eq!(pass.too_many(SECOND), FIRST_REST, "those that were under way with it do not lengthen the rest");
    assert!(domains.enter("126.com", SECOND * 2).is_err(), "the same provider");
    assert!(domains.enter("qq.com", SECOND * 2).is_ok());
    let later = SECOND + FIRST_REST;
    let pass = domains.enter("yeah.net", later).unwrap();
    assert_eq!(pass.too_many(later), FIRST_REST * 2);
    let later = later + FIRST_REST * 2;
    domains.enter("163.com", later).unwrap().works();
    assert_eq!(domains.enter("163.com", later).unwrap().too_many(later), FIRST_REST);
}

#[test]
fn what_is_remembered_stays_bounded() {
    let domains = domains(serde_json::json!({}));
    for number in 0..(MAX_REMEMBERED as u64 + 10) {
        drop(domains.enter(&format!("d{number}.example"), Duration::from_millis(number)));
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
