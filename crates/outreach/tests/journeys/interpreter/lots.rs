//! What chance decided. It is not worked out but told, and must be told the same of the same lot each time.

use std::collections::BTreeMap;

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lot {
    /// Whether the workspace leaves a member out, while it leaves out so many millionths; it may have drawn anew.
    Workspace { drawn: usize, millionths: u64 },
    /// Whether a version of a journey does.
    Entry { journey: usize, version: usize },
    /// Which way somebody goes at a step.
    Step { journey: usize, version: usize, step: String },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Chance {
    Way(usize),
    Held,
}

/// By person. Who is not among them was not held out.
pub type Lots = BTreeMap<(String, Lot), Chance>;

/// How many members the workspace leaves out, and how often it has drawn who they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Holdout {
    pub drawn: usize,
    pub millionths: u64,
}

impl Holdout {
    /// Another share keeps everybody on his side as far as it can, unless it is drawn anew.
    pub fn change(&mut self, share: f64, reshuffle: bool) {
        if reshuffle || self.drawn == 0 {
            self.drawn += 1;
        }
        self.millionths = (share * 1e6).round() as u64;
    }

    pub fn lot(&self) -> Lot {
        Lot::Workspace { drawn: self.drawn, millionths: self.millionths }
    }
}
