//! When, and how often, members are written to.

use base::{
    Clock, Time,
    ids::{DeliveryId, MemberId, TemplateId},
};
use serde_json::{Value, json};
use store::Sql;

use crate::house::{House, Reply, on_every_database};

pub const LOW: i64 = 25;
pub const NORMAL: i64 = 50;
pub const HIGH: i64 = 75;
pub const CRITICAL: i64 = 100;

impl House {
    /// Decides on a policy, over the present one.
    pub async fn decide(&self, policy: Value) {
        let revision = self.get("/api/v1/outbox/policy").await.json()["revision"].clone();
        let reply = self.put_policy(revision, policy).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    pub async fn put_policy(&self, revision: Value, policy: Value) -> Reply {
        self.send_json("PUT", "/api/v1/outbox/policy", json!({"revision": revision, "policy": policy})).await
    }

    /// A member with an address, who lives in this zone.
    pub async fn member_in(&self, name: &str, zone: &str) -> MemberId {
        let member = self.member(name, &format!("{name}@shop.example")).await;
        let traits = json!({"name": [name, 0, "test"], "timezone": [zone, 0, "test"]}).to_string();
        self.run("UPDATE identities SET traits_json = $2 WHERE member_id = $1", vec![member.0.into(), traits.into()])
            .await;
        member
    }

    /// A message of this priority, due now.
    pub async fn queue_at(&self, member: MemberId, name: &str, priority: i64) -> DeliveryId {
        let id = self.queue(member, &format!("{name}@shop.example")).await;
        self.run("UPDATE deliveries SET priority = $2 WHERE id = $1", vec![id.0.into(), priority.into()]).await;
        id
    }

    pub async fn set_due(&self, delivery: DeliveryId, at: &str) {
        let at: Time = at.parse().unwrap();
        let values = vec![delivery.0.into(), at.millis().into()];
        self.run("UPDATE deliveries SET next_attempt_at = $2 WHERE id = $1", values).await;
    }

    pub async fn expires(&self, delivery: DeliveryId, at: &str) {
        let at: Time = at.parse().unwrap();
        let values = vec![delivery.0.into(), at.millis().into()];
        self.run("UPDATE deliveries SET expires_at = $2 WHERE id = $1", values).await;
    }

    pub async fn run(&self, sql: &str, values: Vec<store::Value>) {
        let tx = self.db.begin().await.unwrap();
        tx.run(sql, values).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub fn set_clock(&self, at: &str) {
        self.clock.set(at.parse().unwrap());
    }

    pub async fn round(&self) {
        self.outbox.run_once().await.unwrap();
    }

    pub async fn fates(&self, deliveries: &[DeliveryId]) -> Vec<String> {
        let mut fates = Vec::new();
        for delivery in deliveries {
            fates.push(self.fate(*delivery).await);
        }
        fates
    }

    pub async fn waits_until(&self, delivery: DeliveryId) -> String {
        Time::from_millis(self.row(delivery).await.next_attempt_at).to_string()
    }

    /// The details of a message's history, in order.
    pub async fn details(&self, delivery: DeliveryId) -> Vec<String> {
        let trail = outreach::outbox::trail(self.db.read(), self.workspace, &[delivery]).await.unwrap();
        trail.into_iter().map(|entry| format!("{}: {}", entry.state, entry.detail)).collect()
    }
}

fn daily(most: i64, then: &str) -> Value {
    json!({"caps": [{"most": most, "per": "day", "then": then}]})
}

#[tokio::test]
async fn a_cap_reached_in_the_middle_of_a_batch_puts_the_rest_off_until_the_members_next_day() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T08:00:00Z");
        house.decide(daily(2, "wait")).await;
        let member = house.member_in("li", "Asia/Shanghai").await;
        let other = house.member_in("du", "Asia/Shanghai").await;
        let mut his = Vec::new();
        for _ in 0..5 {
            his.push(house.queue_at(member, "li", NORMAL).await);
        }
        let for_other = house.queue_at(other, "du", NORMAL).await;
        house.round().await;
        assert_eq!(
            house.fates(&his).await,
            ["accepted", "accepted", "queued/frequency_cap", "queued/frequency_cap", "queued/frequency_cap"]
        );
        assert_eq!(house.fate(for_other).await, "accepted", "nobody else is held up");
        assert_eq!(house.waits_until(his[2]).await, "2027-09-20T16:00:00.000Z", "his midnight, not the workspace's");
        assert_eq!(
            house.details(his[2]).await,
            ["deferred: frequency_cap; cap 2 a day, 2 used; not before 2027-09-20T16:00:00.000Z"]
        );
        house.advance(3_600);
        assert_eq!(house.outbox.run_once().await.unwrap().deferred, 0, "what waits is not looked at before its time");
        house.set_clock("2027-09-20T16:00:00Z");
        house.round().await;
        assert_eq!(house.fates(&his).await, ["accepted", "accepted", "accepted", "accepted", "queued/frequency_cap"]);
        house.set_clock("2027-09-21T16:00:00Z");
        house.round().await;
        assert_eq!(house.fate(his[4]).await, "accepted");
        assert_eq!(house.row(his[4]).await.reason, None);
    })
    .await;
}

#[tokio::test]
async fn days_are_those_of_the_member_from_kiritimati_to_honolulu() {
    on_every_database(|house| async move {
        // 00:30 on Tuesday in Kiritimati, 00:30 on Monday in Honolulu, 12:30 on Monday in the workspace.
        house.set_clock("2027-09-20T10:30:00Z");
        house.decide(daily(1, "wait")).await;
        let mut rows = Vec::new();
        for (name, zone) in [("k", "Pacific/Kiritimati"), ("h", "Pacific/Honolulu"), ("b", "Not/AZone")] {
            let member = house.member_in(name, zone).await;
            house.queue_at(member, name, NORMAL).await;
            rows.push(house.queue_at(member, name, NORMAL).await);
        }
        house.round().await;
        let mut until = Vec::new();
        for row in &rows {
            until.push(house.waits_until(*row).await);
        }
        assert_eq!(until, ["2027-09-21T10:00:00.000Z", "2027-09-21T10:00:00.000Z", "2027-09-21T00:00:00.000Z"]);
    })
    .await;
}

#[tokio::test]
async fn quiet_hours_end_by_the_members_clock_on_the_nights_when_clocks_change() {
    on_every_database(|house| async move {
        house.set_clock("2027-03-27T22:30:00Z");
        house.decide(json!({"quiet_hours": {"from": "22:00", "to": "08:00"}, "expire_after": "P30D"})).await;
        let member = house.member_in("b", "Europe/Berlin").await;
        let spring = house.queue_at(member, "b", NORMAL).await;
        house.round().await;
        assert_eq!(house.fate(spring).await, "queued/quiet_hours");
        assert_eq!(house.waits_until(spring).await, "2027-03-28T06:00:00.000Z", "eight o'clock in summer time");
        house.set_clock("2027-03-28T06:00:00Z");
        house.round().await;
        assert_eq!(house.fate(spring).await, "accepted");
        house.set_clock("2027-10-30T22:30:00Z");
        let autumn = house.queue_at(member, "b", NORMAL).await;
        house.round().await;
        assert_eq!(house.waits_until(autumn).await, "2027-10-31T07:00:00.000Z", "eight o'clock in winter time");
    })
    .await;
}

#[tokio::test]
async fn windows_wait_for_their_weekday_and_drop_what_is_to_be_dropped() {
    on_every_database(|house| async move {
        // A Saturday.
        house.set_clock("2027-09-18T12:00:00Z");
        let windows = |then: &str| {
            json!({"windows": {"email": {"open": [{"days": ["mon", "tue"], "from": "09:00", "to": "18:00"}], "then": then}}})
        };
        house.decide(windows("wait")).await;
        let member = house.member_in("b", "Europe/Berlin").await;
        let waits = house.queue_at(member, "b", NORMAL).await;
        house.round().await;
        assert_eq!(house.fate(waits).await, "queued/outside_window");
        assert_eq!(house.waits_until(waits).await, "2027-09-20T07:00:00.000Z");
        // The change does not drop what waits already; what comes later is dropped.
        house.advance(60);
        house.decide(windows("drop")).await;
        house.advance(60);
        let late = house.queue_at(member, "b", NORMAL).await;
        house.round().await;
        assert_eq!(house.fate(waits).await, "queued/outside_window");
        assert_eq!(house.fate(late).await, "suppressed/outside_window");
        house.set_clock("2027-09-20T07:00:00Z");
        house.round().await;
        assert_eq!(house.fate(waits).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_change_to_drop_does_not_drop_what_already_waits_for_a_cap() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T08:00:00Z");
        house.decide(daily(1, "wait")).await;
        let member = house.member_in("li", "UTC").await;
        let first = house.queue_at(member, "li", NORMAL).await;
        let waits = house.queue_at(member, "li", NORMAL).await;
        house.round().await;
        house.advance(1);
        house.decide(daily(1, "drop")).await;
        house.advance(1);
        let late = house.queue_at(member, "li", NORMAL).await;
        house.round().await;
        assert_eq!(
            house.fates(&[first, waits, late]).await,
            ["accepted", "queued/frequency_cap", "suppressed/frequency_cap"]
        );
        assert_eq!(house.details(late).await, ["suppressed: frequency_cap; cap 1 a day, 1 used"]);
        // Without the cap, what it kept waiting goes at once.
        house.decide(json!({})).await;
        house.round().await;
        assert_eq!(house.fate(waits).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_low_message_never_takes_the_place_of_a_higher_one_that_is_due_the_same_day() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T08:00:00Z");
        house.decide(daily(2, "wait")).await;
        let member = house.member_in("li", "UTC").await;
        let low: Vec<DeliveryId> =
            vec![house.queue_at(member, "li", LOW).await, house.queue_at(member, "li", LOW).await];
        let high = house.queue_at(member, "li", HIGH).await;
        house.set_due(high, "2027-09-20T20:00:00Z").await;
        let tomorrow = house.queue_at(member, "li", HIGH).await;
        house.set_due(tomorrow, "2027-09-21T09:00:00Z").await;
        house.round().await;
        assert_eq!(house.fates(&low).await, ["accepted", "queued/frequency_cap"]);
        assert_eq!(
            house.details(low[1]).await,
            ["deferred: higher_priority; cap 2 a day, 1 used, 1 kept for higher priorities; not before 2027-09-20T20:00:00.000Z"]
        );
        house.set_clock("2027-09-20T20:00:00Z");
        house.round().await;
        assert_eq!(house.fate(high).await, "accepted");
        assert_eq!(house.waits_until(low[1]).await, "2027-09-21T00:00:00.000Z");
        house.set_clock("2027-09-21T00:00:00Z");
        house.round().await;
        assert_eq!(house.fate(low[1]).await, "accepted", "one place is enough for it beside the high one");
        house.set_clock("2027-09-21T09:00:00Z");
        house.round().await;
        assert_eq!(house.fate(tomorrow).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn a_place_that_was_kept_is_given_free_when_the_higher_message_is_not_sent() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T08:00:00Z");
        house.decide(daily(1, "drop")).await;
        house.advance(1);
        let member = house.member_in("li", "UTC").await;
        let low = house.queue_at(member, "li", LOW).await;
        let high = house.queue_at(member, "li", HIGH).await;
        house.set_due(high, "2027-09-20T20:00:00Z").await;
        house.round().await;
        assert_eq!(
            house.fate(low).await,
            "queued/frequency_cap",
            "it waits and is not dropped, for nothing is settled"
        );
        let cancelled = house.post(&format!("/api/v1/deliveries/{high}/cancel"), json!({})).await;
        assert_eq!(cancelled.json()["reason"], "cancelled_by_operator");
        house.round().await;
        assert_eq!(house.fate(low).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn higher_priorities_go_first_and_critical_ones_pass() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T23:00:00Z");
        house
            .decide(json!({
                "caps": [{"channel_kind": "email", "most": 1, "per": "week"}],
                "quiet_hours": {"from": "22:00", "to": "08:00", "zone": "workspace"}, "expire_after": "P30D"
            }))
            .await;
        let member = house.member("li", "li@shop.example").await;
        let mut rows = Vec::new();
        for priority in [LOW, NORMAL, HIGH, CRITICAL] {
            rows.push(house.queue_at(member, "li", priority).await);
        }
        let receipt =
            house.queue_as(member, "li@shop.example", "transactional", house.channel, "email", house.template).await;
        house.round().await;
        let quiet = "queued/quiet_hours";
        assert_eq!(house.fates(&rows).await, [quiet, quiet, quiet, "accepted"]);
        assert_eq!(house.fate(receipt).await, "accepted", "who asked for it himself gets it");
        house.set_clock("2027-09-21T08:00:00Z");
        house.round().await;
        let capped = "queued/frequency_cap";
        assert_eq!(house.fates(&rows).await, [capped, capped, capped, "accepted"], "the critical one has the place");
        for (monday, sent) in [("2027-09-27T08:00:00Z", 2), ("2027-10-04T08:00:00Z", 1), ("2027-10-11T08:00:00Z", 0)] {
            house.set_clock(monday);
            house.round().await;
            assert_eq!(house.fate(rows[sent]).await, "accepted", "{monday}");
        }
        // It may be forbidden to them, too.
        house.decide(json!({"quiet_hours": {"from": "06:00", "to": "12:00"}, "critical_passes": false})).await;
        let critical = house.queue_at(member, "li", CRITICAL).await;
        house.round().await;
        assert_eq!(house.fate(critical).await, quiet);
    })
    .await;
}

#[tokio::test]
async fn caps_over_all_channels_and_by_topic_leave_webhooks_alone() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T08:00:00Z");
        house.decide(json!({"caps": [{"most": 3, "per": "month"}, {"topic": "news", "most": 1, "per": "day", "then": "drop"}]}))
            .await;
        house.advance(1);
        let made =
            house.post("/api/v1/channels", json!({"kind": "webhook", "name": "hook", "config": {"host": "x"}})).await;
        let hook = made.json()["id"].as_str().unwrap().parse().unwrap();
        let member = house.member_in("li", "UTC").await;
        let mut rows = Vec::new();
        for topic in ["news", "news", "sales", "sales", "sales"] {
            rows.push(house.queue_as(member, "li@shop.example", topic, house.channel, "email", house.template).await);
            rows.push(house.queue_as(member, "", "webhook", hook, "webhook", TemplateId(0)).await);
        }
        house.round().await;
        let fates = house.fates(&rows).await;
        let mails: Vec<&str> = fates.iter().step_by(2).map(String::as_str).collect();
        assert_eq!(
            mails,
            ["accepted", "suppressed/frequency_cap", "accepted", "accepted", "queued/frequency_cap"]
        );
        assert!(fates.iter().skip(1).step_by(2).all(|fate| fate == "accepted"), "{fates:?}");
        assert_eq!(house.waits_until(rows[8]).await, "2027-09-23T08:00:01.001Z", "it will be stale before October");
    })
    .await;
}

#[tokio::test]
async fn what_members_got_under_another_name_counts() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T08:00:00Z");
        house.decide(daily(1, "wait")).await;
        let old = house.member_in("old", "UTC").await;
        let new = house.member_in("new", "UTC").await;
        house.queue_at(old, "old", NORMAL).await;
        house.round().await;
        let pair = || vec![new.0.into(), old.0.into()];
        house.run("UPDATE members SET merged_into = $1 WHERE id = $2", pair()).await;
        house.run("UPDATE identities SET member_id = $1 WHERE member_id = $2", pair()).await;
        let next = [house.queue_at(new, "new", NORMAL).await, house.queue_at(old, "old", NORMAL).await];
        house.round().await;
        assert_eq!(house.fates(&next).await, ["queued/frequency_cap", "queued/frequency_cap"]);
    })
    .await;
}

#[tokio::test]
async fn what_waits_expires_also_while_its_channel_is_paused() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T08:00:00Z");
        let member = house.member("li", "li@shop.example").await;
        let soon = house.queue_at(member, "li", NORMAL).await;
        house.expires(soon, "2027-09-20T09:00:00Z").await;
        let usual = house.queue_at(member, "li", NORMAL).await;
        house.post(&format!("/api/v1/channels/{}/pause", house.channel), json!({})).await;
        house.set_clock("2027-09-20T08:59:59.999Z");
        house.round().await;
        assert_eq!(house.fate(soon).await, "queued");
        house.set_clock("2027-09-20T09:00:01Z");
        house.round().await;
        assert_eq!(house.fates(&[soon, usual]).await, ["expired/expired", "queued"]);
        assert_eq!(house.history(soon).await, ["expired"]);
        // A day, by the policy, and then three, as nothing else was said.
        let other = house.queue_at(member, "li", NORMAL).await;
        house.decide(json!({"expire_after": "P1D"})).await;
        house.set_clock("2027-09-21T08:00:01Z");
        house.round().await;
        assert_eq!(house.fates(&[usual, other]).await, ["expired/expired", "queued"]);
        house.decide(json!({})).await;
        house.set_clock("2027-09-23T09:00:02Z");
        house.round().await;
        assert_eq!(house.fate(other).await, "expired/stale");
        house.post(&format!("/api/v1/channels/{}/resume", house.channel), json!({})).await;
        house.round().await;
        assert_eq!(house.other_side.count(), 0, "nothing is sent late");
    })
    .await;
}

#[tokio::test]
async fn consent_and_template_are_looked_at_when_it_goes() {
    on_every_database(|house| async move {
        house.set_clock("2027-09-20T23:00:00Z");
        house.decide(json!({"quiet_hours": {"from": "22:00", "to": "08:00"}})).await;
        let member = house.member("li", "li@shop.example").await;
        let withdrawn = house.queue_at(member, "li", NORMAL).await;
        let other = house.member("du", "du@shop.example").await;
        let template = house.make_template(json!({"name": "gone", "subject": "x", "text": "x"})).await;
        let no_template = house.queue_as(other, "du@shop.example", "marketing", house.channel, "email", template).await;
        house.round().await;
        assert_eq!(house.fates(&[withdrawn, no_template]).await, ["queued/quiet_hours", "queued/quiet_hours"]);
        let made = house
            .send_json(
                "PUT",
                &format!("/api/v1/members/{member}/consent"),
                json!({"channel_kind": "email", "topic": "marketing", "granted": false}),
            )
            .await;
        assert!(made.status.is_success(), "{}", made.text());
        let deleted = house.request("DELETE", &format!("/api/v1/templates/{template}"), &[], vec![]).await;
        assert!(deleted.status.is_success(), "{}", deleted.text());
        house.set_clock("2027-09-21T08:00:00Z");
        house.round().await;
        assert_eq!(
            house.fates(&[withdrawn, no_template]).await,
            ["suppressed/consent_withdrawn", "suppressed/template_missing"]
        );
    })
    .await;
}

#[tokio::test]
async fn two_outboxes_at_once_keep_to_the_cap() {
    on_every_database(|house| async move {
        house.decide(daily(2, "wait")).await;
        let member = house.member_in("li", "UTC").await;
        for _ in 0..20 {
            house.queue_at(member, "li", NORMAL).await;
        }
        let other = house.restarted().await;
        let (first, second) = tokio::join!(house.outbox.run_once(), other.outbox.run_once());
        assert_eq!(first.unwrap().accepted + second.unwrap().accepted, 2);
        assert_eq!(house.other_side.count(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_policy_is_checked_with_paths_and_two_people_do_not_overwrite_each_other() {
    on_every_database(|house| async move {
        let empty = house.get("/api/v1/outbox/policy").await.json();
        assert_eq!((&empty["revision"], &empty["policy"]["critical_passes"]), (&json!(0), &json!(true)));
        let cap = |most: i64| json!({"channel_kind": "email", "most": most, "per": "day"});
        for (policy, path) in [
            (json!({"caps": [cap(1), {"most": 1, "per": "week"}, {"topic": "a", "most": 0, "per": "day"}]}), "policy.caps[2].most"),
            (json!({"caps": [{"channel_kind": "webhook", "most": 1, "per": "day"}]}), "policy.caps[0].channel_kind"),
            (json!({"caps": [{"topic": "transactional", "most": 1, "per": "day"}]}), "policy.caps[0].topic"),
            (json!({"caps": [cap(1), cap(2)]}), "policy.caps[1]"),
            (json!({"caps": [{"most": 1, "per": "year"}]}), "policy.caps[0].per"),
            (json!({"caps": [{"most": 1, "per": "day", "oops": 1}]}), "policy.caps[0].oops"),
            (json!({"quiet_hours": {"from": "22:00", "to": "22:00"}}), "policy.quiet_hours.to"),
            (json!({"quiet_hours": {"from": "00:00", "to": "24:00"}}), "policy.quiet_hours"),
            (json!({"quiet_hours": {"from": "9:00", "to": "10:00"}}), "policy.quiet_hours.from"),
            (json!({"windows": {"email": {"open": []}}}), "policy.windows.email.open"),
            (json!({"windows": {"fax": {"open": [{"from": "09:00", "to": "10:00"}]}}}), "policy.windows.fax"),
            (
                json!({"quiet_hours": {"from": "08:00", "to": "20:00"}, "windows": {"email": {"open": [{"from": "09:00", "to": "10:00"}]}}}),
                "policy.windows.email",
            ),
            (json!({"expire_after": "3 days"}), "policy.expire_after"),
        ] {
            let reply = house.put_policy(json!(0), policy.clone()).await;
            assert_eq!((reply.status.as_u16(), &reply.json()["code"]), (422, &json!("invalid_body")), "{policy}");
            assert!(reply.text().contains(path), "{path}: {}", reply.text());
        }
        house.decide(daily(1, "wait")).await;
        let beyond = house.put_policy(json!(i64::MAX), daily(2, "wait")).await;
        assert_eq!(beyond.status, 409, "{}", beyond.text());
        let stale = house.put_policy(json!(0), daily(2, "wait")).await;
        assert_eq!((stale.status.as_u16(), &stale.json()["code"]), (409, &json!("conflict")));
        let ahead = house.put_policy(json!(7), daily(2, "wait")).await;
        assert_eq!(ahead.status, 409);
        house.decide(daily(3, "wait")).await;
        let now = house.get("/api/v1/outbox/policy").await.json();
        assert_eq!((&now["revision"], &now["policy"]["caps"][0]["most"]), (&json!(2), &json!(3)));
        assert_eq!(now["updated_by"], "user:test");
        assert_eq!(now["updated_at"], house.clock.now().to_string());
    })
    .await;
}
