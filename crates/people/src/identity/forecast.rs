//! What events would do to members, without doing it: the counts of an import before it runs.
//!
//! This repeats the decisions of the identify stage (`stage.rs`) with a few bytes for each identity instead of whole
//! members; a test holds both against each other. It is true when nothing else happens until the events come.

use std::collections::{HashMap, HashSet};

use base::{
    Event, EventKind,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Db, Sql};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{find_owners, is_provable, keys_of, load_kept_apart, normalise};
use crate::pipeline::message_hashes;

/// What becomes of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Foreseen {
    /// It makes a member.
    Create,
    /// It is about a member who is there, or was made by an event before it.
    Update,
    /// It makes two members one.
    Merge,
    /// A message with its id was taken before, so nothing happens.
    Duplicate,
    /// It names nobody, so it goes to the dead letters.
    Refuse,
}

/// Members and identities, as far as events touched them.
pub struct Forecast {
    workspace: WorkspaceId,
    kept_apart: HashSet<(MemberId, MemberId)>,
    /// By the hash of kind and value.
    identities: HashMap<u64, Slot>,
    people: Vec<Person>,
    /// The place in `people` of members in the database.
    known: HashMap<i64, u32>,
    /// To whom identities first belonged, of members who may have been parted from others.
    origins: HashMap<u32, Vec<MemberId>>,
    /// Ids of messages, where events may have the same.
    messages: Option<HashSet<u64>>,
}

#[derive(Clone, Copy)]
struct Slot {
    person: u32,
    is_verified: bool,
}

#[derive(Clone, Copy)]
struct Person {
    /// Who absorbed him; himself while nobody did.
    current: u32,
    is_anonymous: bool,
    is_proven: bool,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    member_id: i64,
    kind: String,
    value: String,
    verified: i64,
    origin_member_id: i64,
}

#[derive(FromQueryResult)]
struct SeenRow {
    hash: i64,
    proof: i64,
}

/// What one event has done so far.
#[derive(Default)]
struct Deeds {
    created: bool,
    merged: bool,
}

impl Forecast {
    /// Begins with what the database holds.
    pub async fn begin(db: &Db, workspace: WorkspaceId) -> Result<Forecast, DbErr> {
        let tx = db.snapshot().await?;
        let kept_apart = load_kept_apart(&tx, workspace).await?;
        Ok(Forecast { kept_apart, ..Forecast::of_nothing(workspace) })
    }

    /// Begins with an empty workspace.
    pub fn of_nothing(workspace: WorkspaceId) -> Forecast {
        Forecast {
            workspace,
            kept_apart: HashSet::new(),
            identities: HashMap::new(),
            people: Vec::new(),
            known: HashMap::new(),
            origins: HashMap::new(),
            messages: None,
        }
    }

    /// Expects that several events may have one message id.
    pub fn expecting_repeated_messages(mut self) -> Forecast {
        self.messages = Some(HashSet::new());
        self
    }

    /// How many identities and message ids it holds in memory, about thirty bytes each.
    pub fn size(&self) -> usize {
        self.identities.len() + self.messages.as_ref().map_or(0, HashSet::len)
    }

    /// Takes events in the order in which the pipeline would; `db` is where members are, if they are anywhere.
    pub async fn take(&mut self, db: Option<&Db>, events: &[Event]) -> Result<Vec<Foreseen>, DbErr> {
        let mut seen = HashSet::new();
        if let Some(db) = db {
            self.load(db, events).await?;
            seen = seen_messages(db, events).await?;
        }
        Ok(events.iter().map(|event| self.foresee(event, &seen)).collect())
    }

    fn foresee(&mut self, event: &Event, seen: &HashSet<(i64, i64)>) -> Foreseen {
        let hashes = message_hashes(event);
        let is_repeated = self.messages.as_mut().is_some_and(|messages| !messages.insert(hashes.0 as u64));
        if seen.contains(&hashes) || is_repeated {
            return Foreseen::Duplicate;
        }
        let user = event.user_id.as_deref().and_then(|value| normalise("user_id", value));
        let anonymous = event.anonymous_id.as_deref().and_then(|value| normalise("anonymous_id", value));
        let mut deeds = Deeds::default();
        let Some(person) = self.resolve(user.as_deref(), anonymous.as_deref(), &mut deeds) else {
            return Foreseen::Refuse;
        };
        if event.kind == EventKind::Identify {
            self.claim_addresses(person, event, &mut deeds);
        }
        match deeds {
            Deeds { merged: true, .. } => Foreseen::Merge,
            Deeds { created: true, .. } => Foreseen::Create,
            Deeds { .. } => Foreseen::Update,
        }
    }

    fn resolve(&mut self, user: Option<&str>, anonymous: Option<&str>, deeds: &mut Deeds) -> Option<u32> {
        match (user, anonymous) {
            (Some(user), None) => Some(self.owner_or_new("user_id", user, deeds)),
            (None, Some(anonymous)) => Some(self.owner_or_new("anonymous_id", anonymous, deeds)),
            (Some(user), Some(anonymous)) => Some(self.join_visitor(user, anonymous, deeds)),
            (None, None) => None,
        }
    }

    fn owner_or_new(&mut self, kind: &str, value: &str, deeds: &mut Deeds) -> u32 {
        if let Some(owner) = self.owner(kind, value) {
            return owner;
        }
        let person = self.new_person(deeds);
        self.add(person, kind, value, false);
        person
    }

    fn join_visitor(&mut self, user: &str, anonymous: &str, deeds: &mut Deeds) -> u32 {
        match (self.owner("user_id", user), self.owner("anonymous_id", anonymous)) {
            (None, None) => {
                let person = self.owner_or_new("user_id", user, deeds);
                self.add(person, "anonymous_id", anonymous, false);
                person
            }
            (Some(person), None) => {
                self.add(person, "anonymous_id", anonymous, false);
                person
            }
            (None, Some(visitor)) if self.person(visitor).is_anonymous => {
                self.add(visitor, "user_id", user, false);
                visitor
            }
            (None, Some(_)) => self.owner_or_new("user_id", user, deeds),
            (Some(person), Some(visitor)) => {
                if person != visitor && self.person(visitor).is_anonymous {
                    self.merge_unless_kept_apart(person, visitor, deeds);
                }
                person
            }
        }
    }

    fn claim_addresses(&mut self, person: u32, event: &Event, deeds: &mut Deeds) {
        let traits = event.properties_value();
        for kind in ["email", "phone"] {
            let text = traits.get(kind).and_then(serde_json::Value::as_str);
            let Some(value) = text.and_then(|text| normalise(kind, text)) else { continue };
            let verified =
                traits.get(&format!("{kind}_verified")).and_then(serde_json::Value::as_bool).unwrap_or(false);
            let person = self.current(person);
            match self.owner(kind, &value) {
                None => self.add(person, kind, &value, verified),
                Some(owner) if owner == person && verified => self.verify(person, kind, &value),
                Some(owner) if owner == person => {}
                Some(owner) => {
                    let is_proof = verified && self.is_verified(kind, &value);
                    if is_proof && !self.person(person).is_proven {
                        self.merge_unless_kept_apart(person, owner, deeds);
                    }
                }
            }
        }
    }

    fn key(&self, kind: &str, value: &str) -> u64 {
        xxh3_64_with_seed(format!("{kind}\0{value}").as_bytes(), self.workspace.0 as u64)
    }

    fn owner(&self, kind: &str, value: &str) -> Option<u32> {
        self.identities.get(&self.key(kind, value)).map(|slot| self.current(slot.person))
    }

    fn is_verified(&self, kind: &str, value: &str) -> bool {
        self.identities.get(&self.key(kind, value)).is_some_and(|slot| slot.is_verified)
    }

    /// Who stands for a person since he was absorbed.
    fn current(&self, mut person: u32) -> u32 {
        while self.people[person as usize].current != person {
            person = self.people[person as usize].current;
        }
        person
    }

    fn person(&self, person: u32) -> Person {
        self.people[person as usize]
    }

    fn new_person(&mut self, deeds: &mut Deeds) -> u32 {
        deeds.created = true;
        self.push_person()
    }

    fn push_person(&mut self) -> u32 {
        let place = self.people.len() as u32;
        self.people.push(Person { current: place, is_anonymous: true, is_proven: false });
        place
    }

    fn add(&mut self, person: u32, kind: &str, value: &str, is_verified: bool) {
        let key = self.key(kind, value);
        self.identities.insert(key, Slot { person, is_verified });
        let known = &mut self.people[person as usize];
        known.is_anonymous &= kind == "anonymous_id";
        known.is_proven |= is_verified && is_provable(kind);
    }

    fn verify(&mut self, person: u32, kind: &str, value: &str) {
        let key = self.key(kind, value);
        if let Some(slot) = self.identities.get_mut(&key) {
            slot.is_verified = true;
            self.people[person as usize].is_proven |= is_provable(kind);
        }
    }

    fn merge_unless_kept_apart(&mut self, kept: u32, absorbed: u32, deeds: &mut Deeds) {
        if self.are_kept_apart(kept, absorbed) {
            return;
        }
        let gone = self.people[absorbed as usize];
        self.people[absorbed as usize].current = kept;
        let person = &mut self.people[kept as usize];
        person.is_anonymous &= gone.is_anonymous;
        person.is_proven |= gone.is_proven;
        if let Some(origins) = self.origins.remove(&absorbed) {
            self.origins.entry(kept).or_default().extend(origins);
        }
        deeds.merged = true;
    }

    fn are_kept_apart(&self, one: u32, other: u32) -> bool {
        let origins = |person| self.origins.get(&person).into_iter().flatten().copied();
        origins(one).any(|a| origins(other).any(|b| self.kept_apart.contains(&(a.min(b), a.max(b)))))
    }

    /// Loads the members who have an identity of these events, with all their identities.
    async fn load(&mut self, db: &Db, events: &[Event]) -> Result<(), DbErr> {
        let mut wanted: HashSet<(i64, &'static str, String)> = HashSet::new();
        for event in events {
            for (kind, value) in keys_of(event) {
                if !self.identities.contains_key(&self.key(kind, &value)) {
                    wanted.insert((self.workspace.0, kind, value));
                }
            }
        }
        let wanted: Vec<_> = wanted.into_iter().collect();
        let owners = find_owners(db.read(), &wanted).await?;
        let new: HashSet<i64> =
            owners.into_iter().map(|(_, owner)| owner.0).filter(|owner| !self.known.contains_key(owner)).collect();
        let new: Vec<(i64,)> = new.into_iter().map(|member| (member,)).collect();
        let rows: Vec<IdentityRow> = db
            .read()
            .all_rows(
                "SELECT i.member_id, i.kind, i.value, i.verified, i.origin_member_id
                 FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)",
                &new,
                Vec::new(),
            )
            .await?;
        for row in rows {
            let person = match self.known.get(&row.member_id) {
                Some(person) => *person,
                None => {
                    let person = self.push_person();
                    self.known.insert(row.member_id, person);
                    person
                }
            };
            self.add(person, &row.kind, &row.value, row.verified != 0);
            if !self.kept_apart.is_empty() {
                self.origins.entry(person).or_default().push(MemberId(row.origin_member_id));
            }
        }
        Ok(())
    }
}

/// The ids of those messages that were taken before.
async fn seen_messages(db: &Db, events: &[Event]) -> Result<HashSet<(i64, i64)>, DbErr> {
    let keys: Vec<(i64,)> = events.iter().map(|event| (message_hashes(event).0,)).collect();
    let rows: Vec<SeenRow> = db
        .read()
        .all_rows(
            "SELECT m.hash, m.proof FROM {rows} JOIN message_ids m ON m.hash = CAST(r.value->>0 AS BIGINT)",
            &keys,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.hash, row.proof)).collect())
}
