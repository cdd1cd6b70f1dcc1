//! What a failure means for the message.

use std::time::Duration;

use super::{
    stage::{Cause, Failure, Stage},
    words::{self, Meaning},
};
use crate::Outcome;

/// How long a server that says "later" is left alone. Greylisting wants at least a minute.
const LATER: Duration = Duration::from_secs(60);

/// A message that is refused before the server is asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why; without the address.
    pub reason: String,
    /// Whether the address itself is the reason.
    pub suppress: bool,
}

/// What became of a message whose attempt failed.
pub fn of_failure(failure: Failure) -> Outcome {
    let reason = failure.to_string();
    let stage = failure.stage;
    match failure.cause {
        Cause::Forbidden(_) => Outcome::Broken { reason },
        Cause::Network(_) if stage == Stage::FinalReply => Outcome::Unknown { reason },
        Cause::Network(_) => Outcome::Retry { reason, after: None },
        // An address beyond ASCII is the message's own trouble; anything else is the account's.
        Cause::Unsupported(_) if stage == Stage::Sender => Outcome::Refused { reason, suppress: false },
        Cause::Unsupported(_) => Outcome::Broken { reason },
        Cause::Reply { code, .. } if code < 500 => Outcome::Retry { reason, after: Some(LATER) },
        Cause::Reply { code, text } => of_permanent_reply(stage, code, &text, reason),
    }
}

/// Whose fault a failure is, as long as the message certainly did not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The message's or its recipient's, or nobody knows: another account would fare no better, or must not try.
    Message,
    /// The account's: it cannot be reached, its login is refused, it may not send.
    Account,
    /// The account has sent too much.
    AccountLimit,
    /// The provider of the mailbox gets too much.
    Provider,
}

/// Whose fault a failure is.
pub fn fault(failure: &Failure) -> Fault {
    let stage = failure.stage;
    if stage == Stage::Waiting {
        return Fault::Message;
    }
    match &failure.cause {
        Cause::Network(_) if stage == Stage::FinalReply => Fault::Message,
        Cause::Network(_) | Cause::Forbidden(_) => Fault::Account,
        Cause::Unsupported(_) if stage == Stage::Sender => Fault::Message,
        Cause::Unsupported(_) => Fault::Account,
        Cause::Reply { code, text } => match words::meaning(text) {
            Some(Meaning::AccountLimit) => Fault::AccountLimit,
            _ if is_too_large(*code, enhanced_status(text)) => Fault::Message,
            _ if stage < Stage::Recipient || matches!(code, 421 | 530 | 535 | 538) => Fault::Account,
            Some(Meaning::TooMany) => Fault::Provider,
            _ => Fault::Message,
        },
    }
}

fn is_too_large(code: u16, status: Option<(u16, u16, u16)>) -> bool {
    code == 552 || matches!(status, Some((5, 3, _)))
}

fn of_permanent_reply(stage: Stage, code: u16, text: &str, reason: String) -> Outcome {
    let status = enhanced_status(text);
    let demands_login = matches!(code, 530 | 535 | 538);
    if stage < Stage::Sender || demands_login {
        return Outcome::Broken { reason };
    }
    if words::meaning(text) == Some(Meaning::AccountLimit) || (stage == Stage::Sender && !is_too_large(code, status)) {
        // The server does not let this account send under this name: the recipient, whom it
        // has not even heard of, has no part in it.
        return Outcome::Broken { reason };
    }
    Outcome::Refused { reason, suppress: address_does_not_work(stage, code, status, text) }
}

/// Whether a refusal says that the recipient's address itself does not work. The enhanced
/// status (RFC 3463) decides where there is one, because servers use 550 for
/// a bad reputation of the sender as well; without it the bare codes decide, and only in
/// reply to the recipient, unless the words say something else.
fn address_does_not_work(stage: Stage, code: u16, status: Option<(u16, u16, u16)>, text: &str) -> bool {
    match status {
        // 5.1.7 and 5.1.8 speak of the sender's address.
        Some((5, 1, detail)) => !matches!(detail, 7 | 8),
        Some(_) => false,
        None => match words::meaning(text) {
            Some(meaning) => meaning == Meaning::NoMailbox,
            None => stage == Stage::Recipient && matches!(code, 550 | 551 | 553),
        },
    }
}

/// Reads the enhanced status that a reply may begin with, such as `5.1.1`.
fn enhanced_status(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.split_whitespace().next()?.split('.');
    let mut number = || -> Option<u16> {
        let part = parts.next()?;
        if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        part.parse().ok()
    };
    let status = (number()?, number()?, number()?);
    (matches!(status.0, 2 | 4 | 5) && parts.next().is_none()).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replied(stage: Stage, code: u16, text: &str) -> Outcome {
        of_failure(Failure { stage, cause: Cause::Reply { code, text: text.to_owned() } })
    }

    fn suppresses(stage: Stage, code: u16, text: &str) -> bool {
        match replied(stage, code, text) {
            Outcome::Refused { suppress, .. } => suppress,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_a_bad_recipient_address_is_suppressed() {
        assert!(suppresses(Stage::Recipient, 550, "5.1.1 User unknown"));
        assert!(suppresses(Stage::Recipient, 550, "No such user here"));
        assert!(suppresses(Stage::Recipient, 553, "sorry, no mailbox here by that name"));
        assert!(suppresses(Stage::FinalReply, 550, "5.1.1 User unknown"));
        assert!(!suppresses(Stage::Recipient, 550, "Domain frequency limited"));
        assert!(!suppresses(Stage::Recipient, 550, "5.7.1 Your address is on a block list"));
        assert!(!suppresses(Stage::Recipient, 552, "5.2.2 Mailbox full"));
        assert!(!suppresses(Stage::Recipient, 550, "5.1.8 Sender address does not exist"));
        assert!(!suppresses(Stage::Recipient, 554, "Transaction failed"));
        assert!(!suppresses(Stage::FinalReply, 550, "Message looks like spam"));
        assert!(!suppresses(Stage::DataCommand, 554, "no"));
    }

    #[test]
    fn what_concerns_the_account_breaks_the_channel_and_not_the_message() {
        for (stage, code, text) in [
            (Stage::Greeting, 554, "5.7.1 your network is not welcome"),
            (Stage::Login, 535, "5.7.8 wrong password"),
            (Stage::Sender, 530, "5.7.0 Authentication required"),
            (Stage::Sender, 553, "5.7.1 not owned by user"),
            (Stage::Recipient, 530, "5.7.0 Must issue a STARTTLS command first"),
        ] {
            assert!(matches!(replied(stage, code, text), Outcome::Broken { .. }), "{stage} {code} {text}");
        }
        assert!(matches!(replied(Stage::Sender, 552, "5.3.4 too big"), Outcome::Refused { suppress: false, .. }));
        assert!(matches!(replied(Stage::Login, 454, "4.7.0 later"), Outcome::Retry { after: Some(LATER), .. }));
    }

    #[test]
    fn only_between_the_last_line_and_the_reply_the_outcome_is_unknown() {
        let lost = |stage| of_failure(Failure { stage, cause: Cause::Network("reset".to_owned()) });
        assert!(matches!(lost(Stage::FinalReply), Outcome::Unknown { .. }));
        let timed_out = |stage| of_failure(Failure::timed_out(stage, LATER));
        assert!(matches!(timed_out(Stage::FinalReply), Outcome::Unknown { .. }));
        for stage in [Stage::Waiting, Stage::Connect, Stage::Login, Stage::Recipient, Stage::DataCommand, Stage::Body] {
            assert!(matches!(lost(stage), Outcome::Retry { .. }), "{stage}");
            assert!(matches!(timed_out(stage), Outcome::Retry { .. }), "{stage}");
        }
    }

    #[test]
    fn another_account_is_taken_for_the_accounts_fault_alone() {
        let replied =
            |stage, code, text: &str| fault(&Failure { stage, cause: Cause::Reply { code, text: text.to_owned() } });
        let lost = |stage| fault(&Failure { stage, cause: Cause::Network("reset".to_owned()) });
        assert_eq!(replied(Stage::Login, 535, "5.7.8 wrong password"), Fault::Account);
        assert_eq!(replied(Stage::Greeting, 421, "Too many connections"), Fault::Account);
        assert_eq!(replied(Stage::Sender, 550, "5.4.5 Daily user sending limit exceeded"), Fault::AccountLimit);
        assert_eq!(replied(Stage::Recipient, 451, "4.7.1 Greylisted"), Fault::Message);
        assert_eq!(replied(Stage::Recipient, 550, "5.1.1 User unknown"), Fault::Message);
        assert_eq!(replied(Stage::Recipient, 450, "MI:DMC too many mails"), Fault::Provider);
        assert_eq!(replied(Stage::FinalReply, 550, "Domain frequency limited"), Fault::Provider);
        assert_eq!(replied(Stage::Sender, 552, "5.3.4 too big"), Fault::Message);
        assert_eq!(lost(Stage::Connect), Fault::Account);
        assert_eq!(lost(Stage::Body), Fault::Account);
        assert_eq!(lost(Stage::FinalReply), Fault::Message);
    }
}
