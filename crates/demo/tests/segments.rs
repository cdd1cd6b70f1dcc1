//! The segments of the starter say something about the community of the demo.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;

use base::{
    Time,
    rule::{EventCondition, Measure, Rule},
};
use hearth_demo::{DemoEvent, DemoPlan, history, starter};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

#[derive(Default)]
struct Member {
    traits: Map<String, Value>,
    events: Vec<(&'static str, Time, Map<String, Value>)>,
}

/// Members with their events; what a device did before its owner said who he is counts as his.
fn members(events: Vec<DemoEvent>) -> Vec<Member> {
    let mut owner: HashMap<String, String> = HashMap::new();
    for event in &events {
        if let (Some(device), Some(user)) = (&event.anonymous_id, &event.user_id) {
            owner.insert(device.clone(), user.clone());
        }
    }
    let mut members: HashMap<String, Member> = HashMap::new();
    for event in events {
        let device = event.anonymous_id.unwrap_or_default();
        let who = event.user_id.or_else(|| owner.get(&device).cloned()).unwrap_or(device);
        let member = members.entry(who).or_default();
        let properties: Map<String, Value> = serde_json::from_str(event.properties.get()).unwrap();
        if event.name == "Identified" {
            member.traits.extend(properties.clone());
        }
        member.events.push((event.name, event.timestamp, properties));
    }
    members.into_values().collect()
}

fn holds(rule: &Rule, member: &Member, now: Time) -> bool {
    match rule {
        Rule::All(rules) => rules.iter().all(|rule| holds(rule, member, now)),
        Rule::Any(rules) => rules.iter().any(|rule| holds(rule, member, now)),
        Rule::Not(rule) => !holds(rule, member, now),
        Rule::Trait(comparison) => comparison.holds(&member.traits),
        Rule::Event(condition) => event_holds(condition, member, now),
        // Nobody carries a tag yet when the plan begins.
        _ => false,
    }
}

fn event_holds(condition: &EventCondition, member: &Member, now: Time) -> bool {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let start = condition.within.as_ref().map(|period| period.before(now, &zone));
    let matching = member.events.iter().filter(|(name, at, properties)| {
        *name == condition.filter.event
            && start.is_none_or(|start| *at > start)
            && condition.filter.filters.iter().all(|filter| filter.holds(properties))
    });
    let values: Vec<f64> = match condition.measure.property() {
        None => matching.map(|_| 1.0).collect(),
        Some(property) => matching.filter_map(|(_, _, properties)| properties.get(property)?.as_f64()).collect(),
    };
    let measured = match condition.measure {
        Measure::Count | Measure::Sum(_) => values.iter().sum(),
        _ if values.is_empty() => return false,
        Measure::Avg(_) => values.iter().sum::<f64>() / values.len() as f64,
        Measure::Min(_) => values.iter().copied().fold(f64::INFINITY, f64::min),
        Measure::Max(_) => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        _ => panic!("the demo's segments ask for numbers"),
    };
    condition.test.holds(Some(&measured.into()))
}

#[test]
fn every_segment_has_members_and_none_has_everybody() {
    // In spring, far from all feasts, and in autumn, in the middle of them.
    for until in ["2026-05-12T08:00:00Z", "2026-11-21T08:00:00Z"] {
        let plan = DemoPlan::new(until.parse().unwrap());
        let members = members(history(&plan).collect());
        assert_eq!(members.len(), plan.members);
        for segment in starter().segments {
            let rule = Rule::parse(&segment.rule).unwrap();
            let size = members.iter().filter(|member| holds(&rule, member, plan.until)).count();
            println!("{until} {size} {}", segment.name);
            assert!((20..2_000).contains(&size), "{until}: \"{}\" holds for {size}", segment.name);
        }
    }
}
