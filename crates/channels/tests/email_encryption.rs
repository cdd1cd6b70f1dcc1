//! STARTTLS, TLS from the first byte, and signing in.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::sync::Arc;

use base::Code;
use hearth_channels::{Channel, Outcome};
use serde_json::json;
use support::{
    mail::{message, verbs, with},
    smtp::{self, Act, Script, SmtpServer},
};

const OFFERS: &[&str] = &["8BITMIME", "STARTTLS", "AUTH PLAIN LOGIN"];

fn secure(server: &SmtpServer, security: &str, password: &str) -> Arc<dyn Channel> {
    let more = json!({
        "host": "localhost", "security": security, "username": smtp::USERNAME, "password": password,
        "ca_certificate": smtp::AUTHORITY,
    });
    with(server, more)
}

fn script(immediate_tls: bool) -> Script {
    Script { extensions: OFFERS, immediate_tls, ..Script::default() }
}

#[tokio::test]
async fn nothing_but_ehlo_is_said_before_the_connection_is_encrypted() {
    let server = SmtpServer::start(vec![script(false)]).await;
    let outcome = secure(&server, "starttls", smtp::PASSWORD).send(&message()).await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    let heard = server.heard().remove(0);
    assert!(heard.encrypted);
    assert_eq!(verbs(&heard.commands), ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"]);
}

#[tokio::test]
async fn tls_from_the_first_byte_works_as_well() {
    let server = SmtpServer::start(vec![script(true)]).await;
    let outcome = secure(&server, "tls", smtp::PASSWORD).send(&message()).await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    assert!(server.heard()[0].encrypted);
}

#[tokio::test]
async fn a_certificate_of_nobody_we_know_is_not_taken_and_nothing_is_sent() {
    for security in ["starttls", "tls"] {
        let server = SmtpServer::start(vec![script(security == "tls")]).await;
        let channel = with(&server, json!({"host": "localhost", "security": security}));
        let outcome = channel.send(&message()).await;
        let Outcome::Retry { reason, .. } = outcome else { panic!("{outcome:?}") };
        assert!(reason.contains("certificate"), "{reason}");
        assert!(server.messages().is_empty());
    }
}

#[tokio::test]
async fn a_server_without_starttls_breaks_the_channel_and_never_gets_the_password() {
    let server = SmtpServer::start(vec![Script { extensions: &["AUTH PLAIN"], ..Script::default() }]).await;
    let outcome = secure(&server, "starttls", smtp::PASSWORD).send(&message()).await;
    assert!(matches!(outcome, Outcome::Broken { .. }), "{outcome:?}");
    assert_eq!(verbs(&server.heard()[0].commands), ["EHLO"]);
}

#[tokio::test]
async fn words_slipped_in_before_the_handshake_are_not_taken_for_encrypted_ones() {
    let starttls = Act::Say("220 2.0.0 Go ahead\r\n250 AUTH PLAIN");
    let server = SmtpServer::start(vec![Script { starttls, ..script(false) }]).await;
    let outcome = secure(&server, "starttls", smtp::PASSWORD).send(&message()).await;
    let Outcome::Retry { reason, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason, "STARTTLS: unencrypted words after STARTTLS");

    let starttls = Act::Say("220-2.0.0 Go\r\n220 2.0.0 ahead");
    let server = SmtpServer::start(vec![Script { starttls, ..script(false) }]).await;
    let outcome = secure(&server, "starttls", smtp::PASSWORD).send(&message()).await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "a reply of two lines is one reply: {outcome:?}");
}

#[tokio::test]
async fn a_wrong_password_breaks_the_channel() {
    let server = SmtpServer::start(vec![script(false)]).await;
    let outcome = secure(&server, "starttls", "wrong").send(&message()).await;
    let Outcome::Broken { reason } = outcome else { panic!("{outcome:?}") };
    assert_eq!(reason, "login (AUTH): the server answered 535 5.7.8 Bad credentials");
}

#[tokio::test]
async fn the_test_of_a_channel_says_which_step_failed_and_sends_nothing() {
    let server = SmtpServer::start(vec![script(false)]).await;
    secure(&server, "starttls", smtp::PASSWORD).test().await.unwrap();
    assert_eq!(verbs(&server.heard()[0].commands), ["EHLO", "STARTTLS", "EHLO", "AUTH", "NOOP", "QUIT"]);

    let problem = secure(&server, "starttls", "wrong").test().await.unwrap_err();
    assert_eq!(problem.code, Code::ChannelTestFailed);
    assert_eq!(problem.detail.unwrap(), "login (AUTH): the server answered 535 5.7.8 Bad credentials");

    let hanging = SmtpServer::start(vec![Script { greeting: Act::Hang, ..Script::default() }]).await;
    let problem = with(&hanging, json!({"timeout_seconds": 1})).test().await.unwrap_err();
    assert_eq!(problem.detail.unwrap(), "greeting (EHLO): no answer within 1 s");
}
