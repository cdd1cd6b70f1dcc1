//! Confirming a consent from the address itself (double opt-in).
//!
//! The link shows a button; only the button counts, since scanners fetch links. A link stands for what was asked when its
//! message went out: who has refused since then does not agree by an old link.

use std::time::Duration;

use base::ids::DeliveryId;
use people::consent::{Check, Decided, Decision, Verdict, Who, decide, in_force};
use serde::Deserialize;
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql};

use crate::{
    Outreach,
    outbox::facts::{HistoryLine, Subject, fact, kind_word, write_history},
};

/// How long a link confirms.
const VALID: Duration = Duration::from_secs(30 * 86_400);

/// What became of a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmed {
    /// The consent counts now, or did already.
    Yes,
    /// The link is too old, or its message asked for nothing.
    TooOld,
    /// The member has refused since.
    Refused,
}

#[derive(Deserialize)]
struct Options {
    confirms: Option<Confirms>,
}

/// What a message asks to confirm.
#[derive(Deserialize)]
pub(crate) struct Confirms {
    channel_kind: String,
    topic: String,
}

impl Confirms {
    /// The topic that somebody subscribed to.
    pub(super) fn topic(&self) -> &str {
        &self.topic
    }
}

#[derive(FromQueryResult)]
struct AskedRow {
    options_json: String,
    queued_at: i64,
}

/// What the options of a delivery ask to confirm.
pub(crate) fn confirms(options_json: &str) -> Option<Confirms> {
    serde_json::from_str::<Options>(options_json).ok()?.confirms
}

/// What a message asks, and whether it still may; changes nothing.
pub(super) async fn asked(outreach: &Outreach, subject: &Subject) -> Result<Result<Confirms, Confirmed>, DbErr> {
    let db = outreach.db.read();
    let row: Option<AskedRow> =
        db.one("SELECT options_json, queued_at FROM deliveries WHERE id = $1", vec![subject.id.into()]).await?;
    let Some(row) = row else { return Ok(Err(Confirmed::TooOld)) };
    let queued_at = base::Time::from_millis(row.queued_at);
    let Some(confirms) = confirms(&row.options_json).filter(|_| outreach.clock.now() < queued_at.plus(VALID)) else {
        return Ok(Err(Confirmed::TooOld));
    };
    let check = Check {
        workspace: subject.workspace(),
        member: subject.member(),
        channel_kind: confirms.channel_kind.clone(),
        topic: confirms.topic.clone(),
        address: subject.address.clone(),
        requires_consent: true,
    };
    match in_force(db, &[check]).await?.first() {
        Some(Verdict::Withdrawn) => Ok(Err(Confirmed::Refused)),
        _ => Ok(Ok(confirms)),
    }
}

/// Confirms; when this returns, it is in force.
pub(super) async fn confirm(outreach: &Outreach, subject: &Subject) -> Result<Confirmed, DbErr> {
    let confirms = match asked(outreach, subject).await? {
        Ok(confirms) => confirms,
        Err(why) => return Ok(why),
    };
    let at = outreach.clock.now();
    let decision = Decision {
        workspace: subject.workspace(),
        who: Who::Member { member: subject.member(), address: Some(subject.address.clone()) },
        channel_kind: confirms.channel_kind.clone(),
        topic: confirms.topic.clone(),
        granted: true,
        at,
        source: "double_opt_in".to_owned(),
        proof: json!({"delivery": DeliveryId(subject.id)}),
    };
    let tx = outreach.db.begin().await?;
    if decide(&tx, &outreach.ids, &decision).await? == Decided::Nobody {
        return Ok(Confirmed::TooOld);
    }
    // A claim becomes a decision, which changes nothing about what is in force; the fact is told once all the same.
    let name = format!("{} Subscription Confirmed", kind_word(&confirms.channel_kind));
    let event = fact(outreach, subject, name, "confirmed", at, &[("topic", &confirms.topic)]);
    let line = HistoryLine { delivery: subject.id, state: "confirmed", detail: confirms.topic.clone() };
    write_history(&tx, outreach, at, &[line]).await?;
    store::emitted::put(&tx, &[event]).await?;
    tx.commit().await?;
    outreach.emitted.notify_one();
    Ok(Confirmed::Yes)
}
