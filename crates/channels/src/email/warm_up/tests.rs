use std::sync::Mutex as StdMutex;

use async_trait::async_trait;
use base::{Time, clock::Sleep};

use super::*;

const MIDNIGHT: i64 = 20_000 * 86_400_000;

#[derive(Clone, Debug)]
struct Still(Arc<StdMutex<i64>>);

impl Clock for Still {
    fn now(&self) -> Time {
        Time::from_millis(*self.0.lock().unwrap())
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::pending())
    }
}

/// Counts in memory, and outlives the quotas of a test as the database does.
struct Counts(Still, StdMutex<std::collections::HashMap<(String, i64), i64>>);

#[async_trait]
impl DayCounts for Counts {
    async fn today(&self, _: ChannelId) -> Result<Day, String> {
        let number = self.0.now().millis().div_euclid(86_400_000);
        Ok(Day { number, ends_at: Time::from_millis((number + 1) * 86_400_000) })
    }

    async fn take(&self, _: ChannelId, way: &str, day: i64, most: i64, wanted: i64) -> Result<i64, String> {
        let mut counts = self.1.lock().unwrap();
        let taken = counts.entry((way.to_owned(), day)).or_default();
        let granted = wanted.min(most - *taken).max(0);
        *taken += granted;
        Ok(granted)
    }
}

struct House(Still, Arc<Counts>);

impl House {
    fn new() -> House {
        let clock = Still(Arc::new(StdMutex::new(MIDNIGHT)));
        House(clock.clone(), Arc::new(Counts(clock, StdMutex::default())))
    }

    fn quota(&self, json: serde_json::Value) -> Quota {
        let account: AccountConfig = serde_json::from_value(json).unwrap();
        Quota::of(&account, ChannelId(1), self.1.clone(), Arc::new(self.0.clone())).unwrap()
    }
}

fn warm_up(plan: serde_json::Value) -> serde_json::Value {
    // Day 20,000 is 2024-10-04.
    serde_json::json!({"name": "a", "host": "mx.example", "warm_up": {"start": "2024-10-04", "plan": plan}})
}

async fn passed(quota: &Quota, tries: usize) -> usize {
    let mut passed = 0;
    for _ in 0..tries {
        passed += usize::from(quota.take().await.is_ok());
    }
    passed
}

#[tokio::test]
async fn each_day_lets_through_what_the_plan_says_and_then_everything() {
    let house = House::new();
    let quota = house.quota(warm_up(serde_json::json!([5, 9])));
    for expected in [5, 9, 30] {
        assert_eq!(passed(&quota, 30).await, expected);
        *house.0.0.lock().unwrap() += 86_400_000;
    }
}

#[tokio::test]
async fn the_count_outlives_the_process_and_a_crash_makes_the_day_shorter_only() {
    let house = House::new();
    let config = warm_up(serde_json::json!([500, 500]));
    let first = house.quota(config.clone());
    assert_eq!(passed(&first, 101).await, 101);
    drop(first);
    let rest = passed(&house.quota(config), 1_000).await;
    assert!((390..=399).contains(&rest), "{rest}");
}

#[tokio::test]
async fn what_did_not_leave_may_leave_later() {
    let house = House::new();
    let quota = house.quota(warm_up(serde_json::json!([2, 2])));
    assert_eq!(passed(&quota, 2).await, 2);
    quota.give_back().await;
    assert_eq!(quota.spent(), None);
    assert_eq!(passed(&quota, 5).await, 1);
    let until_tomorrow = Wait { reason: "warm_up", pause: DAY };
    assert_eq!(quota.spent(), Some(until_tomorrow));
    *house.0.0.lock().unwrap() += 86_400_000;
    assert_eq!(quota.spent(), None);
}

#[tokio::test]
async fn a_queue_that_is_longer_than_tomorrow_does_not_come_back_as_a_whole() {
    let house = House::new();
    let quota = house.quota(warm_up(serde_json::json!([1, 2, 3, 4])));
    assert_eq!(passed(&quota, 1).await, 1);
    let mut days = Vec::new();
    for _ in 0..7 {
        let wait = quota.take().await.unwrap_err();
        assert_eq!(wait.reason, "warm_up");
        days.push(wait.pause.as_secs() / 86_400);
    }
    assert_eq!(days, [1, 1, 2, 2, 2, 3, 3]);
}

#[tokio::test]
async fn the_smaller_of_two_limits_counts() {
    let house = House::new();
    let mut config = warm_up(serde_json::json!("standard"));
    config["most_per_day"] = 3.into();
    let quota = house.quota(config);
    assert_eq!(passed(&quota, 10).await, 3);
    assert_eq!(quota.take().await.unwrap_err().reason, "account_limit");
}
