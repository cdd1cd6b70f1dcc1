//! What events would do to members, without doing it: the counts of an import before it runs.
//!
//! This repeats the decisions of the identify stage (`stage.rs`) with a few bytes for each identity instead of whole
//! members; a test holds both against each other. It is true when nothing else happens until the events come.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use base::{
    Event, EventKind,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Db, Sql};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::{
    Home, KINDS, Key, Kind, Names, Reach, find_owners, keys::vouches_for, keys_of, load_home, load_kept_apart,
    normalise_in,
};
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
    home: Home,
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
    has_proven_address: bool,
    /// On which platforms he has accounts, as a bit for each kind by its place in the list.
    platforms: u32,
    /// How many of his identities name a person, up to two.
    persons: u8,
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
        let home = load_home(&tx, workspace).await?;
        Ok(Forecast { kept_apart, home, ..Forecast::of_nothing(workspace) })
    }

    /// Begins with an empty workspace.
    pub fn of_nothing(workspace: WorkspaceId) -> Forecast {
        Forecast {
            workspace,
            home: None,
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
        let names = Names::of(event, self.home);
        let mut deeds = Deeds::default();
        let Some(person) = self.resolve(&names, event, &mut deeds) else {
            return Foreseen::Refuse;
        };
        if event.kind == EventKind::Identify {
            self.claim_addresses(person, event, &mut deeds);
        }
        self.claim_external(person, &names.external, event, &mut deeds);
        match deeds {
            Deeds { merged: true, .. } => Foreseen::Merge,
            Deeds { created: true, .. } => Foreseen::Create,
            Deeds { .. } => Foreseen::Update,
        }
    }

    fn resolve(&mut self, names: &Names, event: &Event, deeds: &mut Deeds) -> Option<u32> {
        let main = names.main.as_ref()?;
        if !names.external.is_empty() {
            self.bring_home(main, &names.external, event);
        }
        Some(match &names.visitor {
            Some(visitor) => self.join_visitor(main, visitor, event, deeds),
            None => self.owner_or_new(main, event, deeds),
        })
    }

    fn owner_or_new(&mut self, (kind, value): &Key, event: &Event, deeds: &mut Deeds) -> u32 {
        if let Some(owner) = self.owner(kind, value) {
            return owner;
        }
        let person = self.new_person(deeds);
        self.add(person, kind, value, vouches_for(event, kind));
        person
    }

    fn bring_home(&mut self, (kind, value): &Key, external: &[Key], event: &Event) {
        if self.owner(kind, value).is_some() {
            return;
        }
        let names_a_person = Kind::named(kind).reach == Reach::Person;
        let home = external.iter().find_map(|(proof, account)| {
            let is_proof = vouches_for(event, proof) && self.is_verified(proof, account);
            let owner = self.owner(proof, account).filter(|_| is_proof)?;
            (!names_a_person || self.is_known_only_by(owner, proof)).then_some(owner)
        });
        if let Some(home) = home {
            self.add(home, kind, value, vouches_for(event, kind));
        }
    }

    fn join_visitor(&mut self, main: &Key, anonymous: &str, event: &Event, deeds: &mut Deeds) -> u32 {
        let (kind, value) = main;
        match (self.owner(kind, value), self.owner("anonymous_id", anonymous)) {
            (None, None) => {
                let person = self.owner_or_new(main, event, deeds);
                self.add(person, "anonymous_id", anonymous, false);
                person
            }
            (Some(person), None) => {
                self.add(person, "anonymous_id", anonymous, false);
                person
            }
            (None, Some(visitor)) if self.person(visitor).is_anonymous => {
                self.add(visitor, kind, value, vouches_for(event, kind));
                visitor
            }
            (None, Some(_)) => self.owner_or_new(main, event, deeds),
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
            let Some(value) = text.and_then(|text| normalise_in(kind, text, self.home)) else { continue };
            let verified =
                traits.get(&format!("{kind}_verified")).and_then(serde_json::Value::as_bool).unwrap_or(false);
            self.claim_address(person, (kind, &value), verified, deeds);
        }
    }

    fn claim_address(&mut self, person: u32, (kind, value): (&str, &str), verified: bool, deeds: &mut Deeds) {
        let person = self.current(person);
        match self.owner(kind, value) {
            None => self.add(person, kind, value, verified),
            Some(owner) if owner == person && verified => self.verify(person, kind, value),
            Some(owner) if owner == person => {}
            Some(owner) => {
                let is_proof = verified && self.is_verified(kind, value);
                let (one, other) = (self.person(person), self.person(owner));
                if is_proof && !one.has_proven_address && one.platforms & other.platforms == 0 {
                    self.merge_unless_kept_apart(person, owner, deeds);
                }
            }
        }
    }

    fn claim_external(&mut self, person: u32, external: &[Key], event: &Event, deeds: &mut Deeds) {
        for (kind, value) in external {
            if !Kind::named(kind).is_external() {
                self.claim_address(person, (kind, value), false, deeds);
                continue;
            }
            let (person, is_vouched_for) = (self.current(person), vouches_for(event, kind));
            match self.owner(kind, value) {
                None => self.add(person, kind, value, is_vouched_for),
                Some(owner) if owner == person && is_vouched_for => self.verify(person, kind, value),
                Some(owner) if owner == person => {}
                Some(owner) => {
                    let is_proof = is_vouched_for && self.is_verified(kind, value);
                    let is_safe = self.has_nobody_else(person) || self.is_known_only_by(owner, kind);
                    if is_proof && is_safe {
                        self.merge_unless_kept_apart(person, owner, deeds);
                    }
                }
            }
        }
    }

    /// Whether nothing that names a person is known of one who does not have the identity in question.
    fn has_nobody_else(&self, person: u32) -> bool {
        self.person(person).persons == 0
    }

    /// Whether nothing else that names a person is known of one who has an identity of this kind.
    fn is_known_only_by(&self, person: u32, kind: &str) -> bool {
        self.person(person).persons <= u8::from(Kind::named(kind).reach == Reach::Person)
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
        self.people.push(Person {
            current: place,
            is_anonymous: true,
            has_proven_address: false,
            platforms: 0,
            persons: 0,
        });
        place
    }

    fn add(&mut self, person: u32, kind: &str, value: &str, is_verified: bool) {
        let key = self.key(kind, value);
        self.identities.insert(key, Slot { person, is_verified });
        let (known, kind) = (&mut self.people[person as usize], Kind::named(kind));
        known.is_anonymous &= kind.reach == Reach::Device;
        known.has_proven_address |= is_verified && kind.is_proof() && !kind.is_external();
        known.platforms |= platform_bit(kind);
        known.persons = known.persons.saturating_add(u8::from(kind.reach == Reach::Person)).min(2);
    }

    fn verify(&mut self, person: u32, kind: &str, value: &str) {
        let key = self.key(kind, value);
        if let Some(slot) = self.identities.get_mut(&key) {
            slot.is_verified = true;
            let kind = Kind::named(kind);
            self.people[person as usize].has_proven_address |= kind.is_proof() && !kind.is_external();
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
        person.has_proven_address |= gone.has_proven_address;
        person.platforms |= gone.platforms;
        person.persons = (person.persons + gone.persons).min(2);
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
        let mut wanted: HashSet<(i64, Cow<'static, str>, String)> = HashSet::new();
        for event in events {
            for (kind, value) in keys_of(event, self.home) {
                if !self.identities.contains_key(&self.key(&kind, &value)) {
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

/// The bit of a kind of accounts on a platform; none of any other.
fn platform_bit(kind: &Kind) -> u32 {
    let place = KINDS.iter().position(|known| known.name == kind.name && known.is_platform());
    place.map_or(0, |place| 1 << place)
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
