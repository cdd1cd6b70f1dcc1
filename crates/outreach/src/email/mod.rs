//! What e-mail needs beside sending: the counts of a day, mailboxes with reports, keys for signing, and what an operator
//! sees of all that.

mod counts;
mod keys;
mod mailboxes;
mod routes;

use base::{Time, ids::ChannelId};
use store::{Db, DbErr};

use crate::{Outreach, tracking};

pub use counts::ChannelDays;
pub use mailboxes::Mailboxes;
pub use routes::routes;

/// Takes a mail that arrived for a channel: a bounce or a complaint about one of its messages is written down. False
/// for any other mail, and for a report about a message that is not the channel's.
pub async fn take_report_mail(outreach: &Outreach, channel: ChannelId, mail: &[u8]) -> Result<bool, DbErr> {
    match tracking::hooks::read_mail(&outreach.signer, mail) {
        Some(report) => tracking::hooks::take(outreach, channel, &report).await,
        None => Ok(false),
    }
}

/// Counts a message that a mailbox provider did not want; returns how many it were today.
pub(crate) async fn count_blocked(db: &Db, channel: ChannelId, now: Time) -> Result<i64, DbErr> {
    let day = counts::day_of(db.read(), channel, now).await?;
    counts::add(db, channel, "blocked:", day.number).await
}
