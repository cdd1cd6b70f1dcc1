//! Answers that are kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base::{Clock, ids::WorkspaceId};

/// How long an answer is good.
const SHORTEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(600);
/// What took long to find is good for so many times as long: looking never takes more than a twentieth of the time.
const TIMES: u32 = 20;

/// One answer for each workspace, which whoever asks first finds and the others share.
pub(super) struct Kept<T> {
    places: Mutex<HashMap<WorkspaceId, Arc<Place<T>>>>,
}

type Place<T> = tokio::sync::Mutex<Option<Answer<T>>>;

struct Answer<T> {
    good_until: Duration,
    value: Arc<T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept { places: Mutex::default() }
    }
}

impl<T> Kept<T> {
    /// The answer for a workspace, found anew when the last one is no longer good. Whoever asks meanwhile waits for it.
    pub(super) async fn get<E, F: Future<Output = Result<T, E>>>(
        &self,
        clock: &dyn Clock,
        workspace: WorkspaceId,
        find: impl FnOnce() -> F,
    ) -> Result<Arc<T>, E> {
        let place = self.places.lock().unwrap_or_else(PoisonError::into_inner).entry(workspace).or_default().clone();
        let mut answer = place.lock().await;
        let begun = clock.monotonic();
        if let Some(answer) = answer.as_ref().filter(|answer| begun < answer.good_until) {
            return Ok(answer.value.clone());
        }
        let value = Arc::new(find().await?);
        let now = clock.monotonic();
        let good_for = (now.saturating_sub(begun) * TIMES).clamp(SHORTEST, LONGEST);
        *answer = Some(Answer { good_until: now + good_for, value: value.clone() });
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, convert::Infallible};

    use base::Time;
    use store::SimulatedClock;

    use super::*;

    const WORKSPACE: WorkspaceId = WorkspaceId(1);

    #[tokio::test]
    async fn an_answer_is_shared_for_half_a_minute_and_longer_when_it_was_dear() {
        let clock = SimulatedClock::at(Time::EPOCH);
        let (kept, found) = (Kept::default(), Cell::new(0));
        let ask = async |takes: Duration| {
            let find = async || {
                clock.advance(takes);
                found.set(found.get() + 1);
                Ok::<_, Infallible>(found.get())
            };
            *kept.get(clock.shared().as_ref(), WORKSPACE, find).await.unwrap()
        };
        assert_eq!(ask(Duration::ZERO).await, 1);
        clock.advance(Duration::from_secs(29));
        assert_eq!(ask(Duration::ZERO).await, 1);
        clock.advance(Duration::from_secs(1));
        assert_eq!(ask(Duration::from_secs(3)).await, 2);
        clock.advance(Duration::from_secs(59));
        assert_eq!(ask(Duration::ZERO).await, 2, "three seconds are good for a minute");
        clock.advance(Duration::from_secs(1));
        assert_eq!(ask(Duration::ZERO).await, 3);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_and_workspaces_share_nothing() {
        let clock = SimulatedClock::at(Time::EPOCH);
        let clock = clock.shared();
        let kept: Kept<i64> = Kept::default();
        let failed = kept.get(clock.as_ref(), WORKSPACE, async || Err("the disk")).await;
        assert_eq!(failed.unwrap_err(), "the disk");
        let found = |number| async move { Ok::<i64, &str>(number) };
        assert_eq!(*kept.get(clock.as_ref(), WORKSPACE, || found(1)).await.unwrap(), 1);
        assert_eq!(*kept.get(clock.as_ref(), WorkspaceId(2), || found(2)).await.unwrap(), 2);
        assert_eq!(*kept.get(clock.as_ref(), WORKSPACE, || found(3)).await.unwrap(), 1);
    }
}
