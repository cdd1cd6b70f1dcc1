//! Reading a mailbox from a real IMAP server that misbehaves as told.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::{sync::Arc, time::Duration};

use hearth_channels::{Channel, ChannelKind, Mailbox, MailboxPosition, email::EmailKind};
use serde_json::json;
use support::{
    StillClock,
    imap::{Folder, ImapServer},
    local_guard,
};

fn mailbox(server: &ImapServer, password: &str) -> (Arc<dyn Channel>, Arc<dyn Mailbox>) {
    let config = json!({
        "host": "127.0.0.1", "port": 1, "security": "none", "from": {"email": "wine@example.com"}, "timeout_seconds": 1,
        "mailbox": {"host": "127.0.0.1", "port": server.address.port(), "security": "none", "username": "bounces",
                    "password": password},
    });
    let channel = EmailKind::new(StillClock::new().shared(), local_guard()).connect(&config).unwrap();
    let mailbox = channel.mailbox().unwrap();
    (channel, mailbox)
}

fn folder(numbers: &[i64]) -> Folder {
    let mail = |number: &i64| (*number, format!("Subject: {number}\r\n\r\n{{3}}\r\nh1 OK\r\n").into_bytes());
    Folder { numbering: 7, mails: numbers.iter().map(mail).collect(), ..Folder::default() }
}

fn numbers(mails: &[(i64, Option<Vec<u8>>)]) -> Vec<(i64, bool)> {
    mails.iter().map(|(number, mail)| (*number, mail.is_some())).collect()
}

#[tokio::test]
async fn mails_are_read_in_order_once_and_nothing_is_changed() {
    let server = ImapServer::start(folder(&[3, 5, 4_000_000_000])).await;
    let (_, mailbox) = mailbox(&server, "s3\\cret");
    let page = mailbox.read(MailboxPosition::default()).await.unwrap();
    assert_eq!(numbers(&page.mails), [(3, true), (5, true), (4_000_000_000, true)]);
    assert_eq!(page.mails[0].1.as_deref(), Some(&b"Subject: 3\r\n\r\n{3}\r\nh1 OK\r\n"[..]), "whatever stands in it");
    let behind = MailboxPosition { numbering: page.numbering, last: 4_000_000_000 };
    assert!(mailbox.read(behind).await.unwrap().mails.is_empty(), "the last one is not read again");
    server.folder.lock().unwrap().numbering = 8;
    assert_eq!(mailbox.read(behind).await.unwrap().mails.len(), 3, "another numbering begins anew");
    let commands = server.folder.lock().unwrap().commands.clone();
    assert!(
        commands.iter().all(|command| !command.starts_with("SELECT") && !command.contains("STORE")),
        "{commands:?}"
    );
    assert!(commands.iter().any(|command| command.starts_with("ID ")), "163.com wants to know who we are");
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_stops_nobody() {
    let server = ImapServer::start(Folder { refuses: vec![1], breaks_at: vec![2], ..folder(&[1, 2, 3]) }).await;
    let (_, mailbox) = mailbox(&server, "s3\\cret");
    let first = mailbox.read(MailboxPosition::default()).await.unwrap();
    assert_eq!(numbers(&first.mails), [(1, false)]);
    let position = MailboxPosition { numbering: first.numbering, last: 1 };
    for _ in 0..2 {
        assert!(mailbox.read(position).await.is_err());
    }
    assert_eq!(numbers(&mailbox.read(position).await.unwrap().mails), [(2, false), (3, true)]);
}

#[tokio::test]
async fn a_refused_login_says_so_without_the_password() {
    let server = ImapServer::start(folder(&[])).await;
    let (channel, mailbox) = mailbox(&server, "nonsense");
    let problem = mailbox.read(MailboxPosition::default()).await.unwrap_err();
    assert!(problem.detail.as_ref().unwrap().starts_with("login: the server answered NO"), "{problem}");
    assert!(!problem.to_string().contains("nonsense"));
    let tested = channel.test().await.unwrap_err();
    assert!(tested.errors.iter().any(|error| error.path == "mailbox"), "{tested:?}");
}

/// Long enough for whatever is told at once; nobody waits for it to pass.
const LONG: Duration = Duration::from_secs(600);

fn count(server: &ImapServer, command: &str) -> usize {
    server.folder.lock().unwrap().commands.iter().filter(|said| *said == command).count()
}

#[tokio::test]
async fn a_server_that_tells_of_mail_is_waited_for_on_one_connection() {
    let told = vec!["+ idling\r\n* OK still here\r\n* 1 EXP", "UNGE\r\n* 4 EXISTS\r\n"];
    let server = ImapServer::start(Folder { idles: Some(told), ..folder(&[1]) }).await;
    let (_, mailbox) = mailbox(&server, "s3\\cret");
    assert!(!mailbox.watch(LONG).await.unwrap(), "nothing was read yet, so there is no connection to wait on");
    let mut position = MailboxPosition::default();
    for number in 2..5 {
        let page = mailbox.read(position).await.unwrap();
        assert_eq!(numbers(&page.mails), [(number - 1, true)]);
        position = MailboxPosition { numbering: page.numbering, last: number - 1 };
        server.folder.lock().unwrap().mails.extend(folder(&[number]).mails);
        assert!(mailbox.watch(LONG).await.unwrap());
    }
    assert_eq!((count(&server, "IDLE"), count(&server, "DONE"), count(&server, "NOOP")), (3, 3, 2));
    assert_eq!(server.folder.lock().unwrap().connections, 1);
    // Who gives up in the middle of waiting loses the connection, and nothing else.
    server.folder.lock().unwrap().idles = Some(vec!["+ idling\r\n"]);
    let page = mailbox.read(position).await.unwrap();
    tokio::select! { biased; _ = mailbox.watch(LONG) => panic!("nothing was told"), () = tokio::task::yield_now() => {} }
    assert!(!mailbox.watch(LONG).await.unwrap());
    let behind = MailboxPosition { numbering: page.numbering, last: 4 };
    assert!(mailbox.read(behind).await.unwrap().mails.is_empty());
    assert_eq!(server.folder.lock().unwrap().connections, 2);
    // When the time is up, the server is asked anew.
    assert!(mailbox.watch(Duration::from_millis(1)).await.unwrap());
    assert_eq!(count(&server, "DONE"), 4);
}

#[tokio::test]
async fn where_nobody_can_wait_the_connection_is_not_kept() {
    for idles in [None, Some(vec![])] {
        let server = ImapServer::start(Folder { idles: idles.clone(), ..folder(&[1]) }).await;
        let (_, mailbox) = mailbox(&server, "s3\\cret");
        for _ in 0..2 {
            assert_eq!(mailbox.read(MailboxPosition::default()).await.unwrap().mails.len(), 1);
            assert!(!mailbox.watch(LONG).await.unwrap(), "{idles:?}");
        }
        assert_eq!(server.folder.lock().unwrap().connections, 2);
        assert_eq!(count(&server, "IDLE"), if idles.is_some() { 2 } else { 0 });
    }
}

#[tokio::test]
async fn a_connection_that_ends_while_waiting_is_told_and_made_again() {
    for said in ["* BYE going down\r\n", "+ idling\r\n* BYE too long\r\n"] {
        let server = ImapServer::start(Folder { idles: Some(vec![said]), ..folder(&[1]) }).await;
        let (_, mailbox) = mailbox(&server, "s3\\cret");
        mailbox.read(MailboxPosition::default()).await.unwrap();
        let problem = mailbox.watch(LONG).await.unwrap_err();
        assert!(
            problem.detail.as_ref().unwrap().starts_with("waiting for mail: the server answered * BYE"),
            "{problem}"
        );
        assert_eq!(mailbox.read(MailboxPosition::default()).await.unwrap().mails.len(), 1);
        assert_eq!(server.folder.lock().unwrap().connections, 2);
    }
}
