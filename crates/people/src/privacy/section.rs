//! What every feature that keeps something about members says about it: which tables, how they are shown to the
//! member, and how they are erased.

use std::collections::BTreeMap;

use async_trait::async_trait;
use base::{
    IdSource, Time,
    ids::{ErasureId, IdentityId, MemberId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use store::{Db, DbErr, Sql, Tx};

use super::Needles;

/// What one feature keeps about members. All of them stand in one visible list.
#[async_trait]
pub trait MemberSection: Send + Sync {
    /// The tables for which this section answers. A table that names a member and for which nobody answers fails a test.
    fn tables(&self) -> &'static [&'static str];

    /// What a member gets to see of them.
    fn parts(&self) -> &'static [Part];

    /// Erases what is kept of him. It is carried out alone in its batch of the pipeline, and a second time afterwards,
    /// for what others were about to write at that moment. Rows that figures are made of keep their place with
    /// [`Subject::nobody`] as their member and nothing in them that says who he was.
    async fn erase(&self, tx: &Tx, ids: &IdSource, subject: &Subject) -> Result<Counts, DbErr>;

    /// Whether something about him is under way outside, of which something will yet be written down.
    async fn is_busy(&self, _db: &Db, _subject: &Subject) -> Result<bool, DbErr> {
        Ok(false)
    }

    /// Erases what can only be found by reading through: texts that may hold one of his addresses.
    async fn sweep(&self, _db: &Db, _subject: &Subject, _needles: &Needles) -> anyhow::Result<Counts> {
        Ok(Counts::default())
    }
}

/// Whom an erasure is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subject {
    /// Which erasure.
    pub erasure: ErasureId,
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// The member, and all who were merged into him.
    pub members: Vec<MemberId>,
    /// His identities.
    pub identities: Vec<HisIdentity>,
    /// Members of whom nothing but the identities above is erased: in a copy from before a merge was undone, somebody
    /// else may stand under one id with him.
    pub partly: Vec<MemberId>,
    /// Stands for the member where a row must name one.
    pub nobody: MemberId,
    /// What arrived until then is his.
    pub at: Time,
}

/// One of the identities that are erased.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HisIdentity {
    /// Its id.
    pub id: IdentityId,
    /// Its kind.
    pub kind: String,
    /// Its value, normalised.
    pub value: String,
}

impl Subject {
    /// The numbers of his members, for `{rows}`.
    pub fn member_rows(&self) -> Vec<(i64,)> {
        self.members.iter().map(|id| (id.0,)).collect()
    }

    /// The numbers of his identities, for `{rows}`.
    pub fn identity_rows(&self) -> Vec<(i64,)> {
        self.identities.iter().map(|identity| (identity.id.0,)).collect()
    }
}

/// How many rows, by table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows that are gone.
    pub deleted: BTreeMap<String, u64>,
    /// Rows that say no more who he was.
    pub blanked: BTreeMap<String, u64>,
}

impl Counts {
    /// Counts rows that are gone.
    pub fn delete(&mut self, table: &str, rows: u64) {
        *self.deleted.entry(table.to_owned()).or_default() += rows;
    }

    /// Counts rows that say no more who he was.
    pub fn blank(&mut self, table: &str, rows: u64) {
        *self.blanked.entry(table.to_owned()).or_default() += rows;
    }

    /// Adds what others have counted.
    pub fn add(&mut self, other: Counts) {
        for (table, rows) in other.deleted {
            self.delete(&table, rows);
        }
        for (table, rows) in other.blanked {
            self.blank(&table, rows);
        }
    }

    /// Deletes the rows of a table whose column has one of these numbers.
    pub async fn delete_where(
        &mut self,
        tx: &Tx,
        table: &'static str,
        column: &str,
        numbers: &[(i64,)],
    ) -> Result<(), DbErr> {
        let sql = format!("DELETE FROM {table} WHERE {column} IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {{rows}})");
        let rows = tx.run_rows(&sql, numbers).await?;
        self.delete(table, rows);
        Ok(())
    }
}

/// One list in the export of a member.
#[derive(Debug)]
pub struct Part {
    /// Its name in the document.
    pub name: &'static str,
    /// Its title in Chinese and in English.
    pub title: (&'static str, &'static str),
    /// What `$1` in `from` stands for.
    pub of: PartOf,
    /// `FROM … WHERE …`, all that follows `SELECT …` but the order.
    pub from: &'static str,
    /// Numbers by which rows are sorted and paged; together they are unique. An index should know this order where there
    /// may be many rows.
    pub keys: &'static [&'static str],
    /// By what the latest rows are found, for the page that shows only so many.
    pub latest: &'static str,
    /// What is said of each row.
    pub columns: &'static [Column],
}

/// What a part is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartOf {
    /// The number of the member.
    Member,
    /// The text of his id, and of the ids of those who were merged into him, each in its turn.
    MemberText,
    /// The number of one of his identities, each in its turn.
    Identity,
}

/// One thing that is said of each row of a part.
#[derive(Debug)]
pub struct Column {
    /// Its name in the document.
    pub name: &'static str,
    /// The SQL for it.
    pub sql: &'static str,
    /// How it is to be read.
    pub kind: ColumnKind,
    /// What it is called in Chinese and in English.
    pub label: (&'static str, &'static str),
}

/// How a column is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// 0 or 1.
    Flag,
    /// Milliseconds.
    Moment,
    /// A text that holds JSON.
    Json,
    /// Traits as an identity keeps them: `{"name": [value, set_at, source]}`.
    Traits,
    /// The number behind an id with this prefix.
    Id(&'static str),
}

/// A column.
pub const fn column(
    name: &'static str,
    sql: &'static str,
    kind: ColumnKind,
    chinese: &'static str,
    english: &'static str,
) -> Column {
    Column { name, sql, kind, label: (chinese, english) }
}
