//! Deciding profiles anew after the definition of a trait has changed, in slices between batches.
//!
//! What was said of a trait stands in the events that brought it, so every definition can be applied to all of it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use base::{
    Time,
    ids::{IdentityId, MemberId, WorkspaceId},
};
use sea_orm::FromQueryResult;
use store::{Sql, Tx};

use super::{
    Manner, Saying,
    said::{EVENTS_AT_ONCE, Said, what_was_said},
};
use crate::{
    members::{Identity, TraitFact, WorkingSet, load_members},
    pipeline::Effects,
    rules::{Answers, RuleBook, Touch},
    segments::settle,
};

const MEMBERS_AT_ONCE: i64 = 500;

/// Decides profiles anew.
#[derive(Debug, Default)]
pub struct Rebuilder {
    /// By workspace: the traits that changed, and the member up to whom profiles are decided.
    waiting: BTreeMap<WorkspaceId, (Vec<String>, i64)>,
    answers: Answers,
}

#[derive(FromQueryResult)]
struct WaitingRow {
    name: String,
    built_to: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Rebuilder {
    /// Notes which traits of a workspace have changed.
    pub(crate) async fn rules_changed(&mut self, tx: &Tx, workspace: WorkspaceId) -> anyhow::Result<()> {
        let rows: Vec<WaitingRow> = tx
            .all(
                "SELECT name, built_to FROM traits WHERE workspace_id = $1 AND state IN ('building', 'deleting')",
                vec![workspace.0.into()],
            )
            .await?;
        // Those that began later make the others begin anew: deciding twice is the same as once.
        let built_to = rows.iter().map(|row| row.built_to).min().unwrap_or_default();
        self.waiting.insert(workspace, (rows.into_iter().map(|row| row.name).collect(), built_to));
        Ok(())
    }

    /// Decides the next slice of members; returns how many.
    pub(crate) async fn step(
        &mut self,
        tx: &Tx,
        people: &mut WorkingSet,
        books: &HashMap<WorkspaceId, Arc<RuleBook>>,
        effects: &mut Effects,
        now: Time,
    ) -> anyhow::Result<usize> {
        let Some((workspace, (names, built_to))) = self.waiting.iter_mut().find(|(_, (names, _))| !names.is_empty())
        else {
            return Ok(0);
        };
        let Some(book) = books.get(workspace) else { return Ok(0) };
        let rows: Vec<IdRow> = tx
            .all(
                "SELECT id FROM members WHERE workspace_id = $1 AND id > $2 AND merged_into IS NULL ORDER BY id LIMIT $3",
                vec![workspace.0.into(), (*built_to).into(), MEMBERS_AT_ONCE.into()],
            )
            .await?;
        let is_done = (rows.len() as i64) < MEMBERS_AT_ONCE;
        *built_to = rows.last().map_or(*built_to, |row| row.id);
        let ids: Vec<MemberId> = rows.iter().map(|row| people.current(MemberId(row.id))).collect();
        let missing: Vec<MemberId> = ids.iter().copied().filter(|id| !people.holds(*id, books)).collect();
        for member in load_members(tx, &missing, books, now).await? {
            people.insert(member);
        }
        let identities = ids.iter().filter_map(|id| people.get(*id)).flat_map(|member| &member.identities);
        let identities: BTreeSet<IdentityId> = identities.map(|identity| identity.id).collect();
        let said = what_was_said(tx, *workspace, &identities, names, (&effects.events, EVENTS_AT_ONCE)).await?;
        for id in &ids {
            decide(people, book, *id, names, &said, (&mut self.answers, effects, now));
        }
        tx.run(
            "UPDATE traits SET built_to = $2 WHERE workspace_id = $1 AND state IN ('building', 'deleting')",
            vec![workspace.0.into(), (*built_to).into()],
        )
        .await?;
        if is_done {
            names.clear();
            tx.run("DELETE FROM traits WHERE workspace_id = $1 AND state = 'deleting'", vec![workspace.0.into()])
                .await?;
            tx.run(
                "UPDATE traits SET state = 'live' WHERE workspace_id = $1 AND state = 'building'",
                vec![workspace.0.into()],
            )
            .await?;
            tx.run("UPDATE workspaces SET rules_version = rules_version + 1 WHERE id = $1", vec![workspace.0.into()])
                .await?;
        }
        Ok(ids.len().max(1))
    }
}

/// The fact that counts of one identity and trait, by the trait's definition. What no event tells any more, since it is
/// not kept so long, is known from the identity alone.
fn fact_of(identity: &Identity, name: &str, said: &[Saying], book: &RuleBook) -> Option<TraitFact> {
    let rule = book.rule_of(name)?;
    let known = identity.traits.get(name);
    let read = |fact: &TraitFact| Some(TraitFact { value: rule.value_type.read(&fact.value)?, ..fact.clone() });
    let is_told = known.is_none_or(|known| tells_all_of(said, known));
    // Operations cannot be done again without all that they were done to.
    if !is_told && let Some(known) = known.and_then(read) {
        return Some(known);
    }
    let mut fact = None;
    for saying in said {
        let value = match saying.manner {
            Manner::By(_) if !is_told => None,
            Manner::By(_) | Manner::Cleared => Some(saying.value.clone()),
            Manner::Plainly | Manner::Once => rule.value_type.read(&saying.value),
        };
        if let Some(value) = value {
            // What does not fit by this definition counts by another one again.
            let _ = Saying { value, ..saying.clone() }.add_to(&mut fact, rule);
        }
    }
    let gone = known.filter(|known| said.iter().all(|saying| saying.at != known.at)).and_then(read);
    [fact, gone].into_iter().flatten().reduce(|one, other| {
        let is_preferred = other.is_preferred_to(&one, rule.conflict);
        if is_preferred { other } else { one }
    })
}

/// Whether the operations that made a fact, and what they made it of, are all among these sayings.
fn tells_all_of(said: &[Saying], fact: &TraitFact) -> bool {
    let Some(operated) = fact.operated else { return true };
    let since = said.rsplit(|saying| saying.manner == Manner::Cleared).next().unwrap_or_default();
    let operations = since.iter().filter(|saying| matches!(saying.manner, Manner::By(_))).count();
    let has_base = operated.base.is_none_or(|base| since.iter().any(|saying| saying.at == base));
    has_base && operations >= operated.operations as usize
}

fn decide(
    people: &mut WorkingSet,
    book: &RuleBook,
    id: MemberId,
    names: &[String],
    said: &Said,
    (answers, effects, now): (&mut Answers, &mut Effects, Time),
) {
    let Some(member) = people.get_mut(id) else { return };
    let mut touches = Vec::new();
    let mut changed = Vec::new();
    for name in names {
        let before = member.traits().get(name).cloned();
        for identity in &mut member.identities {
            let sayings = said.get(&(identity.id, name.clone())).map_or(&[][..], Vec::as_slice);
            let fact = fact_of(identity, name, sayings, book);
            let known = identity.traits.remove(name);
            if fact != known {
                changed.push(identity.id);
            }
            if let Some(fact) = fact {
                identity.traits.insert(name.clone(), fact);
            }
        }
        member.refresh_trait(name, book.conflict_of(name));
        if member.traits().get(name) != before.as_ref() {
            touches.push(Touch::Trait(name.clone()));
        }
    }
    let outcome = settle(member, book, book.touched_by(&touches), (now, now), answers);
    people.dirty.identities.extend(changed.into_iter().map(|identity| (id, identity)));
    outcome.save(people, effects, book);
}
