//! What `hearth doctor` asks about the outbox.

use std::time::Duration;

use base::Time;
use store::{DbErr, Sql};

const A_DAY: Duration = Duration::from_secs(86_400);

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What is the matter, after a number: "channels rest because …".
    pub what: &'static str,
    /// How many; when there are none, all is well.
    pub count: i64,
    /// What to do about it.
    pub advice: &'static str,
}

/// Counts what ought to be looked at.
pub async fn complaints(db: &impl Sql, now: Time) -> Result<Vec<Complaint>, DbErr> {
    let a_day_ago = now.minus(A_DAY).millis();
    let asked = [
        (
            "channels rest because their destination does not take anything",
            "SELECT COUNT(*) FROM channel_breakers b JOIN channels c ON c.id = b.channel_id
             WHERE c.deleted_at IS NULL AND c.state = 'active' AND b.opened_at <= $1",
            now.millis(),
            "look at the health of GET /api/v1/channels, and test the channel; its messages wait and no attempt is counted",
        ),
        (
            "messages have an unknown outcome since more than a day",
            "SELECT COUNT(*) FROM deliveries WHERE state = 'unknown' AND ended_at <= $1",
            a_day_ago,
            "they are never sent again by guess; ask the mail server's log whether they arrived, and settle them",
        ),
        (
            "messages could have been sent more than a day ago and still wait",
            "SELECT COUNT(*) FROM deliveries d JOIN channels c ON c.id = d.channel_id
             WHERE d.state = 'queued' AND d.next_attempt_at <= $1 AND c.state = 'active' AND c.deleted_at IS NULL",
            a_day_ago,
            "see whether the server runs, and whether the pace of the channel is enough for what is asked of it",
        ),
    ];
    let mut complaints = Vec::new();
    for (what, sql, moment, advice) in asked {
        let count: i64 = db.scalar(sql, vec![moment.into()]).await?.unwrap_or(0);
        complaints.push(Complaint { what, count, advice });
    }
    Ok(complaints)
}
