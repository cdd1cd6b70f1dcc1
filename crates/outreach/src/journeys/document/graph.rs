//! Which step leads to which: of a document as a whole, and of one in the making, whose steps cannot all be read.

use std::collections::{BTreeMap, BTreeSet};

use base::{Code, Problem};
use serde_json::Value;

use super::{Document, Step};
use crate::journeys::parse::wrong;

/// The steps of a journey with the ways between them.
pub(in crate::journeys) struct Graph<'a> {
    start: &'a str,
    nodes: BTreeMap<&'a str, Node<'a>>,
}

struct Node<'a> {
    /// Where it leads, each with the field that says so.
    ways: Vec<(String, &'a str)>,
    takes_time: bool,
}

impl<'a> Node<'a> {
    fn of(step: &'a Step) -> Node<'a> {
        Node { ways: step.ways_with_paths(), takes_time: step.action.takes_time() }
    }

    /// Of a step that cannot be read yet. What it will be is not known, so it is no reason to speak of circles.
    fn of_draft(step: &'a Value) -> Node<'a> {
        Node { ways: ways_of_draft(step), takes_time: true }
    }
}

impl<'a> Graph<'a> {
    /// Of a document.
    pub(super) fn of(document: &'a Document) -> Graph<'a> {
        let nodes = document.steps.iter().map(|(name, step)| (name.as_str(), Node::of(step))).collect();
        Graph { start: &document.start, nodes }
    }

    /// Of a document in the making: `document` is what could be read of `draft`.
    pub(super) fn of_draft(draft: &'a Value, document: &'a Document) -> Graph<'a> {
        let mut graph = Graph::of(document);
        for (name, step) in draft.get("steps").and_then(Value::as_object).into_iter().flatten() {
            graph.nodes.entry(name.as_str()).or_insert_with(|| Node::of_draft(step));
        }
        graph
    }

    /// Ways to steps that are not there.
    pub(super) fn dangling(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        // That it is missing altogether has been said.
        if !self.start.is_empty() && !self.nodes.contains_key(self.start) {
            found.push(wrong("document.start", "names a step that does not exist"));
        }
        for (name, node) in &self.nodes {
            for (field, missing) in node.ways.iter().filter(|(_, next)| !self.nodes.contains_key(next)) {
                let message = format!("leads to \"{missing}\", which does not exist");
                found.push(wrong(format!("document.steps.{name}.{field}"), message));
            }
        }
        found
    }

    /// Circles without a wait that takes time, which would run for ever in one moment; each once.
    pub(super) fn circles(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        let mut finished: BTreeSet<&str> = BTreeSet::new();
        for start in self.nodes.keys() {
            let mut path: Vec<&str> = Vec::new();
            let mut stack: Vec<(&str, bool)> = vec![(start, false)];
            while let Some((name, leaving)) = stack.pop() {
                if leaving {
                    path.pop();
                    finished.insert(name);
                    continue;
                }
                if path.contains(&name) {
                    let circle = path.iter().skip_while(|step| **step != name).copied().collect::<Vec<_>>().join(" → ");
                    found.push(Problem::at(
                        Code::JourneyCycle,
                        format!("document.steps.{name}"),
                        format!("{circle} → {name}; a circle needs a wait \"for\" some time, for an event, or a task"),
                    ));
                    continue;
                }
                let Some(node) = self.nodes.get(name).filter(|_| !finished.contains(name)) else { continue };
                path.push(name);
                stack.push((name, true));
                if !node.takes_time {
                    stack.extend(node.ways.iter().map(|(_, next)| (*next, false)));
                }
            }
        }
        found
    }

    /// Steps to which no way leads from the first one; none while there is no first one.
    pub(in crate::journeys) fn unreachable(&self) -> Vec<&'a str> {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        if !self.nodes.contains_key(self.start) {
            return Vec::new();
        }
        let mut ahead = vec![self.start];
        while let Some(name) = ahead.pop() {
            let Some(node) = self.nodes.get(name) else { continue };
            if reached.insert(name) {
                ahead.extend(node.ways.iter().map(|(_, next)| *next));
            }
        }
        self.nodes.keys().filter(|name| !reached.contains(**name)).copied().collect()
    }
}

/// The ways out of a step of which only the form is known.
fn ways_of_draft(step: &Value) -> Vec<(String, &str)> {
    let mut ways: Vec<(String, &Value)> = Vec::new();
    for field in ["next", "else", "held", "timeout_next", "expired"] {
        ways.extend(step.get(field).map(|next| (field.to_owned(), next)));
    }
    for list in ["cases", "ways"] {
        let items = step.get(list).and_then(Value::as_array).into_iter().flatten().enumerate();
        ways.extend(items.filter_map(|(index, item)| Some((format!("{list}[{index}].next"), item.get("next")?))));
    }
    let outcomes = step.get("outcomes").and_then(Value::as_object).into_iter().flatten();
    ways.extend(outcomes.map(|(word, next)| (format!("outcomes.{word}"), next)));
    ways.into_iter().filter_map(|(field, next)| Some((field, next.as_str()?))).collect()
}
