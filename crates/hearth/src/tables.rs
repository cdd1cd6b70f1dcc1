//! All tables as JSON lines, from and to either database.

use std::{
    io::{BufRead, Write},
    path::Path,
};

use anyhow::Context;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use serde_json::{Map, Value};
use store::{Sql, Tx};

/// Tables that a copy leaves out: they are about this installation and moment alone, or the database makes them of others.
const LEFT_OUT: [&str; 5] = ["schema_steps", "login_failures", "setup_tokens", "outbox_counts", "outbox_changes"];
const ROWS_AT_ONCE: i64 = 2_000;

#[derive(FromQueryResult)]
struct NameRow {
    name: String,
}

#[derive(FromQueryResult)]
struct ColumnRow {
    name: String,
    is_number: i64,
    is_key: i64,
}

#[derive(FromQueryResult)]
struct JsonRow {
    json: String,
}

/// A table and its columns.
pub struct Table {
    /// Its name.
    pub name: String,
    columns: Vec<ColumnRow>,
}

/// All tables that belong into a copy, by name.
pub async fn list(db: &impl Sql) -> anyhow::Result<Vec<Table>> {
    let is_postgres = db.get_database_backend() == DbBackend::Postgres;
    let names: Vec<NameRow> = db
        .all(
            if is_postgres {
                "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
            } else {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
            },
            Vec::new(),
        )
        .await?;
    let mut tables = Vec::new();
    for NameRow { name } in names {
        if LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        let sql = if is_postgres {
            "SELECT CAST(c.column_name AS TEXT) AS name,
                    CAST(CASE WHEN c.data_type = 'bigint' THEN 1 ELSE 0 END AS BIGINT) AS is_number,
                    CAST(CASE WHEN k.column_name IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_key
             FROM information_schema.columns c
             LEFT JOIN information_schema.table_constraints t ON t.table_schema = c.table_schema
               AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY'
             LEFT JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name
               AND k.table_schema = t.table_schema AND k.table_name = t.table_name AND k.column_name = c.column_name
             WHERE c.table_schema = current_schema() AND c.table_name = $1 ORDER BY c.ordinal_position"
        } else {
            "SELECT name, CAST(CASE WHEN type IN ('BIGINT', 'INTEGER') THEN 1 ELSE 0 END AS BIGINT) AS is_number,
                    CAST(pk > 0 AS BIGINT) AS is_key FROM pragma_table_info($1) ORDER BY cid"
        };
        let columns = db.all(sql, vec![name.clone().into()]).await?;
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

impl Table {
    fn key(&self) -> String {
        let keys: Vec<&str> =
            self.columns.iter().filter(|column| column.is_key != 0).map(|column| column.name.as_str()).collect();
        keys.join(", ")
    }

    /// Writes all rows of the snapshot, one JSON object per line; returns how many.
    pub async fn write(&self, snapshot: &Tx, out: &mut impl Write) -> anyhow::Result<u64> {
        let pairs: Vec<String> = self.columns.iter().map(|column| format!("'{0}', {0}", column.name)).collect();
        let object = match snapshot.get_database_backend() {
            DbBackend::Postgres => format!("CAST(json_build_object({}) AS TEXT)", pairs.join(", ")),
            _ => format!("json_object({})", pairs.join(", ")),
        };
        let key = self.key();
        let mut written = 0;
        let mut last: Option<Map<String, Value>> = None;
        loop {
            // Keyset paging: each page begins after the last key of the one before.
            let mut values = Vec::new();
            let condition = match &last {
                None => String::new(),
                Some(row) => {
                    let mut marks = Vec::new();
                    for column in self.columns.iter().filter(|column| column.is_key != 0) {
                        let value = row.get(&column.name);
                        values.push(match column.is_number {
                            0 => value.and_then(Value::as_str).unwrap_or_default().into(),
                            _ => value.and_then(Value::as_i64).unwrap_or_default().into(),
                        });
                        marks.push(format!("${}", values.len()));
                    }
                    format!("WHERE ({key}) > ({})", marks.join(", "))
                }
            };
            let sql =
                format!("SELECT {object} AS json FROM {} {condition} ORDER BY {key} LIMIT {ROWS_AT_ONCE}", self.name);
            let rows: Vec<JsonRow> = snapshot.all(&sql, values).await?;
            for row in &rows {
                // PostgreSQL puts blanks into its JSON; one form for both.
                let value: Value = serde_json::from_str(&row.json)?;
                serde_json::to_writer(&mut *out, &value)?;
                out.write_all(b"\n")?;
            }
            written += rows.len() as u64;
            match rows.last() {
                Some(row) if rows.len() as i64 == ROWS_AT_ONCE => last = serde_json::from_str(&row.json)?,
                _ => return Ok(written),
            }
        }
    }

    /// Whether there is no row in it.
    pub async fn is_empty(&self, tx: &Tx) -> anyhow::Result<bool> {
        let sql = format!("SELECT CAST(1 AS BIGINT) FROM {} LIMIT 1", self.name);
        let first: Option<i64> = tx.scalar(&sql, Vec::new()).await?;
        Ok(first.is_none())
    }

    /// Reads rows that [`Table::write`] wrote; returns how many.
    pub async fn read(&self, tx: &Tx, lines: impl BufRead) -> anyhow::Result<u64> {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let picks: Vec<String> = self
            .columns
            .iter()
            .map(|column| match column.is_number {
                0 => format!("r.value->>'{}'", column.name),
                _ => format!("CAST(r.value->>'{}' AS BIGINT)", column.name),
            })
            .collect();
        let sql = format!("INSERT INTO {} ({}) SELECT {} FROM {{rows}}", self.name, names.join(", "), picks.join(", "));
        let mut rows: Vec<Value> = Vec::new();
        let mut read = 0;
        let mut lines = lines.lines();
        loop {
            let line = lines.next().transpose()?;
            if let Some(line) = &line {
                rows.push(serde_json::from_str(line).with_context(|| format!("{}: not a row", self.name))?);
            }
            if rows.len() as i64 == ROWS_AT_ONCE || line.is_none() {
                read += tx.run_rows(&sql, &rows).await?;
                rows.clear();
            }
            if line.is_none() {
                return Ok(read);
            }
        }
    }
}

/// Where a table's rows are in a backup.
pub fn file_of(dir: &Path, table: &str) -> std::path::PathBuf {
    dir.join("tables").join(format!("{table}.jsonl"))
}
