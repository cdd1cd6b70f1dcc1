//! To which touches conversions are owed.

use crate::{
    history::{History, Hit},
    kernels::trend::Sum,
    scan::Kernel,
    selection::Steps,
};

/// An event that is to be explained. All other steps are touches.
pub const CONVERSION: Steps = 1;

/// How a conversion is shared among the touches before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Model {
    /// All of it to the first.
    First,
    /// All of it to the last.
    Last,
    /// The same to each.
    Linear,
    /// 40 per cent each to the first and the last, the rest to those between; half and half between two.
    Position,
    /// The more the later: half as much for each half-life before the conversion, in milliseconds.
    TimeDecay(f64),
}

/// Shares out conversions.
pub struct Attribution {
    /// How.
    pub model: Model,
    /// How long before a conversion a touch may be, in milliseconds.
    pub window: i64,
    /// Conversions before this moment do not count, in milliseconds since 1970.
    pub from: i64,
    /// Whether a touch's key is its first step behind that of a conversion; otherwise it is its group.
    pub is_by_step: bool,
    /// How many keys there are.
    pub keys: usize,
}

/// What is owed to whom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Credit {
    /// By key, conversions and their value, and at last what is owed to nobody.
    pub keys: Vec<(f64, f64)>,
    /// Conversions, and their value.
    pub all: (u64, Sum),
    hits: Vec<Hit>,
}

impl Kernel for Attribution {
    type Partial = Credit;

    fn nothing(&self) -> Credit {
        Credit { keys: vec![(0.0, 0.0); self.keys + 1], ..Credit::default() }
    }

    fn member(&self, _: i64, history: &History<'_>, credit: &mut Credit) {
        history.hits(&mut credit.hits);
        let mut begin = 0;
        for (place, conversion) in
            credit.hits.iter().enumerate().filter(|(_, hit)| hit.steps & CONVERSION != 0 && hit.time >= self.from)
        {
            let value = if conversion.value.is_nan() { 0.0 } else { conversion.value };
            credit.all.0 += 1;
            credit.all.1.add(value);
            while conversion.time - credit.hits[begin].time > self.window {
                begin += 1;
            }
            let before = credit.hits[begin..place].iter();
            let touches: Vec<&Hit> = before.filter(|hit| hit.steps & !CONVERSION != 0).collect();
            let nobody = self.keys;
            let mut owe = |key: usize, share: f64| {
                let (conversions, values) = &mut credit.keys[key.min(nobody)];
                *conversions += share;
                *values += share * value;
            };
            if touches.is_empty() {
                owe(nobody, 1.0);
            }
            let whole: f64 = (0..touches.len()).map(|nth| self.weight(&touches, nth, conversion.time)).sum();
            for (nth, touch) in touches.iter().enumerate() {
                let weight = self.weight(&touches, nth, conversion.time);
                if weight > 0.0 {
                    owe(self.key(touch), weight / whole);
                }
            }
        }
    }

    fn add(&self, credit: &mut Credit, other: Credit) {
        for (sums, more) in credit.keys.iter_mut().zip(other.keys) {
            *sums = (sums.0 + more.0, sums.1 + more.1);
        }
        credit.all.0 += other.all.0;
        credit.all.1.absorb(other.all.1);
    }
}

impl Attribution {
    fn key(&self, touch: &Hit) -> usize {
        match self.is_by_step {
            true => (touch.steps & !CONVERSION).trailing_zeros() as usize - 1,
            false => touch.group as usize,
        }
    }

    /// What the nth touch weighs beside the others.
    fn weight(&self, touches: &[&Hit], nth: usize, conversion: i64) -> f64 {
        let (is_first, is_last) = (nth == 0, nth + 1 == touches.len());
        match self.model {
            Model::First => f64::from(u8::from(is_first)),
            Model::Last => f64::from(u8::from(is_last)),
            Model::Linear => 1.0,
            Model::Position => match touches.len() {
                1 | 2 => 1.0,
                _ if is_first || is_last => 0.4,
                many => 0.2 / (many - 2) as f64,
            },
            Model::TimeDecay(half_life) => (-((conversion - touches[nth].time) as f64) / half_life).exp2(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::history::tell;

    fn owed(model: Model, moments: &[(i64, u32)]) -> Vec<f64> {
        let by_step = owed_by(true, model, moments);
        assert_eq!(by_step, owed_by(false, model, moments));
        by_step
    }

    fn owed_by(is_by_step: bool, model: Model, moments: &[(i64, u32)]) -> Vec<f64> {
        let hit = |(time, key): &(i64, u32)| match key {
            0 => Hit { value: 10.0, ..Hit::at(*time, CONVERSION) },
            key if is_by_step => Hit::at(*time, 1 << key),
            key => Hit { group: key - 1, ..Hit::at(*time, 2) },
        };
        let hits: Vec<Hit> = moments.iter().map(hit).collect();
        let kernel = Attribution { model, window: 100, from: 0, is_by_step, keys: 3 };
        let mut credit = kernel.nothing();
        tell(&hits, |history| kernel.member(1, history, &mut credit));
        for (conversions, value) in &credit.keys {
            assert!((conversions * 10.0 - value).abs() < 1e-9);
        }
        credit.keys.into_iter().map(|(conversions, _)| conversions).collect()
    }

    #[test]
    fn each_model_shares_as_it_says() {
        let way = [(0, 1), (50, 2), (100, 3), (150, 1), (150, 0)];
        // The first touch is older than the window.
        assert_eq!(owed(Model::First, &way), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(owed(Model::Last, &way), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(owed(Model::Linear, &way), [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0]);
        assert_eq!(owed(Model::Position, &way), [0.4, 0.4, 0.2, 0.0]);
        let decay = owed(Model::TimeDecay(50.0), &way);
        assert_eq!(decay, [1.0 / 1.75, 0.25 / 1.75, 0.5 / 1.75, 0.0]);
        assert_eq!(owed(Model::Linear, &[(0, 0)]), [0.0, 0.0, 0.0, 1.0]);
    }

    proptest! {
        #[test]
        fn each_conversion_is_owed_once(
            moments in prop::collection::vec((0_i64..300, 0_u32..4), 0..20),
            model in prop::sample::select(vec![
                Model::First, Model::Last, Model::Linear, Model::Position, Model::TimeDecay(30.0),
            ]),
        ) {
            let mut moments = moments;
            moments.sort_by_key(|(time, _)| *time);
            let conversions = moments.iter().filter(|(_, key)| *key == 0).count() as f64;
            prop_assert!((owed(model, &moments).iter().sum::<f64>() - conversions).abs() < 1e-9);
        }
    }
}
