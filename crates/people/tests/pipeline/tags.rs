//! Tags: sets of which a member shows one, and tags that come off by themselves.

use std::{cell::Cell, sync::Arc};

use people::{commands::Commands, tags::BulkTagJob};
use serde_json::{Value, json};
use store::jobs::{JobHandler, JobRunner};

use super::{
    parting::{merge, undo},
    support::{Bench, DAY, HOUR, naive, on_every_database, routes::ask_still, user, visitor},
    village::define,
};

/// How many members the list shows that is asked for a tag.
async fn listed(bench: &Bench, tag: &str) -> usize {
    let (status, page) = ask_still(bench, "GET", &format!("/api/v1/members?tag={tag}"), Value::Null).await;
    assert_eq!(status, 200, "{page}");
    page["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_tag_that_expires_takes_nothing_else_with_it() {
    on_every_database(|mut bench| async move {
        define(&bench).await;
        bench.take(&[bench.track(visitor("a"), "Page Read", json!({}))]).await;
        bench.take(&[bench.tag(visitor("a"), "Tag Added", "vip")]).await;
        bench.take(&[bench.tag(visitor("a"), "Tag Added", "old")]).await;
        bench.advance(HOUR);
        bench.idle().await;
        assert_eq!(bench.size(naive::HOT).await, 1);
        bench.advance(2 * DAY);
        bench.idle().await;
        assert_eq!(bench.texts("SELECT tag AS text FROM member_tags").await, ["vip"]);
        assert_eq!(bench.size(naive::HOT).await, 1);
    })
    .await;
}

/// Runs all jobs that wait, and the pipeline meanwhile.
async fn run_jobs(bench: &mut Bench) {
    let (clock, ids) = (bench.clock.shared(), bench.ids.clone());
    let commands = Commands::new(bench.log.clone(), clock.clone(), ids.clone(), bench.progress());
    let handlers: Vec<Arc<dyn JobHandler>> = vec![Arc::new(BulkTagJob::new(bench.db.clone(), commands))];
    let jobs = JobRunner::new(bench.db.clone(), clock, ids, handlers);
    let is_done = Cell::new(false);
    let working = async {
        while jobs.run_next().await.unwrap() {}
        is_done.set(true);
    };
    let running = async {
        while !is_done.get() {
            bench.step().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(working, running);
    bench.idle().await;
}

#[tokio::test]
async fn an_end_that_is_settled_later_reaches_those_who_carry_the_tag_only_when_it_is_asked_to() {
    on_every_database(|mut bench| async move {
        let carriers = async |bench: &Bench| {
            let sql = "SELECT i.value AS text FROM member_tags t JOIN identities i ON i.id = t.identity_id";
            let mut carriers = bench.texts(sql).await;
            carriers.sort();
            carriers
        };
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        bench.advance(2 * DAY);
        bench.take(&[bench.tag(user("b"), "Tag Added", "vip")]).await;
        let settle = async |bench: &Bench, more: Value| {
            let mut definition = json!({"expires_after": "P3D"});
            definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            ask_still(bench, "PUT", "/api/v1/tags/vip", definition).await
        };
        assert_eq!(settle(&bench, json!({})).await.0, 204);
        bench.advance(2 * DAY);
        run_jobs(&mut bench).await;
        assert_eq!(carriers(&bench).await, ["a", "b"], "it stays as it was put on");

        let (status, begun) = settle(&bench, json!({"apply_to_present": true})).await;
        assert_eq!((status, &begun["members"]), (200, &json!(2)), "{begun}");
        run_jobs(&mut bench).await;
        assert_eq!(carriers(&bench).await, ["b"], "whose three days are over is without it at once");
        bench.advance(DAY + HOUR);
        bench.idle().await;
        assert_eq!(carriers(&bench).await, [""; 0]);
        let history = bench.texts("SELECT source AS text FROM tag_changes WHERE added = 0").await;
        assert_eq!(history, ["expiry", "expiry"]);
    })
    .await;
}

#[tokio::test]
async fn a_list_by_tag_has_those_whose_profiles_show_it() {
    on_every_database(|mut bench| async move {
        let group = json!({"name": "level", "exclusive": true});
        let (status, group) = ask_still(&bench, "POST", "/api/v1/tag-groups", group).await;
        assert_eq!(status, 201, "{group}");
        for tag in ["gold", "silver"] {
            let definition = json!({"group_id": group["id"]});
            let (status, answer) = ask_still(&bench, "PUT", &format!("/api/v1/tags/{tag}"), definition).await;
            assert_eq!(status, 204, "{answer}");
        }
        bench.take(&[bench.tag(user("a"), "Tag Added", "gold")]).await;
        bench.advance(HOUR);
        bench.take(&[bench.tag(user("b"), "Tag Added", "silver")]).await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (1, 1));
        let merged = merge(&mut bench, "a", "b").await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (0, 1), "silver came later");
        let (_, usage) = ask_still(&bench, "GET", "/api/v1/tags/gold/usage", Value::Null).await;
        assert_eq!(usage, json!({"members": 1, "shown": 0, "used_by": []}), "who carries it does not show it");
        undo(&mut bench, merged).await;
        assert_eq!((listed(&bench, "gold").await, listed(&bench, "silver").await), (1, 1));
    })
    .await;
}
