//! Events about those who were erased: what had arrived before and is met afterwards, and what is still told of them.
//! The pipeline passes over it, and no dead letter keeps it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use base::{
    Event, IdSource, Time,
    ids::{EventId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{erase::enqueue, marks::Marks};
use crate::{members::WorkingSet, rules::RuleBook};

/// Knows when somebody was last erased, so that hardly any event needs to be looked up.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    last: Option<HashMap<WorkspaceId, Time>>,
}

#[derive(FromQueryResult)]
struct LastRow {
    workspace_id: i64,
    last: i64,
}

#[derive(FromQueryResult)]
struct HitRow {
    nth: i64,
    erasure_id: i64,
}

/// Place in the batch, workspace, mark, moment of arrival (none for a member, whose id never comes again).
type Asked = (usize, i64, String, i64);

impl Gone {
    /// Reads anew before the next batch.
    pub(crate) fn forget(&mut self) {
        self.last = None;
    }

    /// Which of these events are about somebody who was erased, as far as they arrived before that. The job is asked to
    /// take them out of the log, too. Members must be loaded.
    pub(crate) async fn find(
        &mut self,
        tx: &Tx,
        ids: &IdSource,
        marks: &Marks,
        events: &[&Event],
        (people, books): (&WorkingSet, &HashMap<WorkspaceId, Arc<RuleBook>>),
    ) -> Result<HashSet<EventId>, DbErr> {
        let last = match &self.last {
            Some(last) => last,
            None => self.last.insert(load_last(tx).await?),
        };
        if last.is_empty() {
            return Ok(HashSet::new());
        }
        let mut asked: Vec<Asked> = Vec::new();
        for (nth, event) in events.iter().enumerate() {
            let Some(until) = last.get(&event.workspace) else { continue };
            let is_early = event.received_at <= *until;
            let is_about_nobody = event.member.is_some_and(|member| people.get(people.current(member)).is_none());
            if !is_early && !is_about_nobody {
                continue;
            }
            let home = books.get(&event.workspace).and_then(|book| book.home);
            let of_event = marks.of_event(event, home);
            let workspace = event.workspace.0;
            if is_early {
                let arrived = event.received_at.millis();
                asked.extend(of_event.identities.into_iter().map(|mark| (nth, workspace, mark, arrived)));
            }
            asked.extend(of_event.members.into_iter().map(|mark| (nth, workspace, mark, i64::MIN)));
        }
        let hits: Vec<HitRow> = tx
            .all_rows(
                "SELECT CAST(r.value->>0 AS BIGINT) AS nth, e.erasure_id FROM {rows}
                 JOIN erased e ON e.workspace_id = CAST(r.value->>1 AS BIGINT) AND e.mark = r.value->>2
                   AND e.erased_at >= CAST(r.value->>3 AS BIGINT)",
                &asked,
                Vec::new(),
            )
            .await?;
        let mut late: HashMap<i64, i64> = HashMap::new();
        let mut found = HashSet::new();
        for hit in hits {
            let Some(event) = events.get(hit.nth as usize) else { continue };
            if found.insert(event.id) {
                *late.entry(hit.erasure_id).or_default() += 1;
            }
        }
        if let Some(event) = events.iter().find(|event| found.contains(&event.id)) {
            let late: Vec<(i64, i64)> = late.into_iter().collect();
            tx.run_rows(
                "UPDATE erasures SET late = erasures.late + x.more
                 FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS more FROM {rows}) AS x
                 WHERE erasures.id = x.id",
                &late,
            )
            .await?;
            enqueue(tx, ids, event.workspace, None, event.received_at).await?;
        }
        Ok(found)
    }
}

async fn load_last(tx: &Tx) -> Result<HashMap<WorkspaceId, Time>, DbErr> {
    let rows: Vec<LastRow> =
        tx.all("SELECT workspace_id, MAX(erased_at) AS last FROM erased GROUP BY workspace_id", Vec::new()).await?;
    Ok(rows.into_iter().map(|row| (WorkspaceId(row.workspace_id), Time::from_millis(row.last))).collect())
}
