//! `hearth serve`.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Context;
use base::Clock;
use log::EventLog;
use people::pipeline::Progress;
use store::jobs::JobRunner;
use tokio::{net::TcpListener, sync::watch};

use crate::{
    config::Config,
    house::{Foundation, Ground, House},
};

/// Serves until the process is asked to stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let ground = Ground::open(config).await?;
    let foundation = Foundation::open(ground)?;
    let house = House::build(foundation).await?;
    serve(house, async { Ok(()) }).await
}

/// Serves a house; `ready` is awaited when the address is bound and everything runs.
pub async fn serve(house: House, ready: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let House { foundation, router, progress, pressure, keys, runner, outbox, emitter, jobs } = house;
    let Foundation { ground, log } = foundation;
    let Ground { config, clock, ids, db, .. } = ground;
    let listener = TcpListener::bind(&config.server.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.server.listen))?;
    outbox.recover().await?;
    jobs.take_over().await?;

    let (stop, stopped) = watch::channel(false);
    let until_stop = || {
        let mut stopped = stopped.clone();
        async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        }
    };
    let workers = [
        tokio::spawn(runner.run(until_stop())),
        tokio::spawn(outbox.run(until_stop())),
        tokio::spawn(emitter.run(until_stop())),
        tokio::spawn(run_jobs(jobs, clock.clone(), until_stop())),
        tokio::spawn(server::housekeeping(db.clone(), clock.clone(), keys, until_stop())),
        tokio::spawn(keep_log(log.clone(), progress.clone(), clock.clone(), until_stop())),
        tokio::spawn({
            let (log, progress, clock) = (log.clone(), progress.clone(), clock.clone());
            let (limit, until) = (config.ingest.max_waiting, until_stop());
            async move {
                let watch = async {
                    loop {
                        let waiting = waiting(log.as_ref(), &progress);
                        metrics::gauge!("hearth_pipeline_waiting_records").set(waiting as f64);
                        pressure.store(waiting > limit, Ordering::Relaxed);
                        clock.sleep(Duration::from_secs(1)).await;
                    }
                };
                tokio::select! { () = watch => {}, () = until => {} }
            }
        }),
    ];

    let url = config.public_url();
    tracing::info!(listen = %listener.local_addr()?, "hearth serves");
    if let Some(token) = server::accounts::setup::ensure_link(&db, clock.as_ref(), &ids).await? {
        // Not through the log: the link lets its holder become the owner.
        crate::say(&format!(
            "Hearth 围炉 serves at {url}\nSet it up with this link, once, within 24 hours:\n  {url}/setup?token={token}\n"
        ))?;
    } else {
        crate::say(&format!("Hearth 围炉 serves at {url}\n"))?;
    }
    let server_stop = until_stop();
    let server_config = config.server.clone();
    let serving = tokio::spawn(async move { server::serve(listener, router, &server_config, server_stop).await });
    ready.await?;
    asked_to_stop().await?;
    tracing::info!("stopping");
    let _ = stop.send(true);
    serving.await??;
    for worker in workers {
        worker.await?;
    }
    db.close().await?;
    Ok(())
}

async fn asked_to_stop() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            outcome = tokio::signal::ctrl_c() => outcome?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// Runs jobs as they come; looks every second.
pub async fn run_jobs(jobs: JobRunner, clock: Arc<dyn Clock>, stop: impl Future<Output = ()>) {
    let work = async {
        loop {
            match jobs.run_next().await {
                Ok(true) => {}
                Ok(false) => clock.sleep(Duration::from_secs(1)).await,
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be read");
                    clock.sleep(Duration::from_secs(5)).await;
                }
            }
        }
    };
    tokio::select! { () = work => {}, () = stop => {} }
}

/// Deletes old parts of the log, once an hour, never what the pipeline has not passed.
async fn keep_log(log: Arc<dyn EventLog>, progress: Progress, clock: Arc<dyn Clock>, stop: impl Future<Output = ()>) {
    let work = async {
        loop {
            match log.retain(&progress.cursors(), clock.now().millis()).await {
                Ok(0) => {}
                Ok(bytes) => tracing::info!(bytes, "old parts of the log were deleted"),
                Err(error) => tracing::warn!(%error, "old parts of the log cannot be deleted"),
            }
            clock.sleep(Duration::from_secs(3_600)).await;
        }
    };
    tokio::select! { () = work => {}, () = stop => {} }
}

/// How many events of the log the pipeline has yet to take.
pub fn waiting(log: &dyn EventLog, progress: &Progress) -> u64 {
    let end: u64 = (0..log.partitions()).map(|partition| log.range(partition).end).sum();
    end.saturating_sub(progress.cursors().iter().sum())
}
