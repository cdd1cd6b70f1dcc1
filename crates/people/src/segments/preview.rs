//! How many members a rule would give, while it is written: exactly where columns know it or there is time to ask everybody
//! else, and as an estimate with its bounds where there is not.
//!
//! Whoever columns leave open is asked in an order that depends only on the rule, so that a number gets better and does not
//! jump when it is asked for again.

use std::{collections::HashMap, sync::Arc, time::Duration};

use base::{
    Clock, Code, Problem, Time,
    ids::{MemberId, WorkspaceId},
    rule::Rule,
};
use sea_orm::DbErr;
use serde::Serialize;
use store::Db;
use utoipa::ToSchema;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::service::zone_of;
use crate::{
    members::{Columns, load_members},
    rules::{self, OfEverybody, RuleBook, evaluate},
};

/// Nobody waits longer for a preview.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
const AT_ONCE: usize = 1_000;
/// So many when there is little time.
const AT_ONCE_IN_A_HURRY: usize = 250;
/// Of a part of a rule so many are asked, as far as there is time.
const OF_A_PART: usize = 1_000;
const LEAST_OF_A_PART: usize = 25;
/// Parts whose sizes are told.
const MOST_PARTS: usize = 20;
/// The 97.5th percentile of the normal distribution: bounds hold with 95 per cent confidence.
const Z: f64 = 1.959_963_984_540_054;

/// How many members a rule holds for, and some of them.
pub struct Preview {
    /// How many.
    pub size: i64,
    /// The newest of them.
    pub sample: Vec<MemberId>,
}

/// A number, and how sure it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Number {
    /// The number, or the best estimate of it.
    pub size: i64,
    /// Whether it is exact.
    pub exact: bool,
    /// It is not less than this, with 95 per cent confidence.
    pub low: i64,
    /// It is not more than this, with 95 per cent confidence.
    pub high: i64,
}

impl Number {
    fn exactly(size: i64) -> Number {
        Number { size, exact: true, low: size, high: size }
    }

    /// Beside `sure`, of `open` members `checked` were asked and `held` is how many of these the rule holds for. After
    /// E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927), with the
    /// correction for drawing from few.
    fn estimated(sure: i64, open: i64, checked: i64, held: i64) -> Number {
        if checked >= open {
            return Number::exactly(sure + held);
        }
        if checked == 0 {
            return Number { size: sure, exact: false, low: sure, high: sure + open };
        }
        let (all, n) = (open as f64, checked as f64);
        let share = held as f64 / n;
        // Asking nearly everybody says more than asking as many of infinitely many.
        let z = Z * ((all - n) / (all - 1.0).max(1.0)).sqrt();
        let scale = 1.0 + z * z / n;
        let centre = (share + z * z / (2.0 * n)) / scale;
        let spread = z / scale * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        let low = ((centre - spread) * all).floor().max(held as f64) as i64;
        let high = ((centre + spread) * all).ceil().min((open - checked + held) as f64) as i64;
        let size = (share * all).round() as i64;
        Number { size: sure + size.clamp(low, high), exact: false, low: sure + low, high: sure + high }
    }
}

/// The size of a part of a rule.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PartSize {
    /// Where it stands, such as `rule.all[0]`.
    pub path: String,
    /// How many members it holds for by itself; `null` when there was no time to say.
    pub size: Option<i64>,
    /// Whether that is exact.
    pub exact: bool,
    /// It is not less than this.
    pub low: Option<i64>,
    /// It is not more than this.
    pub high: Option<i64>,
}

/// What was found in the time that there was.
#[derive(Default)]
pub(super) struct Estimate {
    pub number: Number,
    /// Those of whom columns did not know it, and who were asked.
    pub checked: i64,
    /// Those of whom columns did not know it.
    pub open: i64,
    /// Whether nothing is known yet, since everybody is read for the first time.
    pub is_pending: bool,
    pub sample: Vec<MemberId>,
    pub parts: Vec<PartSize>,
}

/// What is wanted of a preview.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub patience: Duration,
    pub sample: usize,
    pub parts: bool,
}

/// Evaluates a rule over all members as of now: by columns as far as they know, and with the evaluator that keeps
/// segments live for those of whom they do not.
pub async fn preview(
    db: &Db,
    clock: &Arc<dyn Clock>,
    columns: &Columns,
    workspace: WorkspaceId,
    rule: &Rule,
    sample: usize,
) -> Result<Preview, Problem> {
    let wish = Wish { patience: PATIENCE, sample, parts: false };
    let found = estimate(db, clock, columns, workspace, rule, wish).await?;
    match found.number.exact {
        true => Ok(Preview { size: found.number.size, sample: found.sample }),
        false => Err(Problem::with(Code::Timeout, "the preview took more than 30 seconds")),
    }
}

/// Everybody for whom a rule holds now, in no order.
pub async fn holders(
    db: &Db,
    clock: &Arc<dyn Clock>,
    columns: &Columns,
    workspace: WorkspaceId,
    rule: &Rule,
) -> Result<Vec<MemberId>, Problem> {
    Ok(preview(db, clock, columns, workspace, rule, usize::MAX).await?.sample)
}

/// The same in the time that there is.
pub(super) async fn estimate(
    db: &Db,
    clock: &Arc<dyn Clock>,
    columns: &Columns,
    workspace: WorkspaceId,
    rule: &Rule,
    wish: Wish,
) -> Result<Estimate, Problem> {
    let started = clock.monotonic();
    let zone = zone_of(db.read(), workspace).await.map_err(internal)?;
    let mut source = rules::load_source(db.read(), workspace).await.map_err(internal)?;
    let parts = if wish.parts { parts_of(rule) } else { Vec::new() };
    for (path, part) in &parts {
        source.others.insert(path.clone(), (*part).clone());
    }
    let book = Arc::new(RuleBook::compile_one(workspace, zone, &mut source, "preview", rule));
    let names = parts.iter().map(|(path, _)| path.as_str()).chain(["preview"]);
    let conditions: Vec<usize> = names.filter_map(|name| book.other(name)).collect();
    let now = clock.now();
    let told = tokio::select! {
        told = columns.told(db, &book, &conditions, now) => told.map_err(internal)?,
        // The rest of the time is for asking members one by one.
        () = clock.sleep(wish.patience / 2) => OfEverybody::default(),
    };
    let asking = Asking {
        db,
        clock,
        columns,
        books: HashMap::from([(workspace, book.clone())]),
        seed: xxh3_64_with_seed(rule.to_json().to_string().as_bytes(), 0),
        told: Arc::new(told),
        now,
        started,
        patience: wish.patience,
        book,
    };
    let Some(mut whole) = asking.find("preview", wish.sample).await? else {
        return Ok(Estimate { is_pending: true, ..Estimate::default() });
    };
    let mut tallies = Vec::with_capacity(parts.len());
    for (path, _) in &parts {
        let tally = if asking.is_late() { None } else { asking.find(path, 0).await? };
        tallies.push(tally);
    }
    asking.ask(&mut whole, &mut tallies).await?;
    let part = |((path, _), tally): ((String, &Rule), Option<Tally>)| {
        // Of whom nobody was asked nothing can be said.
        let known = tally.filter(|tally| tally.checked > 0 || tally.open.is_empty()).map(|tally| tally.number());
        PartSize {
            path,
            size: known.map(|number| number.size),
            exact: known.is_some_and(|number| number.exact),
            low: known.map(|number| number.low),
            high: known.map(|number| number.high),
        }
    };
    let parts = parts.into_iter().zip(tallies).map(part).collect();
    Ok(Estimate {
        number: whole.number(),
        checked: whole.checked as i64,
        open: whole.open.len() as i64,
        is_pending: false,
        sample: whole.into_newest(wish.sample),
        parts,
    })
}

/// The conditions of which a rule consists, with the places where they stand.
fn parts_of(rule: &Rule) -> Vec<(String, &Rule)> {
    let (word, parts) = match rule {
        Rule::All(parts) => ("all", parts),
        Rule::Any(parts) => ("any", parts),
        _ => return Vec::new(),
    };
    let named = parts.iter().enumerate().map(|(place, part)| (format!("rule.{word}[{place}]"), part));
    named.take(MOST_PARTS).collect()
}

fn internal(error: DbErr) -> Problem {
    api::ApiError::from(error).0
}

/// What is known so far of one condition.
struct Tally {
    /// Its place in the book.
    condition: usize,
    /// For how many columns know that it holds, and the newest of these.
    sure: i64,
    newest: Vec<MemberId>,
    /// Of whom they do not know it, in the order in which they are asked.
    open: Vec<MemberId>,
    /// How many of these were asked.
    checked: usize,
    /// For whom of these it holds.
    held: Vec<MemberId>,
}

impl Tally {
    fn is_done(&self) -> bool {
        self.checked >= self.open.len()
    }

    fn number(&self) -> Number {
        Number::estimated(self.sure, self.open.len() as i64, self.checked as i64, self.held.len() as i64)
    }

    /// The newest of those for whom it holds.
    fn into_newest(self, sample: usize) -> Vec<MemberId> {
        let mut newest = self.newest;
        newest.extend(self.held);
        newest.sort_unstable_by(|one, other| other.cmp(one));
        newest.truncate(sample);
        newest
    }
}

/// Asking conditions of one book of everybody.
struct Asking<'a> {
    db: &'a Db,
    clock: &'a Arc<dyn Clock>,
    columns: &'a Columns,
    book: Arc<RuleBook>,
    books: HashMap<WorkspaceId, Arc<RuleBook>>,
    seed: u64,
    told: Arc<OfEverybody>,
    now: Time,
    started: Duration,
    patience: Duration,
}

impl Asking<'_> {
    fn left(&self) -> Duration {
        self.patience.saturating_sub(self.clock.monotonic().saturating_sub(self.started))
    }

    fn is_late(&self) -> bool {
        self.left().is_zero()
    }

    /// What columns know of a rule. `None` while they are made for the first time: that goes on in the background, and
    /// whoever asks next finds it done.
    async fn find(&self, name: &str, sample: usize) -> Result<Option<Tally>, Problem> {
        let condition = self.book.other(name).ok_or(Problem::new(Code::Internal))?;
        let found = tokio::select! {
            found = self.columns.find(self.db, (&self.book, condition), &self.told, sample, self.started) => {
                found.map_err(internal)?
            }
            () = self.clock.sleep(self.left()) => return Ok(None),
        };
        let open = self.drawn(found.open).await?;
        Ok(Some(Tally { condition, sure: found.sure, newest: found.newest, open, checked: 0, held: Vec::new() }))
    }

    /// Asks those whom columns leave open, by turns for the whole and for its parts, until all is known or it is late.
    /// Everything has one turn at least.
    async fn ask(&self, whole: &mut Tally, parts: &mut [Option<Tally>]) -> Result<(), Problem> {
        let at_once = if self.patience < PATIENCE { AT_ONCE_IN_A_HURRY } else { AT_ONCE };
        let of_a_part = (at_once / parts.len().max(1)).max(LEAST_OF_A_PART);
        loop {
            self.turn(whole, at_once).await?;
            for part in parts.iter_mut().flatten().filter(|part| part.checked < OF_A_PART) {
                self.turn(part, of_a_part).await?;
            }
            let is_done = |part: &Tally| part.is_done() || part.checked >= OF_A_PART;
            if self.is_late() || (whole.is_done() && parts.iter().flatten().all(is_done)) {
                return Ok(());
            }
        }
    }

    /// Asks so many more.
    async fn turn(&self, tally: &mut Tally, at_once: usize) -> Result<(), Problem> {
        let ids = &tally.open[tally.checked..tally.open.len().min(tally.checked + at_once)];
        for member in load_members(self.db.read(), ids, &self.books, self.now).await.map_err(internal)? {
            if evaluate(tally.condition, &self.book, &member, self.now).holds {
                tally.held.push(member.id);
            }
        }
        tally.checked += ids.len();
        Ok(())
    }

    /// Members in the order in which they are asked: as if by lot, but always the same for one rule.
    async fn drawn(&self, open: Vec<MemberId>) -> Result<Vec<MemberId>, Problem> {
        if open.len() <= AT_ONCE_IN_A_HURRY {
            return Ok(open);
        }
        let seed = self.seed;
        let drawing = tokio::task::spawn_blocking(move || {
            let lot = |id: &MemberId| xxh3_64_with_seed(&id.0.to_le_bytes(), seed);
            let mut drawn: Vec<(u64, MemberId)> = open.into_iter().map(|id| (lot(&id), id)).collect();
            drawn.sort_unstable();
            drawn.into_iter().map(|(_, id)| id).collect()
        });
        drawing.await.map_err(|_| Problem::new(Code::Internal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn bounds_hold_what_is_possible(open in 1i64..200_000, checked in 0i64..200_000, held in 0i64..200_000, sure in 0i64..9) {
            let (checked, held) = (checked.min(open), held.min(checked).min(open));
            let number = Number::estimated(sure, open, checked, held);
            prop_assert!(sure + held <= number.low && number.low <= number.size && number.size <= number.high);
            prop_assert!(number.high <= sure + open - (checked - held));
            prop_assert_eq!(number.exact, checked == open);
        }
    }

    #[test]
    fn more_answers_make_a_number_surer() {
        let spread = |checked: i64| {
            let number = Number::estimated(0, 640_000, checked, checked / 16);
            assert!(number.low <= 40_000 && 40_000 <= number.high, "{number:?}");
            number.high - number.low
        };
        assert!(spread(1_000) > spread(3_000) && spread(3_000) > spread(100_000));
        // 3,000 of 640,000 with a share of 1/16: the figure of the score interval, give or take rounding.
        assert!((spread(3_000) - 11_100).abs() < 200, "{}", spread(3_000));
    }

    #[test]
    fn the_parts_of_a_rule_are_its_uppermost_conditions() {
        let rule = |json| Rule::parse(&json).unwrap();
        let either = rule(json!({"any": [{"tag": "a"}, {"not": {"tag": "b"}}]}));
        let paths: Vec<String> = parts_of(&either).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["rule.any[0]", "rule.any[1]"]);
        assert!(parts_of(&rule(json!({"tag": "a"}))).is_empty());
    }
}
