//! When members enter by a date of theirs or by a schedule.
//!
//! Each member has his own next occasion for each such journey, on his own clock; it is worked out anew whenever what it
//! depends on changes, and for everybody when the journey is published ([`super::planner`]). What comes up while the
//! journey is paused is passed over.

use base::{
    Time,
    ids::{JourneyId, MemberId},
};
use people::{
    members::MemberState,
    pipeline::{Poison, Turn, Work},
    rules::{RuleBook, Touch},
};

use sea_orm::DbErr;
use store::{Sql, Tx};

use super::{
    calendar::Occasion,
    document::{DateEntry, Entry, Schedule},
    runs::Plan,
    stage::{TIMER, Walk},
    turn::moves_clock,
};

/// Plans that one transaction deletes.
pub(super) const PLANS_AT_ONCE: u64 = 5_000;

/// Deletes some plans of a journey that lets nobody in any more; returns how many. Timers that were set for them find
/// nothing to do.
pub(super) async fn drop_some(tx: &Tx, journey: JourneyId) -> Result<u64, DbErr> {
    tx.run(
        "DELETE FROM journey_plans WHERE journey_id = $1 AND member_id IN
           (SELECT member_id FROM journey_plans WHERE journey_id = $1 ORDER BY member_id LIMIT $2)",
        vec![journey.0.into(), (PLANS_AT_ONCE as i64).into()],
    )
    .await
}

impl Walk<'_> {
    /// Lets the member in where his time has come, and plans the next.
    pub(super) fn enter_by_plans(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let (now, member, book) = (turn.now, turn.member, self.book);
        let Some(runs) = self.members.get(member) else { return Ok(()) };
        let due: Vec<(JourneyId, Plan)> =
            runs.plans.iter().filter(|(_, plan)| plan.due_at <= now).map(|(id, plan)| (*id, plan.clone())).collect();
        for (journey, plan) in due {
            let Some(document) = book.planned_document(journey) else {
                self.set_plan(member, journey, None);
                continue;
            };
            // By another version it may not be due any more.
            let state = turn.member()?;
            let still = self.next_occasion(&document.entry, state, turn.book, plan.due_at, journey, &plan.last);
            let is_due = still.is_some_and(|(due_at, occasion)| due_at == plan.due_at && occasion == plan.occasion);
            if is_due && is_of(&document.entry, state) {
                let is_date = matches!(document.entry, Entry::Date(_));
                self.enter_by_plan(turn, journey, is_date, &plan.occasion)?;
            }
            let last = if is_due { spent(&document.entry, &plan.occasion) } else { plan.last };
            let after = Time::from_millis(now.millis() + 1);
            self.plan(turn.member()?, turn.book, journey, after, &last);
        }
        Ok(())
    }

    /// Plans anew what this turn may have changed.
    pub(super) fn keep_plans(&mut self, turn: &mut Turn<'_>) {
        let book = self.book;
        if book.planned.is_empty() {
            return;
        }
        let members = match &turn.changes.parted {
            Some(parted) => vec![parted.kept, parted.parted],
            None => vec![turn.member],
        };
        let everything = turn.changes.is_new || moves_clock(turn);
        for member in members {
            let Some(state) = turn.people.get(member) else { continue };
            for journey in &book.planned {
                let Some(document) = book.planned_document(*journey) else { continue };
                let plan = self.members.get(member).and_then(|runs| runs.plans.get(journey));
                let is_touched = match &document.entry {
                    Entry::Date(DateEntry { name, .. }) => {
                        let head = name.split('.').next().unwrap_or(name);
                        turn.changes
                            .touches
                            .iter()
                            .any(|touch| matches!(touch, Touch::Trait(other) if other == name || other == head))
                    }
                    entry => plan.is_some() != is_of(entry, state),
                };
                if everything || is_touched {
                    let last = plan.map(|plan| plan.last.clone()).unwrap_or_default();
                    self.plan(state, turn.book, *journey, turn.now, &last);
                }
            }
        }
    }

    /// Plans the entries of many members into one journey.
    pub(super) fn plan_slice(&mut self, work: &mut Work<'_>, journey: JourneyId, members: &[MemberId]) {
        for member in members {
            let Some(state) = work.people.get(*member) else { continue };
            let Some(rules) = work.books.get(&state.workspace) else { continue };
            let plan = self.members.get(*member).and_then(|runs| runs.plans.get(&journey));
            let last = plan.map(|plan| plan.last.clone()).unwrap_or_default();
            self.plan(state, rules, journey, Time::from_millis(work.now.millis() + 1), &last);
            if let Some(due_at) = self.move_timer(*member) {
                work.effects.timers.set(TIMER, member.0, state.workspace, due_at);
            }
        }
    }

    /// Plans the next entry of a member, not before `from`; `last` is what his last occasion was called.
    fn plan(&mut self, member: &MemberState, rules: &RuleBook, journey: JourneyId, from: Time, last: &str) {
        let document = self.book.planned_document(journey);
        let entry = document.map(|document| &document.entry).filter(|entry| is_of(entry, member));
        let occasion = entry.and_then(|entry| self.next_occasion(entry, member, rules, from, journey, last));
        let plan = occasion.map(|(due_at, occasion)| Plan { due_at, occasion, last: last.to_owned() });
        self.set_plan(member.id, journey, plan);
    }

    fn set_plan(&mut self, member: MemberId, journey: JourneyId, plan: Option<Plan>) {
        let plans = &mut self.members.of(member).plans;
        if plans.get(&journey) == plan.as_ref() {
            return;
        }
        match plan {
            Some(plan) => _ = plans.insert(journey, plan),
            None => _ = plans.remove(&journey),
        }
        self.changed.plans.insert((member, journey));
    }

    fn next_occasion(
        &self,
        entry: &Entry,
        member: &MemberState,
        rules: &RuleBook,
        from: Time,
        journey: JourneyId,
        last: &str,
    ) -> Option<Occasion> {
        match entry {
            Entry::Date(date) => {
                let known = self.members.get(member.id);
                let has_entered =
                    |name: &str| known.is_some_and(|runs| runs.entered.contains_key(&(journey, name.to_owned())));
                // Nobody has two birthdays a year, however often he says that it is another day or moves.
                let last = last.strip_prefix(date.name.as_str()).and_then(|last| last.strip_prefix(' ')).unwrap_or("");
                let is_same_year = |name: &str| date.every_year && !last.is_empty() && name.get(..4) <= last.get(..4);
                let value = base::rule::lookup(member.traits(), &date.name)?;
                date.next(value, from, &member.time_zone(rules), |name| has_entered(name) || is_same_year(name))
            }
            Entry::Schedule(schedule) => {
                let zone = if schedule.of_workspace { rules.zone.clone() } else { member.time_zone(rules) };
                schedule.next(from, Some(last).filter(|last| !last.is_empty()), &zone)
            }
            Entry::Happening(_) | Entry::Manual | Entry::Import => None,
        }
    }
}

/// What is remembered of an occasion that was used. It says nothing of those of another date, or of a schedule, by which
/// a later version lets members in.
fn spent(entry: &Entry, occasion: &str) -> String {
    match entry {
        Entry::Date(date) => format!("{} {occasion}", date.name),
        _ => occasion.to_owned(),
    }
}

/// Whether a member is among those for whom there are occasions.
fn is_of(entry: &Entry, member: &MemberState) -> bool {
    match entry {
        Entry::Schedule(Schedule { segment: Some(segment), .. }) => member.memberships.contains_key(segment),
        _ => true,
    }
}
