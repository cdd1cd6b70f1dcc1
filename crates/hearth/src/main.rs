//! Hearth 围炉: one program. This crate is the command line and THE list of what the house
//! is made of ([`house`]); what a command does stands in the module of its name.

mod backup;
mod config;
mod demo_data;
mod disk;
mod doctor;
mod health;
mod house;
mod import;
mod import_section;
mod journey_test;
mod keys;
mod live;
mod mail_report;
mod private;
mod serve;
mod sink;
mod tables;
mod workers;

use std::{io::IsTerminal, process::ExitCode};

use clap::{Parser, Subcommand};

use config::Settings;

/// Hearth 围炉 — turns strangers into true fans: communities, automation, one profile, proof.
#[derive(Parser)]
#[command(name = "hearth", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server.
    Serve {
        #[command(flatten)]
        settings: Settings,
    },
    /// Fills an empty data directory with a wine shop's community, and serves it.
    Demo {
        #[command(flatten)]
        settings: Settings,
        #[command(flatten)]
        options: demo_data::Options,
    },
    /// Reads events or members from a CSV file or a workbook (.xlsx).
    Import {
        #[command(flatten)]
        settings: Settings,
        #[command(flatten)]
        options: import::Options,
    },
    /// Makes and lists keys.
    Key {
        #[command(subcommand)]
        command: keys::KeyCommand,
    },
    /// Makes and lists users.
    User {
        #[command(subcommand)]
        command: keys::UserCommand,
    },
    /// Writes a consistent copy of everything into a directory, also while serving.
    Backup {
        #[command(flatten)]
        settings: Settings,
        /// The directory to write; it must not exist yet.
        target: std::path::PathBuf,
    },
    /// Puts a backup into an empty data directory (and database).
    Restore {
        #[command(flatten)]
        settings: Settings,
        /// The directory that `hearth backup` wrote.
        source: std::path::PathBuf,
        /// A register that `hearth erasures export` wrote: who is in it is erased again. The one in the data directory
        /// and that of the backup are read in any case.
        #[arg(long, value_name = "FILE")]
        erasures: Option<std::path::PathBuf>,
    },
    /// What was erased.
    Erasures {
        #[command(subcommand)]
        command: ErasuresCommand,
    },
    /// Reads a mail from standard input; a bounce or complaint about a message of the channel is written down.
    MailReport {
        #[command(flatten)]
        settings: Settings,
        /// The channel for which the mail arrived.
        #[arg(long, value_name = "ID")]
        channel: base::ids::ChannelId,
    },
    /// Works with journeys as files.
    Journey {
        #[command(subcommand)]
        command: JourneyCommand,
    },
    /// Looks for what is wrong and says what to do.
    Doctor {
        #[command(flatten)]
        settings: Settings,
    },
    /// Prints the OpenAPI document, or an example of the configuration file.
    Openapi {
        /// Print the configuration file with all defaults instead.
        #[arg(long)]
        config: bool,
    },
}

#[derive(Subcommand)]
enum ErasuresCommand {
    /// Writes the register of erasures, which holds no personal data, for `hearth restore --erasures`.
    Export {
        #[command(flatten)]
        settings: Settings,
        /// The file to write; it must not exist yet.
        file: std::path::PathBuf,
    },
}

#[derive(Subcommand)]
enum JourneyCommand {
    /// Plays the scenarios of a file (YAML or JSON) with a journey, without a server and without data. Ends with 1 when something
    /// came otherwise than expected, and with 2 when the file cannot be read.
    Test {
        /// The file.
        file: std::path::PathBuf,
        /// Write one JSON document for machines.
        #[arg(long)]
        json: bool,
    },
}

/// Of the many small things that the pipeline makes, most are gone soon. SQLite takes its memory from here as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let is_server = matches!(cli.command, Command::Serve { .. } | Command::Demo { .. });
    start_logging(is_server);
    // All TLS of this process uses one implementation.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let outcome = match cli.command {
        Command::Journey { command: JourneyCommand::Test { file, json } } => {
            runtime.block_on(journey_test::run(&file, json))
        }
        command => runtime.block_on(run(command)).map(|()| ExitCode::SUCCESS),
    };
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    outcome.unwrap_or_else(|error| fail(&error))
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve { settings } => serve::run(settings.load()?).await,
        Command::Demo { settings, options } => demo_data::run(settings.load()?, options).await,
        Command::Import { settings, options } => import::run(settings.load()?, options).await,
        Command::Key { command } => keys::run_key(command).await,
        Command::User { command } => keys::run_user(command).await,
        Command::Backup { settings, target } => backup::backup(settings.load()?, &target).await,
        Command::Restore { settings, source, erasures } => {
            backup::restore(settings.load()?, &source, erasures.as_deref()).await
        }
        Command::Erasures { command: ErasuresCommand::Export { settings, file } } => {
            backup::export_erasures(settings.load()?, &file).await
        }
        Command::MailReport { settings, channel } => mail_report::run(settings.load()?, channel).await,
        Command::Journey { command: JourneyCommand::Test { .. } } => Ok(()),
        Command::Doctor { settings } => doctor::run(settings.load()?).await,
        Command::Openapi { config: true } => say(config::EXAMPLE),
        Command::Openapi { config: false } => say(&house::openapi().await?),
    }
}

/// Writes to standard output; a reader that has gone away is no error.
pub(crate) fn say(text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("hearth: {error:#}");
    ExitCode::FAILURE
}

/// Logs go to standard error: readable on a terminal, JSON lines elsewhere. `HEARTH_LOG` says how
/// much (`info`, `debug`, `hearth_people=trace` …).
fn start_logging(is_server: bool) {
    let default = if is_server { "info" } else { "warn" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("HEARTH_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(format!("{default},sqlx=warn")));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.with_target(false).init();
    } else {
        builder.json().flatten_event(true).init();
    }
}
