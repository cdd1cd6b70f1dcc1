//! What providers and mail servers report: bounces, complaints, deliveries.
//!
//! A report is signed after Standard Webhooks with the channel's `hook_secret`. It is either JSON or, as
//! `message/rfc822`, the report mail itself.

use std::time::Duration;

use base::{
    Code, Problem, Time,
    ids::{ChannelId, DeliveryId},
};
use channels::email::bounce::{ReportKind, parse_report};
use serde::Deserialize;
use store::{DbErr, Sql, Tx};

use super::Signer;
use crate::{
    Outreach,
    outbox::{
        facts::{HistoryLine, Subject, fact, kind_word, write_history},
        suppressions::{self, SuppressionRow},
    },
};

/// How long after it was accepted a message can be named by the provider's id.
const PROVIDER_ID_AGE: Duration = Duration::from_secs(30 * 86_400);
const MAX_DIAGNOSTIC: usize = 500;

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub delivery: Option<DeliveryId>,
    pub provider_id: Option<String>,
    pub what: What,
    pub diagnostic: String,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Bounce {
        permanent: bool,
    },
    Complaint,
    Delivered,
    /// Nothing that changes the message.
    Delayed,
}

#[derive(Deserialize)]
struct JsonReport {
    r#type: String,
    delivery: Option<String>,
    message_id: Option<String>,
    #[serde(default = "yes")]
    permanent: bool,
    #[serde(default)]
    diagnostic: String,
}

fn yes() -> bool {
    true
}

/// Reads a report as JSON.
pub(crate) fn read_json(body: &[u8]) -> Result<Report, Problem> {
    let json: JsonReport =
        serde_json::from_slice(body).map_err(|error| Problem::with(Code::InvalidBody, error.to_string()))?;
    let what = match json.r#type.as_str() {
        "bounce" => What::Bounce { permanent: json.permanent },
        "complaint" => What::Complaint,
        "delivered" => What::Delivered,
        _ => return Err(Problem::at(Code::InvalidBody, "type", "is not bounce, complaint or delivered")),
    };
    let delivery = match json.delivery.as_deref().map(str::parse) {
        Some(Err(_)) => return Err(Problem::at(Code::InvalidBody, "delivery", "is not the id of a delivery")),
        Some(Ok(delivery)) => Some(delivery),
        None => None,
    };
    if delivery.is_none() && json.message_id.is_none() {
        return Err(Problem::at(Code::InvalidBody, "delivery", "is missing; give it or message_id"));
    }
    let diagnostic = one_line(&json.diagnostic);
    Ok(Report { delivery, provider_id: json.message_id.filter(|id| !id.contains('\0')), what, diagnostic })
}

/// Reads a report mail; `None` when it is none. Anybody can write one, so it names its message only by the
/// seal that we put into it.
pub(crate) fn read_mail(signer: &Signer, body: &[u8]) -> Option<Report> {
    let report = parse_report(body)?;
    let is_sealed = |delivery: &DeliveryId| report.seal.as_deref().is_some_and(|seal| signer.is_seal(*delivery, seal));
    let delivery = report.delivery.filter(is_sealed);
    let what = match report.kind {
        ReportKind::Bounce { permanent, .. } => What::Bounce { permanent },
        ReportKind::Complaint => What::Complaint,
        ReportKind::Delivered => What::Delivered,
        ReportKind::Delayed => What::Delayed,
    };
    Some(Report { delivery, provider_id: None, what, diagnostic: one_line(&report.diagnostic) })
}

fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_DIAGNOSTIC).collect()
}

/// Takes a report over into the ledger. False when it names no message of this channel.
pub(crate) async fn take(outreach: &Outreach, channel: ChannelId, report: &Report) -> Result<bool, DbErr> {
    let now = outreach.clock.now();
    let tx = outreach.db.begin().await?;
    let subject = match (&report.delivery, &report.provider_id) {
        (Some(delivery), _) => Subject::load(&tx, *delivery).await?,
        (None, Some(provider_id)) => {
            Subject::by_provider_id(&tx, channel, provider_id, now.minus(PROVIDER_ID_AGE)).await?
        }
        (None, None) => None,
    };
    let Some(subject) = subject.filter(|subject| subject.channel_id == channel.0) else { return Ok(false) };
    let (state, word) = match report.what {
        What::Bounce { .. } => ("bounced", "Bounced"),
        What::Complaint => ("complained", "Marked as Spam"),
        What::Delivered => ("delivered", "Delivered"),
        What::Delayed => ("delayed", ""),
    };
    let lasting = match report.what {
        What::Bounce { permanent } => permanent.then_some("bounced"),
        What::Complaint => Some("complained"),
        What::Delivered | What::Delayed => None,
    };
    // Before the state is looked at: a message that has bounced for a while may turn out to have for good.
    let is_new = match lasting {
        Some(reason) => {
            let entry = SuppressionRow::of(&subject, reason, subject.delivery().to_string(), now);
            suppressions::add(&tx, subject.workspace(), &entry).await?
        }
        None => false,
    };
    // Whatever is reported on was taken.
    crate::outbox::settle_by_receipt(&tx, outreach, subject.delivery()).await?;
    let changed = set_state(&tx, &subject, report, is_new, now).await?;
    if changed == 0 {
        // The same report came before.
        tx.commit().await?;
        return Ok(true);
    }
    let line = HistoryLine { delivery: subject.id, state, detail: report.diagnostic.clone() };
    write_history(&tx, outreach, now, &[line]).await?;
    if !word.is_empty() {
        let name = format!("{} {word}", kind_word(&subject.channel_kind));
        let kind = match report.what {
            What::Bounce { permanent: true } => "permanent",
            What::Bounce { permanent: false } => "transient",
            _ => "",
        };
        let more: &[(&str, &str)] = &[("bounce_type", kind), ("diagnostic", &report.diagnostic)];
        let more = if kind.is_empty() { &[] } else { more };
        // That it bounced for good is told, even if it was told that it bounced.
        let mark = if kind == "permanent" { "bounced_for_good" } else { state };
        store::emitted::put(&tx, &[fact(outreach, &subject, name, mark, now, more)]).await?;
    }
    tx.commit().await?;
    outreach.emitted.notify_one();
    Ok(true)
}

/// `is_news` says that the address was not known to be dead.
async fn set_state(tx: &Tx, subject: &Subject, report: &Report, is_news: bool, now: Time) -> Result<u64, DbErr> {
    let (id, now) = (subject.id, now.millis());
    match report.what {
        What::Bounce { .. } => {
            tx.run(
                "UPDATE deliveries SET state = 'bounced', reason = 'bounced', error = $2, ended_at = $3
                 WHERE id = $1 AND (state IN ('queued', 'sending', 'accepted', 'delivered', 'unknown')
                   OR (CAST($4 AS BIGINT) = 1 AND state = 'bounced'))",
                vec![id.into(), report.diagnostic.as_str().into(), now.into(), i64::from(is_news).into()],
            )
            .await
        }
        // It stays delivered; the complaint is in its history and stops later messages.
        What::Complaint => {
            let told: Option<i64> = tx
                .scalar(
                    "SELECT id FROM delivery_history WHERE delivery_id = $1 AND state = 'complained' LIMIT 1",
                    vec![id.into()],
                )
                .await?;
            Ok(u64::from(told.is_none()))
        }
        What::Delivered => {
            tx.run(
                "UPDATE deliveries SET state = 'delivered', delivered_at = $2, ended_at = $2,
                   accepted_at = COALESCE(accepted_at, $2)
                 WHERE id = $1 AND state IN ('sending', 'accepted', 'unknown')",
                vec![id.into(), now.into()],
            )
            .await
        }
        What::Delayed => Ok(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_report_names_its_message_and_says_what_happened() {
        let report =
            read_json(br#"{"type":"bounce","message_id":"q1","permanent":false,"diagnostic":"452\r\nfull"}"#).unwrap();
        assert_eq!(report.what, What::Bounce { permanent: false });
        assert_eq!(report.provider_id.as_deref(), Some("q1"));
        assert_eq!(report.diagnostic, "452 full");
        for body in [
            &b"{}"[..],
            b"[]",
            br#"{"type":"opened","delivery":"dlv_0000000000001"}"#,
            br#"{"type":"bounce"}"#,
            br#"{"type":"bounce","delivery":"x"}"#,
        ] {
            assert!(read_json(body).is_err());
        }
    }
}
