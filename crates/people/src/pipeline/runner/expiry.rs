//! Deleting events whose time is over, between batches.

use base::{Time, ids::MemberId};
use sea_orm::FromQueryResult;
use store::Sql;

use super::{Runner, flush};
use crate::{members::load_members, pipeline::Effects, rules::Answers, segments::settle};

const EVENTS_AT_ONCE: i64 = 2_000;

#[derive(FromQueryResult)]
struct ExpiredRow {
    id: i64,
    identity_id: i64,
}

#[derive(FromQueryResult)]
struct OwnerRow {
    member_id: i64,
}

impl Runner {
    /// Deletes some of the events that are listed, and decides the segments of those to whom they happened anew;
    /// returns how many events. What comes of it starts no journeys: nobody did anything.
    pub(super) async fn expire_events(&mut self) -> anyhow::Result<usize> {
        let now = if self.input.has_more() { self.now } else { self.now.max(self.clock.now()) };
        // Without having seen an event since its start the pipeline does not know what time it has come to.
        if now == Time::EPOCH {
            return Ok(0);
        }
        let rows: Vec<ExpiredRow> = self
            .db
            .read()
            .all(
                "SELECT id, identity_id FROM expired_events ORDER BY identity_id, id LIMIT $1",
                vec![EVENTS_AT_ONCE.into()],
            )
            .await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let outcome = self.expire(&rows, now).await;
        if outcome.is_err() {
            self.forget();
        }
        outcome.map(|()| rows.len())
    }

    async fn expire(&mut self, rows: &[ExpiredRow], now: Time) -> anyhow::Result<()> {
        let events: Vec<(i64,)> = rows.iter().map(|row| (row.id,)).collect();
        let mut identities: Vec<(i64,)> = rows.iter().map(|row| (row.identity_id,)).collect();
        identities.dedup();
        let tx = self.db.begin_replayable().await?;
        self.refresh_books(&tx).await?;
        for table in ["events", "expired_events"] {
            let sql = format!("DELETE FROM {table} WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {{rows}})");
            tx.run_rows(&sql, &events).await?;
        }
        let owners: Vec<OwnerRow> = tx
            .all_rows(
                "SELECT DISTINCT i.member_id FROM {rows} JOIN identities i ON i.id = CAST(r.value->>0 AS BIGINT)",
                &identities,
                Vec::new(),
            )
            .await?;
        let mut members: Vec<MemberId> = owners.into_iter().map(|row| MemberId(row.member_id)).collect();
        members.sort_unstable();
        members.dedup();
        let mut effects = Effects::default();
        let mut answers = Answers::default();
        for mut member in load_members(&tx, &members, &self.books, now).await? {
            let Some(book) = self.books.get(&member.workspace) else { continue };
            member.segment_timer = None;
            let mut outcome = settle(&mut member, book, 0..book.segments.len(), (now, now), &mut answers);
            outcome.ask_for_a_turn(&mut member);
            // This takes the place of what was in memory, with the events that are gone.
            self.people.insert(member);
            outcome.save(&mut self.people, &mut effects, book);
        }
        flush::finish(&tx, &self.ids, &self.names, &mut self.people, &mut effects).await?;
        tx.commit().await?;
        self.people.end_batch();
        metrics::counter!("hearth_events_expired_total").increment(rows.len() as u64);
        Ok(())
    }
}
