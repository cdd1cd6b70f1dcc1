//! Segments: over history, in each other, and to the millisecond.

use base::{Event, Time, ids::SegmentId};
use people::segments::rebuild_calendars;
use serde_json::json;
use store::Sql;

use super::support::{DAY, HOUR, MINUTE, START, WORKSPACE, naive, on_every_database, user};

#[tokio::test]
async fn a_segment_over_existing_history_is_what_it_would_have_been() {
    on_every_database(|mut bench| async move {
        let mut events = Vec::new();
        for number in 0..1_500i64 {
            let name = format!("u{number}");
            let mut event = bench.track(user(&name), "Order Completed", json!({"amount": number % 50}));
            event.timestamp = Time::from_millis(START - (number % 72) * HOUR);
            events.push(event);
            if number % 3 == 0 {
                events.push(bench.identify(user(&name), json!({"city": "Bonn"})));
            }
        }
        bench.take(&events).await;
        let recent = json!({"all": [{"trait": "city", "value": "Bonn"},
            {"event": "Order Completed", "sum": {"property": "amount", "op": "gte", "value": 10}, "within": "P2D"}]});
        let recent = bench.segment(1, &recent).await;
        let lapsed = json!({"all": [{"event": "Order Completed"}, {"not": {"segment": recent.to_string()}}]});
        let lapsed = bench.segment(2, &lapsed).await;
        bench.idle().await;

        let expected = naive::expected(&bench.db, bench.now()).await;
        assert!(expected.len() > 1_000);
        assert_eq!(naive::actual(&bench.db).await, expected);
        assert_eq!(bench.texts("SELECT DISTINCT state AS text FROM segments").await, ["live"]);
        for segment in [recent, lapsed] {
            let size = bench.number(&format!("SELECT size FROM segments WHERE id = {}", segment.0)).await;
            assert!(size > 0);
            assert_eq!(size, bench.size(segment).await);
        }

        // It stays true with nobody doing anything.
        for _ in 0..3 {
            bench.advance(17 * HOUR);
            bench.idle().await;
            assert_eq!(naive::actual(&bench.db).await, naive::expected(&bench.db, bench.now()).await);
        }
    })
    .await;
}

#[tokio::test]
async fn a_segment_in_a_segment_follows_it() {
    on_every_database(|mut bench| async move {
        // The one that refers is older than the one that it refers to.
        let inner = SegmentId(2);
        let outer = bench.segment(1, &json!({"not": {"segment": inner.to_string()}})).await;
        bench.segment(2, &json!({"event": "Page Read", "within": "PT1H"})).await;
        let top = bench.segment(3, &json!({"all": [{"segment": outer.to_string()}, {"tag": "vip"}]})).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        assert_eq!((bench.size(inner).await, bench.size(outer).await, bench.size(top).await), (0, 1, 1));
        bench.take(&[bench.track(user("a"), "Page Read", json!({}))]).await;
        assert_eq!((bench.size(inner).await, bench.size(outer).await, bench.size(top).await), (1, 0, 0));
        bench.advance(HOUR);
        bench.idle().await;
        assert_eq!((bench.size(inner).await, bench.size(outer).await, bench.size(top).await), (0, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_window_ends_by_itself_at_its_millisecond_also_where_the_clocks_change() {
    on_every_database(|mut bench| async move {
        // 2026-03-28T11:00:00Z is noon in Berlin; a day later by the wall clock is 23 hours later.
        let noon: Time = "2026-03-28T11:00:00Z".parse().unwrap();
        bench.clock.set(noon);
        let hour = bench.segment(1, &json!({"event": "Page Read", "within": "PT1H"})).await;
        let day = bench.segment(2, &json!({"event": "Page Read", "within": "P1D"})).await;
        let quiet = bench.segment(3, &json!({"not": {"event": "Page Read", "within": "P1D"}})).await;
        bench.take(&[bench.track(user("a"), "Page Read", json!({}))]).await;
        for (segment, ends) in [(hour, noon.millis() + HOUR), (day, noon.millis() + DAY - HOUR)] {
            bench.clock.set(Time::from_millis(ends - 1));
            bench.idle().await;
            assert_eq!(bench.size(segment).await, 1, "1 ms before");
            bench.clock.set(Time::from_millis(ends));
            bench.idle().await;
            assert_eq!(bench.size(segment).await, 0, "at its millisecond");
        }
        assert_eq!(bench.size(quiet).await, 1);
        let left = bench.number("SELECT changed_at FROM segment_changes WHERE segment_id = 2 AND entered = 0").await;
        assert_eq!(left, noon.millis() + DAY - HOUR);
    })
    .await;
}

#[tokio::test]
async fn an_event_from_the_future_counts_from_its_own_moment_on_and_a_late_one_for_what_is_left() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"event": "Page Read", "within": "PT1H"})).await;
        let mut early = bench.track(user("a"), "Page Read", json!({}));
        early.timestamp = Time::from_millis(START + 5 * MINUTE);
        let mut late = bench.track(user("b"), "Page Read", json!({}));
        late.timestamp = Time::from_millis(START - 58 * MINUTE);
        bench.take(&[early, late]).await;
        for (moment, size) in [
            (START, 1),
            (START + 2 * MINUTE - 1, 1),
            (START + 2 * MINUTE, 0),
            (START + 5 * MINUTE - 1, 0),
            (START + 5 * MINUTE, 1),
            (START + 65 * MINUTE - 1, 1),
            (START + 65 * MINUTE, 0),
        ] {
            bench.clock.set(Time::from_millis(moment));
            bench.idle().await;
            assert_eq!(bench.size(segment).await, size, "{} ms after the start", moment - START);
        }
    })
    .await;
}

#[tokio::test]
async fn a_trait_whose_own_name_has_dots_changes_its_segments_like_any_other() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"trait": "home.city", "value": "Bonn"})).await;
        bench.take(&[bench.identify(user("nested"), json!({})), bench.identify(user("flat"), json!({}))]).await;
        bench.take(&[bench.identify(user("nested"), json!({"home": {"city": "Bonn"}}))]).await;
        assert_eq!(bench.size(segment).await, 1);
        bench.take(&[bench.identify(user("flat"), json!({"home.city": "Bonn"}))]).await;
        assert_eq!(bench.size(segment).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_changed_rule_decides_anew_for_everybody() {
    on_every_database(|mut bench| async move {
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip"), bench.tag(user("b"), "Tag Added", "new")]).await;
        assert_eq!(bench.size(segment).await, 1);
        let rule = json!({"tag": "new"}).to_string();
        bench.run("UPDATE segments SET rule_json = $1, state = 'building', built_to = 0", vec![rule.into()]).await;
        bench.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await;
        bench.idle().await;
        assert_eq!(naive::actual(&bench.db).await, naive::expected(&bench.db, bench.now()).await);
        assert_eq!(bench.number("SELECT size FROM segments WHERE id = 1").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_sequence_has_happened_for_as_long_as_the_events_are_kept_that_show_it() {
    on_every_database(|mut bench| async move {
        let pair = json!({"sequence": ["Page Read", "Order Completed"], "within": "PT1H"});
        let once = bench.segment(1, &pair).await;
        let lasting = bench.segment(2, &json!({"been": pair, "for": "PT30M"})).await;
        let first = bench.now();
        for day in 0..2 {
            let order = bench.track(user("a"), "Order Completed", json!({}));
            let earlier = Time::from_millis(order.timestamp.millis() - 10 * MINUTE);
            let read = Event { timestamp: earlier, ..bench.track(user("a"), "Page Read", json!({})) };
            bench.take(&[order]).await;
            assert_eq!(bench.size(once).await, day);
            bench.take(&[read]).await;
            assert_eq!(bench.size(once).await, 1, "what came before the order arrived after it");
            bench.advance(DAY);
        }
        bench.idle().await;
        assert_eq!((bench.size(once).await, bench.size(lasting).await), (1, 1));

        // What followed the first time was of no importance until that was gone.
        for (until, size) in [(first.millis() + HOUR, 1), (first.millis() + 2 * DAY, 0)] {
            let expired = "INSERT INTO expired_events (id, identity_id)
                SELECT id, identity_id FROM events WHERE happened_at < $1";
            bench.run(expired, vec![until.into()]).await;
            bench.idle().await;
            assert_eq!((bench.size(once).await, bench.size(lasting).await), (size, size));
        }
        assert_eq!(bench.number("SELECT COUNT(*) FROM events").await, 0);
    })
    .await;
}

#[tokio::test]
async fn windows_follow_the_clocks_of_another_zone_also_for_whom_nothing_happens_to() {
    on_every_database(|mut bench| async move {
        let week = bench.segment(1, &json!({"event": "Page Read", "within": "P7D"})).await;
        let outer = bench.segment(2, &json!({"not": {"segment": week.to_string()}})).await;
        bench.take(&[bench.track(user("a"), "Page Read", json!({}))]).await;
        assert_eq!((bench.size(week).await, bench.size(outer).await), (1, 0));
        // In Berlin the week in which the clocks go forward is an hour shorter.
        bench.advance(7 * DAY - 30 * MINUTE);
        bench.idle().await;
        assert_eq!((bench.size(week).await, bench.size(outer).await), (0, 1));

        let tx = bench.db.begin().await.unwrap();
        let sql = "UPDATE workspaces SET time_zone = 'UTC', rules_version = rules_version + 1";
        tx.run(sql, vec![]).await.unwrap();
        rebuild_calendars(&tx, &bench.ids, WORKSPACE, ("test", bench.now())).await.unwrap();
        tx.commit().await.unwrap();
        bench.idle().await;
        assert_eq!((bench.size(week).await, bench.size(outer).await), (1, 0));
        bench.advance(30 * MINUTE - 1);
        bench.idle().await;
        assert_eq!((bench.size(week).await, bench.size(outer).await), (1, 0));
        bench.advance(1);
        bench.idle().await;
        assert_eq!((bench.size(week).await, bench.size(outer).await), (0, 1));
    })
    .await;
}
