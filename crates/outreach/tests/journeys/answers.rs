//! What comes back: traits that are set, answers of webhooks.

use base::{Event, Time};
use serde_json::{Value, json};

use super::support::{
    Bench, HOUR, START, WORKSPACE,
    journeys::{send, wait},
    on_every_database, user,
};

#[tokio::test]
async fn a_trait_that_a_step_sets_comes_through_the_log_and_null_clears_one() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Begun"}, "start": "set", "steps": {
                "set": {"type": "set", "traits": {"level": "gold", "points": 5, "trial": null}, "next": "mail"},
                "mail": send(None)}}))
            .await;
        let known = bench.identify(user("a"), json!({"trial": true, "name": "Ada"}));
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[known]).await;
        let seen = bench.number("SELECT last_seen_at FROM members").await;
        bench.advance(HOUR);
        let mut late = begun;
        late.received_at = bench.now();
        bench.take_all(&[late]).await;
        assert_eq!(bench.profile("a").await, json!({"level": "gold", "points": 5, "name": "Ada"}));
        assert_eq!(bench.number("SELECT last_seen_at FROM members").await, seen, "the member was not here for it");
        assert_eq!(bench.trace().await, ["entered", "set set", "mail queued", "completed"]);
    })
    .await;
}

async fn hook(bench: &Bench) {
    bench
        .run(
            "INSERT INTO channels (id, workspace_id, kind, name, config_json, state, created_at, updated_at)
             VALUES (11, $1, 'webhook', 'hook', '{}', 'active', 0, 0)",
            vec![WORKSPACE.0.into()],
        )
        .await;
}

async fn answer(bench: &Bench, traits: Value) -> Event {
    let run = base::ids::RunId(bench.number("SELECT id FROM journey_runs").await);
    let delivery = base::ids::DeliveryId(bench.number("SELECT id FROM deliveries WHERE step = 'call'").await);
    let journey = base::ids::JourneyId(bench.number("SELECT journey_id FROM journey_runs").await);
    let told = json!({"delivery": delivery, "journey": journey, "run": run, "step": "call", "status": 200, "ok": true,
        "traits": traits});
    Event { source: "outbox".to_owned(), ..bench.command(bench.owner("a").await, "Webhook Answered", told) }
}

fn calling(traits: Value, timeout: bool) -> Value {
    let mut call = json!({"type": "webhook", "traits": traits, "body": {"x": 1}, "next": "mail"});
    if timeout {
        call["timeout"] = json!("PT1H");
        call["timeout_next"] = json!("late");
    }
    json!({"entry": {"event": "Begun"}, "start": "call",
        "steps": {"call": call, "mail": wait("P9D", "late"), "late": send(None)}})
}

#[tokio::test]
async fn a_run_waits_for_the_answer_and_takes_traits_from_it() {
    on_every_database(|mut bench| async move {
        hook(&bench).await;
        bench.journey(calling(json!({"score": "result.score"}), true)).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[bench.member("a"), begun]).await;
        let options = bench.texts("SELECT options_json AS text FROM deliveries").await;
        let options: Value = serde_json::from_str(&options[0]).unwrap();
        assert_eq!(options, json!({"traits": {"score": "result.score"}, "answer": true}));
        // A brand's own event of that name is none.
        let mut false_one = answer(&bench, json!({"score": 1})).await;
        (false_one.kind, false_one.source) = (base::EventKind::Track, "key_x".to_owned());
        bench.take_all(&[false_one]).await;
        assert_eq!(bench.trace().await, ["entered", "call queued", "call waiting"]);
        bench.advance(HOUR - 1);
        bench.restart().await;
        let answer = answer(&bench, json!({"score": 7, "email": "mallory@example.com"})).await;
        bench.take_all(&[answer]).await;
        assert_eq!(bench.trace().await[3..], ["call answered", "mail waiting"]);
        let profile = bench.profile("a").await;
        assert_eq!((&profile["score"], &profile["email"]), (&json!(7), &json!("a@example.com")));
    })
    .await;
}

#[tokio::test]
async fn a_branch_after_a_call_knows_what_the_answer_gave() {
    on_every_database(|mut bench| async move {
        hook(&bench).await;
        let mut document = calling(json!({"tier": "tier"}), true);
        document["steps"]["call"]["next"] = json!("gold?");
        document["steps"]["gold?"] = json!({"type": "branch", "else": "late",
            "cases": [{"when": {"trait": "tier", "value": "gold"}, "next": "mail"}]});
        bench.journey(document).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[bench.member("a"), begun]).await;
        let answer = answer(&bench, json!({"tier": "gold"})).await;
        bench.take_all(&[answer]).await;
        assert_eq!(bench.trace().await[3..], ["call answered", "gold? branched", "mail waiting"]);
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_does_not_come_ends_the_wait_and_one_that_comes_late_still_gives_its_traits() {
    on_every_database(|mut bench| async move {
        hook(&bench).await;
        bench.journey(calling(json!({"score": "s"}), true)).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[bench.member("a"), begun]).await;
        bench.advance(HOUR);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["call", "late"]);
        assert_eq!(bench.deliveries().await[1].queued_at, START + HOUR);
        let answer = answer(&bench, json!({"score": 7})).await;
        bench.take_all(&[answer]).await;
        assert_eq!(bench.profile("a").await["score"], 7);
        assert_eq!(bench.sent_steps().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_call_without_a_timeout_holds_nobody_up() {
    on_every_database(|mut bench| async move {
        hook(&bench).await;
        bench.journey(calling(json!({}), false)).await;
        let begun = bench.track(user("a"), "Begun", json!({}));
        bench.take_all(&[bench.member("a"), begun]).await;
        assert_eq!(bench.trace().await, ["entered", "call queued", "mail waiting"]);
        assert_eq!(bench.texts("SELECT options_json AS text FROM deliveries").await, ["{}"]);
    })
    .await;
}

#[tokio::test]
async fn a_message_says_how_urgent_it_is_and_until_when_it_counts() {
    on_every_database(|mut bench| async move {
        let mut urgent = send(None);
        urgent["priority"] = json!("critical");
        urgent["expires"] = json!("P1D");
        let steps = json!({"mail": send(Some("urgent")), "urgent": urgent});
        bench.journey(json!({"entry": {"event": "Begun"}, "start": "mail", "steps": steps})).await;
        bench.take(&[bench.track(user("a"), "Begun", json!({}))]).await;
        let rows =
            "SELECT step || ' ' || CAST(priority AS TEXT) || ' ' || CAST(COALESCE(expires_at, 0) AS TEXT) AS text
                    FROM deliveries ORDER BY step";
        let expires: Time = "2026-03-27T10:00:00Z".parse().unwrap();
        assert_eq!(bench.texts(rows).await, ["mail 50 0".to_owned(), format!("urgent 100 {}", expires.millis())]);
    })
    .await;
}
