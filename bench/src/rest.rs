//! Memory at rest, and the time to start, on the demo's data.

use std::time::Duration;

use store::SystemClock;

use crate::{figures::Figures, hearth::Hearth};

const STARTS: usize = 5;
/// After what was left to do at the start is done.
const REST: Duration = Duration::from_secs(10);

/// Fills a demo, then starts the server on it several times.
pub async fn measure(figures: &mut Figures) -> anyhow::Result<()> {
    let clock = SystemClock::start();
    let directory = tempfile::tempdir()?;
    let mut hearth = Hearth::at(&directory.path().join("data"), None)?;
    let began = clock.monotonic();
    hearth.run(&["demo", "--fill-only"]).await?;
    figures.below("demo: filling the data directory", (clock.monotonic() - began).as_secs_f64(), 60.0, "s");
    let mut starts = Vec::with_capacity(STARTS);
    let mut memory = 0;
    for _ in 0..STARTS {
        let began = clock.monotonic();
        hearth.start(clock.as_ref()).await?;
        starts.push((clock.monotonic() - began).as_secs_f64());
        clock.sleep(REST).await;
        memory = hearth.memory()?;
        hearth.stop().await?;
    }
    starts.sort_unstable_by(f64::total_cmp);
    figures.below("start to ready on the demo data (median)", starts[STARTS / 2], 0.5, "s");
    figures.below("memory at rest on the demo data (VmRSS)", memory as f64 / 1e6, 80.0, "MB");
    Ok(())
}
