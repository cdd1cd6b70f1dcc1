//! A merge that is undone gives everybody his own way back.

use base::ids::MergeId;
use people::identity::{MEMBERS_MERGED, MERGE_UNDONE};
use serde_json::json;

use super::support::{
    DAY, HOUR,
    journeys::{send, wait},
    on_every_database, user,
};

#[tokio::test]
async fn a_run_goes_back_to_the_member_who_entered_and_reaches_him() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "pause",
                "steps": {"pause": wait("P1D", "mail"), "mail": send(None)}}))
            .await;
        let people = [bench.member("a"), bench.member("b")];
        bench.take(&people).await;
        let order = bench.track(user("b"), "Order Completed", json!({}));
        bench.take(&[order]).await;
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        bench.advance(HOUR);
        let merge = bench.ids.next(MergeId);
        let event = bench.command(a, MEMBERS_MERGED, json!({"with": b, "merge": merge}));
        bench.take(&[event]).await;
        assert_eq!(bench.number("SELECT member_id FROM journey_runs").await, a.0);
        bench.advance(HOUR);
        let event = bench.command(a, MERGE_UNDONE, json!({ "merge": merge }));
        bench.take(&[event]).await;
        assert_eq!(bench.number("SELECT member_id FROM journey_runs").await, b.0);
        bench.advance(DAY);
        bench.settle().await;
        let to: Vec<String> = bench.deliveries().await.into_iter().map(|delivery| delivery.address).collect();
        assert_eq!(to, ["b@example.com"]);
        assert_eq!(bench.number("SELECT COUNT(*) FROM timers WHERE kind = 'journey'").await, 0);
    })
    .await;
}
