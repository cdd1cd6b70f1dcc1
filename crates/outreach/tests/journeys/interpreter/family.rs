//! Those who are, or turn out to be, one member.

use std::cell::Cell;

use super::{
    Lots, Person, Run, What, World, clocks,
    life::{Life, Next, Waiting, Way},
    triggers::Trigger,
};

/// All runs of some people until a moment. Nobody else becomes one with any of them.
pub fn live(world: &World, people: &[&Person], lots: &Lots, until: i64) -> Vec<Run> {
    let brought_about = Cell::new(0);
    let mut lives: Vec<Life<'_>> = people.iter().map(|person| Life::of(world, person, lots, &brought_about)).collect();
    loop {
        let moments = lives.iter_mut().enumerate().filter_map(|(place, life)| Some((life.next_moment()?, place)));
        let Some((_, place)) = moments.min().filter(|(moment, _)| *moment <= until) else { break };
        if let Next::BecomesOneWith(other) = lives[place].go_on() {
            let Some(other) = lives.iter().position(|life| life.names.contains(&other)) else { continue };
            if other != place {
                let gone = lives.remove(other);
                lives[if other < place { place - 1 } else { place }].absorb(gone);
            }
        }
    }
    lives.into_iter().flat_map(|life| life.ways).map(|way| way.run).collect()
}

/// The people, those together who become one.
pub fn families(people: &[Person]) -> Vec<Vec<&Person>> {
    let mut families: Vec<Vec<&Person>> = people.iter().map(|person| vec![person]).collect();
    for person in people {
        for happening in &person.happenings {
            let What::Merged { with } = &happening.what else { continue };
            let of = |name: &str, families: &[Vec<&Person>]| {
                families.iter().position(|family| family.iter().any(|person| person.name == name)).unwrap()
            };
            let (one, other) = (of(&person.name, &families), of(with, &families));
            if one != other {
                let joined = std::mem::take(&mut families[other]);
                families[one].extend(joined);
            }
        }
    }
    families.retain(|family| !family.is_empty());
    families.iter_mut().for_each(|family| family.sort_by_key(|person| person.number));
    families
}

impl<'a> Life<'a> {
    /// He who was two remains: with all that either did, said and was given, on all their ways. Who was on the same way
    /// twice, and may not be, goes on once.
    fn absorb(&mut self, gone: Life<'a>) {
        let before = self.segments();
        for (name, (value, at, number)) in gone.said {
            if self.said.get(&name).is_none_or(|(_, own, whose)| (at, number) > (*own, *whose)) {
                self.said.insert(name, (value, at, number));
            }
        }
        self.traits = self.said.iter().map(|(name, (value, ..))| (name.clone(), value.clone())).collect();
        self.traits_since = self.now;
        self.tags.extend(gone.tags);
        self.events.extend(gone.events);
        self.used.extend(gone.used);
        self.coming.extend(gone.coming.into_iter().filter(|(_, _, coming)| !coming.is_order()));
        for mut way in gone.ways {
            let is_same = |own: &Way<'_>| {
                (own.run.state.as_str(), own.run.journey, &own.run.key) == ("active", way.run.journey, &way.run.key)
            };
            let is_double = way.run.state == "active" && self.ways.iter().any(is_same);
            let document = self.published[way.run.journey].versions[way.run.version];
            let several = document["reentry"]["policy"] == "always";
            way.run.of = self.name().to_owned();
            self.ways.push(way);
            if is_double && !several {
                let last = self.ways.len() - 1;
                let step = self.ways[last].step.clone().unwrap_or_default();
                self.note(last, &step, "exited", "merged");
                self.end(last, "exited");
            }
        }
        for way in &mut self.ways {
            way.run.of = self.names[0].clone();
        }
        self.ask_dates_again();
        self.names.extend(gone.names);
        // In the order in which they were entered; of two at one moment, that of him who was there first.
        self.ways.sort_by_key(|way| (way.run.entered, way.origin.number));
        let after = self.segments();
        let entered = after.iter().filter(|segment| !before.contains(segment)).cloned().collect::<Vec<_>>();
        let triggers: Vec<Trigger<'_>> = entered.iter().map(|segment| Trigger::Entered(segment)).collect();
        self.meet_all(&triggers);
    }

    /// Who waits until a date has perhaps another one now.
    fn ask_dates_again(&mut self) {
        let zone = clocks::zone_of(&self.traits, &self.world.zone);
        for way in 0..self.ways.len() {
            let Some(Waiting { for_what: None, .. }) = self.ways[way].waiting else { continue };
            let step = self.step(way, self.ways[way].step.as_ref().unwrap());
            let until = step.get("until").and_then(|until| clocks::until(until, &self.traits, &zone));
            if let Some(until) = until {
                self.ways[way].waiting = Some(Waiting { until: Some(until.max(self.now)), for_what: None });
            }
        }
    }
}
