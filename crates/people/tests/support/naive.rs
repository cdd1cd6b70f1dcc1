//! Segments as anybody would compute them: read every event, and ask the rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{
    Time,
    ids::SegmentId,
    rule::{Measure, Rule},
};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use store::{Db, FromQueryResult, Sql};

#[derive(FromQueryResult)]
struct EventRow {
    id: i64,
    identity_id: i64,
    member_id: i64,
    name: String,
    kind: String,
    happened_at: i64,
    properties_json: String,
}

#[derive(FromQueryResult)]
struct MergeRow {
    id: i64,
    kept_member_id: i64,
    identities_json: String,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    id: i64,
    member_id: i64,
    origin_member_id: i64,
}

#[derive(FromQueryResult)]
struct SegmentRow {
    id: i64,
    rule_json: String,
}

#[derive(FromQueryResult)]
struct PairRow {
    segment_id: i64,
    member_id: i64,
}

#[derive(Default)]
struct Person {
    traits: Map<String, Value>,
    tags: BTreeSet<String>,
    /// Name, moment, properties.
    events: Vec<(String, i64, Map<String, Value>)>,
}

/// Who is in which segment, as the tables say.
pub async fn actual(db: &Db) -> BTreeSet<(i64, i64)> {
    let rows: Vec<PairRow> = db.read().all("SELECT segment_id, member_id FROM segment_members", vec![]).await.unwrap();
    rows.into_iter().map(|row| (row.segment_id, row.member_id)).collect()
}

/// Who should be in which segment at `now`.
pub async fn expected(db: &Db, now: Time) -> BTreeSet<(i64, i64)> {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let segments: Vec<SegmentRow> =
        db.read().all("SELECT id, rule_json FROM segments WHERE deleted_at IS NULL", vec![]).await.unwrap();
    let rules: BTreeMap<SegmentId, Rule> = segments
        .into_iter()
        .map(|row| (SegmentId(row.id), Rule::parse(&serde_json::from_str(&row.rule_json).unwrap()).unwrap()))
        .collect();
    let people = people(db).await;
    let mut found = BTreeSet::new();
    for (id, rule) in &rules {
        let members = people.iter().filter(|(_, person)| holds(rule, person, &rules, now, &zone));
        found.extend(members.map(|(member, _)| (id.0, *member)));
    }
    found
}

async fn people(db: &Db) -> BTreeMap<i64, Person> {
    let identities: Vec<IdentityRow> =
        db.read().all("SELECT id, member_id, origin_member_id FROM identities ORDER BY id", vec![]).await.unwrap();
    let events: Vec<EventRow> = db
        .read()
        .all(
            "SELECT e.id, e.identity_id, i.member_id, n.name, e.kind, e.happened_at, e.properties_json
             FROM events e JOIN identities i ON i.id = e.identity_id JOIN event_names n ON n.id = e.name_id
             ORDER BY e.id",
            vec![],
        )
        .await
        .unwrap();
    let merges: Vec<MergeRow> =
        db.read().all("SELECT id, kept_member_id, identities_json FROM merges ORDER BY id", vec![]).await.unwrap();
    let mut people: BTreeMap<i64, Person> = BTreeMap::new();
    for identity in &identities {
        people.entry(identity.member_id).or_default();
    }
    // (identity, trait) → what was said last under that identity.
    let mut said: BTreeMap<(i64, String), (i64, String, Value)> = BTreeMap::new();
    for event in &events {
        let properties: Map<String, Value> = serde_json::from_str(&event.properties_json).unwrap();
        if event.kind == "identify" {
            for (name, value) in &properties {
                let fact = (event.happened_at, value.to_string(), value.clone());
                let last = said.entry((event.identity_id, name.clone())).or_insert_with(|| fact.clone());
                if (last.0, &last.1) < (fact.0, &fact.1) {
                    *last = fact;
                }
            }
        }
        let person = people.get_mut(&event.member_id).unwrap();
        person.events.push((event.name.clone(), event.happened_at, properties));
    }
    let member_of: HashMap<i64, i64> = identities.iter().map(|i| (i.id, i.member_id)).collect();
    let mut latest: BTreeMap<(i64, String), (i64, i64, Value)> = BTreeMap::new();
    for ((identity, name), (at, _, value)) in said {
        let key = (member_of[&identity], name);
        if latest.get(&key).is_none_or(|(other, id, _)| (*other, *id) < (at, identity)) {
            latest.insert(key, (at, identity, value));
        }
    }
    for ((member, name), (_, _, value)) in latest {
        if !value.is_null() {
            people.get_mut(&member).unwrap().traits.insert(name, value);
        }
    }
    for (identity, tags) in tags(&identities, &events, &merges) {
        people.get_mut(&member_of[&identity]).unwrap().tags.extend(tags);
    }
    people
}

/// Commands and merges in the order in which they happened: a removal takes a tag off everything
/// that was the member's at that moment.
fn tags(identities: &[IdentityRow], events: &[EventRow], merges: &[MergeRow]) -> HashMap<i64, BTreeSet<String>> {
    let mut owner: HashMap<i64, i64> = identities.iter().map(|i| (i.id, i.origin_member_id)).collect();
    let mut tags: HashMap<i64, BTreeSet<String>> = HashMap::new();
    let mut merges = merges.iter().peekable();
    for (place, event) in events.iter().enumerate() {
        // A merge is numbered after the event that led to it and before the next event.
        let next_event = events.get(place + 1).map_or(i64::MAX, |next| next.id);
        while let Some(merge) = merges.next_if(|merge| merge.id < next_event) {
            let moved: Vec<i64> = serde_json::from_str(&merge.identities_json).unwrap();
            owner.extend(moved.into_iter().map(|identity| (identity, merge.kept_member_id)));
        }
        if event.kind != "command" {
            continue;
        }
        let properties: Value = serde_json::from_str(&event.properties_json).unwrap();
        for tag in properties["tags"].as_array().unwrap() {
            let tag = tag.as_str().unwrap().to_owned();
            if event.name == "Tag Added" {
                tags.entry(event.identity_id).or_default().insert(tag);
                continue;
            }
            let member = owner[&event.identity_id];
            for (identity, tags) in &mut tags {
                if owner[identity] == member {
                    tags.remove(&tag);
                }
            }
        }
    }
    tags
}

fn holds(rule: &Rule, person: &Person, rules: &BTreeMap<SegmentId, Rule>, now: Time, zone: &TimeZone) -> bool {
    match rule {
        Rule::All(parts) => parts.iter().all(|part| holds(part, person, rules, now, zone)),
        Rule::Any(parts) => parts.iter().any(|part| holds(part, person, rules, now, zone)),
        Rule::Not(part) => !holds(part, person, rules, now, zone),
        Rule::Trait(comparison) => comparison.holds(&person.traits),
        Rule::Tag(tag) => person.tags.contains(tag),
        Rule::Stage(_) => false,
        Rule::Segment(id) => rules.get(id).is_some_and(|rule| holds(rule, person, rules, now, zone)),
        Rule::Event(condition) => {
            let start = condition.within.as_ref().map_or(i64::MIN, |within| within.before(now, zone).millis());
            let matching: Vec<&Map<String, Value>> = person
                .events
                .iter()
                .filter(|(name, at, _)| *name == condition.event && start < *at && *at <= now.millis())
                .map(|(_, _, properties)| properties)
                .filter(|properties| condition.filters.iter().all(|filter| filter.holds(properties)))
                .collect();
            let property = condition.measure.property().unwrap_or_default();
            let numbers: Vec<f64> =
                matching.iter().filter_map(|properties| properties.get(property)?.as_f64()).collect();
            let sum: f64 = numbers.iter().sum();
            let result = match &condition.measure {
                Measure::Count => Some(matching.len() as f64),
                Measure::Sum(_) => Some(sum),
                Measure::Avg(_) => Some(sum / numbers.len() as f64).filter(|_| !numbers.is_empty()),
                Measure::Min(_) => numbers.iter().copied().reduce(f64::min),
                Measure::Max(_) => numbers.iter().copied().reduce(f64::max),
            };
            result.is_some_and(|result| condition.operator.holds(result, condition.value))
        }
    }
}
