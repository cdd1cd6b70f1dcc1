//! What queries see beside events: the views that features declare, read page by page.

use std::{collections::HashMap, fmt, sync::Arc};

use api::ApiResult;
use async_trait::async_trait;
use base::ids::{MemberId, WorkspaceId, text_of};
use behaviour::sql::{Cell, Column, ColumnKind, Page, PageSource};
use people::rules::RuleBook;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use store::{
    Db, Value,
    views::{View, ViewKey, ViewKind, ViewPart},
};

use crate::Insight;

/// Rows that are read at once.
const AT_ONCE: usize = 10_000;
/// What members show, which is put together from all their identities.
const MEMBERS: &str = "members";
const TRAITS: &str = "traits";

/// The tables of a workspace.
pub(super) async fn of(insight: &Insight, workspace: WorkspaceId) -> ApiResult<Vec<Arc<dyn PageSource>>> {
    let books = people::rules::profile_books(insight.db.read(), &[workspace]).await?;
    let table = |view: &&'static View| -> Arc<dyn PageSource> {
        let book = books.get(&workspace).cloned().filter(|_| view.name == MEMBERS);
        Arc::new(Table { view, columns: columns(view), db: insight.db.clone(), workspace, book })
    };
    Ok(insight.views.iter().map(table).collect())
}

/// The columns of a view.
pub(super) fn columns(view: &View) -> Vec<Column> {
    let column = |(name, kind): &(&str, ViewKind)| Column {
        name: (*name).to_owned(),
        kind: match kind {
            ViewKind::Id(_) | ViewKind::Text => ColumnKind::Text,
            ViewKind::Whole => ColumnKind::Whole,
            ViewKind::Flag => ColumnKind::Truth,
            ViewKind::Moment => ColumnKind::Moment,
        },
    };
    let traits = (view.name == MEMBERS).then(|| Column { name: TRAITS.to_owned(), kind: ColumnKind::Text });
    view.columns.iter().map(column).chain(traits).collect()
}

/// A view of a workspace.
struct Table {
    view: &'static View,
    columns: Vec<Column>,
    db: Db,
    workspace: WorkspaceId,
    /// By which traits are told, for members.
    book: Option<Arc<RuleBook>>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.view.name)
    }
}

#[async_trait]
impl PageSource for Table {
    fn name(&self) -> &str {
        self.view.name
    }

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    async fn page(&self, columns: &[usize], after: Option<&[Cell]>) -> Result<Page, String> {
        // The place of the part stands before the keys of its rows.
        let (place, keys) = match after {
            Some([Cell::Whole(place), keys @ ..]) => (*place as usize, keys),
            _ => (0, &[][..]),
        };
        let Some(part) = self.view.parts.get(place) else { return Ok(Page::default()) };
        let rows = self.read(part, columns, keys).await.map_err(|error| error.to_string())?;
        let is_last = rows.len() < AT_ONCE;
        let next = match rows.last() {
            Some((keys, _)) if !is_last => {
                Some(std::iter::once(Cell::Whole(place as i64)).chain(keys.iter().cloned()).collect())
            }
            _ => (place + 1 < self.view.parts.len()).then(|| vec![Cell::Whole(place as i64 + 1)]),
        };
        Ok(Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next })
    }
}

/// A row, behind the keys by which it is in order.
type Row = (Vec<Cell>, Vec<Cell>);

impl Table {
    async fn read(&self, part: &ViewPart, columns: &[usize], after: &[Cell]) -> Result<Vec<Row>, store::DbErr> {
        let keys: Vec<&str> = part.keys.iter().map(|key| key.column()).collect();
        let own = columns.iter().filter_map(|column| part.select.get(*column).copied());
        let select: Vec<&str> = keys.iter().copied().chain(own).collect();
        let mut values: Vec<Value> = vec![self.workspace.0.into()];
        let mut condition = String::new();
        if !after.is_empty() {
            values.extend(after.iter().map(|cell| match cell {
                Cell::Text(text) => text.as_str().into(),
                Cell::Whole(number) => (*number).into(),
                _ => Value::BigInt(None),
            }));
            let places: Vec<String> = (2..after.len() + 2).map(|place| format!("${place}")).collect();
            condition = format!(" AND ({}) > ({})", keys.join(", "), places.join(", "));
        }
        let sql = format!(
            "SELECT {} {}{condition} ORDER BY {} LIMIT {AT_ONCE}",
            select.join(", "),
            part.from,
            keys.join(", ")
        );
        let db = self.db.read();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let found = db.query_all_raw(statement).await?;
        let mut rows: Vec<Row> =
            found.iter().map(|row| self.row(part, columns, row)).collect::<Result<_, store::DbErr>>()?;
        if let (Some(book), Some(place)) = (&self.book, columns.iter().position(|column| *column >= part.select.len()))
        {
            self.add_traits(book, place, &mut rows).await?;
        }
        Ok(rows)
    }

    fn row(&self, part: &ViewPart, columns: &[usize], row: &QueryResult) -> Result<Row, store::DbErr> {
        let key = |(place, key): (usize, &ViewKey)| -> Result<Cell, store::DbErr> {
            Ok(match key {
                ViewKey::Number(_) => Cell::Whole(row.try_get_by_index(place)?),
                ViewKey::Text(_) => Cell::Text(row.try_get_by_index(place)?),
            })
        };
        let keys: Vec<Cell> = part.keys.iter().enumerate().map(key).collect::<Result<_, _>>()?;
        let mut cells = Vec::with_capacity(columns.len());
        let mut place = keys.len();
        for column in columns {
            let Some((_, kind)) = self.view.columns.get(*column) else {
                cells.push(Cell::Null);
                continue;
            };
            cells.push(match kind {
                ViewKind::Text => row.try_get_by_index::<Option<String>>(place)?.map_or(Cell::Null, Cell::Text),
                kind => match (row.try_get_by_index::<Option<i64>>(place)?, kind) {
                    (None, _) => Cell::Null,
                    (Some(number), ViewKind::Id(prefix)) => Cell::Text(text_of(prefix, number)),
                    (Some(number), ViewKind::Flag) => Cell::Truth(number != 0),
                    (Some(number), _) => Cell::Whole(number),
                },
            });
            place += 1;
        }
        Ok((keys, cells))
    }

    /// Puts what members show at a place of their rows.
    async fn add_traits(&self, book: &RuleBook, place: usize, rows: &mut [Row]) -> Result<(), store::DbErr> {
        let id = |row: &Row| match row.0.first() {
            Some(Cell::Whole(id)) => *id,
            _ => 0,
        };
        let (Some(first), Some(last)) = (rows.first().map(id), rows.last().map(id)) else { return Ok(()) };
        let shown = people::members::shown_traits(&self.db, book, (MemberId(first), MemberId(last))).await?;
        let shown: HashMap<i64, String> = shown
            .into_iter()
            .map(|(member, traits)| (member.0, serde_json::Value::Object(traits).to_string()))
            .collect();
        for row in rows {
            let traits = shown.get(&id(row)).cloned().unwrap_or_else(|| "{}".to_owned());
            row.1[place] = Cell::Text(traits);
        }
        Ok(())
    }
}
