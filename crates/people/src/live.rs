//! What pages may watch of people.

use std::sync::Arc;

use api::{ApiResult, Area, LiveTopic};
use async_trait::async_trait;
use base::ids::{MemberId, SegmentId, WorkspaceId};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};
use store::{Db, Sql};

/// Segments told of at once.
const MOST_SEGMENTS: i64 = 1_000;

/// What can be watched in this room.
pub fn topics(db: &Db) -> Vec<Arc<dyn LiveTopic>> {
    vec![
        Arc::new(SegmentsTopic { db: db.clone() }),
        Arc::new(SegmentTopic { db: db.clone() }),
        Arc::new(MemberTopic { db: db.clone() }),
    ]
}

/// The sizes of all segments, and how far those are that are being built.
struct SegmentsTopic {
    db: Db,
}

#[derive(FromQueryResult)]
struct SegmentRow {
    id: i64,
    state: String,
    size: i64,
    built: i64,
    to_build: i64,
    changed: Option<i64>,
}

impl SegmentRow {
    fn told(&self) -> Value {
        json!({
            "id": SegmentId(self.id).to_string(), "state": self.state, "size": self.size, "built": self.built,
            "to_build": self.to_build, "changed": self.changed.map(|change| change.to_string()),
        })
    }
}

#[async_trait]
impl LiveTopic for SegmentsTopic {
    fn name(&self) -> &'static str {
        "segments"
    }

    fn area(&self) -> Area {
        Area::Segments
    }

    async fn state(&self, workspace: WorkspaceId, _: Option<&str>) -> ApiResult<Option<Value>> {
        let sql = "SELECT id, state, size, built, to_build, CAST(NULL AS BIGINT) AS changed FROM segments
                   WHERE workspace_id = $1 AND deleted_at IS NULL AND kind = 'segment' ORDER BY id LIMIT $2";
        let rows: Vec<SegmentRow> = self.db.read().all(sql, vec![workspace.0.into(), MOST_SEGMENTS.into()]).await?;
        Ok(Some(json!({ "items": rows.iter().map(SegmentRow::told).collect::<Vec<_>>() })))
    }
}

/// One segment; `changed` differs whenever somebody has entered or left it.
struct SegmentTopic {
    db: Db,
}

#[async_trait]
impl LiveTopic for SegmentTopic {
    fn name(&self) -> &'static str {
        "segment"
    }

    fn area(&self) -> Area {
        Area::Segments
    }

    async fn state(&self, workspace: WorkspaceId, id: Option<&str>) -> ApiResult<Option<Value>> {
        let Some(id) = id.and_then(|id| id.parse::<SegmentId>().ok()) else { return Ok(None) };
        let sql = "SELECT id, state, size, built, to_build,
                     (SELECT MAX(c.id) FROM segment_changes c WHERE c.segment_id = $2) AS changed
                   FROM segments WHERE id = $2 AND workspace_id = $1 AND deleted_at IS NULL";
        let row: Option<SegmentRow> = self.db.read().one(sql, vec![workspace.0.into(), id.0.into()]).await?;
        Ok(row.map(|row| row.told()))
    }
}

/// One member, who has moved whenever this differs.
struct MemberTopic {
    db: Db,
}

#[derive(FromQueryResult)]
struct MemberRow {
    last_seen_at: i64,
    merged_into: Option<i64>,
    changed: Option<i64>,
}

#[async_trait]
impl LiveTopic for MemberTopic {
    fn name(&self) -> &'static str {
        "member"
    }

    fn area(&self) -> Area {
        Area::People
    }

    async fn state(&self, workspace: WorkspaceId, id: Option<&str>) -> ApiResult<Option<Value>> {
        let Some(id) = id.and_then(|id| id.parse::<MemberId>().ok()) else { return Ok(None) };
        let sql = "SELECT last_seen_at, merged_into,
                     (SELECT MAX(c.id) FROM segment_changes c WHERE c.member_id = $2) AS changed
                   FROM members WHERE id = $2 AND workspace_id = $1";
        let row: Option<MemberRow> = self.db.read().one(sql, vec![workspace.0.into(), id.0.into()]).await?;
        Ok(row.map(|row| {
            json!({
                "id": id.to_string(),
                "changed": [row.last_seen_at.to_string(), row.changed.map(|change| change.to_string())],
                "merged_into": row.merged_into.map(|other| MemberId(other).to_string()),
            })
        }))
    }
}
