//! Reading the events of members as far as rules ask for them, some thousands at a time.
//!
//! A *stream* is the events of one name under one identity, which stand together in the index of events. It is counted
//! first how long the streams are, in the index alone; then short ones are read together, and a long one by itself,
//! page by page. Each page is folded into its members before the next is read. So the memory that this takes does not
//! depend on how much anybody has done, beyond what the members themselves have to remember.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, HashMap},
};

use base::{
    EventKind, Time,
    ids::{IdentityId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value};
use store::Sql;

use super::placeholders;
use crate::{
    members::{MemberState, state::CountedEvents},
    rules::{RuleBook, Selection},
    traits::{MAY_TELL_SQL, Manner, Told},
};

/// So many events are read at once by default.
pub(super) const EVENTS_AT_ONCE: usize = 4_000;

/// Before everything that happens.
const BEGINNING: i64 = i64::MIN / 2;

#[derive(FromQueryResult)]
struct StreamRow {
    identity_id: i64,
    name_id: i64,
    name: String,
    events: i64,
}

#[derive(FromQueryResult)]
struct EventRow {
    id: i64,
    identity_id: i64,
    name_id: i64,
    kind: String,
    happened_at: i64,
    received_at: i64,
    /// Empty where they do not matter.
    properties_json: String,
    /// The context, where it may tell of traits.
    context_json: String,
}

/// What rules ask of the events of one name.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// Whether what the events say matters, not only that they happened.
    properties: bool,
    /// Nobody asks for what happened at or before this moment.
    after: i64,
}

impl Asked {
    fn of(name: &str, book: &RuleBook, now: Time) -> Asked {
        let selections: Vec<&Selection> =
            book.selections_of(name).iter().map(|index| &book.selections[*index]).collect();
        let mut steps = book.sequences_of(name).iter().flat_map(|index| &book.sequences[*index].steps);
        let tells = tells_of_traits(name, book);
        let is_needed_whole = tells || !book.sequences_of(name).is_empty();
        let after = match is_needed_whole {
            true => None,
            false => selections.iter().map(|selection| selection.matters_after(now, &book.zone)).min().flatten(),
        };
        Asked {
            properties: tells
                || selections.iter().any(|selection| selection.needs_properties())
                || steps.any(|step| step.event == name && !step.filters.is_empty()),
            after: after.map_or(BEGINNING, |after| after.millis().max(BEGINNING)),
        }
    }
}

fn tells_of_traits(name: &str, book: &RuleBook) -> bool {
    name == EventKind::Identify.default_name() && book.asks_past_of_traits()
}

/// Where events go to.
struct Receiver<'a> {
    book: &'a RuleBook,
    owners: &'a HashMap<i64, i64>,
    members: &'a mut HashMap<i64, MemberState>,
    now: Time,
    /// By the numbers of their names.
    asked: HashMap<i64, (String, Asked)>,
    /// What was told of traits of which rules ask the past, by the numbers of the events.
    told: Vec<(i64, Telling)>,
}

struct Telling {
    identity: IdentityId,
    /// When it happened, and when it arrived.
    moments: (Time, Time),
    told: Told,
}

/// Takes the events of these identities, which are all of the book's workspace, into their members; reads at most
/// `at_once` of them at a time.
pub(super) async fn load_events(
    db: &impl Sql,
    book: &RuleBook,
    identities: &[(i64,)],
    owners: &HashMap<i64, i64>,
    (members, now): (&mut HashMap<i64, MemberState>, Time),
    at_once: usize,
) -> Result<(), DbErr> {
    let mut asked: BTreeMap<&str, Asked> = book.event_names().map(|name| (name, Asked::of(name, book, now))).collect();
    let identified = EventKind::Identify.default_name();
    if tells_of_traits(identified, book) {
        asked.entry(identified).or_insert_with(|| Asked::of(identified, book, now));
    }
    if asked.is_empty() || identities.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = asked.keys().copied().collect();
    let mut streams = count_streams(db, book.workspace, identities, &names).await?;
    // What concerns one member comes together.
    streams.sort_unstable_by_key(|stream| (owners.get(&stream.identity_id), stream.identity_id, stream.name_id));
    let asked = streams
        .iter()
        .filter_map(|stream| Some((stream.name_id, (stream.name.clone(), *asked.get(stream.name.as_str())?))))
        .collect();
    let mut receiver = Receiver { book, owners, members, now, asked, told: Vec::new() };
    let at_once = at_once.max(1);
    let (mut together, mut events) = (Vec::new(), 0);
    for stream in &streams {
        let length = usize::try_from(stream.events).unwrap_or(usize::MAX);
        if length > at_once {
            read_in_pages(db, stream, &mut receiver, at_once).await?;
            continue;
        }
        if events + length > at_once {
            read_together(db, &std::mem::take(&mut together), &mut receiver).await?;
            events = 0;
        }
        together.push(stream);
        events += length;
    }
    read_together(db, &together, &mut receiver).await?;
    receiver.take_told();
    Ok(())
}

/// The streams of these identities and names, with how many events there are in each.
async fn count_streams(
    db: &impl Sql,
    workspace: WorkspaceId,
    identities: &[(i64,)],
    names: &[&str],
) -> Result<Vec<StreamRow>, DbErr> {
    db.all_rows(
        "SELECT c.identity_id, c.name_id, n.name, c.events
         FROM (SELECT e.identity_id, e.name_id, COUNT(*) AS events
               FROM {rows} JOIN events e ON e.identity_id = CAST(r.value->>0 AS BIGINT)
                 AND e.name_id IN (SELECT id FROM event_names WHERE workspace_id = $2 AND name IN (NAMES))
               GROUP BY e.identity_id, e.name_id) AS c
         JOIN event_names n ON n.id = c.name_id"
            .replace("NAMES", &placeholders(3, names.len()))
            .as_str(),
        identities,
        std::iter::once(workspace.0.into()).chain(names.iter().map(|name| (*name).into())).collect(),
    )
    .await
}

/// Identity, name, whether properties matter, and after when.
type StreamKey = (i64, i64, i64, i64);

/// Reads short streams at once, in the order of time.
async fn read_together(db: &impl Sql, streams: &[&StreamRow], receiver: &mut Receiver<'_>) -> Result<(), DbErr> {
    let keys: Vec<StreamKey> = streams
        .iter()
        .filter_map(|stream| {
            let (_, asked) = receiver.asked.get(&stream.name_id)?;
            Some((stream.identity_id, stream.name_id, i64::from(asked.properties), asked.after))
        })
        .collect();
    let mut rows: Vec<EventRow> = db
        .all_rows(
            &format!(
                "SELECT e.id, e.identity_id, e.name_id, e.kind, e.happened_at, e.received_at,
                        CASE WHEN CAST(r.value->>2 AS BIGINT) = 1 THEN e.properties_json ELSE '' END AS properties_json,
                        CASE WHEN {MAY_TELL_SQL} THEN e.context_json ELSE '' END AS context_json
                 FROM {{rows}} JOIN events e ON e.identity_id = CAST(r.value->>0 AS BIGINT)
                   AND e.name_id = CAST(r.value->>1 AS BIGINT) AND e.happened_at > CAST(r.value->>3 AS BIGINT)"
            ),
            &keys,
            Vec::new(),
        )
        .await?;
    rows.sort_unstable_by_key(|row| (row.happened_at, row.id));
    let before = receiver.set_apart(streams);
    rows.iter().for_each(|row| receiver.take(row));
    receiver.put_together(before);
    Ok(())
}

/// Reads a long stream page by page, in the order of time.
async fn read_in_pages(
    db: &impl Sql,
    stream: &StreamRow,
    receiver: &mut Receiver<'_>,
    at_once: usize,
) -> Result<(), DbErr> {
    let Some((_, asked)) = receiver.asked.get(&stream.name_id) else { return Ok(()) };
    let properties = if asked.properties { "e.properties_json" } else { "''" };
    let sql = format!(
        "SELECT e.id, e.identity_id, e.name_id, e.kind, e.happened_at, e.received_at, {properties} AS properties_json,
                CASE WHEN {MAY_TELL_SQL} THEN e.context_json ELSE '' END AS context_json
         FROM events e
         WHERE e.identity_id = $1 AND e.name_id = $2 AND e.happened_at >= $3 AND (e.happened_at > $3 OR e.id > $4)
         ORDER BY e.happened_at, e.id LIMIT $5"
    );
    let mut behind = (asked.after, i64::MAX);
    let before = receiver.set_apart(&[stream]);
    loop {
        let values = [stream.identity_id, stream.name_id, behind.0, behind.1, at_once as i64];
        let rows: Vec<EventRow> = db.all(&sql, values.into_iter().map(Into::into).collect()).await?;
        rows.iter().for_each(|row| receiver.take(row));
        match rows.last() {
            Some(last) if rows.len() == at_once => behind = (last.happened_at, last.id),
            _ => break,
        }
    }
    receiver.put_together(before);
    Ok(())
}

impl Receiver<'_> {
    /// Sets apart what the owners of these streams have so far. What comes in the order of time is cheap to take in, but
    /// not what would go in between all that is there already.
    fn set_apart(&mut self, streams: &[&StreamRow]) -> HashMap<i64, CountedEvents> {
        let mut apart = HashMap::new();
        for stream in streams {
            let Some(owner) = self.owners.get(&stream.identity_id) else { continue };
            let Some(member) = self.members.get_mut(owner) else { continue };
            let so_far = || (std::mem::take(&mut member.occurrences), std::mem::take(&mut member.sequences));
            apart.entry(*owner).or_insert_with(so_far);
        }
        apart
    }

    /// Puts what was set apart to what has come since.
    fn put_together(&mut self, apart: HashMap<i64, CountedEvents>) {
        for (owner, events) in apart {
            if let Some(member) = self.members.get_mut(&owner) {
                member.absorb_events(events, self.book, self.now);
            }
        }
    }

    /// Takes one event into its member; what it tells of traits waits until all are read.
    fn take(&mut self, row: &EventRow) {
        let Some(member) = self.owners.get(&row.identity_id).and_then(|owner| self.members.get_mut(owner)) else {
            return;
        };
        let Some((name, _)) = self.asked.get(&row.name_id) else { return };
        let properties: OnceCell<Map<String, Value>> = OnceCell::new();
        let properties = || properties.get_or_init(|| serde_json::from_str(&row.properties_json).unwrap_or_default());
        member.count(self.book, name, Time::from_millis(row.happened_at), properties, self.now);
        if row.kind == "identify" && self.book.asks_past_of_traits() {
            self.note_told(row);
        }
    }

    fn note_told(&mut self, row: &EventRow) {
        let said = serde_json::from_str(&row.properties_json).unwrap_or_default();
        let Some(mut told) = Told::read(said, &row.context_json) else { return };
        told.traits.retain(|one| self.book.asks_past_of_trait(&one.name));
        if told.clears || !told.traits.is_empty() {
            let moments = (Time::from_millis(row.happened_at), Time::from_millis(row.received_at));
            self.told.push((row.id, Telling { identity: IdentityId(row.identity_id), moments, told }));
        }
    }

    /// Takes what was told of traits into the past of the members. What operations do depends on what was said before
    /// them, so that goes by the order of the log.
    fn take_told(&mut self) {
        self.told.sort_unstable_by_key(|(id, _)| *id);
        for (_, Telling { identity, moments, told }) in std::mem::take(&mut self.told) {
            let owner = self.owners.get(&identity.0);
            let Some(member) = owner.and_then(|owner| self.members.get_mut(owner)) else { continue };
            if told.clears {
                member.past.clear(moments, identity);
            }
            for one in told.traits {
                let value = match one.manner {
                    Manner::By(_) => Some(one.value),
                    _ => self.book.read_trait(&one.name, &one.value),
                };
                if let Some(value) = value {
                    member.past.say(self.book, &one.name, moments, identity, &value, one.manner);
                }
            }
        }
    }
}
