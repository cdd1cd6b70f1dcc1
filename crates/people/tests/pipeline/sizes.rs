//! What became of segments, and who uses them.

use base::ids::SegmentId;
use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR, on_every_database,
    routes::{ask, ask_still},
    user,
};

async fn get(bench: &Bench, uri: &str) -> Value {
    let (status, answer) = ask_still(bench, "GET", uri, Value::Null).await;
    assert_eq!(status, 200, "{uri}: {answer}");
    answer
}

/// Ten days in which people come to two segments, and leave one of them again.
async fn ten_days(bench: &mut Bench) -> [SegmentId; 2] {
    let in_bonn = bench.segment(1, &json!({"trait": "city", "value": "Bonn"})).await;
    let readers = bench.segment(2, &json!({"event": "Page Read", "within": "P2D"})).await;
    for day in 0..10 {
        for number in 0..=day % 3 {
            let who = format!("u{}", day * 3 + number);
            bench.take(&[bench.identify(user(&who), json!({"city": "Bonn"}))]).await;
            bench.advance(HOUR);
            bench.take(&[bench.track(user(&who), "Page Read", json!({}))]).await;
        }
        if day % 4 == 3 {
            bench.take(&[bench.identify(user(&format!("u{}", (day - 1) * 3)), json!({"city": "Berlin"}))]).await;
        }
        bench.advance(DAY - 5 * HOUR);
        bench.idle().await;
    }
    [in_bonn, readers]
}

#[tokio::test]
async fn sizes_are_what_all_changes_since_the_beginning_make() {
    on_every_database(|mut bench| async move {
        let segments = ten_days(&mut bench).await;
        let now = bench.now();
        let ago = |millis: i64| base::Time::from_millis(now.millis() - millis);
        let times = [
            (ago(20 * DAY), now, "day"),
            (ago(6 * DAY), now, "day"),
            (ago(6 * DAY + 1_234_567), ago(2 * DAY + 7_654_321), "day"),
            (ago(2 * DAY), ago(DAY), "hour"),
            (ago(30 * DAY), ago(25 * DAY), "week"),
        ];
        for (from, to, unit) in times {
            let query = format!("from={from}&to={to}&unit={unit}");
            let named = format!("{},{}", segments[1], segments[0]);
            let all = get(&bench, &format!("/api/v1/segments/sizes?ids={named}&{query}")).await;
            assert_eq!(all["items"][0]["id"], json!(segments[1]), "in the order of the names");
            for segment in segments {
                let one = get(&bench, &format!("/api/v1/segments/{segment}/sizes?{query}")).await;
                let points = one["points"].as_array().unwrap();
                assert!(!points.is_empty());
                let in_list =
                    all["items"].as_array().unwrap().iter().find(|item| item["id"] == json!(segment)).unwrap();
                assert_eq!(in_list["points"], one["points"], "{query}");
                let mut before = from;
                for point in points {
                    let end: base::Time = point["t"].as_str().unwrap().parse().unwrap();
                    let sum = async |what: &str, since: i64| {
                        bench
                            .number(&format!(
                                "SELECT CAST(COALESCE(SUM({what}), 0) AS BIGINT) FROM segment_changes
                                 WHERE segment_id = {} AND changed_at >= {since} AND changed_at < {}",
                                segment.0,
                                end.millis()
                            ))
                            .await
                    };
                    assert_eq!(point["size"], json!(sum("2 * entered - 1", 0).await), "{query}: {point}");
                    assert_eq!(point["entered"], json!(sum("entered", before.millis()).await), "{query}: {point}");
                    assert_eq!(point["left"], json!(sum("1 - entered", before.millis()).await), "{query}: {point}");
                    before = end;
                }
            }
        }
        let (status, _) = ask_still(&bench, "GET", "/api/v1/segments/sizes?ids=mem_1", Value::Null).await;
        assert_eq!(status, 400);
        let foreign = get(&bench, &format!("/api/v1/segments/sizes?ids={}", SegmentId(77))).await;
        assert_eq!(foreign["items"], json!([]));
        let everything = get(&bench, "/api/v1/segments/sizes").await;
        assert_eq!(everything["items"].as_array().unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn entries_and_exits_can_be_asked_for_by_themselves_and_of_a_time() {
    on_every_database(|mut bench| async move {
        let [_, readers] = ten_days(&mut bench).await;
        let uri = format!("/api/v1/segments/{readers}/changes?limit=500");
        let all = get(&bench, &uri).await;
        let all = all["items"].as_array().unwrap();
        let moments: Vec<&str> = all.iter().map(|change| change["at"].as_str().unwrap()).collect();
        let (from, to) = (moments[3 * moments.len() / 4], moments[moments.len() / 4]);
        for entered in [true, false] {
            let found = get(&bench, &format!("{uri}&entered={entered}&from={from}&to={to}")).await;
            let is_meant = |change: &&Value| {
                let at = change["at"].as_str().unwrap();
                change["entered"] == json!(entered) && at >= from && at < to
            };
            let expected: Vec<&Value> = all.iter().filter(is_meant).collect();
            assert!(!expected.is_empty());
            assert_eq!(found["items"].as_array().unwrap().iter().collect::<Vec<_>>(), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_uses_a_segment_is_named_before_it_is_deleted() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.identify(user("a"), json!({"city": "Bonn"}))]).await;
        let make = async |bench: &mut Bench, name: &str, rule: Value| {
            let body = json!({"name": name, "rule": rule});
            let (status, answer) = ask(bench, "POST", "/api/v1/segments", body).await;
            assert_eq!(status, 201, "{answer}");
            answer["id"].as_str().unwrap().to_owned()
        };
        let used = make(&mut bench, "In Bonn", json!({"trait": "city", "value": "Bonn"})).await;
        let usage = get(&bench, &format!("/api/v1/segments/{used}/usage")).await;
        assert_eq!((&usage["used_by"], &usage["deletable"]), (&json!([]), &json!(true)));
        let user_of_it = make(&mut bench, "Not in Bonn", json!({"not": {"segment": used}})).await;
        let tag = json!({"kind": "dynamic", "rule": {"segment": used}});
        assert_eq!(ask(&mut bench, "PUT", "/api/v1/tags/local", tag).await.0, 204);
        bench.idle().await;
        let usage = get(&bench, &format!("/api/v1/segments/{used}/usage")).await;
        let expected = json!([
            {"kind": "segment", "id": user_of_it, "name": "Not in Bonn"},
            {"kind": "tag", "id": "local", "name": "local"},
        ]);
        assert_eq!(usage["used_by"], expected, "{usage}");
        assert_eq!((&usage["size"], &usage["deletable"]), (&json!(1), &json!(false)));
        let (status, problem) = ask(&mut bench, "DELETE", &format!("/api/v1/segments/{used}"), Value::Null).await;
        assert_eq!((status, &problem["code"]), (409, &json!("in_use")), "{problem}");
    })
    .await;
}

#[tokio::test]
async fn the_ladder_can_be_read_without_counting_who_stands_on_it() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.track(user("a"), "Order Completed", json!({}))]).await;
        let ladder = get(&bench, "/api/v1/stages?numbers=false").await;
        assert!(ladder["stages"].as_array().unwrap().iter().all(|stage| stage["members"].is_null()), "{ladder}");
        assert_eq!(ladder["counted_at"], Value::Null);
        let counted = get(&bench, "/api/v1/stages").await;
        let members = |key: &str| {
            let stage = counted["stages"].as_array().unwrap().iter().find(|stage| stage["key"] == key).unwrap();
            stage["members"].as_i64().unwrap()
        };
        assert_eq!((members("stranger"), members("buyer")), (0, 1));
        assert_eq!(counted["counted_at"], json!(bench.now()));
    })
    .await;
}
