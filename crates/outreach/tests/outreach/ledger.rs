//! The list of messages with its filters, newest first and page by page.

use base::ids::{ChannelId, JourneyId, MemberId};
use serde_json::{Value, json};

use crate::house::{House, on_every_database};

const STATES: [&str; 10] = [
    "queued",
    "sending",
    "accepted",
    "delivered",
    "bounced",
    "failed",
    "unknown",
    "suppressed",
    "expired",
    "cancelled",
];
const REASONS: [Option<&str>; 3] = [None, Some("refused"), Some("no_consent")];

impl House {
    /// Everything that a filter finds, over pages of this many.
    async fn listed(&self, query: &str, limit: usize) -> Vec<Value> {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/api/v1/deliveries?limit={limit}{query}{cursor}")).await;
            assert_eq!(page.status, 200, "{query}: {}", page.text());
            let page = page.json();
            found.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { return found };
            cursor = format!("&cursor={next}");
        }
    }

    /// A ledger with messages in all states, of several members, journeys and channels.
    async fn fill_ledger(&self, channels: &[ChannelId], members: &[MemberId]) {
        for number in 0..300_usize {
            let member = members[number % members.len()];
            let channel = channels[(number / 5) % channels.len()];
            let id = self.queue_as(member, "a@shop.example", "marketing", channel, "email", self.template).await;
            let values = vec![
                id.0.into(),
                STATES[(number * 7) % STATES.len()].into(),
                REASONS[(number / 3) % REASONS.len()].into(),
                JourneyId((number / 2 % 3) as i64 + 1).0.into(),
            ];
            self.run("UPDATE deliveries SET state = $2, reason = $3, journey_id = $4 WHERE id = $1", values).await;
        }
        // Of another workspace.
        let foreign = self.queue(members[0], "a@shop.example").await;
        let values = vec![foreign.0.into()];
        self.run("UPDATE deliveries SET workspace_id = 2, journey_id = 1, reason = 'refused' WHERE id = $1", values)
            .await;
    }
}

#[tokio::test]
async fn every_filter_and_every_pair_of_them_finds_what_it_names_newest_first() {
    on_every_database(|house| async move {
        let body = json!({"kind": "email", "name": "second", "config": {"host": "y"}});
        let second = house.post("/api/v1/channels", body).await.json()["id"].as_str().unwrap().parse().unwrap();
        let mut members = Vec::new();
        for name in ["li", "du", "wang"] {
            members.push(house.member(name, &format!("{name}@shop.example")).await);
        }
        house.fill_ledger(&[house.channel, second], &members).await;
        let all = house.listed("", 500).await;
        assert_eq!(all.len(), 300);
        let ids: Vec<&Value> = all.iter().map(|delivery| &delivery["id"]).collect();
        let mut sorted = ids.clone();
        sorted.sort_by(|a, b| b.as_str().cmp(&a.as_str()));
        assert_eq!(ids, sorted);
        let mut filters: Vec<(&str, String)> = STATES.iter().map(|state| ("state", (*state).to_owned())).collect();
        filters.extend(["refused", "no_consent", "nothing"].map(|reason| ("reason", reason.to_owned())));
        filters.extend([1, 4].map(|journey| ("journey", JourneyId(journey).to_string())));
        filters.extend([house.channel, second].map(|channel| ("channel", channel.to_string())));
        filters.extend([("member", members[1].to_string())]);
        let fits = |delivery: &Value, (field, value): &(&str, String)| delivery[*field] == json!(value);
        for first in &filters {
            for other in filters.iter().filter(|other| other.0 >= first.0) {
                let query = format!("&{}={}&{}={}", first.0, first.1, other.0, other.1);
                let query = if first.0 == other.0 { format!("&{}={}", first.0, first.1) } else { query };
                let is_alone = first.0 == other.0;
                let expected: Vec<&Value> = all
                    .iter()
                    .filter(|delivery| fits(delivery, first) && (is_alone || fits(delivery, other)))
                    .map(|delivery| &delivery["id"])
                    .collect();
                let found = house.listed(&query, 20).await;
                assert_eq!(found.iter().map(|delivery| &delivery["id"]).collect::<Vec<_>>(), expected, "{query}");
            }
        }
        let wrong = house.get("/api/v1/deliveries?state=sent").await;
        assert_eq!((wrong.status.as_u16(), wrong.json()["code"].clone()), (400, json!("invalid_query")));
    })
    .await;
}
