//! The timeline of a member: page by page, and after merges.

use base::{Event, Time, ids::MemberId};
use serde_json::{Value, json};

use super::{
    parting::{merge, undo},
    support::{Bench, HOUR, on_every_database, routes::ask_still, user, visitor},
};

/// All entries, page by page of so many.
async fn timeline(bench: &Bench, member: MemberId, filter: &str, limit: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let uri = format!("/api/v1/members/{member}/timeline?limit={limit}&{filter}{cursor}");
        let (status, page) = ask_still(bench, "GET", &uri, Value::Null).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        found.extend(items.iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

fn texts(entries: &[Value], field: &str) -> Vec<String> {
    entries.iter().map(|entry| entry[field].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn pages_of_any_size_make_the_whole_however_events_lie_in_their_index() {
    on_every_database(|mut bench| async move {
        let mut events = Vec::new();
        for number in 0..90_i64 {
            let who = if number % 3 == 0 { visitor("phone") } else { user("a") };
            // A few names with many events, many with few, and several events at each moment.
            let name = format!("Seen {}", if number % 2 == 0 { 0 } else { number % 17 });
            let event = bench.track(who, &name, json!({ "number": number }));
            let source = if number % 5 == 0 { "other" } else { "test" };
            let timestamp = Time::from_millis(bench.now().millis() - (number * 7 % 23) * HOUR);
            events.push(Event { timestamp, source: source.to_owned(), ..event });
        }
        events.push(bench.identify((Some("a".to_owned()), Some("phone".to_owned())), json!({"city": "Bonn"})));
        bench.take(&events).await;
        let member = bench.owner("a").await;
        assert_eq!(bench.owner("phone").await, member);
        let from = Time::from_millis(bench.now().millis() - 15 * HOUR);
        let asked = [
            (String::new(), "1 = 1".to_owned()),
            ("&event=Seen%200".to_owned(), "n.name = 'Seen 0'".to_owned()),
            ("&source=other".to_owned(), "e.source = 'other'".to_owned()),
            ("&event=Unheard".to_owned(), "1 = 0".to_owned()),
            (format!("&from={from}"), format!("e.happened_at >= {}", from.millis())),
            (format!("&to={from}"), format!("e.happened_at < {}", from.millis())),
        ];
        for (filter, condition) in asked {
            let filter = format!("kind=event{filter}");
            let expected = bench
                .texts(&format!(
                    "SELECT e.message_id AS text FROM events e JOIN event_names n ON n.id = e.name_id
                     WHERE {condition} ORDER BY e.happened_at DESC, e.id DESC"
                ))
                .await;
            for limit in [1, 4, 13, 500] {
                let found = timeline(&bench, member, &filter, limit).await;
                assert_eq!(texts(&found, "message_id"), expected, "{filter}, {limit} at a time");
            }
        }
    })
    .await;
}

/// Name and, where it was another's, the owner of each entry.
fn told(entries: &[Value]) -> Vec<(String, Option<String>)> {
    let owner = |entry: &Value| entry["member"].as_str().map(str::to_owned);
    entries.iter().map(|entry| (entry["name"].as_str().unwrap().to_owned(), owner(entry))).collect()
}

#[tokio::test]
async fn what_happened_to_those_who_were_absorbed_is_told_once_and_as_theirs() {
    on_every_database(|mut bench| async move {
        let buyers = json!({"event": "Order Completed"});
        bench.segment(1, &buyers).await;
        let quiet = json!({"not": {"tag": "loud"}});
        bench.segment(2, &quiet).await;
        bench.take(&[bench.identify(user("a"), json!({}))]).await;
        bench.advance(HOUR);
        bench.take(&[bench.tag(user("a"), "Tag Added", "loud")]).await;
        for who in ["b", "c"] {
            bench.advance(HOUR);
            bench.take(&[bench.track(user(who), "Order Completed", json!({}))]).await;
        }
        let (a, b, c) = (bench.owner("a").await, bench.owner("b").await, bench.owner("c").await);
        bench.advance(HOUR);
        let first = merge(&mut bench, "b", "c").await;
        bench.advance(HOUR);
        let second = merge(&mut bench, "a", "b").await;
        bench.advance(HOUR);
        let (of_b, of_c) = (Some(b.to_string()), Some(c.to_string()));
        let entry = |name: &str, owner: &Option<String>| (name.to_owned(), owner.clone());

        // Both were among the quiet and are not any more, since he of whom they are part is loud.
        let left = timeline(&bench, a, "kind=segment&event=Segment%20Left", 1).await;
        assert_eq!(told(&left), [entry("Segment Left", &of_b), entry("Segment Left", &None)]);
        let entered = timeline(&bench, a, "kind=segment&event=Segment%20Entered", 1).await;
        let each_twice = [&of_c, &of_c, &of_b, &of_b, &None].map(|owner| entry("Segment Entered", owner));
        assert_eq!(told(&entered), each_twice, "what a merge alone did is not told");
        let mut stages = timeline(&bench, a, "kind=stage", 1).await;
        stages.retain(|entry| entry["properties"]["stage"] == "buyer");
        assert_eq!(told(&stages), [entry("Stage Reached", &of_c), entry("Stage Reached", &of_b)]);
        let merges = timeline(&bench, a, "kind=merge", 1).await;
        assert_eq!(told(&merges), [entry("Members Merged", &None), entry("Members Merged", &of_b)]);
        let absorbed: Vec<&Value> = merges.iter().map(|entry| &entry["properties"]["absorbed"]).collect();
        assert_eq!(absorbed, [&json!(b), &json!(c)]);

        // Everything is what is shown when nothing is asked for, and the absorbed lead to it, too.
        let everything = timeline(&bench, a, "", 3).await;
        assert_eq!(everything, timeline(&bench, c, "kind=all", 500).await);
        assert!(texts(&everything, "kind").contains(&"stage".to_owned()));
        assert_eq!(texts(&everything, "kind").iter().filter(|kind| *kind == "track").count(), 2);

        // Who is parted takes along what was his.
        undo(&mut bench, second).await;
        undo(&mut bench, first).await;
        for member in [a, b, c] {
            let everything = timeline(&bench, member, "", 2).await;
            assert!(told(&everything).iter().all(|(_, owner)| owner.is_none()), "{everything:?}");
            let orders = usize::from(member != a);
            assert_eq!(timeline(&bench, member, "kind=track", 5).await.len(), orders);
        }
    })
    .await;
}

#[tokio::test]
async fn tags_that_a_rule_gives_are_told_like_those_that_people_give() {
    on_every_database(|mut bench| async move {
        let rule = json!({"event": "Order Completed", "within": "P1D"});
        let definition = json!({"kind": "dynamic", "rule": rule});
        let (status, answer) = ask_still(&bench, "PUT", "/api/v1/tags/warm", definition).await;
        assert!(status < 300, "{answer}");
        bench.idle().await;
        bench.take(&[bench.track(user("a"), "Order Completed", json!({}))]).await;
        bench.advance(HOUR);
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        bench.advance(24 * HOUR);
        bench.idle().await;
        let member = bench.owner("a").await;
        let told: Vec<(String, String)> = timeline(&bench, member, "kind=tag", 2)
            .await
            .iter()
            .map(|entry| (entry["name"].as_str().unwrap().to_owned(), entry["properties"].to_string()))
            .collect();
        let entry = |name: &str, tag: &str| (name.to_owned(), json!({ "tag": tag }).to_string());
        assert_eq!(told, [entry("Tag Removed", "warm"), entry("Tag Added", "vip"), entry("Tag Added", "warm")]);
    })
    .await;
}

#[tokio::test]
async fn a_timeline_says_by_what_it_can_be_filtered() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.track(visitor("v"), "Page Read", json!({}))]).await;
        bench.advance(HOUR);
        bench.take(&[bench.track(user("a"), "Order Completed", json!({}))]).await;
        let ordered = bench.now();
        bench.advance(HOUR);
        let said = bench.identify((Some("a".to_owned()), Some("v".to_owned())), json!({"city": "Bonn"}));
        bench.take(&[Event { source: "key:one".to_owned(), ..said }]).await;
        bench.take(&[bench.tag(user("a"), "Tag Added", "vip")]).await;
        let uri = format!("/api/v1/members/{}/timeline/facets", bench.owner("a").await);
        let (status, facets) = ask_still(&bench, "GET", &uri, Value::Null).await;
        assert_eq!(status, 200, "{facets}");
        let names = texts(facets["events"].as_array().unwrap(), "name");
        assert!(names.iter().any(|name| name == "Page Read"), "also of the identity that came along: {names:?}");
        let order = facets["events"].as_array().unwrap().iter().find(|one| one["name"] == "Order Completed").unwrap();
        assert_eq!(order["last_at"], json!(ordered));
        let kinds: Vec<&str> = facets["kinds"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for kind in ["track", "identify", "tag", "stage", "merge"] {
            assert!(kinds.contains(&kind), "{kind} in {kinds:?}");
        }
        assert!(!kinds.contains(&"consent") && !kinds.contains(&"page"), "{kinds:?}");
        let sources = facets["sources"].as_array().unwrap();
        assert!(sources.contains(&json!("key:one")) && sources.contains(&json!("test")), "{sources:?}");
    })
    .await;
}
