//! What ids stand for: the names under which operators know things.

use std::collections::{BTreeSet, HashMap};

use base::{
    Time,
    ids::{ChannelId, JourneyId, KeyId, SegmentId, TemplateId, UserId, WorkspaceId},
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

use super::words::{Words, moments};

/// Digits of an id after its prefix.
const DIGITS: usize = 13;
/// Ids that are looked up for one trail; what is beyond is shown as it is.
const MOST: usize = 2_000;

/// Names by id, and those of topics by their words.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: HashMap<String, String>,
    topics: HashMap<String, Words>,
}

/// Ids that were met in texts.
#[derive(Debug, Default)]
pub(super) struct Mentioned {
    ids: BTreeSet<String>,
}

/// Sources that are neither people nor keys.
fn part_of_the_program(source: &str) -> Option<Words> {
    Some(match source {
        "unsubscribe_link" => Words::new("by the unsubscribe link", "通过退订链接"),
        "preference_page" => Words::new("on the preferences page", "在订阅偏好页面"),
        "double_opt_in" => Words::new("by the confirmation link", "通过确认链接"),
        "complaint" => Words::new("by marking a message as spam", "将消息标记为垃圾邮件"),
        "snapshot" => Words::new("by a snapshot", "来自快照"),
        "system" | "pipeline" | "outbox" => Words::new("Hearth itself", "系统"),
        _ => return None,
    })
}

#[derive(FromQueryResult)]
struct NameRow {
    id: i64,
    name: String,
}

/// A query, the ids that it asks for, and how such an id is written.
type Kind<'a> = (&'a str, Vec<(i64,)>, fn(i64) -> String);

impl Mentioned {
    /// Notes all ids in a text, which may be a document.
    pub(super) fn note(&mut self, text: &str) {
        for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            let is_id = word.len() == DIGITS + 4 && word.as_bytes().get(3) == Some(&b'_');
            if is_id && self.ids.len() < MOST {
                self.ids.insert(word.to_owned());
            }
        }
    }

    fn of<T: std::str::FromStr>(&self, number: impl Fn(T) -> i64) -> Vec<(i64,)> {
        self.ids.iter().filter_map(|id| id.parse::<T>().ok()).map(|id| (number(id),)).collect()
    }
}

impl Names {
    /// Looks up what was mentioned, each kind of thing in one query, within one workspace. What has been deleted keeps
    /// its name.
    pub(super) async fn load(db: &impl Sql, workspace: WorkspaceId, mentioned: &Mentioned) -> Result<Names, DbErr> {
        let mut names = Names::default();
        let kinds: [Kind<'_>; 6] = [
            ("segments", mentioned.of(|id: SegmentId| id.0), |id| SegmentId(id).to_string()),
            ("templates", mentioned.of(|id: TemplateId| id.0), |id| TemplateId(id).to_string()),
            ("channels", mentioned.of(|id: ChannelId| id.0), |id| ChannelId(id).to_string()),
            ("journeys", mentioned.of(|id: JourneyId| id.0), |id| JourneyId(id).to_string()),
            ("api_keys", mentioned.of(|id: KeyId| id.0), |id| KeyId(id).to_string()),
            ("users", mentioned.of(|id: UserId| id.0), |id| UserId(id).to_string()),
        ];
        for (table, ids, shown) in kinds {
            if ids.is_empty() {
                continue;
            }
            let sql = match table {
                "users" => "SELECT t.id, CASE WHEN t.name = '' THEN t.email ELSE t.name END AS name FROM {rows}
                     CROSS JOIN user_roles u CROSS JOIN users t
                     WHERE u.user_id = CAST(r.value->>0 AS BIGINT) AND u.workspace_id = $2 AND t.id = u.user_id"
                    .to_owned(),
                _ => format!(
                    "SELECT t.id, t.name FROM {{rows}}
                     CROSS JOIN {table} t WHERE t.id = CAST(r.value->>0 AS BIGINT) AND t.workspace_id = $2"
                ),
            };
            let rows: Vec<NameRow> = db.all_rows(&sql, &ids, vec![workspace.0.into()]).await?;
            names.names.extend(rows.into_iter().map(|row| (shown(row.id), row.name)));
        }
        let topics = people::consent::topics::topics(db, workspace).await?;
        names.topics.extend(topics.into_iter().map(|topic| (topic.topic, Words::new(topic.name.0, topic.name.1))));
        Ok(names)
    }

    /// What a topic is called on the page of preferences, or its word where nobody described it.
    pub(super) fn topic(&self, word: &str) -> Words {
        self.topics.get(word).cloned().unwrap_or_else(|| Words::same(word))
    }

    /// The name of what has this id, or the text as it is.
    pub(super) fn of(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Who did something: `user:usr_…`, `key:key_…` or a part of the program.
    pub(super) fn actor(&self, actor: &str) -> Words {
        match actor.split_once(':') {
            // Who has left the team has no name here any more.
            Some(("user", id)) => {
                self.names.get(id).map_or_else(|| Words::new("an operator", "操作员"), |name| Words::same(name.clone()))
            }
            Some(("key", id)) => match self.names.get(id) {
                Some(name) => Words::new(format!("the key “{name}”"), format!("密钥“{name}”")),
                None => Words::new("a key that is gone", "已删除的密钥"),
            },
            Some(("journey", id)) => {
                let name = self.of(id);
                Words::new(format!("the journey “{name}”"), format!("旅程“{name}”"))
            }
            Some(("import", _)) => Words::new("an import", "一次导入"),
            _ => part_of_the_program(actor).unwrap_or_else(|| Words::same(actor)),
        }
    }

    /// Where something came from, such as a decision about consent: who told of it, or a page or report.
    pub(super) fn source(&self, source: &str) -> Words {
        match source.split_once('_') {
            Some(("key", _)) => self.actor(&format!("key:{source}")),
            Some(("dlv", _)) => Words::new("by the report on a message", "根据消息的回执"),
            _ => self.actor(source),
        }
    }

    /// A text of the program in which ids become names and times become those of the zone.
    pub(super) fn spelt_out(&self, text: &str, zone: &TimeZone) -> Words {
        let mut words = Words::default();
        for part in text.split_inclusive([' ', ';', ',', '(', ')']) {
            let word = part.trim_end_matches([' ', ';', ',', '(', ')', '.']);
            let rest = &part[word.len()..];
            let spelt = match word.parse::<Time>() {
                Ok(at) if word.len() >= 20 => moments::moment(at, zone),
                _ if word.starts_with("user:") || word.starts_with("key:") => self.actor(word),
                _ => Words::same(self.of(word)),
            };
            words.en += &format!("{}{rest}", spelt.en);
            words.zh += &format!("{}{rest}", spelt.zh);
        }
        words
    }
}
