//! What providers and mail servers report: bounces, complaints, deliveries.
//!
//! A report is signed after Standard Webhooks with the channel's `hook_secret`. It is either JSON or, as
//! `message/rfc822`, the report mail itself; report mails also come from the channel's mailbox. What follows from a
//! report is the channel's policy (`channels::email::BouncePolicy`).

use std::time::Duration;

use base::{
    Code, Problem, Time,
    ids::{ChannelId, DeliveryId},
};
use channels::email::{
    BouncePolicy, Complaint, Hard,
    bounce::{BounceClass, ReportKind, class_of, parse_report},
};
use people::consent::{ALL_TOPICS, Decided, Decision, Who, decide};
use serde::Deserialize;
use serde_json::json;
use store::{DbErr, Sql, Tx};

use super::Signer;
use crate::{
    Outreach, email,
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
        class: BounceClass,
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
    class: Option<Class>,
    #[serde(default)]
    diagnostic: String,
}

/// The class of a bounce, from a provider that knows.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Class {
    Hard,
    Soft,
    Blocked,
}

impl JsonReport {
    fn bounce_class(&self) -> BounceClass {
        match self.class {
            Some(Class::Hard) => BounceClass::Hard,
            Some(Class::Soft) => BounceClass::Soft,
            Some(Class::Blocked) => BounceClass::Blocked,
            None if self.permanent => BounceClass::Hard,
            None => BounceClass::Soft,
        }
    }
}

fn yes() -> bool {
    true
}

/// Reads a report as JSON.
pub(crate) fn read_json(body: &[u8]) -> Result<Report, Problem> {
    let json: JsonReport =
        serde_json::from_slice(body).map_err(|error| Problem::with(Code::InvalidBody, error.to_string()))?;
    let what = match json.r#type.as_str() {
        "bounce" => What::Bounce { class: json.bounce_class() },
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
        ReportKind::Bounce { permanent, status } => {
            What::Bounce { class: class_of(permanent, &status, &report.diagnostic) }
        }
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
    let policy = policy_of(&tx, channel).await?;
    let (state, word) = match report.what {
        What::Bounce { .. } => ("bounced", "Bounced"),
        What::Complaint => ("complained", "Marked as Spam"),
        What::Delivered => ("delivered", "Delivered"),
        What::Delayed => ("delayed", ""),
    };
    let lasting = match report.what {
        What::Bounce { class } => (class == BounceClass::Hard && policy.hard == Hard::Suppress).then_some("bounced"),
        What::Complaint => Some("complained"),
        What::Delivered | What::Delayed => None,
    };
    // Before the state is looked at: a message that has bounced for a while may turn out to have for good.
    let is_new = match lasting {
        Some(reason) => suppress(&tx, &subject, reason, now).await?,
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
    let soft = report.what == What::Bounce { class: BounceClass::Soft };
    if soft && has_bounced_enough(&tx, &subject, &policy, now).await? {
        suppress(&tx, &subject, "bounced", now).await?;
    }
    if report.what == What::Complaint && policy.complaint == Complaint::Withdraw {
        withdraw(&tx, outreach, &subject, now).await?;
    }
    if !word.is_empty() {
        let name = format!("{} {word}", kind_word(&subject.channel_kind));
        let (kind, class) = match report.what {
            What::Bounce { class: BounceClass::Hard } => ("permanent", "hard"),
            What::Bounce { class: BounceClass::Soft } => ("transient", "soft"),
            What::Bounce { class: BounceClass::Blocked } => ("transient", "blocked"),
            _ => ("", ""),
        };
        let more: &[(&str, &str)] =
            &[("bounce_type", kind), ("bounce_class", class), ("diagnostic", &report.diagnostic)];
        let more = if kind.is_empty() { &[] } else { more };
        // That it bounced for good is told, even if it was told that it bounced.
        let mark = if kind == "permanent" { "bounced_for_good" } else { state };
        store::emitted::put(&tx, &[fact(outreach, &subject, name, mark, now, more)]).await?;
    }
    tx.commit().await?;
    outreach.emitted.notify_one();
    if report.what == (What::Bounce { class: BounceClass::Blocked }) {
        pause_when_blocked(outreach, channel, &policy, now).await?;
    }
    Ok(true)
}

async fn policy_of(tx: &Tx, channel: ChannelId) -> Result<BouncePolicy, DbErr> {
    let config: Option<String> =
        tx.scalar("SELECT config_json FROM channels WHERE id = $1", vec![channel.0.into()]).await?;
    let config = config.and_then(|config| serde_json::from_str(&config).ok()).unwrap_or_default();
    Ok(BouncePolicy::of(&config))
}

async fn suppress(tx: &Tx, subject: &Subject, reason: &str, now: Time) -> Result<bool, DbErr> {
    let entry = SuppressionRow::of(subject, reason, subject.delivery().to_string(), now);
    suppressions::add(tx, subject.workspace(), &entry).await
}

/// Whether so many messages to the address have bounced of late that it is given up. Each message counts once, however
/// often it is reported; one that was blocked says nothing about the address.
async fn has_bounced_enough(tx: &Tx, subject: &Subject, policy: &BouncePolicy, now: Time) -> Result<bool, DbErr> {
    if policy.soft.after == 0 {
        return Ok(false);
    }
    let days = u64::try_from(policy.soft.within_days).unwrap_or(0);
    let since = now.minus(Duration::from_secs(days * 86_400));
    let bounced: Option<i64> = tx
        .scalar(
            "SELECT COUNT(*) FROM deliveries WHERE member_id = $1 AND channel_kind = $2 AND address = $3
               AND state = 'bounced' AND reason = 'bounced' AND ended_at >= $4",
            vec![
                subject.member_id.into(),
                subject.channel_kind.as_str().into(),
                subject.address.as_str().into(),
                since.millis().into(),
            ],
        )
        .await?;
    Ok(bounced.unwrap_or(0) >= policy.soft.after)
}

/// Whoever calls a message spam has not asked for it: the consent to all but transactional messages is withdrawn.
async fn withdraw(tx: &Tx, outreach: &Outreach, subject: &Subject, now: Time) -> Result<(), DbErr> {
    let decision = Decision {
        workspace: subject.workspace(),
        who: Who::Member { member: subject.member(), address: Some(subject.address.clone()) },
        channel_kind: subject.channel_kind.clone(),
        topic: ALL_TOPICS.to_owned(),
        granted: false,
        at: now,
        source: "complaint".to_owned(),
        proof: json!({"delivery": subject.delivery()}),
    };
    if !matches!(decide(tx, &outreach.ids, &decision).await?, Decided::Changed) {
        return Ok(());
    }
    let line = HistoryLine { delivery: subject.id, state: "unsubscribed", detail: ALL_TOPICS.to_owned() };
    write_history(tx, outreach, now, &[line]).await?;
    let name = format!("{} Unsubscribed", kind_word(&subject.channel_kind));
    let mark = format!("unsubscribed:{}", now.millis());
    let told = [("topic", ALL_TOPICS), ("source", "complaint")];
    store::emitted::put(tx, &[fact(outreach, subject, name, &mark, now, &told)]).await
}

/// Pauses the channel each time that so many of a day's messages were blocked, until somebody has looked.
async fn pause_when_blocked(
    outreach: &Outreach,
    channel: ChannelId,
    policy: &BouncePolicy,
    now: Time,
) -> Result<(), DbErr> {
    let most = policy.blocked.pause_after;
    if most == 0 {
        return Ok(());
    }
    let blocked = email::count_blocked(&outreach.db, channel, now).await?;
    if blocked % most != 0 {
        return Ok(());
    }
    let tx = outreach.db.begin().await?;
    let workspace: Option<i64> = tx
        .scalar(
            "UPDATE channels SET state = 'paused', updated_at = updated_at + 1
             WHERE id = $1 AND state = 'active' AND deleted_at IS NULL RETURNING workspace_id",
            vec![channel.0.into()],
        )
        .await?;
    if let Some(workspace) = workspace {
        let detail = json!({"reason": "blocked", "messages_today": blocked});
        let (target, workspace) = (channel.to_string(), base::ids::WorkspaceId(workspace));
        store::audit::record(&tx, &outreach.ids, now, workspace, "system", "channel.paused", &target, detail).await?;
        tracing::warn!(%channel, blocked, "the channel pauses: mailbox providers do not want its messages");
    }
    tx.commit().await?;
    outreach.wake.notify_one();
    Ok(())
}

/// `is_news` says that the address was not known to be dead.
async fn set_state(tx: &Tx, subject: &Subject, report: &Report, is_news: bool, now: Time) -> Result<u64, DbErr> {
    let (id, now) = (subject.id, now.millis());
    match report.what {
        What::Bounce { class } => {
            let reason = if class == BounceClass::Blocked { "blocked" } else { "bounced" };
            tx.run(
                "UPDATE deliveries SET state = 'bounced', reason = $5, error = $2, ended_at = $3
                 WHERE id = $1 AND (state IN ('queued', 'sending', 'accepted', 'delivered', 'unknown')
                   OR (CAST($4 AS BIGINT) = 1 AND state = 'bounced'))",
                vec![
                    id.into(),
                    report.diagnostic.as_str().into(),
                    now.into(),
                    i64::from(is_news).into(),
                    reason.into(),
                ],
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
        assert_eq!(report.what, What::Bounce { class: BounceClass::Soft });
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
