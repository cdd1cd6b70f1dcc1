//! From an event that is received to the mail that is handed to SMTP.

use std::{collections::HashMap, time::Duration};

use anyhow::ensure;
use bytes::Bytes;
use reqwest::Method;
use serde_json::json;
use store::SystemClock;

use crate::{database::Database, figures::Figures, hearth::Hearth, load, mailbox};

const EVENTS_PER_SECOND: usize = 1_000;
const MEMBERS: usize = 5_000;
/// Events of one request; one request every 10 ms.
const EVENTS_AT_ONCE: usize = 10;
/// How long the last messages may take.
const PATIENCE: Duration = Duration::from_secs(60);

const NAME: &str = "hearth_bench_latency";

/// Sends 1,000 events a second, each of which starts a journey that sends a mail at once.
pub async fn measure(seconds: u64, database: Database, figures: &mut Figures) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let directory = tempfile::tempdir()?;
    let url = database.create(NAME).await?;
    let mut hearth = Hearth::found(&directory.path().join("data"), url).await?;
    hearth.start(clock.as_ref()).await?;
    let (address, mut messages) = mailbox::start(clock.clone()).await?;
    configure(&hearth, address.port()).await?;
    let people: Vec<String> = (0..MEMBERS)
        .map(|n| {
            json!({"type": "identify", "userId": format!("u{n}"), "messageId": format!("person-{n}"),
                "traits": {"email": format!("u{n}@shop.example"), "name": "王小明"}})
            .to_string()
        })
        .collect();
    load::send(&hearth, load::bodies(&people)).await?;
    hearth.wait_for_pipeline(MEMBERS, clock.as_ref()).await?;

    let count = EVENTS_PER_SECOND * seconds as usize;
    let mut sent_at: HashMap<usize, Duration> = HashMap::with_capacity(count);
    let beginning = clock.monotonic();
    let mut under_way = tokio::task::JoinSet::new();
    for first in (0..count).step_by(EVENTS_AT_ONCE) {
        let due = Duration::from_secs_f64(first as f64 / EVENTS_PER_SECOND as f64);
        clock.sleep((beginning + due).saturating_sub(clock.monotonic())).await;
        let marks = first..first + EVENTS_AT_ONCE;
        let items: Vec<String> = marks
            .clone()
            .map(|mark| {
                json!({"type": "track", "userId": format!("u{}", mark % MEMBERS), "event": "Bell Rung",
                    "messageId": format!("bell-{mark}"), "properties": {"mark": mark}})
                .to_string()
            })
            .collect();
        let body = Bytes::from(format!("{{\"batch\":[{}]}}", items.join(",")));
        let now = clock.monotonic();
        sent_at.extend(marks.map(|mark| (mark, now)));
        let sender = hearth.sender();
        under_way.spawn(async move { sender.send(body).await });
    }
    let sending = (clock.monotonic() - beginning).as_secs_f64();
    ensure!(sending < seconds as f64 * 1.05, "the load generator fell behind: {sending:.1} s for {seconds} s");
    for outcome in under_way.join_all().await {
        outcome?;
    }
    let mut latencies = Vec::with_capacity(count);
    let limit = clock.sleep(PATIENCE);
    tokio::pin!(limit);
    while latencies.len() < count {
        tokio::select! {
            Some(taken) = messages.recv() => {
                let sent = sent_at.remove(&taken.mark);
                latencies.extend(sent.map(|sent| taken.at.saturating_sub(sent).as_secs_f64() * 1_000.0));
            }
            () = &mut limit => break,
        }
    }
    hearth.stop().await?;
    database.remove(NAME).await?;
    let name = format!("event → mail at {EVENTS_PER_SECOND}/s, {}", database.name());
    eprintln!("{name}: {} of {count} messages have arrived", latencies.len());
    // Those that have not are later than all others.
    latencies.resize(count, f64::INFINITY);
    latencies.sort_unstable_by(f64::total_cmp);
    figures.yardstick(&format!("{name}: median"), latencies[count / 2], "ms");
    figures.below(&format!("{name}: p99"), latencies[count * 99 / 100], 500.0, "ms");
    Ok(())
}

async fn configure(hearth: &Hearth, port: u16) -> anyhow::Result<()> {
    hearth
        .create(
            "/api/v1/channels",
            &json!({"kind": "email", "name": "mail", "config": {
                "host": "127.0.0.1", "port": port, "security": "none", "per_second": 10_000.0, "concurrency": 32,
                "from": {"name": "醉里挑灯", "email": "hello@shop.example"}}}),
        )
        .await?;
    let template = hearth
        .create(
            "/api/v1/templates",
            &json!({"name": "bell", "channel_kind": "email", "subject": "{{ member.name }}，有人按铃",
                "text": "bell-{{ event.mark }}-rung https://shop.example/bell",
                "html": "<p>{{ member.name }}，<a href=\"https://shop.example/bell\">来看看</a></p>"}),
        )
        .await?;
    let journey = hearth
        .create(
            "/api/v1/journeys",
            &json!({"name": "bell", "document": {
                "entry": {"event": "Bell Rung"}, "reentry": {"policy": "always"}, "start": "send",
                "steps": {"send": {"type": "send", "channel": "email", "template": template, "next": null}}}}),
        )
        .await?;
    hearth.call(Method::POST, &format!("/api/v1/journeys/{journey}/publish"), Some(&json!({}))).await?;
    Ok(())
}
