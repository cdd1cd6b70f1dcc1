//! The load: events of the demo's community, and the clients that send them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use base::Time;
use bytes::Bytes;
use demo::DemoPlan;

use crate::hearth::Hearth;

/// Items of one `/v1/batch` body: as many as SDKs send at once.
pub const ITEMS_AT_ONCE: usize = 250;
/// Clients that send at the same time, each with one request under way.
pub const CLIENTS: usize = 16;
/// What a history of the usual length holds for each member, rounded down.
const EVENTS_PER_MEMBER: usize = 40;

/// The first `count` events of a community's 90 days until now, each as one item of a batch in one line.
pub fn lines(count: usize, until: Time) -> Vec<String> {
    let plan = DemoPlan { members: (count / EVENTS_PER_MEMBER).max(100), ..DemoPlan::new(until) };
    demo::history(&plan).take(count).map(|event| event.to_batch_item()).collect()
}

/// Bodies for `POST /v1/batch` that hold these items.
pub fn bodies(lines: &[String]) -> Vec<Bytes> {
    lines.chunks(ITEMS_AT_ONCE).map(|items| Bytes::from(format!("{{\"batch\":[{}]}}", items.join(",")))).collect()
}

/// Sends all bodies, in about their order; an answer other than 200 is an error.
pub async fn send(hearth: &Hearth, bodies: Vec<Bytes>) -> anyhow::Result<()> {
    let bodies = Arc::new(bodies);
    let next = Arc::new(AtomicUsize::new(0));
    let clients = (0..CLIENTS).map(|_| {
        let (bodies, next, sender) = (bodies.clone(), next.clone(), hearth.sender());
        tokio::spawn(async move {
            while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
                sender.send(body.clone()).await?;
            }
            anyhow::Ok(())
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await??;
    }
    Ok(())
}
