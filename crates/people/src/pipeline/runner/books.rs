//! Reading the rules of all workspaces, whenever somebody has changed them.

use std::sync::Arc;

use base::ids::WorkspaceId;
use jiff::tz::TimeZone;
use sea_orm::FromQueryResult;
use store::{Sql, Tx};

use super::Runner;
use crate::{
    identity,
    rules::{self, BookSource, RuleBook},
    stages,
};

#[derive(FromQueryResult)]
struct WorkspaceRow {
    id: i64,
    time_zone: String,
    rules_version: i64,
}

impl Runner {
    /// Reads rules anew when somebody changed them. True when it has written something that is to be committed.
    pub(super) async fn refresh_books(&mut self, tx: &Tx) -> anyhow::Result<bool> {
        // On PostgreSQL the rows are locked against change until this batch is written, so that nobody
        // stops a journey while its runs are being moved; SQLite has one writer anyway.
        let lock = if self.db.backend() == sea_orm::DbBackend::Postgres { " FOR NO KEY UPDATE" } else { "" };
        let sql = format!("SELECT id, time_zone, rules_version FROM workspaces ORDER BY id{lock}");
        let rows: Vec<WorkspaceRow> = tx.all(&sql, Vec::new()).await?;
        let mut has_written = false;
        for row in rows {
            let workspace = WorkspaceId(row.id);
            let zone = TimeZone::get(&row.time_zone).unwrap_or(TimeZone::UTC);
            let is_current =
                self.books.get(&workspace).is_some_and(|book| book.version == row.rules_version && book.zone == zone);
            if is_current {
                continue;
            }
            has_written |= stages::ensure_ladder(tx, &self.ids, workspace, self.clock.now()).await?;
            let mut source = BookSource {
                kept_apart: identity::load_kept_apart(tx, workspace).await?,
                ..rules::load_source(tx, workspace).await?
            };
            for stage in &mut self.stages {
                source.others.extend(stage.configure(tx, workspace).await?);
            }
            let book = RuleBook::compile(workspace, zone, row.rules_version, &source);
            // Members in memory carry the answers of the old book's selections.
            self.people.forget();
            self.stages.iter_mut().for_each(|stage| stage.forget());
            self.builder.rules_changed(tx, workspace).await?;
            self.rebuilder.rules_changed(tx, workspace).await?;
            self.books.insert(workspace, Arc::new(book));
        }
        Ok(has_written)
    }
}
