//! How SQLite goes about statements over many rows: from the rows to the tables, never the other way round.
//!
//! SQLite does not know how long its tables are. Where a statement names a constant that an index begins with, it takes the
//! table for the shorter one and goes through all of it, looking for each of its rows among those that were handed in. Each
//! test on SQLite therefore ends with asking for the plans of all statements over rows that ran until then. A statement that
//! is found here is written with `CROSS JOIN`, which SQLite carries out as it is written.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use store::Db;

/// Tables that stay short, so that it does not matter how they are read: what people set up, and queues.
const SHORT: [&str; 20] = [
    "channels",
    "emitted_events",
    "event_names",
    "expired_events",
    "groups",
    "journey_planning",
    "journey_simulations",
    "journey_versions",
    "journeys",
    "kept_apart",
    "outbox_changes",
    "outbox_counts",
    "segments",
    "stages",
    "tags",
    "template_partials",
    "templates",
    "user_roles",
    "users",
    "workspaces",
];

/// Parts of statements that read a long table, and may: its last rows, as many as they say; what a simulation has queued in
/// its own database, once, at its end; what an erasure, which is rare, takes out of tables without an index by member.
const ON_PURPOSE: [&str; 4] = [
    "FROM events ORDER BY id DESC LIMIT",
    "OVER (PARTITION BY d.run_id ORDER BY d.queued_at",
    "DELETE FROM merge_suggestions WHERE",
    "DELETE FROM timers WHERE subject IN",
];

/// Statements over rows, and whether their plans were asked for.
static STATEMENTS: Mutex<BTreeMap<String, bool>> = Mutex::new(BTreeMap::new());

#[derive(FromQueryResult)]
struct Line {
    parent: i64,
    detail: String,
}

#[derive(FromQueryResult)]
struct Table {
    name: String,
}

/// Notes statements from now on, where the program tells of them.
pub(crate) fn watch() {
    #[cfg(debug_assertions)]
    store::sql::watch(|backend, sql| {
        if backend != DbBackend::Sqlite {
            return;
        }
        let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
        if !statements.contains_key(sql) {
            statements.insert(sql.to_owned(), false);
        }
    });
}

/// Asks SQLite for the plans of the statements that it was not asked for yet, and stops at those that go through a long
/// table.
pub(crate) async fn check(db: &Db) {
    let new: Vec<String> = {
        let mut statements = STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner);
        let new = statements.iter().filter(|(_, is_asked)| !**is_asked).map(|(sql, _)| sql.clone()).collect();
        statements.values_mut().for_each(|is_asked| *is_asked = true);
        new
    };
    let tables: Vec<Table> = Table::find_by_statement(Statement::from_string(
        db.backend(),
        "SELECT name FROM sqlite_master WHERE type = 'table'",
    ))
    .all(db.read())
    .await
    .unwrap();
    let long: BTreeSet<String> =
        tables.into_iter().map(|table| table.name).filter(|name| !SHORT.contains(&name.as_str())).collect();
    let mut found = Vec::new();
    for sql in new.into_iter().filter(|sql| !ON_PURPOSE.iter().any(|part| sql.contains(part))) {
        let asked = format!("EXPLAIN QUERY PLAN {}", sql.replace("{rows}", store::sql::rows_table(db.backend())));
        let lines = db.read().query_all_raw(Statement::from_string(db.backend(), asked)).await;
        let lines = lines.unwrap_or_else(|error| panic!("{error}\n{sql}"));
        let lines: Vec<Line> = lines.iter().map(|row| Line::from_query_result(row, "").unwrap()).collect();
        if let Some(wrong) = wrong(&sql, &lines, &long) {
            let plan: Vec<&str> = lines.iter().map(|line| line.detail.as_str()).collect();
            found.push(format!("{wrong}\n{sql}\n  {}", plan.join("\n  ")));
        }
    }
    assert!(found.is_empty(), "SQLite goes through long tables:\n\n{}", found.join("\n\n"));
}

/// What is wrong with a plan: a long table that is read as a whole, or that is read before the rows.
fn wrong(sql: &str, lines: &[Line], long: &BTreeSet<String>) -> Option<String> {
    let names = names(sql, long);
    for (place, line) in lines.iter().enumerate() {
        let mut words = line.detail.split(' ');
        let (verb, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Some(table) = names.get(name) else { continue };
        let mut later = lines[place..].iter().filter(|other| other.parent == line.parent);
        match verb {
            "SCAN" => return Some(format!("all of {table} is read")),
            // A slice of the table by its ids, however the rows are then compared with it.
            "SEARCH" if line.detail.contains("(rowid>? AND rowid<?)") => {}
            "SEARCH" if later.any(|other| other.detail.starts_with("SCAN r VIRTUAL")) => {
                return Some(format!("{table} is read before the rows"));
            }
            _ => {}
        }
    }
    None
}

/// The long tables of a statement by the names that it gives them.
fn names(sql: &str, long: &BTreeSet<String>) -> BTreeMap<String, String> {
    let words: Vec<&str> = sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let mut names = BTreeMap::new();
    for (place, word) in words.iter().enumerate() {
        if !long.contains(*word) {
            continue;
        }
        names.insert((*word).to_owned(), (*word).to_owned());
        let next = words[place + 1..].iter().find(|word| !word.eq_ignore_ascii_case("AS"));
        if let Some(alias) = next.filter(|word| word.chars().any(char::is_lowercase)) {
            names.insert((*alias).to_owned(), (*word).to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(detail: &str) -> Line {
        Line { parent: 0, detail: detail.to_owned() }
    }

    #[test]
    fn a_plan_is_wrong_when_a_long_table_comes_before_the_rows_or_is_read_as_a_whole() {
        let long = BTreeSet::from(["timers".to_owned()]);
        let sql = "SELECT t.subject FROM {rows} JOIN timers t ON t.kind = 'a' AND t.subject = r.value->>0";
        let rows = || line("SCAN r VIRTUAL TABLE INDEX 1:");
        let search = || line("SEARCH t USING INDEX timers_by_kind (kind=?)");
        assert_eq!(wrong(sql, &[rows(), search()], &long), None);
        assert!(wrong(sql, &[search(), rows()], &long).is_some());
        assert!(wrong(sql, &[rows(), line("SCAN t")], &long).is_some());
        assert_eq!(wrong(sql, &[line("SCAN x"), rows()], &long), None, "a table that is made on the way");
    }
}
