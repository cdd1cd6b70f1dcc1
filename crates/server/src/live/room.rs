//! The states of what is watched in one workspace.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use base::ids::WorkspaceId;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use super::{BEAT, Live, lock};

/// At least so long lies between two looks; and four times as long as the last one took.
const PAUSE: Duration = Duration::from_secs(1);

/// How each topic stands that somebody watches.
pub(super) type States = BTreeMap<String, Arc<Value>>;

/// Those who watch in one workspace.
pub(super) struct Room {
    pub(super) live: Arc<Live>,
    workspace: WorkspaceId,
    /// How many watch each topic.
    wanted: Mutex<BTreeMap<String, usize>>,
    /// Told when a topic is wanted that nobody watched, and when the last one has left.
    called: Arc<Notify>,
    states: watch::Sender<States>,
}

impl Room {
    /// Opens the room. Its keeper goes when the last one leaves.
    pub(super) fn open(live: Arc<Live>, workspace: WorkspaceId) -> Arc<Room> {
        let (called, states) = (Arc::new(Notify::new()), watch::Sender::default());
        let room = Arc::new(Room { live: live.clone(), workspace, wanted: Mutex::default(), called, states });
        tokio::spawn(keep(live, Arc::downgrade(&room), room.called.clone()));
        room
    }

    /// Somebody comes in who wants these topics.
    pub(super) fn enter(&self, topics: &[String]) -> watch::Receiver<States> {
        let states = self.states.subscribe();
        let mut wanted = lock(&self.wanted);
        for topic in topics {
            *wanted.entry(topic.clone()).or_default() += 1;
        }
        self.called.notify_one();
        states
    }

    /// He leaves.
    pub(super) fn leave(&self, topics: &[String]) {
        let mut wanted = lock(&self.wanted);
        for topic in topics {
            if let Some(number) = wanted.get_mut(topic) {
                *number -= 1;
                if *number == 0 {
                    wanted.remove(topic);
                }
            }
        }
        // What nobody looks at grows stale.
        self.states.send_if_modified(|states| {
            states.retain(|topic, _| wanted.contains_key(topic));
            false
        });
    }

    /// Asks the topics that are watched: all of them, or only those that are not known yet.
    async fn look(&self, only_unknown: bool) {
        let mut topics: Vec<String> = lock(&self.wanted).keys().cloned().collect();
        if only_unknown {
            let known = self.states.borrow();
            topics.retain(|topic| !known.contains_key(topic));
        }
        let mut seen = States::new();
        for word in topics {
            let Some((topic, id)) = self.live.topic(&word) else { continue };
            match topic.state(self.workspace, id).await {
                Ok(state) => _ = seen.insert(word, Arc::new(state.unwrap_or(Value::Null))),
                // The next look may succeed; until then what was true stands.
                Err(error) => tracing::warn!(topic = topic.name(), error = %error.0, "cannot be watched"),
            }
        }
        let wanted = lock(&self.wanted);
        self.states.send_if_modified(|states| {
            let mut is_new = false;
            for (topic, state) in seen {
                if wanted.contains_key(&topic) && states.get(&topic) != Some(&state) {
                    states.insert(topic, state);
                    is_new = true;
                }
            }
            is_new
        });
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.called.notify_one();
    }
}

/// Looks whenever something may have changed, while anybody is in the room.
async fn keep(live: Arc<Live>, room: Weak<Room>, called: Arc<Notify>) {
    let mut changes = live.db.about_to_change();
    let mut looked_at_all = live.clock.monotonic();
    let mut pause = Duration::ZERO;
    let mut only_unknown = true;
    loop {
        let Some(here) = room.upgrade() else { return };
        let began = live.clock.monotonic();
        if !only_unknown {
            changes.mark_unchanged();
            looked_at_all = began;
        }
        here.look(only_unknown).await;
        drop(here);
        if !only_unknown {
            pause = PAUSE.max(4 * live.clock.monotonic().saturating_sub(began));
        }
        let since = || live.clock.monotonic().saturating_sub(looked_at_all);
        only_unknown = tokio::select! {
            () = called.notified() => true,
            () = async {
                live.clock.sleep(pause.max(PAUSE).saturating_sub(since())).await;
                // A transaction that took longer than the pause is seen with the next beat.
                tokio::select! {
                    _ = changes.changed() => {}
                    () = live.clock.sleep(BEAT.saturating_sub(since())) => {}
                }
            } => false,
        };
    }
}
