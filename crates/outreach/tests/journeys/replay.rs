//! The real pipeline over what an interpreter is told: the same journeys, members and happenings, the clock moved from
//! one moment at which something is due to the next; and what the database says of it afterwards.

use std::collections::{BTreeMap, HashMap};

use base::{
    Event, Time,
    ids::{DeliveryId, JourneyId, MemberId, RunId},
};
use serde_json::{Value, json};
use store::{FromQueryResult, Sql};

use super::{
    interpreter::{Chance, Chances, Line, Person, Run, What, World, live},
    support::{Bench, START, WORKSPACE, tallies::Bookkeeper, user},
};

/// The webhook channel, beside the one for mail.
const HOOK: i64 = 11;
/// What is not compared: that a wait began and was over by itself. When it was over is seen by what came next.
const UNTOLD: [&str; 2] = ["waiting", "waited"];

/// What goes wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    None,
    /// The process ends between two batches.
    Restart,
    /// The process ends in the middle of a batch, after it has gone on so many times.
    Killed(usize),
}

/// Something of a moment: events, or a task that an operator does.
enum Arrival {
    Event(Box<Event>),
    Done { task: i64, outcome: Option<String> },
}

#[derive(FromQueryResult)]
struct CallRow {
    id: i64,
    member_id: i64,
    journey_id: i64,
    run_id: i64,
    step: String,
    name: String,
    queued_at: i64,
}

#[derive(FromQueryResult)]
struct TaskRow {
    id: i64,
    name: String,
    opened_at: i64,
}

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    name: String,
    journey_id: i64,
    entry_key: String,
    state: String,
    entered_at: i64,
    ended_at: Option<i64>,
    goal_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct TraceRow {
    run_id: i64,
    at: i64,
    step: String,
    action: String,
    detail_json: String,
}

#[derive(FromQueryResult)]
struct SentRow {
    run_id: i64,
    step: String,
    queued_at: i64,
}

/// A world that runs.
pub struct Replay<'a> {
    pub bench: Bench,
    world: &'a World,
    people: HashMap<String, &'a Person>,
    journeys: Vec<JourneyId>,
    arrivals: BTreeMap<i64, Vec<Arrival>>,
    last_call: i64,
    last_task: i64,
    rounds: usize,
}

impl<'a> Replay<'a> {
    /// Makes the segments and publishes the journeys; nobody has done anything yet.
    pub async fn begin(bench: Bench, world: &'a World, people: &'a [Person]) -> Replay<'a> {
        bench
            .run(
                "INSERT INTO channels (id, workspace_id, kind, name, config_json, state, created_at, updated_at)
                 VALUES ($2, $1, 'webhook', 'hook', '{}', 'active', 0, 0)",
                vec![WORKSPACE.0.into(), HOOK.into()],
            )
            .await;
        for (number, (id, tag)) in world.segments.iter().enumerate() {
            let made = bench.segment(number as i64 + 1, &json!({"tag": tag})).await;
            assert_eq!(made.to_string(), *id, "segments are numbered in the order of their ids");
        }
        let mut journeys = Vec::new();
        for journey in &world.journeys {
            journeys.push(bench.journey(journey.document.clone()).await);
        }
        let mut replay = Replay {
            bench,
            world,
            people: people.iter().map(|person| (person.name.clone(), person)).collect(),
            journeys,
            arrivals: BTreeMap::new(),
            last_call: 0,
            last_task: 0,
            rounds: 0,
        };
        for person in people {
            for happening in &person.happenings {
                let mut event = replay.event(person, &happening.what);
                event.received_at = Time::from_millis(happening.received);
                event.timestamp = Time::from_millis(happening.happened);
                replay.arrives(happening.received, Arrival::Event(Box::new(event)));
            }
        }
        replay
    }

    fn event(&self, person: &Person, what: &What) -> Event {
        let who = user(&person.name);
        match what {
            What::Event { name, properties } => self.bench.track(who, name, properties.clone()),
            What::Traits(traits) => self.bench.identify(who, traits.clone()),
            What::Tags { added, tags } => {
                let name = if *added { people::tags::TAG_ADDED } else { people::tags::TAG_REMOVED };
                self.bench.event(base::EventKind::Command, name, who, json!({"tags": tags}))
            }
        }
    }

    fn arrives(&mut self, at: i64, arrival: Arrival) {
        self.arrivals.entry(at).or_default().push(arrival);
    }

    /// Sends every happening again, as it was, at a later moment: as SDKs do that got no answer.
    pub fn repeat(&mut self, later: i64) {
        let again: Vec<(i64, Event)> = self
            .arrivals
            .iter()
            .flat_map(|(at, arrivals)| arrivals.iter().map(move |arrival| (*at, arrival)))
            .filter_map(|(at, arrival)| match arrival {
                Arrival::Event(event) => Some((at + later, (**event).clone())),
                Arrival::Done { .. } => None,
            })
            .collect();
        for (at, mut event) in again {
            event.id = self.bench.ids.next(base::ids::EventId);
            event.received_at = Time::from_millis(at);
            self.arrives(at, Arrival::Event(Box::new(event)));
        }
    }

    /// Lets time pass, from one moment at which something is due to the next. Before each round, which is one batch and
    /// perhaps one run of the emitter, it is asked what goes wrong.
    pub async fn until(&mut self, end: i64, mut mishap: impl FnMut(usize) -> Mishap) {
        loop {
            let due = store::timers::next_due(self.bench.db.read()).await.unwrap().map(Time::millis);
            let arrival = self.arrivals.keys().next().copied();
            let Some(next) = due.into_iter().chain(arrival).min().filter(|next| *next <= end) else { break };
            self.bench.clock.set(Time::from_millis(next.max(self.bench.now().millis())));
            let arriving =
                if arrival == Some(next) { self.arrivals.remove(&next).unwrap_or_default() } else { Vec::new() };
            let mut events = Vec::new();
            for arrival in arriving {
                match arrival {
                    Arrival::Event(event) => events.push(*event),
                    Arrival::Done { task, outcome } => events.extend(self.done(task, outcome).await),
                }
            }
            self.bench.append(&events).await;
            self.settle(&mut mishap).await;
            self.react().await;
        }
        self.bench.clock.set(Time::from_millis(end));
        self.settle(&mut mishap).await;
    }

    async fn settle(&mut self, mishap: &mut impl FnMut(usize) -> Mishap) {
        for _ in 0..20_000 {
            self.rounds += 1;
            match mishap(self.rounds) {
                Mishap::None => {}
                Mishap::Restart => self.bench.restart().await,
                Mishap::Killed(polls) => {
                    give_up_after(polls, self.bench.step()).await;
                    self.bench.restart().await;
                }
            }
            if self.bench.step().await && self.bench.emit().await == 0 {
                return;
            }
        }
        panic!("the pipeline finds no rest");
    }

    /// The other side of webhooks, and the operators.
    async fn react(&mut self) {
        let calls: Vec<CallRow> = self
            .bench
            .db
            .read()
            .all(
                "SELECT d.id, d.member_id, d.journey_id, d.run_id, d.step, i.value AS name, d.queued_at FROM deliveries d
                 JOIN identities i ON i.member_id = d.member_id AND i.kind = 'user_id'
                 WHERE d.channel_id = $1 AND d.id > $2 ORDER BY d.id",
                vec![HOOK.into(), self.last_call.into()],
            )
            .await
            .unwrap();
        for call in calls {
            self.last_call = call.id;
            let Some((delay, traits)) = (self.world.answers)(self.people[&call.name]) else { continue };
            let at = call.queued_at + delay;
            let delivery = DeliveryId(call.id);
            let properties = json!({"delivery": delivery, "journey": JourneyId(call.journey_id), "run": RunId(call.run_id),
                "step": call.step, "status": 200, "ok": true, "traits": traits});
            let mut event = self.bench.command(MemberId(call.member_id), "Webhook Answered", properties);
            event.message_id = format!("{delivery}/answered");
            event.source = "outbox".to_owned();
            event.received_at = Time::from_millis(at);
            event.timestamp = event.received_at;
            self.arrives(at, Arrival::Event(Box::new(event)));
        }
        let tasks: Vec<TaskRow> = self
            .bench
            .db
            .read()
            .all(
                "SELECT t.id, i.value AS name, t.opened_at FROM journey_tasks t
                 JOIN identities i ON i.member_id = t.member_id AND i.kind = 'user_id'
                 WHERE t.id > $1 ORDER BY t.id",
                vec![self.last_task.into()],
            )
            .await
            .unwrap();
        for task in tasks {
            self.last_task = task.id;
            if let Some((delay, outcome)) = (self.world.deeds)(self.people[&task.name]) {
                self.arrives(task.opened_at + delay, Arrival::Done { task: task.id, outcome });
            }
        }
    }

    /// The command that says that a task is done; none when it is closed.
    async fn done(&self, task: i64, outcome: Option<String>) -> Option<Event> {
        let member: Option<i64> = self
            .bench
            .db
            .read()
            .scalar("SELECT member_id FROM journey_tasks WHERE id = $1 AND state = 'open'", vec![task.into()])
            .await
            .unwrap();
        let properties = json!({"task": base::ids::TaskId(task), "outcome": outcome});
        Some(self.bench.command(MemberId(member?), "Task Completed", properties))
    }

    /// What the database says: the runs, as the interpreter tells them, and what chance decided.
    pub async fn outcome(&self) -> (Vec<Run>, Chances) {
        let db = self.bench.db.read();
        let rows: Vec<RunRow> = db
            .all(
                "SELECT r.id, i.value AS name, r.journey_id, r.entry_key, r.state, r.entered_at, r.ended_at, r.goal_at
                 FROM journey_runs r JOIN identities i ON i.member_id = r.member_id AND i.kind = 'user_id'",
                vec![],
            )
            .await
            .unwrap();
        let mut runs: HashMap<i64, Run> = HashMap::new();
        for row in rows {
            let journey = self.journeys.iter().position(|id| id.0 == row.journey_id).unwrap();
            let is_dated = self.world.journeys[journey].document["entry"].get("date").is_some();
            let run = Run {
                person: row.name,
                journey,
                // Runs that a date began have it as their key.
                key: if is_dated { String::new() } else { row.entry_key },
                entered: row.entered_at,
                state: row.state,
                ended: row.ended_at,
                goal: row.goal_at,
                lines: Vec::new(),
                sent: Vec::new(),
            };
            assert!(runs.insert(row.id, run).is_none(), "a run of two members");
        }
        let mut chances = Chances::new();
        let trace: Vec<TraceRow> = db
            .all("SELECT run_id, at, step, action, detail_json FROM journey_trace ORDER BY run_id, seq", vec![])
            .await
            .unwrap();
        for row in trace {
            let detail: Value = serde_json::from_str(&row.detail_json).unwrap();
            let run = runs.get_mut(&row.run_id).unwrap();
            let note = note_of(&row.action, &detail);
            let decided = match row.action.as_str() {
                "split" => Some((row.step.clone(), Chance::Way(note.parse().unwrap()))),
                "held_out" if note == "step" => Some((row.step.clone(), Chance::Held(note.clone()))),
                "held_out" => Some((String::new(), Chance::Held(note.clone()))),
                _ => None,
            };
            if let Some((step, chance)) = decided {
                let key = (run.person.clone(), run.journey, step);
                let before = chances.insert(key, chance.clone());
                assert!(before.is_none_or(|before| before == chance), "chance decided twice, and otherwise");
            }
            if !UNTOLD.contains(&row.action.as_str()) {
                run.lines.push(Line { at: row.at, step: row.step, action: row.action, note });
            }
        }
        let sent: Vec<SentRow> =
            db.all("SELECT run_id, step, queued_at FROM deliveries ORDER BY id", vec![]).await.unwrap();
        for row in sent {
            runs.get_mut(&row.run_id).unwrap().sent.push((row.queued_at, row.step));
        }
        (runs.into_values().collect(), chances)
    }

    /// Asserts that the interpreter tells the same of everybody, and that nothing went to the dead letters. Gives the
    /// runs.
    pub async fn assert_as_interpreted(&self, people: &[Person], end: i64) -> Vec<Run> {
        let letters = self.bench.texts("SELECT code || ' ' || message AS text FROM dead_letters").await;
        assert_eq!(letters, Vec::<String>::new());
        Bookkeeper::default().agrees(&self.bench).await;
        let (mut found, chances) = self.outcome().await;
        found.sort();
        found.iter_mut().for_each(|run| run.sent.sort());
        let mut expected: Vec<Run> = people.iter().flat_map(|person| live(self.world, person, &chances, end)).collect();
        expected.iter_mut().for_each(|run| run.sent.sort());
        expected.sort();
        for (found, expected) in found.iter().zip(&expected) {
            if found != expected {
                let person = self.people[&expected.person];
                panic!(
                    "not as interpreted\nfound    {found:#?}\nexpected {expected:#?}\n{person:#?}\nSTART is {START}"
                );
            }
        }
        assert_eq!(found.len(), expected.len(), "the first {} runs are alike", found.len().min(expected.len()));
        found
    }
}

fn note_of(action: &str, detail: &Value) -> String {
    let word = |field: &str| match &detail[field] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match action {
        "entered" => {
            let kinds = ["event", "segment", "segment_left", "date", "schedule", "manual", "import"];
            kinds.into_iter().find(|kind| !detail[*kind].is_null()).unwrap_or_default().to_owned()
        }
        "held_out" => word("by"),
        "branched" => word("case"),
        "split" => word("way"),
        "task_done" => word("outcome"),
        _ => String::new(),
    }
}

/// Goes on with something so many times, and then drops it where it is.
async fn give_up_after(polls: usize, work: impl Future) {
    let mut work = Box::pin(work);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return std::task::Poll::Ready(());
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| ())
    })
    .await;
}
