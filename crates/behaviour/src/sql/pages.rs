//! Tables that are read page by page from somewhere else.

use std::{fmt, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, RecordBatch, RecordBatchOptions, StringBuilder,
        TimestampMillisecondBuilder,
    },
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
};
use async_trait::async_trait;
use datafusion::{
    catalog::Session,
    common::DataFusionError,
    datasource::{TableProvider, TableType},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::Expr,
    physical_plan::{
        ExecutionPlan,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: ColumnKind,
}

/// What values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Texts.
    Text,
    /// Whole numbers.
    Whole,
    /// Numbers.
    Number,
    /// True or false.
    Truth,
    /// Moments, in milliseconds since 1970.
    Moment,
}

impl ColumnKind {
    /// What it is called in an answer.
    pub fn word(self) -> &'static str {
        super::values::word(&self.data_type())
    }

    pub(super) fn data_type(self) -> DataType {
        match self {
            ColumnKind::Text => DataType::Utf8,
            ColumnKind::Whole => DataType::Int64,
            ColumnKind::Number => DataType::Float64,
            ColumnKind::Truth => DataType::Boolean,
            ColumnKind::Moment => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        }
    }
}

/// A value of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// None.
    Null,
    /// A text.
    Text(String),
    /// A whole number, or a moment in milliseconds since 1970.
    Whole(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Truth(bool),
}

/// Some rows of a table.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The rows, each with the columns that were wanted.
    pub rows: Vec<Vec<Cell>>,
    /// Where to go on; `None` at the end.
    pub next: Option<Vec<Cell>>,
}

/// A table that can be read page by page.
#[async_trait]
pub trait PageSource: fmt::Debug + Send + Sync + 'static {
    /// Its name in queries.
    fn name(&self) -> &str;

    /// Its columns.
    fn columns(&self) -> &[Column];

    /// The next page: these columns, behind that place; from the beginning on when there is none.
    async fn page(&self, columns: &[usize], after: Option<&[Cell]>) -> Result<Page, String>;
}

/// Such a table, as queries see it.
#[derive(Debug)]
pub(super) struct Pages {
    source: Arc<dyn PageSource>,
    schema: SchemaRef,
}

impl Pages {
    pub(super) fn of(source: Arc<dyn PageSource>) -> Pages {
        let field = |column: &Column| Field::new(&column.name, column.kind.data_type(), true);
        let schema = Schema::new(source.columns().iter().map(field).collect::<Vec<Field>>());
        Pages { source, schema: Arc::new(schema) }
    }
}

#[async_trait]
impl TableProvider for Pages {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let columns = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&columns)?);
        let reading = Reading { source: self.source.clone(), schema: schema.clone(), columns: columns.into() };
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![Arc::new(reading)], None, [], false, limit)?))
    }
}

#[derive(Debug)]
struct Reading {
    source: Arc<dyn PageSource>,
    schema: SchemaRef,
    columns: Arc<[usize]>,
}

impl PartitionStream for Reading {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (source, schema, columns) = (self.source.clone(), self.schema.clone(), self.columns.clone());
        let begun = Some(None);
        let batches = futures::stream::try_unfold(begun, move |place: Option<Option<Vec<Cell>>>| {
            let (source, schema, columns) = (source.clone(), schema.clone(), columns.clone());
            async move {
                let Some(after) = place else { return Ok(None) };
                let page = source.page(&columns, after.as_deref()).await;
                let page = page.map_err(|message| DataFusionError::External(message.into()))?;
                let batch = batch(&schema, &page.rows)?;
                Ok(Some((batch, page.next.map(Some))))
            }
        });
        Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), batches))
    }
}

fn batch(schema: &SchemaRef, rows: &[Vec<Cell>]) -> Result<RecordBatch, DataFusionError> {
    let columns = schema.fields().iter().enumerate().map(|(place, field)| {
        let cells = rows.iter().map(|row| row.get(place).unwrap_or(&Cell::Null));
        column(field.data_type(), cells)
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), columns.collect(), &options)?)
}

fn column<'c>(kind: &DataType, cells: impl Iterator<Item = &'c Cell>) -> ArrayRef {
    match kind {
        DataType::Int64 => {
            let mut values = Int64Builder::new();
            cells
                .for_each(|cell| values.append_option(if let Cell::Whole(value) = cell { Some(*value) } else { None }));
            Arc::new(values.finish())
        }
        DataType::Float64 => {
            let mut values = Float64Builder::new();
            cells.for_each(|cell| {
                values.append_option(if let Cell::Number(value) = cell { Some(*value) } else { None })
            });
            Arc::new(values.finish())
        }
        DataType::Boolean => {
            let mut values = BooleanBuilder::new();
            cells
                .for_each(|cell| values.append_option(if let Cell::Truth(value) = cell { Some(*value) } else { None }));
            Arc::new(values.finish())
        }
        DataType::Timestamp(..) => {
            let mut values = TimestampMillisecondBuilder::new();
            cells
                .for_each(|cell| values.append_option(if let Cell::Whole(value) = cell { Some(*value) } else { None }));
            Arc::new(values.finish().with_timezone("UTC"))
        }
        _ => {
            let mut values = StringBuilder::new();
            cells.for_each(|cell| values.append_option(if let Cell::Text(value) = cell { Some(value) } else { None }));
            Arc::new(values.finish())
        }
    }
}
