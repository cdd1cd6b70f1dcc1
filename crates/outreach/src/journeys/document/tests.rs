//! What documents are accepted, and at which path the others are refused.

use base::{Code, ids::TemplateId};
use serde_json::{Value, json};

use super::*;

fn with_steps(steps: Value) -> Value {
    json!({"entry": {"event": "Group Joined"}, "start": "s1", "steps": steps})
}

/// What a document is refused for; everything that is wrong with it begins with that, and is told in both languages.
fn refused(document: Value) -> (Code, String) {
    let problem = Document::parse(&document).unwrap_err();
    let all = Document::examine(&document).1.into_inner();
    assert_eq!(all[0], problem);
    for error in all.iter().flat_map(|problem| &problem.errors) {
        let words = crate::journeys::words::problems::in_words(&error.path, &error.message);
        assert!(words.zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{error:?}");
    }
    (problem.code, problem.errors[0].path.clone())
}

/// The paths of everything that is wrong.
fn all_wrong(document: &Value) -> Vec<String> {
    let problems = Document::examine(document).1.into_inner();
    problems.iter().map(|problem| problem.errors[0].path.clone()).collect()
}

#[test]
fn reads_a_journey() {
    let document = json!({"entry": {"event": "Group Joined"}, "reentry": {"policy": "after_exit", "cooldown": "P30D"},
        "key": "properties.cart_id", "exit": [{"event": "Order Completed"}],
        "goal": {"event": "Order Completed", "within": "P7D"}, "holdout": 0.1, "start": "s1",
        "steps": {"s1": {"type": "wait", "for": "PT1H", "next": "s2"},
            "s2": {"type": "branch", "cases": [{"when": {"event": "Message Posted", "within": "PT1H"}, "next": "s3"}], "else": "s4"},
            "s3": {"type": "send", "channel": "email", "template": TemplateId(5), "next": null},
            "s4": {"type": "tag", "add": ["quiet"], "next": null}}});
    let parsed = Document::parse(&document).unwrap();
    assert_eq!(parsed.steps.len(), 4);
    assert_eq!(parsed.rules().count(), 1);
}

#[test]
fn refuses_a_circle_without_a_wait() {
    let circle = with_steps(
        json!({"s1": {"type": "tag", "add": ["a"], "next": "s2"}, "s2": {"type": "tag", "add": ["b"], "next": "s1"}}),
    );
    assert_eq!(refused(circle).0, Code::JourneyCycle);
    let itself =
        with_steps(json!({"s1": {"type": "branch", "cases": [{"when": {"tag": "x"}, "next": "s1"}], "else": null}}));
    assert_eq!(refused(itself).0, Code::JourneyCycle);
    let with_wait = with_steps(
        json!({"s1": {"type": "wait", "for": "P1D", "next": "s2"}, "s2": {"type": "tag", "add": ["b"], "next": "s1"}}),
    );
    assert!(Document::parse(&with_wait).is_ok());
}

#[test]
fn refuses_a_journey_that_feeds_itself() {
    let fed = |entry: &str, reentry: Value, steps: Value| {
        Document::parse(&json!({"entry": {"event": entry}, "reentry": reentry, "start": "s1", "steps": steps}))
    };
    let mail = json!({"s1": {"type": "send", "channel": "email", "template": TemplateId(5)}});
    let tag = json!({"s1": {"type": "tag", "add": ["a"]}});
    let late = json!({"s1": {"type": "wait", "for": "P1D", "next": "s2"}, "s2": {"type": "tag", "add": ["a"]}});
    let always = json!({"policy": "always"});
    for (entry, steps) in [("Email Sent", &mail), ("Email Bounced", &mail), ("Tag Added", &tag), ("Tag Added", &late)] {
        assert_eq!(fed(entry, always.clone(), steps.clone()).unwrap_err().code, Code::JourneyCycle, "{entry}");
    }
    assert_eq!(fed("Tag Added", json!({"policy": "after_exit"}), tag.clone()).unwrap_err().code, Code::JourneyCycle);
    for (entry, reentry, steps) in [
        ("Email Sent", json!({"policy": "never"}), &mail),
        ("Email Sent", json!({"policy": "always", "cooldown": "P1D"}), &mail),
        ("Webhook Sent", always.clone(), &mail),
        ("Email Opened", always.clone(), &mail),
        ("Tag Removed", always, &tag),
        ("Tag Added", json!({"policy": "after_exit"}), &late),
    ] {
        assert!(fed(entry, reentry, steps.clone()).is_ok(), "{entry}");
    }
    let by_id = json!({"s1": {"type": "send", "channel": "chn_0000000000001", "template": TemplateId(5)}});
    let document = fed("Email Sent", json!({"policy": "always"}), by_id).unwrap();
    assert!(document.check_feeding(&|_| Some("webhook".to_owned())).is_ok());
    assert!(document.check_feeding(&|_| Some("email".to_owned())).is_err());
}

#[test]
fn two_ways_to_one_step_are_no_circle() {
    let diamond = with_steps(json!({
        "s1": {"type": "branch", "cases": [{"when": {"tag": "x"}, "next": "s2"}], "else": "s3"},
        "s2": {"type": "tag", "add": ["a"], "next": "s4"}, "s3": {"type": "tag", "add": ["b"], "next": "s4"},
        "s4": {"type": "exit"}}));
    assert!(Document::parse(&diamond).is_ok());
}

#[test]
fn names_the_path_of_what_is_wrong() {
    let steps: serde_json::Map<String, Value> = (0..500).map(|n| (format!("s{n}"), json!({"type": "exit"}))).collect();
    let (code, path) = refused(with_steps(Value::Object(steps)));
    assert_eq!((code, path.as_str()), (Code::TooManySteps, "document.steps"));
    let window = |window: Value| json!({"type": "wait", "window": window});
    let split = |shares: [f64; 2]| json!({"type": "split", "ways": shares.map(|share| json!({"share": share}))});
    for (step, path) in [
        (json!({"type": "wait", "for": "P1D", "next": "s9"}), "s1.next"),
        (json!({"type": "wait", "event": "A", "timeout": "P1D", "timeout_next": "s9"}), "s1.timeout_next"),
        (json!({"type": "branch", "cases": [{"when": {"tag": "x"}, "next": "s9"}]}), "s1.cases[0].next"),
        (json!({"type": "branch", "cases": [{"when": {"tag": "x"}}], "else": "s9"}), "s1.else"),
        (json!({"type": "split", "ways": [{"share": 0.5, "next": "s9"}, {"share": 0.5}]}), "s1.ways[0].next"),
        (json!({"type": "holdout", "share": 0.1, "held": "s9"}), "s1.held"),
        (json!({"type": "task", "title": "call", "outcomes": {"won": "s9"}}), "s1.outcomes.won"),
        (json!({"type": "task", "title": "call", "due": "P1D", "expired": "s9"}), "s1.expired"),
        (json!({"type": "webhook", "timeout": "P1D", "timeout_next": "s9"}), "s1.timeout_next"),
        (json!({"type": "wait", "for": "P1D", "untl": 1}), "s1.untl"),
        (json!({"type": "wait", "for": "P1D", "timeout": "P1D"}), "s1.timeout"),
        (json!({"type": "wait"}), "s1"),
        (json!({"type": "wait", "for": "P1D", "until": "2026-01-01T00:00:00Z"}), "s1"),
        (json!({"type": "wait", "for": "-P1D"}), "s1.for"),
        (json!({"type": "wait", "until": "tomorrow"}), "s1.until"),
        (json!({"type": "wait", "until": {"trait": "t", "offset": "soon"}}), "s1.until.offset"),
        (json!({"type": "wait", "until": {"at": "09:00"}}), "s1.until.trait"),
        (json!({"type": "wait", "until": {"trait": "t", "at": "9"}}), "s1.until.at"),
        (window(json!({"from": "09:00"})), "s1.window.to"),
        (window(json!({"from": "09:00", "to": "09:00"})), "s1.window.to"),
        (window(json!({"days": ["monday"], "from": "09:00", "to": "10:00"})), "s1.window.days[0]"),
        (window(json!({"from": "09:00", "to": "10:00", "zone": "x"})), "s1.window.zone"),
        (json!({"type": "wait", "event": "A", "match": [{"property": "x"}]}), "s1.match[0].entry"),
        (json!({"type": "wait", "event": "A", "timeout_next": "s1"}), "s1.timeout"),
        (json!({"type": "wait", "segment": "vip"}), "s1.segment"),
        (json!({"type": "branch", "cases": [{"when": {"tga": "x"}}]}), "s1.cases[0].when"),
        (json!({"type": "branch", "cases": []}), "s1.cases"),
        (split([0.5, 0.4]), "s1.ways"),
        (split([1.5, -0.5]), "s1.ways[0].share"),
        (json!({"type": "holdout"}), "s1.share"),
        (json!({"type": "send", "channel": "email", "template": "x"}), "s1.template"),
        (json!({"type": "send", "channel": "email", "template": TemplateId(5), "priority": "urgent"}), "s1.priority"),
        (json!({"type": "send", "channel": "email", "template": TemplateId(5), "expires": 5}), "s1.expires"),
        (json!({"type": "tag"}), "s1"),
        (json!({"type": "set", "traits": {}}), "s1.traits"),
        (json!({"type": "set", "traits": {"email": "a@b.c"}}), "s1.traits.email"),
        (json!({"type": "set", "traits": {"Phone": "1"}}), "s1.traits.Phone"),
        (json!({"type": "webhook", "traits": {"user_id": "id"}}), "s1.traits.user_id"),
        (json!({"type": "webhook", "body": 5}), "s1.body"),
        (json!({"type": "task"}), "s1.title"),
        (json!({"type": "task", "title": "call", "expired": null, "duo": 1}), "s1.duo"),
        (json!({"type": "dance"}), "s1.type"),
        (json!({"type": "exit", "next": "s1"}), "s1.next"),
    ] {
        let (_, found) = refused(with_steps(json!({"s1": step})));
        assert_eq!(found, format!("document.steps.{path}"), "{step}");
    }
    let whole = |field: &str, value: Value| {
        let mut document = with_steps(json!({"s1": {"type": "exit"}}));
        document[field] = value;
        refused(document).1
    };
    for (field, value, path) in [
        ("start", json!("zz"), "document.start"),
        ("holdout", json!(2), "document.holdout"),
        ("colour", json!("red"), "document.colour"),
        ("entry", json!({"event": "A", "segment": "seg_0000000000001"}), "document.entry.event"),
        ("entry", json!({"manual": false}), "document.entry.manual"),
        ("entry", json!({"date": {"trait": "birthday", "every": "month"}}), "document.entry.date.every"),
        ("entry", json!({"date": {"every": "year"}}), "document.entry.date.trait"),
        ("entry", json!({"date": {"trait": "b", "every": "year", "offset": "P2Y"}}), "document.entry.date.offset"),
        ("entry", json!({"date": {"trait": "b", "at": "25:00"}}), "document.entry.date.at"),
        ("entry", json!({"schedule": {"every": "day", "on": ["mon"]}}), "document.entry.schedule.on"),
        ("entry", json!({"schedule": {"every": "month", "on": [0]}}), "document.entry.schedule.on[0]"),
        ("entry", json!({"schedule": {"every": "week", "on": [1]}}), "document.entry.schedule.on[0]"),
        ("entry", json!({"schedule": {"every": "week", "zone": "mars"}}), "document.entry.schedule.zone"),
        ("entry", json!({"schedule": {"every": "week", "segment": "vip"}}), "document.entry.schedule.segment"),
        ("exit", json!([{"segment": "vip"}]), "document.exit[0].segment"),
        ("exit", json!([{"event": "A", "within": "P1D"}]), "document.exit[0].within"),
        ("goal", json!({"segment": "seg_0000000000001", "in": 1}), "document.goal.in"),
        ("goal", json!({"event": "A", "within": "yesterday"}), "document.goal.within"),
        ("reentry", json!({"policy": "often"}), "document.reentry.policy"),
    ] {
        assert_eq!(whole(field, value.clone()), path, "{value}");
    }
}

#[test]
fn a_circle_needs_a_wait_at_which_time_passes() {
    let seg = base::ids::SegmentId(1);
    for wait in [
        json!({"type": "wait", "until": "2020-01-01T00:00:00Z", "next": "s2"}),
        json!({"type": "wait", "window": {"from": "09:00", "to": "18:00"}, "next": "s2"}),
        json!({"type": "wait", "segment": seg, "timeout": "P1D", "timeout_next": "s2", "next": "s2"}),
        json!({"type": "webhook", "timeout": "P1D", "timeout_next": "s2", "next": "s2"}),
        json!({"type": "split", "ways": [{"share": 0.5, "next": "s2"}, {"share": 0.5}]}),
        json!({"type": "holdout", "share": 0.5, "held": "s2"}),
    ] {
        let steps = json!({"s1": wait, "s2": {"type": "tag", "add": ["b"], "next": "s1"}});
        assert_eq!(refused(with_steps(steps)).0, Code::JourneyCycle, "{wait}");
    }
    for wait in [
        json!({"type": "wait", "for": "PT1H", "next": "s2"}),
        json!({"type": "wait", "event": "A", "next": "s2"}),
        json!({"type": "task", "title": "call", "next": "s2"}),
    ] {
        let steps = json!({"s1": wait, "s2": {"type": "tag", "add": ["b"], "next": "s1"}});
        assert!(Document::parse(&with_steps(steps)).is_ok(), "{wait}");
    }
}

#[test]
fn setting_traits_and_answers_feed_as_well() {
    let fed = |entry: &str, step: Value| {
        let document =
            json!({"entry": {"event": entry}, "reentry": {"policy": "always"}, "start": "s1", "steps": {"s1": step}});
        Document::parse(&document).map(|_| ()).map_err(|problem| problem.code)
    };
    let refused = Err(Code::JourneyCycle);
    assert_eq!(fed("Identified", json!({"type": "set", "traits": {"a": 1}})), refused);
    assert_eq!(fed("Identified", json!({"type": "webhook", "traits": {"a": "b"}})), refused);
    assert_eq!(fed("Webhook Answered", json!({"type": "webhook", "timeout": "P1D"})), refused);
    assert_eq!(fed("Webhook Answered", json!({"type": "webhook"})), Ok(()));
    assert_eq!(fed("Tag Added", json!({"type": "set", "traits": {"a": 1}})), Ok(()));
    assert_eq!(fed("Journey Change Awaited", json!({"type": "set", "traits": {"a": 1}})), refused);
    assert_eq!(fed("Journey Change Awaited", json!({"type": "exit"})), Ok(()));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let document = json!({"entry": {"event": ""}, "colour": "red", "holdout": 2, "start": "nowhere", "steps": {
        "a": {"type": "send", "topic": 5, "next": "b"},
        "b": {"type": "wait", "event": "A", "where": [{"op": "eq"}], "match": [{"entry": "x"}], "timeout_next": "zz"},
        "c": {"type": "branch", "cases": [{"when": {"tga": "x"}, "next": "zz"}, {"next": "a"}], "else": "yy"},
        "d": {"type": "tag", "add": ["x"], "next": "e"}, "e": {"type": "tag", "add": ["y"], "next": "d"},
        "f": {"type": "dance", "next": "xx"}}, "layout": {"a": {"x": "left", "y": 1e9}, "gone": {"x": 1, "y": 2, "z": 3}}});
    let at = |fields: &[&str]| -> Vec<String> { fields.iter().map(|field| format!("document.{field}")).collect() };
    assert_eq!(
        all_wrong(&document),
        at(&[
            "colour",
            "entry.event",
            "holdout",
            "steps.a.template",
            "steps.a.channel",
            "steps.a.topic",
            "steps.b.match[0].property",
            "steps.b.where[0].property",
            "steps.b.timeout",
            "steps.c.cases[0].when",
            "steps.c.cases[1].when",
            "steps.f.type",
            "layout.a.x",
            "layout.a.y",
            "layout.gone.z",
            "start",
            "steps.b.timeout_next",
            "steps.c.else",
            "steps.c.cases[0].next",
            "steps.f.next",
            "steps.d",
        ])
    );
    assert_eq!(all_wrong(&json!([])), ["document"]);
    assert_eq!(all_wrong(&json!({})), ["document.entry", "document.start", "document.steps"]);
}

#[test]
fn a_step_that_cannot_be_read_still_leads_on() {
    let draft =
        with_steps(json!({"s1": {"type": "send", "next": "s2"}, "s2": {"type": "exit"}, "s3": {"type": "exit"}}));
    let (document, _) = Document::examine(&draft);
    assert_eq!(document.graph(&draft).unreachable(), ["s3"]);
    let nowhere = json!({"start": "s9", "steps": {"s1": {"type": "exit"}}});
    assert_eq!(Document::examine(&nowhere).0.graph(&nowhere).unreachable(), Vec::<&str>::new());
}

#[test]
fn titles_comments_and_the_layout_change_nothing() {
    let plain = with_steps(json!({"s1": {"type": "wait", "for": "P1D", "next": "s2"}, "s2": {"type": "exit"}}));
    let mut drawn = plain.clone();
    drawn["layout"] = json!({"s1": {"x": -12.5, "y": 80}, "$entry": {"x": 0, "y": 0}, "gone": {"x": 1, "y": 1}});
    drawn["steps"]["s1"]["title"] = json!("Wait a day");
    drawn["steps"]["s1"]["comment"] = json!("x".repeat(1_000));
    drawn["steps"]["s2"]["title"] = json!("");
    assert_eq!(Document::parse(&drawn).unwrap(), Document::parse(&plain).unwrap());
    for (field, value) in
        [("title", json!("x".repeat(201))), ("comment", json!("x".repeat(1_001))), ("title", json!(5))]
    {
        let mut wrong = plain.clone();
        wrong["steps"]["s1"][field] = value;
        assert_eq!(all_wrong(&wrong), [format!("document.steps.s1.{field}")]);
    }
    let task = with_steps(json!({"s1": {"type": "task", "title": "call", "comment": "kindly"}}));
    assert!(Document::parse(&task).is_ok());
}
