//! THE list: stages, channels, features and jobs, and how they are put together.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use anyhow::Context;
use api::LiveTopic;
use axum::Router;
use base::{Clock, IdSource};
use channels::{ChannelKind, Registry, email::EmailKind, guard::Guard, webhook::WebhookKind};
use insight::{HistoriesSection, Insight, Keeper};
use log::{EventLog, LocalLog, LocalLogOptions};
use outreach::{
    Outreach,
    email::{ChannelDays, Mailboxes},
    journeys::{ChangeJob, EnterJob, JourneyStage, SimulateJob},
    outbox::Outbox,
    topics::OptInStage,
};
use people::{
    PeopleState,
    commands::Commands,
    consent::ConsentStage,
    groups::GroupStage,
    histories::Histories,
    identity::IdentifyStage,
    members::{Columns, ProfileStage, Room},
    pipeline::{Emitter, Progress, Runner, RunnerOptions, RunnerWakes, Stage},
    privacy::{EraseJob, Eraser, LogKept, Marks, MemberSection, PrivacyState, Register, RetentionJob},
    segments::SegmentStage,
    tags::{BulkTagJob, TagStage},
};
use server::{
    KeyCache, RouterParts,
    ingest::{
        IngestState, Meter, RateLimit, RateLimiter,
        imports::{self, ImportsState, job::ImportJob, preview::PreviewJob},
    },
};
use store::{
    Db, Key, Secrets, SystemClock,
    jobs::{JobHandler, JobRunner},
};
use tokio::sync::watch;
use utoipa::openapi::OpenApi;

use crate::{
    config::{Config, KEY_FILE},
    health::HouseHealth,
    import_section::ImportsSection,
    live::PipelineTopic,
    private,
};

/// The stages of the pipeline, in their order.
pub fn stages() -> Vec<Box<dyn Stage>> {
    vec![
        Box::new(IdentifyStage),
        Box::new(ProfileStage),
        Box::new(ConsentStage::default()),
        Box::new(GroupStage::default()),
        Box::new(TagStage),
        Box::new(SegmentStage::default()),
        Box::new(OptInStage::default()),
        Box::new(JourneyStage::default()),
    ]
}

/// The kinds of channels.
fn channel_kinds(db: &Db, clock: &Arc<dyn Clock>, guard: &Guard) -> anyhow::Result<Vec<Arc<dyn ChannelKind>>> {
    let counts = Arc::new(ChannelDays::new(db.clone(), clock.clone()));
    Ok(vec![
        Arc::new(EmailKind::new(clock.clone(), guard.clone()).counting(counts)),
        Arc::new(WebhookKind::new(clock.clone(), guard.clone())?),
    ])
}

/// What pages may watch.
fn live_topics(db: &Db, outreach: &Arc<Outreach>, health: &Arc<HouseHealth>) -> Vec<Arc<dyn LiveTopic>> {
    let mut topics = people::live::topics(db);
    topics.extend(outreach::live::topics(outreach));
    topics.push(Arc::new(PipelineTopic(health.clone())));
    topics
}

/// The kinds of jobs.
fn job_handlers(
    house: &Foundation,
    progress: &Progress,
    imports: &Arc<ImportsState>,
    eraser: &Arc<Eraser>,
    wakes: &RunnerWakes,
    outreach: &Arc<Outreach>,
    insight: &Arc<Insight>,
) -> Vec<Arc<dyn JobHandler>> {
    let Ground { clock, ids, db, .. } = &house.ground;
    let commands = Commands::new(house.log.clone(), clock.clone(), ids.clone(), progress.clone());
    vec![
        Arc::new(ImportJob::new(imports.clone())),
        Arc::new(PreviewJob::new(imports.clone())),
        Arc::new(BulkTagJob::new(db.clone(), commands.clone())),
        Arc::new(EnterJob::new(db.clone(), commands)),
        Arc::new(EraseJob {
            db: db.clone(),
            log: house.log.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            eraser: eraser.clone(),
            register: Arc::new(house.ground.register()),
        }),
        Arc::new(RetentionJob {
            db: db.clone(),
            clock: clock.clone(),
            wake: wakes.rules.clone(),
            keepers: vec![Arc::new(HistoriesSection { insight: insight.clone() })],
        }),
        Arc::new(ChangeJob::new(outreach.clone())),
    ]
}

/// All who keep something about members: how that is shown to them, and how it is erased.
fn member_sections(ground: &Ground) -> Vec<Arc<dyn MemberSection>> {
    let Ground { config, clock, ids, db, secrets } = ground;
    let mut sections = people::privacy::sections();
    sections.extend(outreach::privacy::sections());
    sections.extend(server::privacy::sections(db, clock, ids, secrets));
    sections.push(Arc::new(ImportsSection { clock: clock.clone(), dir: config.data.join("imports") }));
    sections
}

/// What stands before anything runs: time, ids, database, secrets.
pub struct Ground {
    /// The configuration.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: IdSource,
    /// State.
    pub db: Db,
    /// Secrets at rest.
    pub secrets: Secrets,
}

impl Ground {
    /// Opens the data directory, making it when it does not exist. Several processes may do so.
    pub async fn open(config: Config) -> anyhow::Result<Ground> {
        Ground::open_at(config, SystemClock::start()).await
    }

    /// The same, with another time than the machine's.
    pub async fn open_at(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Ground> {
        let data = &config.data;
        private::make_dir(data).with_context(|| format!("cannot make {}", data.display()))?;
        let ids = IdSource::from_entropy(clock.clone());
        let key = Key::load_or_create(&data.join(KEY_FILE), &ids)?;
        let db = Db::open(config.database_url.as_deref(), data).await.context("cannot open the database")?;
        Ok(Ground { secrets: Secrets::new(key, ids.clone()), config, clock, ids, db })
    }
}

impl Ground {
    /// Makes the marks of those who were erased.
    pub fn marks(&self) -> Marks {
        Marks::of_installation(self.secrets.key())
    }

    /// The register of erasures in the data directory.
    pub fn register(&self) -> Register {
        Register::in_dir(&self.config.data, self.marks().of_key())
    }

    /// What outreach works with.
    pub fn outreach(&self) -> anyhow::Result<Arc<Outreach>> {
        let Ground { config, clock, ids, db, secrets } = self;
        let guard = Guard::new(&config.outbound.allow)?;
        let registry = Registry::new(channel_kinds(db, clock, &guard)?);
        let settings = outreach::Settings {
            stale_after: Duration::from_secs(config.outbound.stale_hours * 3_600),
            scanner_window: Duration::from_secs(config.outbound.scanner_seconds),
            gathering: GATHERING,
            guard,
            ..outreach::Settings::new(&config.server.base_url())
        };
        Ok(Outreach::new(db.clone(), clock.clone(), ids.clone(), secrets.clone(), registry, settings))
    }

    /// Carries out erasures.
    pub fn eraser(&self) -> Arc<Eraser> {
        Arc::new(Eraser { sections: member_sections(self), marks: self.marks() })
    }
}

/// The ground and the log, which one process has for itself.
pub struct Foundation {
    /// What it stands on.
    pub ground: Ground,
    /// The event log.
    pub log: Arc<dyn EventLog>,
}

impl Foundation {
    /// Opens the log. Fails with [`log::LogError::Locked`] when another process has it.
    pub fn open(ground: Ground) -> anyhow::Result<Foundation> {
        let clock = ground.clock.clone();
        let options = LocalLogOptions {
            partitions: ground.config.log.partitions,
            max_age: Some(Duration::from_secs(ground.config.log.keep_days * 86_400)),
            max_bytes: Some(ground.config.log.keep_megabytes << 20),
            now_ms: Arc::new(move || clock.now().millis()),
            ..LocalLogOptions::default()
        };
        let dir = ground.config.data.join("log");
        private::make_dir(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let (log, report) = LocalLog::open(&dir, options)?;
        for torn in &report.torn {
            tracing::warn!(?torn, "a torn tail of the log was cut; it had not been acknowledged");
        }
        Ok(Foundation { ground, log: Arc::new(log) })
    }
}

/// Everything that runs.
pub struct House {
    /// Ground and log.
    pub foundation: Foundation,
    /// All routes.
    pub router: Router,
    /// Told before the server stops.
    pub close: watch::Sender<bool>,
    /// What OpenAPI says about them.
    pub document: OpenApi,
    /// How far the pipeline is.
    pub progress: Progress,
    /// Set while ingest is to refuse.
    pub pressure: Arc<AtomicBool>,
    /// The keys of this process.
    pub keys: Arc<KeyCache>,
    /// The pipeline, until somebody runs it.
    pub runner: Runner,
    /// Sends what is queued.
    pub outbox: Arc<Outbox>,
    /// Reads the mailboxes in which bounces arrive.
    pub mailboxes: Mailboxes,
    /// Appends what was emitted.
    pub emitter: Emitter,
    /// Runs jobs.
    pub jobs: JobRunner,
    /// Run simulations of journeys, beside all other jobs: somebody waits for them.
    pub simulators: Vec<JobRunner>,
    /// For what was asked for before the start.
    pub privacy: Arc<PrivacyState>,
    /// Uploaded files.
    pub imports: Arc<ImportsState>,
    /// Follows the pipeline with histories.
    pub keeper: Keeper,
}

impl House {
    /// Puts everything together; nothing runs yet.
    pub async fn build(foundation: Foundation) -> anyhow::Result<House> {
        let Ground { config, clock, ids, db, secrets } = &foundation.ground;
        let log = foundation.log.clone();
        let outreach = foundation.ground.outreach()?;
        let wakes = RunnerWakes {
            rules: outreach.rules_changed.clone(),
            emitted: outreach.emitted.clone(),
            outbox: outreach.wake.clone(),
        };
        let defaults = RunnerOptions::default();
        let room = Room { packed_bytes: config.pipeline.members_megabytes << 20, ..defaults.room };
        let options = RunnerOptions { batch_events: config.pipeline.batch_events, room, ..defaults };
        let runner =
            Runner::new(db.clone(), log.clone(), clock.clone(), ids.clone(), stages(), options, wakes.clone()).await?;
        let progress = runner.progress();
        let histories = Histories { db: db.clone(), log: log.clone(), progress: progress.clone() };
        let behaviour = config.data.join("behaviour");
        private::make_dir(&behaviour)?;
        let memory = config.insight.memory_bytes();
        let columns: Arc<Columns> = Arc::default();
        let place = (behaviour, memory);
        let views = people::views::VIEWS.iter().chain(outreach::views::VIEWS).collect();
        let insight = Insight::new(db.clone(), clock.clone(), ids.clone(), columns.clone(), histories, views, place)?;
        columns.ask_events_of(insight.everybody());
        let mut sections = member_sections(&foundation.ground);
        sections.push(Arc::new(HistoriesSection { insight: insight.clone() }));
        let eraser = Arc::new(Eraser { sections, marks: foundation.ground.marks() });
        let runner = runner.with_eraser(eraser.clone()).with_columns(columns.clone());
        let pressure = Arc::new(AtomicBool::new(false));
        let keys = Arc::new(KeyCache::new(db.clone(), clock.clone()));
        let commands = Commands::new(log.clone(), clock.clone(), ids.clone(), progress.clone());
        let people = Arc::new(PeopleState {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            commands: commands.clone(),
            rules_changed: wakes.rules.clone(),
            rule_users: vec![
                Arc::new(outreach::journeys::JourneysUseRules),
                Arc::new(outreach::templates::TemplatesUseRules),
            ],
            columns,
            timeline: vec![outreach::journeys::TIMELINE],
        });
        let privacy = Arc::new(PrivacyState {
            people: people.clone(),
            sections: Arc::new(eraser.sections.clone()),
            log_kept: LogKept { days: config.log.keep_days, megabytes: config.log.keep_megabytes },
        });
        let meter: Arc<Meter> = Arc::default();
        let ingest = Arc::new(IngestState {
            db: db.clone(),
            log: log.clone(),
            write_keys: keys.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            pressure: pressure.clone(),
            limiter: RateLimiter::new(RateLimit {
                events_per_second: config.ingest.events_per_second,
                burst: config.ingest.burst,
            }),
            letters: RateLimiter::new(RateLimit::LETTERS),
            meter: meter.clone(),
        });
        let imports = Arc::new(ImportsState {
            db: db.clone(),
            log: log.clone(),
            progress: progress.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            // Jobs name files by their whole paths, since the command line has another current directory.
            dir: std::path::absolute(config.data.join("imports"))?,
            limits: config.imports.limits(),
        });
        let metrics = metrics_handle()?;
        let health = HouseHealth::new(db.clone(), log.clone(), clock.clone(), progress.clone())
            .reading(meter, pressure.clone())
            .in_dir(config.data.clone(), config.log.keep_days);
        let health = Arc::new(health);
        let close = watch::Sender::new(false);
        let (router, document) = server::build_router(RouterParts {
            app: web::ASSETS,
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            secrets: secrets.clone(),
            config: config.server.clone(),
            keys: keys.clone(),
            rules_changed: wakes.rules.clone(),
            api: vec![
                people::routes(people.clone()),
                people::privacy::routes(privacy.clone()),
                outreach::api_routes(outreach.clone()),
                outreach::journeys::routes(outreach.clone()),
                outreach::journeys::command_routes(outreach.clone(), commands),
                insight::routes(insight.clone(), people),
                server::ingest::api_routes(ingest.clone()),
                imports::routes(imports.clone()),
            ],
            public: vec![server::ingest::public_routes(ingest), outreach::public_routes(outreach.clone())],
            topics: live_topics(db, &outreach, &health),
            health,
            metrics: Arc::new(move || metrics.render()),
            closing: close.subscribe(),
        });
        let jobs = JobRunner::new(
            db.clone(),
            clock.clone(),
            ids.clone(),
            job_handlers(&foundation, &progress, &imports, &eraser, &wakes, &outreach, &insight),
        )
        .leaving(&[SimulateJob::KIND]);
        let simulator = || {
            let job = SimulateJob::new(outreach.clone(), stages).with_histories(insight.everybody());
            let handler: Arc<dyn JobHandler> = Arc::new(job);
            JobRunner::new(db.clone(), clock.clone(), ids.clone(), vec![handler]).only_its_kinds()
        };
        let simulators = (0..SIMULATORS).map(|_| simulator()).collect();
        Ok(House {
            emitter: Emitter::new(db.clone(), log, clock.clone(), outreach.emitted.clone()),
            mailboxes: Mailboxes::new(outreach.clone()),
            outbox: Outbox::new(outreach),
            foundation,
            router,
            close,
            document,
            progress,
            pressure,
            keys,
            runner,
            jobs,
            simulators,
            privacy,
            imports,
            keeper: Keeper::new(insight),
        })
    }
}

/// Simulations that may run at the same time.
const SIMULATORS: usize = 2;
/// How long messages may gather for a transaction of the outbox.
const GATHERING: Duration = Duration::from_millis(20);

/// One recorder per process.
fn metrics_handle() -> anyhow::Result<metrics_exporter_prometheus::PrometheusHandle> {
    use std::sync::OnceLock;
    static HANDLE: OnceLock<metrics_exporter_prometheus::PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let handle = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
    Ok(HANDLE.get_or_init(|| handle).clone())
}

/// The OpenAPI document of all routes, made from an empty house in memory of the file system's
/// temporary directory.
pub async fn openapi() -> anyhow::Result<String> {
    let clock = SystemClock::start();
    let ids = IdSource::from_entropy(clock.clone());
    let dir = std::env::temp_dir().join(format!("hearth-openapi-{}", ids.next_number()));
    let outcome = async {
        let config = Config { data: dir.clone(), ..Config::default() };
        let house = House::build(Foundation::open(Ground::open(config).await?)?).await?;
        Ok(server::openapi_text(&house.document)?)
    }
    .await;
    std::fs::remove_dir_all(&dir)?;
    outcome
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn schemes_named_in(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                let security = object.get("security").and_then(Value::as_array).into_iter().flatten();
                found.extend(security.filter_map(Value::as_object).flat_map(|scheme| scheme.keys().cloned()));
                object.values().for_each(|value| schemes_named_in(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| schemes_named_in(value, found)),
            _ => {}
        }
    }

    #[derive(store::FromQueryResult)]
    struct Column {
        table_name: String,
        column_name: String,
    }

    /// Whether a column names a member, or something that is a member's.
    fn is_about_members(column: &str) -> bool {
        column.ends_with("member_id")
            || column.ends_with("identity_id")
            || matches!(column, "delivery_id" | "run_id" | "address" | "traits_json" | "one_id" | "other_id")
    }

    #[tokio::test]
    async fn for_every_table_about_members_somebody_says_how_it_is_shown_and_erased() {
        use store::Sql;

        let dir = tempfile::tempdir().unwrap();
        let config = Config { data: dir.path().to_owned(), ..Config::default() };
        let ground = Ground::open(config).await.unwrap();
        let columns: Vec<Column> = ground
            .db
            .read()
            .all(
                "SELECT t.name AS table_name, c.name AS column_name FROM sqlite_master t JOIN pragma_table_info(t.name) c
                 WHERE t.type = 'table'",
                Vec::new(),
            )
            .await
            .unwrap();
        let tables: BTreeSet<&str> = columns.iter().map(|column| column.table_name.as_str()).collect();
        let sections = member_sections(&ground);
        let claimed: Vec<&str> = sections.iter().flat_map(|section| section.tables()).copied().collect();
        for column in columns.iter().filter(|column| is_about_members(&column.column_name)) {
            let claims = claimed.iter().filter(|table| **table == column.table_name).count();
            assert_eq!(claims, 1, "{}.{}: a MemberSection must answer for it", column.table_name, column.column_name);
        }
        for table in claimed {
            assert!(tables.contains(table), "{table} is claimed and does not exist");
        }
        let parts: Vec<&str> = sections.iter().flat_map(|section| section.parts()).map(|part| part.name).collect();
        let names: BTreeSet<&&str> = parts.iter().collect();
        assert_eq!(names.len(), parts.len(), "two parts of the export have one name: {parts:?}");
    }

    #[tokio::test]
    async fn the_document_of_all_routes_explains_each_way_to_authenticate() {
        let document: Value = serde_json::from_str(&openapi().await.unwrap()).unwrap();
        let mut named = BTreeSet::new();
        schemes_named_in(&document, &mut named);
        assert!(named.contains("write_key") && named.contains("bearer"), "{named:?}");
        for scheme in named {
            assert!(document["components"]["securitySchemes"][&scheme].is_object(), "{scheme}");
        }
        for tag in document["tags"].as_array().unwrap() {
            let name = tag["name"].as_str().unwrap();
            assert_eq!(name, name.to_lowercase());
        }
    }

    #[tokio::test]
    async fn every_list_that_can_be_had_as_a_file_is_there_and_has_its_columns() {
        let document: Value = serde_json::from_str(&openapi().await.unwrap()).unwrap();
        assert_eq!(server::unknown_columns(&document), Vec::<String>::new());
    }
}
