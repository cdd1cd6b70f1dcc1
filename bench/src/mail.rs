//! Personalised mail from the outbox into a mail server that takes and forgets everything, and how much that server takes
//! at all.

use std::{net::TcpListener, path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use base::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use store::SystemClock;
use tokio::process::{Child, Command};

use crate::{database::Database, figures::Figures, hearth::Hearth, load};

const NAME: &str = "hearth_bench_mail";
const MEMBERS: usize = 20_000;
/// Mails for each member.
const EACH: usize = 2;
/// Connections to the sink at once, of the outbox and of `smtp-source` alike.
const SESSIONS: usize = 16;
const PATIENCE: Duration = Duration::from_secs(600);

/// Sends two mails to each member, and as many of the same size with `smtp-source`.
pub async fn measure(database: Database, figures: &mut Figures) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let directory = tempfile::tempdir()?;
    let (port, mut sink) = start_sink(clock.as_ref()).await?;
    let url = database.create(NAME).await?;
    let mut hearth = Hearth::found(&directory.path().join("data"), url).await?;
    hearth.start(clock.as_ref()).await?;
    let channel = configure(&hearth, port).await?;
    let people: Vec<String> = (0..MEMBERS).map(person).collect();
    load::send(&hearth, load::bodies(&people)).await?;
    hearth.wait_for_pipeline(MEMBERS, clock.as_ref()).await?;

    let mails = MEMBERS * EACH;
    let letters: Vec<String> = (0..mails).map(letter).collect();
    // All of them wait before the first is sent, so that only the outbox is measured.
    hearth.call(Method::POST, &format!("/api/v1/channels/{channel}/pause"), Some(&json!({}))).await?;
    load::send(&hearth, load::bodies(&letters)).await?;
    hearth.wait_for_pipeline(MEMBERS + mails, clock.as_ref()).await?;
    let began = clock.monotonic();
    hearth.call(Method::POST, &format!("/api/v1/channels/{channel}/resume"), Some(&json!({}))).await?;
    loop {
        let (accepted, lost) = (count(&hearth, "accepted").await?, lost(&hearth).await?);
        ensure!(lost == 0.0, "{lost} mails were not taken");
        if accepted >= mails as f64 {
            break;
        }
        ensure!(clock.monotonic() - began < PATIENCE, "the outbox does not come to an end: {accepted} of {mails}");
        clock.sleep(Duration::from_millis(50)).await;
    }
    let seconds = (clock.monotonic() - began).as_secs_f64();
    let memory = hearth.most_memory()? as f64 / 1e6;
    hearth.stop().await?;
    database.remove(NAME).await?;
    let name = format!("personalised mail through the outbox, {}", database.name());
    figures.at_least(&name, mails as f64 / seconds, 2_000.0, "mails/s");
    figures.yardstick("— smtp-source into the same sink", ceiling(port, mails, clock.as_ref()).await?, "mails/s");
    figures.yardstick("— most memory of the server meanwhile", memory, "MB");
    sink.kill().await?;
    Ok(())
}

fn person(number: usize) -> String {
    const NAMES: [&str; 4] = ["王小明", "欧阳娜娜", "Anna Schmidt", "李雷"];
    const ZONES: [&str; 3] = ["Asia/Shanghai", "Europe/Berlin", "America/New_York"];
    json!({"type": "identify", "userId": format!("u{number}"), "messageId": format!("person-{number}"),
        "traits": {"email": format!("u{number}@shop.example"), "name": NAMES[number % NAMES.len()],
            "timezone": ZONES[number % ZONES.len()], "balance": number % 997, "city": "杭州"}})
    .to_string()
}

fn letter(number: usize) -> String {
    json!({"type": "track", "userId": format!("u{}", number % MEMBERS), "event": "Letter Wanted",
        "messageId": format!("letter-{number}"),
        "properties": {"amount": 100 + number % 400, "items": ["黄酒", "梅干菜", "龙井"], "kind": number / MEMBERS}})
    .to_string()
}

/// The channel. Two templates, each with a text and an HTML part, conditions, a loop and filters; which one is written is decided by
/// the journey.
async fn configure(hearth: &Hearth, port: u16) -> anyhow::Result<String> {
    let channel = hearth
        .create(
            "/api/v1/channels",
            &json!({"kind": "email", "name": "mail", "config": {
                "host": "127.0.0.1", "port": port, "security": "none", "per_second": 10_000.0, "concurrency": SESSIONS,
                "from": {"name": "醉里挑灯", "email": "hello@shop.example"}}}),
        )
        .await?;
    let mut templates = Vec::new();
    for greeting in ["欢迎回来", "Welcome back"] {
        let template = hearth
            .create(
                "/api/v1/templates",
                &json!({"name": greeting, "channel_kind": "email",
                    "subject": format!("{greeting}, {{{{ member.name | default('朋友') }}}}"),
                    "text": format!(
                        "{greeting}, {{{{ member.name | upper }}}}!\n{{% for item in event['items'] %}}- {{{{ item }}}}\n{{% endfor %}}\
                         {{% if member.balance > 500 %}}{{{{ member.balance | round }}}} 积分{{% else %}}{{{{ member.city }}}}{{% endif %}}\n\
                         https://shop.example/cart\n{{{{ unsubscribe_url }}}}"),
                    "html": format!(
                        "<h1>{greeting}, {{{{ member.name }}}}</h1><ul>{{% for item in event['items'] %}}<li>{{{{ item }}}}</li>{{% endfor %}}</ul>\
                         <p>¥{{{{ event.amount }}}} <a href=\"https://shop.example/cart\">{{{{ member.city | default('-') }}}}</a></p>\
                         <p><a href=\"{{{{ unsubscribe_url }}}}\">退订</a></p>")}),
            )
            .await?;
        templates.push(template);
    }
    let send = |template: &str| json!({"type": "send", "channel": "email", "template": template, "next": null});
    let document = json!({"entry": {"event": "Letter Wanted"}, "reentry": {"policy": "always"}, "start": "which", "steps": {
        "which": {"type": "branch", "cases": [{"when": {"trait": "timezone", "op": "eq", "value": "Asia/Shanghai"},
            "next": "chinese"}], "else": "english"},
        "chinese": send(&templates[0]), "english": send(&templates[1])}});
    let journey = hearth.create("/api/v1/journeys", &json!({"name": "letters", "document": document})).await?;
    hearth.call(Method::POST, &format!("/api/v1/journeys/{journey}/publish"), Some(&json!({}))).await?;
    let answer: Value = hearth.call(Method::GET, &format!("/api/v1/journeys/{journey}"), None).await?;
    ensure!(answer["state"] == "live", "the journey is not live: {answer}");
    Ok(channel)
}

/// `smtp-sink` on a free port, when it listens.
async fn start_sink(clock: &dyn Clock) -> anyhow::Result<(u16, Child)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = postfix("smtp-sink")?;
    // A program that gets everything on this machine would keep the rights of the administrator otherwise.
    if is_administrator().await? {
        command.args(["-u", "nobody"]);
    }
    let child = command.arg(format!("127.0.0.1:{port}")).arg("256").spawn()?;
    for _ in 0..200 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok((port, child));
        }
        clock.sleep(Duration::from_millis(25)).await;
    }
    anyhow::bail!("smtp-sink does not listen");
}

/// Mails a second that the sink takes of `smtp-source`, over as many connections, which stay open as the outbox's do.
async fn ceiling(port: u16, mails: usize, clock: &dyn Clock) -> anyhow::Result<f64> {
    const SIZE: &str = "3000";
    let (sessions, count) = (SESSIONS.to_string(), mails.to_string());
    let mut command = postfix("smtp-source")?;
    command.args([
        "-d",
        "-s",
        &sessions,
        "-m",
        &count,
        "-l",
        SIZE,
        "-f",
        "hello@shop.example",
        "-t",
        "u1@shop.example",
    ]);
    let began = clock.monotonic();
    let done = command.arg(format!("127.0.0.1:{port}")).status().await?;
    ensure!(done.success(), "smtp-source failed");
    Ok(mails as f64 / (clock.monotonic() - began).as_secs_f64())
}

/// A program of Postfix, with its libraries, from where `scripts/postfix.sh` has put it.
fn postfix(program: &str) -> anyhow::Result<Command> {
    let home = std::env::var("HEARTH_POSTFIX").ok().filter(|home| !home.is_empty());
    let home = PathBuf::from(home.context("HEARTH_POSTFIX must name Postfix; run `make bench`")?);
    let mut command = Command::new(home.join("usr/sbin").join(program));
    command.env("LD_LIBRARY_PATH", home.join("usr/lib/postfix")).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    Ok(command)
}

async fn is_administrator() -> anyhow::Result<bool> {
    let answer = Command::new("id").arg("-u").output().await?;
    Ok(answer.stdout.trim_ascii() == b"0")
}

/// Mails that have come to this state.
async fn count(hearth: &Hearth, state: &str) -> anyhow::Result<f64> {
    hearth.sum_of("hearth_deliveries_total", &format!("state=\"{state}\"")).await
}

async fn lost(hearth: &Hearth) -> anyhow::Result<f64> {
    let mut lost = 0.0;
    for state in ["failed", "suppressed", "unknown", "expired", "cancelled"] {
        lost += count(hearth, state).await?;
    }
    Ok(lost)
}
