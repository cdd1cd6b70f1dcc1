//! How SMTP connections are kept and replaced.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use hearth_channels::{ChannelKind, Outcome, email::EmailKind};
use serde_json::json;
use support::{
    StillClock, local_guard,
    mail::{channel, config, message, verbs, with},
    smtp::{Act, Script, SmtpServer},
};

#[tokio::test]
async fn messages_share_a_connection() {
    let server = SmtpServer::normal().await;
    let channel = channel(&server);
    for _ in 0..3 {
        assert!(matches!(channel.send(&message()).await, Outcome::Accepted { .. }));
    }
    let heard = server.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].messages.len(), 3);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_in_the_meantime_is_replaced() {
    for last_words in [None, Some("421 4.4.2 Idle for too long")] {
        let script = Script { close_after: 1, last_words, ..Script::default() };
        let server = SmtpServer::start(vec![script, Script::default()]).await;
        let channel = channel(&server);
        assert!(matches!(channel.send(&message()).await, Outcome::Accepted { .. }));
        if last_words.is_none() {
            server.until(|heard| heard[0].closed).await;
        }
        let outcome = channel.send(&message()).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{last_words:?}: {outcome:?}");
        assert_eq!(server.heard().iter().map(|heard| heard.messages.len()).collect::<Vec<_>>(), [1, 1]);
    }
}

#[tokio::test]
async fn a_dead_connection_is_replaced_only_once() {
    let script = Script { close_after: 1, last_words: Some("421 4.4.2 Bye"), ..Script::default() };
    let refusing = Script { mail: Act::Drop, ..Script::default() };
    let server = SmtpServer::start(vec![script, refusing]).await;
    let channel = channel(&server);
    assert!(matches!(channel.send(&message()).await, Outcome::Accepted { .. }));
    let outcome = channel.send(&message()).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn after_a_refusal_the_connection_is_reset_and_used_again() {
    let script = Script { rcpt: Act::Say("550 5.1.1 Unknown"), ..Script::default() };
    let server = SmtpServer::start(vec![script]).await;
    let channel = channel(&server);
    for _ in 0..2 {
        assert!(matches!(channel.send(&message()).await, Outcome::Refused { .. }));
    }
    let heard = server.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(verbs(&heard[0].commands), ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT"]);
}

#[tokio::test]
async fn a_connection_that_cannot_be_reset_is_replaced() {
    let script = Script { rcpt: Act::Say("451 4.7.1 Later"), rset: Act::Drop, ..Script::default() };
    let server = SmtpServer::start(vec![script, Script::default()]).await;
    let channel = channel(&server);
    assert!(matches!(channel.send(&message()).await, Outcome::Retry { .. }));
    assert!(matches!(channel.send(&message()).await, Outcome::Accepted { .. }));
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn an_idle_connection_is_closed_when_its_time_is_over() {
    let server = SmtpServer::normal().await;
    let clock = StillClock::new();
    let channel = EmailKind::new(clock.shared(), local_guard()).connect(&config(&server)).unwrap();
    assert!(matches!(channel.send(&message()).await, Outcome::Accepted { .. }));
    clock.advance(Duration::from_secs(29));
    assert!(matches!(channel.send(&message()).await, Outcome::Accepted { .. }));
    assert_eq!(server.heard().len(), 1);
    clock.advance(Duration::from_secs(30));
    server.until(|heard| heard[0].closed && heard[0].commands.last().is_some_and(|last| last == "QUIT")).await;
    assert!(matches!(channel.send(&message()).await, Outcome::Accepted { .. }));
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn a_connection_serves_a_hundred_messages() {
    let server = SmtpServer::normal().await;
    let channel = channel(&server);
    for _ in 0..101 {
        assert!(matches!(channel.send(&message()).await, Outcome::Accepted { .. }));
    }
    let served: Vec<usize> = server.heard().iter().map(|heard| heard.messages.len()).collect();
    assert_eq!(served, [100, 1]);
}

#[tokio::test]
async fn no_more_connections_are_open_than_configured() {
    let slow = Script { message: Act::Hang, ..Script::default() };
    let server = SmtpServer::start(vec![slow]).await;
    let channel = with(&server, json!({"concurrency": 2, "timeout_seconds": 1}));
    let sends: Vec<_> = (0..5)
        .map(|_| {
            let channel = channel.clone();
            tokio::spawn(async move { channel.send(&message()).await })
        })
        .collect();
    let mut waited = 0;
    for send in sends {
        match send.await.unwrap() {
            Outcome::Unknown { .. } => {}
            Outcome::Retry { .. } => waited += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((server.heard().len(), waited), (2, 3));
    assert_eq!(channel.pace().concurrency, 2);
}
