//! The past of the demo community: believable, in order, and the same each time.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use base::{
    Event, EventKind, Time,
    ids::{EventId, WorkspaceId},
};
use hearth_demo::{DemoEvent, DemoPlan, history};
use serde_json::Value;

const DAY: i64 = 86_400_000;

fn until() -> Time {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn small(seed: u64) -> DemoPlan {
    DemoPlan { seed, members: 300, days: 40, until: until() }
}

fn hash_of(plan: &DemoPlan) -> u64 {
    let mut hasher = DefaultHasher::new();
    for event in history(plan) {
        event.to_batch_item().hash(&mut hasher);
    }
    hasher.finish()
}

/// The people behind the ids: a device belongs to the user who was named together with it.
fn count_people(events: &[DemoEvent]) -> usize {
    let mut owner: HashMap<&str, &str> = HashMap::new();
    let mut users = HashSet::new();
    for event in events {
        let Some(user) = event.user_id.as_deref() else { continue };
        users.insert(user);
        if let Some(device) = event.anonymous_id.as_deref() {
            let before = owner.insert(device, user);
            assert!(before.is_none_or(|other| other == user), "{device} has two owners");
        }
    }
    let devices: HashSet<&str> = events.iter().filter_map(|event| event.anonymous_id.as_deref()).collect();
    users.len() + devices.iter().filter(|device| !owner.contains_key(**device)).count()
}

fn shanghai_day(event: &DemoEvent) -> i64 {
    (event.timestamp.millis() + 8 * 3_600_000).div_euclid(DAY)
}

#[test]
fn equal_plans_tell_equal_stories_and_another_seed_tells_another() {
    assert_eq!(hash_of(&small(1)), hash_of(&small(1)));
    assert_ne!(hash_of(&small(1)), hash_of(&small(2)));
}

#[test]
fn the_usual_demo_has_the_size_that_it_promises() {
    let plan = DemoPlan::new(until());
    let stories = history(&plan);
    let announced = stories.len();
    let events: Vec<DemoEvent> = stories.collect();
    assert_eq!(events.len(), announced);
    assert!((212_500..=287_500).contains(&events.len()), "{} events", events.len());

    let mut last = plan.start();
    let mut message_ids = HashSet::new();
    for event in &events {
        assert!(event.timestamp >= last, "out of order at {}", event.timestamp);
        last = event.timestamp;
        assert!(message_ids.insert(event.message_id.as_str()));
    }
    assert!(last <= plan.until);
    assert!(plan.until.millis() - last.millis() < DAY, "the shop did not close early");
    assert_eq!(count_people(&events), plan.members);
}

#[test]
fn the_size_does_not_depend_on_the_time_of_the_year_or_the_seed() {
    for (seed, until) in [(1, "2026-03-01T00:00:00Z"), (2, "2027-06-30T15:59:59Z"), (3, "2033-12-31T12:00:00Z")] {
        let plan = DemoPlan { seed, ..DemoPlan::new(until.parse().unwrap()) };
        let count = history(&plan).len();
        assert!((212_500..=287_500).contains(&count), "{count} events until {until}");
    }
}

#[test]
fn every_event_is_small_valid_json_that_a_log_can_keep() {
    for (index, event) in history(&small(3)).enumerate() {
        let item = event.to_batch_item();
        assert!(item.len() < 2_000, "{item}");
        let read: Value = serde_json::from_str(&item).unwrap();
        assert!(read["userId"].is_string() || read["anonymousId"].is_string(), "{item}");
        assert!(
            read["type"] == "track" && read["event"].is_string()
                || ["page", "identify"].iter().any(|it| read["type"] == *it)
        );

        let event = event.into_event(WorkspaceId(1), EventId(index as i64), until(), "demo");
        let record = event.to_record();
        assert!(record.len() < 2_000);
        let back = Event::from_record(&record).unwrap();
        assert_eq!(back.to_record(), record);
        assert!(!back.properties_value().is_empty(), "{}", back.name);
    }
}

#[test]
fn the_shop_is_busier_on_weekends_in_the_evening_and_before_feasts() {
    let events: Vec<DemoEvent> = history(&DemoPlan::new(until())).collect();
    let share = |wanted: &dyn Fn(&DemoEvent) -> bool| {
        events.iter().filter(|event| wanted(event)).count() as f64 / events.len() as f64
    };
    // Day 3 since 1970 was a Sunday.
    let weekend = share(&|event| [2, 3].contains(&shanghai_day(event).rem_euclid(7)));
    assert!((0.33..0.45).contains(&weekend), "{weekend} on two of seven days");
    let hour = |event: &DemoEvent| (event.timestamp.millis() + 8 * 3_600_000).rem_euclid(DAY) / 3_600_000;
    let evening = share(&|event| (19..23).contains(&hour(event)));
    assert!((0.30..0.50).contains(&evening), "{evening} in four of 24 hours");
    let night = share(&|event| (2..6).contains(&hour(event)));
    assert!(night < 0.05, "{night} in four hours of the night");

    let orders_on = |date: &str| {
        let day = format!("{date}T04:00:00Z").parse::<Time>().unwrap().millis().div_euclid(DAY);
        events.iter().filter(|event| event.name == "Order Completed" && shanghai_day(event) == day).count()
    };
    // 11 November 2026 is a Wednesday, like the 4th and the 18th; Mid-Autumn is on 25 September.
    assert!(orders_on("2026-11-11") > 2 * orders_on("2026-11-18").max(orders_on("2026-11-04")));
    assert!(orders_on("2026-09-23") > orders_on("2026-10-14"));
}

#[test]
fn members_are_as_unequal_as_real_ones() {
    let events: Vec<DemoEvent> = history(&DemoPlan::new(until())).collect();
    let mut by_member: HashMap<&str, usize> = HashMap::new();
    let mut last_seen: HashMap<&str, Time> = HashMap::new();
    let mut orders: HashMap<&str, usize> = HashMap::new();
    for event in &events {
        let Some(user) = event.user_id.as_deref() else { continue };
        *by_member.entry(user).or_default() += 1;
        last_seen.insert(user, event.timestamp);
        *orders.entry(user).or_default() += usize::from(event.name == "Order Completed");
    }
    let mut counts: Vec<usize> = by_member.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let busiest: usize = counts[..counts.len() / 5].iter().sum();
    let share = busiest as f64 / counts.iter().sum::<usize>() as f64;
    assert!((0.55..0.85).contains(&share), "the busiest fifth makes {share} of all events");

    let month_ago = until().millis() - 30 * DAY;
    let silent = last_seen.values().filter(|seen| seen.millis() < month_ago).count() as f64 / last_seen.len() as f64;
    assert!((0.2..0.6).contains(&silent), "{silent} were not seen for a month");

    let buyers = orders.values().filter(|count| **count > 0).count();
    let regulars = orders.values().filter(|count| **count >= 3).count();
    assert!(buyers > 1_000 && buyers < 3_500, "{buyers} buyers");
    assert!(regulars > buyers / 10 && regulars < buyers / 2, "{regulars} of {buyers} bought three times");
}

#[test]
fn strangers_become_members_and_carts_become_orders() {
    let events: Vec<DemoEvent> = history(&small(5)).collect();
    let mut seen_before_login: HashSet<&str> = HashSet::new();
    let mut merged = 0;
    let mut carts: HashSet<String> = HashSet::new();
    let (mut orders, mut left) = (0, 0);
    for event in &events {
        match (event.kind, event.anonymous_id.as_deref()) {
            (EventKind::Identify, Some(device)) => merged += usize::from(seen_before_login.remove(device)),
            (_, Some(device)) if event.user_id.is_none() => drop(seen_before_login.insert(device)),
            _ => {}
        }
        let properties: Value = serde_json::from_str(event.properties.get()).unwrap();
        match event.name {
            "Product Added" => drop(carts.insert(properties["cart_id"].as_str().unwrap().to_owned())),
            "Order Completed" => {
                orders += 1;
                assert!(carts.contains(properties["cart_id"].as_str().unwrap()), "an order without a cart");
                let products = properties["products"].as_array().unwrap();
                let goods: i64 =
                    products.iter().map(|it| it["price"].as_i64().unwrap() * it["quantity"].as_i64().unwrap()).sum();
                let expected =
                    goods - properties["discount"].as_i64().unwrap() + properties["shipping"].as_i64().unwrap();
                assert_eq!(properties["revenue"].as_i64(), Some(expected));
            }
            "Group Left" => left += 1,
            _ => {}
        }
    }
    assert!(merged > 100, "{merged} devices were seen before their owner said who he is");
    assert!(orders > 50 && orders * 10 < carts.len() * 8, "{orders} orders from {} carts", carts.len());
    assert!(left > 10);
}

#[test]
fn nobody_real_can_be_reached() {
    let mut mails = HashSet::new();
    for event in history(&small(6)).filter(|event| event.kind == EventKind::Identify) {
        let traits: Value = serde_json::from_str(event.properties.get()).unwrap();
        let Some(email) = traits["email"].as_str() else { continue };
        let (name, domain) = email.split_once('@').unwrap();
        assert!(["example.com", "example.net", "example.org"].contains(&domain), "{email}");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.'), "{email}");
        assert!(mails.insert(email.to_owned()), "{email} has two owners");
        let phone = traits["phone"].as_str().unwrap();
        assert!(phone.starts_with("+86100") && phone.len() <= 16, "{phone}");
    }
    assert!(mails.len() > 250);
}

#[test]
fn a_plan_may_be_tiny() {
    assert_eq!(history(&DemoPlan { seed: 1, members: 0, days: 90, until: until() }).count(), 0);
    let plan = DemoPlan { seed: 1, members: 3, days: 1, until: until() };
    let events: Vec<DemoEvent> = history(&plan).collect();
    assert!(count_people(&events) <= 3);
    assert!(events.iter().all(|event| event.timestamp >= plan.start() && event.timestamp <= plan.until));
}
