//! What has happened to a member meets his runs: goals, exits, waits; and lets him in.

use serde_json::Value;

use super::{
    clocks,
    life::{For, Life, Waiting},
    text,
    triggers::Trigger,
};

impl Life<'_> {
    pub(super) fn meet_all(&mut self, triggers: &[Trigger<'_>]) {
        for trigger in triggers {
            self.reach_goals(trigger);
            self.let_out(trigger);
            self.meet(trigger);
        }
        for trigger in triggers {
            self.let_in(trigger);
        }
        self.meet_inside();
    }

    fn reach_goals(&mut self, trigger: &Trigger<'_>) {
        for way in 0..self.ways.len() {
            let (document, run) = (self.document(way), &self.ways[way].run);
            let Some(goal) = document.get("goal") else { continue };
            let began = self.ways[way].began;
            let zone = clocks::zone_of(&self.traits, &self.world.zone);
            let limit = match text(goal, "within") {
                Some(within) => Some(clocks::after(began, within, &zone)),
                None if run.state == "held_out" => Some(clocks::after(began, "P30D", &zone)),
                None => None,
            };
            let at = trigger.at(self.now);
            // Of a run that has ended nobody asks when its time is over, however early that was which comes then.
            let is_followed = run.state == "active" || limit.is_some_and(|limit| self.now < limit);
            let in_time = at >= began && limit.is_none_or(|limit| at < limit);
            if run.goal.is_none() && is_followed && in_time && self.is_same(way, trigger) && trigger.fits(goal) {
                self.ways[way].run.goal = Some(at);
                self.note(way, "", "goal", "");
            }
        }
    }

    fn let_out(&mut self, trigger: &Trigger<'_>) {
        for way in 0..self.ways.len() {
            let exits = self.document(way).get("exit").and_then(Value::as_array).cloned().unwrap_or_default();
            let is_due = self.ways[way].run.state == "active"
                && trigger.at(self.now) >= self.ways[way].began
                && self.is_same(way, trigger)
                && exits.iter().any(|exit| trigger.fits(exit));
            if is_due {
                let step = self.ways[way].step.clone().unwrap_or_default();
                self.note(way, &step, "exited", "");
                self.end(way, "exited");
            }
        }
    }

    fn meet(&mut self, trigger: &Trigger<'_>) {
        for way in 0..self.ways.len() {
            let Some(Waiting { for_what: Some(awaited), .. }) = self.ways[way].waiting.clone() else { continue };
            let is_met = match (&awaited, trigger) {
                (For::Event(wanted), Trigger::Event { properties, happened, .. }) => {
                    // What happened before he came to the wait is not what he waits for.
                    *happened >= self.ways[way].arrived
                        && self.is_same(way, trigger)
                        && trigger.fits(wanted)
                        && wanted.get("match").and_then(Value::as_array).into_iter().flatten().all(|pair| {
                            let path = text(pair, "entry").unwrap().trim_start_matches("properties.");
                            let mine = self.ways[way].entry.get(path);
                            mine.is_some() && mine == properties.get(text(pair, "property").unwrap())
                        })
                }
                (For::Segment(segment), Trigger::Entered(entered)) => segment == entered,
                _ => false,
            };
            if is_met && self.is_in_time(way) {
                let step = self.ways[way].step.clone().unwrap();
                self.note(way, &step, "met", "");
                self.go_on_from(way, "next");
            }
        }
    }

    /// Whoever waits for a segment and is in it, however he came in, waits no longer.
    fn meet_inside(&mut self) {
        for way in 0..self.ways.len() {
            let Some(Waiting { for_what: Some(For::Segment(segment)), .. }) = self.ways[way].waiting.clone() else {
                continue;
            };
            if self.segments().contains(&segment) && self.is_in_time(way) {
                let step = self.ways[way].step.clone().unwrap();
                self.note(way, &step, "met", "");
                self.go_on_from(way, "next");
            }
        }
    }
}
