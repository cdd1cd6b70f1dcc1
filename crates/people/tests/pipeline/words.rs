//! Words that can be chosen while a rule is written are those that the workspace has.

use serde_json::{Value, json};

use super::support::{
    Bench, HOUR, on_every_database,
    routes::{ask, ask_still},
    user,
};

async fn words(bench: &Bench, query: &str) -> Value {
    let (status, words) = ask_still(bench, "GET", &format!("/api/v1/rule-words?{query}"), Value::Null).await;
    assert_eq!(status, 200, "{query}: {words}");
    words
}

fn names(words: &Value) -> Vec<&str> {
    words["items"].as_array().unwrap().iter().map(|word| word["name"].as_str().unwrap()).collect()
}

async fn world(bench: &mut Bench) {
    for (who, city, level) in [("a", "Bonn", 1), ("b", "Berlin", 2), ("c", "Bonn", 3)] {
        let traits = json!({"city": city, "level": level, "home": {"zip": "53111"}});
        bench.take(&[bench.identify(user(who), traits)]).await;
        let order = json!({"revenue": 10 * level, "items": [{"sku": format!("sku of {who}")}], "paid": true});
        bench.take(&[bench.track(user(who), "Order Completed", order)]).await;
        bench.take(&[bench.tag(user(who), "Tag Added", "vip")]).await;
        bench.advance(HOUR);
    }
    bench.take(&[bench.track(user("a"), "Page Read", json!({}))]).await;
    bench.take(&[bench.track(user("a"), "Group Joined", json!({"group_id": "readers"}))]).await;
    let (status, answer) =
        ask(bench, "PUT", "/api/v1/traits/level", json!({"title": "Stufe", "value_type": "number"})).await;
    assert_eq!(status, 204, "{answer}");
    let hot = json!({"kind": "dynamic", "rule": {"trait": "level", "op": "gte", "value": 3}});
    let (status, answer) = ask(bench, "PUT", "/api/v1/tags/hot", hot).await;
    assert_eq!(status, 204, "{answer}");
    let segment = json!({"name": "In Bonn", "rule": {"trait": "city", "value": "Bonn"}});
    let (status, answer) = ask(bench, "POST", "/api/v1/segments", segment).await;
    assert_eq!(status, 201, "{answer}");
    bench.idle().await;
}

#[tokio::test]
async fn events_and_their_properties_are_those_that_came() {
    on_every_database(|mut bench| async move {
        world(&mut bench).await;
        let events = words(&bench, "of=events").await;
        let found = names(&events);
        let place = |name: &str| found.iter().position(|other| *other == name);
        assert!(place("Order Completed") < place("Page Read"), "what came more often comes first: {found:?}");
        assert!(place("Order Completed").is_some() && place("Tag Added").is_none(), "no commands: {found:?}");
        assert_eq!(names(&words(&bench, "of=events&search=order").await), ["Order Completed"]);

        let properties = words(&bench, "of=properties&event=Order%20Completed").await;
        let mut found = names(&properties);
        found.sort_unstable();
        assert_eq!(found, ["items", "items.sku", "paid", "revenue"]);
        let revenue = properties["items"].as_array().unwrap().iter().find(|word| word["name"] == "revenue").unwrap();
        assert_eq!((&revenue["types"], &revenue["examples"]), (&json!(["number"]), &json!([30, 20, 10])));
        assert_eq!(names(&words(&bench, "of=properties&event=Unheard").await), [""; 0]);

        let values = words(&bench, "of=values&event=Order%20Completed&property=items.sku&search=of%20b").await;
        assert_eq!(names(&values), ["sku of b"]);
        let (status, problem) = ask_still(&bench, "GET", "/api/v1/rule-words?of=properties", Value::Null).await;
        assert_eq!((status, &problem["errors"][0]["path"]), (400, &json!("event")));
    })
    .await;
}

#[tokio::test]
async fn traits_and_values_are_all_there_are_once_a_rule_was_previewed() {
    on_every_database(|mut bench| async move {
        world(&mut bench).await;
        let level = |words: &Value| words["items"].as_array().unwrap().iter().find(|word| word["name"] == "level").cloned();
        let before = words(&bench, "of=traits").await;
        assert_eq!(before["complete"], false, "these are of a sample");
        let word = level(&before).unwrap();
        assert_eq!((&word["title"], &word["types"], &word["defined"]), (&json!("Stufe"), &json!(["number"]), &json!(true)));
        assert_eq!(names(&words(&bench, "of=traits&search=stu").await), ["level"]);
        assert!(names(&before).contains(&"home.zip"));
        assert_eq!(words(&bench, "of=values&trait=city").await["items"][0]["members"], Value::Null);

        let rule = json!({"rule": {"trait": "city", "value": "Bonn"}});
        assert_eq!(ask_still(&bench, "POST", "/api/v1/segments/preview", rule).await.0, 200);
        assert_eq!(words(&bench, "of=traits").await["complete"], true);
        let values = words(&bench, "of=values&trait=city").await;
        let expected = json!([{"name": "Bonn", "value": "Bonn", "members": 2}, {"name": "Berlin", "value": "Berlin", "members": 1}]);
        assert_eq!((&values["items"], &values["complete"]), (&expected, &json!(true)));
        assert_eq!(words(&bench, "of=values&trait=home.zip").await["items"][0]["members"], 3);
        assert_eq!(names(&words(&bench, "of=values&trait=level&limit=1&search=3").await), ["3"]);
    })
    .await;
}

#[tokio::test]
async fn tags_stages_segments_and_groups_come_with_what_a_rule_writes_for_them() {
    on_every_database(|mut bench| async move {
        world(&mut bench).await;
        let rule = json!({"rule": {"tag": "vip"}});
        assert_eq!(ask_still(&bench, "POST", "/api/v1/segments/preview", rule).await.0, 200);
        let tags = words(&bench, "of=tags").await;
        let expected = json!([
            {"name": "hot", "kind": "dynamic", "members": 1}, {"name": "vip", "kind": "static", "members": 3},
        ]);
        assert_eq!(tags["items"], expected);
        assert_eq!(names(&words(&bench, "of=tags&search=v").await), ["vip"]);
        let stages = words(&bench, "of=stages").await;
        assert_eq!(stages["items"][0]["key"], "stranger");
        assert!(stages["items"].as_array().unwrap().iter().any(|word| word["key"] == "buyer"), "{stages}");
        let segments = words(&bench, "of=segments&search=bonn").await;
        let segment = &segments["items"][0];
        assert_eq!(
            (&segment["name"], &segment["members"], &segment["state"]),
            (&json!("In Bonn"), &json!(2), &json!("live"))
        );
        let (status, _) =
            ask_still(&bench, "GET", &format!("/api/v1/segments/{}", segment["key"].as_str().unwrap()), Value::Null)
                .await;
        assert_eq!(status, 200);
        let groups = words(&bench, "of=groups").await;
        assert_eq!(groups["items"][0]["name"], "readers");
        assert!(groups["items"][0]["key"].as_str().unwrap().starts_with("grp_"));
    })
    .await;
}
