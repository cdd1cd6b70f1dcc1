//! SQL over what is known of members: queries that only read, limited in time, memory and rows, and given up as soon as nobody
//! waits for the answer.
//!
//! A query sees the tables that it is handed and nothing else: no files, no settings, no other workspace. It runs on threads
//! of its own, so that a long one keeps nobody else waiting.

mod events;
mod functions;
mod pages;
pub mod plan;
mod values;

use std::{fmt, sync::Arc, time::Duration};

use arrow::datatypes::DataType;
use datafusion::{
    common::DataFusionError,
    datasource::TableProvider,
    execution::{
        SessionStateBuilder,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{GreedyMemoryPool, MemoryPool},
        runtime_env::RuntimeEnvBuilder,
    },
    prelude::{SQLOptions, SessionConfig, SessionContext},
};
use futures::StreamExt;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

pub use events::{EVENT_COLUMNS, property_columns};
pub use pages::{Cell, Column, ColumnKind, Page, PageSource};
use values::Reader;

use crate::{engine::Engine, error::Error};

/// Rows that are worked on at a time.
const BATCH: usize = 8_192;
/// Bytes of an answer.
const MOST_BYTES: usize = 32 << 20;
/// Functions that make much of little.
const LEFT_OUT: [&str; 3] = ["repeat", "lpad", "rpad"];

/// How far a query may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// So long it may take.
    pub time: Duration,
    /// So many bytes it may hold at once.
    pub memory: usize,
    /// So many rows are told.
    pub rows: usize,
}

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The columns: name and type.
    pub columns: Vec<(String, &'static str)>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
    /// Whether there are more.
    pub more: bool,
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// It cannot be read, or asks for something that is not there or not allowed; says where and what.
    #[error("{0}")]
    Refused(String),
    /// It would take more memory than it may, or its answer is too long.
    #[error("{0}")]
    TooLarge(String),
    /// It took too long.
    #[error("it took too long")]
    Late,
    /// What it asks for cannot be read.
    #[error("{0}")]
    Failed(String),
}

/// Runs queries.
pub struct Sql {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
}

impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sql")
    }
}

impl Sql {
    /// With so many threads of its own.
    pub fn new(threads: usize) -> std::io::Result<Sql> {
        let runtime = Builder::new_multi_thread().worker_threads(threads).thread_name("sql").enable_all().build()?;
        Ok(Sql { runtime: Some(runtime) })
    }

    /// Runs a query over the events of an engine and over other tables. It is given up when the future is dropped.
    pub async fn run(
        &self,
        engine: &Engine,
        tables: Vec<Arc<dyn PageSource>>,
        query: String,
        limits: Limits,
    ) -> Result<Answer, SqlError> {
        let Some(runtime) = &self.runtime else { return Err(SqlError::Late) };
        let mut providers: Vec<(String, Arc<dyn TableProvider>)> =
            vec![("events".to_owned(), Arc::new(events::Events::of(engine)))];
        for table in tables {
            providers.push((table.name().to_owned(), Arc::new(pages::Pages::of(table))));
        }
        let threads = engine.columns().threads();
        let work = async move { tokio::time::timeout(limits.time, answer(providers, threads, &query, limits)).await };
        let mut running = GivenUp(runtime.spawn(work));
        match (&mut running.0).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(SqlError::Late),
            Err(error) => Err(SqlError::Failed(error.to_string())),
        }
    }
}

impl Drop for Sql {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Ends a task with whoever waits for it.
struct GivenUp<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for GivenUp<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn answer(
    tables: Vec<(String, Arc<dyn TableProvider>)>,
    threads: usize,
    query: &str,
    limits: Limits,
) -> Result<Answer, SqlError> {
    let context = context(tables, threads, limits).map_err(explained)?;
    let plan = context.state().create_logical_plan(query).await.map_err(explained)?;
    let only_reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    only_reads
        .verify_plan(&plan)
        .map_err(|_| SqlError::Refused("a query only reads: begin with SELECT or WITH".to_owned()))?;
    let frame = context.execute_logical_plan(plan).await.map_err(explained)?;
    // One more than is told says whether there are more.
    let frame = frame.limit(0, Some(limits.rows + 1)).map_err(explained)?;
    let columns: Vec<(String, DataType)> =
        frame.schema().fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect();
    let mut batches = frame.execute_stream().await.map_err(explained)?;
    let told = columns.iter().map(|(name, kind)| (name.clone(), values::word(kind)));
    let mut answer = Answer { columns: told.collect(), ..Answer::default() };
    let mut bytes = 0;
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(explained)?;
        let readers: Vec<Reader> =
            batch.columns().iter().map(Reader::of).collect::<Result<_, _>>().map_err(explained)?;
        for place in 0..batch.num_rows() {
            if answer.rows.len() == limits.rows {
                answer.more = true;
                return Ok(answer);
            }
            let row: Vec<Value> = readers.iter().map(|reader| reader.value(place)).collect();
            bytes += row.iter().map(values::size).sum::<usize>();
            if bytes > MOST_BYTES {
                return Err(SqlError::TooLarge(
                    "the answer has more than 32 MB; ask for fewer rows or columns".to_owned(),
                ));
            }
            answer.rows.push(row);
        }
    }
    Ok(answer)
}

fn context(
    tables: Vec<(String, Arc<dyn TableProvider>)>,
    threads: usize,
    limits: Limits,
) -> Result<SessionContext, DataFusionError> {
    let mut config = SessionConfig::new().with_batch_size(BATCH).with_target_partitions(threads);
    config.options_mut().execution.enable_recursive_ctes = false;
    let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(limits.memory));
    let mut no_disk = DiskManagerBuilder::default();
    no_disk.set_mode(DiskManagerMode::Disabled);
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).with_disk_manager_builder(no_disk).build_arc()?;
    let state =
        SessionStateBuilder::new().with_config(config).with_runtime_env(runtime).with_default_features().build();
    let context = SessionContext::new_with_state(state);
    LEFT_OUT.iter().for_each(|name| context.deregister_udf(name));
    context.register_udf(functions::json_value());
    for (name, table) in tables {
        context.register_table(name.as_str(), table)?;
    }
    Ok(context)
}

/// What a query is told of an error: the sentence, without what only helps who builds this.
fn explained(error: DataFusionError) -> SqlError {
    let root = error.find_root();
    match root {
        DataFusionError::ResourcesExhausted(_) => {
            SqlError::TooLarge("the query needs more memory than it may have; narrow it down".to_owned())
        }
        DataFusionError::Internal(_) | DataFusionError::IoError(_) | DataFusionError::ParquetError(_) => {
            SqlError::Failed(root.strip_backtrace())
        }
        DataFusionError::External(inner) => match inner.downcast_ref::<Error>() {
            Some(error) => SqlError::Failed(error.to_string()),
            None => SqlError::Failed(inner.to_string()),
        },
        other => {
            let text = other.strip_backtrace();
            let text =
                ["SQL error: ", "Error during planning: ", "This feature is not implemented: ", "Schema error: "]
                    .iter()
                    .fold(text.as_str(), |text, prefix| text.strip_prefix(prefix).unwrap_or(text));
            let text = text.strip_prefix("ParserError(\"").and_then(|text| text.strip_suffix("\")")).unwrap_or(text);
            // The tables and their columns are told elsewhere.
            let text = text.split_once(". Valid fields are").map_or(text, |(said, _)| said);
            // Tables have no catalogue here.
            SqlError::Refused(text.replace("datafusion.public.", ""))
        }
    }
}

#[cfg(test)]
mod tests;
