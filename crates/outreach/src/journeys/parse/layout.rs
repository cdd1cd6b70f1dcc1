//! Where the steps stand when a journey is drawn. It says nothing about what the journey does.

use serde_json::{Map, Value};

use super::fields::{Object, Problems, as_object, wrong};

/// What the entry is called among the steps of a layout.
const ENTRY: &str = "$entry";
/// How far from the middle a step may stand.
const FARTHEST: f64 = 100_000.0;

/// Notes what is wrong with a layout. Steps that are gone may still have their place in it.
pub(super) fn check(value: Option<&Value>, problems: &mut Problems) {
    let path = "document.layout";
    let Some(value) = value.filter(|value| !value.is_null()) else { return };
    let Some(layout) = problems.take(as_object(value, path)) else { return };
    for (name, place) in layout {
        let path = format!("{path}.{name}");
        let Some(place) = problems.take(as_object(place, &path)) else { continue };
        problems.only(place, &["x", "y"], &path);
        for field in ["x", "y"] {
            if !is_coordinate(place, field) {
                problems.note(wrong(format!("{path}.{field}"), "must be a number from -100000 to 100000"));
            }
        }
    }
}

fn is_coordinate(place: &Object, field: &str) -> bool {
    place.get(field).and_then(Value::as_f64).is_some_and(|number| number.abs() <= FARTHEST)
}

/// Takes the places of steps that are not there any more out of a document.
pub(in crate::journeys) fn tidy(document: &mut Value) {
    let steps: Map<String, Value> = match document.get("steps") {
        Some(Value::Object(steps)) => steps.iter().map(|(name, _)| (name.clone(), Value::Null)).collect(),
        _ => return,
    };
    if let Some(Value::Object(layout)) = document.get_mut("layout") {
        layout.retain(|name, _| name == ENTRY || steps.contains_key(name));
    }
}
