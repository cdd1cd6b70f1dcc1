//! What pages watch while they are open, as one stream of server-sent events for each browser.
//!
//! Entry points: [`routes`], [`Live`]. A [`room`] for each workspace asks its topics, a [`watcher`] for each open stream
//! tells what has changed.
//!
//! Invariants: nothing is asked while nobody watches or nothing was committed; a topic is asked once, however many watch
//! it; what is sent are states and not changes, so whoever missed some needs only the latest, and a slow reader costs no
//! memory; a stream ends when its session does.

mod room;
mod topics;
mod watcher;

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use api::{ApiResult, Caller, LiveTopic, Query, Verb};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use base::{Clock, Code, Problem, ids::WorkspaceId};
use futures::Stream;
use serde::Deserialize;
use store::Db;
use tokio::sync::watch;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::accounts::Accounts;
use room::Room;
pub(crate) use topics::{ImportsTopic, JobsTopic};
use watcher::Watcher;

/// Topics of one stream.
const MOST_TOPICS: usize = 20;
/// Streams of the whole process.
const MOST_STREAMS: usize = 1_000;
/// Streams of one user or key: a window of each browser, and a few that have not ended yet.
const STREAMS_EACH: usize = 16;
/// How long whoever finds no place may wait, in seconds.
const PATIENCE: u64 = 5;

/// Everything that can be watched, and who watches.
pub(crate) struct Live {
    pub accounts: Arc<Accounts>,
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    /// Ends all streams when it becomes true.
    pub closing: watch::Receiver<bool>,
    topics: HashMap<&'static str, Arc<dyn LiveTopic>>,
    rooms: Mutex<HashMap<WorkspaceId, Weak<Room>>>,
    streams: Mutex<HashMap<String, usize>>,
}

impl Live {
    pub(crate) fn new(
        accounts: Arc<Accounts>,
        topics: Vec<Arc<dyn LiveTopic>>,
        closing: watch::Receiver<bool>,
    ) -> Arc<Live> {
        let topics = topics.into_iter().map(|topic| (topic.name(), topic)).collect();
        let (db, clock) = (accounts.db.clone(), accounts.clock.clone());
        Arc::new(Live { accounts, db, clock, closing, topics, rooms: Mutex::default(), streams: Mutex::default() })
    }

    /// The topic that a word asks for, and the thing that it is about.
    fn topic<'a>(&self, word: &'a str) -> Option<(&Arc<dyn LiveTopic>, Option<&'a str>)> {
        let (name, id) = match word.split_once(':') {
            Some((name, id)) => (name, Some(id)),
            None => (word, None),
        };
        self.topics.get(name).map(|topic| (topic, id))
    }

    /// The room of a workspace, which is there while anybody is in it.
    fn room(self: &Arc<Live>, workspace: WorkspaceId) -> Arc<Room> {
        let mut rooms = lock(&self.rooms);
        if let Some(room) = rooms.get(&workspace).and_then(Weak::upgrade) {
            return room;
        }
        rooms.retain(|_, room| room.strong_count() > 0);
        let room = Room::open(self.clone(), workspace);
        rooms.insert(workspace, Arc::downgrade(&room));
        room
    }

    /// A place for one more stream.
    fn place(self: &Arc<Live>, caller: &Caller) -> Result<Place, Problem> {
        let mut streams = lock(&self.streams);
        let of_all: usize = streams.values().sum();
        let his = streams.entry(caller.actor.clone()).or_default();
        if of_all >= MOST_STREAMS || *his >= STREAMS_EACH {
            return Err(Problem::with(Code::Overloaded, "too many pages watch at once").retry_after(PATIENCE));
        }
        *his += 1;
        Ok(Place { live: self.clone(), actor: caller.actor.clone() })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place for a stream; free again when it is dropped.
struct Place {
    live: Arc<Live>,
    actor: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut streams = lock(&self.live.streams);
        if let Some(his) = streams.get_mut(&self.actor) {
            *his -= 1;
            if *his == 0 {
                streams.remove(&self.actor);
            }
        }
    }
}

pub(crate) fn routes(live: Arc<Live>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(watch_topics)).with_state(live)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TopicsQuery {
    /// What to watch, separated by commas, at most 20: `jobs`, `imports`, `pipeline`, `segments`, `segment:seg_…`, `member:mem_…`,
    /// `journeys`, `journey:jrn_…`, `deliveries`, `tasks`.
    topics: String,
}

/// Tells how things stand, and again whenever they have changed, as server-sent events.
///
/// Each event has the topic as its name and its state as JSON. `refused` says which topics the caller may not watch or
/// are unknown, `signed_out` that the session has ended; then the stream ends, too. A comment comes every 15 seconds.
/// Whoever loses the connection asks again: all states are sent at the beginning.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", params(TopicsQuery),
    responses((status = 200, description = "A stream without end", body = String, content_type = "text/event-stream")))]
async fn watch_topics(
    State(live): State<Arc<Live>>,
    caller: Caller,
    headers: HeaderMap,
    Query(query): Query<TopicsQuery>,
) -> ApiResult<Response> {
    let mut words: Vec<&str> = query.topics.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    if words.is_empty() || words.len() > MOST_TOPICS {
        let problem = format!("names {} topics; 1 to {MOST_TOPICS} can be watched", words.len());
        return Err(Problem::at(Code::InvalidQuery, "topics", problem).into());
    }
    let place = live.place(&caller)?;
    let mut watched = Vec::new();
    let mut refused = Vec::new();
    for word in words {
        match live.topic(word) {
            Some((topic, _)) => match caller.require(topic.area(), Verb::Read) {
                Ok(()) => watched.push(word.to_owned()),
                Err(problem) => refused.push((word.to_owned(), problem.code)),
            },
            None => refused.push((word.to_owned(), Code::NotFound)),
        }
    }
    let watcher = Watcher::new(live.room(caller.workspace), watched, refused, caller, headers, place);
    Ok(stream(watcher).into_response())
}

fn stream(watcher: Watcher) -> impl IntoResponse {
    // Proxies that gather replies would hold the events back.
    const UNBUFFERED: [(HeaderName, HeaderValue); 1] =
        [(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))];
    (UNBUFFERED, Sse::new(events(watcher)))
}

fn events(watcher: Watcher) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(watcher, async |mut watcher| watcher.next().await.map(|event| (Ok(event), watcher)))
}

/// How long a comment is waited for at most.
const BEAT: Duration = Duration::from_secs(15);
