//! How a question is answered: in a thread of its own, with everything that has taken effect, until it is given up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use api::{ApiResult, Area, Caller, Verb};
use base::{Code, Problem, Time};
use behaviour::{Engine, Error};
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Insight, keeping::Kept, scope::Scope};

/// A question may take so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// So long a question waits for what has just taken effect.
pub(crate) const LATEST: Duration = Duration::from_secs(5);

/// What every answer says of itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct About {
    /// What it looked at.
    range: RangeDto,
    /// The time zone by whose calendar it counts.
    zone: String,
    /// How long it took, in milliseconds.
    took_ms: u64,
    /// Everything that had taken effect by this moment is in it.
    #[schema(value_type = String, format = DateTime)]
    as_of: Time,
    /// What the numbers mean.
    definition: Words,
}

/// A range of time.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
struct RangeDto {
    /// The first moment.
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    /// The moment before which all are.
    #[schema(value_type = String, format = DateTime)]
    to: Time,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Words {
    /// In English.
    pub(crate) en: String,
    /// In Chinese.
    pub(crate) zh: String,
}

/// What a computation may ask.
pub(crate) struct Asking<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) given_up: &'a AtomicBool,
}

/// Gives a question up when nobody waits for its answer any more.
#[derive(Default)]
pub(crate) struct GiveUp(Arc<AtomicBool>);

impl GiveUp {
    /// Becomes true when it is given up.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }
}

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Insight {
    /// Who may ask questions.
    pub(crate) fn check(&self, caller: &Caller) -> ApiResult<()> {
        Ok(caller.require(Area::People, Verb::Read)?)
    }

    /// The histories of the caller's workspace, with everything that has taken effect by now.
    pub(crate) async fn ready(&self, caller: &Caller) -> ApiResult<Arc<Kept>> {
        tokio::select! {
            () = self.caught_up() => {}
            // It is answered without what comes after, and says so.
            () = self.clock.sleep(LATEST) => {}
        }
        let kept = self.of_new(caller.workspace).await.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "histories cannot be begun");
            Problem::new(Code::Internal)
        })?;
        let Some(kept) = kept else {
            return Err(Problem::with(Code::Unavailable, "histories are about to be read").retry_after(1).into());
        };
        if !kept.is_ready.load(Ordering::Acquire) {
            let (done, total) = (kept.done.load(Ordering::Relaxed), kept.total.load(Ordering::Relaxed));
            let message = format!("histories are being read: {done} of {total} events");
            return Err(Problem::with(Code::Unavailable, message).retry_after(2).into());
        }
        Ok(kept)
    }

    /// Computes something from the histories of the caller's workspace.
    pub(crate) async fn compute<T: Send + 'static>(
        self: &Arc<Insight>,
        caller: &Caller,
        work: impl FnOnce(&Asking<'_>) -> Result<T, Error> + Send + 'static,
    ) -> ApiResult<T> {
        let kept = self.ready(caller).await?;
        let given_up = GiveUp::default();
        let (asked, flag) = (kept.clone(), given_up.flag());
        let computing = tokio::task::spawn_blocking(move || work(&Asking { engine: &asked.engine, given_up: &flag }));
        let computed = tokio::select! {
            computed = computing => computed,
            () = self.clock.sleep(PATIENCE) => return Err(Problem::new(Code::Timeout).into()),
        };
        let computed = computed.map_err(|error| {
            tracing::error!(%error, "a question ended early");
            Problem::new(Code::Internal)
        })?;
        computed.map_err(|error| problem(&kept, error).into())
    }

    /// What an answer says of itself.
    pub(crate) fn about(&self, scope: &Scope, asked_at: Time, definition: Words) -> About {
        About {
            range: RangeDto { from: scope.from, to: scope.to },
            zone: zone_name(&scope.zone),
            took_ms: (self.clock.now().millis() - asked_at.millis()).max(0) as u64,
            as_of: asked_at,
            definition,
        }
    }
}

fn zone_name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

fn problem(kept: &Kept, error: Error) -> Problem {
    match error {
        Error::GivenUp => Problem::new(Code::Timeout),
        Error::TooMany { what } => Problem::with(Code::QuestionTooLarge, what),
        error @ Error::Damaged { .. } => {
            let _ = kept.note(error);
            Problem::new(Code::HistoryDamaged).retry_after(5)
        }
        error @ Error::Io { .. } => {
            tracing::error!(%error, "histories cannot be read");
            Problem::new(Code::Internal)
        }
    }
}
