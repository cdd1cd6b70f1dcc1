//! Tags: sets of which a member shows one, and tags that come off by themselves.

use serde_json::json;

use super::{
    support::{DAY, HOUR, naive, on_every_database, visitor},
    village::define,
};

#[tokio::test]
async fn a_tag_that_expires_takes_nothing_else_with_it() {
    on_every_database(|mut bench| async move {
        define(&bench).await;
        bench.take(&[bench.track(visitor("a"), "Page Read", json!({}))]).await;
        bench.take(&[bench.tag(visitor("a"), "Tag Added", "vip")]).await;
        bench.take(&[bench.tag(visitor("a"), "Tag Added", "old")]).await;
        bench.advance(HOUR);
        bench.idle().await;
        assert_eq!(bench.size(naive::HOT).await, 1);
        bench.advance(2 * DAY);
        bench.idle().await;
        assert_eq!(bench.texts("SELECT tag AS text FROM member_tags").await, ["vip"]);
        assert_eq!(bench.size(naive::HOT).await, 1);
    })
    .await;
}
