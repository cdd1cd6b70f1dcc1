//! The columns of one workspace.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::ids::MemberId;

use super::{
    column::{Column, Room},
    places::{Bits, Places},
};
use crate::{members::MemberState, rules::RuleBook, traits::Conflict};

/// What the profiles of all members of a workspace show. Each member has a place, and each trait and each tag a column
/// over all places.
pub(super) struct Table {
    rules: Rules,
    limits: Limits,
    /// By place.
    ids: Vec<MemberId>,
    places: HashMap<MemberId, u32>,
    /// Places that nobody has any more.
    free: Vec<u32>,
    alive: Bits,
    traits: HashMap<String, Column>,
    /// Whether every trait that anybody has is there.
    has_all_traits: bool,
    /// Who shows a tag that was put on; `None` where there was no room to know it.
    tags: HashMap<String, Option<Places>>,
    has_all_tags: bool,
    puts: usize,
}

/// How much is kept. Of what goes beyond, less is known, and those whom it concerns are read from the database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// All columns together, about.
    pub bytes: usize,
    /// Different traits.
    pub traits: usize,
    /// Different tags.
    pub tags: usize,
    /// Different values of one trait, at most 65,000.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 256 << 20, traits: 2_000, tags: 10_000, values: 65_000 }
    }
}

/// What of the definitions of traits and tags decides what a profile shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    conflicts: BTreeMap<String, Conflict>,
    excludes: BTreeMap<String, BTreeSet<String>>,
}

impl Rules {
    pub(super) fn of(book: &RuleBook) -> Rules {
        let conflicts = book.traits.iter().filter(|(_, rule)| rule.conflict != Conflict::Latest);
        let excludes = book.tags.iter().filter(|(_, rule)| !rule.excludes.is_empty());
        Rules {
            conflicts: conflicts.map(|(name, rule)| (name.clone(), rule.conflict)).collect(),
            excludes: excludes.map(|(tag, rule)| (tag.clone(), rule.excludes.iter().cloned().collect())).collect(),
        }
    }
}

/// After so many members it is seen whether everything still fits.
const PUTS_BETWEEN_FITTING: usize = 1_000;

static NOBODY: Places = Places::Few(BTreeSet::new());
static OF_NOBODY: Column = Column::Presence(Places::Few(BTreeSet::new()));
static UNKNOWN: Column = Column::Unknown;

impl Table {
    pub(super) fn new(rules: Rules, limits: Limits) -> Table {
        Table {
            rules,
            limits,
            ids: Vec::new(),
            places: HashMap::new(),
            free: Vec::new(),
            alive: Bits::default(),
            traits: HashMap::new(),
            has_all_traits: true,
            tags: HashMap::new(),
            has_all_tags: true,
            puts: 0,
        }
    }

    /// Whether profiles were decided by these rules.
    pub(super) fn is_by(&self, rules: &Rules) -> bool {
        self.rules == *rules
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.traits.len() + self.tags.len()
    }

    /// Who is there, by place.
    pub(super) fn alive(&self) -> &[u64] {
        self.alive.words()
    }

    /// Who has a place.
    pub(super) fn id_at(&self, place: u32) -> MemberId {
        self.ids[place as usize]
    }

    /// The place of a member.
    pub(super) fn place_of(&self, id: MemberId) -> Option<u32> {
        self.places.get(&id).copied()
    }

    /// What is known of a trait.
    pub(super) fn column(&self, name: &str) -> &Column {
        match self.traits.get(name) {
            Some(column) => column,
            None if self.has_all_traits => &OF_NOBODY,
            None => &UNKNOWN,
        }
    }

    /// All traits that anybody has; `None` where there was no room to know them.
    pub(super) fn columns(&self) -> Option<impl Iterator<Item = (&String, &Column)>> {
        self.has_all_traits.then(|| self.traits.iter())
    }

    /// All tags that were put on, and who shows them; `None` where there was no room to know them.
    pub(super) fn tags(&self) -> Option<impl Iterator<Item = (&String, &Option<Places>)>> {
        self.has_all_tags.then(|| self.tags.iter())
    }

    /// Who shows a tag that was put on; `None` when that is not known.
    pub(super) fn tag(&self, tag: &str) -> Option<&Places> {
        match self.tags.get(tag) {
            Some(places) => places.as_ref(),
            None => self.has_all_tags.then_some(&NOBODY),
        }
    }

    /// Takes in what the profile of a member shows now.
    pub(super) fn put(&mut self, member: &MemberState, book: &RuleBook) {
        let traits = member.traits();
        let shown: BTreeSet<&str> = member.tags().into_iter().filter(|tag| member.shows_tag(book, tag)).collect();
        let place = match self.places.get(&member.id).copied() {
            Some(place) => {
                self.clear(place, |name| traits.contains_key(name), |tag| shown.contains(tag));
                place
            }
            None => self.new_place(member.id),
        };
        self.alive.insert(place);
        let of = self.ids.len();
        let room = Room { values: self.limits.values, bytes: self.limits.bytes / 16 };
        for (name, value) in traits {
            if !self.traits.contains_key(name) {
                if self.traits.len() >= self.limits.traits {
                    self.has_all_traits = false;
                    continue;
                }
                self.traits.insert(name.clone(), Column::default());
            }
            if let Some(column) = self.traits.get_mut(name) {
                column.set(place, value, of, room);
            }
        }
        for tag in shown {
            if !self.tags.contains_key(tag) {
                if self.tags.len() >= self.limits.tags {
                    self.has_all_tags = false;
                    continue;
                }
                self.tags.insert(tag.to_owned(), Some(Places::default()));
            }
            if let Some(Some(places)) = self.tags.get_mut(tag) {
                places.insert(place, of);
            }
        }
        self.puts += 1;
        if self.puts.is_multiple_of(PUTS_BETWEEN_FITTING) {
            self.fit();
        }
    }

    /// Forgets a member.
    pub(super) fn remove(&mut self, id: MemberId) {
        let Some(place) = self.places.remove(&id) else { return };
        self.clear(place, |_| false, |_| false);
        self.alive.remove(place);
        self.free.push(place);
    }

    fn new_place(&mut self, id: MemberId) -> u32 {
        let place = match self.free.pop() {
            Some(place) => {
                self.ids[place as usize] = id;
                place
            }
            None => {
                self.ids.push(id);
                (self.ids.len() - 1) as u32
            }
        };
        self.places.insert(id, place);
        place
    }

    /// Takes from a place what it does not keep.
    fn clear(&mut self, place: u32, keeps_trait: impl Fn(&str) -> bool, keeps_tag: impl Fn(&str) -> bool) {
        for (name, column) in &mut self.traits {
            if !keeps_trait(name) {
                column.remove(place);
            }
        }
        for (tag, places) in &mut self.tags {
            if let Some(places) = places
                && !keeps_tag(tag)
            {
                places.remove(place);
            }
        }
    }

    /// Gives up what takes the most room until everything fits.
    pub(super) fn fit(&mut self) {
        let of = self.ids.len();
        let bytes_of_tag = |places: &Option<Places>| places.as_ref().map_or(0, Places::bytes);
        loop {
            let of_traits: usize = self.traits.values().map(Column::bytes).sum();
            let of_tags: usize = self.tags.values().map(bytes_of_tag).sum();
            if of_traits + of_tags <= self.limits.bytes {
                return;
            }
            if of_traits >= of_tags {
                if let Some(largest) = self.traits.values_mut().max_by_key(|column| column.bytes()) {
                    largest.shrink(of);
                }
            } else if let Some(largest) = self.tags.values_mut().max_by_key(|places| bytes_of_tag(places)) {
                *largest = None;
            }
        }
    }
}
