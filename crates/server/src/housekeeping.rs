//! Small regular work: noting when keys were used, and sweeping out what has ended.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use base::{Clock, Time};
use store::{Db, DbErr, Sql};

use crate::{
    accounts::{self, KeyCache},
    idempotency,
};

const MINUTE: Duration = Duration::from_secs(60);
const MINUTES_BETWEEN_SWEEPS: u32 = 60;

/// Works until `shutdown` completes. Run one per process, beside the server.
pub async fn housekeeping(db: Db, clock: Arc<dyn Clock>, keys: Arc<KeyCache>, shutdown: impl Future<Output = ()>) {
    let mut shutdown = pin!(shutdown);
    let mut minutes = 0;
    loop {
        let stops = tokio::select! {
            () = &mut shutdown => true,
            () = clock.sleep(MINUTE) => false,
        };
        if let Err(error) = keys.write_uses().await {
            tracing::warn!(%error, "the last uses of keys could not be noted");
        }
        if stops {
            return;
        }
        if minutes % MINUTES_BETWEEN_SWEEPS == 0
            && let Err(error) = sweep(&db, clock.now()).await
        {
            tracing::warn!(%error, "what has ended could not be swept out");
        }
        minutes += 1;
    }
}

/// How long a dead letter is kept, replayed or not.
const DEAD_LETTERS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Deletes sessions, set-up links, counts of failed logins, kept replies and dead letters whose time is over.
pub async fn sweep(db: &Db, now: Time) -> Result<(), DbErr> {
    let tx = db.begin().await?;
    let millis = now.millis();
    tx.run("DELETE FROM sessions WHERE expires_at <= $1", vec![millis.into()]).await?;
    tx.run("DELETE FROM setup_tokens WHERE expires_at <= $1", vec![millis.into()]).await?;
    tx.run(
        "DELETE FROM login_failures WHERE last_at < $1 AND blocked_until < $2",
        vec![now.minus(accounts::FAILURES_REMEMBERED).millis().into(), millis.into()],
    )
    .await?;
    tx.run("DELETE FROM idempotency_keys WHERE created_at < $1", vec![now.minus(idempotency::KEPT).millis().into()])
        .await?;
    let expired = store::dead_letters::expire(&tx, now.minus(DEAD_LETTERS_KEPT)).await?;
    tx.commit().await?;
    if expired > 0 {
        tracing::info!(expired, "dead letters older than 30 days were deleted");
    }
    Ok(())
}
