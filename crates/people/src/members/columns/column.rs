//! What the profiles of all members show of one trait.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::places::{FEW, Places, range_of};

/// One trait of all members.
pub(super) enum Column {
    /// Who has which value.
    Values(Values),
    /// Only who has one at all: there are too many different ones.
    Presence(Places),
    /// Nothing is kept: there was no room.
    Unknown,
}

/// How much a column may hold before only presence is kept.
#[derive(Clone, Copy)]
pub(super) struct Room {
    /// Different values, at most 65,000.
    pub values: usize,
    /// What they take, about.
    pub bytes: usize,
}

/// The different values, and by place which of them a member has.
pub(super) struct Values {
    codes: Codes,
    /// By code. Code 0 is that of whoever has none, and stands for `null`.
    values: Vec<Value>,
    /// By code: how many have it. What nobody has is forgotten, and its code given anew.
    uses: Vec<u32>,
    /// By the text of the value.
    known: HashMap<String, u16>,
    free: Vec<u16>,
    bytes: usize,
}

/// Codes by place; 0 where there is none.
enum Codes {
    Few(BTreeMap<u32, u16>),
    Many(Vec<u16>),
}

/// What a different value takes beside its text, about.
const VALUE_BYTES: usize = 120;
/// What a code takes while there are few, about.
const CODE_BYTES: usize = 12;

impl Default for Column {
    fn default() -> Column {
        Column::Values(Values {
            codes: Codes::Few(BTreeMap::new()),
            values: vec![Value::Null],
            uses: vec![0],
            known: HashMap::new(),
            free: Vec::new(),
            bytes: 0,
        })
    }
}

impl Column {
    /// `of`: how many places there are in all.
    pub(super) fn set(&mut self, place: u32, value: &Value, of: usize, room: Room) {
        match self {
            Column::Values(values) => {
                if !values.set(place, value, of, room) {
                    let mut present = values.codes.present(of);
                    present.insert(place, of);
                    *self = Column::Presence(present);
                }
            }
            Column::Presence(present) => present.insert(place, of),
            Column::Unknown => {}
        }
    }

    pub(super) fn remove(&mut self, place: u32) {
        match self {
            Column::Values(values) => values.remove(place),
            Column::Presence(present) => present.remove(place),
            Column::Unknown => {}
        }
    }

    /// Gives room away by knowing less.
    pub(super) fn shrink(&mut self, of: usize) {
        *self = match self {
            Column::Values(values) => Column::Presence(values.codes.present(of)),
            Column::Presence(_) | Column::Unknown => Column::Unknown,
        };
    }

    /// What it takes, about.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Column::Values(values) => values.bytes + values.codes.bytes(),
            Column::Presence(present) => present.bytes(),
            Column::Unknown => 0,
        }
    }
}

impl Values {
    /// All values by their codes, and `null` for code 0. Those that nobody has any more are `null`, too.
    pub(super) fn by_code(&self) -> &[Value] {
        &self.values
    }

    /// The values that anybody has, with how many do.
    pub(super) fn in_use(&self) -> impl Iterator<Item = (&Value, u32)> {
        self.values.iter().zip(self.uses.iter().copied()).filter(|(_, uses)| *uses > 0)
    }

    /// Of the 64 members of a word, those whose value passes; `passes` says so by code.
    pub(super) fn passing(&self, word: usize, passes: &[bool]) -> u64 {
        let without = passes[0];
        let mut bits: u64 = if without { u64::MAX } else { 0 };
        self.codes.each_in(word, |bit, code| {
            if passes[usize::from(code)] != without {
                bits ^= 1u64 << bit;
            }
        });
        bits
    }

    /// Tells the place within a word and the code of each of its 64 members, as far as there are any.
    pub(super) fn each_in(&self, word: usize, visit: impl FnMut(u32, u16)) {
        self.codes.each_in(word, visit);
    }

    /// Of the 64 members of a word, those who have a value.
    pub(super) fn present(&self, word: usize) -> u64 {
        let mut bits: u64 = 0;
        self.codes.each_in(word, |bit, code| {
            if code != 0 {
                bits |= 1u64 << bit;
            }
        });
        bits
    }

    /// False when there is no room for one more value.
    fn set(&mut self, place: u32, value: &Value, of: usize, room: Room) -> bool {
        let text = value.to_string();
        let known = self.known.get(&text).copied();
        if known.is_some_and(|code| code == self.codes.get(place)) {
            return true;
        }
        self.remove(place);
        let code = match known {
            Some(code) => code,
            None if self.known.len() >= room.values || self.bytes + bytes_of(&text) > room.bytes => return false,
            None => self.learn(text, value),
        };
        self.codes.set(place, code, of);
        self.uses[usize::from(code)] += 1;
        true
    }

    fn learn(&mut self, text: String, value: &Value) -> u16 {
        self.bytes += bytes_of(&text);
        let code = match self.free.pop() {
            Some(code) => {
                self.values[usize::from(code)] = value.clone();
                code
            }
            None => {
                self.values.push(value.clone());
                self.uses.push(0);
                (self.values.len() - 1) as u16
            }
        };
        self.known.insert(text, code);
        code
    }

    fn remove(&mut self, place: u32) {
        let code = self.codes.take(place);
        if code == 0 {
            return;
        }
        let index = usize::from(code);
        self.uses[index] -= 1;
        if self.uses[index] == 0 {
            let text = std::mem::take(&mut self.values[index]).to_string();
            self.bytes -= bytes_of(&text);
            self.known.remove(&text);
            self.free.push(code);
        }
    }
}

fn bytes_of(text: &str) -> usize {
    2 * text.len() + VALUE_BYTES
}

impl Codes {
    fn get(&self, place: u32) -> u16 {
        match self {
            Codes::Few(few) => few.get(&place).copied().unwrap_or(0),
            Codes::Many(codes) => codes.get(place as usize).copied().unwrap_or(0),
        }
    }

    fn take(&mut self, place: u32) -> u16 {
        match self {
            Codes::Few(few) => few.remove(&place).unwrap_or(0),
            Codes::Many(codes) => codes.get_mut(place as usize).map_or(0, std::mem::take),
        }
    }

    fn set(&mut self, place: u32, code: u16, of: usize) {
        match self {
            Codes::Many(codes) => {
                let index = place as usize;
                if codes.len() <= index {
                    codes.resize(index + 1, 0);
                }
                codes[index] = code;
            }
            Codes::Few(few) => {
                few.insert(place, code);
                if few.len() > FEW && few.len() * CODE_BYTES > of * 2 {
                    let mut codes = vec![0; of];
                    few.iter().for_each(|(place, code)| codes[*place as usize] = *code);
                    *self = Codes::Many(codes);
                }
            }
        }
    }

    /// Calls `visit` with the bits and codes of the 64 places of a word, as far as there are any.
    fn each_in(&self, word: usize, mut visit: impl FnMut(u32, u16)) {
        match self {
            Codes::Few(few) => few.range(range_of(word)).for_each(|(place, code)| visit(place % 64, *code)),
            Codes::Many(codes) => {
                let first = word * 64;
                let codes = codes.get(first..codes.len().min(first + 64)).unwrap_or_default();
                (0..).zip(codes).for_each(|(bit, code)| visit(bit, *code));
            }
        }
    }

    /// Who has a value.
    fn present(&self, of: usize) -> Places {
        let mut present = Places::default();
        match self {
            Codes::Few(few) => few.keys().for_each(|place| present.insert(*place, of)),
            Codes::Many(codes) => {
                let with_value = (0..).zip(codes).filter(|(_, code)| **code != 0);
                with_value.for_each(|(place, _)| present.insert(place, of));
            }
        }
        present
    }

    fn bytes(&self) -> usize {
        match self {
            Codes::Few(few) => few.len() * CODE_BYTES,
            Codes::Many(codes) => codes.len() * 2,
        }
    }
}
