//! The life cycle: eager at first, then a habit, then gone; some come back.

use crate::{
    dice::Dice,
    population::{Origin, Person},
    season::{Curve, DAY},
};

/// A time in which somebody comes about equally often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    pub from: i64,
    pub to: i64,
    /// Factor on his activity.
    pub intensity: f64,
}

/// The times of one person within the history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    pub stretches: Vec<Stretch>,
    /// When he lost interest, if he did.
    pub left_at: Option<i64>,
}

/// Those who have lost interest still look in now and then.
const HARDLY: f64 = 0.012;

impl Life {
    /// Draws the life of a person between `start` and `until`.
    pub(crate) fn of(person: &Person, dice: &mut Dice, start: i64, until: i64) -> Life {
        match person.origin {
            Origin::Visitor => {
                let mut life = Life::default();
                life.add(person.signup, person.signup + dice.between(DAY, 20 * DAY), 0.5, until);
                life
            }
            Origin::Within => newcomer(person, dice, until),
            Origin::Before => oldtimer(person, dice, start, until),
        }
    }

    /// How many visits to expect, in units of activity.
    pub(crate) fn amount(&self, curve: &Curve) -> f64 {
        self.stretches.iter().map(|stretch| stretch.intensity * curve.amount(stretch.from, stretch.to)).sum()
    }

    /// How often he comes at the very end, as a factor on his activity.
    pub(crate) fn intensity_at_end(&self) -> f64 {
        self.stretches.iter().max_by_key(|stretch| stretch.to).map_or(0.0, |stretch| stretch.intensity)
    }

    fn add(&mut self, from: i64, to: i64, intensity: f64, until: i64) {
        let to = to.min(until);
        if from < to {
            self.stretches.push(Stretch { from, to, intensity });
        }
    }

    /// Loses interest at `leaves`, and with some luck is won back for a while.
    fn leave(&mut self, leaves: i64, dice: &mut Dice, until: i64) {
        self.left_at = Some(leaves);
        let back = leaves + dice.between(12 * DAY, 55 * DAY);
        if dice.chance(0.16) && back < until {
            let again = back + (dice.exponential(18.0).clamp(3.0, 60.0) * DAY as f64) as i64;
            self.add(leaves, back, HARDLY, until);
            self.add(back, again, 0.9, until);
            self.add(again, until, HARDLY, until);
            return;
        }
        self.add(leaves, until, HARDLY, until);
    }
}

fn newcomer(person: &Person, dice: &mut Dice, until: i64) -> Life {
    let mut life = Life::default();
    let signup = person.signup;
    let faithful = dice.chance(0.2 * person.acquisition().loyalty);
    let stays = (dice.exponential(26.0 * person.acquisition().loyalty).max(0.15) * DAY as f64) as i64;
    let leaves = if faithful { i64::MAX } else { signup.saturating_add(stays) };
    life.add(signup, leaves.min(signup + 3 * DAY), 2.6, until);
    life.add(signup + 3 * DAY, leaves.min(signup + 14 * DAY), 1.3, until);
    life.add(signup + 14 * DAY, leaves, 0.8, until);
    if leaves < until {
        life.leave(leaves, dice, until);
    }
    life
}

fn oldtimer(person: &Person, dice: &mut Dice, start: i64, until: i64) -> Life {
    let mut life = Life::default();
    // The older the cohort, the more of it has fallen silent already.
    let age_days = (start - person.signup) as f64 / DAY as f64;
    let silent = 0.58 - 0.42 * (-age_days / 150.0).exp();
    if dice.chance(silent / person.acquisition().loyalty.max(0.6)) {
        life.leave(start, dice, until);
        return life;
    }
    let stays = (dice.exponential(150.0 * person.acquisition().loyalty) * DAY as f64) as i64;
    let leaves = start.saturating_add(stays);
    life.add(start, leaves, 0.9, until);
    if leaves < until {
        life.leave(leaves, dice, until);
    }
    life
}
