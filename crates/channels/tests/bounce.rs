//! Reports as the common mail servers write them, and reports as nobody should write them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use base::ids::DeliveryId;
use hearth_channels::email::bounce::{Report, ReportKind, parse_report};
use proptest::prelude::*;

const DELIVERY: DeliveryId = DeliveryId(3_700_000_000_000_042);

/// A report with the delivery filled in, with CRLF line ends.
fn sample(text: &str) -> Vec<u8> {
    text.replace("{dlv}", &DELIVERY.to_string()).replace('\n', "\r\n").into_bytes()
}

fn read(text: &str) -> Report {
    parse_report(&sample(text)).unwrap()
}

fn bounce(permanent: bool, status: &str) -> ReportKind {
    ReportKind::Bounce { permanent, status: status.to_owned() }
}

const POSTFIX: &str = "\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: wine@example.com
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary=\"4XzQ1m2bKz.1763712000/mx.example.net\"
Message-Id: <20251121080000.4XzQ1m@mx.example.net>

This is a MIME-encapsulated message.

--4XzQ1m2bKz.1763712000/mx.example.net
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered to one recipient.

--4XzQ1m2bKz.1763712000/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4XzQ1m2bKz
Arrival-Date: Fri, 21 Nov 2025 08:00:00 +0000 (UTC)

Final-Recipient: rfc822; lilei@example.org
Original-Recipient: rfc822;lilei@example.org
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 5.1.1 <lilei@example.org>: Recipient address
    rejected: User unknown in local recipient table

--4XzQ1m2bKz.1763712000/mx.example.net
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <wine@example.com>
Subject: =?utf-8?b?5Lit56eL?=
Message-ID: <{dlv}.0123456789abcdef@example.com>
X-Hearth-Delivery: {dlv}

--4XzQ1m2bKz.1763712000/mx.example.net--
";

const EXIM: &str = "\
Return-path: <>
Envelope-to: bounces@example.com
From: Mail Delivery System <Mailer-Daemon@exim.example.net>
To: bounces@example.com
References: <{dlv}.0123456789abcdef@example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary=1763712000-eximdsn-123
MIME-Version: 1.0
X-Failed-Recipients: lilei@example.org
Subject: Mail delivery failed: returning message to sender

--1763712000-eximdsn-123
Content-type: text/plain; charset=us-ascii

A message that you sent could not be delivered.

--1763712000-eximdsn-123
Content-type: message/delivery-status

Reporting-MTA: dns; exim.example.net

Action: failed
Final-Recipient: rfc822;lilei@example.org
Status: 5.0.0
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; 550 No Such User Here

--1763712000-eximdsn-123
Content-type: message/rfc822

Return-path: <bounces@example.com>
To: lilei@example.org
Message-ID: <{dlv}.0123456789abcdef@example.com>

Hello
--1763712000-eximdsn-123--
";

const OLD_EXIM: &str = "\
From: Mail Delivery System <Mailer-Daemon@exim.example.net>
To: bounces@example.com
X-Failed-Recipients: lilei@example.org
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered to all of its recipients:

  lilei@example.org
    host mail.example.org [192.0.2.7]: 550 5.2.1 Mailbox disabled

------ This is a copy of the message, including all the headers. ------

From: wine@example.com
X-Hearth-Delivery: {dlv}

Hello
";

const EXCHANGE: &str = "\
From: <postmaster@corp.example>
To: <bounces+{dlv}@example.com>
Subject: Undeliverable: Hello
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary=\"_000_abc\"
X-MS-Exchange-Message-Is-Ndr:

--_000_abc
Content-Type: multipart/alternative; boundary=\"_001_def\"

--_001_def
Content-Type: text/plain; charset=\"us-ascii\"
Content-Transfer-Encoding: quoted-printable

Your message couldn't be delivered.

--_001_def
Content-Type: text/html; charset=\"us-ascii\"

<p>Your message couldn't be delivered.</p>

--_001_def--

--_000_abc
Content-Type: message/delivery-status

Reporting-MTA: dns;MX1.corp.example
Received-From-MTA: dns;out.example.com
Arrival-Date: Fri, 21 Nov 2025 08:00:00 +0000

Final-Recipient: rfc822;li.lei@corp.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--_000_abc
Content-Type: message/rfc822

From: wine@example.com
To: li.lei@corp.example

Hello

--_000_abc--
";

const GMAIL_DELAY: &str = "\
From: Mail Delivery Subsystem <mailer-daemon@gmail.example>
To: wine@example.com
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Delay)
References: <other@example.com>
In-Reply-To: <{dlv}.0123456789abcdef@example.com>
Content-Type: multipart/report; boundary=\"00000000\"; report-type=delivery-status
MIME-Version: 1.0

--00000000
Content-Type: multipart/related; boundary=\"00000001\"

--00000001
Content-Type: text/plain; charset=\"UTF-8\"
Content-Transfer-Encoding: base64

VGhlcmUgd2FzIGEgcHJvYmxlbQ==

--00000001--
--00000000
Content-Type: message/delivery-status
Content-Transfer-Encoding: base64

UmVwb3J0aW5nLU1UQTogZG5zOyBnbWFpbC5leGFtcGxlDQoNCkZpbmFsLVJlY2lwaWVudDogcmZj
ODIyOyBsaWxlaUBleGFtcGxlLm9yZw0KQWN0aW9uOiBkZWxheWVkDQpTdGF0dXM6IDQuNC4xDQpE
aWFnbm9zdGljLUNvZGU6IHNtdHA7IFRoZSByZWNpcGllbnQgc2VydmVyIGRpZCBub3QgYWNjZXB0
DQo=

--00000000--
";

const COMPLAINT: &str = "\
From: <feedback@provider.example>
To: <complaints@example.com>
Subject: FW: Hello
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report;
     boundary=\"part1_13d.2e68ed54_boundary\"

--part1_13d.2e68ed54_boundary
Content-Type: text/plain; charset=\"US-ASCII\"
Content-Transfer-Encoding: 7bit

This is an email abuse report.

--part1_13d.2e68ed54_boundary
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <wine@example.com>
Original-Rcpt-To: <lilei@example.org>
Source-IP: 192.0.2.1

--part1_13d.2e68ed54_boundary
Content-Type: message/rfc822
Content-Disposition: inline

From: <wine@example.com>
To: <lilei@example.org>
X-Hearth-Delivery: {dlv}
Subject: Hello

Hello
--part1_13d.2e68ed54_boundary--
";

const SAMPLES: [&str; 6] = [POSTFIX, EXIM, OLD_EXIM, EXCHANGE, GMAIL_DELAY, COMPLAINT];

#[test]
fn a_bounce_of_postfix_is_read() {
    let report = read(POSTFIX);
    assert_eq!(report.delivery, Some(DELIVERY));
    assert_eq!(report.recipient.as_deref(), Some("lilei@example.org"));
    assert_eq!(report.kind, bounce(true, "5.1.1"));
    let said = "550 5.1.1 <(address)>: Recipient address rejected: User unknown in local recipient table";
    assert_eq!(report.diagnostic, said);
}

#[test]
fn a_bounce_of_exim_is_read_in_both_its_forms() {
    let report = read(EXIM);
    assert_eq!((report.delivery, report.kind), (Some(DELIVERY), bounce(true, "5.0.0")));
    assert_eq!(report.diagnostic, "550 No Such User Here");
    let report = read(OLD_EXIM);
    assert_eq!((report.delivery, report.kind), (Some(DELIVERY), bounce(true, "5.2.1")));
    assert_eq!(report.recipient.as_deref(), Some("lilei@example.org"));
}

#[test]
fn a_bounce_of_exchange_is_matched_by_the_address_it_came_to() {
    let report = read(EXCHANGE);
    assert_eq!((report.delivery, report.kind), (Some(DELIVERY), bounce(true, "5.1.10")));
    assert_eq!(report.recipient.as_deref(), Some("li.lei@corp.example"));
}

#[test]
fn a_delay_is_not_a_bounce() {
    let report = read(GMAIL_DELAY);
    assert_eq!((report.delivery, report.kind), (Some(DELIVERY), ReportKind::Delayed));
    assert_eq!(report.diagnostic, "The recipient server did not accept");
}

#[test]
fn a_temporary_failure_that_was_given_up_is_not_permanent() {
    let report = read(&POSTFIX.replace("Status: 5.1.1", "Status: 4.4.1 (no answer)").replace("550 5.1.1", "421 4.4.1"));
    assert_eq!(report.kind, bounce(false, "4.4.1"));
}

#[test]
fn success_is_reported_as_delivered() {
    let report =
        read(&POSTFIX.replace("Action: failed", "Action: delivered").replace("Status: 5.1.1", "Status: 2.0.0"));
    assert_eq!(report.kind, ReportKind::Delivered);
}

#[test]
fn of_several_recipients_the_one_that_failed_counts() {
    let several = POSTFIX.replace(
        "Final-Recipient: rfc822; lilei@example.org",
        "Final-Recipient: rfc822; archive@example.org\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; lilei@example.org",
    );
    assert_eq!(read(&several).kind, bounce(true, "5.1.1"));
}

#[test]
fn a_complaint_is_read_and_its_withdrawal_is_not_one() {
    let report = read(COMPLAINT);
    assert_eq!((report.delivery, report.kind), (Some(DELIVERY), ReportKind::Complaint));
    assert_eq!(report.recipient.as_deref(), Some("lilei@example.org"));
    assert_eq!(parse_report(&sample(&COMPLAINT.replace("Feedback-Type: abuse", "Feedback-Type: not-spam"))), None);
    let redacted = read(&COMPLAINT.replace("Original-Rcpt-To: <lilei@example.org>\n", ""));
    assert_eq!(redacted.recipient.as_deref(), Some("lilei@example.org"), "from the returned message");
}

#[test]
fn the_seal_is_read_wherever_the_delivery_stands_and_only_whole() {
    assert_eq!(read(POSTFIX).seal.as_deref(), Some("0123456789abcdef"));
    let without_id = POSTFIX.replace("Message-ID: <{dlv}.0123456789abcdef@example.com>\n", "");
    assert_eq!((read(&without_id).delivery, read(&without_id).seal), (Some(DELIVERY), None));
    let verp = format!("To: bounces+{{dlv}}.0123456789ABCDEF@example.com\n{}", without_id.trim_start());
    assert_eq!(read(&verp).seal.as_deref(), Some("0123456789abcdef"));
    let cut = POSTFIX.replace("0123456789abcdef", "0123456789abcde");
    assert_eq!((read(&cut).delivery, read(&cut).seal), (Some(DELIVERY), None));
}

#[test]
fn a_report_without_our_marks_still_names_the_recipient() {
    let bare = POSTFIX.replace("X-Hearth-Delivery: {dlv}\n", "").replace("{dlv}", "something-else");
    let report = read(&bare);
    assert_eq!((report.delivery, report.recipient.as_deref()), (None, Some("lilei@example.org")));
}

#[test]
fn other_mail_is_not_a_report() {
    for text in [
        "",
        "\n",
        "Subject: hi\n\nhello",
        "From: lilei@example.org\nTo: bounces+{dlv}@example.com\nIn-Reply-To: <{dlv}.x@example.com>\nSubject: Re: Hello\n\nThanks!",
        "Auto-Submitted: auto-replied\nSubject: Out of office\nContent-Type: text/plain\n\nStatus: 5.1.1\nAction: failed",
        "Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n--x--",
    ] {
        assert_eq!(parse_report(&sample(text)), None, "{text}");
    }
}

#[test]
fn line_feeds_alone_and_a_missing_end_do_not_matter() {
    let cut = POSTFIX.replace("{dlv}", &DELIVERY.to_string()).replace("--4XzQ1m2bKz.1763712000/mx.example.net--\n", "");
    let report = parse_report(cut.as_bytes()).unwrap();
    assert_eq!((report.delivery, report.kind), (Some(DELIVERY), bounce(true, "5.1.1")));
}

#[test]
fn deep_wide_and_endless_messages_are_read_within_bounds() {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(60_000);
    assert_eq!(parse_report(nested.as_bytes()), None);
    let boxes: String =
        (0..5_000).map(|at| format!("Content-Type: multipart/mixed; boundary=b{at}\r\n\r\n--b{at}\r\n")).collect();
    assert_eq!(parse_report(boxes.as_bytes()), None);
    let wide = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(100_000));
    assert_eq!(parse_report(wide.as_bytes()), None);
    let fields = "To: a@example.com\r\n".repeat(50_000);
    assert_eq!(parse_report(fields.as_bytes()), None);
    assert_eq!(parse_report(&vec![b'x'; 20_000_000]), None);
    let long = POSTFIX.replace("User unknown", &"很".repeat(100_000));
    assert!(read(&long).diagnostic.chars().count() <= 500);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = parse_report(&bytes);
    }

    #[test]
    fn damaged_reports_never_panic(
        which in 0..SAMPLES.len(),
        damages in proptest::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<u8>(), 0..60usize), 1..12),
    ) {
        let mut bytes = sample(SAMPLES[which]);
        for (at, damage, byte, length) in damages {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            match damage {
                0 => bytes[at] = byte,
                1 => drop(bytes.drain(at..end)),
                2 => bytes.truncate(at),
                _ => {
                    let copy = bytes[at..end].to_vec();
                    let to = usize::from(byte) * bytes.len() / 256;
                    bytes.splice(to..to, copy);
                }
            }
        }
        if let Some(report) = parse_report(&bytes) {
            prop_assert!(report.diagnostic.chars().count() <= 500);
        }
    }
}
