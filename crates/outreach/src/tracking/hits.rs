//! Recording openings and clicks.

use base::{Time, ids::EventId};
use store::{DbErr, Sql};

use super::visitors::Visit;
use crate::{
    Outreach,
    outbox::facts::{HistoryLine, Subject, fact, kind_word, write_history},
};

/// Lines that scanners may add to one history.
const SCANNER_LINES: i64 = 20;

/// What was fetched.
pub(crate) enum Hit<'a> {
    /// The image that tells of an opening.
    Open,
    /// A link, with where it leads.
    Click(&'a str),
    /// The hidden link.
    Hidden,
}

/// Judges a visit and records it: as an opening or a click with its event, or as a scanner's.
pub(crate) async fn record(
    outreach: &Outreach,
    subject: &Subject,
    hit: Hit<'_>,
    visit: &Visit<'_>,
) -> Result<(), DbErr> {
    let verdict = outreach.visitors.judge(visit, outreach.settings.scanner_window);
    match (verdict, hit) {
        (Some(reason), _) => record_scanner(outreach, subject, visit.at, reason).await,
        (None, Hit::Open) => record_open(outreach, subject, visit.at).await,
        (None, Hit::Click(url)) => record_click(outreach, subject, visit.at, url).await,
        (None, Hit::Hidden) => Ok(()),
    }
}

async fn record_scanner(outreach: &Outreach, subject: &Subject, at: Time, reason: &str) -> Result<(), DbErr> {
    let tx = outreach.db.begin().await?;
    tx.run("UPDATE deliveries SET scanner_hits = scanner_hits + 1 WHERE id = $1", vec![subject.id.into()]).await?;
    let hits: Option<i64> =
        tx.scalar("SELECT scanner_hits FROM deliveries WHERE id = $1", vec![subject.id.into()]).await?;
    if hits.is_some_and(|hits| hits <= SCANNER_LINES) {
        let line = HistoryLine { delivery: subject.id, state: "scanner", detail: reason.to_owned() };
        write_history(&tx, outreach, at, &[line]).await?;
    }
    tx.commit().await
}

async fn record_open(outreach: &Outreach, subject: &Subject, at: Time) -> Result<(), DbErr> {
    let tx = outreach.db.begin().await?;
    let first = tx
        .run(
            "UPDATE deliveries SET opened_at = $2 WHERE id = $1 AND opened_at IS NULL",
            vec![subject.id.into(), at.millis().into()],
        )
        .await?;
    if first == 0 {
        return Ok(());
    }
    let line = HistoryLine { delivery: subject.id, state: "opened", detail: String::new() };
    write_history(&tx, outreach, at, &[line]).await?;
    let event = fact(outreach, subject, format!("{} Opened", kind_word(&subject.channel_kind)), "opened", at, &[]);
    store::emitted::put(&tx, &[event]).await?;
    tx.commit().await?;
    outreach.emitted.notify_one();
    Ok(())
}

async fn record_click(outreach: &Outreach, subject: &Subject, at: Time, url: &str) -> Result<(), DbErr> {
    let tx = outreach.db.begin().await?;
    tx.run(
        "UPDATE deliveries SET clicked_at = COALESCE(clicked_at, $2) WHERE id = $1",
        vec![subject.id.into(), at.millis().into()],
    )
    .await?;
    let line = HistoryLine { delivery: subject.id, state: "clicked", detail: url.to_owned() };
    write_history(&tx, outreach, at, &[line]).await?;
    let mark = format!("clicked:{}", outreach.ids.next(EventId));
    let name = format!("{} Link Clicked", kind_word(&subject.channel_kind));
    let event = fact(outreach, subject, name, &mark, at, &[("url", url)]);
    store::emitted::put(&tx, &[event]).await?;
    tx.commit().await?;
    outreach.emitted.notify_one();
    Ok(())
}
