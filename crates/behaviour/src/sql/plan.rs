//! Kernels as operators of DataFusion: each is one node above a scan of the files, takes in the events of one bucket of members
//! from each partition of its input, and gives partial answers that add up. Whoever plans over several machines sends each
//! of them some buckets and adds up what comes back; no partition is answered twice, since the node reads nothing by itself.
//!
//! What lies over the files, waiting events and who is one with whom, is not in it: it answers for what the files say.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, atomic::AtomicBool},
};

use arrow::{
    array::{Array, AsArray, Int64Array, RecordBatch},
    compute::cast,
    datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimestampMillisecondType},
};
use async_trait::async_trait;
use base::rule::Comparison;
use datafusion::{
    catalog::Session,
    common::{DataFusionError, tree_node::TreeNodeRecursion},
    datasource::{
        TableProvider, TableType,
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
    },
    execution::{SendableRecordBatchStream, TaskContext, object_store::ObjectStoreUrl},
    logical_expr::Expr,
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
        execution_plan::{Boundedness, EmissionType},
        projection::ProjectionExec,
        stream::RecordBatchStreamAdapter,
    },
};
use futures::{StreamExt, TryStreamExt};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::events::objects;
use crate::{
    columns::{BUCKETS, Columns},
    error::Error,
    history::History,
    hot::{Hot, Memory},
    kernels::{
        funnel::{Exclusion, Funnel, Mode},
        retention::{Back, Cohorts, Retention},
        trend::Trend,
    },
    overlay::Overlay,
    part::{PROPERTY, schema},
    periods::{Periods, Unit},
    rows::{Row, Rows},
    scan::{Facets, Kernel, Layer, scan},
    selection::{Selection, Steps, Tests},
    standing::Standing,
};

/// A question that can be sent: which events it looks at, and what it asks of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelSpec {
    /// The first moment, in milliseconds since 1970.
    pub from: i64,
    /// The moment before which all are.
    pub to: i64,
    /// Which steps events can be, by their names.
    pub names: BTreeMap<String, Steps>,
    /// Which steps any other event can be.
    pub any: Steps,
    /// What events of some steps have to pass: a list of `{"property", "op", "value"}`.
    pub tests: Vec<(Steps, Value)>,
    /// What is asked.
    pub kernel: KernelKind,
}

/// What is asked of histories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KernelKind {
    /// How many members reach each step: rows (step, 0).
    Funnel {
        /// How many steps there are.
        steps: usize,
        /// The longest time from the first, in milliseconds.
        window: i64,
        /// In which order.
        mode: Mode,
        /// What must not happen between.
        exclusions: Vec<Exclusion>,
    },
    /// Who comes back: rows (cohort, periods after it), and (cohort, -1) for how many began.
    Retention {
        /// The periods.
        periods: PeriodsSpec,
        /// How many of them have a cohort.
        beginning: usize,
        /// Events from this moment on begin nothing.
        until: i64,
        /// How many periods each cohort is followed.
        followed: usize,
        /// Into which cohorts members are put.
        cohorts: Cohorts,
        /// What counts as coming back.
        back: Back,
    },
    /// How much happens: rows (period, 0) for events and (period, 1) for members; the last period is all of them.
    Trend {
        /// The periods.
        periods: PeriodsSpec,
    },
}

/// Periods that can be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeriodsSpec {
    /// The first moment, in milliseconds since 1970.
    pub from: i64,
    /// The moment before which all are.
    pub to: i64,
    /// How long they are.
    pub unit: Unit,
    /// Name of the time zone.
    pub zone: String,
    /// No more than so many.
    pub most: usize,
}

impl PeriodsSpec {
    fn periods(&self) -> Result<Periods, DataFusionError> {
        let zone = TimeZone::get(&self.zone).map_err(|error| DataFusionError::Plan(error.to_string()))?;
        Ok(Periods::between(self.from, self.to, self.unit, &zone, self.most))
    }
}

/// A partial answer: numbers by two coordinates.
type Partial = Vec<(i64, i64, i64)>;

impl KernelSpec {
    fn tests(&self) -> Result<Vec<Tests>, DataFusionError> {
        let test = |(steps, comparisons): &(Steps, Value)| {
            let comparisons = Comparison::parse_list(Some(comparisons), "tests");
            let comparisons = comparisons.map_err(|problem| DataFusionError::Plan(problem.to_string()))?;
            Ok(Tests { steps: *steps, comparisons })
        };
        self.tests.iter().map(test).collect()
    }

    /// Answers from the events of one bucket.
    fn answer(&self, rows: Rows) -> Result<Partial, DataFusionError> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        match &self.kernel {
            KernelKind::Funnel { steps, window, mode, exclusions } => {
                let kernel = Funnel {
                    steps: *steps,
                    window: *window,
                    mode: *mode,
                    exclusions: exclusions.clone(),
                    ..Funnel::default()
                };
                let reached = self.ask(rows, &kernel)?;
                Ok((0..).zip(reached.members).map(|(step, members)| (step, 0, number(members))).collect())
            }
            KernelKind::Retention { periods, beginning, until, followed, cohorts, back } => {
                let kernel = Retention {
                    periods: periods.periods()?,
                    beginning: *beginning,
                    until: *until,
                    followed: *followed,
                    cohorts: *cohorts,
                    back: *back,
                    groups: 0,
                };
                let retained = self.ask(rows, &kernel)?;
                let mut partial = Partial::new();
                for ((cohort, size), returned) in (0..).zip(retained.sizes).zip(retained.returned) {
                    partial.push((cohort, -1, number(size)));
                    partial.extend((0..).zip(returned).map(|(after, members)| (cohort, after, number(members))));
                }
                Ok(partial)
            }
            KernelKind::Trend { periods } => {
                let told = self.ask(rows, &Trend::of_counts(periods.periods()?))?;
                let cells = (0..).zip(told.groups.into_iter().next().unwrap_or_default());
                Ok(cells
                    .flat_map(|(period, cell)| [(period, 0, number(cell.events)), (period, 1, number(cell.members))])
                    .collect())
            }
        }
    }

    fn ask<K: Kernel>(&self, rows: Rows, kernel: &K) -> Result<K::Partial, DataFusionError> {
        let external = |error: Error| DataFusionError::External(Box::new(error));
        let memory = Memory::new(0);
        let hot = Hot::new(&memory);
        let gathered = Overlay::of_waiting(&[Arc::new(rows)], &Standing::default());
        let steps_of = |name: &str| self.names.get(name).copied().unwrap_or_default() | self.any;
        let selection = Selection { tests: self.tests()?, ..Selection::of_names(self.from, self.to, &steps_of) };
        let mut partial = kernel.nothing();
        for bucket in 0..BUCKETS {
            let layers: Vec<Layer<'_>> = gathered
                .chunks(bucket)
                .iter()
                .map(|gathered| Layer {
                    chunk: &gathered.chunk,
                    left_out: &[],
                    facets: Facets::Gathered(&hot, gathered),
                })
                .collect();
            let mut take = |member: i64, history: &History<'_>| kernel.member(member, history, &mut partial);
            scan(&layers, None, &selection, &AtomicBool::new(false), &mut take).map_err(external)?;
        }
        Ok(partial)
    }

    /// Whether events are told apart by what they say.
    fn needs_properties(&self) -> bool {
        !self.tests.is_empty()
    }
}

fn answer_schema() -> SchemaRef {
    let number = |name: &str| Field::new(name, DataType::Int64, false);
    Arc::new(Schema::new(vec![number("a"), number("b"), number("value")]))
}

/// The partial answers to a question, one row for each number and bucket: their sums are the answer.
#[derive(Debug)]
pub struct KernelTable {
    spec: Arc<KernelSpec>,
    files: SchemaRef,
    groups: Vec<FileGroup>,
    schema: SchemaRef,
}

impl KernelTable {
    /// Over the files of these columns, which have to stay as long as it is asked: one group of files for each bucket.
    pub fn new(spec: KernelSpec, columns: &Columns) -> KernelTable {
        let version = columns.manifest();
        let mut buckets: BTreeMap<u32, Vec<PartitionedFile>> = BTreeMap::new();
        for part in &version.parts {
            let path = part.path(columns.directory());
            let path = std::path::absolute(&path).unwrap_or(path);
            let file = PartitionedFile::new(path.to_string_lossy(), part.bytes);
            buckets.entry(part.bucket).or_default().push(file);
        }
        KernelTable {
            spec: Arc::new(spec),
            files: schema(&version.catalogue),
            groups: buckets.into_values().map(FileGroup::new).collect(),
            schema: answer_schema(),
        }
    }
}

#[async_trait]
impl TableProvider for KernelTable {
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
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let is_wanted = |field: &Field| match field.name().as_str() {
            "member" | "time" | "event" | "identity" | "name" => true,
            name => self.spec.needs_properties() && (name.starts_with(PROPERTY) || name == "rest"),
        };
        let fields = self.files.fields().iter().enumerate();
        let wanted: Vec<usize> = fields.filter(|(_, field)| is_wanted(field)).map(|(place, _)| place).collect();
        let source = Arc::new(ParquetSource::new(self.files.clone()));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(self.groups.clone())
            // Else partitions that are done take over files of others, and a member's events would come to several.
            .with_preserve_order(true)
            .with_projection_indices(Some(wanted))?
            .build();
        let kernel: Arc<dyn ExecutionPlan> =
            Arc::new(KernelExec::new(self.spec.clone(), DataSourceExec::from_data_source(config)));
        let Some(projection) = projection else { return Ok(kernel) };
        let columns = projection.iter().map(|place| {
            let name = self.schema.field(*place).name();
            let column: Arc<dyn PhysicalExpr> =
                Arc::new(datafusion::physical_expr::expressions::Column::new(name, *place));
            (column, name.clone())
        });
        Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), kernel)?))
    }
}

/// A kernel above a scan, each partition of which has all events of some members and of nobody else.
#[derive(Debug)]
pub struct KernelExec {
    spec: Arc<KernelSpec>,
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl KernelExec {
    /// Asks this of the events that come from there.
    pub fn new(spec: Arc<KernelSpec>, input: Arc<dyn ExecutionPlan>) -> KernelExec {
        let partitions = input.properties().partitioning.partition_count();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(answer_schema()),
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        KernelExec { spec, input, properties: Arc::new(properties) }
    }

    /// What it asks, to be sent with the plan.
    pub fn spec(&self) -> &KernelSpec {
        &self.spec
    }
}

impl DisplayAs for KernelExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KernelExec")
    }
}

impl ExecutionPlan for KernelExec {
    fn name(&self) -> &str {
        "KernelExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    /// A bucket must not be divided: a member's events have to come together.
    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion, DataFusionError>,
    ) -> Result<TreeNodeRecursion, DataFusionError> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let [input] = children.as_slice() else {
            return Err(DataFusionError::Internal("a kernel has one input".to_owned()));
        };
        Ok(Arc::new(KernelExec::new(self.spec.clone(), input.clone())))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream, DataFusionError> {
        let (spec, input) = (self.spec.clone(), self.input.execute(partition, context)?);
        let answered = async move {
            let rows = input
                .try_fold(Rows::default(), |mut rows, batch| async move {
                    take(&batch, &mut rows)?;
                    Ok(rows)
                })
                .await?;
            let partial = spec.answer(rows)?;
            let column =
                |pick: fn(&(i64, i64, i64)) -> i64| Arc::new(Int64Array::from_iter_values(partial.iter().map(pick)));
            let columns: [Arc<Int64Array>; 3] = [column(|row| row.0), column(|row| row.1), column(|row| row.2)];
            let columns = columns.into_iter().map(|column| column as Arc<dyn Array>).collect();
            Ok(RecordBatch::try_new(answer_schema(), columns)?)
        };
        let stream = futures::stream::once(answered).boxed();
        Ok(Box::pin(RecordBatchStreamAdapter::new(answer_schema(), stream)))
    }
}

/// Takes the events of a batch in.
fn take(batch: &RecordBatch, rows: &mut Rows) -> Result<(), DataFusionError> {
    let missing = |name: &str| DataFusionError::Execution(format!("there is no column {name}"));
    let column = |name: &str| batch.column_by_name(name).ok_or_else(|| missing(name));
    let integers = |name: &str| -> Result<&Int64Array, DataFusionError> {
        column(name)?.as_primitive_opt::<Int64Type>().ok_or_else(|| missing(name))
    };
    let (owners, ids, identities) = (integers("member")?, integers("event")?, integers("identity")?);
    let times = column("time")?.as_primitive_opt::<TimestampMillisecondType>().ok_or_else(|| missing("time"))?;
    let names = cast(column("name")?, &DataType::Utf8)?;
    let names = names.as_string::<i32>();
    let said = batch.column_by_name("rest").map(|_| objects(batch)).transpose()?;
    for place in 0..batch.num_rows() {
        rows.push(Row {
            owner: owners.value(place),
            time: times.value(place),
            id: ids.value(place),
            identity: identities.value(place),
            name: names.value(place),
            properties: said.as_ref().map_or("{}", |said| said.as_string::<i32>().value(place)),
        });
    }
    Ok(())
}
