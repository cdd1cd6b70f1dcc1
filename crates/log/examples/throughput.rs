//! Measures concurrent appends and reading back, on the real disk.
//!
//! `cargo run --release -p hearth-log --example throughput -- [DIR] [MILLION_RECORDS] [CALLERS] [PARTITIONS]`

#![allow(clippy::print_stdout, reason = "it prints its measurements")]
#![allow(clippy::disallowed_methods, reason = "it measures real time")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hearth_log::{EventLog, LocalLog, LocalLogOptions, LogError, NewRecord};

const BATCH: usize = 1_000;
const PAYLOAD: usize = 300;

#[tokio::main]
async fn main() -> Result<(), LogError> {
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let mut number = |default: usize| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (millions, callers, partitions) = (number(3), number(16), number(4) as u32);
    let dir = dir.join(format!("hearth-log-throughput-{}", std::process::id()));
    let options = LocalLogOptions { partitions, ..LocalLogOptions::default() };
    let (log, _) = LocalLog::open(&dir, options.clone())?;
    let log = Arc::new(log);

    let lone = 200;
    let started = Instant::now();
    for _ in 0..lone {
        log.append(vec![NewRecord { partition: 0, payload: Bytes::from(vec![b'x'; PAYLOAD]) }]).await?;
    }
    println!("lone append: {:.2} ms", started.elapsed().as_secs_f64() * 1e3 / f64::from(lone));

    let rounds = millions * 1_000_000 / BATCH / callers;
    let started = Instant::now();
    let mut tasks = Vec::new();
    for caller in 0..callers {
        let log = Arc::clone(&log);
        tasks.push(tokio::spawn(async move {
            for round in 0..rounds {
                let record = |n: usize| NewRecord {
                    partition: ((caller + n) % partitions as usize) as u32,
                    payload: Bytes::from(vec![b'a' + ((round + n) % 26) as u8; PAYLOAD]),
                };
                log.append((0..BATCH).map(record).collect()).await?;
            }
            Ok::<(), LogError>(())
        }));
    }
    for task in tasks {
        task.await.map_err(|error| LogError::Io(std::io::Error::other(error)))??;
    }
    let seconds = started.elapsed().as_secs_f64();
    let records = (rounds * BATCH * callers) as f64;
    let commits = *log.subscribe().borrow() - u64::from(lone as u32);
    println!(
        "appended {records} records of {PAYLOAD} bytes by {callers} callers in {seconds:.2} s: {:.0} records/s, {commits} commits",
        records / seconds
    );

    let started = Instant::now();
    let mut read = 0_u64;
    for partition in 0..partitions {
        let mut next = 0;
        loop {
            let batch = log.read(partition, next, 10_000, 1 << 20).await?;
            let Some(last) = batch.last() else { break };
            next = last.offset + 1;
            read += batch.len() as u64;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("read {read} records in {seconds:.2} s: {:.0} records/s", read as f64 / seconds);
    drop(log);

    let started = Instant::now();
    let (log, _) = LocalLog::open(&dir, options)?;
    println!("reopened in {:.0} ms", started.elapsed().as_secs_f64() * 1e3);
    drop(log);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}
