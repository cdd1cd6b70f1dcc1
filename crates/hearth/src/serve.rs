//! `hearth serve`.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::Context;
use base::{Clock, IdSource};
use log::EventLog;
use people::pipeline::Progress;
use server::ingest::imports::{self, ImportsState};
use store::{Db, jobs::JobRunner};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    config::Config,
    house::{Foundation, Ground, House},
    workers::Workers,
};

/// Serves until the process is asked to stop, or a part of it dies, which is an error.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let ground = Ground::open(config).await?;
    let foundation = Foundation::open(ground)?;
    let house = House::build(foundation).await?;
    serve(house, async { Ok(()) }).await
}

/// Serves a house; `ready` is awaited when the address is bound and everything runs. Fails when a part that should run
/// as long as the house does has ended.
pub async fn serve(house: House, ready: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let House {
        foundation,
        router,
        close,
        progress,
        pressure,
        keys,
        runner,
        outbox,
        mailboxes,
        emitter,
        jobs,
        simulators,
        privacy,
        imports,
        keeper,
        ..
    } = house;
    let Foundation { ground, log } = foundation;
    let Ground { config, clock, ids, db, .. } = ground;
    let listener = TcpListener::bind(&config.server.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.server.listen))?;
    outbox.recover().await?;
    jobs.take_over().await?;

    let closed = close.subscribe();
    let (stop, stopped) = watch::channel(false);
    let mut workers = Workers::default();
    workers.spawn("the pipeline", runner.run(until(&stopped)));
    workers.spawn("the outbox", outbox.run(until(&stopped)));
    workers.spawn("the reader of mailboxes", mailboxes.run(until(&stopped)));
    workers.spawn("the emitter", emitter.run(until(&stopped)));
    workers.spawn("the keeper of histories", keeper.run(until(&stopped)));
    workers.spawn("the runner of jobs", run_jobs(jobs, clock.clone(), until(&stopped)));
    for simulator in simulators {
        workers.spawn("a simulator", run_jobs(simulator, clock.clone(), until(&stopped)));
    }
    workers.spawn("the housekeeping", server::housekeeping(db.clone(), clock.clone(), keys, until(&stopped)));
    workers.spawn("the keeper of imports", keep_imports(imports, until(&stopped)));
    workers
        .spawn("the log's keeper", keep_log(db.clone(), log.clone(), progress.clone(), clock.clone(), until(&stopped)));
    workers.spawn("the keeper of events", keep_events(db.clone(), ids.clone(), clock.clone(), until(&stopped)));
    workers.spawn("the watch over the pipeline", {
        let (log, progress, clock) = (log.clone(), progress.clone(), clock.clone());
        let (limit, until) = (config.ingest.max_waiting, until(&stopped));
        async move {
            let watch = async {
                loop {
                    pressure.store(progress.waiting(log.as_ref()) > limit, Ordering::Relaxed);
                    clock.sleep(Duration::from_secs(1)).await;
                }
            };
            tokio::select! { () = watch => {}, () = until => {} }
        }
    });

    people::privacy::resume(&privacy).await?;
    let url = config.server.base_url();
    tracing::info!(listen = %listener.local_addr()?, "hearth serves");
    if config.server.lacks_public_url() {
        tracing::warn!(url, "links in messages lead nowhere; set --public-url");
    }
    if let Some(token) = server::accounts::setup::ensure_link(&db, clock.as_ref(), &ids).await? {
        // Not through the log: the link lets its holder become the owner.
        crate::say(&format!(
            "Hearth 围炉 serves at {url}\nSet it up with this link, once, within 24 hours:\n  {url}/setup?token={token}\n"
        ))?;
    } else {
        crate::say(&format!("Hearth 围炉 serves at {url}\n"))?;
    }
    let mut door = Workers::default();
    door.spawn("the server", {
        let (config, clock, until) = (config.server.clone(), clock.clone(), until(&closed));
        async move { server::serve(listener, router, &config, clock, until).await }
    });
    let asked = async {
        ready.await?;
        asked_to_stop().await
    };
    let outcome = tokio::select! {
        asked = asked => asked,
        error = workers.first_end() => Err(error),
        error = door.first_end() => Err(error),
    };
    tracing::info!("stopping");
    // Requests in progress may wait for the pipeline, so the door closes before the house rests.
    let _ = close.send(true);
    let closed = door.finish().await;
    let _ = stop.send(true);
    let rested = workers.finish().await;
    db.close().await?;
    outcome.and(closed).and(rested)
}

/// Completes when the word is given.
pub fn until(word: &watch::Receiver<bool>) -> impl Future<Output = ()> + Send + use<> {
    let mut word = word.clone();
    async move {
        let _ = word.wait_for(|given| *given).await;
    }
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

/// Has events deleted whose time is over, at the start and then once a day.
async fn keep_events(db: Db, ids: IdSource, clock: Arc<dyn Clock>, stop: impl Future<Output = ()>) {
    let work = async {
        loop {
            if let Err(error) = people::privacy::enqueue_retention(&db, &ids, clock.now()).await {
                tracing::warn!(%error, "events whose time is over cannot be looked for");
            }
            clock.sleep(Duration::from_secs(86_400)).await;
        }
    };
    tokio::select! { () = work => {}, () = stop => {} }
}

/// Deletes uploaded files whose time is over, once an hour.
async fn keep_imports(imports: Arc<ImportsState>, stop: impl Future<Output = ()>) {
    let work = async {
        loop {
            match imports::sweep(&imports).await {
                Ok(0) => {}
                Ok(files) => tracing::info!(files, "old uploaded files were deleted"),
                Err(error) => tracing::warn!(%error, "old uploaded files cannot be deleted"),
            }
            imports.clock.sleep(Duration::from_secs(3_600)).await;
        }
    };
    tokio::select! { () = work => {}, () = stop => {} }
}

/// Deletes old parts of the log, once an hour, never what the pipeline has not passed.
async fn keep_log(
    db: Db,
    log: Arc<dyn EventLog>,
    progress: Progress,
    clock: Arc<dyn Clock>,
    stop: impl Future<Output = ()>,
) {
    let keep = async || -> anyhow::Result<u64> {
        // A power cut must not take the cursors back behind what is deleted.
        let cursors = progress.cursors();
        db.make_durable().await?;
        Ok(log.retain(&cursors, clock.now().millis()).await?)
    };
    let work = async {
        loop {
            match keep().await {
                Ok(0) => {}
                Ok(bytes) => tracing::info!(bytes, "old parts of the log were deleted"),
                Err(error) => tracing::warn!(error = format!("{error:#}"), "old parts of the log cannot be deleted"),
            }
            clock.sleep(Duration::from_secs(3_600)).await;
        }
    };
    tokio::select! { () = work => {}, () = stop => {} }
}
