//! Benchmarks of Hearth, each beside its yardstick; `make bench` runs them and README.md says what
//! each figure means. The real binary is measured from outside, by a load generator that shares the
//! machine with it.

mod behaviour;
mod database;
mod figures;
mod hearth;
mod imports;
mod ingest;
mod journeys;
mod latency;
mod lists;
mod load;
mod mail;
mod mailbox;
mod people;
mod pipeline;
mod rest;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use store::SystemClock;

use crate::{database::Database, figures::Figures};

#[derive(Parser)]
#[command(name = "hearth-bench", about = "Measures speed and memory of Hearth and prints a table")]
struct Cli {
    /// What to measure; everything when left out.
    what: Vec<What>,
    /// Events of the measurements of ingest and of the pipeline.
    #[arg(long, default_value_t = 500_000)]
    events: usize,
    /// Rows of the measurement of imports.
    #[arg(long, default_value_t = 1_000_000)]
    rows: usize,
    /// Seconds for which the latency of messages is measured.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Members of the large community.
    #[arg(long, default_value_t = 1_000_000)]
    members: usize,
    /// Events of the measurement of the behaviour engine.
    #[arg(long, default_value_t = 50_000_000)]
    history: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Durable ingest through `/v1/batch`.
    Ingest,
    /// A file of members.
    Imports,
    /// Segments and journeys, live.
    Pipeline,
    /// A large community.
    People,
    /// Members who wait in journeys, and a storm of them.
    Journeys,
    /// Personalised mail from the outbox.
    Mail,
    /// From event to mail.
    Latency,
    /// Memory at rest, and the time to start.
    Rest,
    /// Questions about members' histories.
    Behaviour,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime.block_on(run(&cli)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(figures) => {
            figures.print();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("hearth-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> anyhow::Result<Figures> {
    let clock = SystemClock::start();
    let wanted = |what| cli.what.is_empty() || cli.what.contains(&what);
    let mut figures = Figures::default();
    if wanted(What::Ingest) || wanted(What::Pipeline) {
        let lines = load::lines(cli.events, clock.now());
        if wanted(What::Ingest) {
            ingest::measure(&lines, &mut figures).await?;
        }
        if wanted(What::Pipeline) {
            for database in Database::all() {
                pipeline::measure(&lines, database, &mut figures).await?;
            }
        }
    }
    if wanted(What::People) {
        people::measure(cli.members, Database::Sqlite, &mut figures).await?;
    }
    if wanted(What::Imports) {
        imports::measure(cli.rows, &mut figures).await?;
    }
    if wanted(What::Journeys) {
        for database in Database::all() {
            journeys::measure(database, &mut figures).await?;
        }
    }
    if wanted(What::Mail) {
        for database in Database::all() {
            mail::measure(database, &mut figures).await?;
        }
    }
    if wanted(What::Latency) {
        for database in Database::all() {
            latency::measure(cli.seconds, database, &mut figures).await?;
        }
    }
    if wanted(What::Rest) {
        rest::measure(&mut figures).await?;
    }
    if wanted(What::Behaviour) {
        behaviour::measure(cli.history, cli.members as i64, clock.as_ref(), &mut figures)?;
    }
    Ok(figures)
}
