//! Events on their way into columns.

use std::collections::HashMap;

/// One event, as the columns keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The member to whom its identity first belonged. It never changes, whoever is merged with whom.
    pub owner: i64,
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// Its id, which sorts by arrival; among events of one moment the order is that of their ids.
    pub id: i64,
    /// The identity to which it belongs.
    pub identity: i64,
    /// What happened.
    pub name: &'a str,
    /// A JSON object.
    pub properties: &'a str,
}

/// Events in memory, as columns of equal length.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub(crate) owners: Vec<i64>,
    pub(crate) times: Vec<i64>,
    pub(crate) ids: Vec<i64>,
    pub(crate) identities: Vec<i64>,
    pub(crate) names: Vec<u32>,
    dictionary: Dictionary,
    texts: String,
    ends: Vec<usize>,
}

/// Texts by number, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dictionary {
    numbers: HashMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Dictionary {
    /// The number of a text, a new one when it is new.
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        number
    }

    /// All texts, by number.
    pub(crate) fn texts(&self) -> &[Box<str>] {
        &self.texts
    }
}

impl Rows {
    /// Takes an event in.
    pub fn push(&mut self, row: Row<'_>) {
        self.owners.push(row.owner);
        self.times.push(row.time);
        self.ids.push(row.id);
        self.identities.push(row.identity);
        self.names.push(self.dictionary.number(row.name));
        self.texts.push_str(row.properties);
        self.ends.push(self.texts.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.owners.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// The event at a place.
    pub fn row(&self, place: usize) -> Row<'_> {
        Row {
            owner: self.owners[place],
            time: self.times[place],
            id: self.ids[place],
            identity: self.identities[place],
            name: &self.dictionary.texts[self.names[place] as usize],
            properties: self.properties(place),
        }
    }

    /// What the event at a place says, a JSON object.
    pub(crate) fn properties(&self, place: usize) -> &str {
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.texts[from..self.ends[place]]
    }

    /// The names to which `names` refers.
    pub(crate) fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// About how much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.len() * (4 * 8 + 4 + 8) + self.texts.len()
    }
}
