//! What a bounce says about the address, by the enhanced status (RFC 3463) and, where that says nothing, by the words.

use super::super::words::{self, Meaning};

/// What a bounce says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BounceClass {
    /// The address does not work and will not.
    Hard,
    /// It does not work at the moment.
    Soft,
    /// The other side does not want what we send; the address has no part in it.
    Blocked,
}

/// The class of a bounce with a status such as `5.1.1`.
pub fn class_of(permanent: bool, status: &str, diagnostic: &str) -> BounceClass {
    let numbers: Vec<u32> = status.split('.').filter_map(|number| number.parse().ok()).collect();
    let by_words = || match words::meaning(diagnostic) {
        Some(Meaning::NoMailbox) => Some(BounceClass::Hard),
        Some(Meaning::MailboxFull | Meaning::TooMany | Meaning::AccountLimit) => Some(BounceClass::Soft),
        Some(Meaning::Blocked) => Some(BounceClass::Blocked),
        None => None,
    };
    let (class, subject, detail) = match numbers[..] {
        [class, subject, detail] => (class, subject, detail),
        _ => (if permanent { 5 } else { 4 }, 0, 0),
    };
    if class != 5 {
        return if by_words() == Some(BounceClass::Blocked) { BounceClass::Blocked } else { BounceClass::Soft };
    }
    match (subject, detail) {
        // 5.1.7 and 5.1.8 speak of the sender's address, 5.1.9 and 5.1.10 of null records.
        (1, 7 | 8) => BounceClass::Blocked,
        // 5.1.1 is what some servers say to everything; their words are more exact.
        (1, 0 | 1) => by_words().unwrap_or(BounceClass::Hard),
        (1, _) => BounceClass::Hard,
        (2, 1) => by_words().unwrap_or(BounceClass::Hard),
        (2, _) => BounceClass::Soft,
        (3 | 6, _) => BounceClass::Soft,
        // 5.4.4 and 5.4.6: the domain has no server, or a circle; 5.4.7: it was tried for too long.
        (4, 4) => BounceClass::Hard,
        (4, _) => BounceClass::Soft,
        (7, _) => by_words().filter(|class| *class == BounceClass::Hard).unwrap_or(BounceClass::Blocked),
        _ => by_words().unwrap_or(if permanent { BounceClass::Hard } else { BounceClass::Soft }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_words_tell_what_is_wrong() {
        for (status, words, expected) in [
            ("5.1.1", "550 5.1.1 User unknown", BounceClass::Hard),
            ("5.1.10", "Recipient address has null MX", BounceClass::Hard),
            ("5.2.2", "552 5.2.2 Over quota", BounceClass::Soft),
            ("5.2.1", "Mailbox disabled", BounceClass::Hard),
            ("4.4.1", "no answer from host", BounceClass::Soft),
            ("5.4.7", "Delivery time expired", BounceClass::Soft),
            ("5.7.1", "Message contains spam or virus", BounceClass::Blocked),
            ("5.7.26", "unauthenticated mail", BounceClass::Blocked),
            ("5.0.0", "550 Mailbox not found", BounceClass::Hard),
            ("5.0.0", "550 Domain frequency limited", BounceClass::Soft),
            ("5.0.0", "550 Mail content denied", BounceClass::Blocked),
            ("5.0.0", "554 DT:SPM 163 smtp1", BounceClass::Blocked),
            ("5.0.0", "552 message rejected by anti-spam engine", BounceClass::Blocked),
            ("5.1.1", "550 Mail content denied", BounceClass::Blocked),
            ("5.0.0", "something else", BounceClass::Hard),
        ] {
            assert_eq!(class_of(true, status, words), expected, "{status} {words}");
        }
        assert_eq!(class_of(false, "", "452 full"), BounceClass::Soft);
    }
}
