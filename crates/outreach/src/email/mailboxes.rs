//! Reads the mailboxes in which bounces and complaints arrive.
//!
//! Invariants: how far each was read is kept beside what was counted, in one transaction, so no mail is counted twice
//! and none is left out; a mail that is read again after a crash changes nothing, since reports name their messages. At
//! most eight mailboxes are read at once, each a page at a time.

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use base::{Time, ids::ChannelId};
use channels::{Mailbox, MailboxPosition};
use futures::{StreamExt, future::BoxFuture, stream};
use store::{DbErr, FromQueryResult, Sql};

use super::take_report_mail;
use crate::Outreach;

/// Mailboxes that are read at the same time.
const AT_ONCE: usize = 8;
/// Pages of one mailbox before the others get their turn.
const PAGES_AT_ONCE: usize = 20;
/// How often it is looked whether one is due.
const TICK: Duration = Duration::from_secs(5);
/// How long a mailbox rests that cannot be read, the first time and at most.
const FIRST_REST: Duration = Duration::from_secs(60);
const LONGEST_REST: Duration = Duration::from_secs(1_800);
const MAX_PROBLEM: usize = 500;

/// What is known of a mailbox.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct MailboxRow {
    pub numbering: i64,
    pub last_number: i64,
    pub reports: i64,
    pub others: i64,
    pub unreadable: i64,
    pub read_at: i64,
    pub problem: Option<String>,
}

/// The task that reads all mailboxes.
pub struct Mailboxes {
    outreach: Arc<Outreach>,
}

/// When a mailbox is due next, and how often in a row it could not be read.
#[derive(Clone, Copy, Default)]
struct Due {
    at: Duration,
    failures: u32,
}

/// What became of reading a mailbox, and how long to wait until the next time.
type Reading = (ChannelId, Duration, Result<Option<Counted>, DbErr>);

/// What a mailbox had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    reports: i64,
    others: i64,
    unreadable: i64,
}

impl Mailboxes {
    /// Over what the parts of outreach share.
    pub fn new(outreach: Arc<Outreach>) -> Mailboxes {
        Mailboxes { outreach }
    }

    /// Reads whatever is due, until `shutdown` completes.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let clock = self.outreach.clock.clone();
        let work = async {
            let mut due: HashMap<ChannelId, Due> = HashMap::new();
            loop {
                self.read_due(&mut due).await;
                self.tell_what_was_piped().await;
                clock.sleep(TICK).await;
            }
        };
        tokio::select! { () = work => {}, () = shutdown => {} }
    }

    /// A command beside the server, such as `hearth mail-report`, emits facts and cannot wake the emitter.
    async fn tell_what_was_piped(&self) {
        if store::emitted::take(self.outreach.db.read(), 1).await.is_ok_and(|waiting| !waiting.is_empty()) {
            self.outreach.emitted.notify_one();
        }
    }

    /// Reads every mailbox once, whether or not it is due; for tests. Returns how many reports were taken.
    pub async fn read_all_once(&self) -> Result<i64, DbErr> {
        let mut reports = 0;
        for (channel, mailbox) in self.mailboxes() {
            reports += self.read(channel, mailbox.as_ref()).await?.map_or(0, |counted| counted.reports);
        }
        Ok(reports)
    }

    fn mailboxes(&self) -> Vec<(ChannelId, Arc<dyn Mailbox>)> {
        let all = self.outreach.live.all().into_iter();
        all.filter_map(|live| Some((live.id, live.channel.ok()?.mailbox()?))).collect()
    }

    async fn read_due(&self, due: &mut HashMap<ChannelId, Due>) {
        let now = self.outreach.clock.monotonic();
        let mailboxes = self.mailboxes();
        due.retain(|channel, _| mailboxes.iter().any(|(other, _)| other == channel));
        let is_due = |channel: &ChannelId| due.get(channel).is_none_or(|due| due.at <= now);
        let wanted: Vec<(ChannelId, Arc<dyn Mailbox>)> =
            mailboxes.into_iter().filter(|(channel, _)| is_due(channel)).collect();
        let readings: Vec<BoxFuture<'_, Reading>> =
            wanted.into_iter().map(|(channel, mailbox)| self.reading(channel, mailbox)).collect();
        let mut reading = stream::iter(readings).buffer_unordered(AT_ONCE);
        while let Some((channel, every, read)) = reading.next().await {
            let entry = due.entry(channel).or_default();
            match read {
                Ok(Some(_)) => *entry = Due { at: now + every, failures: 0 },
                Ok(None) => {
                    let rest = FIRST_REST.saturating_mul(1 << entry.failures.min(10)).min(LONGEST_REST);
                    *entry = Due { at: now + rest.max(every), failures: entry.failures + 1 };
                }
                Err(error) => {
                    tracing::error!(%channel, %error, "what a mailbox holds cannot be written down yet");
                    entry.at = now + FIRST_REST;
                }
            }
        }
    }

    fn reading(&self, channel: ChannelId, mailbox: Arc<dyn Mailbox>) -> BoxFuture<'_, Reading> {
        Box::pin(async move { (channel, mailbox.every(), self.read(channel, mailbox.as_ref()).await) })
    }

    /// Reads a mailbox up to its end, or some pages of it. `None` when it cannot be read.
    async fn read(&self, channel: ChannelId, mailbox: &dyn Mailbox) -> Result<Option<Counted>, DbErr> {
        let known = row(self.outreach.db.read(), channel).await?;
        let mut position = known.map_or(MailboxPosition::default(), |row| MailboxPosition {
            numbering: row.numbering,
            last: row.last_number,
        });
        let mut total = Counted::default();
        for _ in 0..PAGES_AT_ONCE {
            let page = match mailbox.read(position).await {
                Ok(page) => page,
                Err(problem) => {
                    let told = problem.detail.unwrap_or_default();
                    tracing::warn!(%channel, problem = told, "a mailbox cannot be read");
                    self.save(channel, position, Counted::default(), Some(&told)).await?;
                    return Ok(None);
                }
            };
            let mut counted = Counted::default();
            let is_last = page.mails.is_empty();
            if page.numbering != position.numbering {
                position = MailboxPosition { numbering: page.numbering, last: 0 };
            }
            for (number, mail) in page.mails {
                match mail {
                    None => counted.unreadable += 1,
                    Some(mail) if take_report_mail(&self.outreach, channel, &mail).await? => counted.reports += 1,
                    Some(_) => counted.others += 1,
                }
                position.last = position.last.max(number);
            }
            self.save(channel, position, counted, None).await?;
            total.reports += counted.reports;
            total.others += counted.others;
            total.unreadable += counted.unreadable;
            if is_last {
                break;
            }
        }
        Ok(Some(total))
    }

    async fn save(
        &self,
        channel: ChannelId,
        position: MailboxPosition,
        counted: Counted,
        problem: Option<&str>,
    ) -> Result<(), DbErr> {
        let problem = problem.map(|text| text.chars().filter(|c| *c != '\0').take(MAX_PROBLEM).collect::<String>());
        let tx = self.outreach.db.begin().await?;
        tx.run(
            "INSERT INTO channel_mailboxes
               (channel_id, numbering, last_number, reports, others, unreadable, read_at, problem)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (channel_id) DO UPDATE SET numbering = excluded.numbering, last_number = excluded.last_number,
               reports = channel_mailboxes.reports + excluded.reports, others = channel_mailboxes.others + excluded.others,
               unreadable = channel_mailboxes.unreadable + excluded.unreadable, read_at = excluded.read_at,
               problem = excluded.problem",
            vec![
                channel.0.into(),
                position.numbering.into(),
                position.last.into(),
                counted.reports.into(),
                counted.others.into(),
                counted.unreadable.into(),
                self.outreach.clock.now().millis().into(),
                problem.into(),
            ],
        )
        .await?;
        tx.commit().await
    }
}

/// What is known of a channel's mailbox.
pub(super) async fn row(db: &impl Sql, channel: ChannelId) -> Result<Option<MailboxRow>, DbErr> {
    db.one(
        "SELECT numbering, last_number, reports, others, unreadable, read_at, problem FROM channel_mailboxes
         WHERE channel_id = $1",
        vec![channel.0.into()],
    )
    .await
}

impl MailboxRow {
    /// When it was read last.
    pub(super) fn read_at(&self) -> Time {
        Time::from_millis(self.read_at)
    }
}
