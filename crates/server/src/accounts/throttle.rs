//! Pauses after failed logins, per account and per address, growing with each failure.
//!
//! An attempt is counted before the password is looked at, so that many at once gain nothing.
//! The rows survive a restart.

use std::{net::IpAddr, time::Duration};

use base::{Code, Problem, Time};
use store::{Db, DbErr, FromQueryResult, Sql, Tx};

use super::{AccountError, hash_of};

/// Failures without a pause, then the first pause, which doubles up to the longest.
struct Patience {
    free: i64,
    first: Duration,
    longest: Duration,
}

const WITH_ACCOUNTS: Patience =
    Patience { free: 5, first: Duration::from_secs(30), longest: Duration::from_secs(15 * 60) };
/// Several people may share an address, so it has more free failures.
const WITH_ADDRESSES: Patience =
    Patience { free: 30, first: Duration::from_secs(30), longest: Duration::from_secs(60 * 60) };

/// After this long without a failure the count starts anew.
pub(crate) const MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

impl Patience {
    fn pause(&self, failures: i64) -> Option<Duration> {
        let beyond = u32::try_from(failures - self.free).ok()?;
        Some(self.first.saturating_mul(1 << beyond.min(16)).min(self.longest))
    }
}

/// Whose failures are counted together for one attempt.
pub(crate) struct Subjects {
    account: String,
    address: Option<String>,
}

impl Subjects {
    /// For the e-mail address as it was typed in, and where it came from.
    pub(crate) fn new(email: &str, address: Option<IpAddr>) -> Subjects {
        Subjects {
            account: format!("account:{}", hash_of(&email.trim().to_lowercase())),
            address: address.map(|address| format!("address:{}", neighbourhood(address))),
        }
    }
}

/// An IPv6 subscriber has a whole /64 to himself.
fn neighbourhood(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x}/64", address.to_bits() >> 64),
    }
}

#[derive(FromQueryResult)]
struct Counted {
    failures: i64,
    blocked_until: i64,
}

/// Counts an attempt as failed until [`forgive`] says otherwise; fails with 429 during a pause, and
/// then does not count.
pub(crate) async fn begin(db: &Db, subjects: &Subjects, now: Time) -> Result<(), AccountError> {
    let tx = db.begin().await?;
    count(&tx, &subjects.account, &WITH_ACCOUNTS, now).await?;
    if let Some(address) = &subjects.address {
        count(&tx, address, &WITH_ADDRESSES, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn count(tx: &Tx, subject: &str, patience: &Patience, now: Time) -> Result<(), AccountError> {
    let counted: Option<Counted> = tx
        .one(
            "INSERT INTO login_failures (subject, failures, blocked_until, last_at) VALUES ($1, 1, 0, $2)
             ON CONFLICT (subject) DO UPDATE SET last_at = $2,
               failures = CASE WHEN login_failures.last_at < $3 THEN 1 ELSE login_failures.failures + 1 END
             RETURNING failures, blocked_until",
            vec![subject.into(), now.millis().into(), now.minus(MEMORY).millis().into()],
        )
        .await?;
    let Some(counted) = counted else { return Ok(()) };
    let pause_left = counted.blocked_until - now.millis();
    if pause_left > 0 {
        // The transaction is dropped, and with it the count of this attempt.
        let seconds = pause_left.unsigned_abs().div_ceil(1_000);
        return Err(Problem::with(Code::RateLimited, "there were too many failed logins").retry_after(seconds).into());
    }
    if let Some(pause) = patience.pause(counted.failures) {
        tx.run(
            "UPDATE login_failures SET blocked_until = $2 WHERE subject = $1",
            vec![subject.into(), now.plus(pause).millis().into()],
        )
        .await?;
    }
    Ok(())
}

/// The attempt was right: the account's failures are forgotten, and the address has one less.
pub(crate) async fn forgive(tx: &Tx, subjects: &Subjects) -> Result<(), DbErr> {
    tx.run("DELETE FROM login_failures WHERE subject = $1", vec![subjects.account.as_str().into()]).await?;
    if let Some(address) = &subjects.address {
        tx.run(
            "UPDATE login_failures SET failures = failures - 1, blocked_until = 0 WHERE subject = $1 AND failures > 0",
            vec![address.as_str().into()],
        )
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        let seconds = |failures| WITH_ACCOUNTS.pause(failures).map(|pause| pause.as_secs());
        assert_eq!([4, 5, 6, 7].map(seconds), [None, Some(30), Some(60), Some(120)]);
        assert_eq!(seconds(1_000), Some(900));
    }

    #[test]
    fn one_subscriber_is_one_subject_whatever_address_he_takes() {
        let subject = |text: &str| neighbourhood(text.parse().unwrap());
        assert_eq!(subject("2001:db8::1"), subject("2001:db8::ffff:1"));
        assert_ne!(subject("2001:db8::1"), subject("2001:db8:0:1::1"));
        assert_eq!(subject("::ffff:203.0.113.9"), subject("203.0.113.9"));
    }
}
