//! What mail servers mean by what they say, for those whose codes do not tell it: many Chinese providers answer 550 to
//! everything and give no enhanced status (RFC 3463).
//!
//! Sources, read on 2026-11-23: QQ <https://smtp.codes/qq> and the explanations of its help pages; NetEase (163, 126,
//! yeah): its table of codes such as `HL:REP` and `MI:DMC`; Sina: its list of SMTP replies
//! (<https://blog.sina.com.cn/s/blog_8dc13ec50101fxxr.html>); Gmail: <https://support.google.com/mail/answer/81126>.

/// What a server means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// There is no such mailbox, or not any more.
    NoMailbox,
    /// The mailbox takes nothing at the moment.
    MailboxFull,
    /// The account, with which we sign in, has sent too much.
    AccountLimit,
    /// Too much comes from us to this provider.
    TooMany,
    /// The provider does not want it: content, reputation, authentication.
    Blocked,
}

/// Parts of replies in lower case, and what they mean. The first that is found counts, so what is more special stands
/// first.
const PHRASES: &[(&str, Meaning)] = &[
    // Our own account at a provider or relay.
    ("daily user sending limit", Meaning::AccountLimit),
    ("daily sending quota", Meaning::AccountLimit),
    ("daily message quota exceeded", Meaning::AccountLimit),
    ("sending quota exceeded", Meaning::AccountLimit),
    ("maximum sending rate exceeded", Meaning::AccountLimit),
    ("mi:sfq", Meaning::AccountLimit),
    // QQ, Tencent's enterprise mail.
    ("domain frequency limited", Meaning::TooMany),
    ("sender frequency limited", Meaning::TooMany),
    ("ip frequency limited", Meaning::TooMany),
    ("connection frequency limited", Meaning::TooMany),
    ("mailbox unavailable or access denied", Meaning::TooMany),
    ("mail content denied", Meaning::Blocked),
    ("content rejected", Meaning::Blocked),
    ("suspected spam", Meaning::Blocked),
    ("suspected bounce attacks", Meaning::Blocked),
    ("mail is rejected by recipients", Meaning::Blocked),
    ("connection denied", Meaning::Blocked),
    ("dmarc check failed", Meaning::Blocked),
    // NetEase.
    ("hl:icc", Meaning::TooMany),
    ("hl:ifc", Meaning::TooMany),
    ("mi:dmc", Meaning::TooMany),
    ("mi:ccl", Meaning::TooMany),
    ("rp:drc", Meaning::TooMany),
    ("rp:ccl", Meaning::TooMany),
    ("hl:rep", Meaning::Blocked),
    ("hl:mep", Meaning::Blocked),
    ("dt:spm", Meaning::Blocked),
    ("dt:rbl", Meaning::Blocked),
    ("mi:spb", Meaning::Blocked),
    ("wm:bli", Meaning::Blocked),
    ("wm:blu", Meaning::Blocked),
    // Sina.
    ("too many same size mails", Meaning::TooMany),
    ("rejected by anti-spam engine", Meaning::Blocked),
    ("black ip", Meaning::Blocked),
    ("black mail address", Meaning::Blocked),
    ("rbl deny", Meaning::Blocked),
    ("user is locked", Meaning::NoMailbox),
    // Everybody.
    ("mailbox full", Meaning::MailboxFull),
    ("mailbox is full", Meaning::MailboxFull),
    ("over quota", Meaning::MailboxFull),
    ("quota exceeded", Meaning::MailboxFull),
    ("mailbox limit exceeded", Meaning::MailboxFull),
    ("insufficient system storage", Meaning::MailboxFull),
    ("收件人空间不足", Meaning::MailboxFull),
    ("mailbox not found", Meaning::NoMailbox),
    ("user not found", Meaning::NoMailbox),
    ("no such user", Meaning::NoMailbox),
    ("user unknown", Meaning::NoMailbox),
    ("unknown user", Meaning::NoMailbox),
    ("user not exist", Meaning::NoMailbox),
    ("user doesn't exist", Meaning::NoMailbox),
    ("does not exist", Meaning::NoMailbox),
    ("user suspended", Meaning::NoMailbox),
    ("invalid recipient", Meaning::NoMailbox),
    ("该用户不存在", Meaning::NoMailbox),
    ("该用户未开通", Meaning::NoMailbox),
    ("too many messages", Meaning::TooMany),
    ("too many emails", Meaning::TooMany),
    ("too many connections", Meaning::TooMany),
    ("too many mails", Meaning::TooMany),
    ("rate limit", Meaning::TooMany),
    ("unusual rate", Meaning::TooMany),
    ("receiving mail at a rate", Meaning::TooMany),
    ("block list", Meaning::Blocked),
    ("blocklist", Meaning::Blocked),
    ("blacklist", Meaning::Blocked),
    ("spam", Meaning::Blocked),
    ("reputation", Meaning::Blocked),
];

/// How much of a reply is searched, in bytes.
const MAX_SEARCHED: usize = 4_000;

/// What a reply means, if it is known.
pub fn meaning(reply: &str) -> Option<Meaning> {
    let mut end = reply.len().min(MAX_SEARCHED);
    while !reply.is_char_boundary(end) {
        end -= 1;
    }
    let reply = reply[..end].to_lowercase();
    PHRASES.iter().find(|(phrase, _)| reply.contains(phrase)).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_providers_are_understood_by_their_words() {
        for (reply, expected) in [
            ("550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help", Some(Meaning::NoMailbox)),
            ("550 Domain frequency limited", Some(Meaning::TooMany)),
            ("550 Mail content denied", Some(Meaning::Blocked)),
            ("421 HL:ICC 163 smtp8,wKjQ,Cg", Some(Meaning::TooMany)),
            ("554 DT:SPM 126 smtp3,please see", Some(Meaning::Blocked)),
            ("552 message rejected by anti-spam engine.", Some(Meaning::Blocked)),
            ("该用户不存在", Some(Meaning::NoMailbox)),
            ("4.7.28 Gmail has detected an unusual rate of mail", Some(Meaning::TooMany)),
            ("550 5.4.5 Daily user sending limit exceeded.", Some(Meaning::AccountLimit)),
            ("451 4.7.1 Greylisted, try again in 60 seconds", None),
        ] {
            assert_eq!(meaning(reply), expected, "{reply}");
        }
    }
}
