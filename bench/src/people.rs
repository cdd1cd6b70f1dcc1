//! A large community: how fast events take effect, how much memory that takes, how long a preview takes, how soon a list
//! shows its first rows, and how soon everybody has left a window that closes for all at once.

use std::time::Duration;

use anyhow::ensure;
use base::{Clock, Time};
use reqwest::Method;
use serde_json::{Value, json};
use store::SystemClock;

use crate::{database::Database, figures::Figures, hearth::Hearth, lists, load};

const NAME: &str = "hearth_bench_people";
/// Events of the measurement, spread over all members.
const EVENTS: usize = 300_000;
/// For how many members the window closes.
const BURST: usize = 50_000;
/// How long that window is, in seconds; the burst must have taken effect before.
const BURST_WINDOW: u64 = 40;
const DAY: i64 = 86_400_000;
const CITIES: [&str; 8] = ["上海", "杭州", "北京", "成都", "广州", "深圳", "西安", "武汉"];
const LEVELS: [&str; 4] = ["bronze", "silver", "gold", "black"];
const NAMES: [&str; 6] =
    ["Product Viewed", "Product Added", "Order Completed", "Message Posted", "Article Read", "Checked In"];

/// Fills a workspace with so many members under 100 live segments, and measures.
pub async fn measure(members: usize, database: Database, figures: &mut Figures) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let directory = tempfile::tempdir()?;
    let url = database.create(NAME).await?;
    let mut hearth = Hearth::found(&directory.path().join("data"), url).await?;
    hearth.start(clock.as_ref()).await?;
    let mut segment = String::new();
    for (number, rule) in rules().into_iter().enumerate() {
        segment =
            hearth.create("/api/v1/segments", &json!({"name": format!("segment {number}"), "rule": rule})).await?;
    }
    let burst = json!({"event": "Flash Sale Joined", "within": format!("PT{BURST_WINDOW}S")});
    let burst = hearth.create("/api/v1/segments", &json!({"name": "burst", "rule": burst})).await?;
    let began = clock.monotonic();
    let mut sent = fill(&hearth, members, clock.as_ref()).await?;
    let seconds = (clock.monotonic() - began).as_secs_f64();
    let what = |what: &str| format!("{what}, {members} members, {}", database.name());
    figures.yardstick(&what("filling"), sent as f64 / seconds, "events/s");

    let lines: Vec<String> = (0..EVENTS).map(|n| track(random(n, 1) % members, n, clock.now())).collect();
    let bodies = load::bodies(&lines);
    let began = clock.monotonic();
    load::send(&hearth, bodies).await?;
    sent += EVENTS;
    hearth.wait_for_pipeline(sent, clock.as_ref()).await?;
    let seconds = (clock.monotonic() - began).as_secs_f64();
    let target = if database == Database::Sqlite { 15_000.0 } else { 10_000.0 };
    figures.at_least(&what("pipeline, 100 segments"), EVENTS as f64 / seconds, target, "events/s");

    figures.below(&what("preview of five conditions"), preview(&hearth, clock.as_ref()).await?, 100.0, "ms");
    lists::measure(&hearth, &segment, clock.as_ref(), what, figures).await?;
    let closing = window_closes(&hearth, &burst, members, sent, clock.as_ref()).await?;
    figures.below(&what("a window closes for 50,000"), closing, 2.0, "s");
    figures.below(&what("memory after that"), hearth.memory()? as f64 / 1e6, 1_500.0, "MB");
    hearth.stop().await?;
    database.remove(NAME).await
}

/// Who everybody is, and something that each has done; returns how many events that were.
async fn fill(hearth: &Hearth, members: usize, clock: &dyn Clock) -> anyhow::Result<usize> {
    const AT_ONCE: usize = 50_000;
    let mut sent = 0;
    for first in (0..members).step_by(AT_ONCE) {
        let now = clock.now();
        let some = first..(first + AT_ONCE).min(members);
        let lines: Vec<String> = some.flat_map(|n| [identify(n, now), track(n, n, now)]).collect();
        sent += lines.len();
        load::send(hearth, load::bodies(&lines)).await?;
        hearth.wait_for_pipeline(sent, clock).await?;
    }
    Ok(sent)
}

/// The third of three is counted: the first may read what nobody has asked for yet. In milliseconds.
async fn preview(hearth: &Hearth, clock: &dyn Clock) -> anyhow::Result<f64> {
    let rule = json!({"all": [
        {"trait": "city", "op": "in", "value": ["上海", "杭州"]}, {"trait": "age", "op": "gte", "value": 30},
        {"not": {"tag": "blocked"}}, {"trait": "level", "op": "ne", "value": "bronze"},
        {"any": [{"tag": "vip"}, {"trait": "email", "op": "exists"}]}]});
    let mut took = 0.0;
    for _ in 0..3 {
        let began = clock.monotonic();
        let answer =
            hearth.call(Method::POST, "/api/v1/segments/preview", Some(&json!({"rule": rule.clone()}))).await?;
        took = (clock.monotonic() - began).as_secs_f64() * 1e3;
        ensure!(answer["size"].as_i64().is_some_and(|size| size > 0), "the preview finds nobody");
    }
    Ok(took)
}

/// From the moment at which a window closes for many to the one at which the last of them is seen to have left, in
/// seconds.
async fn window_closes(
    hearth: &Hearth,
    segment: &str,
    members: usize,
    sent: usize,
    clock: &dyn Clock,
) -> anyhow::Result<f64> {
    let joined = clock.now();
    let count = BURST.min(members);
    let lines: Vec<String> = (0..count).map(|n| event(n * (members / count), "Flash Sale Joined", n, joined)).collect();
    load::send(hearth, load::bodies(&lines)).await?;
    hearth.wait_for_pipeline(sent + count, clock).await?;
    let closes = joined.plus(Duration::from_secs(BURST_WINDOW));
    ensure!(clock.now() < closes, "the burst took longer than its window");
    let path = format!("/api/v1/segments/{segment}");
    let size = async || anyhow::Ok(hearth.call(Method::GET, &path, None).await?["size"].as_i64().unwrap_or(-1));
    ensure!(size().await? == count as i64, "not everybody is in the segment");
    while size().await? != 0 {
        clock.sleep(Duration::from_millis(10)).await;
        ensure!(clock.now() < closes.plus(Duration::from_secs(300)), "the window does not close");
    }
    Ok((clock.now() - closes) as f64 / 1e3)
}

fn identify(member: usize, now: Time) -> String {
    let traits = json!({
        "city": CITIES[random(member, 2) % CITIES.len()], "level": LEVELS[random(member, 3) % LEVELS.len()],
        "age": 16 + random(member, 4) % 60, "email": format!("m{member}@example.com"), "name": format!("成员{member}")});
    json!({"type": "identify", "userId": format!("m{member}"), "traits": traits, "timestamp": now.to_string()})
        .to_string()
}

fn track(member: usize, salt: usize, now: Time) -> String {
    let ago = (random(salt, 5) % 60) as i64 * DAY;
    event(member, NAMES[random(salt, 6) % NAMES.len()], salt, Time::from_millis(now.millis() - ago))
}

fn event(member: usize, name: &str, salt: usize, at: Time) -> String {
    json!({"type": "track", "userId": format!("m{member}"), "event": name, "timestamp": at.to_string(),
        "properties": {"revenue": 10 + random(salt, 7) % 900, "seconds": random(salt, 8) % 300}})
    .to_string()
}

/// A hundred rules, nearly all with windows.
fn rules() -> Vec<Value> {
    let mut rules = Vec::new();
    for (place, name) in NAMES.iter().enumerate() {
        for days in [1, 3, 7, 14, 30] {
            rules.push(
                json!({"event": name, "count": {"op": "gte", "value": 1 + place % 3}, "within": format!("P{days}D")}),
            );
            rules.push(
                json!({"all": [{"event": name}, {"not": {"event": name, "within": format!("P{}D", days + 15)}}]}),
            );
            rules.push(json!({"event": name, "sum": {"property": "revenue", "op": "gte", "value": 100 * days}, "within": format!("P{}D", days * 3)}));
        }
    }
    for (city, level) in CITIES.iter().zip(LEVELS.iter().cycle()) {
        rules.push(
            json!({"all": [{"trait": "city", "op": "eq", "value": city}, {"trait": "level", "op": "eq", "value": level},
            {"event": "Order Completed", "within": "P45D"}]}),
        );
    }
    rules.push(json!({"sequence": ["Product Viewed", "Order Completed"], "within": "P3D"}));
    rules.push(json!({"been": {"event": "Message Posted", "within": "P30D"}, "for": "P3D"}));
    rules
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every run.
fn random(n: usize, stream: u64) -> usize {
    let mut x = (n as u64).wrapping_add(stream << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 1) as usize
}
