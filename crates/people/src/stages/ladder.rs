//! The ladder as it is kept, and how a new one takes its place.

use base::{
    IdSource, Time,
    ids::{SegmentId, WorkspaceId},
    rule::Rule,
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Sql, Tx};

use crate::segments::{self, build_anew, discard_successor, succeed};

/// A rung, as it is to be.
#[derive(Clone, Debug)]
pub(super) struct Rung {
    /// By which rules ask for it.
    pub key: String,
    /// As people read it.
    pub name: String,
    /// Who reaches it.
    pub rule: Rule,
    /// Whether a member falls back when the rule no longer holds.
    pub falls_back: bool,
}

/// A rung of a ladder that is being built.
#[derive(Debug, Serialize, Deserialize)]
struct DraftRung {
    key: String,
    name: String,
    segment: i64,
    successor: Option<i64>,
}

/// A rung of the live ladder.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct RungRow {
    pub id: i64,
    pub item_key: String,
    pub name: String,
    pub rule_json: String,
    pub keeps: i64,
}

/// How far the building of a new ladder has come.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct BuildingRow {
    pub built: i64,
    pub to_build: i64,
}

/// The live rungs, from the lowest.
pub(super) async fn live_rungs(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<RungRow>, DbErr> {
    db.all(
        "SELECT id, item_key, name, rule_json, keeps FROM segments
         WHERE workspace_id = $1 AND kind = 'stage' AND position IS NOT NULL AND deleted_at IS NULL ORDER BY position",
        vec![workspace.0.into()],
    )
    .await
}

/// How far a new ladder is, if one is being built: the rung that is furthest behind.
pub(super) async fn building(db: &impl Sql, workspace: WorkspaceId) -> Result<Option<BuildingRow>, DbErr> {
    db.one(
        "SELECT CAST(COALESCE(MIN(s.built), 0) AS BIGINT) AS built, CAST(COALESCE(MAX(s.to_build), 0) AS BIGINT) AS to_build
         FROM stage_drafts d LEFT JOIN segments s ON s.workspace_id = d.workspace_id AND s.state IN ('building', 'built')
           AND s.deleted_at IS NULL AND (s.kind = 'stage' OR s.replaces IN (
             SELECT r.id FROM segments r WHERE r.workspace_id = d.workspace_id AND r.kind = 'stage'))
         WHERE d.workspace_id = $1 GROUP BY d.workspace_id",
        vec![workspace.0.into()],
    )
    .await
}

/// Begins to build a ladder; another one that is being built is given up.
pub(super) async fn save_draft(
    tx: &Tx,
    ids: &IdSource,
    now: Time,
    (workspace, actor): (WorkspaceId, &str),
    rungs: &[Rung],
) -> Result<(), DbErr> {
    give_up_draft(tx, workspace, now).await?;
    let live = live_rungs(tx, workspace).await?;
    let mut draft = Vec::new();
    for rung in rungs {
        let rule_json = rung.rule.to_json().to_string();
        let keeps = i64::from(!rung.falls_back);
        let (key, name) = (rung.key.clone(), rung.name.clone());
        let insert = async |kind: &str, item_key: Option<&str>, replaces: Option<i64>| -> Result<i64, DbErr> {
            let id = ids.next(SegmentId).0;
            tx.run(
                "INSERT INTO segments (id, workspace_id, name, rule_json, state, kind, item_key, replaces, keeps, created_by,
                                       created_at, updated_at)
                 VALUES ($1, $2, $3, $4, 'building', $5, $6, $7, $8, $9, $10, $10)",
                vec![
                    id.into(),
                    workspace.0.into(),
                    name.clone().into(),
                    rule_json.clone().into(),
                    kind.into(),
                    item_key.into(),
                    replaces.into(),
                    keeps.into(),
                    actor.into(),
                    now.millis().into(),
                ],
            )
            .await?;
            Ok(id)
        };
        let (segment, successor) = match live.iter().find(|row| row.item_key == key) {
            None => (insert("stage", Some(&key), None).await?, None),
            Some(row) if row.rule_json == rule_json && row.keeps == keeps => (row.id, None),
            Some(row) => {
                discard_successor(tx, SegmentId(row.id)).await?;
                (row.id, Some(insert("successor", None, Some(row.id)).await?))
            }
        };
        draft.push(DraftRung { key: rung.key.clone(), name: rung.name.clone(), segment, successor });
    }
    tx.run(
        "INSERT INTO stage_drafts (workspace_id, ladder_json, created_by, created_at) VALUES ($1, $2, $3, $4)",
        vec![workspace.0.into(), json!(draft).to_string().into(), actor.into(), now.millis().into()],
    )
    .await?;
    Ok(())
}

async fn give_up_draft(tx: &Tx, workspace: WorkspaceId, now: Time) -> Result<(), DbErr> {
    let Some(rungs) = draft_of(tx, workspace).await? else { return Ok(()) };
    for rung in rungs {
        // A stage that is there already goes on with its present rule, evaluated anew.
        if let Some(successor) = rung.successor {
            let sql = "UPDATE segments SET rule_json = (SELECT s.rule_json FROM segments s WHERE s.id = $2),
                keeps = (SELECT s.keeps FROM segments s WHERE s.id = $2) WHERE id = $1";
            tx.run(sql, vec![successor.into(), rung.segment.into()]).await?;
            build_anew(tx, SegmentId(successor), now).await?;
        }
    }
    let abandoned = "SELECT id FROM segments WHERE workspace_id = $1 AND kind = 'stage' AND position IS NULL
        AND deleted_at IS NULL";
    for table in ["segment_members", "segment_changes"] {
        let sql = format!("DELETE FROM {table} WHERE segment_id IN ({abandoned})");
        tx.run(&sql, vec![workspace.0.into()]).await?;
    }
    tx.run(&format!("DELETE FROM segments WHERE id IN ({abandoned})"), vec![workspace.0.into()]).await?;
    tx.run("DELETE FROM stage_drafts WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    Ok(())
}

/// The ladder that is being built, if one is.
async fn draft_of(db: &impl Sql, workspace: WorkspaceId) -> Result<Option<Vec<DraftRung>>, DbErr> {
    let text: Option<String> =
        db.scalar("SELECT ladder_json FROM stage_drafts WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    let read = |text: String| serde_json::from_str(&text).map_err(|error| DbErr::Custom(error.to_string()));
    text.map(read).transpose()
}

/// The ladder that is being built, from the lowest: the segment whose place each stage has, and its key.
pub(crate) async fn coming_ladder(
    db: &impl Sql,
    workspace: WorkspaceId,
) -> Result<Option<Vec<(SegmentId, String)>>, DbErr> {
    let draft = draft_of(db, workspace).await?;
    Ok(draft.map(|rungs| rungs.into_iter().map(|rung| (SegmentId(rung.segment), rung.key)).collect()))
}

/// Lets a ladder of which all rungs are built take the place of the present one; whether there was one.
pub(crate) async fn switch_draft(tx: &Tx, ids: &IdSource, workspace: WorkspaceId, now: Time) -> Result<bool, DbErr> {
    let Some(rungs) = draft_of(tx, workspace).await? else { return Ok(false) };
    let gone: Vec<RungRow> = live_rungs(tx, workspace).await?;
    for row in gone.iter().filter(|row| !rungs.iter().any(|rung| rung.segment == row.id)) {
        segments::delete(tx, SegmentId(row.id), now).await?;
    }
    for (place, rung) in rungs.iter().enumerate() {
        if let Some(successor) = rung.successor {
            succeed(tx, ids, rung.segment, successor, now).await?;
        }
        tx.run(
            "UPDATE segments SET state = 'live', position = $2, name = $3, updated_at = $4 WHERE id = $1",
            vec![rung.segment.into(), (place as i64 + 1).into(), rung.name.as_str().into(), now.millis().into()],
        )
        .await?;
    }
    tx.run("DELETE FROM stage_drafts WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    Ok(true)
}

/// Gives a workspace the usual ladder when it never had one.
/// Whether it did.
pub async fn ensure_ladder(tx: &Tx, ids: &IdSource, workspace: WorkspaceId, now: Time) -> Result<bool, DbErr> {
    let known: Option<i64> = tx
        .scalar("SELECT id FROM segments WHERE workspace_id = $1 AND kind = 'stage' LIMIT 1", vec![workspace.0.into()])
        .await?;
    if known.is_some() {
        return Ok(false);
    }
    let mut rungs = Vec::new();
    for (key, name, rule) in usual_ladder() {
        let rule = Rule::parse(&rule).map_err(|problem| DbErr::Custom(format!("the usual ladder: {problem:?}")))?;
        rungs.push(Rung { key: key.to_owned(), name: name.to_owned(), rule, falls_back: false });
    }
    save_draft(tx, ids, now, (workspace, "hearth"), &rungs).await?;
    let somebody: Option<i64> =
        tx.scalar("SELECT id FROM members WHERE workspace_id = $1 LIMIT 1", vec![workspace.0.into()]).await?;
    if somebody.is_none() {
        tx.run(
            "UPDATE segments SET state = 'built' WHERE workspace_id = $1 AND kind = 'stage'",
            vec![workspace.0.into()],
        )
        .await?;
        switch_draft(tx, ids, workspace, now).await?;
    }
    Ok(true)
}

/// From stranger to fan, by what the Segment specifications and Hearth's own events call it.
fn usual_ladder() -> [(&'static str, &'static str, Value); 6] {
    let happened = |name: &str| json!({"event": name});
    let bought = |times: i64| json!({"event": "Order Completed", "count": {"op": "gte", "value": times}});
    let any = |names: &[&str]| json!({"any": names.iter().map(|name| happened(name)).collect::<Vec<_>>()});
    let shared = any(&["Product Shared", "Content Shared", "Invite Sent", "Referral Completed"]);
    let rated = |event: &str, property: &str, least: i64| json!({"event": event, "where": [{"property": property, "op": "gte", "value": least}]});
    [
        (
            "follower",
            "关注 Follower",
            any(&["Signed Up", "Account Created", "Channel Followed", "Group Joined", "Subscribed"]),
        ),
        ("buyer", "购买 Buyer", bought(1)),
        (
            "satisfied",
            "满意 Satisfied",
            json!({"all": [bought(1), {"any": [
                rated("Product Reviewed", "rating", 4), rated("Survey Answered", "score", 9)]}]}),
        ),
        ("repeat", "复购 Repeat buyer", bought(2)),
        ("advocate", "分享 Advocate", json!({"all": [bought(1), shared]})),
        (
            "fan",
            "铁粉 Fan",
            json!({"all": [bought(3), any(&["Invite Sent", "Referral Completed"]),
                {"event": "Message Posted", "count": {"op": "gte", "value": 10}}]}),
        ),
    ]
}
