//! Delivery reports: `message/delivery-status` (RFC 3464), and the older reports of Exim, which are
//! recognised by a header field.

use super::{
    Report, ReportKind,
    mime::{self, Fields, Part},
    only_address,
};

const MAX_GROUPS: usize = 50;
/// How much of a text is taken as the diagnosis when there is no field for it, in bytes.
const MAX_TEXT: usize = 4 * 1024;

/// Reads the first part with a delivery status. Of several recipients the one that failed
/// counts: our messages have one recipient, and more than one means that he forwards his mail.
pub fn read_delivery_status(parts: &[Part]) -> Option<Report> {
    let part =
        parts.iter().find(|part| part.is("message/delivery-status") || part.is("message/global-delivery-status"))?;
    let recipients: Vec<Report> = groups(&part.body).iter().filter_map(read_recipient).collect();
    let failed = recipients.iter().position(|report| matches!(report.kind, ReportKind::Bounce { .. }));
    recipients.into_iter().nth(failed.unwrap_or(0))
}

/// Reads a report that says nothing but `X-Failed-Recipients` and a text.
pub fn read_failed_recipients(envelope: &Fields, parts: &[Part]) -> Option<Report> {
    let recipients = envelope.get("x-failed-recipients")?;
    let text = parts.iter().find(|part| part.is("text/plain")).map(|part| {
        let body = &part.body[..part.body.len().min(MAX_TEXT)];
        String::from_utf8_lossy(body).into_owned()
    });
    let diagnostic = text.unwrap_or_default();
    let status = first_status(&diagnostic).unwrap_or_else(|| "5.0.0".to_owned());
    Some(Report {
        delivery: None,
        seal: None,
        recipient: only_address(recipients),
        kind: ReportKind::Bounce { permanent: status.starts_with('5'), status },
        diagnostic,
    })
}

/// The groups of fields between empty lines.
fn groups(body: &[u8]) -> Vec<Fields> {
    let mut groups = Vec::new();
    let mut group: Vec<u8> = Vec::new();
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if line.iter().all(u8::is_ascii_whitespace) {
            push_group(&mut groups, &mut group);
        } else {
            group.extend_from_slice(line);
        }
        if groups.len() >= MAX_GROUPS {
            return groups;
        }
    }
    push_group(&mut groups, &mut group);
    groups
}

fn push_group(groups: &mut Vec<Fields>, group: &mut Vec<u8>) {
    group.push(b'\n');
    let fields = mime::header_fields(group);
    if !fields.is_empty() {
        groups.push(fields);
    }
    group.clear();
}

/// Reads the fields of one recipient; `None` for the group about the message as a whole.
fn read_recipient(fields: &Fields) -> Option<Report> {
    let action = fields.get("action")?.split(|c: char| !c.is_ascii_alphabetic()).next()?.to_ascii_lowercase();
    let diagnostic = fields.get("diagnostic-code").or_else(|| fields.get("status")).unwrap_or_default();
    let kind = match action.as_str() {
        "failed" => {
            let status = fields.get("status").and_then(first_status).or_else(|| first_status(diagnostic));
            let status = status.unwrap_or_else(|| "5.0.0".to_owned());
            ReportKind::Bounce { permanent: status.starts_with('5'), status }
        }
        "delayed" => ReportKind::Delayed,
        "delivered" | "relayed" | "expanded" => ReportKind::Delivered,
        _ => return None,
    };
    // The original recipient is the address that we wrote to; the final one may be another
    // to which he forwards his mail.
    let recipient =
        ["original-recipient", "final-recipient"].into_iter().find_map(|name| fields.get(name).and_then(only_address));
    // `smtp; 550 5.1.1 …`: the type of the code says nothing to a reader.
    let said = diagnostic.split_once(';').map_or(diagnostic, |(_, said)| said);
    Some(Report { delivery: None, seal: None, recipient, kind, diagnostic: said.to_owned() })
}

/// The first enhanced status in a text, such as `5.1.1` in `550 5.1.1 <…>: unknown`.
fn first_status(text: &str) -> Option<String> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || c == '.')).take(200);
    let mut statuses = words.map(|word| word.trim_end_matches('.')).filter(|word| {
        let numbers: Vec<&str> = word.splitn(4, '.').collect();
        numbers.len() == 3
            && matches!(numbers[0], "2" | "4" | "5")
            && numbers[1..].iter().all(|number| (1..=3).contains(&number.len()))
    });
    statuses.next().map(str::to_owned)
}
