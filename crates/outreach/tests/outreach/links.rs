//! Tracked links and openings.

use axum::http::StatusCode;
use channels::Outcome;

use crate::house::{House, READER, email, on_every_database, path_in};

async fn links_of(house: &House, name: &str) -> (base::ids::DeliveryId, String, String, String) {
    let (delivery, message) = house.one_sent(name, &format!("{name}@shop.example")).await;
    let (_, text, html, _) = email(&message);
    (delivery, path_in(&html, "t"), path_in(&text, "t"), path_in(&html, "o"))
}

#[tokio::test]
async fn a_click_leads_to_the_address_and_becomes_a_fact() {
    on_every_database(|house| async move {
        let (delivery, html_link, ..) = links_of(&house, "a").await;
        house.advance(30);
        let reply = house.get(&html_link).await;
        assert_eq!(reply.status, StatusCode::FOUND);
        assert_eq!(reply.headers["location"], "https://shop.example/a?x=1&y=2");
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(house.row(delivery).await.clicked_at, Some(base::Clock::now(&house.clock).millis()));
        assert_eq!(house.facts().await, ["Email Sent", "Email Link Clicked"]);
        let records = store::emitted::take(house.db.read(), 10).await.unwrap();
        let event = base::Event::from_record(records[1].1.as_bytes()).unwrap();
        let properties = event.properties_value();
        assert_eq!(properties["url"], "https://shop.example/a?x=1&y=2");
        assert_eq!(properties["delivery"], delivery.to_string());
        assert_eq!(properties["step"], "s1");
        assert_eq!(properties["template"], house.template.to_string());
    })
    .await;
}

#[tokio::test]
async fn a_message_that_may_have_arrived_has_readers_too() {
    on_every_database(|house| async move {
        house.other_side.answers([Outcome::Unknown { reason: "the connection broke after DATA".to_owned() }]);
        let (delivery, html_link, ..) = links_of(&house, "a").await;
        assert_eq!(house.fate(delivery).await, "unknown/outcome_unknown");
        house.advance(5);
        house.get(&html_link).await;
        assert_eq!(house.row(delivery).await.clicked_at, None, "too soon after it left");
        house.advance(30);
        house.get(&html_link).await;
        assert!(house.row(delivery).await.clicked_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn an_opening_counts_once() {
    on_every_database(|house| async move {
        let (delivery, _, _, image) = links_of(&house, "a").await;
        house.advance(30);
        for _ in 0..3 {
            let reply = house.get(&image).await;
            assert_eq!((reply.status, &reply.body[..6]), (StatusCode::OK, &b"GIF89a"[..]));
            house.advance(60);
        }
        assert!(house.row(delivery).await.opened_at.is_some());
        assert_eq!(house.facts().await, ["Email Sent", "Email Opened"]);
        assert_eq!(house.history(delivery).await, ["sending", "accepted", "opened"]);
    })
    .await;
}

#[tokio::test]
async fn scanners_are_marked_and_not_counted() {
    on_every_database(|house| async move {
        let (delivery, html_link, _, image) = links_of(&house, "a").await;
        house.advance(3);
        house.get(&html_link).await;
        house.get(&image).await;
        house.advance(60);
        house.request("HEAD", &html_link, &[("user-agent", READER)], vec![]).await;
        house.request("GET", &html_link, &[("user-agent", "Mozilla/5.0 Proofpoint URL Defense")], vec![]).await;
        house.request("GET", &html_link, &[], vec![]).await;
        let row = house.row(delivery).await;
        assert_eq!((row.scanner_hits, row.clicked_at, row.opened_at), (5, None, None));
        assert_eq!(house.facts().await, ["Email Sent"]);
        assert_eq!(house.history(delivery).await.iter().filter(|state| *state == "scanner").count(), 5);
    })
    .await;
}

#[tokio::test]
async fn who_follows_the_hidden_link_is_no_reader() {
    on_every_database(|house| async move {
        let (delivery, message) = house.one_sent("a", "a@shop.example").await;
        let html = email(&message).2;
        let hidden = path_in(&html[html.rfind("/t/").unwrap() - 22..], "t");
        assert!(html.contains(&format!("{hidden}\" style=\"display:none\"")));
        house.advance(60);
        assert_eq!(house.get(&hidden).await.status, StatusCode::FOUND);
        house.advance(5);
        house.get(&path_in(&html, "t")).await;
        let row = house.row(delivery).await;
        assert_eq!((row.scanner_hits, row.clicked_at), (2, None));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_was_tampered_with_leads_nowhere() {
    on_every_database(|house| async move {
        let (delivery, html_link, _, image) = links_of(&house, "a").await;
        house.advance(60);
        let mut forged = html_link.clone();
        let last = if forged.pop() == Some('A') { 'Q' } else { 'A' };
        forged.push(last);
        for path in [forged.as_str(), "/t/x", "/t/%00", &image.replace("/o/", "/t/").replace(".gif", "")] {
            let reply = house.get(path).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(reply.json()["code"], "bad_token");
        }
        assert_eq!(house.row(delivery).await.clicked_at, None);
    })
    .await;
}
