//! What an identity has said of a trait, one thing after another, and the fact that comes of it.

use base::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Conflict, Misfit, Operation, TraitRule};
use crate::members::{Operated, TraitFact};

/// How something is said of a trait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manner {
    /// The trait is this.
    Plainly,
    /// It is this for who has none.
    Once,
    /// This is done to what it was.
    By(Operation),
    /// Nothing that was said before counts any more.
    Cleared,
}

/// One thing that an identity says of a trait.
#[derive(Clone, Debug, PartialEq)]
pub struct Saying {
    /// How it is said.
    pub manner: Manner,
    /// The value as the definition of the trait has it, or the operand.
    pub value: Value,
    /// When it was said, by the sender's corrected clock.
    pub at: Time,
    /// Who said it.
    pub source: String,
}

impl Saying {
    /// What the fact of the identity is after this was said; to be asked in the order of the log. What is said plainly
    /// counts by its moment and by the rule of the trait. An operation changes the fact that is there, however late it
    /// comes, so that none is lost; the rule decides whether the profile shows what it makes. What does not fit leaves
    /// the fact as it is.
    pub fn add_to(self, fact: &mut Option<TraitFact>, rule: TraitRule) -> Result<(), Misfit> {
        let Saying { manner, value, at, source } = self;
        let once = match manner {
            Manner::Cleared => {
                *fact = None;
                return Ok(());
            }
            Manner::By(operation) => return operate(fact, operation, &value, (at, source), rule),
            Manner::Plainly => false,
            Manner::Once => true,
        };
        let next = TraitFact { value, at, source, once, operated: None };
        let is_kept = fact.as_ref().is_some_and(|fact| fact.is_preferred_to(&next, rule.conflict));
        if !is_kept {
            *fact = Some(next);
        }
        Ok(())
    }
}

fn operate(
    fact: &mut Option<TraitFact>,
    operation: Operation,
    operand: &Value,
    (at, source): (Time, String),
    rule: TraitRule,
) -> Result<(), Misfit> {
    if !operation.fits(rule.value_type) {
        return Err(Misfit::WrongType);
    }
    let Some(before) = fact else {
        let mut value = Value::Null;
        operation.apply(&mut value, operand)?;
        if !value.is_null() {
            let operated = Some(Operated { operations: 1, base: None });
            *fact = Some(TraitFact { value, at, source, once: false, operated });
        }
        return Ok(());
    };
    let operated = match before.operated {
        Some(Operated { operations, base }) => Operated { operations: operations.saturating_add(1), base },
        None => Operated { operations: 1, base: Some(before.at) },
    };
    let at = at.max(before.at);
    if rule.conflict == Conflict::Latest {
        // In place: a list may be long, and the past of a trait is asked often.
        operation.apply(&mut before.value, operand)?;
        (before.at, before.source, before.once, before.operated) = (at, source, false, Some(operated));
        return Ok(());
    }
    let mut value = before.value.clone();
    operation.apply(&mut value, operand)?;
    // What an operation makes is later than what it was made of.
    let made = (&value, &1, false);
    if !rule.conflict.prefers_said((&before.value, &0, before.once), made) {
        *before = TraitFact { value, at, source, once: false, operated: Some(operated) };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traits::ValueType;
    use serde_json::json;

    fn said(rule: TraitRule, sayings: &[(Manner, Value, i64)]) -> Option<Value> {
        let mut fact = None;
        for (manner, value, at) in sayings.iter().cloned() {
            let saying = Saying { manner, value, at: Time::from_millis(at), source: "test".to_owned() };
            let _ = saying.add_to(&mut fact, rule);
        }
        fact.map(|fact| fact.value)
    }

    const ADD: Manner = Manner::By(Operation::Add);

    #[test]
    fn operations_count_however_late_they_come_and_what_is_said_plainly_by_its_moment() {
        let rule = TraitRule::default();
        assert_eq!(said(rule, &[(Manner::Plainly, json!(9), 5), (ADD, json!(1), 3)]), Some(json!(10)));
        assert_eq!(said(rule, &[(ADD, json!(1), 5), (Manner::Plainly, json!(9), 3)]), Some(json!(1)));
        let at_once = [(Manner::Plainly, json!(9), 5), (ADD, json!(1), 5), (Manner::Plainly, json!(0), 5)];
        assert_eq!(said(rule, &at_once), Some(json!(0)), "what follows within the same moment counts");
        assert_eq!(said(rule, &[(Manner::Once, json!(1), 5), (ADD, json!(1), 6)]), Some(json!(2)));
        let once_after = [(ADD, json!(1), 5), (Manner::Once, json!(7), 9)];
        assert_eq!(said(rule, &once_after), Some(json!(1)), "there is something already");
        let cleared = [(ADD, json!(1), 5), (Manner::Cleared, Value::Null, 6), (ADD, json!(3), 4)];
        assert_eq!(said(rule, &cleared), Some(json!(3)));
        assert_eq!(said(rule, &[(Manner::By(Operation::Remove), json!(["a"]), 5)]), None);
    }

    #[test]
    fn the_rule_of_the_trait_holds_for_what_operations_make() {
        let rule = |conflict: Conflict| TraitRule { conflict, value_type: ValueType::Number };
        let life = [(Manner::Plainly, json!(5), 1), (ADD, json!(3), 2), (ADD, json!(-4), 3)];
        assert_eq!(said(rule(Conflict::Latest), &life), Some(json!(4)));
        assert_eq!(said(rule(Conflict::First), &life), Some(json!(5)));
        assert_eq!(said(rule(Conflict::Largest), &life), Some(json!(8)));
        assert_eq!(said(rule(Conflict::Smallest), &life), Some(json!(1)));
    }

    #[test]
    fn an_operation_that_makes_another_type_is_none() {
        let rule = |value_type: ValueType| TraitRule { value_type, conflict: Conflict::Latest };
        let append = (Manner::By(Operation::Append), json!(["a"]), 1);
        assert_eq!(said(rule(ValueType::Number), std::slice::from_ref(&append)), None);
        assert_eq!(said(rule(ValueType::List), &[append]), Some(json!(["a"])));
        assert_eq!(said(rule(ValueType::Text), &[(ADD, json!(1), 1)]), None);
    }
}
