//! Durable ingest through `/v1/batch`, beside ClickHouse on the same lines.

use std::{io::Write, path::Path};

use anyhow::{Context, ensure};
use serde_json::Value;
use store::SystemClock;
use tokio::process::Command;

use crate::{figures::Figures, hearth::Hearth, load};

/// Sends all lines and waits for the last acknowledgement. The pipeline works meanwhile, as it does in
/// real life.
pub async fn measure(lines: &[String], figures: &mut Figures) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let directory = tempfile::tempdir()?;
    let mut hearth = Hearth::found(&directory.path().join("data"), None).await?;
    hearth.start(clock.as_ref()).await?;
    let bodies = load::bodies(lines);
    let began = clock.monotonic();
    load::send(&hearth, bodies).await?;
    let seconds = (clock.monotonic() - began).as_secs_f64();
    hearth.stop().await?;
    figures.at_least("durable ingest through /v1/batch", lines.len() as f64 / seconds, 100_000.0, "events/s");
    if let Ok(python) = std::env::var("HEARTH_PYTHON") {
        let yardstick = yardstick(&python, lines, directory.path()).await?;
        figures.yardstick("— ClickHouse (chdb), the same lines in one INSERT", yardstick, "events/s");
    }
    Ok(())
}

async fn yardstick(python: &str, lines: &[String], directory: &Path) -> anyhow::Result<f64> {
    let file = directory.join("events.jsonl");
    let mut writer = std::io::BufWriter::new(std::fs::File::create(&file)?);
    for line in lines {
        writeln!(writer, "{line}")?;
    }
    writer.into_inner()?.sync_all()?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("chdb_yardstick.py");
    let done = Command::new(python)
        .arg(script)
        .arg(&file)
        .arg(lines.len().to_string())
        .arg("--directory")
        .arg(directory)
        .output()
        .await?;
    ensure!(done.status.success(), "the yardstick failed: {}", String::from_utf8_lossy(&done.stderr));
    let answer: Value = serde_json::from_slice(&done.stdout)?;
    answer["events_per_second"].as_f64().context("the yardstick gives no figure")
}
