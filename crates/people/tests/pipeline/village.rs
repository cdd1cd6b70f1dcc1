//! People in circles, in the workspaces of one pipeline: what happens to them, and what their operators change.

use std::sync::Arc;

use api::{Caller, Role};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use base::{
    Event, EventKind, Time,
    ids::{GroupId, IdentityId, MemberId, MergeId, SegmentId, WorkspaceId},
};
use people::{
    PeopleState,
    commands::Commands,
    groups::{GROUP_JOINED, GROUP_LEFT},
    identity::{IDENTITY_SPLIT, MEMBERS_MERGED, MERGE_UNDONE},
};
use serde_json::{Value, json, value::to_raw_value};
use store::{Sql, Tx};
use tower::ServiceExt;

use super::{
    chance::{Edit, Happening, Rules, Who, linked},
    support::{
        Bench, WORKSPACE, add_segment, add_workspace, both,
        naive::{self, Circle, Facts, id_in},
        user, visitor,
    },
};

/// The circles of one workspace, and what its operators ask.
#[derive(Debug)]
pub struct Village {
    pub rules: Rules,
    /// What happens to each, one thing after another.
    pub circles: Vec<Vec<Happening>>,
}

/// The workspace of a village, by its place.
pub fn workspace(place: usize) -> WorkspaceId {
    WorkspaceId(WORKSPACE.0 + place as i64)
}

/// What happens in this round to the circles of a village.
pub fn happen(bench: &Bench, facts: &Facts, workspace: WorkspaceId, village: &Village, round: usize) -> Vec<Event> {
    let mut events = Vec::new();
    let nobody = Circle::default();
    for (number, life) in village.circles.iter().enumerate() {
        let name = number.to_string();
        let circle = facts.circle(workspace, &name).unwrap_or(&nobody);
        let event = life.get(round).and_then(|happening| event_of(bench, &name, circle, happening));
        events.extend(event.map(|event| Event { workspace, ..event }));
    }
    events
}

/// The event that tells of a happening, unless there is nobody to whom it can happen.
fn event_of(bench: &Bench, name: &str, circle: &Circle, happening: &Happening) -> Option<Event> {
    let named = |who: &Who| match who {
        Who::User(n) => user(&format!("{name}/u{n}")),
        Who::Visitor(n) => visitor(&format!("{name}/v{n}")),
        Who::Both(n, m) => both(&format!("{name}/u{n}"), &format!("{name}/v{m}")),
        Who::Member(_) => (None, None),
    };
    let command = |name: &str, properties: Value| bench.event(EventKind::Command, name, (None, None), properties);
    let (who, mut event, shift) = match happening {
        Happening::Nothing => return None,
        Happening::Merge { kept, absorbed } => {
            let (with, merge) = (one_of(&circle.members, *absorbed)?, bench.ids.next(MergeId));
            (Who::Member(*kept), command(MEMBERS_MERGED, json!({"with": with, "merge": merge})), 0)
        }
        Happening::Undo(n) => {
            let standing = circle.merges.iter().filter(|merge| merge.undone_at.is_none());
            let standing: Vec<MergeId> = standing.map(|merge| MergeId(merge.id)).collect();
            let merge = one_of(&standing, *n)?;
            (Who::Member(*n), command(MERGE_UNDONE, json!({"merge": merge})), 0)
        }
        Happening::Split(n) => {
            let identity = one_of(&circle.identities, *n)?;
            let (new, before) = (bench.ids.next(MemberId), MemberId(identity.origin_member_id));
            let split = json!({"identity": IdentityId(identity.id), "member": new, "before": before});
            return Some(bench.command(MemberId(identity.member_id), IDENTITY_SPLIT, split));
        }
        Happening::Identify { who, traits, shift } => (who.clone(), bench.identify(named(who), traits.clone()), *shift),
        Happening::Operate { who, traits, operations, shift } => {
            let context = to_raw_value(&json!({ "traits_operations": operations })).unwrap();
            (who.clone(), Event { context, ..bench.identify(named(who), traits.clone()) }, *shift)
        }
        Happening::Track { who, name, amount, shift } => {
            let properties = amount.map_or(json!({}), |amount| json!({"amount": amount}));
            (who.clone(), bench.track(named(who), name, properties), *shift)
        }
        Happening::Group { who, joined, shift } => {
            let name = if *joined { GROUP_JOINED } else { GROUP_LEFT };
            (who.clone(), bench.track(named(who), name, json!({"group_id": "readers"})), *shift)
        }
        Happening::Tag { who, name, tag } => (who.clone(), bench.tag(named(who), name, tag), 0),
    };
    if let Who::Member(n) = who {
        event.member = Some(*one_of(&circle.members, n)?);
    }
    event.timestamp = Time::from_millis(bench.now().millis() + shift);
    Some(event)
}

fn one_of<T>(list: &[T], n: u8) -> Option<&T> {
    list.get(usize::from(n) % list.len().max(1))
}

/// The operators of all workspaces, who change rules by the routes.
pub struct Operators(Router);

impl Operators {
    pub fn of(bench: &Bench) -> Operators {
        let (clock, ids) = (bench.clock.shared(), bench.ids.clone());
        let commands = Commands::new(bench.log.clone(), clock.clone(), ids.clone(), bench.progress());
        let (rules_changed, rule_users) = (Arc::default(), Vec::new());
        let (db, columns) = (bench.db.clone(), bench.columns.clone());
        let timeline = Vec::new();
        let state = PeopleState { db, clock, ids, commands, rules_changed, rule_users, columns, timeline };
        let (router, _) = people::routes(Arc::new(state)).split_for_parts();
        Operators(router)
    }

    /// Adds a segment, which is built at once.
    pub async fn add_segment(&self, workspace: WorkspaceId, rule: &Value) {
        let body = json!({"name": "late", "rule": placed(rule, workspace)});
        self.call(workspace, "POST", "/api/v1/segments", &body).await;
    }

    /// Changes something in a workspace that has rules for so many segments, the one included that comes late.
    pub async fn change(&self, workspace: WorkspaceId, edit: &Edit, segments: usize) {
        match edit {
            Edit::Segment { which, rule, link } => {
                let place = which.index(segments - 1);
                let rule = placed(&linked(place, rule.clone(), *link), workspace);
                let uri = format!("/api/v1/segments/{}", SegmentId(id_in(workspace, 1 + place as i64)));
                self.call(workspace, "PATCH", &uri, &json!({ "rule": rule })).await;
            }
            Edit::Hot(rule) => {
                self.call(workspace, "PUT", "/api/v1/tags/hot", &json!({"kind": "dynamic", "rule": rule})).await;
            }
            Edit::Ladder(stages) => {
                self.call(workspace, "PUT", "/api/v1/stages", &json!({ "stages": stages })).await;
            }
        }
    }

    async fn call(&self, workspace: WorkspaceId, method: &str, uri: &str, body: &Value) {
        let caller = Caller { workspace, actor: "user:test".to_owned(), role: Role::Owner, scopes: None };
        let request = Request::builder().method(method).uri(uri).header("content-type", "application/json");
        let request = request.extension(caller).body(Body::from(body.to_string())).unwrap();
        let response = self.0.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let reply = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        assert!(status.is_success(), "{method} {uri} {body}: {}", String::from_utf8_lossy(&reply));
    }
}

/// What there is before anything happens.
pub async fn settle(bench: &Bench, villages: &[Village]) {
    let tx = bench.db.begin().await.unwrap();
    for (place, village) in villages.iter().enumerate() {
        let workspace = workspace(place);
        if workspace != WORKSPACE {
            add_workspace(&tx, workspace).await;
        }
        define_in(&tx, workspace).await;
        let (_, early) = village.rules.segments.split_last().unwrap();
        for (index, rule) in early.iter().enumerate() {
            let id = SegmentId(id_in(workspace, 1 + index as i64));
            add_segment(&tx, workspace, id, &placed(rule, workspace)).await;
        }
    }
    tx.commit().await.unwrap();
}

/// A rule of the first workspace, as it is in another one, where everything has other ids.
fn placed(rule: &Value, workspace: WorkspaceId) -> Value {
    match rule {
        Value::Array(parts) => parts.iter().map(|part| placed(part, workspace)).collect(),
        Value::Object(parts) => {
            let part = |(word, part): (&String, &Value)| {
                let part = match (word.as_str(), part.as_str()) {
                    ("segment", Some(id)) => {
                        let first: SegmentId = id.parse().unwrap();
                        json!(SegmentId(id_in(workspace, first.0)))
                    }
                    ("group", Some(id)) => {
                        let first: GroupId = id.parse().unwrap();
                        json!(GroupId(id_in(workspace, first.0)))
                    }
                    _ => placed(part, workspace),
                };
                (word.clone(), part)
            };
            parts.iter().map(part).collect()
        }
        other => other.clone(),
    }
}

/// What rules may ask for beside what members do: a dynamic tag, a set of tags, of which one expires, a computed trait
/// and a group.
pub async fn define(bench: &Bench) {
    let tx = bench.db.begin().await.unwrap();
    define_in(&tx, WORKSPACE).await;
    tx.commit().await.unwrap();
}

async fn define_in(tx: &Tx, workspace: WorkspaceId) {
    let run = async |sql: &str, values: Vec<store::Value>| {
        tx.run(sql, values).await.unwrap();
    };
    let hot = SegmentId(id_in(workspace, naive::HOT.0));
    add_segment(tx, workspace, hot, &naive::World::hot()).await;
    run("UPDATE segments SET kind = 'tag', item_key = 'hot' WHERE id = $1", vec![hot.0.into()]).await;
    let ages = id_in(workspace, 5);
    run(
        "INSERT INTO tag_groups (id, workspace_id, name, exclusive, created_at) VALUES ($1, $2, 'age', 1, 0)",
        vec![ages.into(), workspace.0.into()],
    )
    .await;
    for (name, kind, group, expires_after, segment) in [
        ("hot", "dynamic", None, None, Some(hot.0)),
        ("new", "static", Some(ages), None, None),
        ("old", "static", Some(ages), Some("P2D"), None),
    ] {
        run(
            "INSERT INTO tags (workspace_id, name, kind, group_id, description, expires_after, segment_id, created_by,
                               created_at, updated_at) VALUES ($1, $2, $3, $4, '', $5, $6, 'test', 0, 0)",
            vec![workspace.0.into(), name.into(), kind.into(), group.into(), expires_after.into(), segment.into()],
        )
        .await;
    }
    run(
        "INSERT INTO traits (workspace_id, name, title, value_type, conflict, computed_json, created_by, created_at,
                             updated_at) VALUES ($1, 'orders', '', 'any', 'latest', $2, 'test', 0, 0)",
        vec![workspace.0.into(), naive::World::orders().to_string().into()],
    )
    .await;
    run(
        "INSERT INTO groups (id, workspace_id, group_key, about_json, created_at) VALUES ($1, $2, 'readers', '{}', 0)",
        vec![id_in(workspace, naive::GROUP.0).into(), workspace.0.into()],
    )
    .await;
}
