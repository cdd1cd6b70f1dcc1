//! How much one member can be: what goes beyond is kept in the dead letters, and everybody else lives on.

use base::{Event, EventKind};
use serde_json::json;

use super::support::{Bench, both, on_every_database, user, visitor};

const IDENTITIES_OF_GUEST: &str =
    "SELECT COUNT(*) FROM identities WHERE member_id = (SELECT member_id FROM identities WHERE value = 'guest')";

fn visit(bench: &Bench, device: usize) -> Event {
    bench.track(both("guest", &format!("device {device}")), "Page Read", json!({}))
}

async fn letters(bench: &Bench) -> Vec<String> {
    bench.texts("SELECT code AS text FROM dead_letters ORDER BY id").await
}

#[tokio::test]
async fn an_id_that_very_many_share_gets_no_more_identities_and_what_would_bring_them_is_kept() {
    on_every_database(|mut bench| async move {
        let visits: Vec<Event> = (0..1_002).map(|device| visit(&bench, device)).collect();
        bench.take(&visits).await;
        assert_eq!(bench.number(IDENTITIES_OF_GUEST).await, 1_000);
        assert_eq!(letters(&bench).await, ["too_many_identities"; 3]);

        // Whatever brings nobody new is welcome, also after a start.
        bench.restart().await;
        let again = bench.event(EventKind::Alias, "Aliased", user("guest"), json!({}));
        let again = Event { previous_id: Some("device 9".to_owned()), ..again };
        bench.take(&[visit(&bench, 7), bench.track(user("guest"), "Page Read", json!({})), again]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 1_002);
        assert_eq!(letters(&bench).await.len(), 3);

        // A visitor stays who he is, in whatever way he is said to be the guest, and so does a member.
        bench.take(&[bench.track(visitor("device 2000"), "Page Read", json!({}))]).await;
        bench.take(&[bench.track(user("anna"), "Page Read", json!({}))]).await;
        let alias = bench.event(EventKind::Alias, "Aliased", user("guest"), json!({}));
        let alias = Event { previous_id: Some("device 2000".to_owned()), ..alias };
        let (guest, anna) = (bench.owner("guest").await, bench.owner("anna").await);
        let merge = bench.command(anna, "Members Merged", json!({"with": guest.to_string()}));
        let address = bench.identify(user("guest"), json!({"email": "guest@example.com"}));
        bench.take(&[visit(&bench, 2_000), alias, merge, address]).await;
        assert_eq!(letters(&bench).await, ["too_many_identities"; 7]);
        assert_eq!(bench.number(IDENTITIES_OF_GUEST).await, 1_000);
        assert_eq!(bench.number("SELECT COUNT(*) FROM members WHERE merged_into IS NULL").await, 3);
    })
    .await;
}

#[tokio::test]
async fn traits_that_would_take_too_much_room_are_kept_out_of_the_profile_until_there_is_room() {
    on_every_database(|mut bench| async move {
        let long = "x".repeat(30_000);
        for number in 0..9 {
            bench.take(&[bench.identify(user("a"), json!({(format!("text {number}")): long}))]).await;
        }
        assert_eq!(letters(&bench).await, ["traits_too_large"]);
        bench.take(&[bench.identify(user("a"), json!({"text 0": "short"}))]).await;
        bench.take(&[bench.identify(user("a"), json!({"text 8": long}))]).await;
        assert_eq!(letters(&bench).await.len(), 1);
        let kept = bench.texts("SELECT traits_json AS text FROM identities").await;
        assert!(kept[0].contains("text 7") && kept[0].contains("text 8") && kept[0].contains("short"));
    })
    .await;
}
