//! What is known of a group.

use std::collections::BTreeMap;

use base::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Most of what is kept of a group's traits, in bytes of JSON.
const MAX_BYTES: usize = 32 * 1024;

/// The traits of a group, each with the moment at which it was said; kept as `{"name": [value, said_at]}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct About(BTreeMap<String, (Value, i64)>);

impl About {
    /// Reads what [`About::write`] has written.
    pub(super) fn read(text: &str) -> About {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The text that is kept.
    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }

    /// Takes in what a call says, as far as nothing later was said; whether that is news.
    pub(super) fn learn(&mut self, said: Map<String, Value>, at: Time) -> bool {
        let mut known = self.clone();
        for (name, value) in said.into_iter().filter(|(name, _)| name != "group_id") {
            if known.0.get(&name).is_none_or(|(_, said_at)| *said_at <= at.millis()) {
                known.0.insert(name, (value, at.millis()));
            }
        }
        let is_news = known != *self && known.write().len() <= MAX_BYTES;
        if is_news {
            *self = known;
        }
        is_news
    }

    /// The traits as they are shown.
    pub(super) fn into_traits(self) -> Map<String, Value> {
        self.0.into_iter().map(|(name, (value, _))| (name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(calls: &[(i64, Value)]) -> Value {
        let mut about = About::default();
        for (at, said) in calls {
            about.learn(said.as_object().unwrap().clone(), Time::from_millis(*at));
        }
        assert_eq!(About::read(&about.write()), about);
        about.into_traits().into()
    }

    #[test]
    fn of_each_trait_the_latest_counts_in_whatever_order_it_arrives() {
        let early = (1, json!({"group_id": "club", "size": "small", "city": "上海"}));
        let late = (2, json!({"group_id": "club", "size": "large"}));
        let known = json!({"size": "large", "city": "上海"});
        assert_eq!(told(&[early.clone(), late.clone()]), known);
        assert_eq!(told(&[late.clone(), early]), known);
        assert_eq!(told(&[late, (2, json!({"size": "huge"}))]), json!({"size": "huge"}), "what arrived later");
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        let long = json!({"story": "x".repeat(MAX_BYTES)});
        assert_eq!(told(&[(1, json!({"size": 3})), (2, long)]), json!({"size": 3}));
    }
}
