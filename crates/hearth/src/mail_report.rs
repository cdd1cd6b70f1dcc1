//! `hearth mail-report`: takes a mail from standard input, as a mail server hands it to a program.

use std::io::Read;

use base::ids::ChannelId;
use store::Sql;

use crate::{config::Config, house::Ground};

/// The most that is read of a mail, in bytes; reports stand before the returned message.
const MAX_MAIL: u64 = 1 << 20;

/// Takes the mail over when it is a bounce or a complaint about a message of the channel, and says so. Any other mail
/// is passed over, which is no error: a mail server must not bounce what it hands to us.
pub async fn run(config: Config, channel: ChannelId) -> anyhow::Result<()> {
    config.ensure_data()?;
    let mut mail = Vec::new();
    std::io::stdin().take(MAX_MAIL).read_to_end(&mut mail)?;
    let ground = Ground::open(config).await?;
    let found: Option<i64> = ground
        .db
        .read()
        .scalar("SELECT id FROM channels WHERE id = $1 AND deleted_at IS NULL", vec![channel.0.into()])
        .await?;
    anyhow::ensure!(found.is_some(), "there is no channel {channel}");
    let known = outreach::email::take_report_mail(ground.outreach()?.as_ref(), channel, &mail).await?;
    ground.db.make_durable().await?;
    ground.db.close().await?;
    crate::say(if known { "taken\n" } else { "passed over: not a report about a message of this channel\n" })
}
