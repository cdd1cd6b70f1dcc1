//! Makes damaged files anew, and leaves the others as they are.
//!
//! What a file held is read from the table of events. Since events arrive meanwhile, everything that is in the table is
//! followed first; what of it waits in memory then is not put into the files again.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Context;
use base::ids::WorkspaceId;
use behaviour::{Month, PartEntry, Rows, bucket_of};
use people::histories::{Histories, Whole};

use super::{Keeper, Kept, PAGE, push};

/// Events that are put into files together. When more would have to be, everything is made anew, which takes less memory.
const MOST_TOGETHER: u64 = 4_000_000;

impl Keeper {
    /// Makes what is damaged anew. False when that would be too much at once.
    pub(super) async fn mend(&mut self, workspace: WorkspaceId, kept: &Arc<Kept>) -> anyhow::Result<bool> {
        let insight = self.insight.clone();
        let _changing = insight.changing.lock().await;
        insight.db.make_durable().await?;
        let asked = kept.clone();
        let (files, places) = tokio::task::spawn_blocking(move || {
            // From here on, what waits in memory has arrived since.
            asked.engine.flush()?;
            anyhow::Ok(asked.concerned())
        })
        .await??;
        if files.iter().map(|file| file.rows).sum::<u64>() > MOST_TOGETHER {
            return Ok(false);
        }
        let whole = insight.histories.whole().await?;
        self.follow_to(&insight.histories, &whole).await?;
        let arrived = kept.engine.waiting_ids();
        let (mut last, mut rows) = (i64::MIN, Rows::default());
        loop {
            let events = whole.after(workspace, last, PAGE).await?;
            let Some(event) = events.last() else { break };
            last = event.id;
            let is_concerned = |home: i64, time: i64| places.contains(&(bucket_of(home), Month::of(time).number()));
            let lost = events.iter().filter(|event| is_concerned(event.home_id, event.happened_at));
            lost.filter(|event| !arrived.contains(&event.id)).for_each(|event| push(&mut rows, event));
        }
        let made = kept.clone();
        let (count, events) = (files.len(), rows.len());
        tokio::task::spawn_blocking(move || made.engine.replace(&files, &rows)).await??;
        kept.mended();
        tracing::info!(%workspace, files = count, events, "damaged files of histories were made anew");
        Ok(true)
    }

    /// Takes in what is in a snapshot, and perhaps more.
    async fn follow_to(&mut self, histories: &Histories, whole: &Whole) -> anyhow::Result<()> {
        let is_behind = |cursors: &[u64]| cursors.iter().zip(&whole.cursors).any(|(cursor, end)| cursor < end);
        let mut commits = histories.commits();
        while is_behind(&self.cursors) {
            commits.mark_unchanged();
            let taken =
                histories.after(&self.cursors).await.context("histories cannot follow while a file is mended")?;
            if taken.cursors == self.cursors {
                // The snapshot has a commit of which nobody was told yet.
                commits.changed().await?;
                continue;
            }
            self.take(taken.events, &taken.cursors).await?;
            self.cursors = taken.cursors;
        }
        Ok(())
    }
}

impl Kept {
    /// The files that stand where one is damaged, and those places: bucket and month.
    fn concerned(&self) -> (Vec<PartEntry>, BTreeSet<(u32, i32)>) {
        let (columns, fault) = (self.engine.columns(), self.fault());
        let manifest = columns.manifest();
        let is_named =
            |part: &&PartEntry| fault.as_deref().is_some_and(|fault| part.path(columns.directory()).ends_with(fault));
        let named = manifest.parts.iter().filter(is_named).cloned();
        let damaged = columns.damaged().into_iter().map(|(part, _)| part).chain(named);
        let places: BTreeSet<(u32, i32)> = damaged.map(|part| (part.bucket, part.month)).collect();
        let is_there = |part: &&PartEntry| places.contains(&(part.bucket, part.month));
        (manifest.parts.iter().filter(is_there).cloned().collect(), places)
    }
}
