//! E-mail against a real SMTP server that misbehaves as told.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use base::{Code, ids::DeliveryId};
use hearth_channels::{ChannelKind, Content, Outcome, email::EmailKind, guard::Guard};
use mail_parser::{HeaderName, MessageParser, MimeHeaders};
use serde_json::json;
use support::{
    StillClock,
    mail::{channel, config, message, message_to, with},
    smtp::{self, Act, Script, SmtpServer},
};

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

async fn outcome_with(script: Script) -> (Outcome, SmtpServer) {
    let server = SmtpServer::start(vec![script]).await;
    let outcome = with(&server, json!({"timeout_seconds": 1})).send(&message()).await;
    (outcome, server)
}

#[tokio::test]
async fn a_message_arrives_as_it_was_written() {
    let server = SmtpServer::normal().await;
    let outcome = with(&server, json!({"reply_to": "hello@example.com"})).send(&message()).await;
    assert_eq!(outcome, Outcome::Accepted { provider_id: Some("4XzQ1m2bKz".into()) });

    let heard = server.heard();
    assert_eq!(
        heard[0].commands[..4],
        ["EHLO example.com", "MAIL FROM:<wine@example.com>", "RCPT TO:<lilei@example.org>", "DATA",]
    );
    let raw = smtp::without_stuffing(&server.messages()[0]);
    assert!(raw.is_ascii());
    let mail = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(mail.subject(), Some("中秋节快乐：您的专属葡萄酒礼盒已经准备好了"));
    let from = mail.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("围炉酒庄"), Some("wine@example.com")));
    assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("lilei@example.org"));
    assert_eq!(mail.reply_to().unwrap().first().unwrap().address(), Some("hello@example.com"));
    assert_eq!(mail.date().unwrap().to_timestamp(), 1_763_712_000);
    assert_eq!(mail.header_raw("X-Hearth-Delivery").unwrap().trim(), DeliveryId(42).to_string());
    let id = mail.message_id().unwrap();
    assert!(id.starts_with(&format!("{}.", DeliveryId(42))) && id.ends_with("@example.com"), "{id}");
    assert_eq!(mail.header_raw(HeaderName::ListUnsubscribe).unwrap().trim(), "<https://hearth.example/u/3f8Zk>");
    assert_eq!(mail.header_raw("List-Unsubscribe-Post").unwrap().trim(), "List-Unsubscribe=One-Click");
    let root = mail.content_type().unwrap();
    assert_eq!((root.ctype(), root.subtype()), ("multipart", Some("alternative")));
    let text = mail.body_text(0).unwrap().replace("\r\n", "\n");
    assert_eq!(text.trim_end(), "您好，李雷！\n.\n..两个点\nfin");
    assert_eq!(mail.body_html(0).unwrap().trim(), "<p>您好，<b>李雷</b>！</p>");
}

#[tokio::test]
async fn lines_that_begin_with_a_dot_are_stuffed_and_do_not_end_the_message() {
    let server = SmtpServer::normal().await;
    let mut plain = message();
    plain.content = Content::Email {
        subject: "Dots".into(),
        text: "one\n.\n..two\n.three\nend".into(),
        html: String::new(),
        unsubscribe_url: None,
    };
    assert!(matches!(channel(&server).send(&plain).await, Outcome::Accepted { .. }));
    let wire = server.messages().remove(0);
    assert!(String::from_utf8_lossy(&wire).contains("one\r\n..\r\n...two\r\n..three\r\nend"));
    let raw = smtp::without_stuffing(&wire);
    let mail = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(mail.body_text(0).unwrap().trim_end(), "one\r\n.\r\n..two\r\n.three\r\nend");
    assert!(mail.header("List-Unsubscribe").is_none(), "transactional mail has nothing to unsubscribe from");
}

#[tokio::test]
async fn an_unknown_mailbox_is_refused_and_suppressed_without_its_address_in_the_reason() {
    let rcpt = Act::Say("550 5.1.1 <lilei@example.org>: Recipient address rejected: User unknown");
    let (outcome, server) = outcome_with(Script { rcpt, ..Script::default() }).await;
    let Outcome::Refused { reason, suppress: true } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason, "RCPT TO: the server answered 550 5.1.1 <(address)>: Recipient address rejected: User unknown");
    assert!(server.messages().is_empty());
}

#[tokio::test]
async fn a_policy_refusal_does_not_suppress_the_address() {
    let rcpt = Act::Say("550 5.7.1 Your network is on our block list");
    let (outcome, _) = outcome_with(Script { rcpt, ..Script::default() }).await;
    assert!(matches!(outcome, Outcome::Refused { suppress: false, .. }), "{outcome:?}");
}

#[tokio::test]
async fn greylisting_and_other_temporary_answers_are_tried_again_after_a_minute() {
    let temporary = [
        Script { rcpt: Act::Say("451 4.7.1 Greylisted, try again in 60 seconds"), ..Script::default() },
        Script { mail: Act::Say("421 4.3.2 Shutting down"), ..Script::default() },
        Script { greeting: Act::Say("421 4.7.0 Too many connections"), ..Script::default() },
        Script { data: Act::Say("452 4.3.1 No space"), ..Script::default() },
        Script { message: Act::Say("451 4.3.0 Later"), ..Script::default() },
    ];
    for script in temporary {
        let (outcome, _) = outcome_with(script.clone()).await;
        assert!(matches!(outcome, Outcome::Retry { after: MINUTE, .. }), "{script:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn what_fails_before_the_end_of_the_message_was_certainly_not_taken() {
    let before_the_end = [
        Script { greeting: Act::Drop, ..Script::default() },
        Script { greeting: Act::Say("HTTP/1.1 400 Bad Request"), ..Script::default() },
        Script { mail: Act::Drop, ..Script::default() },
        Script { rcpt: Act::Drop, ..Script::default() },
        Script { data: Act::Drop, ..Script::default() },
        Script { data: Act::Say("250 2.0.0 Ok?"), ..Script::default() },
    ];
    for script in before_the_end {
        let (outcome, server) = outcome_with(script.clone()).await;
        assert!(matches!(outcome, Outcome::Retry { .. }), "{script:?}: {outcome:?}");
        assert!(server.messages().is_empty());
    }
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_of_the_message_is_tried_again() {
    let server = SmtpServer::start(vec![Script { drop_after_bytes: Some(500), ..Script::default() }]).await;
    let mut large = message();
    if let Content::Email { html, .. } = &mut large.content {
        // More than the buffers between the two ends can take.
        *html = "<p>葡萄酒</p>".repeat(2_000_000);
    }
    let outcome = channel(&server).send(&large).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_connection_lost_before_the_final_reply_is_unknown_and_not_tried_again() {
    let (outcome, server) = outcome_with(Script { message: Act::Drop, ..Script::default() }).await;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    assert_eq!(server.heard().len(), 1, "no second attempt");
}

#[tokio::test]
async fn a_final_reply_that_is_no_reply_is_unknown() {
    let (outcome, _) = outcome_with(Script { message: Act::Say("lovely weather"), ..Script::default() }).await;
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_server_that_hangs_costs_no_more_than_the_configured_time() {
    let (outcome, _) = outcome_with(Script { greeting: Act::Hang, ..Script::default() }).await;
    let Outcome::Retry { reason, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason, "greeting (EHLO): not done within 1 s");
    let (outcome, _) = outcome_with(Script { message: Act::Hang, ..Script::default() }).await;
    let Outcome::Unknown { reason } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason, "waiting for the reply after the message: not done within 1 s");
}

#[tokio::test]
async fn a_message_refused_after_it_was_sent_is_refused() {
    let (outcome, _) = outcome_with(Script { message: Act::Say("554 5.7.1 Spam"), ..Script::default() }).await;
    assert!(matches!(outcome, Outcome::Refused { suppress: false, .. }), "{outcome:?}");
}

#[tokio::test]
async fn nobody_listening_is_tried_again() {
    let server = SmtpServer::normal().await;
    let outcome = with(&server, json!({"port": 1})).send(&message()).await;
    let Outcome::Retry { reason, .. } = outcome else { panic!("{outcome:?}") };
    assert!(reason.starts_with("connecting: "), "{reason}");
}

#[tokio::test]
async fn a_server_inside_breaks_the_channel_and_is_not_connected_to() {
    let server = SmtpServer::normal().await;
    for host in ["127.0.0.1", "localhost", "127.1"] {
        let mut config = config(&server);
        config["host"] = json!(host);
        let channel = EmailKind::new(StillClock::new().shared(), Guard::strict()).connect(&config).unwrap();
        let outcome = channel.send(&message()).await;
        assert!(matches!(outcome, Outcome::Broken { .. }), "{host}: {outcome:?}");
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_server_that_takes_it() {
    let without = Script { extensions: &["8BITMIME"], ..Script::default() };
    let server = SmtpServer::start(vec![without]).await;
    let outcome = channel(&server).send(&message_to("李雷@例子.中国")).await;
    assert!(matches!(outcome, Outcome::Refused { suppress: false, .. }), "{outcome:?}");

    let server = SmtpServer::normal().await;
    let channel = channel(&server);
    assert!(matches!(channel.send(&message_to("李雷@例子.中国")).await, Outcome::Accepted { .. }));
    assert!(matches!(channel.send(&message_to("lilei@例子.中国")).await, Outcome::Accepted { .. }));
    let commands = server.heard().remove(0).commands;
    assert!(commands.contains(&"RCPT TO:<李雷@xn--fsqu00a.xn--fiqs8s>".to_owned()), "{commands:?}");
    assert!(commands.contains(&"RCPT TO:<lilei@xn--fsqu00a.xn--fiqs8s>".to_owned()), "{commands:?}");
}

#[test]
fn a_wrong_configuration_is_refused_with_the_path() {
    let good = json!({"host": "smtp.example.com", "from": {"email": "wine@example.com"}});
    let kind = EmailKind::new(StillClock::new().shared(), Guard::strict());
    assert!(kind.connect(&good).is_ok());
    let all = json!({
        "host": "smtp.example.com", "port": 2525, "security": "tls", "username": "u", "password": "p",
        "from": {"name": "n", "email": "wine@example.com"}, "reply_to": "a@example.com", "helo_name": "mail.example.com",
        "per_second": 0.5, "concurrency": 1, "timeout_seconds": 60, "return_path": "b@example.com", "verp": true,
        "ca_certificate": smtp::AUTHORITY,
    });
    assert!(kind.connect(&all).is_ok());
    for (field, value) in [
        ("host", json!("two words")),
        ("host", json!(7)),
        ("port", json!(0)),
        ("port", json!(70_000)),
        ("security", json!("maybe")),
        ("from.email", json!("not an address")),
        ("from.email", json!("a@example.com\r\nBcc: b@example.com")),
        ("from.nick", json!("x")),
        ("reply_to", json!("nobody")),
        ("helo_name", json!("two words")),
        ("return_path", json!("nobody")),
        ("per_second", json!(-1)),
        ("concurrency", json!(1_000)),
        ("timeout_seconds", json!(0)),
        ("ca_certificate", json!("-----BEGIN NONSENSE-----")),
        ("accept_invalid_certs", json!(true)),
    ] {
        let mut config = good.clone();
        match field.split_once('.') {
            Some((outer, inner)) => config[outer][inner] = value.clone(),
            None => config[field] = value.clone(),
        }
        let problem = kind.connect(&config).err().unwrap();
        assert_eq!((problem.code, problem.errors[0].path.as_str()), (Code::InvalidChannel, field), "{value}");
    }
}

#[test]
fn a_password_is_not_sent_in_the_clear_to_another_machine() {
    let kind = EmailKind::new(StillClock::new().shared(), Guard::strict());
    let config = |host: &str, password: Option<&str>| json!({"host": host, "security": "none", "username": "u", "password": password, "from": {"email": "a@example.com"}});
    let refused = kind.connect(&config("smtp.example.com", Some("p"))).err().unwrap();
    assert_eq!(refused.errors[0].path, "security");
    assert!(kind.connect(&config("127.0.0.1", Some("p"))).is_ok());
    assert_eq!(kind.connect(&config("127.0.0.1", None)).err().unwrap().errors[0].path, "password");
    assert!(kind.secret_fields().contains(&"password") && kind.secret_fields().contains(&"accounts[name].password"));
}
