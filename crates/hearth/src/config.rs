//! Configuration: a flag wins over its `HEARTH_*` variable, the variable over the file, the file over
//! the default. Everything works without any.

use std::{
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use serde::{Deserialize, Serialize};
use server::{ServerConfig, ingest::imports::ImportLimits};

/// The file in a data directory by which it is known, and which opens its secrets.
pub const KEY_FILE: &str = "secret.key";

/// The flags that most commands share.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Where everything is kept.
    #[arg(long, env = "HEARTH_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address and port to listen on.
    #[arg(long, env = "HEARTH_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// A PostgreSQL database (15 or later) instead of the embedded SQLite.
    #[arg(long, env = "HEARTH_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// How browsers and mail programs reach this server.
    #[arg(long, env = "HEARTH_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// An inside network or host that channels may connect to; may be repeated.
    #[arg(long, env = "HEARTH_OUTBOUND_ALLOW", value_name = "NETWORK", value_delimiter = ',')]
    pub outbound_allow: Vec<String>,
    /// Events per second that one write key may send.
    #[arg(long, env = "HEARTH_INGEST_RATE", value_name = "NUMBER")]
    pub ingest_rate: Option<f64>,
    /// A TOML file with all of this and more; see `hearth openapi --config`.
    #[arg(long, env = "HEARTH_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Everything that can be configured.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where everything is kept.
    pub data: PathBuf,
    /// A PostgreSQL database; the embedded SQLite when left out.
    pub database_url: Option<String>,
    /// How the server listens.
    pub server: ServerConfig,
    /// What channels may reach.
    pub outbound: Outbound,
    /// The event log.
    pub log: LogConfig,
    /// Sending events in.
    pub ingest: IngestConfig,
    /// Importing files.
    pub imports: ImportsConfig,
    /// The pipeline.
    pub pipeline: PipelineConfig,
    /// Questions about histories.
    pub insight: InsightConfig,
}

/// What goes out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbound {
    /// Inside networks (`10.1.2.0/24`) and hosts that channels may connect to. None by default, so
    /// that a webhook cannot be turned against the machines beside this one.
    pub allow: Vec<String>,
    /// A message that could not be sent for this many hours expires.
    pub stale_hours: u64,
    /// A hit on a link or an image this many seconds after acceptance is a security scanner's.
    pub scanner_seconds: u64,
}

impl Default for Outbound {
    fn default() -> Self {
        Outbound { allow: Vec::new(), stale_hours: 72, scanner_seconds: 10 }
    }
}

/// The event log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// Partitions; fixed when the log is created.
    pub partitions: u32,
    /// Records older than this many days are deleted once the pipeline has passed them.
    pub keep_days: u64,
    /// The oldest records are deleted while the log is larger than this many megabytes.
    pub keep_megabytes: u64,
}

/// Sending events in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    /// Events per second that one write key may send.
    pub events_per_second: f64,
    /// Events that it may send at once after a pause.
    pub burst: f64,
    /// While more records than this wait for the pipeline, ingest answers 503.
    pub max_waiting: u64,
}

/// Importing files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportsConfig {
    /// How large an uploaded file may be, in megabytes.
    pub max_megabytes: u64,
    /// An uploaded file is deleted this many days after its import, or after its upload if it was not imported.
    pub keep_days: u64,
    /// How many rows an import may be ahead of the pipeline. With more it ends sooner, and what is sent in meanwhile
    /// waits longer.
    pub rows_ahead: u64,
}

impl Default for ImportsConfig {
    fn default() -> Self {
        ImportsConfig { max_megabytes: 2_048, keep_days: 7, rows_ahead: 1_000_000 }
    }
}

impl ImportsConfig {
    /// As the server takes it.
    pub fn limits(&self) -> ImportLimits {
        ImportLimits {
            file_bytes: self.max_megabytes << 20,
            kept: Duration::from_secs(self.keep_days * 86_400),
            rows_ahead: self.rows_ahead,
        }
    }
}

/// The pipeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineConfig {
    /// Most events in one transaction.
    pub batch_events: usize,
    /// Megabytes of members that stay in memory, a few hundred bytes each: whoever is not among them is read from the
    /// database when something happens to him.
    pub members_megabytes: usize,
}

/// Questions about histories.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InsightConfig {
    /// Megabytes of histories that stay in memory, some five bytes for each event; 0 for a quarter of the machine's memory.
    /// With less everything is read from disk more often.
    pub memory_megabytes: u64,
}

impl InsightConfig {
    /// How many bytes of histories stay in memory.
    pub fn memory_bytes(&self) -> usize {
        /// Where nobody can say how much there is.
        const UNKNOWN: u64 = 4 << 30;
        match self.memory_megabytes {
            0 => (memory_of_machine().unwrap_or(UNKNOWN) / 4) as usize,
            megabytes => (megabytes << 20) as usize,
        }
    }
}

/// In bytes, where the system tells it.
fn memory_of_machine() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

impl Default for Config {
    fn default() -> Self {
        Config {
            data: PathBuf::from("./data"),
            database_url: None,
            server: ServerConfig::default(),
            outbound: Outbound::default(),
            log: LogConfig::default(),
            ingest: IngestConfig::default(),
            imports: ImportsConfig::default(),
            pipeline: PipelineConfig::default(),
            insight: InsightConfig::default(),
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig { partitions: 4, keep_days: 30, keep_megabytes: 20_000 }
    }
}

impl Default for IngestConfig {
    fn default() -> Self {
        IngestConfig { events_per_second: 250_000.0, burst: 500_000.0, max_waiting: 20_000_000 }
    }
}

impl Default for PipelineConfig {
    fn default() -> Self {
        PipelineConfig { batch_events: 32_000, members_megabytes: 560 }
    }
}

impl Settings {
    /// Reads the file, puts flags and variables over it, and checks the result.
    pub fn load(&self) -> anyhow::Result<Config> {
        let mut config = match &self.config {
            Some(file) => read_file(file)?,
            None => Config::default(),
        };
        if let Some(data) = &self.data {
            config.data = data.clone();
        }
        if let Some(listen) = &self.listen {
            config.server.listen = listen.clone();
        }
        if let Some(url) = &self.public_url {
            config.server.public_url = Some(url.clone());
        }
        if let Some(url) = &self.database_url {
            config.database_url = Some(url.clone());
        }
        if let Some(rate) = self.ingest_rate {
            config.ingest.events_per_second = rate;
            config.ingest.burst = (rate * 2.0).max(1.0);
        }
        config.outbound.allow.extend(self.outbound_allow.iter().cloned());
        config.check()?;
        Ok(config)
    }
}

impl Config {
    /// Fails unless the data directory is one, for commands that look at what is there and must make nothing.
    pub fn ensure_data(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.data.join(KEY_FILE).exists(), "{} is not a data directory", self.data.display());
        Ok(())
    }

    /// Fails when a value cannot be used, and names it.
    fn check(&self) -> anyhow::Result<()> {
        self.server.check()?;
        let Config { outbound, log, ingest, imports, pipeline, insight, .. } = self;
        within("outbound.stale_hours", outbound.stale_hours, 1..=87_600)?;
        within("outbound.scanner_seconds", outbound.scanner_seconds, 0..=3_600)?;
        within("log.partitions", log.partitions.into(), 1..=64)?;
        within("log.keep_days", log.keep_days, 1..=36_500)?;
        within("log.keep_megabytes", log.keep_megabytes, 1..=1_000_000_000)?;
        let rate = ingest.events_per_second;
        anyhow::ensure!(rate.is_finite() && rate > 0.0, "ingest.events_per_second: is {rate}, but must be more than 0");
        let burst = ingest.burst;
        anyhow::ensure!(burst.is_finite() && burst >= 1.0, "ingest.burst: is {burst}, but must be at least 1");
        within("ingest.max_waiting", ingest.max_waiting, 1..=u64::MAX)?;
        within("imports.max_megabytes", imports.max_megabytes, 1..=1_000_000)?;
        within("imports.keep_days", imports.keep_days, 1..=36_500)?;
        within("imports.rows_ahead", imports.rows_ahead, 1..=1_000_000_000)?;
        within("pipeline.batch_events", pipeline.batch_events as u64, 1..=1_000_000)?;
        within("pipeline.members_megabytes", pipeline.members_megabytes as u64, 1..=1_000_000)?;
        within("insight.memory_megabytes", insight.memory_megabytes, 0..=10_000_000)
    }
}

fn within(field: &str, value: u64, bounds: RangeInclusive<u64>) -> anyhow::Result<()> {
    let (least, most) = (bounds.start(), bounds.end());
    anyhow::ensure!(bounds.contains(&value), "{field}: is {value}, but must be from {least} to {most}");
    Ok(())
}

fn read_file(file: &Path) -> anyhow::Result<Config> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not a configuration", file.display()))
}

/// The configuration file with all defaults and what each value means.
pub const EXAMPLE: &str = include_str!("hearth.example.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_says_the_defaults_and_leaves_nothing_out() {
        let read: Config = toml::from_str(EXAMPLE).unwrap();
        let defaults = serde_json::to_value(Config::default()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), defaults);
        let sections = defaults.as_object().unwrap().iter();
        let fields = sections.flat_map(|(name, value)| match value.as_object() {
            Some(section) => section.keys().cloned().collect(),
            None => vec![name.clone()],
        });
        for field in fields {
            let is_there = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{field} = "));
            assert!(EXAMPLE.lines().any(is_there), "{field}");
        }
        // What has no default stands there as a comment, ready to be used.
        let all: String = EXAMPLE
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).unwrap_or(line))
            .map(|line| format!("{line}\n"))
            .collect();
        let read: Config = toml::from_str(&all).unwrap();
        assert!(read.database_url.is_some() && read.server.public_url.is_some());
        read.check().unwrap();
    }

    #[test]
    fn values_that_cannot_be_used_are_named() {
        Config::default().check().unwrap();
        let cases = [
            ("ingest.events_per_second", "[ingest]\nevents_per_second = 0.0"),
            ("ingest.events_per_second", "[ingest]\nevents_per_second = nan"),
            ("ingest.events_per_second", "[ingest]\nevents_per_second = inf"),
            ("ingest.burst", "[ingest]\nburst = 0.5"),
            ("ingest.max_waiting", "[ingest]\nmax_waiting = 0"),
            ("imports.max_megabytes", "[imports]\nmax_megabytes = 0"),
            ("imports.keep_days", "[imports]\nkeep_days = 0"),
            ("imports.rows_ahead", "[imports]\nrows_ahead = 0"),
            ("pipeline.batch_events", "[pipeline]\nbatch_events = 0"),
            ("pipeline.members_megabytes", "[pipeline]\nmembers_megabytes = 0"),
            ("log.partitions", "[log]\npartitions = 0"),
            ("log.partitions", "[log]\npartitions = 65"),
            ("log.keep_days", "[log]\nkeep_days = 1000000000"),
            ("log.keep_megabytes", "[log]\nkeep_megabytes = 10000000000000"),
            ("outbound.stale_hours", "[outbound]\nstale_hours = 10000000000000"),
            ("server.session_days", "[server]\nsession_days = 0"),
        ];
        for (field, text) in cases {
            let config: Config = toml::from_str(text).unwrap();
            let error = config.check().unwrap_err().to_string();
            assert!(error.starts_with(field), "{text}: {error}");
        }
        let none = Settings { ingest_rate: Some(0.0), ..Settings::default() };
        assert!(none.load().unwrap_err().to_string().starts_with("ingest.events_per_second"));
        let few = Settings { ingest_rate: Some(0.1), ..Settings::default() };
        assert_eq!(few.load().unwrap().ingest.burst, 1.0);
    }
}
