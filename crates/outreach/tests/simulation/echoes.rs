//! What a journey sets is known before its next step looks at the member: in a simulation as well, and in a file of
//! scenarios.

use outreach::journeys::scenario;
use serde_json::{Value, json};
use testing::{HOUR, MINUTE, user};

use crate::workshop::{on_every_database, send, stages};

fn document() -> Value {
    json!({"entry": {"event": "Came"}, "start": "set", "steps": {
        "set": {"type": "set", "traits": {"level": 2}, "next": "mark"},
        "mark": {"type": "tag", "add": ["known"], "remove": ["new"], "next": "which"},
        "which": {"type": "branch", "else": null, "cases": [{"next": "hello",
            "when": {"all": [{"trait": "level", "value": 2}, {"tag": "known"}, {"not": {"tag": "new"}}]}}]},
        "hello": send(None)}})
}

#[tokio::test]
async fn a_simulation_goes_by_what_its_journey_has_set() {
    on_every_database(|mut workshop| async move {
        let bench = &mut workshop.bench;
        bench.take(&[bench.identify(user("a"), json!({"level": 1})), bench.tag(user("a"), "Tag Added", "new")]).await;
        bench.advance(HOUR);
        let from = bench.now();
        bench.advance(HOUR);
        bench.take(&[bench.track(user("a"), "Came", json!({}))]).await;
        bench.advance(MINUTE);
        let to = bench.now();
        let id = workshop.draft(document()).await;
        let result = workshop.simulate(id, json!({"from": from, "to": to})).await;
        assert_eq!(result["steps"]["which"]["ways"], json!({"case 0": 1}), "{result}");
        assert_eq!(result["messages"][0]["count"], 1);
    })
    .await;
}

#[tokio::test]
async fn a_scenario_goes_by_what_its_journey_has_set() {
    let file = json!({"document": document(), "scenarios": [{
        "name": "known at once", "at": "2026-03-26T10:00:00Z", "member": {"traits": {"level": 1}, "tags": ["new"]},
        "events": [{"event": "Came"}],
        "expect": {"steps": ["set", "mark", "which", "hello"], "tags": ["known"], "no_tags": ["new"]}}]});
    let outcomes = scenario::run_all(&serde_json::from_value(file).unwrap(), stages).await.unwrap().unwrap();
    assert!(outcomes[0].passed, "{:?}", outcomes[0].differences);
}
