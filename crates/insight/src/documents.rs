//! What people save in this room: named things with a version, so that two who change one at once do not undo each other.

use api::{ApiResult, Caller, Page, PageQuery};
use base::{Code, Problem, Time, ids::WorkspaceId};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql, Tx, audit};

use crate::Insight;

/// Where one kind of them is kept.
pub(crate) struct Shelf {
    /// The table.
    pub(crate) table: &'static str,
    /// By which the audit log calls them.
    pub(crate) word: &'static str,
    /// So many a workspace may have.
    pub(crate) most: i64,
}

/// One of them, as it is kept.
#[derive(FromQueryResult)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) name: String,
    body_json: String,
    pub(crate) version: i64,
    pub(crate) created_by: String,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, name, body_json, version, created_by, created_at, updated_at";

impl Row {
    /// What was saved.
    pub(crate) fn body<B: DeserializeOwned>(&self) -> Result<B, Problem> {
        serde_json::from_str(&self.body_json).map_err(|error| {
            tracing::error!(%error, id = self.id, "what was saved cannot be read");
            Problem::new(Code::Internal)
        })
    }

    /// When it was made.
    pub(crate) fn created_at(&self) -> Time {
        Time::from_millis(self.created_at)
    }

    /// When it was last saved.
    pub(crate) fn updated_at(&self) -> Time {
        Time::from_millis(self.updated_at)
    }
}

impl Shelf {
    /// A page of them, newest first.
    pub(crate) async fn list(
        &self,
        insight: &Insight,
        caller: &Caller,
        page: &PageQuery,
    ) -> ApiResult<(Vec<Row>, Option<String>)> {
        let limit = page.limit();
        let sql = format!(
            "SELECT {COLUMNS} FROM {} WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            self.table
        );
        let values = vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()];
        let rows: Vec<Row> = insight.db.read().all(&sql, values).await?;
        let page = Page::from_rows(rows, limit, |row| row.id, |row| row);
        Ok((page.items, page.next))
    }

    /// One of them.
    pub(crate) async fn get(&self, db: &impl Sql, caller: &Caller, id: i64) -> ApiResult<Row> {
        let sql = format!("SELECT {COLUMNS} FROM {} WHERE workspace_id = $1 AND id = $2", self.table);
        let row: Option<Row> = db.one(&sql, vec![caller.workspace.0.into(), id.into()]).await?;
        Ok(row.ok_or(Problem::new(Code::NotFound))?)
    }

    /// Saves a new one.
    pub(crate) async fn make(
        &self,
        insight: &Insight,
        caller: &Caller,
        (id, text): (i64, impl ToString),
        name: &str,
        body: &impl Serialize,
    ) -> ApiResult<Row> {
        let tx = insight.db.begin().await?;
        let count: Option<i64> = tx
            .scalar(
                &format!("SELECT COUNT(*) FROM {} WHERE workspace_id = $1", self.table),
                vec![caller.workspace.0.into()],
            )
            .await?;
        if count.unwrap_or_default() >= self.most {
            let message = format!("there are {} already", self.most);
            return Err(Problem::with(Code::WrongState, message).into());
        }
        self.insert(&tx, caller.workspace, id, (name, body), (&caller.actor, insight.clock.now())).await?;
        self.note(insight, &tx, caller, "created", (&text.to_string(), name)).await?;
        tx.commit().await?;
        self.get(insight.db.read(), caller, id).await
    }

    /// Puts one in; `by` says who made it, and when.
    pub(crate) async fn insert(
        &self,
        tx: &Tx,
        workspace: WorkspaceId,
        id: i64,
        (name, body): (&str, &impl Serialize),
        (actor, now): (&str, Time),
    ) -> Result<(), DbErr> {
        let sql = format!(
            "INSERT INTO {} (id, workspace_id, name, body_json, version, created_by, created_at, updated_at)
             VALUES ($1, $2, $3, $4, 1, $5, $6, $6)",
            self.table
        );
        let values = vec![
            id.into(),
            workspace.0.into(),
            name.into(),
            json!(body).to_string().into(),
            actor.into(),
            now.millis().into(),
        ];
        tx.run(&sql, values).await?;
        Ok(())
    }

    /// Saves one anew, unless somebody has done so since `version`.
    pub(crate) async fn replace(
        &self,
        insight: &Insight,
        caller: &Caller,
        (id, text): (i64, impl ToString),
        version: i64,
        (name, body): (&str, &impl Serialize),
    ) -> ApiResult<Row> {
        let tx = insight.db.begin().await?;
        let sql = format!(
            "UPDATE {} SET name = $4, body_json = $5, version = version + 1, updated_at = $6
             WHERE workspace_id = $1 AND id = $2 AND version = $3",
            self.table
        );
        let values = vec![
            caller.workspace.0.into(),
            id.into(),
            version.into(),
            name.into(),
            json!(body).to_string().into(),
            insight.clock.now().millis().into(),
        ];
        if tx.run(&sql, values).await? == 0 {
            self.get(&tx, caller, id).await?;
            return Err(Problem::new(Code::Conflict).into());
        }
        self.note(insight, &tx, caller, "updated", (&text.to_string(), name)).await?;
        tx.commit().await?;
        self.get(insight.db.read(), caller, id).await
    }

    /// Deletes one.
    pub(crate) async fn delete(
        &self,
        insight: &Insight,
        caller: &Caller,
        (id, text): (i64, impl ToString),
    ) -> ApiResult<()> {
        let tx = insight.db.begin().await?;
        let row = self.get(&tx, caller, id).await?;
        let sql = format!("DELETE FROM {} WHERE workspace_id = $1 AND id = $2", self.table);
        tx.run(&sql, vec![caller.workspace.0.into(), id.into()]).await?;
        self.note(insight, &tx, caller, "deleted", (&text.to_string(), &row.name)).await?;
        Ok(tx.commit().await?)
    }

    async fn note(
        &self,
        insight: &Insight,
        tx: &Tx,
        caller: &Caller,
        what: &str,
        (target, name): (&str, &str),
    ) -> Result<(), DbErr> {
        let action = format!("{}.{what}", self.word);
        let (now, detail) = (insight.clock.now(), json!({ "name": name }));
        audit::record(tx, &insight.ids, now, caller.workspace, &caller.actor, &action, target, detail).await
    }
}
