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
            None => self.go_on(way, "next"),
            Some(For::Task) => {
                self.note(way, &step, "task_expired", "");
                self.go_on(way, "expired");
            }
            Some(_) => {
                self.note(way, &step, "timed_out", "");
                self.go_on(way, "timeout_next");
            }
        }
    }

    pub(super) fn go_on(&mut self, way: usize, field: &str) {
        let step = self.ways[way].step.clone().unwrap();
        let next = text(&self.step(way, &step), field).map(str::to_owned);
        self.go_to(way, next);
    }

    pub(super) fn go_to(&mut self, way: usize, next: Option<String>) {
        self.ways[way].waiting = None;
        self.ways[way].step = next;
        self.walk(way);
    }

    /// Step after step until something is waited for.
    pub(super) fn walk(&mut self, way: usize) {
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
            self.ways[way].arrived = self.now;
            let next = |field: &str| text(&step, field).map(str::to_owned);
            let zone = clocks::zone_of(&self.traits, &self.world.zone);
            let now = self.now;
            let limit = |field: &str| text(&step, field).map(|period| clocks::after(now, period, &zone));
            let led = match text(&step, "type").unwrap() {
                "wait" => {
                    let waiting = self.wait(&step);
                    if waiting.until == Some(self.now) && step.get("segment").is_some() {
                        self.note(way, &name, "met", "");
                    }
                    if waiting.until.is_some_and(|until| until <= self.now) {
                        next("next")
                    } else {
                        self.ways[way].waiting = Some(waiting);
                        return;
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
                    let chosen = match self.chance(self.ways[way].run.journey, &name) {
                        Some(Chance::Way(chosen)) => chosen,
                        other => panic!("nobody told which way {} went at {name}: {other:?}", self.person.name),
                    };
                    self.note(way, &name, "split", &chosen.to_string());
                    text(&step["ways"][chosen], "next").map(str::to_owned)
                }
                "holdout" => match self.chance(self.ways[way].run.journey, &name) {
                    Some(Chance::Held(by)) => {
                        self.note(way, &name, "held_out", &by);
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
                        && let Some((delay, traits)) = (self.world.answers)(self.person)
                    {
                        let visit = self.ways[way].visit;
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
                    if let Some((delay, outcome)) = (self.world.deeds)(self.person) {
                        let visit = self.ways[way].visit;
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
            self.ways[way].step = led;
        }
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

    fn wait(&self, step: &Value) -> Waiting {
        let zone = clocks::zone_of(&self.traits, &self.world.zone);
        let at = |until: i64| Waiting { until: Some(until), for_what: None };
        let limit = text(step, "timeout").map(|timeout| clocks::after(self.now, timeout, &zone));
        if let Some(period) = text(step, "for") {
            return at(clocks::after(self.now, period, &zone));
        }
        if let Some(window) = step.get("window") {
            return at(clocks::in_window(window, self.now, &zone));
        }
        if let Some(until) = step.get("until") {
            return at(clocks::until(until, &self.traits, &zone).unwrap_or(self.now));
        }
        if let Some(segment) = text(step, "segment") {
            return match self.segments().iter().any(|inside| inside == segment) {
                true => at(self.now),
                false => Waiting { until: limit, for_what: Some(For::Segment(segment.to_owned())) },
            };
        }
        Waiting { until: limit, for_what: Some(For::Event(step["event"].clone())) }
    }
}
