//! Groups: of what is told of them the latest counts, in whatever order and under whichever name it is told.

use base::{Event, Time};
use people::groups::{GROUP_JOINED, GROUP_LEFT};
use serde_json::json;
use testing::Who;

use super::{
    support::{Bench, DAY, HOUR, MINUTE, both, naive, on_every_database, user, visitor},
    village::define,
};

/// Somebody enters the readers or leaves them, so long ago.
fn told(bench: &Bench, who: Who, name: &str, ago: i64) -> Event {
    let timestamp = Time::from_millis(bench.now().millis() - ago);
    Event { timestamp, ..bench.track(who, name, json!({"group_id": "readers"})) }
}

#[tokio::test]
async fn who_has_left_has_left_though_his_entry_is_told_later() {
    on_every_database(|mut bench| async move {
        define(&bench).await;
        let group = json!({"group": naive::GROUP.to_string()});
        let inside = bench.segment(1, &group).await;
        let regulars = bench.segment(2, &json!({"been": group, "for": "P1D"})).await;
        bench.take(&[told(&bench, user("a"), GROUP_LEFT, HOUR)]).await;
        bench.take(&[told(&bench, user("a"), GROUP_JOINED, 3 * DAY)]).await;
        assert_eq!((bench.size(inside).await, bench.size(regulars).await), (0, 0));
        bench.take(&[told(&bench, user("a"), GROUP_JOINED, MINUTE)]).await;
        assert_eq!((bench.size(inside).await, bench.size(regulars).await), (1, 0));
        bench.advance(DAY);
        bench.restart().await;
        bench.idle().await;
        assert_eq!((bench.size(inside).await, bench.size(regulars).await), (1, 1));
        assert_eq!(naive::actual(&bench.db).await, naive::expected(&bench.db, bench.now()).await);
    })
    .await;
}

#[tokio::test]
async fn who_leaves_does_so_under_all_his_names() {
    on_every_database(|mut bench| async move {
        define(&bench).await;
        let inside = bench.segment(1, &json!({"group": naive::GROUP.to_string()})).await;
        bench
            .take(&[told(&bench, user("a"), GROUP_JOINED, 2 * DAY), told(&bench, visitor("v"), GROUP_LEFT, DAY)])
            .await;
        assert_eq!(bench.size(inside).await, 1);
        bench.take(&[bench.track(both("a", "v"), "Page Read", json!({}))]).await;
        assert_eq!(bench.size(inside).await, 0, "they are one, and what was told last is that he left");
        bench.take(&[told(&bench, visitor("v"), GROUP_JOINED, 3 * DAY)]).await;
        assert_eq!(bench.size(inside).await, 0);
        bench.take(&[told(&bench, visitor("v"), GROUP_JOINED, HOUR)]).await;
        assert_eq!(bench.size(inside).await, 1);
        assert_eq!(naive::actual(&bench.db).await, naive::expected(&bench.db, bench.now()).await);
    })
    .await;
}
