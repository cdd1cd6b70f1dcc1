//! Imports from upload to members: the routes, the jobs and a real pipeline, on a real database.

use std::{fs, sync::Arc};

use api::{Caller, Role};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use base::ids::ImportId;
use encoding_rs::GBK;
use people::{consent::ConsentStage, identity::IdentifyStage, members::ProfileStage, pipeline::Stage, tags::TagStage};
use store::jobs::{JobHandler, JobRunner};
use testing::{Bench, TestDatabase, on_every_database};
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;

use super::{
    super::{job::ImportJob, preview::PreviewJob, remove_older, routes, sweep},
    *,
};

/// A pipeline, imports over it, and a way in.
pub(super) struct House {
    pub(super) bench: Bench,
    state: Arc<ImportsState>,
    router: Router,
    jobs: Arc<JobRunner>,
}

fn stages() -> Vec<Box<dyn Stage>> {
    vec![Box::new(IdentifyStage), Box::new(ProfileStage), Box::new(ConsentStage::default()), Box::new(TagStage)]
}

impl House {
    pub(super) async fn on(database: &TestDatabase) -> House {
        House::with_limits(database, ImportLimits::default()).await
    }

    pub(super) async fn with_limits(database: &TestDatabase, limits: ImportLimits) -> House {
        let bench = database.bench(stages).await;
        let dir = database.dir().join(format!("imports-{}", bench.ids.next_number()));
        let state = Arc::new(ImportsState {
            db: bench.db.clone(),
            log: bench.log.clone(),
            progress: bench.progress(),
            clock: bench.clock.shared(),
            ids: bench.ids.clone(),
            dir,
            limits,
        });
        let (router, _) = OpenApiRouter::new().merge(routes(state.clone())).split_for_parts();
        let handlers: Vec<Arc<dyn JobHandler>> =
            vec![Arc::new(ImportJob::new(state.clone())), Arc::new(PreviewJob::new(state.clone()))];
        let jobs = JobRunner::new(bench.db.clone(), bench.clock.shared(), bench.ids.clone(), handlers);
        House { bench, state, router, jobs: Arc::new(jobs) }
    }

    pub(super) async fn call(
        &self,
        role: Role,
        method: &str,
        path: &str,
        body: impl Into<Body>,
    ) -> (StatusCode, Vec<u8>) {
        let caller =
            Caller { workspace: testing::WORKSPACE, actor: "user:usr_0000000000001".to_owned(), role, scopes: None };
        self.call_as(caller, method, path, body).await
    }

    /// A call with a key that has these scopes, whose answer is JSON.
    pub(super) async fn ask_with(
        &self,
        scopes: &[&str],
        method: &str,
        path: &str,
        body: impl Into<Body>,
    ) -> (u16, Value) {
        let scopes = Some(scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let actor = "key:key_0000000000001".to_owned();
        let caller = Caller { workspace: testing::WORKSPACE, actor, role: Role::Owner, scopes };
        let (status, body) = self.call_as(caller, method, path, body).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn call_as(&self, caller: Caller, method: &str, path: &str, body: impl Into<Body>) -> (StatusCode, Vec<u8>) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .extension(caller)
            .body(body.into())
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        (head.status, to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }

    /// A call as an operator, whose answer is JSON.
    pub(super) async fn ask(&self, method: &str, path: &str, body: impl Into<Body>) -> (u16, Value) {
        let (status, body) = self.call(Role::Operator, method, path, body).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
    }

    pub(super) async fn upload(&self, file: impl Into<Body>) -> Value {
        let (status, body) = self.ask("POST", "/api/v1/imports?name=members.csv", file).await;
        assert_eq!(status, 201, "{body}");
        body
    }

    pub(super) async fn order(&self, id: &str, what: &str, choice: &Value) -> (u16, Value) {
        self.ask("POST", &format!("/api/v1/imports/{id}/{what}"), choice.to_string()).await
    }

    pub(super) async fn show(&self, id: &str) -> Value {
        let (status, body) = self.ask("GET", &format!("/api/v1/imports/{id}"), "").await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Does the next job, with the pipeline beside it.
    pub(super) async fn do_job(&mut self) {
        let jobs = self.jobs.clone();
        // On a task of its own: both need the one writer of SQLite.
        let job = tokio::spawn(async move { jobs.run_next().await });
        while !job.is_finished() {
            self.bench.step().await;
            tokio::task::yield_now().await;
        }
        assert!(job.await.unwrap().unwrap(), "there was a job");
    }

    pub(super) async fn import(&mut self, id: &str, choice: &Value) -> Value {
        let (status, body) = self.order(id, "start", choice).await;
        assert_eq!(status, 202, "{body}");
        self.do_job().await;
        self.show(id).await
    }

    pub(super) async fn counts(&self) -> (i64, i64) {
        let members = self.bench.number("SELECT COUNT(*) FROM members").await;
        (members, self.bench.number("SELECT COUNT(*) FROM merges").await)
    }
}

pub(super) fn mapping_of(upload: &Value) -> Value {
    json!({"mapping": upload["suggested_mapping"]["mapping"]})
}

#[tokio::test]
async fn a_file_is_uploaded_understood_counted_and_imported() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let text = "会员编号,姓名,邮箱,城市\nM1,王伟,w@example.com,上海\nM2,李娜,l@example.com,成都\nM3,张敏\nM1,王伟,w@example.com,北京\n";
        let upload = house.upload(GBK.encode(text).0.into_owned()).await;
        let id = upload["id"].as_str().unwrap().to_owned();
        assert_eq!(upload["state"], "uploaded");
        let found = &upload["detected"];
        assert_eq!((&found["format"], &found["encoding"], &found["delimiter"]), (&json!("csv"), &json!("gbk"), &json!(",")));
        assert_eq!((&found["rows_estimated"], &found["columns"][1]["examples"]), (&json!(4), &json!(["王伟", "李娜"])));
        let choice = mapping_of(&upload);
        assert_eq!(choice["mapping"]["kind"], "members");

        let (status, body) = house.order(&id, "preview", &choice).await;
        assert_eq!((status, &body["state"]), (202, &json!("previewing")));
        house.do_job().await;
        let seen = house.show(&id).await;
        assert_eq!(seen["state"], "previewed", "{seen}");
        let preview = &seen["preview"];
        let counts = ["rows", "create", "update", "merge", "reject", "duplicate"].map(|name| preview[name].as_u64().unwrap());
        assert_eq!(counts, [4, 2, 1, 0, 1, 0]);
        assert_eq!(preview["rejects"][0]["line"], 4);
        assert_eq!(preview["reasons"], json!({"ragged_row": 1}));
        assert_eq!(house.counts().await, (0, 0), "a preview changes nothing");

        let done = house.import(&id, &choice).await;
        assert_eq!((&done["state"], &done["progress"]["percent"]), (&json!("done"), &json!(100.0)), "{done}");
        assert_eq!((&done["result"]["imported"], &done["result"]["rejected"]), (&json!(3), &json!(1)));
        assert_eq!(house.counts().await, (2, 0));
        let traits = house.bench.texts("SELECT traits_json AS text FROM identities WHERE value = 'M1'").await;
        assert!(traits[0].contains("北京") && traits[0].contains("王伟"), "{traits:?}");
        let (_, rejects) = house.call(Role::Operator, "GET", &format!("/api/v1/imports/{id}/rejects"), "").await;
        let rejects = String::from_utf8(rejects).unwrap();
        assert!(rejects.starts_with("line,code,message,row\n4,ragged_row,"), "{rejects}");

        // Again: nothing twice, and a preview says so before.
        let (status, _) = house.order(&id, "preview", &choice).await;
        assert_eq!(status, 202);
        house.do_job().await;
        assert_eq!(house.show(&id).await["preview"]["duplicate"], 3);
        let again = house.import(&id, &choice).await;
        assert_eq!((&again["result"]["resumed_after"], house.counts().await), (&json!(4), (2, 0)));
    })
    .await;
}

#[tokio::test]
async fn a_preview_tells_what_the_import_then_does() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let choice = json!({"mapping": {"kind": "members", "user_id": "u", "anonymous_id": "a", "email": "e",
            "traits": {"email_verified": "v:bool"}}});
        // Some who are there already, each with an address of which nobody knows whether it is theirs.
        let first: String = (0..40).map(|n| format!("u{n},a{n},e{n}@example.com,{}\n", n % 2 == 0)).collect();
        let upload = house.upload(format!("u,a,e,v\n{first},visitor,,\n")).await;
        house.import(upload["id"].as_str().unwrap(), &choice).await;
        let before = house.counts().await;
        assert_eq!(before, (41, 0));

        let mut rows = String::new();
        for n in 0..60 {
            // Members who are there, new ones, new ones with a proven address of another, visitors, and nobody.
            rows += &match n % 5 {
                0 => format!("u{n},,,\n"),
                1 => format!("new{n},b{n},n{n}@example.com,true\n"),
                2 => format!("other{n},,e{}@example.com,true\n", n - n % 2),
                3 => format!(",c{n},,\n"),
                _ => ",,x@example.com,\n".to_owned(),
            };
        }
        // A visitor says who he is, which makes two members one.
        rows += "u1,visitor,,\n";
        let upload = house.upload(format!("u,a,e,v\n{rows}")).await;
        let id = upload["id"].as_str().unwrap();
        house.order(id, "preview", &choice).await;
        house.do_job().await;
        let preview = house.show(id).await["preview"].clone();
        let count = |name: &str| preview[name].as_i64().unwrap();
        assert_eq!(count("rows"), 61);
        assert_eq!(count("create") + count("update") + count("merge") + count("reject"), 61);
        let done = house.import(id, &choice).await;
        let after = house.counts().await;
        assert_eq!(done["result"]["rejected"], preview["reject"]);
        assert_eq!(after.1 - before.1, count("merge"), "{preview}");
        assert!(count("merge") >= 3 && count("create") >= 20 && count("update") >= 8 && count("reject") == 12);
        // Who came with the proven address of another was made before he was made one with him.
        let made_and_merged = count("merge") - 1;
        assert_eq!(after.0 - before.0, count("create") + made_and_merged, "{preview}");
    })
    .await;
}

#[tokio::test]
async fn the_same_file_is_never_imported_twice_at_once() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let file = "user_id,name\nu1,a\nu2,b\n";
        let (one, other) = (house.upload(file).await, house.upload(file).await);
        let (one, other) = (one["id"].as_str().unwrap(), other["id"].as_str().unwrap());
        let choice = json!({"mapping": {"user_id": "user_id", "traits": {"name": "name"}}});
        assert_eq!(house.order(one, "start", &choice).await.0, 202);
        let elsewise = json!({"mapping": {"user_id": "user_id"}});
        for (id, choice, named) in [(other, &choice, one), (other, &elsewise, one), (one, &choice, "this import")] {
            let (status, problem) = house.order(id, "start", choice).await;
            assert_eq!((status, &problem["code"]), (409, &json!("import_running")));
            assert!(problem["detail"].as_str().unwrap().contains(named), "{problem}");
        }
        house.do_job().await;
        assert_eq!(house.import(other, &choice).await["result"]["resumed_after"], 2);
        assert_eq!(house.counts().await, (2, 0));
        assert_eq!(house.bench.number("SELECT COUNT(*) FROM events").await, 2);
    })
    .await;
}

#[tokio::test]
async fn an_import_that_died_goes_on_and_counts_each_row_once() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let rows: String =
            (0..300).map(|n| if n % 50 == 0 { format!("u{n}\n") } else { format!("u{n},name {n}\n") }).collect();
        let upload = house.upload(format!("user_id,name\n{rows}")).await;
        let id = upload["id"].as_str().unwrap();
        let choice = json!({"mapping": {"user_id": "user_id", "traits": {"name": "name"}}});
        house.import(id, &choice).await;
        assert_eq!(house.counts().await.0, 294);
        // As after a power cut behind the last word of how far it was.
        house
            .bench
            .run("UPDATE imports SET rows_done = 100, imported = 98, rejected = 2, rejects_bytes = 0", vec![])
            .await;
        let done = house.import(id, &choice).await;
        let result = &done["result"];
        assert_eq!(
            (&result["imported"], &result["rejected"], &result["resumed_after"]),
            (&json!(294), &json!(6), &json!(100))
        );
        assert_eq!(house.counts().await.0, 294);
        assert_eq!(house.bench.number("SELECT COUNT(*) FROM events").await, 294, "rows that came again were dropped");
    })
    .await;
}

#[tokio::test]
async fn mappings_are_saved_offered_and_used() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let new =
            json!({"name": "会员表", "kind": "members", "mapping": {"user_id": "卡号", "traits": {"name": "姓名"}}});
        let (status, saved) = house.ask("POST", "/api/v1/import-mappings", new.to_string()).await;
        assert_eq!(status, 201, "{saved}");
        let path = format!("/api/v1/import-mappings/{}", saved["id"].as_str().unwrap());
        assert_eq!(house.ask("POST", "/api/v1/import-mappings", new.to_string()).await.1["code"], "already_exists");
        let wrong = json!({"name": "x", "kind": "members", "mapping": {"who": "卡号"}});
        assert_eq!(house.ask("POST", "/api/v1/import-mappings", wrong.to_string()).await.1["code"], "invalid_mapping");
        let changed =
            json!({"name": "会员表", "kind": "members", "mapping": {"user_id": "卡号", "traits": {"full": "姓名"}}});
        assert_eq!(house.ask("PUT", &path, changed.to_string()).await.1["mapping"]["traits.full"], "姓名");
        assert_eq!(house.ask("GET", "/api/v1/import-mappings", "").await.1["items"][0]["name"], "会员表");

        let upload = house.upload("姓名,卡号\n王伟,7\n").await;
        assert_eq!(upload["offered_mapping"], json!({"id": saved["id"], "name": "会员表"}));
        assert_eq!(house.upload("卡号,城市\n7,上海\n").await["offered_mapping"], Value::Null);
        let done = house.import(upload["id"].as_str().unwrap(), &json!({"mapping_id": saved["id"]})).await;
        assert_eq!((&done["state"], &done["mapping"]["traits.full"]), (&json!("done"), &json!("姓名")), "{done}");
        assert_eq!(house.ask("DELETE", &path, "").await.0, 204);
        assert_eq!(house.ask("GET", &path, "").await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_imported_is_a_clear_problem_and_leaves_nothing_behind() {
    on_every_database(async |database| {
        let limits = ImportLimits { file_bytes: 100_000, ..ImportLimits::default() };
        let house = House::with_limits(&database, limits).await;
        let wide = vec!["c"; 5_000].join(",");
        let refused = [
            (Vec::new(), 422, "unreadable_file"),
            (vec![0; 1_000], 422, "unreadable_file"),
            (b"PK\x03\x04broken".to_vec(), 422, "unreadable_file"),
            (vec![b'x'; 100_001], 413, "body_too_large"),
            (wide.into_bytes(), 422, "too_many_columns"),
        ];
        for (file, status, code) in refused {
            let (found, problem) = house.ask("POST", "/api/v1/imports", file).await;
            assert_eq!((found, &problem["code"]), (status, &json!(code)), "{problem}");
        }
        assert_eq!(fs::read_dir(&house.state.dir).unwrap().count(), 0);
        assert_eq!(house.bench.number("SELECT COUNT(*) FROM import_files").await, 0);

        let upload = house.upload("id,day\n1,01/02/2023\n").await;
        let id = upload["id"].as_str().unwrap();
        for (choice, code) in [
            (json!({}), "invalid_body"),
            (json!({"mapping": {"user_id": "nobody"}}), "invalid_mapping"),
            (json!({"mapping": {"user_id": "id", "traits": {"day": "day:date"}}}), "invalid_mapping"),
            (json!({"mapping": {"user_id": "id", "kind": "things"}}), "invalid_mapping"),
            (json!({"mapping": {"user_id": "id", "sheet": "S", "delimiter": "quite long"}}), "invalid_mapping"),
            (json!({"mapping_id": "imm_0000000000001"}), "unknown_reference"),
        ] {
            for what in ["preview", "start"] {
                assert_eq!(house.order(id, what, &choice).await.1["code"], code, "{choice}");
            }
        }
        assert_eq!(house.order("imp_0000000000001", "start", &json!({})).await.0, 404);
    })
    .await;
}

#[tokio::test]
async fn only_operators_import_and_see_what_is_theirs() {
    on_every_database(async |database| {
        let house = House::on(&database).await;
        let upload = house.upload("user_id\nu1\n").await;
        let path = format!("/api/v1/imports/{}", upload["id"].as_str().unwrap());
        let choice = json!({"mapping": {"user_id": "user_id"}}).to_string();
        for (method, path, body) in [
            ("POST", "/api/v1/imports".to_owned(), "user_id\nu1\n"),
            ("POST", format!("{path}/preview"), choice.as_str()),
            ("POST", format!("{path}/start"), choice.as_str()),
            ("GET", format!("{path}/rejects"), ""),
            ("DELETE", path.clone(), ""),
            (
                "POST",
                "/api/v1/import-mappings".to_owned(),
                r#"{"name":"x","kind":"members","mapping":{"user_id":"u"}}"#,
            ),
        ] {
            let (status, _) = house.call(Role::Analyst, method, &path, body.to_owned()).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}");
        }
        assert_eq!(house.call(Role::Viewer, "GET", &path, "").await.0, StatusCode::OK);
        house.bench.run("UPDATE import_files SET workspace_id = 2", vec![]).await;
        assert_eq!(house.ask("GET", &path, "").await.0, 404);
        assert_eq!(house.ask("GET", "/api/v1/imports", "").await.1["items"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn files_go_when_they_are_deleted_and_when_their_time_is_over() {
    on_every_database(async |database| {
        let mut house = House::on(&database).await;
        let id_of = |upload: &Value| upload["id"].as_str().unwrap().parse::<ImportId>().unwrap();
        let (deleted, done, waiting) = (
            id_of(&house.upload("user_id\nu1\n").await),
            id_of(&house.upload("user_id,name\nu2,b\nu3\n").await),
            id_of(&house.upload("user_id\nu4\n").await),
        );
        let choice = json!({"mapping": {"user_id": "user_id"}});
        assert_eq!(house.ask("DELETE", &format!("/api/v1/imports/{deleted}"), "").await.0, 204);
        assert!(!house.state.path(deleted).exists());
        assert_eq!(house.ask("GET", &format!("/api/v1/imports/{deleted}"), "").await.0, 404);

        house.bench.advance(6 * testing::DAY);
        house.import(&done.to_string(), &choice).await;
        assert_eq!(house.order(&waiting.to_string(), "start", &choice).await.0, 202);
        let stray = house.state.path(ImportId((testing::START - 2 * testing::DAY) << 21));
        fs::write(&stray, "cut short").unwrap();
        house.bench.advance(2 * testing::DAY);
        assert_eq!(sweep(&house.state).await.unwrap(), 1, "the stray one");
        assert!(house.state.path(done).exists() && house.state.path(waiting).exists() && !stray.exists());
        house.bench.advance(6 * testing::DAY);
        assert_eq!(sweep(&house.state).await.unwrap(), 1);
        assert!(!house.state.path(done).exists() && !house.state.rejects_path(done).exists());
        assert!(house.state.path(waiting).exists(), "what has yet to be imported stays");
        let shown = house.show(&done.to_string()).await;
        assert_eq!((&shown["state"], &shown["detected"]["columns"][0]["examples"]), (&json!("done"), &json!([])));
        assert_eq!(house.order(&done.to_string(), "start", &choice).await.1["code"], "wrong_state");
    })
    .await;
}

#[tokio::test]
async fn all_files_go_at_once_however_many_there_are_but_for_those_whose_import_is_not_over() {
    on_every_database(async |database| {
        let house = House::on(&database).await;
        let id_of = |upload: &Value| upload["id"].as_str().unwrap().parse::<ImportId>().unwrap();
        let never_started = id_of(&house.upload("user_id\nu1\n").await);
        let waiting = id_of(&house.upload("user_id\nu2\n").await);
        let choice = json!({"mapping": {"user_id": "user_id"}});
        assert_eq!(house.order(&waiting.to_string(), "start", &choice).await.0, 202);
        // Many more that nobody has started, whose ids stand behind that of the one that waits.
        house
            .bench
            .run(
                "INSERT INTO import_files
                   (id, workspace_id, name, bytes, content_hash, detected_json, created_by, created_at)
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
                 SELECT CAST($1 AS BIGINT) + n.i, f.workspace_id, f.name, f.bytes, f.content_hash, f.detected_json,
                        f.created_by, f.created_at
                 FROM import_files f, n WHERE f.id = $2",
                vec![(waiting.0 + 1_000).into(), never_started.0.into()],
            )
            .await;
        let later = house.state.clock.now().plus(Duration::from_millis(1));
        assert_eq!(remove_older(&house.state.db, &house.state.dir, later).await.unwrap(), 251);
        assert!(!house.state.path(never_started).exists() && house.state.path(waiting).exists());
        let left = "SELECT COUNT(*) FROM import_files WHERE file_deleted_at IS NULL";
        assert_eq!(house.bench.number(left).await, 1);
        assert_eq!(remove_older(&house.state.db, &house.state.dir, later).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_key_that_may_not_look_at_members_sees_no_cells_of_a_file() {
    on_every_database(async |database| {
        let house = House::on(&database).await;
        let file = "id,email,birthday\nM1,w@example.com,1990-01-05\nM2,l@example.com,1990-01-06\nM3,,1990-01-07\n\
                    M4,,some day in May\n";
        let (status, upload) = house.ask_with(&["ingest:write"], "POST", "/api/v1/imports?name=m.csv", file).await;
        assert_eq!(status, 201, "{upload}");
        let path = format!("/api/v1/imports/{}", upload["id"].as_str().unwrap());
        let choice = mapping_of(&upload).to_string();
        assert_eq!(mapping_of(&upload)["mapping"]["email"], "email", "the form of the file is understood all the same");
        let (status, begun) = house.ask_with(&["ingest:write"], "POST", &format!("{path}/preview"), choice).await;
        assert_eq!(status, 202, "{begun}");
        let (_, alone) = house.ask_with(&["ingest:read"], "GET", &path, "").await;
        let (_, list) = house.ask_with(&["ingest:read"], "GET", "/api/v1/imports", "").await;
        for shown in [&upload, &begun, &alone, &list["items"][0]] {
            assert_eq!(shown["detected"]["columns"][1]["name"], "email", "{shown}");
            assert_eq!(shown["detected"]["columns"][1]["examples"], json!([]), "{shown}");
            assert!(!shown.to_string().contains("@example.com"), "{shown}");
            assert_eq!(shown["suggested_mapping"]["questions"][0]["code"], "some_cells_do_not_fit");
            assert!(!shown.to_string().contains("some day in May"), "{shown}");
        }
        let both = ["ingest:read", "people:read"];
        let (_, list) = house.ask_with(&both, "GET", "/api/v1/imports", "").await;
        let (_, alone) = house.ask_with(&both, "GET", &path, "").await;
        for shown in [&alone, &list["items"][0]] {
            assert_eq!(shown["detected"]["columns"][1]["examples"], json!(["w@example.com", "l@example.com"]));
            assert!(shown["suggested_mapping"].to_string().contains("some day in May"), "{shown}");
        }
    })
    .await;
}
