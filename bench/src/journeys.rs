//! Many members who wait in a journey, and a storm in which many of their waits end.

use std::time::Duration;

use anyhow::ensure;
use base::{Clock, Time};
use reqwest::Method;
use serde_json::{Value, json};
use store::SystemClock;

use crate::{database::Database, figures::Figures, hearth::Hearth, load};

const NAME: &str = "hearth_bench_journeys";
/// Members who wait at once.
const MEMBERS: usize = 200_000;
/// Of them, those whose wait ends in the storm.
const STORM: usize = 100_000;
/// All waits of the storm end within this time: less than it takes to go on, so that the storm is never waited for.
const SPREAD: Duration = Duration::from_secs(2);
/// Between the last entry and the storm.
const REST: Duration = Duration::from_secs(15);
/// Members who are told who they are, and enter, at once.
const AT_ONCE: usize = 20_000;
/// How long the storm may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(600);

/// Lets members enter by events, and measures how fast the storm drains.
pub async fn measure(database: Database, figures: &mut Figures) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let directory = tempfile::tempdir()?;
    let url = database.create(NAME).await?;
    let mut hearth = Hearth::found(&directory.path().join("data"), url).await?;
    hearth.start(clock.as_ref()).await?;
    let waiting = publish(&hearth, "patient", &patient()).await?;
    let began = clock.monotonic();
    let sent = enter(&hearth, 0, STORM..MEMBERS, "Bench Sat Down", |_| json!({}), clock.as_ref()).await?;
    let seconds = (clock.monotonic() - began).as_secs_f64();
    let what = |what: &str| format!("{what}, {}", database.name());
    figures.yardstick(&what("entering a journey and waiting"), (MEMBERS - STORM) as f64 / seconds, "members/s");

    // Those of the storm enter last. When it breaks is known only when they have: it is far enough away for them all.
    let enough = Duration::from_secs_f64(seconds * 2.0) + REST;
    let breaks = clock.now().plus(enough);
    let storm = publish(&hearth, "storm", &storm()).await?;
    let wakes = |n: usize| json!({"wakes": wakes_at(breaks, n).to_string()});
    enter(&hearth, sent, 0..STORM, "Storm Awaited", wakes, clock.as_ref()).await?;
    ensure!(clock.now() < breaks, "the storm broke before everybody had entered");
    let (patient, stormy) = (waits(&hearth, &waiting).await?, waits(&hearth, &storm).await?);
    ensure!(patient + stormy == MEMBERS as i64, "{patient} and {stormy} members wait, not {MEMBERS}");
    figures.yardstick(&what("— most memory while they entered"), hearth.most_memory()? as f64 / 1e6, "MB");
    hearth.forget_most_memory()?;
    let fired = timers(&hearth).await?;

    let last = breaks.plus(SPREAD);
    clock.sleep(Duration::from_millis(u64::try_from(breaks - clock.now()).unwrap_or(0))).await;
    while timers(&hearth).await? < fired + STORM as f64 {
        clock.sleep(Duration::from_millis(100)).await;
        ensure!(clock.now() < last.plus(PATIENCE), "the storm does not end");
    }
    let seconds = (clock.now() - breaks) as f64 / 1e3;
    let target = if database == Database::Sqlite { 10_000.0 } else { 5_000.0 };
    let (name, memory) = (what("journeys: 100,000 of 200,000 who wait go on"), hearth.most_memory()? as f64 / 1e6);
    let gone = report(&hearth, &storm).await?;
    ensure!(gone["runs"]["completed"] == STORM, "not everybody went on: {gone}");
    ensure!(waits(&hearth, &waiting).await? == (MEMBERS - STORM) as i64, "somebody went on who was to wait");
    figures.at_least(&name, STORM as f64 / seconds, target, "transitions/s");
    figures.below(&what("— most memory meanwhile"), memory, 300.0, "MB");
    hearth.stop().await?;
    database.remove(NAME).await
}

/// Everybody waits for long, or until something happens.
fn patient() -> Value {
    json!({"entry": {"event": "Bench Sat Down"}, "exit": [{"event": "Account Closed"}], "start": "wait", "steps": {
        "wait": {"type": "wait", "event": {"event": "Order Completed"}, "timeout": "P90D", "next": null, "timeout_next": null}}})
}

/// Each waits until his own moment, which his trait names; then a branch asks for what he has done.
fn storm() -> Value {
    json!({"entry": {"event": "Storm Awaited"}, "goal": {"event": "Order Completed", "within": "P7D"}, "start": "wait",
        "steps": {
            "wait": {"type": "wait", "until": {"trait": "wakes"}, "next": "branch"},
            "branch": {"type": "branch", "cases": [{"when": {"event": "Order Completed", "within": "P1D"}, "next": null}],
                "else": "end"},
            "end": {"type": "exit"}}})
}

fn wakes_at(breaks: Time, member: usize) -> Time {
    breaks.plus(SPREAD.mul_f64(member as f64 / STORM as f64))
}

async fn publish(hearth: &Hearth, name: &str, document: &Value) -> anyhow::Result<String> {
    let journey = hearth.create("/api/v1/journeys", &json!({"name": name, "document": document})).await?;
    hearth.call(Method::POST, &format!("/api/v1/journeys/{journey}/publish"), Some(&json!({}))).await?;
    Ok(journey)
}

/// Tells who these members are and lets them do something; returns how many events there were so far in all.
async fn enter(
    hearth: &Hearth,
    mut sent: usize,
    members: std::ops::Range<usize>,
    event: &str,
    traits: impl Fn(usize) -> Value,
    clock: &dyn Clock,
) -> anyhow::Result<usize> {
    for first in members.clone().step_by(AT_ONCE) {
        let some = first..(first + AT_ONCE).min(members.end);
        let identify = |n: usize| {
            let mut said = traits(n);
            said["email"] = json!(format!("m{n}@shop.example"));
            json!({"type": "identify", "userId": format!("m{n}"), "traits": said}).to_string()
        };
        let track = |n: usize| json!({"type": "track", "userId": format!("m{n}"), "event": event}).to_string();
        // Who somebody is has taken effect before he enters, whichever client is faster.
        for lines in [some.clone().map(identify).collect::<Vec<_>>(), some.map(track).collect()] {
            sent += lines.len();
            load::send(hearth, load::bodies(&lines)).await?;
            hearth.wait_for_pipeline(sent, clock).await?;
        }
    }
    Ok(sent)
}

async fn report(hearth: &Hearth, journey: &str) -> anyhow::Result<Value> {
    hearth.call(Method::GET, &format!("/api/v1/journeys/{journey}/report"), None).await
}

async fn waits(hearth: &Hearth, journey: &str) -> anyhow::Result<i64> {
    Ok(report(hearth, journey).await?["runs"]["active"].as_i64().unwrap_or(0))
}

/// How many timers the pipeline has fired.
async fn timers(hearth: &Hearth) -> anyhow::Result<f64> {
    Ok(hearth.metric("hearth_pipeline_timers_total").await?.unwrap_or(0.0))
}
