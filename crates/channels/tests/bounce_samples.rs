//! Reports as mail servers and mailbox providers send them: who is meant, and what follows.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use base::ids::DeliveryId;
use hearth_channels::email::bounce::{BounceClass, Report, ReportKind, class_of, parse_report};

fn sample(name: &str) -> Option<Report> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/mail").join(name);
    let mail = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(mail.contains("\r\n"), "{name} has lost its line ends");
    parse_report(mail.replace("DELIVERY", &DeliveryId(42).to_string()).as_bytes())
}

#[test]
fn bounces_name_their_message_and_are_of_the_right_class() {
    for (name, expected) in [
        ("dsn-unknown-user.eml", BounceClass::Hard),
        ("dsn-mailbox-full.eml", BounceClass::Soft),
        ("dsn-expired.eml", BounceClass::Soft),
        ("dsn-policy.eml", BounceClass::Blocked),
        ("dsn-qq-unknown-user.eml", BounceClass::Hard),
        ("dsn-qq-frequency.eml", BounceClass::Soft),
        ("dsn-163-spam.eml", BounceClass::Blocked),
        ("dsn-sina-locked.eml", BounceClass::Hard),
        ("dsn-forwarded.eml", BounceClass::Hard),
    ] {
        let report = sample(name).unwrap_or_else(|| panic!("{name} is not read"));
        assert_eq!(report.delivery, Some(DeliveryId(42)), "{name}");
        assert_eq!(report.seal.as_deref(), Some("0123456789abcdef"), "{name}");
        let ReportKind::Bounce { permanent, status } = &report.kind else { panic!("{name}: {:?}", report.kind) };
        assert_eq!(class_of(*permanent, status, &report.diagnostic), expected, "{name}");
    }
    assert_eq!(sample("dsn-forwarded.eml").unwrap().recipient.as_deref(), Some("anna@example.org"));
}

#[test]
fn what_is_late_or_delivered_or_complained_about_is_told_apart_and_answers_are_no_reports() {
    assert_eq!(sample("dsn-delayed.eml").unwrap().kind, ReportKind::Delayed);
    assert_eq!(sample("dsn-delivered.eml").unwrap().kind, ReportKind::Delivered);
    let complaint = sample("arf-abuse.eml").unwrap();
    assert_eq!((complaint.kind, complaint.delivery), (ReportKind::Complaint, Some(DeliveryId(42))));
    assert_eq!(sample("arf-not-spam.eml"), None);
    assert_eq!(sample("auto-reply.eml"), None);
}
