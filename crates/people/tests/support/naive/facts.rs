//! What the tables say, by circles: people of different circles have nothing to do with each other. They are in
//! different workspaces, or their names begin differently, up to a slash.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{
    Time,
    ids::{IdentityId, MemberId, MergeId, SegmentId, WorkspaceId},
    rule::Rule,
};
use jiff::tz::TimeZone;
use people::{
    groups::{GROUP_JOINED, GROUP_LEFT},
    identity::{IDENTITY_SPLIT, MEMBERS_MERGED, MERGE_UNDONE},
};
use serde_json::{Map, Value};
use store::{Db, FromQueryResult, Sql};

use super::{How, Person, Said, World};

/// A workspace, and how the names of a circle begin there.
type CircleName = (i64, String);

/// Everything that is known now.
#[derive(Default)]
pub struct Facts {
    worlds: BTreeMap<i64, World>,
    circles: BTreeMap<CircleName, Circle>,
}

/// What is known of some people, and of nobody else.
#[derive(Default)]
pub struct Circle {
    /// From the oldest, those included who were absorbed.
    pub members: Vec<MemberId>,
    /// From the oldest.
    pub identities: Vec<IdentityRow>,
    /// From the oldest, those included that were undone.
    pub merges: Vec<MergeRow>,
    events: Vec<EventRow>,
}

#[derive(FromQueryResult)]
pub struct IdentityRow {
    pub id: i64,
    workspace_id: i64,
    value: String,
    pub member_id: i64,
    pub origin_member_id: i64,
    traits_json: String,
}

#[derive(FromQueryResult)]
pub struct MergeRow {
    pub id: i64,
    workspace_id: i64,
    kept_origin_id: i64,
    absorbed_origin_id: i64,
    pub undone_at: Option<i64>,
    /// One of the names of the member whom it made.
    name: Option<String>,
}

#[derive(FromQueryResult)]
struct EventRow {
    id: i64,
    identity_id: i64,
    name: String,
    kind: String,
    happened_at: i64,
    received_at: i64,
    properties_json: String,
    context_json: String,
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    workspace_id: i64,
    /// One of his names, or of the member who absorbed him.
    name: Option<String>,
}

#[derive(FromQueryResult)]
struct SegmentRow {
    id: i64,
    workspace_id: i64,
    rule_json: String,
    kind: String,
    item_key: Option<String>,
}

fn circle_name(workspace: i64, name: &str) -> CircleName {
    (workspace, name.split_once('/').map_or("", |(circle, _)| circle).to_owned())
}

impl Facts {
    /// Reads everything.
    pub async fn read(db: &Db) -> Facts {
        let mut facts = Facts { worlds: worlds(db).await, circles: BTreeMap::new() };
        let identities: Vec<IdentityRow> = db
            .read()
            .all(
                "SELECT id, workspace_id, value, member_id, origin_member_id, traits_json FROM identities ORDER BY id",
                vec![],
            )
            .await
            .unwrap();
        let mut circle_of: HashMap<i64, CircleName> = HashMap::new();
        for row in identities {
            let circle = circle_name(row.workspace_id, &row.value);
            circle_of.insert(row.id, circle.clone());
            facts.circles.entry(circle).or_default().identities.push(row);
        }
        let members: Vec<MemberRow> = db
            .read()
            .all(
                "SELECT m.id, m.workspace_id,
                   (SELECT MIN(i.value) FROM identities i WHERE i.member_id = COALESCE(m.merged_into, m.id)) AS name
                 FROM members m ORDER BY m.id",
                vec![],
            )
            .await
            .unwrap();
        for row in members {
            let circle = circle_name(row.workspace_id, row.name.as_deref().unwrap_or_default());
            facts.circles.entry(circle).or_default().members.push(MemberId(row.id));
        }
        let merges: Vec<MergeRow> = db
            .read()
            .all(
                "SELECT g.id, g.workspace_id, g.kept_origin_id, g.absorbed_origin_id, g.undone_at,
                   (SELECT MIN(i.value) FROM members m
                    JOIN identities i ON i.member_id = COALESCE(m.merged_into, m.id)
                    WHERE m.id = g.kept_member_id) AS name
                 FROM merges g ORDER BY g.id",
                vec![],
            )
            .await
            .unwrap();
        for row in merges {
            let circle = circle_name(row.workspace_id, row.name.as_deref().unwrap_or_default());
            facts.circles.entry(circle).or_default().merges.push(row);
        }
        let events: Vec<EventRow> = db
            .read()
            .all(
                "SELECT e.id, e.identity_id, n.name, e.kind, e.happened_at, e.received_at, e.properties_json,
                        e.context_json
                 FROM events e JOIN event_names n ON n.id = e.name_id ORDER BY e.id",
                vec![],
            )
            .await
            .unwrap();
        for row in events {
            facts.circles.get_mut(&circle_of[&row.identity_id]).unwrap().events.push(row);
        }
        facts
    }

    /// What is known of a circle, once there is anybody.
    pub fn circle(&self, workspace: WorkspaceId, name: &str) -> Option<&Circle> {
        self.circles.get(&(workspace.0, name.to_owned()))
    }

    /// Who should be in which segment at `now`.
    pub fn memberships(&self, now: Time) -> BTreeSet<(i64, i64)> {
        let mut found = BTreeSet::new();
        for ((workspace, _), circle) in &self.circles {
            let Some(world) = self.worlds.get(workspace) else { continue };
            for (member, person) in circle.people(world, now) {
                let holding = world.rules.iter().filter(|(_, rule)| person.is_in(rule, world, now));
                found.extend(holding.map(|(id, _)| (id.0, member)));
            }
        }
        found
    }

    /// What each identity has said of traits, as the tables say, and as its events do.
    pub fn traits(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let (mut told, mut made) = (BTreeSet::new(), BTreeSet::new());
        let said = |identity: i64, name: &str, value: &Value| format!("{identity} {name} {value}");
        for circle in self.circles.values() {
            for identity in &circle.identities {
                let traits: Map<String, Value> = serde_json::from_str(&identity.traits_json).unwrap();
                let known = traits.iter().filter(|(_, fact)| !fact[0].is_null());
                told.extend(known.map(|(name, fact)| said(identity.id, name, &fact[0])));
            }
            let telling = circle.events.iter().filter(|event| event.kind == "identify");
            let everybody = Person { said: telling.flat_map(EventRow::said).collect(), ..Person::default() };
            let known = everybody.made(i64::MAX).into_iter().filter(|(_, made)| !made.value.is_null());
            made.extend(known.map(|((identity, name), made)| said(identity, &name, &made.value)));
        }
        (told, made)
    }

    /// Which identities are one member, as the tables say, and as the merges that stand connect them.
    pub fn members(&self) -> (BTreeSet<BTreeSet<i64>>, BTreeSet<BTreeSet<i64>>) {
        let (mut told, mut connected) = (BTreeSet::new(), BTreeSet::new());
        for circle in self.circles.values() {
            let standing: Vec<&MergeRow> = circle.merges.iter().filter(|merge| merge.undone_at.is_none()).collect();
            told.extend(circle.grouped(|identity| identity.member_id));
            connected.extend(circle.grouped(|identity| label(identity.origin_member_id, &standing)));
        }
        (told, connected)
    }
}

/// What rules may ask for in each workspace.
async fn worlds(db: &Db) -> BTreeMap<i64, World> {
    const STAGES: [&str; 6] = ["follower", "buyer", "satisfied", "repeat", "advocate", "fan"];
    let segments: Vec<SegmentRow> = db
        .read()
        .all(
            "SELECT id, workspace_id, rule_json, kind, item_key FROM segments
             WHERE deleted_at IS NULL AND replaces IS NULL ORDER BY position, id",
            vec![],
        )
        .await
        .unwrap();
    let mut worlds: BTreeMap<i64, World> = BTreeMap::new();
    for row in segments {
        let workspace = row.workspace_id;
        let world = worlds.entry(workspace).or_insert_with(|| World::empty(WorkspaceId(workspace)));
        let id = SegmentId(row.id);
        world.rules.insert(id, Rule::parse(&serde_json::from_str(&row.rule_json).unwrap()).unwrap());
        if row.kind == "stage" {
            let key = row.item_key.unwrap();
            let known = STAGES.into_iter().find(|known| *known == key);
            world.ladder.push((known.unwrap(), id));
        }
    }
    worlds
}

/// The same for all members whom merges connect: the smallest of their ids.
fn label(origin: i64, standing: &[&MergeRow]) -> i64 {
    let mut connected = BTreeSet::from([origin]);
    loop {
        let before = connected.len();
        for merge in standing {
            if connected.contains(&merge.kept_origin_id) || connected.contains(&merge.absorbed_origin_id) {
                connected.extend([merge.kept_origin_id, merge.absorbed_origin_id]);
            }
        }
        if connected.len() == before {
            return *connected.first().unwrap();
        }
    }
}

/// Whether two identities are the same member's.
fn are_one(origins: &HashMap<i64, i64>, standing: &[&MergeRow], one: i64, other: i64) -> bool {
    label(origins[&one], standing) == label(origins[&other], standing)
}

type TagChange = (i64, i64, String, bool);

/// An identity that was split off: of which member's it first was, and whose it is since.
struct Split {
    event: i64,
    identity: i64,
    before: i64,
    after: i64,
}

impl EventRow {
    fn properties(&self) -> Map<String, Value> {
        serde_json::from_str(&self.properties_json).unwrap()
    }

    /// What an identify event says of traits: that they are none any more, what they are, what is done to them.
    fn said(&self) -> Vec<Said> {
        let said = |name: &str, how: How, value: &Value| {
            let (at, since) = (self.happened_at, self.happened_at.min(self.received_at));
            Said { since, at, identity: self.identity_id, name: name.to_owned(), how, value: value.clone() }
        };
        let context: Value = serde_json::from_str(&self.context_json).unwrap();
        let operations = context["traits_operations"].as_array().cloned().unwrap_or_default();
        let (clearing, others): (Vec<Value>, Vec<Value>) =
            operations.into_iter().partition(|operation| operation[0] == "clear");
        let mut all: Vec<Said> = clearing.iter().map(|_| said("", How::Clears, &Value::Null)).collect();
        all.extend(self.properties().iter().map(|(name, value)| said(name, How::Is, value)));
        for operation in others {
            let (word, name) = (operation[0].as_str().unwrap(), operation[1].as_str().unwrap());
            all.push(said(name, How::Does(word.to_owned()), &operation[2]));
        }
        all
    }

    /// The merge that a command names.
    fn merge(&self) -> Option<i64> {
        Some(self.properties().get("merge")?.as_str()?.parse::<MergeId>().unwrap().0)
    }

    /// What a command was to split off. The test notes in it whose the identity was.
    fn split(&self) -> Option<Split> {
        if self.name != IDENTITY_SPLIT {
            return None;
        }
        let properties = self.properties();
        let text = |name: &str| properties.get(name).and_then(Value::as_str);
        Some(Split {
            event: self.id,
            identity: text("identity")?.parse::<IdentityId>().unwrap().0,
            before: text("before")?.parse::<MemberId>().unwrap().0,
            after: text("member")?.parse::<MemberId>().unwrap().0,
        })
    }
}

impl Circle {
    fn grouped(&self, label: impl Fn(&IdentityRow) -> i64) -> Vec<BTreeSet<i64>> {
        let mut groups: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
        for identity in &self.identities {
            groups.entry(label(identity)).or_default().insert(identity.id);
        }
        groups.into_values().collect()
    }

    /// Everybody, by the id of the member.
    fn people(&self, world: &World, now: Time) -> BTreeMap<i64, Person> {
        let member_of: HashMap<i64, i64> = self.identities.iter().map(|i| (i.id, i.member_id)).collect();
        let mut people: BTreeMap<i64, Person> = BTreeMap::new();
        for identity in &self.identities {
            people.entry(identity.member_id).or_default();
        }
        for event in &self.events {
            let properties = event.properties();
            let person = people.get_mut(&member_of[&event.identity_id]).unwrap();
            if event.kind == "identify" {
                person.said.extend(event.said());
            }
            if let GROUP_JOINED | GROUP_LEFT = event.name.as_str() {
                let joined = event.name == GROUP_JOINED;
                person.group_changes.push((event.happened_at, event.identity_id, world.group.0, joined));
            }
            person.events.push((event.name.clone(), event.happened_at, properties));
        }
        for change in self.tag_changes(world, now) {
            people.get_mut(&member_of[&change.1]).unwrap().tag_changes.push(change);
        }
        people
    }

    /// Commands and merges in the order in which they happened: a removal takes a tag off everything that was the
    /// member's at that moment.
    fn tag_changes(&self, world: &World, now: Time) -> Vec<TagChange> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let (mut origins, splits) = self.first_origins();
        let mut tags = Tags { changes: Vec::new(), expiries: BTreeMap::new() };
        let merging = self.events.iter().filter(|event| event.name == MEMBERS_MERGED);
        let by_command: BTreeSet<i64> = merging.filter_map(EventRow::merge).collect();
        let mut by_itself = self.merges.iter().filter(|merge| !by_command.contains(&merge.id)).peekable();
        let mut standing: Vec<&MergeRow> = Vec::new();
        for (place, event) in self.events.iter().enumerate() {
            tags.expire(event.received_at - 1);
            // A merge that came by itself is numbered after the event that led to it and before the next event.
            let next_event = self.events.get(place + 1).map_or(i64::MAX, |next| next.id);
            while let Some(merge) = by_itself.next_if(|merge| merge.id < next_event) {
                standing.push(merge);
            }
            match event.name.as_str() {
                MEMBERS_MERGED => {
                    standing.extend(self.merges.iter().filter(|merge| Some(merge.id) == event.merge()));
                }
                MERGE_UNDONE => standing.retain(|merge| Some(merge.id) != event.merge()),
                IDENTITY_SPLIT => {
                    if let Some(split) = splits.iter().find(|split| split.event == event.id) {
                        origins.insert(split.identity, split.after);
                    }
                }
                "Tag Added" | "Tag Removed" => {
                    for tag in event.properties()["tags"].as_array().unwrap() {
                        let tag = tag.as_str().unwrap();
                        let is_added = event.name == "Tag Added";
                        let is_exclusive = world.exclusive.contains(&tag);
                        let rivals = world.exclusive.iter().filter(|rival| is_added && is_exclusive && **rival != tag);
                        let removed: Vec<&str> = if is_added { rivals.copied().collect() } else { vec![tag] };
                        for removed in removed {
                            for identity in tags.carriers(removed) {
                                if are_one(&origins, &standing, identity, event.identity_id) {
                                    tags.change(event.happened_at, identity, removed, false);
                                }
                            }
                        }
                        if is_added {
                            if !tags.carriers(tag).contains(&event.identity_id) {
                                tags.change(event.happened_at, event.identity_id, tag, true);
                            }
                            if let Some(period) = world.expiring.get(tag) {
                                let over = period.after(Time::from_millis(event.happened_at), &zone).millis();
                                tags.expiries.insert((event.identity_id, tag.to_owned()), over);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        tags.expire(now.millis());
        tags.changes
    }

    /// The members to whom identities first belonged, before any was split off, and what was split off since.
    fn first_origins(&self) -> (HashMap<i64, i64>, Vec<Split>) {
        let mut origins: HashMap<i64, i64> = self.identities.iter().map(|i| (i.id, i.origin_member_id)).collect();
        let mut splits = Vec::new();
        for split in self.events.iter().rev().filter_map(EventRow::split) {
            // A member's only identity stays where it is.
            if origins.get(&split.identity) == Some(&split.after) {
                origins.insert(split.identity, split.before);
                splits.push(split);
            }
        }
        (origins, splits)
    }
}

struct Tags {
    changes: Vec<TagChange>,
    /// When the tag of an identity comes off.
    expiries: BTreeMap<(i64, String), i64>,
}

impl Tags {
    fn carriers(&self, tag: &str) -> BTreeSet<i64> {
        let mut carriers = BTreeSet::new();
        for (_, identity, _, added) in self.changes.iter().filter(|change| change.2 == tag) {
            if *added {
                carriers.insert(*identity)
            } else {
                carriers.remove(identity)
            };
        }
        carriers
    }

    fn change(&mut self, at: i64, identity: i64, tag: &str, added: bool) {
        self.changes.push((at, identity, tag.to_owned(), added));
        self.expiries.remove(&(identity, tag.to_owned()));
    }

    /// Takes off what is over at a moment.
    fn expire(&mut self, until: i64) {
        let over: Vec<(i64, (i64, String))> =
            self.expiries.iter().filter(|(_, at)| **at <= until).map(|(key, at)| (*at, key.clone())).collect();
        for (at, (identity, tag)) in over {
            self.change(at, identity, &tag, false);
        }
    }
}
