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

/// A member's events by time, those of one moment by the ids of the events.
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
}

/// What the events can be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rows<'h> {
    /// By the numbers of their names.
    Narrow(&'h [u8], &'h Table),
    /// By the numbers of their names, of which there are many.
    Wide(&'h [u32], &'h [Steps]),
    /// As it stands there.
    Steps(&'h [Steps]),
}

/// The step of an event that does not matter, where its step is told by its number.
pub const NO_STEP: u8 = 30;

fn first_of(steps: Steps) -> u8 {
    if steps == 0 { NO_STEP } else { steps.trailing_zeros() as u8 }
}

/// What events of up to 256 names can be.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    steps: [Steps; 256],
    /// The first of the steps, [`NO_STEP`] where there is none.
    first: [u8; 256],
    /// Whether no event can be several steps.
    is_single: bool,
}

impl Table {
    pub(crate) fn new(steps_of: &[Steps]) -> Table {
        let mut table = Table { steps: [0; 256], first: [NO_STEP; 256], is_single: true };
        for ((steps, first), of_name) in table.steps.iter_mut().zip(&mut table.first).zip(steps_of) {
            (*steps, *first) = (*of_name, first_of(*of_name));
            table.is_single &= of_name.count_ones() <= 1;
        }
        table
    }

    /// What events of a name can be.
    #[inline(always)]
    pub(crate) fn of(&self, name: u8) -> Steps {
        self.steps[usize::from(name)]
    }
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
                        take(begin + i64::from(*time), table.of(*name));
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

    /// Calls `take` with the time and the step of each event in the range, [`NO_STEP`] for one that does not matter. Does nothing and
    /// returns false when events can be several steps, or when two happened at one moment.
    #[inline(always)]
    pub fn each_single(&self, mut take: impl FnMut(i64, u8)) -> bool {
        let mut last = i64::MIN;
        for piece in self.pieces {
            let is_single = match piece.steps {
                Rows::Narrow(_, table) => table.is_single,
                Rows::Wide(..) => false,
                Rows::Steps(steps) => steps.iter().all(|steps| steps.count_ones() <= 1),
            };
            let later = piece.times.get(1..).unwrap_or_default();
            let ties = piece.times.iter().zip(later).fold(false, |ties, (one, other)| ties | (one == other));
            if !is_single || ties || piece.first() == last {
                return false;
            }
            last = piece.last();
        }
        for piece in self.pieces {
            let begin = piece.begin;
            match piece.steps {
                Rows::Narrow(names, table) => {
                    for (name, time) in names.iter().zip(piece.times) {
                        take(begin + i64::from(*time), table.first[usize::from(*name)]);
                    }
                }
                Rows::Steps(steps) => {
                    for (steps, time) in steps.iter().zip(piece.times) {
                        take(begin + i64::from(*time), first_of(*steps));
                    }
                }
                Rows::Wide(..) => {}
            }
        }
        true
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

    /// Calls `take` with the number of each event that matters, NaN where it has none.
    #[inline]
    pub fn each_value(&self, mut take: impl FnMut(f64)) {
        for piece in self.pieces {
            for row in (0..piece.times.len()).filter(|row| piece.steps.get(*row) != 0) {
                take(piece.values.map_or(f64::NAN, |values| values[row]));
            }
        }
    }

    /// Calls `take` with the group of each event that matters.
    pub fn each_group(&self, mut take: impl FnMut(u32)) {
        for piece in self.pieces {
            for row in (0..piece.times.len()).filter(|row| piece.steps.get(*row) != 0) {
                take(piece.groups.get(row));
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
            Rows::Narrow(names, table) => table.of(names[row]),
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
    #[inline]
    pub(crate) fn first(&self) -> i64 {
        self.begin + self.times.first().map_or(0, |time| i64::from(*time))
    }

    /// When the last event happened.
    #[inline]
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
    /// Puts a member's pieces together by time, those of one moment by the ids of the events; `ids` are those of each piece.
    /// Events that do not matter stay out.
    pub(crate) fn of(pieces: &[Piece<'_>], ids: &[&[i64]]) -> Vec<Merged> {
        let mut hits = Vec::new();
        let mut all: Vec<(i64, i64, Hit)> = Vec::new();
        for (piece, ids) in pieces.iter().zip(ids) {
            History::new(std::slice::from_ref(piece)).hits(&mut hits);
            let rows = (0..piece.times.len()).filter(|row| piece.steps.get(*row) != 0);
            all.extend(rows.zip(&hits).map(|(row, hit)| (hit.time, ids[row], *hit)));
        }
        all.sort_unstable_by_key(|(time, id, _)| (*time, *id));
        let sorted: Vec<Hit> = all.into_iter().map(|(.., hit)| hit).collect();
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
