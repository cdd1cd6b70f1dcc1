//! Which ways members take: sequences of events from their first one in the range on, or from an event, or towards one.

use std::collections::HashMap;

use crate::{
    history::{History, Hit},
    scan::Kernel,
};

/// The most events of a path.
pub const MOST_DEPTH: usize = 12;

/// From where paths are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// From the first event of each member.
    Beginning,
    /// From the first event of this name on.
    From(u16),
    /// Backwards from the first event of this name.
    To(u16),
}

/// Counts the ways of members. The steps of a hit are the number of its event's name, from 1 to 65,535.
pub struct Paths {
    /// From where paths are followed.
    pub anchor: Anchor,
    /// How many events a path has at the most.
    pub depth: usize,
    /// Whether the same event several times in a row counts once.
    pub collapses: bool,
}

/// How many members went which way. A way that ends before its depth ends with an exit.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    /// Names in the order in which they happened, also where paths lead to an event; members.
    pub members: HashMap<[u16; MOST_DEPTH], u64>,
    hits: Vec<Hit>,
}

impl Kernel for Paths {
    type Partial = Ways;

    fn nothing(&self) -> Ways {
        Ways::default()
    }

    fn member(&self, _: i64, history: &History<'_>, partial: &mut Ways) {
        let hits = &mut partial.hits;
        history.hits(hits);
        let depth = self.depth.min(MOST_DEPTH);
        let mut way = [0; MOST_DEPTH];
        let is = |name: u16| move |hit: &Hit| hit.steps == u32::from(name);
        let taken = match self.anchor {
            Anchor::Beginning => self.follow(hits.iter(), &mut way[..depth]),
            Anchor::From(name) => match hits.iter().position(is(name)) {
                Some(place) => self.follow(hits[place..].iter(), &mut way[..depth]),
                None => 0,
            },
            Anchor::To(name) => match hits.iter().position(is(name)) {
                Some(place) => self.follow(hits[..=place].iter().rev(), &mut way[..depth]),
                None => 0,
            },
        };
        if taken > 0 {
            if matches!(self.anchor, Anchor::To(_)) {
                way[..taken].reverse();
            }
            *partial.members.entry(way).or_default() += 1;
        }
    }

    fn add(&self, partial: &mut Ways, other: Ways) {
        for (way, members) in other.members {
            *partial.members.entry(way).or_default() += members;
        }
    }
}

impl Paths {
    /// Writes the names of a way; how many there are.
    fn follow<'h>(&self, hits: impl Iterator<Item = &'h Hit>, way: &mut [u16]) -> usize {
        let mut taken = 0;
        for hit in hits {
            let name = hit.steps as u16;
            if self.collapses && taken > 0 && way[taken - 1] == name {
                continue;
            }
            if taken == way.len() {
                break;
            }
            way[taken] = name;
            taken += 1;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::tell;

    fn ways(anchor: Anchor, depth: usize, collapses: bool, history: &[u32]) -> Vec<u16> {
        let hits: Vec<Hit> = (0..).zip(history).map(|(time, steps)| Hit::at(time, *steps)).collect();
        let kernel = Paths { anchor, depth, collapses };
        let mut ways = kernel.nothing();
        tell(&hits, |history| kernel.member(1, history, &mut ways));
        let way = ways.members.into_keys().next();
        way.map(|way| way.into_iter().take_while(|name| *name != 0).collect()).unwrap_or_default()
    }

    #[test]
    fn a_way_begins_or_ends_where_it_is_anchored() {
        let history = [1, 1, 2, 3, 3, 2, 4];
        assert_eq!(ways(Anchor::Beginning, 3, false, &history), [1, 1, 2]);
        assert_eq!(ways(Anchor::Beginning, 3, true, &history), [1, 2, 3]);
        assert_eq!(ways(Anchor::From(3), 5, true, &history), [3, 2, 4]);
        assert_eq!(ways(Anchor::To(4), 3, false, &history), [3, 2, 4]);
        assert_eq!(ways(Anchor::To(3), 9, true, &history), [1, 2, 3]);
        assert_eq!(ways(Anchor::From(9), 5, true, &history), [0; 0]);
    }
}
