//! What an identify event tells of traits.
//!
//! Its properties say what traits are; `null` says that there is none. Two lists in its context say more:
//!
//! - `traits_once` has the names of those properties that are meant only for who has no such trait (`$set_once` of other
//!   products' SDKs);
//! - `traits_operations` has what is done to what the identity said before (`$add`, `$append` …), each as
//!   `[operation, trait, operand]`: `["add", "visits", 1]`, `["append", "books", ["Emma"]]`, and likewise `prepend`,
//!   `append_missing`, `prepend_missing` and `remove`; `["clear"]` takes away all that the identity said of any trait.
//!
//! A clearing counts first, then the properties, then the other operations in the order of the list. The context that is
//! kept with an event has only those operations that took effect; the others wait in the dead letters.

use std::collections::HashSet;

use base::Event;
use serde_json::{Map, Value, json, value::RawValue};

use super::{Manner, Operation};

const ONCE: &str = "traits_once";
const OPERATIONS: &str = "traits_operations";
const CLEAR: &str = "clear";

/// Of an event's context, for a query: whether it may say anything of traits.
pub(crate) const MAY_TELL_SQL: &str =
    "e.kind = 'identify' AND (e.context_json LIKE '%traits_once%' OR e.context_json LIKE '%traits_operations%')";

/// What an event tells of traits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Whether all that was said before is taken away first.
    pub clears: bool,
    /// What it says then, in the order in which it counts.
    pub traits: Vec<ToldTrait>,
}

/// What an event tells of one trait.
#[derive(Clone, Debug)]
pub(crate) struct ToldTrait {
    pub name: String,
    /// Never [`Manner::Cleared`].
    pub manner: Manner,
    /// The value, or the operand.
    pub value: Value,
}

impl Told {
    /// Reads an identify event; `None` when the operations in it cannot be read.
    pub(crate) fn of(event: &Event) -> Option<Told> {
        Told::read(event.properties_value(), event.context.get())
    }

    /// Reads the properties and the context of an identify event; `None` when the operations in it cannot be read.
    pub(crate) fn read(properties: Map<String, Value>, context: &str) -> Option<Told> {
        let context: Map<String, Value> = match context.contains(ONCE) || context.contains(OPERATIONS) {
            true => serde_json::from_str(context).unwrap_or_default(),
            false => Map::new(),
        };
        let names = context.get(ONCE).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let once: HashSet<&str> = names.iter().filter_map(Value::as_str).collect();
        let mut told = Told::default();
        for (name, value) in properties {
            let manner = if once.contains(name.as_str()) { Manner::Once } else { Manner::Plainly };
            // Nothing is nothing to give to who has nothing.
            if manner == Manner::Plainly || !value.is_null() {
                told.traits.push(ToldTrait { name, manner, value });
            }
        }
        let Some(operations) = context.get(OPERATIONS) else { return Some(told) };
        for operation in operations.as_array()? {
            match operation.as_array()?.as_slice() {
                [word] if word == CLEAR => told.clears = true,
                [word, name, operand] => {
                    let operation = Operation::from_word(word.as_str()?).filter(|known| known.takes(operand))?;
                    let (name, value) = (name.as_str()?.to_owned(), operand.clone());
                    told.traits.push(ToldTrait { name, manner: Manner::By(operation), value });
                }
                _ => return None,
            }
        }
        Some(told)
    }
}

impl ToldTrait {
    /// As it stands in the list of operations, if it is one.
    fn listed(&self) -> Option<Value> {
        match self.manner {
            Manner::By(operation) => Some(json!([operation.word(), self.name, self.value])),
            _ => None,
        }
    }
}

/// An event's context with these of its operations only.
pub(crate) fn with_operations<'t>(
    context: &RawValue,
    clears: bool,
    told: impl Iterator<Item = &'t ToldTrait>,
) -> Box<RawValue> {
    if !context.get().contains(OPERATIONS) {
        return context.to_owned();
    }
    let mut context: Map<String, Value> = serde_json::from_str(context.get()).unwrap_or_default();
    let clearing = clears.then(|| json!([CLEAR]));
    let listed: Vec<Value> = clearing.into_iter().chain(told.filter_map(ToldTrait::listed)).collect();
    match listed.is_empty() {
        true => _ = context.remove(OPERATIONS),
        false => _ = context.insert(OPERATIONS.to_owned(), listed.into()),
    }
    serde_json::value::to_raw_value(&context).unwrap_or_else(|_| base::event::empty_object())
}
