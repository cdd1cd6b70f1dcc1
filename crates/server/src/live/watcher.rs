//! One open stream.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use api::Caller;
use axum::{
    http::{HeaderMap, Method},
    response::sse::Event,
};
use base::Code;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    BEAT, Place,
    room::{Room, States},
};
use crate::accounts::signed_in;

/// How often it is asked whether the session still is one, and of the same role.
const CHECKED_EACH: Duration = Duration::from_secs(60);
/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(3);

/// Whoever watches, what he wants and what he has seen of it.
pub(super) struct Watcher {
    room: Arc<Room>,
    topics: Vec<String>,
    states: watch::Receiver<States>,
    seen: BTreeMap<String, Value>,
    waiting: VecDeque<Event>,
    caller: Caller,
    headers: HeaderMap,
    checked_at: Duration,
    has_ended: bool,
    _place: Place,
}

impl Watcher {
    pub(super) fn new(
        room: Arc<Room>,
        topics: Vec<String>,
        refused: Vec<(String, Code)>,
        caller: Caller,
        headers: HeaderMap,
        place: Place,
    ) -> Watcher {
        let mut waiting = VecDeque::from([Event::default().retry(RETRY).comment("hearth")]);
        for (topic, code) in refused {
            waiting.push_back(told("refused", &json!({"topic": topic, "code": code.as_str()})));
        }
        let (states, checked_at) = (room.enter(&topics), room.live.clock.monotonic());
        Watcher {
            room,
            topics,
            states,
            seen: BTreeMap::new(),
            waiting,
            caller,
            headers,
            checked_at,
            has_ended: false,
            _place: place,
        }
    }

    /// What is to be told next; nothing when the stream ends.
    pub(super) async fn next(&mut self) -> Option<Event> {
        let live = self.room.live.clone();
        let mut closing = live.closing.clone();
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.has_ended || *closing.borrow() {
                return None;
            }
            if live.clock.monotonic().saturating_sub(self.checked_at) >= CHECKED_EACH {
                self.check().await;
                continue;
            }
            self.gather();
            if !self.waiting.is_empty() {
                continue;
            }
            tokio::select! {
                changed = self.states.changed() => changed.ok()?,
                () = live.clock.sleep(BEAT) => self.waiting.push_back(Event::default().comment("beat")),
                _ = closing.wait_for(|word| *word) => return None,
            }
        }
    }

    /// Puts down what differs from what he has seen.
    fn gather(&mut self) {
        let states = self.states.borrow_and_update();
        for word in &self.topics {
            let (Some(state), Some((topic, _))) = (states.get(word), self.room.live.topic(word)) else { continue };
            let shown = topic.shown_to(&self.caller, state);
            if self.seen.get(word) != Some(&shown) {
                self.waiting.push_back(told(word, &shown));
                self.seen.insert(word.clone(), shown);
            }
        }
    }

    /// Ends the stream when whoever began it has gone, or is somebody else now.
    async fn check(&mut self) {
        self.checked_at = self.room.live.clock.monotonic();
        match signed_in(&self.room.live.accounts, &Method::GET, &self.headers).await {
            Ok(Some((caller, _))) if caller.role == self.caller.role && caller.scopes == self.caller.scopes => {}
            // The same browser connects again, with other rights.
            Ok(Some(_)) => self.has_ended = true,
            Ok(None) => {
                self.waiting.push_back(told("signed_out", &json!({"code": Code::Unauthenticated.as_str()})));
                self.has_ended = true;
            }
            // The database does not answer now; the next time it may.
            Err(error) => tracing::warn!(error = %error.0, "a session could not be checked"),
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.room.leave(&self.topics);
    }
}

fn told(name: &str, state: &Value) -> Event {
    // The words that callers send are names of topics and ids, which have no line ends once they have been found.
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    Event::default().event(name).data(state.to_string())
}
