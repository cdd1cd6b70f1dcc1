//! The real pipeline over what an interpreter is told: the same journeys, members and happenings, the clock moved from
//! one moment at which something is due to the next; and what the database says of it afterwards.

use std::collections::{BTreeMap, HashMap, VecDeque};

use base::{
    Event, Time,
    ids::{DeliveryId, JourneyId, MemberId, MergeId, RunId},
};
use people::identity::MEMBERS_MERGED;
use serde_json::{Value, json};
use store::{FromQueryResult, Sql};

use super::{
    differing::difference,
    interpreter::{Order, Ordered, Person, Run, Running, What, World},
    support::{Bench, WORKSPACE, tallies::Bookkeeper, user},
};

/// The webhook channel, beside the one for mail.
const HOOK: i64 = 11;

/// What goes wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    None,
    /// The process ends between two batches.
    Restart,
    /// The process ends in the middle of a batch, after it has gone on so many times.
    Killed(usize),
}

/// Something of a moment: an event, or what an operator does to a member.
enum Arrival {
    Event(Box<Event>),
    Done { task: i64, outcome: Option<String> },
    Asked { name: String, journey: usize, key: Option<String>, properties: Value },
    Merged { name: String, with: String },
}

#[derive(FromQueryResult)]
struct CallRow {
    id: i64,
    member_id: i64,
    journey_id: i64,
    run_id: i64,
    step: String,
    origin_member_id: i64,
    queued_at: i64,
}

#[derive(FromQueryResult)]
struct TaskRow {
    id: i64,
    origin_member_id: i64,
    opened_at: i64,
}

#[derive(FromQueryResult)]
struct NameRow {
    id: i64,
    name: String,
}

/// A world that runs.
pub struct Replay<'a> {
    pub bench: Bench,
    pub(super) world: &'a World,
    people: HashMap<String, &'a Person>,
    /// Who came in as which member.
    pub(super) names: HashMap<i64, String>,
    pub(super) journeys: Vec<JourneyId>,
    orders: VecDeque<&'a Order>,
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
            names: HashMap::new(),
            journeys,
            orders: world.orders.iter().collect(),
            arrivals: BTreeMap::new(),
            last_call: 0,
            last_task: 0,
            rounds: 0,
        };
        for person in people {
            for happening in &person.happenings {
                let mut arrival = replay.arrival(person, &happening.what);
                if let Arrival::Event(event) = &mut arrival {
                    event.received_at = Time::from_millis(happening.received);
                    event.timestamp = Time::from_millis(happening.happened);
                }
                replay.arrives(happening.received, arrival);
            }
        }
        replay
    }

    fn arrival(&self, person: &Person, what: &What) -> Arrival {
        let (who, name) = (user(&person.name), person.name.clone());
        let tagged = |name: &str, tags: &[String]| {
            self.bench.event(base::EventKind::Command, name, who.clone(), json!({"tags": tags}))
        };
        let imported = |event: Event| Event { source: "import:imp_1".to_owned(), ..event };
        let event = match what {
            What::Event { name, properties } => self.bench.track(who, name, properties.clone()),
            What::Traits(traits) => self.bench.identify(who, traits.clone()),
            What::Tags { added: true, tags } => tagged(people::tags::TAG_ADDED, tags),
            What::Tags { added: false, tags } => tagged(people::tags::TAG_REMOVED, tags),
            What::Imported(traits) => imported(self.bench.identify(who, traits.clone())),
            What::ImportedTags(tags) => imported(tagged(people::tags::TAG_ADDED, tags)),
            What::Asked { journey, key, properties } => {
                let (journey, key, properties) = (*journey, key.clone(), properties.clone());
                return Arrival::Asked { name, journey, key, properties };
            }
            What::Merged { with } => return Arrival::Merged { name, with: with.clone() },
        };
        Arrival::Event(Box::new(event))
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
                Arrival::Done { .. } | Arrival::Asked { .. } | Arrival::Merged { .. } => None,
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
            let order = self.orders.front().map(|order| order.at);
            let Some(next) = due.into_iter().chain(arrival).chain(order).min().filter(|next| *next <= end) else {
                break;
            };
            self.bench.clock.set(Time::from_millis(next.max(self.bench.now().millis())));
            let arriving =
                if arrival == Some(next) { self.arrivals.remove(&next).unwrap_or_default() } else { Vec::new() };
            let mut events = Vec::new();
            for arrival in arriving {
                match arrival {
                    Arrival::Event(event) => events.push(*event),
                    Arrival::Done { task, outcome } => events.extend(self.done(task, outcome).await),
                    Arrival::Asked { name, journey, key, properties } => {
                        let (member, journey) = (self.bench.owner(&name).await, self.journeys[journey]);
                        let asked = json!({"journey": journey, "key": key, "properties": properties});
                        events.push(self.bench.command(member, "Journey Entry Asked", asked));
                    }
                    Arrival::Merged { name, with } => {
                        let (kept, other) = (self.bench.owner(&name).await, self.bench.owner(&with).await);
                        let merge = self.bench.ids.next(MergeId);
                        let told = json!({"with": other, "merge": merge});
                        events.extend((kept != other).then(|| self.bench.command(kept, MEMBERS_MERGED, told)));
                    }
                }
            }
            if order == Some(next) {
                self.settle(&mut mishap).await;
                let order = self.orders.pop_front().unwrap();
                self.carry_out(&order.what).await;
            }
            self.bench.append(&events).await;
            self.settle(&mut mishap).await;
            self.react().await;
        }
        self.bench.clock.set(Time::from_millis(end));
        self.settle(&mut mishap).await;
    }

    async fn settle(&mut self, mishap: &mut impl FnMut(usize) -> Mishap) {
        for _ in 0..2_000 {
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

    /// An operator's order, by the routes.
    async fn carry_out(&mut self, order: &Ordered) {
        let uri = |journey: &usize, verb: &str| format!("/api/v1/journeys/{}/{verb}", self.journeys[*journey]);
        let (uri, body) = match order {
            Ordered::Publish { journey, document, running } => {
                let id = self.journeys[*journey];
                self.bench.change_journey(id, document.clone()).await;
                let running = match running {
                    Running::Stay => json!("stay"),
                    Running::Move(mapping) => {
                        // What names steps at which nobody stands, of versions that are gone, is refused.
                        let standing = "SELECT DISTINCT COALESCE(step, '') AS text FROM journey_runs
                            WHERE state = 'active' AND journey_id =";
                        let standing = self.bench.texts(&format!("{standing} {}", id.0)).await;
                        let mapping: BTreeMap<&String, &Option<String>> =
                            mapping.iter().filter(|(from, _)| standing.contains(from)).collect();
                        json!({"move": mapping})
                    }
                };
                (uri(journey, "publish"), json!({"running": running}))
            }
            Ordered::Pause(journey) => (uri(journey, "pause"), json!({})),
            Ordered::Resume(journey) => (uri(journey, "resume"), json!({})),
            Ordered::Stop { journey, finish } => {
                (uri(journey, "stop"), json!({"running": if *finish { "finish" } else { "end" }}))
            }
            Ordered::Holdout { share, reshuffle } => {
                let body = json!({"share": share, "reshuffle": reshuffle});
                self.bench.call("PUT", "/api/v1/holdout", body).await;
                return;
            }
        };
        let (status, answer) = self.bench.ask("POST", &uri, body).await;
        // What was to be finished may be stopped already.
        let is_over = matches!(order, Ordered::Stop { .. }) && answer["code"] == "wrong_state";
        assert!(status.is_success() || is_over, "{order:?}: {answer}");
        if answer["job"].is_string() {
            self.bench.run_jobs().await;
        }
    }

    /// The other side of webhooks, and the operators.
    async fn react(&mut self) {
        let calls: Vec<CallRow> = self
            .bench
            .db
            .read()
            .all(
                "SELECT d.id, d.member_id, d.journey_id, d.run_id, d.step, r.origin_member_id, d.queued_at
                 FROM deliveries d JOIN journey_runs r ON r.id = d.run_id
                 WHERE d.channel_id = $1 AND d.id > $2 ORDER BY d.id",
                vec![HOOK.into(), self.last_call.into()],
            )
            .await
            .unwrap();
        for call in calls {
            self.last_call = call.id;
            let Some((delay, traits)) = (self.world.answers)(self.person(call.origin_member_id).await) else {
                continue;
            };
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
                "SELECT t.id, r.origin_member_id, t.opened_at FROM journey_tasks t JOIN journey_runs r ON r.id = t.run_id
                 WHERE t.id > $1 ORDER BY t.id",
                vec![self.last_task.into()],
            )
            .await
            .unwrap();
        for task in tasks {
            self.last_task = task.id;
            if let Some((delay, outcome)) = (self.world.deeds)(self.person(task.origin_member_id).await) {
                self.arrives(task.opened_at + delay, Arrival::Done { task: task.id, outcome });
            }
        }
    }

    async fn person(&mut self, member: i64) -> &'a Person {
        if !self.names.contains_key(&member) {
            self.read_names().await;
        }
        self.people[&self.names[&member]]
    }

    /// Who came in as which member, whoever he is by now.
    pub(super) async fn read_names(&mut self) {
        let sql = "SELECT origin_member_id AS id, value AS name FROM identities WHERE kind = 'user_id'";
        let rows: Vec<NameRow> = self.bench.db.read().all(sql, vec![]).await.unwrap();
        self.names = rows.into_iter().map(|row| (row.id, row.name)).collect();
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

    /// The runs that the database tells of, if the interpreter tells the same of everybody and nothing went to the dead
    /// letters; else how the first who differs does.
    pub async fn compared(&mut self, people: &[Person], end: i64) -> Result<Vec<Run>, String> {
        let letters = self.bench.texts("SELECT code || ' ' || message AS text FROM dead_letters").await;
        if !letters.is_empty() {
            return Err(format!("dead letters: {letters:#?}"));
        }
        Bookkeeper::default().agrees(&self.bench).await;
        let (found, lots) = self.outcome().await?;
        difference(self.world, people, &lots, end, found)
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
