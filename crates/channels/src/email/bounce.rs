//! Reading what mail servers send back: delivery reports (RFC 3464) and complaints (RFC 5965).
//!
//! Invariants: whatever the bytes are, reading ends soon, in bounded memory and without a
//! panic. A report can be forged by anyone who knows the address it is sent to; only one with the right
//! seal is about a message that was sent, and not even then must the caller do more on its word than to stop
//! writing to an address.

mod class;
mod mime;
mod status;

use std::str::FromStr;

use base::ids::DeliveryId;

use crate::reason::plain_line;
use mime::{Fields, Part};

pub use class::{BounceClass, class_of};

/// How much of a report is read, in bytes. Reports stand before the returned message.
const MAX_RAW: usize = 1024 * 1024;
/// How much of a text is searched for the delivery, in bytes.
const MAX_SEARCHED: usize = 64 * 1024;
const MAX_DIAGNOSTIC: usize = 500;
/// Digits of a seal.
const SEAL: usize = 16;

/// What a mail server or mailbox provider reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which message it is about, if the report has kept our marks.
    pub delivery: Option<DeliveryId>,
    /// The seal that stood behind the delivery, in lower case. Without the right one the report may be forged.
    pub seal: Option<String>,
    /// The address it is about, as the report writes it.
    pub recipient: Option<String>,
    /// What happened.
    pub kind: ReportKind,
    /// The other side's words, as one line of at most 500 characters without addresses.
    pub diagnostic: String,
}

/// What happened to a message after a server had taken it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// It could not be delivered.
    Bounce {
        /// Whether trying again is pointless (status 5.x.x).
        permanent: bool,
        /// The enhanced status of RFC 3463, such as `5.1.1`.
        status: String,
    },
    /// The reader declared it to be spam.
    Complaint,
    /// It was delivered (or passed on to a system that does not report).
    Delivered,
    /// It is late; the server goes on trying.
    Delayed,
}

/// Reads a report. `None` for any other mail: answers, out-of-office notes, newsletters.
pub fn parse_report(raw: &[u8]) -> Option<Report> {
    let raw = &raw[..raw.len().min(MAX_RAW)];
    // The parser is somebody else's and the bytes are anybody's: should it have a fault, then
    // this mail is not a report, and nothing more is lost.
    std::panic::catch_unwind(|| read_report(raw)).ok().flatten()
}

fn read_report(raw: &[u8]) -> Option<Report> {
    let parts = mime::leaves(raw);
    let envelope = mime::header_fields(raw);
    let mut report = read_complaint(&parts)
        .or_else(|| status::read_delivery_status(&parts))
        .or_else(|| status::read_failed_recipients(&envelope, &parts))?;
    if let Some(mark) = find_mark(&parts, &envelope) {
        report.delivery = Some(mark.delivery);
        report.seal = mark.seal;
    }
    if report.recipient.is_none() {
        report.recipient = returned_fields(&parts).find_map(|fields| fields.get("to").and_then(only_address));
    }
    report.recipient = report.recipient.filter(|recipient| recipient.len() <= 320);
    report.diagnostic = plain_line(&report.diagnostic, MAX_DIAGNOSTIC);
    Some(report)
}

fn read_complaint(parts: &[Part]) -> Option<Report> {
    let part = parts.iter().find(|part| part.is("message/feedback-report"))?;
    let fields = mime::header_fields(&part.body);
    let feedback = fields.get("feedback-type")?.trim().to_ascii_lowercase();
    // The other types report on authentication, or that the reader took a complaint back.
    if !matches!(feedback.as_str(), "abuse" | "fraud" | "virus" | "opt-out" | "other") {
        return None;
    }
    let recipient = ["original-rcpt-to", "removal-recipient"].into_iter().find_map(|name| fields.get(name));
    Some(Report {
        delivery: None,
        seal: None,
        recipient: recipient.and_then(only_address),
        kind: ReportKind::Complaint,
        diagnostic: feedback,
    })
}

/// What we write into a message to know it again.
#[derive(Clone, Debug)]
struct Mark {
    delivery: DeliveryId,
    seal: Option<String>,
}

/// Finds our mark: in the returned message, in the address that the report was sent to
/// (the return path of VERP), in the references, or in a text that quotes the message. The first with a seal
/// counts, or else the first.
fn find_mark(parts: &[Part], envelope: &Fields) -> Option<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for fields in returned_fields(parts) {
        marks.extend(fields.get("message-id").and_then(|value| mark_after(value, "<")));
        let bare = fields.get("x-hearth-delivery").and_then(|value| value.trim().parse().ok());
        marks.extend(bare.map(|delivery| Mark { delivery, seal: None }));
    }
    for (name, before) in [
        ("to", "+"),
        ("delivered-to", "+"),
        ("x-original-to", "+"),
        ("envelope-to", "+"),
        ("in-reply-to", "<"),
        ("references", "<"),
    ] {
        marks.extend(envelope.all(name).filter_map(|value| mark_after(value, before)));
    }
    for part in parts.iter().filter(|part| part.is("text/plain")) {
        let text = String::from_utf8_lossy(&part.body[..part.body.len().min(MAX_SEARCHED)]);
        marks.extend(mark_after(&text, "<"));
        let quoted = text.split_once(super::compose::DELIVERY_HEADER).and_then(|(_, after)| mark_after(after, " "));
        marks.extend(quoted);
    }
    let sealed = marks.iter().find(|mark| mark.seal.is_some()).cloned();
    sealed.or_else(|| marks.into_iter().next())
}

fn returned_fields<'a>(parts: &'a [Part<'_>]) -> impl Iterator<Item = Fields> + 'a {
    const RETURNED: [&str; 5] =
        ["message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers"];
    parts.iter().filter(|part| RETURNED.iter().any(|name| part.is(name))).map(|part| mime::header_fields(&part.body))
}

/// The first mark in `text` that stands right behind `before`.
fn mark_after(text: &str, before: &str) -> Option<Mark> {
    let prefix = format!("{before}{}_", DeliveryId::PREFIX);
    text.match_indices(&prefix).take(20).find_map(|(at, _)| {
        let rest = &text[at + before.len()..];
        let id: String = rest.chars().take(DeliveryId(0).to_string().len()).collect();
        let delivery = DeliveryId::from_str(&id).ok()?;
        let seal: String = rest[id.len()..].strip_prefix('.').unwrap_or_default().chars().take(SEAL).collect();
        let is_whole = seal.len() == SEAL && seal.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Mark { delivery, seal: is_whole.then(|| seal.to_ascii_lowercase()) })
    })
}

/// The address in `rfc822; anna@example.com`, `<anna@example.com>` or `Anna <anna@example.com>`;
/// `None` when there is none or more than one.
fn only_address(text: &str) -> Option<String> {
    let text = text.split_once(';').map_or(text, |(_, address)| address).trim();
    let inner = match text.rsplit_once('<') {
        Some((_, rest)) => rest.split_once('>').map_or(rest, |(inner, _)| inner),
        None => text,
    };
    let inner = inner.trim();
    let one = inner.matches('@').count() == 1 && !inner.contains([' ', ',', '<', '>']);
    one.then(|| inner.to_owned())
}
