//! Sets of places.

use std::collections::BTreeSet;

/// A set of places, one bit for each.
#[derive(Default)]
pub(super) struct Bits {
    words: Vec<u64>,
}

/// Who has something: a few places one by one, many as bits.
pub(super) enum Places {
    Few(BTreeSet<u32>),
    Many(Bits),
}

/// So few are kept one by one, however few there are in all.
pub(super) const FEW: usize = if cfg!(test) { 4 } else { 4_096 };
/// What one of a few takes, about.
const ENTRY_BYTES: usize = 8;

/// The 64 places of a word.
pub(super) fn range_of(word: usize) -> std::ops::RangeInclusive<u32> {
    let first = (word * 64) as u32;
    first..=first + 63
}

fn word_of(place: u32) -> usize {
    (place / 64) as usize
}

fn bit_of(place: u32) -> u64 {
    1 << (place % 64)
}

impl Bits {
    pub(super) fn insert(&mut self, place: u32) {
        let word = word_of(place);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= bit_of(place);
    }

    pub(super) fn remove(&mut self, place: u32) {
        if let Some(word) = self.words.get_mut(word_of(place)) {
            *word &= !bit_of(place);
        }
    }

    /// All places of so many words.
    pub(super) fn filled(words: usize) -> Bits {
        Bits { words: vec![u64::MAX; words] }
    }

    /// Which of the 64 places of a word are in it.
    pub(super) fn word(&self, word: usize) -> u64 {
        self.words.get(word).copied().unwrap_or(0)
    }

    /// All of them, 64 places each.
    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }
}

impl Default for Places {
    fn default() -> Places {
        Places::Few(BTreeSet::new())
    }
}

impl Places {
    /// `of`: how many places there are in all.
    pub(super) fn insert(&mut self, place: u32, of: usize) {
        match self {
            Places::Many(bits) => bits.insert(place),
            Places::Few(few) => {
                few.insert(place);
                if few.len() > FEW && few.len() * ENTRY_BYTES * 8 > of {
                    let mut bits = Bits::default();
                    few.iter().for_each(|place| bits.insert(*place));
                    *self = Places::Many(bits);
                }
            }
        }
    }

    pub(super) fn remove(&mut self, place: u32) {
        match self {
            Places::Many(bits) => bits.remove(place),
            Places::Few(few) => _ = few.remove(&place),
        }
    }

    /// How many places are in it.
    pub(super) fn count(&self) -> usize {
        match self {
            Places::Many(bits) => bits.words.iter().map(|word| word.count_ones() as usize).sum(),
            Places::Few(few) => few.len(),
        }
    }

    /// Which of the 64 places of a word are in it.
    pub(super) fn word(&self, word: usize) -> u64 {
        match self {
            Places::Many(bits) => bits.word(word),
            Places::Few(few) => few.range(range_of(word)).fold(0, |bits, place| bits | bit_of(*place)),
        }
    }

    /// What it takes, about.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Places::Many(bits) => bits.words.len() * 8,
            Places::Few(few) => few.len() * ENTRY_BYTES,
        }
    }
}
