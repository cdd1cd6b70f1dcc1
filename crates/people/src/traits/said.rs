//! What was said of traits, read from the events that said it, some thousands of events at a time.

use std::collections::{BTreeSet, HashMap};

use base::{
    EventKind, Time,
    ids::{IdentityId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value};
use store::{Sql, Tx};

use super::{Manner, Saying, Told};
use crate::pipeline::EventRow;

/// So many events are read at once.
pub(super) const EVENTS_AT_ONCE: usize = 4_000;

/// Everything that the events of each identity say of each trait, as they say it and in the order of the log.
pub(super) type Said = HashMap<(IdentityId, String), Vec<Saying>>;

#[derive(FromQueryResult)]
struct CountRow {
    identity_id: i64,
    events: i64,
}

#[derive(FromQueryResult)]
struct SaidRow {
    id: i64,
    identity_id: i64,
    happened_at: i64,
    source: String,
    properties_json: String,
    context_json: String,
}

/// Reads what these identities said of the traits of these names, at most `at_once` events at a time; `batch` is what the
/// present batch adds to it, which is yet to be written.
pub(super) async fn what_was_said(
    tx: &Tx,
    workspace: WorkspaceId,
    identities: &BTreeSet<IdentityId>,
    names: &[String],
    (batch, at_once): (&[EventRow], usize),
) -> Result<Said, DbErr> {
    let keys: Vec<(i64,)> = identities.iter().map(|identity| (identity.0,)).collect();
    let counts: Vec<CountRow> = tx
        .all_rows(
            "SELECT e.identity_id, COUNT(*) AS events
             FROM {rows} JOIN events e ON e.identity_id = CAST(r.value->>0 AS BIGINT)
               AND e.name_id = (SELECT n.id FROM event_names n WHERE n.workspace_id = $2 AND n.name = $3)
             GROUP BY e.identity_id ORDER BY e.identity_id",
            &keys,
            of_identify(workspace),
        )
        .await?;
    let mut reader = Reader { names, sayings: HashMap::new() };
    let (mut together, mut events) = (Vec::new(), 0);
    for count in counts {
        let length = usize::try_from(count.events).unwrap_or(usize::MAX);
        if length > at_once {
            reader.read_in_pages(tx, workspace, count.identity_id, at_once).await?;
            continue;
        }
        if events + length > at_once {
            reader.read_together(tx, workspace, &std::mem::take(&mut together)).await?;
            events = 0;
        }
        together.push((count.identity_id,));
        events += length;
    }
    reader.read_together(tx, workspace, &together).await?;
    let brought = |row: &&EventRow| row.event.kind == EventKind::Identify && identities.contains(&row.identity);
    for row in batch.iter().filter(brought) {
        reader.take(&SaidRow {
            id: row.event.id.0,
            identity_id: row.identity.0,
            happened_at: row.event.timestamp.millis(),
            source: row.event.source.clone(),
            properties_json: row.event.properties.get().to_owned(),
            context_json: row.event.context.get().to_owned(),
        });
    }
    Ok(reader.in_order())
}

fn of_identify(workspace: WorkspaceId) -> Vec<sea_orm::Value> {
    vec![workspace.0.into(), EventKind::Identify.default_name().into()]
}

struct Reader<'a> {
    names: &'a [String],
    /// With the numbers of their events.
    sayings: HashMap<(IdentityId, String), Vec<(i64, Saying)>>,
}

impl Reader<'_> {
    async fn read_together(&mut self, tx: &Tx, workspace: WorkspaceId, identities: &[(i64,)]) -> Result<(), DbErr> {
        let rows: Vec<SaidRow> = tx
            .all_rows(
                "SELECT e.id, e.identity_id, e.happened_at, e.source, e.properties_json, e.context_json
                 FROM {rows} JOIN events e ON e.identity_id = CAST(r.value->>0 AS BIGINT)
                   AND e.name_id = (SELECT n.id FROM event_names n WHERE n.workspace_id = $2 AND n.name = $3)
                 WHERE e.kind = 'identify'",
                identities,
                of_identify(workspace),
            )
            .await?;
        rows.iter().for_each(|row| self.take(row));
        Ok(())
    }

    /// Reads what one identity said, page by page, in the order of the index.
    async fn read_in_pages(
        &mut self,
        tx: &Tx,
        workspace: WorkspaceId,
        identity: i64,
        at_once: usize,
    ) -> Result<(), DbErr> {
        let (mut happened_at, mut id) = (i64::MIN / 2, i64::MIN);
        loop {
            let mut values = of_identify(workspace);
            values.extend([identity, happened_at, id, at_once as i64].map(Into::into));
            let rows: Vec<SaidRow> = tx
                .all(
                    "SELECT e.id, e.identity_id, e.happened_at, e.source,
                            CASE WHEN e.kind = 'identify' THEN e.properties_json ELSE '{}' END AS properties_json,
                            CASE WHEN e.kind = 'identify' THEN e.context_json ELSE '{}' END AS context_json
                     FROM events e
                     WHERE e.name_id = (SELECT n.id FROM event_names n WHERE n.workspace_id = $1 AND n.name = $2)
                       AND e.identity_id = $3 AND e.happened_at >= $4 AND (e.happened_at > $4 OR e.id > $5)
                     ORDER BY e.happened_at, e.id LIMIT $6",
                    values,
                )
                .await?;
            rows.iter().for_each(|row| self.take(row));
            match rows.last() {
                Some(last) if rows.len() == at_once => (happened_at, id) = (last.happened_at, last.id),
                _ => return Ok(()),
            }
        }
    }

    fn take(&mut self, row: &SaidRow) {
        let (at, identity) = (Time::from_millis(row.happened_at), IdentityId(row.identity_id));
        let properties: Map<String, Value> = serde_json::from_str(&row.properties_json).unwrap_or_default();
        let Some(told) = Told::read(properties, &row.context_json) else { return };
        let mut note = |name: &String, manner: Manner, value: Value| {
            let saying = Saying { manner, value, at, source: row.source.clone() };
            self.sayings.entry((identity, name.clone())).or_default().push((row.id, saying));
        };
        if told.clears {
            self.names.iter().for_each(|name| note(name, Manner::Cleared, Value::Null));
        }
        for one in told.traits.into_iter().filter(|one| self.names.contains(&one.name)) {
            note(&one.name, one.manner, one.value);
        }
    }

    /// What operations do depends on what was said before them. Of one event, the order is kept.
    fn in_order(self) -> Said {
        let in_order = |mut sayings: Vec<(i64, Saying)>| {
            sayings.sort_by_key(|(event, _)| *event);
            sayings.into_iter().map(|(_, saying)| saying).collect()
        };
        self.sayings.into_iter().map(|(of, sayings)| (of, in_order(sayings))).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use testing::on_every_database;

    use super::*;

    #[tokio::test]
    async fn the_same_was_said_however_few_events_are_read_at_once() {
        on_every_database(async |database| {
            let tx = database.db.begin().await.unwrap();
            let name = EventKind::Identify.default_name();
            tx.run("INSERT INTO event_names (id, workspace_id, name) VALUES (9, 1, $1)", vec![name.into()])
                .await
                .unwrap();
            // Those that happened later were told earlier, some at the same moment; the third says nothing to the
            // question.
            let rows: Vec<(i64, i64, i64, String)> = (0..40)
                .map(|n| (n, n * n % 3, 1_000 - n / 2, json!({"level": n, "city": "上海"}).to_string()))
                .chain([(40, 7, 5, json!({"city": "杭州"}).to_string())])
                .collect();
            tx.run_rows(
                "INSERT INTO events (id, workspace_id, identity_id, name_id, kind, happened_at, received_at, message_id,
                                     source, properties_json, context_json)
                 SELECT CAST(r.value->>0 AS BIGINT), 1, CAST(r.value->>1 AS BIGINT), 9, 'identify',
                        CAST(r.value->>2 AS BIGINT), 0, '', 's', r.value->>3, '{}' FROM {rows}",
                &rows,
            )
            .await
            .unwrap();
            let identities = BTreeSet::from([0, 1, 2, 7].map(IdentityId));
            for at_once in [1, 2, 3, 13, 14, 26, 27, 4_000] {
                let names = ["level".to_owned()];
                let said = what_was_said(&tx, WorkspaceId(1), &identities, &names, (&[], at_once)).await.unwrap();
                let levels: HashMap<i64, Vec<Value>> = said
                    .into_iter()
                    .map(|((identity, _), sayings)| (identity.0, sayings.into_iter().map(|one| one.value).collect()))
                    .collect();
                let expected = |identity: i64| (0..40).filter(|n| n * n % 3 == identity).map(Value::from).collect();
                assert_eq!(levels, HashMap::from([(0, expected(0)), (1, expected(1))]), "{at_once} at once");
            }
        })
        .await;
    }
}
