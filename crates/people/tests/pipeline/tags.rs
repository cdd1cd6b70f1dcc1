//! Tags: sets of which a member shows one, and tags that come off by themselves.

use serde_json::json;

use super::{
    support::{DAY, HOUR, naive, on_every_database, visitor},
    truth::define,
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

#[test]
fn zz_debug() {
    use base::{Period, Time};
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let p: Period = "P1D".parse().unwrap();
    let p3: Period = "P3D".parse().unwrap();
    for t in [
        "2026-03-29T00:59:59.999Z",
        "2026-03-29T01:00:00.000Z",
        "2026-03-29T23:59:59.999Z",
        "2026-03-30T00:00:00.000Z",
        "2026-03-30T00:00:00.001Z",
        "2026-03-30T00:30:00.001Z",
        "2026-03-30T01:00:00.001Z",
        "2026-03-27T01:00:00.001Z",
    ] {
        let t: Time = t.parse().unwrap();
        println!(
            "{t} P1D before {} leaves {} P3D before {} leaves {}",
            p.before(t, &zone),
            p.leaves_window(t, &zone),
            p3.before(t, &zone),
            p3.leaves_window(t, &zone)
        );
    }
}
