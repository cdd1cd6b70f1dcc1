//! Entering at a date of the member's own, or by a schedule.

use serde_json::{Value, json};

use super::support::{DAY, HOUR, journeys::send, on_every_database, user};

fn entered_by(entry: Value, reentry: &str) -> Value {
    json!({"entry": entry, "reentry": {"policy": reentry}, "start": "mail", "steps": {"mail": send(None)}})
}

#[tokio::test]
async fn a_birthday_comes_each_year_once_and_the_29th_of_february_is_the_28th() {
    on_every_database(|mut bench| async move {
        let born = bench.identify(user("before"), json!({"birthday": "1992-02-29", "timezone": "Pacific/Kiritimati"}));
        bench.take(&[born]).await;
        let entry = json!({"date": {"trait": "birthday", "every": "year", "at": "09:00"}});
        let journey = bench.journey(entered_by(entry.clone(), "never")).await;
        bench.settle().await;
        let born = bench.identify(user("after"), json!({"birthday": "--02-29", "timezone": "Pacific/Honolulu"}));
        bench.take(&[born]).await;
        bench.run_to("2027-02-27T18:59:59Z").await;
        assert_eq!(bench.sent_at().await, [] as [String; 0]);
        bench.run_to("2027-03-05T00:00:00Z").await;
        // Nine o'clock on the 28th: first in Kiritimati, a day later in Honolulu.
        let first = ["mail 2027-02-27T19:00:00.000Z", "mail 2027-02-28T19:00:00.000Z"];
        assert_eq!(bench.sent_at().await, first);
        // Nobody has a birthday twice a year: not after a pause, an edit, a restart, or for saying it again otherwise.
        bench.journey_verb(journey, "pause").await;
        bench.journey_verb(journey, "resume").await;
        let entry = json!({"date": {"trait": "birthday", "every": "year", "at": "23:00", "offset": "P10D"}});
        bench.change_journey(journey, entered_by(entry, "never")).await;
        bench.journey_verb(journey, "publish").await;
        bench.restart().await;
        let again = bench.identify(user("before"), json!({"birthday": "1992/2/29"}));
        bench.take(&[again]).await;
        bench.run_to("2028-02-01T00:00:00Z").await;
        assert_eq!(bench.sent_at().await.len(), 2);
        bench.run_to("2028-04-01T00:00:00Z").await;
        assert_eq!(bench.sent_at().await[2..], ["mail 2028-03-10T09:00:00.000Z", "mail 2028-03-11T09:00:00.000Z"]);
        let keys = bench.texts("SELECT entry_key AS text FROM journey_runs ORDER BY id").await;
        assert_eq!(keys, ["2027-02-28", "2027-02-28", "2028-02-29", "2028-02-29"]);
    })
    .await;
}

#[tokio::test]
async fn never_again_is_never_again_on_the_same_occasion() {
    on_every_database(|mut bench| async move {
        // What a journey does that says nothing of re-entry.
        let once = |entry: Value| json!({"entry": entry, "start": "mail", "steps": {"mail": send(None)}});
        let yearly = bench.journey(once(json!({"date": {"trait": "birthday", "every": "year"}}))).await;
        let expiry = bench.journey(once(json!({"date": {"trait": "expires"}}))).await;
        let scheduled = bench.journey(once(json!({"schedule": {"every": "month", "on": [1]}}))).await;
        let says = bench.identify(user("a"), json!({"birthday": "1990-04-20", "expires": "2026-05-10"}));
        bench.take(&[says]).await;
        bench.run_to("2026-06-01T00:00:00Z").await;
        let renewed = bench.identify(user("a"), json!({"expires": "2027-05-10"}));
        bench.take(&[renewed]).await;
        bench.run_to("2028-06-01T00:00:00Z").await;
        let occasions = async |journey: base::ids::JourneyId| {
            let sql =
                format!("SELECT entry_key AS text FROM journey_runs WHERE journey_id = {} ORDER BY id", journey.0);
            bench.texts(&sql).await
        };
        assert_eq!(occasions(yearly).await, ["2026-04-20", "2027-04-20", "2028-04-20"], "each birthday is one");
        assert_eq!(occasions(expiry).await, ["2026-05-10", "2027-05-10"], "so is each date that is said");
        assert_eq!(occasions(scheduled).await, [""], "whom a schedule lets in, it lets in once");
    })
    .await;
}

#[tokio::test]
async fn a_lead_before_a_date_comes_once_for_each_date_and_moves_with_it() {
    on_every_database(|mut bench| async move {
        let entry = json!({"date": {"trait": "expires", "offset": "-P7D", "at": "10:00"}});
        bench.journey(entered_by(entry, "always")).await;
        let says = |bench: &super::support::Bench, date: &str| bench.identify(user("a"), json!({"expires": date}));
        bench.take(&[says(&bench, "2026-05-01")]).await;
        // Moved before its time: only the new date counts.
        bench.take(&[says(&bench, "2026-05-10")]).await;
        bench.run_to("2026-05-02T00:00:00Z").await;
        assert_eq!(bench.sent_at().await, [] as [String; 0]);
        bench.run_to("2026-05-04T00:00:00Z").await;
        assert_eq!(bench.sent_at().await, ["mail 2026-05-03T08:00:00.000Z"]);
        // Another date and back again: each once. One whose lead is past already is left alone.
        bench.take(&[says(&bench, "2026-05-08"), says(&bench, "2026-05-10")]).await;
        bench.take(&[says(&bench, "2026-06-10")]).await;
        bench.run_to("2026-07-01T00:00:00Z").await;
        assert_eq!(bench.sent_at().await[1..], ["mail 2026-06-03T08:00:00.000Z"]);
        assert_eq!(bench.number("SELECT COUNT(*) FROM timers WHERE kind = 'journey'").await, 0);
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_plans").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_schedule_enters_everybody_at_his_own_hour_and_new_members_too() {
    on_every_database(|mut bench| async move {
        let zones = ["Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin"];
        for zone in &zones[..2] {
            let member = bench.identify(user(zone), json!({"timezone": zone}));
            bench.take(&[member]).await;
        }
        let schedule = json!({"schedule": {"every": "week", "on": ["sun"], "at": "02:30"}});
        bench.journey(entered_by(schedule, "always")).await;
        bench.settle().await;
        let member = bench.identify(user(zones[2]), json!({}));
        bench.take(&[member]).await;
        // The clocks of Berlin skip half past two on this Sunday.
        bench.run_to("2026-03-30T00:00:00Z").await;
        let expected =
            ["mail 2026-03-28T12:30:00.000Z", "mail 2026-03-29T01:00:00.000Z", "mail 2026-03-29T12:30:00.000Z"];
        assert_eq!(bench.sent_at().await, expected);
        bench.run_to("2026-04-06T00:00:00Z").await;
        assert_eq!(bench.sent_at().await.len(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_schedule_for_a_segment_takes_those_who_are_in_it_at_the_moment() {
    on_every_database(|mut bench| async move {
        let tags = ["a", "b"].map(|name| bench.tag(user(name), "Tag Added", "vip"));
        bench.take(&tags).await;
        bench.take(&[bench.member("c")]).await;
        let segment = bench.segment(1, &json!({"tag": "vip"})).await;
        bench.settle().await;
        let schedule = json!({"schedule": {"every": "day", "at": "09:00", "zone": "workspace", "segment": segment}});
        bench.journey(entered_by(schedule, "always")).await;
        bench.settle().await;
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_plans").await, 2);
        let changes = [bench.tag(user("b"), "Tag Removed", "vip"), bench.tag(user("c"), "Tag Added", "vip")];
        bench.take(&changes).await;
        bench.run_to("2026-03-27T12:00:00Z").await;
        assert_eq!(bench.sent_at().await, ["mail 2026-03-27T08:00:00.000Z", "mail 2026-03-27T08:00:00.000Z"]);
        let addresses: Vec<String> = bench.deliveries().await.into_iter().map(|delivery| delivery.address).collect();
        assert_eq!(addresses, ["", "c@example.com"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_pause_has_missed_is_passed_over_and_what_a_standstill_has_missed_is_not() {
    on_every_database(|mut bench| async move {
        bench.take(&[bench.member("a")]).await;
        let schedule = json!({"schedule": {"every": "month", "on": [-1], "at": "12:00"}});
        let journey = bench.journey(entered_by(schedule, "always")).await;
        bench.settle().await;
        bench.journey_verb(journey, "pause").await;
        bench.run_to("2026-04-15T00:00:00Z").await;
        bench.journey_verb(journey, "resume").await;
        bench.settle().await;
        assert_eq!(bench.runs().await.len(), 0, "the end of March is past");
        // The process stands still over the end of April.
        bench.clock.set("2026-05-02T00:00:00Z".parse().unwrap());
        bench.restart().await;
        bench.settle().await;
        assert_eq!(bench.sent_at().await, ["mail 2026-04-30T10:00:00.000Z"]);
        bench.restart().await;
        bench.settle().await;
        assert_eq!(bench.sent_at().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_flies_over_the_date_line_is_not_entered_twice_for_one_day() {
    on_every_database(|mut bench| async move {
        let member = bench.identify(user("a"), json!({"timezone": "Pacific/Kiritimati"}));
        bench.take(&[member]).await;
        bench.journey(entered_by(json!({"schedule": {"every": "day", "at": "09:00"}}), "always")).await;
        bench.settle().await;
        bench.run_to("2026-03-26T20:00:00Z").await;
        assert_eq!(bench.sent_at().await, ["mail 2026-03-26T19:00:00.000Z"], "the 27th there");
        let flown = bench.identify(user("a"), json!({"timezone": "Pacific/Honolulu"}));
        bench.take(&[flown]).await;
        bench.advance(DAY);
        bench.settle().await;
        assert_eq!(bench.sent_at().await.len(), 1, "the 27th comes again in Honolulu");
        bench.advance(DAY + HOUR);
        bench.settle().await;
        assert_eq!(bench.sent_at().await[1..], ["mail 2026-03-28T19:00:00.000Z"]);
    })
    .await;
}

#[tokio::test]
async fn two_who_become_one_have_one_birthday() {
    on_every_database(|mut bench| async move {
        let entry = json!({"date": {"trait": "birthday", "every": "year"}});
        bench.journey(entered_by(entry, "never")).await;
        let people = ["a", "b"].map(|name| bench.identify(user(name), json!({"birthday": "04-01"})));
        bench.take(&people).await;
        let (a, b) = (bench.owner("a").await, bench.owner("b").await);
        let merge = bench.ids.next(base::ids::MergeId);
        let event = bench.command(a, people::identity::MEMBERS_MERGED, json!({"with": b, "merge": merge}));
        bench.take(&[event]).await;
        bench.run_to("2026-04-02T00:00:00Z").await;
        assert_eq!(bench.runs().await, ["completed 2026-04-01"]);
        assert_eq!(bench.number("SELECT COUNT(*) FROM journey_plans").await, 1);
        let event = bench.command(a, people::identity::MERGE_UNDONE, json!({ "merge": merge }));
        bench.take(&[event]).await;
        bench.run_to("2027-04-02T00:00:00Z").await;
        assert_eq!(bench.runs().await.len(), 3);
    })
    .await;
}
