//! Step after step until something is waited for.

use serde_json::Value;

use super::{
    Chance, What, clocks,
    life::{Coming, For, Life, Waiting},
    rules::{self, Facts},
    text,
};

impl Life<'_> {
    pub(super) fn time_is_up(&mut self, way: usize) {
        let waiting = self.ways[way].waiting.clone().unwrap();
        let step = self.ways[way].step.clone().unwrap();
        match waiting.for_what {
            None => self.go_on_from(way, "next"),
            Some(For::Task) => {
                self.note(way, &step, "task_expired", "");
                self.go_on_from(way, "expired");
            }
            Some(_) => {
                self.note(way, &step, "timed_out", "");
                self.go_on_from(way, "timeout_next");
            }
        }
    }

    pub(super) fn go_on_from(&mut self, way: usize, field: &str) {
        let step = self.ways[way].step.clone().unwrap();
        let next = text(&self.step(way, &step), field).map(str::to_owned);
        self.go_to(way, next);
    }

    pub(super) fn go_to(&mut self, way: usize, next: Option<String>) {
        let now = self.now;
        let going = &mut self.ways[way];
        going.waiting = None;
        going.step = next;
        going.arrived = now;
        match self.is_paused(self.ways[way].run.journey) {
            true => self.ways[way].is_before = true,
            false => self.walk(way),
        }
    }

    /// Step after step until something is waited for.
    pub(super) fn walk(&mut self, way: usize) {
        self.ways[way].is_before = false;
        while self.ways[way].run.state == "active" {
            let Some(name) = self.ways[way].step.clone() else {
                self.note(way, "", "completed", "");
                self.end(way, "completed");
                return;
            };
            let step = self.step(way, &name);
            if self.ways[way].told > 0 && self.looks(&step) {
                self.ways[way].waiting = Some(Waiting { until: None, for_what: Some(For::Echo) });
                return;
            }
            self.ways[way].visit += 1;
            let next = |field: &str| text(&step, field).map(str::to_owned);
            let zone = clocks::zone_of(&self.traits, &self.world.zone);
            let now = self.now;
            let limit = |field: &str| text(&step, field).map(|period| clocks::after(now, period, &zone));
            let led = match text(&step, "type").unwrap() {
                "wait" => {
                    let Some(waiting) = self.wait(way, &name, &step) else {
                        self.arrive(way, next("next"));
                        continue;
                    };
                    match (waiting.until.is_some_and(|until| until <= now), waiting.for_what.is_some()) {
                        (true, false) => next("next"),
                        // Who was put before the step may be late for it.
                        (true, true) => {
                            self.note(way, &name, "timed_out", "");
                            next("timeout_next")
                        }
                        (false, _) => {
                            self.ways[way].waiting = Some(waiting);
                            return;
                        }
                    }
                }
                "branch" => {
                    let facts = Facts {
                        traits: &self.traits,
                        tags: &self.tags,
                        events: &self.events,
                        now: self.now,
                        zone: &self.world.zone,
                    };
                    let cases = step["cases"].as_array().unwrap();
                    let case = cases.iter().position(|case| rules::holds(&case["when"], &facts));
                    self.note(way, &name, "branched", &case.map(|case| case.to_string()).unwrap_or_default());
                    case.map_or_else(|| next("else"), |case| text(&cases[case], "next").map(str::to_owned))
                }
                "split" => {
                    let chosen = match self.chance(way, &name) {
                        Some(Chance::Way(chosen)) => chosen,
                        other => panic!("nobody told which way {} went at {name}: {other:?}", self.person.name),
                    };
                    self.note(way, &name, "split", &chosen.to_string());
                    text(&step["ways"][chosen], "next").map(str::to_owned)
                }
                "holdout" => match self.chance(way, &name) {
                    Some(Chance::Held) => {
                        self.note(way, &name, "held_out", "step");
                        if next("held").is_none() {
                            self.end(way, "held_out");
                            return;
                        }
                        next("held")
                    }
                    _ => next("next"),
                },
                "send" => {
                    self.send(way, &name);
                    next("next")
                }
                "tag" => {
                    self.note(way, &name, "tagged", "");
                    for (field, added) in [("remove", false), ("add", true)] {
                        let tags: Vec<String> = step[field]
                            .as_array()
                            .into_iter()
                            .flatten()
                            .filter_map(|tag| Some(tag.as_str()?.to_owned()))
                            .collect();
                        if !tags.is_empty() {
                            self.echo(way, What::Tags { added, tags });
                        }
                    }
                    next("next")
                }
                "set" => {
                    self.note(way, &name, "set", "");
                    self.echo(way, What::Traits(step["traits"].clone()));
                    next("next")
                }
                "webhook" => {
                    self.send(way, &name);
                    let until = limit("timeout");
                    if (until.is_some() || step.get("traits").is_some())
                        && let Some((delay, traits)) = (self.world.answers)(self.ways[way].origin)
                    {
                        let (way, visit) = (self.ways[way].id(), self.ways[way].visit);
                        self.bring(self.now + delay, Coming::Answer { way, visit, step: name.clone(), traits });
                    }
                    if until.is_some() {
                        self.ways[way].waiting = Some(Waiting { until, for_what: Some(For::Answer) });
                        return;
                    }
                    next("next")
                }
                "task" => {
                    self.note(way, &name, "task_opened", "");
                    if let Some((delay, outcome)) = (self.world.deeds)(self.ways[way].origin) {
                        let (way, visit) = (self.ways[way].id(), self.ways[way].visit);
                        self.bring(self.now + delay, Coming::Done { way, visit, outcome });
                    }
                    self.ways[way].waiting = Some(Waiting { until: limit("due"), for_what: Some(For::Task) });
                    return;
                }
                "exit" => {
                    self.note(way, &name, "completed", "");
                    self.end(way, "completed");
                    return;
                }
                other => panic!("a step that the interpreter does not know: {other}"),
            };
            self.arrive(way, led);
        }
    }

    fn arrive(&mut self, way: usize, step: Option<String>) {
        let now = self.now;
        self.ways[way].step = step;
        self.ways[way].arrived = now;
    }

    /// Whether a step goes by what is known of the member.
    fn looks(&self, step: &Value) -> bool {
        match text(step, "type").unwrap() {
            "branch" | "send" | "webhook" => true,
            "wait" => {
                step["until"].is_object()
                    || text(step, "segment")
                        .is_some_and(|segment| self.segments().iter().any(|inside| inside == segment))
            }
            _ => false,
        }
    }

    /// What is waited for at a step, counted from when he came to it; `None` when there is nothing to wait for.
    fn wait(&mut self, way: usize, name: &str, step: &Value) -> Option<Waiting> {
        let zone = clocks::zone_of(&self.traits, &self.world.zone);
        let arrived = self.ways[way].arrived;
        let at = |until: i64| Some(Waiting { until: Some(until), for_what: None });
        let limit = text(step, "timeout").map(|timeout| clocks::after(arrived, timeout, &zone));
        if let Some(period) = text(step, "for") {
            return at(clocks::after(arrived, period, &zone));
        }
        if let Some(window) = step.get("window") {
            return at(clocks::in_window(window, self.now, &zone));
        }
        if let Some(until) = step.get("until") {
            let Some(until) = clocks::until(until, &self.traits, &zone) else {
                self.note(way, name, "skipped", "");
                return None;
            };
            return at(until);
        }
        if let Some(segment) = text(step, "segment") {
            if self.segments().iter().any(|inside| inside == segment) {
                self.note(way, name, "met", "");
                return None;
            }
            return Some(Waiting { until: limit, for_what: Some(For::Segment(segment.to_owned())) });
        }
        Some(Waiting { until: limit, for_what: Some(For::Event(step["event"].clone())) })
    }
}
