//! Several SMTP accounts, the limits of mailbox providers, several commands at once, and signatures: against real SMTP
//! servers that misbehave as told.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{sync::Arc, time::Duration};

use base::ids::DeliveryId;
use hearth_channels::{Attempt, Channel, ChannelKind, Message, Outcome, email::EmailKind};
use serde_json::{Value as Json, json};
use support::{
    StillClock, local_guard,
    mail::{message, message_to, verbs, with},
    smtp::{self, Act, Script, SmtpServer},
};

const PIPELINING: &[&str] = &["PIPELINING", "8BITMIME", "SMTPUTF8"];

fn account(name: &str, server: &SmtpServer, more: Json) -> Json {
    let mut account = json!({"name": name, "host": "127.0.0.1", "port": server.address.port(), "security": "none"});
    account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    account
}

fn channel(clock: &StillClock, accounts: Vec<Json>, more: Json) -> Arc<dyn Channel> {
    let mut config = json!({"accounts": accounts, "timeout_seconds": 1, "from": {"email": "wine@example.com"}});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    EmailKind::new(clock.shared(), local_guard()).connect(&config).unwrap()
}

fn numbered(number: i64) -> Message {
    Message { delivery: DeliveryId(number), ..message() }
}

fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}

#[tokio::test]
async fn an_account_that_certainly_did_not_send_rests_and_the_next_one_sends() {
    let bad = [
        Script { greeting: Act::Drop, ..Script::default() },
        Script { greeting: Act::Hang, ..Script::default() },
        Script { greeting: Act::Say("421 4.7.0 Too many connections"), ..Script::default() },
        Script { mail: Act::Say("550 5.4.5 Daily user sending limit exceeded"), ..Script::default() },
        Script { rcpt: Act::Say("550 sending quota exceeded"), ..Script::default() },
        Script { data: Act::Drop, ..Script::default() },
    ];
    for script in bad {
        let (first, second) = (SmtpServer::start(vec![script.clone()]).await, SmtpServer::normal().await);
        let clock = StillClock::new();
        let accounts = vec![account("first", &first, json!({})), account("second", &second, json!({}))];
        let channel = channel(&clock, accounts, json!({}));
        for _ in 0..3 {
            let outcome = channel.send(&message()).await;
            assert!(is_accepted(&outcome), "{script:?}: {outcome:?}");
        }
        assert_eq!(second.messages().len(), 3);
        assert_eq!(first.heard().len(), 1, "it rests: {script:?}");
        let ways = channel.ways();
        assert!(ways[0].problem.is_some() && ways[0].rests_until.is_some(), "{ways:?}");
        assert_eq!((ways[1].name.as_str(), &ways[1].problem), ("second", &None));
    }
}

#[tokio::test]
async fn a_message_says_by_which_of_several_accounts_it_went() {
    let drops = Script { greeting: Act::Drop, ..Script::default() };
    let (first, second) = (SmtpServer::start(vec![drops]).await, SmtpServer::normal().await);
    let accounts = vec![account("first", &first, json!({})), account("second", &second, json!({}))];
    let several = channel(&StillClock::new(), accounts, json!({}));
    let attempted = several.attempt(&message(), &Attempt::default()).await;
    assert!(is_accepted(&attempted.outcome), "{attempted:?}");
    assert_eq!(attempted.through.as_deref(), Some("second"));
    assert_eq!(several.room(), None, "nothing limits the day");
}

#[tokio::test]
async fn a_refused_login_is_the_accounts_fault_and_no_password_goes_to_the_next() {
    let offers_login = Script { extensions: &["AUTH PLAIN LOGIN"], ..Script::default() };
    let (first, second) = (SmtpServer::start(vec![offers_login]).await, SmtpServer::normal().await);
    let wrong = json!({"username": "wine", "password": "nonsense"});
    let accounts = vec![account("first", &first, wrong), account("second", &second, json!({}))];
    let channel = channel(&StillClock::new(), accounts, json!({}));
    assert!(is_accepted(&channel.send(&message()).await));
    assert!(channel.ways()[0].problem.as_ref().unwrap().contains("535"), "{:?}", channel.ways());
    assert!(!verbs(&second.heard()[0].commands).contains(&"AUTH"));
}

#[tokio::test]
async fn what_may_have_been_taken_is_tried_by_no_other_account() {
    for message_act in [Act::Drop, Act::Hang, Act::Say("lovely weather")] {
        let drops = Script { message: message_act, ..Script::default() };
        let (first, second) = (SmtpServer::start(vec![drops]).await, SmtpServer::normal().await);
        let accounts = vec![account("first", &first, json!({})), account("second", &second, json!({}))];
        let outcome = channel(&StillClock::new(), accounts, json!({})).send(&message()).await;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
        assert!(second.heard().is_empty());
    }
}

#[tokio::test]
async fn what_is_the_recipients_fault_is_tried_by_no_other_account() {
    for (rcpt, is_final) in [("451 4.7.1 Greylisted", false), ("550 5.1.1 User unknown", true)] {
        let script = Script { rcpt: Act::Say(rcpt), ..Script::default() };
        let (first, second) = (SmtpServer::start(vec![script]).await, SmtpServer::normal().await);
        let accounts = vec![account("first", &first, json!({})), account("second", &second, json!({}))];
        let channel = channel(&StillClock::new(), accounts, json!({}));
        match channel.send(&message()).await {
            Outcome::Retry { after: Some(_), .. } => assert!(!is_final),
            Outcome::Refused { suppress: true, .. } => assert!(is_final),
            other => panic!("{other:?}"),
        }
        assert!(second.heard().is_empty() && channel.ways()[0].problem.is_none());
    }
}

#[tokio::test]
async fn a_rest_gets_longer_and_one_message_tries_whether_it_is_over() {
    let bad = Script { greeting: Act::Say("421 later"), ..Script::default() };
    let (first, second) =
        (SmtpServer::start(vec![bad.clone(), bad, Script::default()]).await, SmtpServer::normal().await);
    let clock = StillClock::new();
    let accounts = vec![account("first", &first, json!({})), account("second", &second, json!({}))];
    let channel = channel(&clock, accounts, json!({}));
    let mut tries = Vec::new();
    for seconds in [0, 29, 1, 30, 29, 1] {
        clock.advance(Duration::from_secs(seconds));
        assert!(is_accepted(&channel.send(&message()).await));
        tries.push(first.heard().len());
    }
    assert_eq!(tries, [1, 1, 2, 2, 2, 3], "30 s, then 60 s, then it works");
    assert!(channel.ways()[0].problem.is_none());
    assert_eq!(first.messages().len(), 1);
}

#[tokio::test]
async fn when_no_account_can_send_the_channel_says_what_each_said() {
    let closed = Script { greeting: Act::Say("554 5.7.1 not welcome"), ..Script::default() };
    let (first, second) = (SmtpServer::start(vec![closed.clone()]).await, SmtpServer::start(vec![closed]).await);
    let accounts = vec![account("one", &first, json!({})), account("two", &second, json!({}))];
    let channel = channel(&StillClock::new(), accounts, json!({}));
    for _ in 0..2 {
        let Outcome::Broken { reason } = channel.send(&message()).await else { panic!("is not broken") };
        assert!(
            reason.contains("one: greeting (EHLO): the server answered 554") && reason.contains("two: "),
            "{reason}"
        );
    }
    assert_eq!((first.heard().len(), second.heard().len()), (1, 1));
    let problem = channel.test().await.unwrap_err();
    let paths: Vec<&str> = problem.errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["accounts[0]", "accounts[1]"]);
    assert!(problem.detail.unwrap().contains("two: greeting (EHLO): the server answered 554"));
}

#[tokio::test]
async fn messages_are_divided_by_weight_and_each_keeps_its_account() {
    let (first, second) = (SmtpServer::normal().await, SmtpServer::normal().await);
    let accounts = vec![account("a", &first, json!({"weight": 3})), account("b", &second, json!({"weight": 1}))];
    let channel = channel(&StillClock::new(), accounts, json!({"choose": "by_weight"}));
    for number in 0..200 {
        assert!(is_accepted(&channel.send(&numbered(number)).await));
    }
    let (a, b) = (first.messages().len(), second.messages().len());
    assert!((130..170).contains(&a) && a + b == 200, "{a} {b}");
    channel.send(&numbered(0)).await;
    channel.send(&numbered(0)).await;
    assert!(first.messages().len() == a + 2 || second.messages().len() == b + 2);
}

#[tokio::test]
async fn a_provider_that_says_too_many_rests_alone_and_costs_no_attempt() {
    let picky = Script { rcpt: Act::Say("450 4.7.1 Domain frequency limited"), ..Script::default() };
    let server = SmtpServer::start(vec![picky, Script::default()]).await;
    let clock = StillClock::new();
    let config = json!({"accounts": [account("a", &server, json!({}))], "from": {"email": "wine@example.com"}, "concurrency": 2});
    let channel = EmailKind::new(clock.shared(), local_guard()).connect(&config).unwrap();
    let limited = channel.send(&message_to("1234@qq.com")).await;
    assert_eq!(limited, Outcome::NotNow { reason: "domain_rate", retry_after: Duration::from_secs(30) });
    let asked = server.heard().len();
    let again = channel.send(&message_to("5678@foxmail.com")).await;
    assert!(matches!(again, Outcome::NotNow { reason: "domain_rate", .. }), "{again:?}");
    assert_eq!(server.heard().len(), asked, "the server is not asked");
}

#[tokio::test]
async fn a_provider_that_says_so_for_good_costs_an_attempt() {
    let picky = Script { rcpt: Act::Say("550 Mailbox unavailable or access denied"), ..Script::default() };
    let server = SmtpServer::start(vec![picky, Script::default()]).await;
    let outcome = with(&server, json!({})).send(&message_to("1234@qq.com")).await;
    let after = Some(Duration::from_secs(30));
    assert!(matches!(&outcome, Outcome::Retry { after: asked, .. } if *asked == after), "{outcome:?}");
}

#[tokio::test]
async fn a_domain_gets_its_pace_and_others_go_on() {
    let server = SmtpServer::normal().await;
    let channel = with(&server, json!({"domains": {"qq.com": {"per_second": 1}}}));
    assert!(is_accepted(&channel.send(&message_to("1@qq.com")).await));
    let outcome = channel.send(&message_to("2@qq.com")).await;
    assert_eq!(outcome, Outcome::NotNow { reason: "domain_rate", retry_after: Duration::from_secs(1) });
    for _ in 0..5 {
        assert!(is_accepted(&channel.send(&message()).await));
    }
}

#[tokio::test]
async fn three_commands_go_at_once_to_a_server_that_takes_them() {
    let refuses = |rcpt| Script { extensions: PIPELINING, rcpt: Act::Say(rcpt), ..Script::default() };
    let server = SmtpServer::start(vec![Script { extensions: PIPELINING, ..Script::default() }]).await;
    let channel = with(&server, json!({}));
    for _ in 0..2 {
        assert!(is_accepted(&channel.send(&message()).await));
    }
    assert_eq!(verbs(&server.heard()[0].commands), ["EHLO", "MAIL", "RCPT", "DATA", "MAIL", "RCPT", "DATA"]);

    // A server that refuses the recipient and waits for the message all the same gets neither it nor another command.
    let server = SmtpServer::start(vec![refuses("550 5.1.1 User unknown"), Script::default()]).await;
    let channel = with(&server, json!({}));
    let outcome = channel.send(&message()).await;
    assert!(matches!(outcome, Outcome::Refused { suppress: true, .. }), "{outcome:?}");
    assert!(is_accepted(&channel.send(&message()).await));
    assert_eq!(server.heard().len(), 2);
    assert!(server.heard()[0].messages.is_empty());

    // One that refuses DATA as well goes on with the next message.
    let script = Script { data: Act::Say("503 5.5.1 no recipients"), ..refuses("550 5.1.1 User unknown") };
    let server = SmtpServer::start(vec![script]).await;
    let channel = with(&server, json!({}));
    for _ in 0..2 {
        assert!(matches!(channel.send(&message()).await, Outcome::Refused { suppress: true, .. }));
    }
    assert_eq!(server.heard().len(), 1);
    for data in [Act::Drop, Act::Hang] {
        let script = Script { extensions: PIPELINING, data, ..Script::default() };
        let server = SmtpServer::start(vec![script]).await;
        let outcome = with(&server, json!({"timeout_seconds": 1})).send(&message()).await;
        assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_message_arrives_with_the_signature_of_its_sender() {
    let server = SmtpServer::normal().await;
    let key = include_str!("dkim/rsa_pkcs8.pem");
    let channel = with(&server, json!({"dkim": [{"domain": "example.com", "selector": "s1", "private_key": key}]}));
    assert!(is_accepted(&channel.send(&message()).await));
    let raw = String::from_utf8(smtp::without_stuffing(&server.messages()[0]).to_vec()).unwrap();
    assert!(raw.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com;"), "{raw}");
    assert!(raw.contains("list-unsubscribe:") && raw.contains("list-unsubscribe-post:"));
}

#[test]
fn a_wrong_configuration_of_accounts_is_refused_with_the_path() {
    let kind = EmailKind::new(StillClock::new().shared(), local_guard());
    let one = json!({"name": "a", "host": "mx.example"});
    let path = |more: Json| {
        let mut config = json!({"from": {"email": "wine@example.com"}});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        kind.connect(&config).err().unwrap().errors[0].path.clone()
    };
    assert_eq!(path(json!({})), "host");
    assert_eq!(path(json!({"accounts": [one], "host": "mx.example"})), "host");
    assert_eq!(path(json!({"accounts": [one, one]})), "accounts[1].name");
    assert_eq!(path(json!({"accounts": [{"name": "", "host": "mx.example"}]})), "accounts[0].name");
    assert_eq!(path(json!({"accounts": [{"name": "a", "host": "two words"}]})), "accounts[0].host");
    assert_eq!(
        path(json!({"accounts": [{"name": "a", "host": "mx.example", "username": "u"}]})),
        "accounts[0].password"
    );
    assert_eq!(path(json!({"accounts": [{"name": "a", "host": "mx.example", "weight": 0}]})), "accounts[0].weight");
    let from = json!({"name": "a", "host": "mx.example", "from": {"email": "x"}});
    assert_eq!(path(json!({"accounts": [from]})), "accounts[0].from.email");
    assert_eq!(path(json!({"host": "mx.example", "warm_up": {"start": "2026-01-01", "plan": []}})), "warm_up.plan");
    assert_eq!(path(json!({"host": "mx.example", "warm_up": {"start": "soon"}})), "warm_up.start");
    assert_eq!(
        path(json!({"host": "mx.example", "bounces": {"soft": {"within_days": 0}}})),
        "bounces.soft.within_days"
    );
    let mailbox = json!({"host": "imap.example", "username": "u", "password": "p", "security": "none"});
    assert_eq!(path(json!({"host": "mx.example", "mailbox": mailbox})), "mailbox.security");
}
