//! Mail servers that misbehave, over real connections.

use std::{collections::HashSet, sync::Arc};

use base::ids::{ChannelId, DeliveryId};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Mutex, watch},
};

use crate::house::{House, on_every_database};

/// How a server misbehaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Well,
    /// Says "later" to each recipient it has not seen.
    Greylists,
    /// Takes the message and closes the connection before it answers.
    DropsAfterData,
}

struct MailServer {
    port: u16,
    taken: Arc<watch::Sender<usize>>,
}

impl MailServer {
    async fn start(manner: Manner) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(watch::Sender::new(0));
        let seen: Arc<Mutex<HashSet<String>>> = Arc::default();
        let counter = taken.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(serve(tcp, manner, counter.clone(), seen.clone()));
            }
        });
        MailServer { port, taken }
    }

    fn taken(&self) -> usize {
        *self.taken.borrow()
    }
}

async fn serve(
    tcp: TcpStream,
    manner: Manner,
    taken: Arc<watch::Sender<usize>>,
    seen: Arc<Mutex<HashSet<String>>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(tcp);
    stream.write_all(b"220 mx.test ESMTP\r\n").await?;
    let mut in_message = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if in_message {
            if line == ".\r\n" {
                in_message = false;
                taken.send_modify(|taken| *taken += 1);
                if manner == Manner::DropsAfterData {
                    return Ok(());
                }
                stream.write_all(b"250 2.0.0 Ok: queued as 4XzQ1m2bKz\r\n").await?;
            }
            continue;
        }
        let reply: &[u8] = match line.get(..4).unwrap_or_default() {
            "EHLO" => b"250-mx.test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "RCPT" if manner == Manner::Greylists && seen.lock().await.insert(line.clone()) => {
                b"451 4.7.1 Greylisted, come back\r\n"
            }
            "DATA" => {
                in_message = true;
                b"354 Go on\r\n"
            }
            _ => b"250 2.0.0 Ok\r\n",
        };
        stream.write_all(reply).await?;
    }
}

impl House {
    async fn mail_channel(&self, server: &MailServer) -> ChannelId {
        self.mail_channel_with(server, json!({})).await
    }

    async fn mail_channel_with(&self, server: &MailServer, domains: Value) -> ChannelId {
        let config = json!({
            "host": "127.0.0.1", "port": server.port, "security": "none", "from": {"email": "wine@shop.example"},
            "concurrency": 2, "domains": domains,
        });
        let made = self.post("/api/v1/channels", json!({"kind": "email", "name": "mail", "config": config})).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["id"].as_str().unwrap().parse().unwrap()
    }

    async fn queue_mails(&self, channel: ChannelId, mails: usize) -> Vec<DeliveryId> {
        let mut queued = Vec::new();
        for number in 0..mails {
            let address = format!("m{number}@shop.example");
            let member = self.member(&format!("m{number}"), &address).await;
            queued.push(self.queue_as(member, &address, "marketing", channel, "email", self.template).await);
        }
        queued
    }
}

#[tokio::test]
async fn a_greylisting_server_gets_each_message_once_and_minutes_later() {
    on_every_database(|house| async move {
        let server = MailServer::start(Manner::Greylists).await;
        let channel = house.mail_channel(&server).await;
        let deliveries = house.queue_mails(channel, 12).await;
        house.outbox.run_once().await.unwrap();
        assert_eq!(server.taken(), 0);
        for delivery in &deliveries {
            let row = house.row(*delivery).await;
            let waits = row.next_attempt_at - base::Clock::now(&house.clock).millis();
            assert_eq!((row.state.as_str(), row.attempts), ("queued", 1));
            assert!((60_000..=90_000).contains(&waits), "{waits} ms");
        }
        house.advance(90);
        house.outbox.run_once().await.unwrap();
        assert_eq!(server.taken(), 12, "somebody is there, so the breaker stays closed");
        for delivery in deliveries {
            assert_eq!((house.fate(delivery).await.as_str(), house.row(delivery).await.attempts), ("accepted", 2));
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_takes_a_message_and_hangs_up_gets_it_never_again() {
    on_every_database(|house| async move {
        let server = MailServer::start(Manner::DropsAfterData).await;
        let channel = house.mail_channel(&server).await;
        let deliveries = house.queue_mails(channel, 20).await;
        house.outbox.run_once().await.unwrap();
        let taken = server.taken();
        assert!((5..=7).contains(&taken), "{taken} were on the wire when the breaker opened");
        let mut unknown = 0;
        for delivery in &deliveries {
            match house.fate(*delivery).await.as_str() {
                "unknown/outcome_unknown" => unknown += 1,
                // Those that were claimed say why they wait.
                fate => {
                    assert!(matches!(fate, "queued" | "queued/breaker"), "{fate}");
                    assert_eq!(house.row(*delivery).await.attempts, 0);
                }
            }
        }
        assert_eq!(unknown, taken, "what had not left is not unknown");
        // For days it is tried with one message at a time, and none twice.
        for _ in 0..60 {
            house.advance(900);
            house.outbox.run_once().await.unwrap();
        }
        assert_eq!(server.taken(), deliveries.len());
        for delivery in deliveries {
            assert_eq!(house.fate(delivery).await, "unknown/outcome_unknown");
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_works_gets_everything_at_the_pace_of_its_channel() {
    on_every_database(|house| async move {
        let server = MailServer::start(Manner::Well).await;
        let channel = house.mail_channel(&server).await;
        let deliveries = house.queue_mails(channel, 30).await;
        house.outbox.run_once().await.unwrap();
        // The pace of an account that says nothing about it is 20 a second.
        assert_eq!(server.taken(), 20);
        house.advance(1);
        house.outbox.run_once().await.unwrap();
        assert_eq!(server.taken(), 30);
        for delivery in deliveries {
            assert_eq!(house.fate(delivery).await, "accepted");
            assert_eq!(house.row(delivery).await.provider_id.as_deref(), Some("4XzQ1m2bKz"));
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_slow_provider_puts_off_comes_back_by_priority() {
    on_every_database(|house| async move {
        let server = MailServer::start(Manner::Well).await;
        let channel = house.mail_channel_with(&server, json!({"*": {"per_second": 1}})).await;
        let low = house.queue_mails(channel, 8).await;
        for delivery in &low {
            house.run("UPDATE deliveries SET priority = 25 WHERE id = $1", vec![delivery.0.into()]).await;
        }
        house.outbox.run_once().await.unwrap();
        assert_eq!(server.taken(), 1, "the others wait for their places");
        let mut high = Vec::new();
        for name in ["li", "du"] {
            let address = format!("{name}@shop.example");
            let member = house.member(name, &address).await;
            let delivery = house.queue_as(member, &address, "marketing", channel, "email", house.template).await;
            house.run("UPDATE deliveries SET priority = 75 WHERE id = $1", vec![delivery.0.into()]).await;
            high.push(delivery);
        }
        house.outbox.run_once().await.unwrap();
        for (seconds, delivery) in high.into_iter().enumerate() {
            house.advance(1);
            house.outbox.run_once().await.unwrap();
            assert_eq!(house.fate(delivery).await, "accepted", "after {} s", seconds + 1);
        }
        assert_eq!(server.taken(), 3, "none of the low ones before the high ones");
        for _ in 0..60 {
            house.advance(1);
            house.outbox.run_once().await.unwrap();
        }
        assert_eq!(server.taken(), 10, "nobody is forgotten");
    })
    .await;
}

#[tokio::test]
async fn a_configuration_is_tried_step_by_step_before_it_is_saved() {
    on_every_database(|house| async move {
        let server = MailServer::start(Manner::Well).await;
        let config = |port: u16| json!({"host": "127.0.0.1", "port": port, "security": "none", "from": {"email": "wine@shop.example"}});
        let channels = house.get("/api/v1/channels").await.json();
        let trial = house.post("/api/v1/channels/test", json!({"kind": "email", "config": config(server.port)})).await;
        let trial = trial.json();
        let steps: Vec<(&str, bool)> = trial["steps"].as_array().unwrap().iter().map(|step| (step["what"].as_str().unwrap(), step["ok"] == true)).collect();
        assert_eq!((&trial["ok"], steps), (&json!(true), vec![("connect", true), ("greeting", true), ("sender", true)]));
        assert_eq!(trial["steps"][2]["target"], "wine@shop.example");

        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let trial = house.post("/api/v1/channels/test", json!({"kind": "email", "config": config(closed)})).await.json();
        let step = &trial["steps"][0];
        assert_eq!((&trial["ok"], &step["what"], &step["ok"]), (&json!(false), &json!("connect"), &json!(false)));
        assert!(step["message"].as_str().unwrap().starts_with("connecting: "), "{step}");
        assert!(step["words"]["zh"].as_str().unwrap().contains("无法连接"), "{step}");
        assert_eq!(trial["steps"].as_array().unwrap().len(), 1);

        let wrong = house.post("/api/v1/channels/test", json!({"kind": "email", "config": {"from": {"email": "x"}}})).await;
        assert_eq!((wrong.status.as_u16(), &wrong.json()["code"]), (422, &json!("invalid_channel")));
        assert_eq!(house.get("/api/v1/channels").await.json(), channels);
        assert_eq!(server.taken(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_secret_that_is_kept_is_tried_where_it_is_sent_already_and_nowhere_else() {
    on_every_database(|house| async move {
        let draft = |host: &str| {
            json!({"kind": "email", "id": house.channel, "config": {"host": host, "password": "•••", "hook_secret": "•••"}})
        };
        let trial = house.post("/api/v1/channels/test", draft("x")).await;
        assert_eq!(trial.json()["ok"], true, "{}", trial.text());
        assert_eq!(house.other_side.configs.lock().unwrap().last().unwrap()["password"], "secret");
        let elsewhere = house.post("/api/v1/channels/test", draft("evil.example")).await;
        assert_eq!(elsewhere.json()["errors"][0]["path"], "config.password", "{}", elsewhere.text());
        let new = json!({"kind": "email", "config": {"host": "x", "password": "•••"}});
        assert_eq!(house.post("/api/v1/channels/test", new).await.json()["errors"][0]["path"], "config.password");
        let kinds = house.get("/api/v1/channel-kinds").await.json();
        let named: Vec<&Value> = kinds["items"].as_array().unwrap().iter().map(|kind| &kind["kind"]).collect();
        assert_eq!(named, [&json!("email"), &json!("webhook")]);
        assert_eq!((&kinds["items"][0]["needs_address"], &kinds["items"][0]["form"]), (&json!(true), &json!("letter")));
    })
    .await;
}
