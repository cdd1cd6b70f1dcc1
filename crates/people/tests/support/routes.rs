//! The routes of the room over the pipeline of a test.

use std::{cell::Cell, sync::Arc};

use api::{Caller, Role};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::Request,
};
use people::{PeopleState, commands::Commands};
use serde_json::Value;
use tower::ServiceExt;

use super::{Bench, WORKSPACE};

/// Asks as the owner of the test's workspace, while the pipeline runs; status and body of the reply. A body that is not
/// JSON is a text.
pub async fn ask(bench: &mut Bench, method: &str, uri: &str, body: Value) -> (u16, Value) {
    let router = router(bench);
    let is_answered = Cell::new(false);
    let asking = async {
        let reply = send(router, method, uri, body).await;
        is_answered.set(true);
        reply
    };
    let running = async {
        while !is_answered.get() {
            bench.step().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(asking, running).0
}

/// The same while the pipeline stands still.
pub async fn ask_still(bench: &Bench, method: &str, uri: &str, body: Value) -> (u16, Value) {
    send(router(bench), method, uri, body).await
}

/// The same with a key that has only these scopes.
pub async fn ask_with_scopes(bench: &Bench, scopes: &[&str], uri: &str, body: Value) -> (u16, Value) {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    send(router_for(bench, Some(scopes)), "POST", uri, body).await
}

fn router(bench: &Bench) -> Router {
    router_for(bench, None)
}

fn router_for(bench: &Bench, scopes: Option<Vec<String>>) -> Router {
    let clock = bench.clock.shared();
    let state = PeopleState {
        db: bench.db.clone(),
        clock: clock.clone(),
        ids: bench.ids.clone(),
        commands: Commands::new(bench.log.clone(), clock, bench.ids.clone(), bench.progress()),
        rules_changed: Arc::default(),
        rule_users: Vec::new(),
        columns: bench.columns.clone(),
        timeline: Vec::new(),
    };
    let caller = Caller { workspace: WORKSPACE, actor: "user:test".to_owned(), role: Role::Owner, scopes };
    let (router, _) = people::routes(Arc::new(state)).split_for_parts();
    router.layer(Extension(caller))
}

async fn send(router: Router, method: &str, uri: &str, body: Value) -> (u16, Value) {
    let request = Request::builder().method(method).uri(uri).header("content-type", "application/json");
    let response = router.oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let read = serde_json::from_slice(&body);
    (status, read.unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned())))
}
