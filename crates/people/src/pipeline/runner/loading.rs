//! Reading the members whom a batch is about.

use std::{borrow::Cow, collections::HashSet};

use base::{Event, Time, ids::MemberId};
use sea_orm::FromQueryResult;
use store::{Sql, Tx};

use super::Runner;
use crate::{identity, members::load_members};

#[derive(FromQueryResult)]
struct MergedRow {
    id: i64,
    merged_into: i64,
}

impl Runner {
    /// Loads everyone whom the batch is about, in a few queries.
    pub(super) async fn load(
        &mut self,
        tx: &Tx,
        events: &[&Event],
        subjects: HashSet<MemberId>,
        as_of: Time,
    ) -> anyhow::Result<()> {
        let mut wanted = subjects;
        let mut unknown: Vec<(i64, Cow<'static, str>, String)> = Vec::new();
        for event in events {
            let home = self.books.get(&event.workspace).and_then(|book| book.home);
            for (kind, value) in identity::keys_of(event, home) {
                match self.people.owner(event.workspace, &kind, &value) {
                    Some(Some(member)) => {
                        wanted.insert(member);
                    }
                    Some(None) => {}
                    None => {
                        self.people.set_absent(event.workspace, &kind, &value);
                        wanted.extend(self.people.foretold(&kind, &value).map(|known| known.member));
                        unknown.push((event.workspace.0, kind, value));
                    }
                }
            }
            wanted.extend(event.member);
            wanted.extend(identity::others_of(event));
        }
        for ((workspace, kind, value), member) in identity::find_owners(tx, &unknown).await? {
            self.people.set_owner(workspace, &kind, &value, member);
            wanted.insert(member);
        }
        let mut missing: Vec<MemberId> =
            wanted.iter().copied().filter(|id| !self.people.holds(*id, &self.books)).collect();
        missing.sort_unstable();
        for member in load_members(tx, &missing, &self.books, as_of).await? {
            for identity in &member.identities {
                self.people.set_owner(member.workspace, &identity.kind, &identity.value, member.id);
            }
            self.people.insert(member);
        }
        self.follow_merges(tx, &missing, as_of).await?;
        let mut wanted: Vec<MemberId> = wanted.into_iter().map(|id| self.people.current(id)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        for stage in &mut self.stages {
            stage.load(tx, &wanted).await?;
        }
        Ok(())
    }

    /// Facts about a member who was absorbed since are about the one who absorbed him.
    async fn follow_merges(&mut self, tx: &Tx, asked: &[MemberId], as_of: Time) -> anyhow::Result<()> {
        let absent: Vec<(i64,)> = asked.iter().filter(|id| self.people.get(**id).is_none()).map(|id| (id.0,)).collect();
        let rows: Vec<MergedRow> = tx
            .all_rows(
                "SELECT m.id, m.merged_into FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)
                 WHERE m.merged_into IS NOT NULL",
                &absent,
                Vec::new(),
            )
            .await?;
        let mut kept: Vec<MemberId> = Vec::new();
        for row in rows {
            self.people.redirect(MemberId(row.id), MemberId(row.merged_into));
            kept.push(MemberId(row.merged_into));
        }
        kept.retain(|id| !self.people.holds(*id, &self.books));
        kept.sort_unstable();
        kept.dedup();
        for member in load_members(tx, &kept, &self.books, as_of).await? {
            self.people.insert(member);
        }
        Ok(())
    }
}
