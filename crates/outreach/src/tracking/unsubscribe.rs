//! Withdrawing and renewing consent from a message.

use base::ids::DeliveryId;
use people::consent::{ALL_TOPICS, Decided, Decision, TRANSACTIONAL, Who, decide};
use serde_json::json;
use store::DbErr;

use crate::{
    Outreach,
    outbox::{
        facts::{HistoryLine, Subject, fact, kind_word, write_history},
        suppressions::{self, SuppressionRow},
    },
};

/// Why an address is kept that left without a member's consent to withdraw.
const UNSUBSCRIBED: &str = "unsubscribed";

/// What somebody asked for on the unsubscribe page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// No more about the topic of this message.
    Leave,
    /// No more at all.
    LeaveAll,
    /// Messages about this topic again.
    Return,
    /// All messages again.
    ReturnAll,
}

impl Wish {
    /// Reads the body of a form, be it url-encoded or multipart: the page's own button, or the
    /// `List-Unsubscribe=One-Click` of RFC 8058.
    pub(crate) fn read(body: &[u8]) -> Option<Wish> {
        let text = String::from_utf8_lossy(body);
        let holds = |word: &str| text.contains(word);
        if holds("List-Unsubscribe") && holds("One-Click") {
            return Some(Wish::Leave);
        }
        match text.trim() {
            "action=leave" => Some(Wish::Leave),
            "action=leave_all" => Some(Wish::LeaveAll),
            "action=return" => Some(Wish::Return),
            "action=return_all" => Some(Wish::ReturnAll),
            _ => None,
        }
    }
}

/// Carries out a wish; when this returns, it is in force.
pub(crate) async fn carry_out(outreach: &Outreach, subject: &Subject, wish: Wish) -> Result<(), DbErr> {
    let at = outreach.clock.now();
    let granted = matches!(wish, Wish::Return | Wish::ReturnAll);
    let topic = match wish {
        Wish::LeaveAll | Wish::ReturnAll => ALL_TOPICS,
        _ if subject.topic == TRANSACTIONAL || subject.topic.is_empty() => ALL_TOPICS,
        _ => &subject.topic,
    };
    let decision = Decision {
        workspace: subject.workspace(),
        who: Who::Member { member: subject.member(), address: Some(subject.address.clone()) },
        channel_kind: subject.channel_kind.clone(),
        topic: topic.to_owned(),
        granted,
        at,
        source: "unsubscribe_link".to_owned(),
        proof: json!({"delivery": DeliveryId(subject.id)}),
    };
    let tx = outreach.db.begin().await?;
    let changed = match decide(&tx, &outreach.ids, &decision).await? {
        Decided::Changed => true,
        Decided::Unchanged => false,
        // A member without identities cannot hold a consent; then the address itself is kept.
        Decided::Nobody => keep_address(&tx, outreach, subject, granted).await?,
    };
    if !changed {
        return tx.commit().await;
    }
    let (state, word) = if granted { ("subscribed", "Subscribed") } else { ("unsubscribed", "Unsubscribed") };
    let line = HistoryLine { delivery: subject.id, state, detail: topic.to_owned() };
    write_history(&tx, outreach, at, &[line]).await?;
    let name = format!("{} {word}", kind_word(&subject.channel_kind));
    let mark = format!("{state}:{}", at.millis());
    let event = fact(outreach, subject, name, &mark, at, &[("topic", topic)]);
    store::emitted::put(&tx, &[event]).await?;
    tx.commit().await?;
    outreach.emitted.notify_one();
    Ok(())
}

async fn keep_address(tx: &store::Tx, outreach: &Outreach, subject: &Subject, granted: bool) -> Result<bool, DbErr> {
    let entry = SuppressionRow::of(subject, UNSUBSCRIBED, "unsubscribe_link".to_owned(), outreach.clock.now());
    if granted {
        let (kind, address) = (&entry.channel_kind, &entry.address);
        let workspace = subject.workspace();
        return suppressions::remove(tx, &outreach.marks, workspace, kind, address, Some(UNSUBSCRIBED)).await;
    }
    suppressions::add(tx, subject.workspace(), &entry).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_click_is_understood_in_both_encodings_and_other_bodies_are_not() {
        assert_eq!(Wish::read(b"List-Unsubscribe=One-Click"), Some(Wish::Leave));
        let multipart = b"--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--";
        assert_eq!(Wish::read(multipart), Some(Wish::Leave));
        assert_eq!(Wish::read(b"action=return"), Some(Wish::Return));
        assert_eq!(Wish::read(b"action=leave_all"), Some(Wish::LeaveAll));
        assert_eq!(Wish::read(b""), None);
        assert_eq!(Wish::read(b"\xff\xfe"), None);
    }
}
