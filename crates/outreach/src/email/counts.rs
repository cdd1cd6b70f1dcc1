//! What left on a day, in the database.

use std::sync::Arc;

use async_trait::async_trait;
use base::{Clock, Time, ids::ChannelId};
use channels::{Day, DayCounts};
use jiff::{civil::date, tz::TimeZone};
use store::{Db, DbErr, FromQueryResult, Sql};

/// Days that are kept.
const KEPT: i64 = 400;

/// The counts of all channels.
pub struct ChannelDays {
    db: Db,
    clock: Arc<dyn Clock>,
}

#[derive(FromQueryResult)]
struct Granted {
    granted: i64,
}

impl ChannelDays {
    /// Counts in a database.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> ChannelDays {
        ChannelDays { db, clock }
    }

    /// What was taken on a day by each way of a channel.
    pub(super) async fn taken(db: &impl Sql, channel: ChannelId, day: i64) -> Result<Vec<(String, i64)>, DbErr> {
        #[derive(FromQueryResult)]
        struct Taken {
            way: String,
            taken: i64,
        }
        let rows: Vec<Taken> = db
            .all(
                "SELECT way, taken FROM channel_days WHERE channel_id = $1 AND day = $2 ORDER BY way",
                vec![channel.0.into(), day.into()],
            )
            .await?;
        Ok(rows.into_iter().map(|row| (row.way, row.taken)).collect())
    }
}

/// The day at a moment, where the workspace of a channel is.
pub(crate) async fn day_of(db: &impl Sql, channel: ChannelId, now: Time) -> Result<Day, DbErr> {
    let zone: Option<String> = db
        .scalar(
            "SELECT w.time_zone FROM channels c JOIN workspaces w ON w.id = c.workspace_id WHERE c.id = $1",
            vec![channel.0.into()],
        )
        .await?;
    let zone = zone.and_then(|zone| TimeZone::get(&zone).ok()).unwrap_or(TimeZone::UTC);
    let today = now.timestamp().to_zoned(zone.clone()).date();
    let number = i64::from((today - date(1970, 1, 1)).get_days());
    let tomorrow = today.tomorrow().ok().and_then(|tomorrow| tomorrow.to_zoned(zone).ok());
    let ends_at = tomorrow.map_or(Time::MAX, |start| Time::from_millis(start.timestamp().as_millisecond()));
    Ok(Day { number, ends_at })
}

/// Takes up to `wanted` of the `most` of a day; says how many it got. Two processes never get more than there is.
pub(crate) async fn take(
    db: &Db,
    channel: ChannelId,
    way: &str,
    day: i64,
    most: i64,
    wanted: i64,
) -> Result<i64, DbErr> {
    let tx = db.begin().await?;
    let made = tx
        .run(
            "INSERT INTO channel_days (channel_id, way, day, taken, granted) VALUES ($1, $2, $3, 0, 0)
             ON CONFLICT (channel_id, way, day) DO NOTHING",
            vec![channel.0.into(), way.into(), day.into()],
        )
        .await?;
    if made > 0 {
        tx.run(
            "DELETE FROM channel_days WHERE channel_id = $1 AND way = $2 AND day < $3",
            vec![channel.0.into(), way.into(), (day - KEPT).into()],
        )
        .await?;
    }
    let granted: Option<Granted> = tx
        .one(
            "UPDATE channel_days SET
               granted = CASE WHEN taken + $4 <= $5 THEN $4 WHEN taken >= $5 THEN 0 ELSE $5 - taken END,
               taken = CASE WHEN taken + $4 <= $5 THEN taken + $4 WHEN taken >= $5 THEN taken ELSE $5 END
             WHERE channel_id = $1 AND way = $2 AND day = $3 RETURNING granted",
            vec![channel.0.into(), way.into(), day.into(), wanted.into(), most.into()],
        )
        .await?;
    // The right to send is on the disk before anything is sent.
    tx.commit().await?;
    Ok(granted.map_or(0, |row| row.granted))
}

/// Counts one more; returns how many it are on that day.
pub(super) async fn add(db: &Db, channel: ChannelId, way: &str, day: i64) -> Result<i64, DbErr> {
    let tx = db.begin().await?;
    let taken: Option<i64> = tx
        .scalar(
            "INSERT INTO channel_days (channel_id, way, day, taken, granted) VALUES ($1, $2, $3, 1, 1)
             ON CONFLICT (channel_id, way, day) DO UPDATE SET taken = channel_days.taken + 1 RETURNING taken",
            vec![channel.0.into(), way.into(), day.into()],
        )
        .await?;
    tx.commit().await?;
    Ok(taken.unwrap_or(0))
}

#[async_trait]
impl DayCounts for ChannelDays {
    async fn today(&self, channel: ChannelId) -> Result<Day, String> {
        day_of(self.db.read(), channel, self.clock.now()).await.map_err(|error| error.to_string())
    }

    async fn take(&self, channel: ChannelId, way: &str, day: i64, most: i64, wanted: i64) -> Result<i64, String> {
        take(&self.db, channel, way, day, most, wanted).await.map_err(|error| error.to_string())
    }
}
