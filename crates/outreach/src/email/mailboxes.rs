//! Reads the mailboxes in which bounces and complaints arrive: at once where the server tells of new mail, else from time
//! to time.
//!
//! Invariants: how far each was read is kept beside what was counted, in one transaction, so no mail is counted twice
//! and none is left out; a mail that is read again after a crash changes nothing, since reports name their messages. Each
//! mailbox has one task and one connection; at most eight are read at once, each a page at a time.

use std::{collections::HashMap, future::Future, sync::Arc, time::Duration};

use base::{Time, ids::ChannelId};
use channels::{Mailbox, MailboxPosition};
use store::{DbErr, FromQueryResult, Sql};
use tokio::{
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
};

use super::take_report_mail;
use crate::Outreach;

/// Mailboxes that are read at the same time.
const AT_ONCE: usize = 8;
/// Pages of one mailbox before the others get their turn.
const PAGES_AT_ONCE: usize = 20;
/// How often it is looked which mailboxes there are.
const TICK: Duration = Duration::from_secs(5);
/// How long a server is left to tell of new mail before it is asked again. RFC 2177 wants that before 29 minutes; what
/// stands between forgets a silent connection sooner.
const WATCH: Duration = Duration::from_secs(9 * 60);
/// The first waiting after mail was found; each one that follows is twice as long. Where mail comes, more comes soon, and
/// some servers never tell of what arrived just before the waiting began: it is found when the waiting ends.
const FIRST_WATCH: Duration = Duration::from_secs(5);
/// Who is told of mail sooner than that and finds none rests as long.
const RASH: Duration = Duration::from_secs(30);
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
#[derive(Clone)]
pub struct Mailboxes {
    outreach: Arc<Outreach>,
    turns: Arc<Semaphore>,
}

/// What a mailbox had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    reports: i64,
    others: i64,
    unreadable: i64,
}

/// What reading a mailbox came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// It was read up to its end.
    Whole(Counted),
    /// There is more to read.
    More(Counted),
    /// It could not be read.
    Failed,
}

impl Counted {
    fn is_nothing(&self) -> bool {
        *self == Counted::default()
    }
}

impl Mailboxes {
    /// Over what the parts of outreach share.
    pub fn new(outreach: Arc<Outreach>) -> Mailboxes {
        Mailboxes { outreach, turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Follows all mailboxes until `shutdown` completes; their connections end with it.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let work = async {
            let mut tasks = JoinSet::new();
            let mut followed = HashMap::new();
            loop {
                self.follow_all(&mut tasks, &mut followed);
                self.tell_what_was_piped().await;
                self.outreach.clock.sleep(TICK).await;
            }
        };
        tokio::select! { () = work => {}, () = shutdown => {} }
    }

    /// Begins with mailboxes that are new or were changed, and ends with those that are gone.
    fn follow_all(&self, tasks: &mut JoinSet<()>, followed: &mut HashMap<ChannelId, (Arc<dyn Mailbox>, AbortHandle)>) {
        // No task ends by itself.
        while let Some(ended) = tasks.try_join_next() {
            if let Err(error) = ended
                && error.is_panic()
            {
                tracing::error!(%error, "the reading of a mailbox failed and begins anew");
            }
        }
        let mailboxes = self.mailboxes();
        followed.retain(|channel, (mailbox, task)| {
            let is_same = mailboxes.iter().any(|(id, other)| id == channel && Arc::ptr_eq(mailbox, other));
            if !is_same {
                task.abort();
            }
            is_same && !task.is_finished()
        });
        for (channel, mailbox) in mailboxes {
            followed.entry(channel).or_insert_with(|| {
                let task = tasks.spawn(self.clone().follow(channel, mailbox.clone()));
                (mailbox, task)
            });
        }
    }

    /// Reads a mailbox whenever something may have arrived in it, for ever.
    async fn follow(self, channel: ChannelId, mailbox: Arc<dyn Mailbox>) {
        let clock = self.outreach.clock.clone();
        let mut failures = 0_u32;
        let mut watch = FIRST_WATCH;
        let mut was_told_rashly = false;
        loop {
            let rest = match self.read_in_turn(channel, mailbox.as_ref()).await {
                Ok(Reading::More(_)) => {
                    failures = 0;
                    continue;
                }
                Ok(Reading::Whole(counted)) => {
                    failures = 0;
                    if !counted.is_nothing() {
                        watch = FIRST_WATCH;
                    } else if was_told_rashly {
                        clock.sleep(RASH).await;
                    }
                    let begun = clock.monotonic();
                    match mailbox.watch(watch).await {
                        Ok(true) => {
                            was_told_rashly = clock.monotonic().saturating_sub(begun) < watch.min(RASH);
                            watch = (watch * 2).min(WATCH);
                            continue;
                        }
                        Ok(false) => mailbox.every(),
                        Err(problem) => {
                            let told = problem.detail.unwrap_or_default();
                            tracing::debug!(%channel, problem = told, "the connection to a mailbox was lost");
                            mailbox.every()
                        }
                    }
                }
                Ok(Reading::Failed) => {
                    let rest = FIRST_REST.saturating_mul(1 << failures.min(10)).min(LONGEST_REST);
                    failures += 1;
                    rest.max(mailbox.every())
                }
                Err(error) => {
                    tracing::error!(%channel, %error, "what a mailbox holds cannot be written down yet");
                    FIRST_REST
                }
            };
            clock.sleep(rest).await;
        }
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
            reports += match self.read_in_turn(channel, mailbox.as_ref()).await? {
                Reading::Whole(counted) | Reading::More(counted) => counted.reports,
                Reading::Failed => 0,
            };
        }
        Ok(reports)
    }

    fn mailboxes(&self) -> Vec<(ChannelId, Arc<dyn Mailbox>)> {
        let all = self.outreach.live.all().into_iter();
        all.filter_map(|live| Some((live.id, live.channel.ok()?.mailbox()?))).collect()
    }

    async fn read_in_turn(&self, channel: ChannelId, mailbox: &dyn Mailbox) -> Result<Reading, DbErr> {
        let _turn = self.turns.acquire().await;
        self.read(channel, mailbox).await
    }

    /// Reads a mailbox up to its end, or some pages of it.
    async fn read(&self, channel: ChannelId, mailbox: &dyn Mailbox) -> Result<Reading, DbErr> {
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
                    return Ok(Reading::Failed);
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
                return Ok(Reading::Whole(total));
            }
        }
        Ok(Reading::More(total))
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
