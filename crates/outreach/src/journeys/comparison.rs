//! What is different between two versions of a journey.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Most differences that are told one by one.
const MOST_DIFFERENCES: usize = 1_000;

/// What is different between two documents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Comparison {
    /// Whether they are the same.
    pub same: bool,
    /// Steps that only the second has.
    pub added: Vec<String>,
    /// Steps that only the first has.
    pub removed: Vec<String>,
    /// Steps that both have, with what is different about them.
    pub changed: Vec<ChangedStep>,
    /// What is different beside the steps: entry, re-entry, goal ….
    pub settings: Vec<Difference>,
    /// Whether there is more than is told here.
    pub is_cut_off: bool,
}

/// A step that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChangedStep {
    /// Its name.
    pub step: String,
    /// What is different.
    pub differences: Vec<Difference>,
}

/// One value that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    /// Where, from the root of the document: `document.steps.s1.for`.
    pub path: String,
    /// What the first has; missing when it has nothing there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<Value>,
    /// What the second has; missing when it has nothing there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub b: Option<Value>,
}

/// Compares two documents. Where their steps stand when they are drawn is no difference.
pub fn compare(a: &Value, b: &Value) -> Comparison {
    let mut room = MOST_DIFFERENCES;
    let mut found = Comparison::default();
    let nothing = Map::new();
    let steps = |document: &'_ Value| document["steps"].as_object().cloned().unwrap_or_default();
    let (before, after) = (steps(a), steps(b));
    found.added = after.keys().filter(|step| !before.contains_key(*step)).cloned().collect();
    found.removed = before.keys().filter(|step| !after.contains_key(*step)).cloned().collect();
    for (step, old) in &before {
        let Some(new) = after.get(step).filter(|new| *new != old) else { continue };
        let mut differences = Vec::new();
        differ(&format!("document.steps.{step}"), Some(old), Some(new), &mut differences, &mut room);
        found.changed.push(ChangedStep { step: step.clone(), differences });
    }
    let (a, b) = (a.as_object().unwrap_or(&nothing), b.as_object().unwrap_or(&nothing));
    for field in fields(a, b).into_iter().filter(|field| !["steps", "layout"].contains(field)) {
        differ(&format!("document.{field}"), a.get(field), b.get(field), &mut found.settings, &mut room);
    }
    found.is_cut_off = room == 0;
    found.same = [&found.added, &found.removed].iter().all(|steps| steps.is_empty())
        && found.changed.is_empty()
        && found.settings.is_empty();
    found
}

fn fields<'a>(a: &'a Map<String, Value>, b: &'a Map<String, Value>) -> BTreeSet<&'a str> {
    a.keys().chain(b.keys()).map(String::as_str).collect()
}

/// Goes down to the values that differ. Lists are compared place by place.
fn differ(path: &str, a: Option<&Value>, b: Option<&Value>, found: &mut Vec<Difference>, room: &mut usize) {
    if a == b || *room == 0 {
        return;
    }
    match (a, b) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            for field in fields(a, b) {
                differ(&format!("{path}.{field}"), a.get(field), b.get(field), found, room);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for index in 0..a.len().max(b.len()) {
                differ(&format!("{path}[{index}]"), a.get(index), b.get(index), found, room);
            }
        }
        _ => {
            *room -= 1;
            found.push(Difference { path: path.to_owned(), a: a.cloned(), b: b.cloned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_what_is_different_by_its_path() {
        let a = json!({"entry": {"event": "A"}, "start": "s1", "holdout": 0.1, "steps": {
            "s1": {"type": "wait", "for": "P1D", "next": "s2"}, "s2": {"type": "exit"},
            "s3": {"type": "branch", "cases": [{"when": {"tag": "a"}, "next": "s2"}]}}});
        let b = json!({"entry": {"event": "B"}, "start": "s1", "goal": {"event": "C"}, "steps": {
            "s1": {"type": "wait", "for": "P2D", "next": "s4"}, "s4": {"type": "exit"},
            "s3": {"type": "branch", "cases": [{"when": {"tag": "b"}, "next": "s4"}, {"when": {"tag": "c"}}]}}});
        let found = compare(&a, &b);
        assert!(!found.same && !found.is_cut_off);
        assert_eq!((found.added, found.removed), (vec!["s4".to_owned()], vec!["s2".to_owned()]));
        let paths = |differences: &[Difference]| -> Vec<String> {
            differences.iter().map(|difference| difference.path.clone()).collect()
        };
        assert_eq!(paths(&found.settings), ["document.entry.event", "document.goal", "document.holdout"]);
        assert_eq!((&found.settings[1].a, &found.settings[1].b), (&None, &Some(json!({"event": "C"}))));
        assert_eq!(found.changed.len(), 2);
        assert_eq!(paths(&found.changed[0].differences), ["document.steps.s1.for", "document.steps.s1.next"]);
        let cases = "document.steps.s3.cases";
        let wanted = [format!("{cases}[0].next"), format!("{cases}[0].when.tag"), format!("{cases}[1]")];
        assert_eq!(paths(&found.changed[1].differences), wanted);
        assert!(compare(&a, &a).same);
    }

    #[test]
    fn where_a_step_stands_is_no_difference() {
        let at = |x: i64| json!({"steps": {"s1": {"type": "exit"}}, "layout": {"s1": {"x": x, "y": 0}}});
        assert!(compare(&at(1), &at(2)).same);
        assert!(compare(&at(1), &json!({"steps": {"s1": {"type": "exit"}}})).same);
        let titled = json!({"steps": {"s1": {"type": "exit", "title": "The end"}}});
        assert!(!compare(&at(1), &titled).same);
    }

    #[test]
    fn a_comparison_of_very_different_documents_is_cut_off() {
        let many = |value: i64| {
            let steps: Map<String, Value> =
                (0..MOST_DIFFERENCES + 1).map(|n| (format!("s{n}"), json!({"type": "exit", "n": value}))).collect();
            json!({"steps": steps})
        };
        let found = compare(&many(1), &many(2));
        assert!(found.is_cut_off);
        assert_eq!(found.changed.iter().map(|step| step.differences.len()).sum::<usize>(), MOST_DIFFERENCES);
    }
}
