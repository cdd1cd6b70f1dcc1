//! Measures the outbox on this machine: `cargo test -p hearth-outreach --release -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use base::{
    Clock,
    ids::{DeliveryId, IdentityId, MemberId},
};
use serde_json::json;
use store::Sql;
use tokio::sync::oneshot;

use crate::house::{House, on_every_database};

const MESSAGES: usize = 5_000;

async fn queue_many(house: &House) {
    let now = house.clock.now().millis();
    let variables = json!({"event": {"total": 12.5}, "journey": {}}).to_string();
    let rows: Vec<(i64, i64, String, i64, i64, &str)> = (0..MESSAGES)
        .map(|n| {
            let member = house.ids.next(MemberId).0;
            let address = format!("m{n}@shop.example");
            (member, house.ids.next(IdentityId).0, address, house.ids.next(DeliveryId).0, now, variables.as_str())
        })
        .collect();
    let tx = house.db.begin().await.unwrap();
    let traits = "{\"name\":[\"n\",0,\"t\"]}";
    for sql in [
        "INSERT INTO members (id, workspace_id, created_at, last_seen_at)
         SELECT CAST(r.value->>0 AS BIGINT), 1, 0, 0 FROM {rows}"
            .to_owned(),
        format!(
            "INSERT INTO identities (id, workspace_id, kind, value, member_id, origin_member_id, verified, traits_json, created_at)
             SELECT CAST(r.value->>1 AS BIGINT), 1, 'email', r.value->>2, CAST(r.value->>0 AS BIGINT),
                    CAST(r.value->>0 AS BIGINT), 1, '{traits}', 0 FROM {{rows}}"
        ),
        format!(
            "INSERT INTO deliveries (id, workspace_id, member_id, channel_id, channel_kind, template_id, step, intent_key,
               topic, address, variables_json, state, queued_at, next_attempt_at)
             SELECT CAST(r.value->>3 AS BIGINT), 1, CAST(r.value->>0 AS BIGINT), {}, 'email', {}, 's', r.value->>3,
                    'marketing', r.value->>2, r.value->>5, 'queued', CAST(r.value->>4 AS BIGINT), CAST(r.value->>4 AS BIGINT)
             FROM {{rows}}",
            house.channel.0, house.template.0
        ),
    ] {
        tx.run_rows(&sql, &rows).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures this machine"]
#[expect(clippy::disallowed_methods, reason = "measures the machine's own time")]
async fn messages_per_second() {
    on_every_database(|house| async move {
        queue_many(&house).await;
        let clock = house.clock.clone();
        let ticking = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(1)).await;
                clock.advance(Duration::from_millis(1));
            }
        });
        let (stop, stopped) = oneshot::channel::<()>();
        let started = Instant::now();
        let running = tokio::spawn(house.outbox.clone().run(async move {
            let _ = stopped.await;
        }));
        while house.other_side.count() < MESSAGES {
            house.other_side.got_one.notified().await;
        }
        stop.send(()).unwrap();
        running.await.unwrap();
        ticking.abort();
        let seconds = started.elapsed().as_secs_f64();
        println!("{:?}: {:.0} messages/s", house.db.backend(), MESSAGES as f64 / seconds);
    })
    .await;
}
