//! Segments as anybody would compute them: read every event, and ask the rule.

mod facts;

use std::collections::{BTreeMap, BTreeSet};

use base::{
    Time,
    ids::{GroupId, SegmentId, WorkspaceId},
    rule::{EventFilter, Measure, Rule},
};
use jiff::tz::TimeZone;
use people::{
    rules::{BookSource, ComputedTrait, SegmentRole, SegmentSource},
    tags::TagRule,
};
use serde_json::{Map, Value, json};
use store::{Db, FromQueryResult, Sql};

use super::WORKSPACE;

pub use facts::{Circle, Facts};

/// All facts about one person.
#[derive(Default)]
pub struct Person {
    /// Moment, identity, group, whether it was entered.
    pub group_changes: Vec<(i64, i64, i64, bool)>,
    /// What was said of traits, in the order in which it arrived.
    pub said: Vec<Said>,
    /// Moment, identity, tag, whether it was added.
    pub tag_changes: Vec<(i64, i64, String, bool)>,
    /// Name, moment, properties.
    pub events: Vec<(String, i64, Map<String, Value>)>,
}

/// What an identity said of a trait.
#[derive(Clone, Debug)]
pub struct Said {
    /// Since when it counts.
    pub since: i64,
    /// When it was said.
    pub at: i64,
    pub identity: i64,
    pub name: String,
    pub how: How,
    /// The value, or the operand.
    pub value: Value,
}

/// How it was said.
#[derive(Clone, Debug)]
pub enum How {
    /// The trait is this.
    Is,
    /// The operation of this word is done with it.
    Does(String),
    /// Whatever the identity said of any trait counts no more.
    Clears,
}

/// What rules may ask for: segments, and what stands behind tags, stages and computed traits.
pub struct World {
    /// The rules of all segments, also of those behind something else.
    pub rules: BTreeMap<SegmentId, Rule>,
    /// Stages, from the lowest.
    ladder: Vec<(&'static str, SegmentId)>,
    /// Tags that rules give.
    dynamic: BTreeMap<&'static str, SegmentId>,
    /// Traits that are computed from events.
    computed: BTreeMap<&'static str, Value>,
    /// Tags of which a person shows only the one that was put on last.
    exclusive: Vec<&'static str>,
    /// After how long a tag comes off.
    expiring: BTreeMap<&'static str, base::Period>,
    /// The group that rules ask for.
    group: GroupId,
}

/// The segment behind the tag "hot", in the first workspace.
pub const HOT: SegmentId = SegmentId(51);
/// The group that rules ask for, in the first workspace.
pub const GROUP: GroupId = GroupId(77);

/// The number that something has in a workspace, by its number in the first one.
pub fn id_in(workspace: WorkspaceId, id: i64) -> i64 {
    1_000 * (workspace.0 - WORKSPACE.0) + id
}

impl World {
    /// These segments, and with them stages, a dynamic tag and a computed trait.
    pub fn new(mut rules: BTreeMap<SegmentId, Rule>) -> World {
        let ladder = vec![("buyer", SegmentId(41)), ("repeat", SegmentId(42))];
        for (count, (_, id)) in ladder.iter().enumerate() {
            let rule = json!({"event": "Order Completed", "count": {"op": "gte", "value": count + 1}});
            rules.insert(*id, Rule::parse(&rule).unwrap());
        }
        rules.insert(HOT, Rule::parse(&World::hot()).unwrap());
        World { rules, ladder, ..World::empty(WORKSPACE) }
    }

    fn empty(workspace: WorkspaceId) -> World {
        World {
            rules: BTreeMap::new(),
            ladder: Vec::new(),
            dynamic: BTreeMap::from([("hot", SegmentId(id_in(workspace, HOT.0)))]),
            computed: BTreeMap::from([("orders", World::orders())]),
            exclusive: vec!["new", "old"],
            expiring: BTreeMap::from([("old", "P2D".parse().unwrap())]),
            group: GroupId(id_in(workspace, GROUP.0)),
        }
    }

    /// Who has the tag "hot".
    pub fn hot() -> Value {
        json!({"any": [{"event": "Page Read", "within": "P1D"}, {"tag": "vip"}]})
    }

    /// The trait "orders", as a condition without a test.
    pub fn orders() -> Value {
        json!({"event": "Order Completed", "measure": "count", "within": "P2D"})
    }

    /// The same for the rule book.
    pub fn source(&self) -> BookSource {
        let place = |id: &SegmentId| self.ladder.iter().position(|(_, rung)| rung == id);
        let segment = |(id, rule): (&SegmentId, &Rule)| SegmentSource {
            keeps: place(id).is_some(),
            role: match place(id) {
                Some(place) => SegmentRole::Stage(self.ladder[place].0.to_owned(), place as i64),
                None if *id == HOT => SegmentRole::Tag("hot".to_owned()),
                None => SegmentRole::Segment,
            },
            ..SegmentSource::plain(*id, rule.clone())
        };
        let orders = Rule::parse(&json!({"event": "Order Completed", "within": "P2D"})).unwrap();
        let Rule::Event(orders) = orders else { unreachable!() };
        let orders = ComputedTrait { filter: orders.filter, measure: orders.measure, within: orders.within };
        let excludes = |other: &str| TagRule { excludes: vec![other.to_owned()], ..TagRule::default() };
        BookSource {
            segments: self.rules.iter().map(segment).collect(),
            computed: BTreeMap::from([("orders".to_owned(), orders)]),
            tags: BTreeMap::from([("new".to_owned(), excludes("old")), ("old".to_owned(), excludes("new"))]),
            ..BookSource::default()
        }
    }
}

impl Person {
    /// Whether a rule holds for the person at `now`; clocks are those of Berlin.
    pub fn is_in(&self, rule: &Rule, world: &World, now: Time) -> bool {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        Asked { person: self, world, zone: &zone, now, until: i64::MAX }.holds(rule)
    }

    /// Moments after `now` at which a rule's answer may change by itself.
    pub fn turning_points(&self, rule: &Rule, world: &World, now: Time) -> Vec<Time> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let asked = Asked { person: self, world, zone: &zone, now, until: i64::MAX };
        let mut windows = Vec::new();
        asked.windows(rule, &mut windows);
        let mut found: BTreeSet<i64> = self.moments().into_iter().collect();
        // What leaves a window, and what has then been so for some time.
        for _ in 0..2 {
            let leaving = |at: &i64| {
                let at = Time::from_millis(*at);
                windows.iter().map(|window| window.leaves_window(at, &zone).millis()).collect::<Vec<_>>()
            };
            let more: Vec<i64> = found.iter().flat_map(leaving).collect();
            found.extend(more);
        }
        found.into_iter().filter(|at| *at > now.millis()).map(Time::from_millis).collect()
    }

    /// What the profile showed of each trait.
    fn traits(&self, until: i64) -> Map<String, Value> {
        let mut latest: BTreeMap<String, (i64, i64, Value)> = BTreeMap::new();
        for ((identity, name), Made { at, value, .. }) in self.made(until) {
            let fact = (at, identity, value);
            let last = latest.entry(name).or_insert_with(|| fact.clone());
            if (last.0, last.1) < (fact.0, fact.1) {
                *last = fact;
            }
        }
        let shown = latest.into_iter().filter(|(_, (.., value))| !value.is_null());
        shown.map(|(name, (.., value))| (name, value)).collect()
    }

    /// What each identity had made of each trait, one thing after another.
    pub fn made(&self, until: i64) -> BTreeMap<(i64, String), Made> {
        let mut made: BTreeMap<(i64, String), Made> = BTreeMap::new();
        for Said { at, identity, name, how, value, .. } in self.said.iter().filter(|said| said.since <= until) {
            let key = (*identity, name.clone());
            let before = made.get(&key).cloned();
            match how {
                How::Clears => made.retain(|(of, _), _| of != identity),
                How::Is => {
                    let counts = before.is_none_or(|before| before.at <= *at);
                    if counts {
                        made.insert(key, Made { at: *at, value: value.clone() });
                    }
                }
                How::Does(word) => {
                    let (last, value_before) = before.map_or((*at, Value::Null), |before| (before.at, before.value));
                    let value = done(word, value_before, value);
                    if made.contains_key(&key) || !value.is_null() {
                        made.insert(key, Made { at: last.max(*at), value });
                    }
                }
            }
        }
        made
    }

    /// Since when he has carried a tag.
    fn tagged_since(&self, tag: &str, until: i64) -> Option<i64> {
        let mut carried: BTreeMap<i64, (i64, bool)> = BTreeMap::new();
        for (at, identity, _, added) in self.tag_changes.iter().filter(|(at, _, name, _)| *at <= until && name == tag) {
            carried.insert(*identity, (*at, *added));
        }
        carried.values().filter(|(_, added)| *added).map(|(at, _)| *at).max()
    }

    fn shows_tag(&self, tag: &str, until: i64, world: &World) -> bool {
        let Some(since) = self.tagged_since(tag, until) else { return false };
        let rivals = world.exclusive.iter().filter(|other| **other != tag && world.exclusive.contains(&tag));
        rivals.filter_map(|other| Some((self.tagged_since(other, until)?, *other))).all(|rival| rival < (since, tag))
    }

    /// Whether he was in a group, by what was told last of any of his identities.
    fn is_in_group(&self, group: i64, until: i64) -> bool {
        let told = self.group_changes.iter().filter(|(at, _, of, _)| *of == group && *at <= until);
        told.max_by_key(|(at, identity, ..)| (*at, *identity)).is_some_and(|(.., joined)| *joined)
    }

    /// All moments at which something became known of the person.
    fn moments(&self) -> Vec<i64> {
        let said = self.said.iter().map(|said| said.since);
        let tagged = self.tag_changes.iter().map(|(at, ..)| *at);
        let grouped = self.group_changes.iter().map(|(at, ..)| *at);
        said.chain(tagged).chain(grouped).chain(self.events.iter().map(|(_, at, _)| *at)).collect()
    }
}

/// What an identity has made of a trait.
#[derive(Clone, Debug)]
pub struct Made {
    at: i64,
    pub value: Value,
}

/// What an operation makes of a value that it fits.
fn done(word: &str, before: Value, operand: &Value) -> Value {
    if word == "add" {
        return json!(before.as_i64().unwrap_or(0) + operand.as_i64().unwrap());
    }
    let elements = operand.as_array().unwrap();
    if word == "remove" && !before.is_array() && !elements.contains(&before) {
        return before;
    }
    let mut list = match before {
        Value::Null => Vec::new(),
        Value::Array(list) => list,
        only => vec![only],
    };
    let mut place = 0;
    for element in elements {
        match word {
            "append" => list.push(element.clone()),
            "append_missing" if !list.contains(element) => list.push(element.clone()),
            "prepend_missing" if list.contains(element) => {}
            "prepend" | "prepend_missing" => {
                list.insert(place, element.clone());
                place += 1;
            }
            "remove" => list.retain(|other| other != element),
            _ => {}
        }
    }
    list.into()
}

#[derive(FromQueryResult)]
struct PairRow {
    segment_id: i64,
    member_id: i64,
}

/// Who is in which segment, as the tables say.
pub async fn actual(db: &Db) -> BTreeSet<(i64, i64)> {
    let rows: Vec<PairRow> = db.read().all("SELECT segment_id, member_id FROM segment_members", vec![]).await.unwrap();
    rows.into_iter().map(|row| (row.segment_id, row.member_id)).collect()
}

/// Who should be in which segment at `now`.
pub async fn expected(db: &Db, now: Time) -> BTreeSet<(i64, i64)> {
    Facts::read(db).await.memberships(now)
}

/// What is asked of one person as of one moment.
#[derive(Clone, Copy)]
struct Asked<'a> {
    person: &'a Person,
    world: &'a World,
    zone: &'a TimeZone,
    now: Time,
    /// What was said and tagged later is left out.
    until: i64,
}

impl Asked<'_> {
    fn holds(self, rule: &Rule) -> bool {
        let Asked { person, world, zone, now, until } = self;
        match rule {
            Rule::All(parts) => parts.iter().all(|part| self.holds(part)),
            Rule::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Rule::Not(part) => !self.holds(part),
            Rule::Trait(comparison) => match world.computed.get(comparison.name.as_str()) {
                Some(computed) => {
                    let mut rule = computed.clone();
                    rule.as_object_mut().unwrap().remove("measure");
                    let Rule::Event(mut condition) = Rule::parse(&rule).unwrap() else { unreachable!() };
                    condition.test = comparison.test.clone();
                    self.holds(&Rule::Event(condition))
                }
                None => comparison.holds(&person.traits(until)),
            },
            Rule::Tag(tag) => match world.dynamic.get(tag.as_str()) {
                Some(id) => world.rules.get(id).is_some_and(|rule| self.holds(rule)),
                None => person.shows_tag(tag, until, world),
            },
            Rule::Stage(stage) => {
                let reached = world.ladder.iter().rev().find(|(_, id)| self.holds(&world.rules[id]));
                reached.map_or("stranger", |(key, _)| key) == stage
            }
            Rule::Group(group) => person.is_in_group(group.0, until),
            Rule::Segment(id) => world.rules.get(id).is_some_and(|rule| self.holds(rule)),
            Rule::Event(condition) => {
                let start = condition.within.as_ref().map_or(i64::MIN, |within| within.before(now, zone).millis());
                let mut matching: Vec<(i64, &Map<String, Value>)> = self
                    .picked(&condition.filter)
                    .into_iter()
                    .map(|place| (person.events[place].1, &person.events[place].2))
                    .filter(|(at, _)| start < *at)
                    .collect();
                matching.sort_by_key(|(at, _)| *at);
                condition.test.holds(measured(&condition.measure, &matching).as_ref())
            }
            Rule::Sequence(condition) => {
                let steps: Vec<Vec<usize>> = condition.steps.iter().map(|step| self.picked(step)).collect();
                self.follows(&steps, condition.within.as_ref(), &mut Vec::new())
            }
            Rule::Been(rule, period) => {
                let start = period.before(now, zone).millis();
                let mut windows = vec![period.clone()];
                self.windows(rule, &mut windows);
                let happened = person.moments();
                let leaving = happened.iter().flat_map(|at| {
                    windows.iter().map(|window| window.leaves_window(Time::from_millis(*at), zone).millis())
                });
                let twice: Vec<i64> = leaving.collect();
                let ends = twice.iter().flat_map(|at| {
                    windows.iter().map(|window| window.leaves_window(Time::from_millis(*at), zone).millis())
                });
                let all = happened.iter().copied().chain(twice.iter().copied()).chain(ends);
                let near = all.flat_map(|at| [at - 1, at, at + 1]).filter(|at| start <= *at && *at <= now.millis());
                let then = |at: i64| Asked { now: Time::from_millis(at), until: at, ..self };
                self.holds(rule) && near.chain([start]).all(|at| then(at).holds(rule))
            }
        }
    }

    /// The places of the events that a filter picks and that have happened.
    fn picked(self, filter: &EventFilter) -> Vec<usize> {
        let happened = self.person.events.iter().enumerate().filter(|(_, (_, at, _))| *at <= self.now.millis());
        happened
            .filter(|(_, (name, _, properties))| {
                *name == filter.event && filter.filters.iter().all(|test| test.holds(properties))
            })
            .map(|(place, _)| place)
            .collect()
    }

    /// Whether the steps can be filled, each by another event, after those that are chosen.
    fn follows(self, steps: &[Vec<usize>], within: Option<&base::Period>, chosen: &mut Vec<usize>) -> bool {
        let moment = |place: &usize| self.person.events[*place].1;
        let Some(candidates) = steps.get(chosen.len()) else { return true };
        candidates.iter().any(|next| {
            let is_later = chosen.last().is_none_or(|last| moment(next) >= moment(last));
            let is_near = match (chosen.first(), within) {
                (Some(first), Some(within)) => {
                    within.before(Time::from_millis(moment(next)), self.zone).millis() < moment(first)
                }
                _ => true,
            };
            if !is_later || !is_near || chosen.contains(next) {
                return false;
            }
            chosen.push(*next);
            let found = self.follows(steps, within, chosen);
            chosen.pop();
            found
        })
    }

    /// Every window in a rule, also in the rules of what it names.
    fn windows(self, rule: &Rule, windows: &mut Vec<base::Period>) {
        rule.walk(&mut |part| match part {
            Rule::Event(condition) => windows.extend(condition.within.clone()),
            Rule::Sequence(condition) => windows.extend(condition.within.clone()),
            Rule::Been(_, period) => windows.push(period.clone()),
            Rule::Segment(id) => self.windows_behind(*id, windows),
            Rule::Tag(tag) => {
                if let Some(id) = self.world.dynamic.get(tag.as_str()) {
                    self.windows_behind(*id, windows);
                }
            }
            Rule::Stage(_) => self.world.ladder.iter().for_each(|(_, id)| self.windows_behind(*id, windows)),
            // Behind a computed trait.
            Rule::Trait(_) => windows.push("P2D".parse().unwrap()),
            _ => {}
        });
    }

    fn windows_behind(self, id: SegmentId, windows: &mut Vec<base::Period>) {
        if let Some(rule) = self.world.rules.get(&id) {
            self.windows(rule, windows);
        }
    }
}

fn measured(measure: &Measure, matching: &[(i64, &Map<String, Value>)]) -> Option<Value> {
    let property = measure.property().unwrap_or_default();
    let values: Vec<(i64, &Value)> = matching
        .iter()
        .filter_map(|(at, properties)| Some((*at, properties.get(property).filter(|value| !value.is_null())?)))
        .collect();
    let numbers: Vec<f64> = values.iter().filter_map(|(_, value)| value.as_f64()).collect();
    let sum: f64 = numbers.iter().sum();
    let number = match measure {
        Measure::Count => Some(matching.len() as f64),
        Measure::Sum(_) => Some(sum),
        Measure::Avg(_) => Some(sum / numbers.len() as f64).filter(|_| !numbers.is_empty()),
        Measure::Min(_) => numbers.iter().copied().reduce(f64::min),
        Measure::Max(_) => numbers.iter().copied().reduce(f64::max),
        Measure::Distinct(_) => {
            Some(values.iter().map(|(_, value)| value.to_string()).collect::<BTreeSet<_>>().len() as f64)
        }
        Measure::First(_) => {
            return values.iter().min_by_key(|(at, value)| (*at, value.to_string())).map(|(_, value)| (*value).clone());
        }
        Measure::MostFrequent(_) => {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for (_, value) in &values {
                *counts.entry(value.to_string()).or_default() += 1;
            }
            let most = counts.into_iter().min_by_key(|(text, count)| (std::cmp::Reverse(*count), text.clone()));
            return most.map(|(text, _)| serde_json::from_str(&text).unwrap());
        }
        Measure::Last(_) => {
            return values.iter().max_by_key(|(at, value)| (*at, value.to_string())).map(|(_, value)| (*value).clone());
        }
    };
    number.map(Value::from)
}
