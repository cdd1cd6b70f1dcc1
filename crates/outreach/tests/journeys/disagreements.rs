//! What the interpreter and the stage have disagreed about, and the interpreter was right.

use base::ids::MergeId;
use people::identity::MEMBERS_MERGED;
use serde_json::{Value, json};

use super::support::{
    Bench, DAY, HOUR, MINUTE, START,
    journeys::{send, wait},
    on_every_database, user,
};

fn order(bench: &Bench, name: &str) -> base::Event {
    bench.track(user(name), "Order Completed", json!({}))
}

/// Publishes another document, and moves those under way.
async fn publish(bench: &Bench, id: base::ids::JourneyId, document: Value, mapping: Value) {
    bench.change_journey(id, document).await;
    bench.call("POST", &format!("/api/v1/journeys/{id}/publish"), json!({"running": {"move": mapping}})).await;
}

#[tokio::test]
async fn who_has_waited_long_enough_in_a_paused_journey_goes_on_when_it_is_resumed_and_not_before() {
    on_every_database(|mut bench| async move {
        let id = bench
            .journey(json!({"entry": {"event": "Order Completed"}, "start": "pause",
                "steps": {"pause": wait("P1D", "mail"), "mail": send(Some("more")), "more": wait("P3D", "last"),
                    "last": send(None)}}))
            .await;
        bench.take(&[bench.member("a"), order(&bench, "a")]).await;
        bench.journey_verb(id, "pause").await;
        bench.advance(9 * DAY);
        bench.settle().await;
        bench.journey_verb(id, "resume").await;
        // Where time has come to is not known after a start.
        bench.restart().await;
        bench.settle().await;
        assert_eq!(bench.sent_at().await, ["mail 2026-04-04T10:00:00.000Z"]);
        bench.advance(3 * DAY - HOUR);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["mail"], "the next wait begins then");
    })
    .await;
}

#[tokio::test]
async fn who_is_moved_before_a_task_has_all_its_time() {
    on_every_database(|mut bench| async move {
        let entry = json!({"event": "Order Completed"});
        let id = bench
            .journey(
                json!({"entry": entry, "start": "pause", "steps": {"pause": wait("P9D", "mail"), "mail": send(None)}}),
            )
            .await;
        bench.take(&[bench.member("a"), order(&bench, "a")]).await;
        bench.advance(3 * DAY);
        let call = json!({"type": "task", "title": "Call", "due": "P2D", "expired": "late", "next": null});
        let document = json!({"entry": entry, "start": "call", "steps": {"call": call, "late": send(None)}});
        publish(&bench, id, document, json!({"pause": "call"})).await;
        bench.settle().await;
        assert_eq!(bench.texts("SELECT state AS text FROM journey_tasks").await, ["open"]);
        bench.advance(2 * DAY - 2 * HOUR);
        bench.settle().await;
        assert!(bench.sent_steps().await.is_empty());
        bench.advance(2 * HOUR);
        bench.settle().await;
        assert_eq!(bench.sent_steps().await, ["late"]);
    })
    .await;
}

#[tokio::test]
async fn a_run_that_was_moved_goes_by_the_goal_of_its_new_version_also_when_it_has_ended() {
    on_every_database(|mut bench| async move {
        let document = |within: &str| {
            json!({"entry": {"event": "Order Completed"}, "goal": {"event": "Page Read", "within": within},
                "start": "pause", "steps": {"pause": wait("P9D", "mail"), "mail": send(None)}})
        };
        let id = bench.journey(document("P1D")).await;
        bench.take(&[bench.member("a"), order(&bench, "a")]).await;
        bench.advance(HOUR);
        publish(&bench, id, document("P5D"), json!({"pause": "mail"})).await;
        bench.settle().await;
        assert_eq!(bench.runs().await, ["completed"]);
        bench.advance(3 * DAY);
        let read = bench.track(user("a"), "Page Read", json!({}));
        bench.take(&[read]).await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_runs WHERE goal_at IS NOT NULL").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_cooldown_of_days_goes_by_the_clock_of_the_member() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"event": "Order Completed"}, "reentry": {"policy": "always", "cooldown": "P1D"},
                "start": "mail", "steps": {"mail": send(None)}}))
            .await;
        let member = bench.identify(user("a"), json!({"email": "a@example.com", "timezone": "Asia/Shanghai"}));
        bench.take(&[member]).await;
        // The day after this has 23 hours in Berlin, where the workspace is.
        bench.run_to("2026-03-28T12:00:00Z").await;
        for (hours, entries) in [(0, 1), (23, 1), (1, 2)] {
            bench.advance(hours * HOUR);
            let again = order(&bench, "a");
            bench.take(&[again]).await;
            assert_eq!(bench.sent_steps().await.len(), entries);
        }
    })
    .await;
}

#[tokio::test]
async fn a_row_of_an_import_enters_with_the_key_that_it_has() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"import": true}, "key": "properties.contract", "start": "mail",
                "steps": {"mail": send(None)}}))
            .await;
        for contract in ["c1", "c2", "c1"] {
            let row = bench.identify(user("a"), json!({"email": "a@example.com", "contract": contract}));
            bench.take(&[base::Event { source: "import:imp_1".to_owned(), ..row }]).await;
        }
        assert_eq!(bench.runs().await, ["completed c1", "completed c2"]);
    })
    .await;
}

#[tokio::test]
async fn a_schedule_that_takes_the_place_of_birthdays_asks_nothing_of_them() {
    on_every_database(|mut bench| async move {
        let entered_by = |entry: Value| {
            json!({"entry": entry, "reentry": {"policy": "always"}, "start": "mail", "steps": {"mail": send(None)}})
        };
        let birthday = json!({"date": {"trait": "birthday", "every": "year", "offset": "-P7D", "at": "09:00"}});
        let id = bench.journey(entered_by(birthday)).await;
        // A week before, on the clock of Berlin, is the 27th of March.
        let member = bench.identify(user("a"), json!({"email": "a@example.com", "birthday": "1990-04-03"}));
        bench.take(&[member]).await;
        bench.run_to("2026-03-28T10:00:00Z").await;
        assert_eq!(bench.sent_at().await, ["mail 2026-03-27T08:00:00.000Z"]);
        bench.change_journey(id, entered_by(json!({"schedule": {"every": "day", "at": "09:00"}}))).await;
        bench.journey_verb(id, "publish").await;
        bench.settle().await;
        bench.run_to("2026-03-30T10:00:00Z").await;
        assert_eq!(bench.sent_steps().await.len(), 3, "on the 29th and the 30th");
        // Nor do birthdays of the days of a schedule.
        let contract = json!({"date": {"trait": "contract", "every": "year", "at": "09:00"}});
        bench.change_journey(id, entered_by(contract)).await;
        bench.journey_verb(id, "publish").await;
        let said = bench.identify(user("a"), json!({"contract": "2020-04-02"}));
        bench.take(&[said]).await;
        bench.run_to("2026-04-02T10:00:00Z").await;
        assert_eq!(bench.sent_steps().await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn two_who_become_one_have_had_the_birthdays_of_both() {
    on_every_database(|mut bench| async move {
        bench
            .journey(json!({"entry": {"date": {"trait": "birthday", "every": "year", "at": "09:00"}}, "start": "mail",
                "steps": {"mail": send(None)}}))
            .await;
        let of = |bench: &Bench, name: &str, day: &str| {
            bench.identify(user(name), json!({"email": format!("{name}@example.com"), "birthday": day}))
        };
        let first = of(&bench, "a", "1990-03-28");
        bench.take(&[first]).await;
        bench.run_to("2026-03-28T10:00:00Z").await;
        assert_eq!(bench.sent_steps().await.len(), 1);
        let second = of(&bench, "b", "1990-03-30");
        bench.take(&[second]).await;
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        let merge = bench.ids.next(MergeId);
        let event = bench.command(b, MEMBERS_MERGED, json!({"with": a, "merge": merge}));
        bench.take(&[event]).await;
        bench.run_to("2026-04-10T10:00:00Z").await;
        assert_eq!(bench.sent_steps().await.len(), 1, "nobody has two birthdays a year");
    })
    .await;
}

#[tokio::test]
async fn what_two_runs_of_two_who_became_one_say_last_does_not_depend_on_a_restart() {
    let said = async |restarts: bool| {
        let database = super::support::TestDatabase::sqlite().await;
        let mut bench = Bench::on(&database).await;
        bench
            .journey(json!({"entry": {"event": "Order Completed"}, "reentry": {"policy": "always"},
                "start": "hours", "steps": {
                    "hours": {"type": "wait", "window": {"from": "18:00", "to": "19:00"}, "next": "which"},
                    "which": {"type": "wait", "for": "PT1H", "next": "set"},
                    "set": {"type": "set", "traits": {"level": "order"}}}}))
            .await;
        bench
            .journey(json!({"entry": {"event": "Page Read"}, "start": "hours", "steps": {
                "hours": {"type": "wait", "window": {"from": "18:00", "to": "19:00"}, "next": "which"},
                "which": {"type": "wait", "for": "PT1H", "next": "set"},
                "set": {"type": "set", "traits": {"level": "page"}}}}))
            .await;
        let people = [bench.member("a"), bench.member("b")];
        bench.take(&people).await;
        // He who is absorbed enters first.
        let entering = order(&bench, "b");
        bench.take(&[entering]).await;
        bench.advance(MINUTE);
        let entering = bench.track(user("a"), "Page Read", json!({}));
        bench.take(&[entering]).await;
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        let merge = bench.ids.next(MergeId);
        let event = bench.command(a, MEMBERS_MERGED, json!({"with": b, "merge": merge}));
        bench.take(&[event]).await;
        if restarts {
            bench.restart().await;
        }
        bench.clock.set(base::Time::from_millis(START + DAY));
        bench.settle().await;
        let level = bench.profile("a").await["level"].clone();
        drop(bench);
        database.drop_database().await;
        level
    };
    assert_eq!(said(true).await, said(false).await);
}
