//! Configuration: a flag wins over its `HEARTH_*` variable, the variable over the file, the file over
//! the default. Everything works without any.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use serde::{Deserialize, Serialize};
use server::ServerConfig;

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
    /// The pipeline.
    pub pipeline: PipelineConfig,
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

/// The pipeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineConfig {
    /// Most events in one transaction.
    pub batch_events: usize,
    /// About how many members stay in memory.
    pub members_in_memory: usize,
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
            pipeline: PipelineConfig::default(),
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
        PipelineConfig { batch_events: 4_000, members_in_memory: 20_000 }
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
            config.ingest.burst = rate * 2.0;
        }
        config.outbound.allow.extend(self.outbound_allow.iter().cloned());
        config.server.check()?;
        Ok(config)
    }
}

impl Config {
    /// Where links in messages lead.
    pub fn public_url(&self) -> String {
        self.server.public_url.clone().unwrap_or_else(|| format!("http://{}", self.server.listen))
    }
}

fn read_file(file: &Path) -> anyhow::Result<Config> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is not a configuration", file.display()))
}

/// The configuration file with all defaults.
pub fn example() -> anyhow::Result<String> {
    Ok(toml::to_string_pretty(&Config::default())?)
}
