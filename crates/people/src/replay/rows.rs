//! Copying rows from one database into another, whatever columns they have.

use sea_orm::{DbBackend, DbErr, FromQueryResult, Value};
use serde_json::value::RawValue;
use store::{Sql, Tx};

#[derive(FromQueryResult)]
struct ColumnRow {
    name: String,
}

#[derive(FromQueryResult)]
struct RowText {
    row_text: String,
}

/// A table of the copy.
pub(super) struct Table {
    name: &'static str,
    columns: Vec<String>,
}

impl Table {
    /// With the columns that it has in this database, which is SQLite.
    pub(super) async fn of(copy: &Tx, name: &'static str) -> Result<Table, DbErr> {
        let rows: Vec<ColumnRow> =
            copy.all("SELECT name FROM pragma_table_info($1) ORDER BY cid", vec![name.into()]).await?;
        Ok(Table { name, columns: rows.into_iter().map(|row| row.name).collect() })
    }

    /// Copies rows of this table: those that are called `x` in `source`, which stands behind FROM. With keys, `source` names
    /// `{rows}`, as in [`Sql::all_rows`], and further parameters are from `$2` on.
    pub(super) async fn copy(
        &self,
        from: &impl Sql,
        copy: &Tx,
        source: &str,
        keys: Option<&[(i64,)]>,
        values: Vec<Value>,
    ) -> Result<u64, DbErr> {
        let columns: Vec<String> = self.columns.iter().map(|column| format!("x.{column}")).collect();
        let array = match from.get_database_backend() {
            DbBackend::Postgres => format!("CAST(json_build_array({}) AS TEXT)", columns.join(", ")),
            _ => format!("json_array({})", columns.join(", ")),
        };
        let sql = format!("SELECT {array} AS row_text FROM {source}");
        let found: Vec<RowText> = match keys {
            Some(keys) => from.all_rows(&sql, keys, values).await?,
            None => from.all(&sql, values).await?,
        };
        self.insert(copy, found).await
    }

    async fn insert(&self, copy: &Tx, found: Vec<RowText>) -> Result<u64, DbErr> {
        let rows: Vec<Box<RawValue>> = found
            .into_iter()
            .map(|row| RawValue::from_string(row.row_text).map_err(|error| DbErr::Custom(error.to_string())))
            .collect::<Result<_, DbErr>>()?;
        // SQLite takes numbers and texts out of the JSON as what they are.
        let values: Vec<String> = (0..self.columns.len()).map(|place| format!("r.value->>{place}")).collect();
        let sql = format!(
            "INSERT OR REPLACE INTO {} ({}) SELECT {} FROM {{rows}} WHERE true",
            self.name,
            self.columns.join(", "),
            values.join(", ")
        );
        copy.run_rows(&sql, &rows).await
    }
}
