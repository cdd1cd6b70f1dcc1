//! What happened to a member, as a kernel is told it.

use crate::selection::Steps;

/// An event that matters to a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// Which steps of the question it can be; never none.
    pub steps: Steps,
    /// Its group.
    pub group: u32,
    /// The number that the question asks for; NaN when it has none.
    pub value: f64,
}

/// A member's events by time, those of one moment by owner and arrival.
#[derive(Clone, Copy, Debug)]
pub struct History<'h> {
    pieces: &'h [Piece<'h>],
}

/// Events of one member that stand together in a chunk. There is at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'h> {
    /// The moment from which times are counted.
    pub(crate) begin: i64,
    pub(crate) times: &'h [u32],
    pub(crate) steps: Rows<'h>,
    pub(crate) values: Option<&'h [f64]>,
    pub(crate) groups: Groups<'h>,
    /// To whom each first belonged; `None` when it was always this member.
    pub(crate) owners: Option<&'h [i64]>,
}

/// What the events can be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows<'h> {
    /// By the numbers of their names.
    Narrow(&'h [u8], &'h [Steps; 256]),
    /// By the numbers of their names, of which there are many.
    Wide(&'h [u32], &'h [Steps]),
    /// As it stands there.
    Steps(&'h [Steps]),
}

/// The groups of the events.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Groups<'h> {
    All(u32),
    Rows(&'h [u32]),
}

impl<'h> History<'h> {
    pub(crate) fn new(pieces: &'h [Piece<'h>]) -> History<'h> {
        History { pieces }
    }

    /// Calls `take` with time and steps of each event in the range, also of those that do not matter, which have no steps.
    #[inline(always)]
    pub fn each_row(&self, mut take: impl FnMut(i64, Steps)) {
        for piece in self.pieces {
            let begin = piece.begin;
            match piece.steps {
                Rows::Narrow(names, table) => {
                    for (name, time) in names.iter().zip(piece.times) {
                        take(begin + i64::from(*time), table[usize::from(*name)]);
                    }
                }
                Rows::Wide(names, table) => {
                    for (name, time) in names.iter().zip(piece.times) {
                        take(begin + i64::from(*time), table[*name as usize]);
                    }
                }
                Rows::Steps(steps) => {
                    for (steps, time) in steps.iter().zip(piece.times) {
                        take(begin + i64::from(*time), *steps);
                    }
                }
            }
        }
    }

    /// Calls `take` with time and steps of each event that matters.
    #[inline(always)]
    pub fn each(&self, mut take: impl FnMut(i64, Steps)) {
        self.each_row(|time, steps| {
            if steps != 0 {
                take(time, steps);
            }
        });
    }

    /// Writes all events that matter, with their groups and values, into an empty list.
    pub fn hits(&self, hits: &mut Vec<Hit>) {
        hits.clear();
        for piece in self.pieces {
            for (row, time) in piece.times.iter().enumerate() {
                let steps = piece.steps.get(row);
                if steps != 0 {
                    hits.push(Hit {
                        time: piece.begin + i64::from(*time),
                        steps,
                        group: piece.groups.get(row),
                        value: piece.values.map_or(f64::NAN, |values| values[row]),
                    });
                }
            }
        }
    }

    /// The group of all his events, where members are told apart and not events.
    pub fn group(&self) -> u32 {
        self.pieces.first().map_or(0, |piece| piece.groups.get(0))
    }
}

impl Rows<'_> {
    fn get(&self, row: usize) -> Steps {
        match self {
            Rows::Narrow(names, table) => table[usize::from(names[row])],
            Rows::Wide(names, table) => table[names[row] as usize],
            Rows::Steps(steps) => steps[row],
        }
    }
}

impl Groups<'_> {
    fn get(&self, row: usize) -> u32 {
        match self {
            Groups::All(group) => *group,
            Groups::Rows(groups) => groups[row],
        }
    }
}

impl Piece<'_> {
    /// When the first event happened.
    pub(crate) fn first(&self) -> i64 {
        self.begin + self.times.first().map_or(0, |time| i64::from(*time))
    }

    /// When the last event happened.
    pub(crate) fn last(&self) -> i64 {
        self.begin + self.times.last().map_or(0, |time| i64::from(*time))
    }
}

/// Events of one member that stood in several places, in one list.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    begin: i64,
    times: Vec<u32>,
    steps: Vec<Steps>,
    values: Vec<f64>,
    groups: Vec<u32>,
}

impl Merged {
    /// Puts a member's pieces together by time; those of one moment by owner, and of one owner as they arrived: those of an
    /// earlier piece first. Events that do not matter stay out.
    pub(crate) fn of(member: i64, pieces: &[Piece<'_>]) -> Vec<Merged> {
        let mut hits = Vec::new();
        let mut order: Vec<(i64, i64, usize)> = Vec::new();
        let mut all = Vec::new();
        for piece in pieces {
            History::new(std::slice::from_ref(piece)).hits(&mut hits);
            let rows = (0..piece.times.len()).filter(|row| piece.steps.get(*row) != 0);
            for (row, hit) in rows.zip(&hits) {
                order.push((hit.time, piece.owners.map_or(member, |owners| owners[row]), order.len()));
                all.push(*hit);
            }
        }
        order.sort_unstable();
        let sorted: Vec<Hit> = order.into_iter().map(|(_, _, place)| all[place]).collect();
        Merged::of_hits(&sorted)
    }

    /// As lists no longer than a month, so that times have room.
    pub(crate) fn of_hits(hits: &[Hit]) -> Vec<Merged> {
        let mut lists: Vec<Merged> = Vec::new();
        for hit in hits {
            let fits = lists.last().is_some_and(|list| hit.time - list.begin <= i64::from(u32::MAX));
            if !fits {
                lists.push(Merged { begin: hit.time, ..Merged::default() });
            }
            if let Some(list) = lists.last_mut() {
                list.times.push((hit.time - list.begin) as u32);
                list.steps.push(hit.steps);
                list.values.push(hit.value);
                list.groups.push(hit.group);
            }
        }
        lists
    }

    pub(crate) fn piece(&self) -> Piece<'_> {
        Piece {
            begin: self.begin,
            times: &self.times,
            steps: Rows::Steps(&self.steps),
            values: Some(&self.values),
            groups: Groups::Rows(&self.groups),
            owners: None,
        }
    }
}

/// Tells a kernel of events, which are sorted by time.
#[cfg(test)]
pub(crate) fn tell(hits: &[Hit], to: impl FnOnce(&History<'_>)) {
    let lists = Merged::of_hits(hits);
    let pieces: Vec<Piece<'_>> = lists.iter().map(Merged::piece).collect();
    to(&History::new(&pieces));
}

#[cfg(test)]
impl Hit {
    /// One without a group and a number.
    pub(crate) fn at(time: i64, steps: Steps) -> Hit {
        Hit { time, steps, group: 0, value: f64::NAN }
    }
}
