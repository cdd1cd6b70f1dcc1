//! Preferences: what a member wants to get, over which channels, from when on, and in which language.
//!
//! Whoever holds the link of a message acts for the member to whom it went. What is shown of him is as little as the page
//! needs; his address is shown in part only.

use base::{
    Event, EventKind, Language, Time,
    event::empty_object,
    ids::{DeliveryId, EventId},
};
use jiff::{civil::Date, tz::TimeZone};
use people::{
    consent::{
        ALL_TOPICS, Check, Decided, Decision, Verdict, Who, decide, in_force, pauses,
        topics::{self, Topic},
    },
    members::{MemberState, load_members},
    rules::{RuleBook, profile_books},
};
use serde_json::{json, value::to_raw_value};
use std::{sync::Arc, time::Duration};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::about::can_be_left;
use crate::{
    Outreach,
    outbox::facts::{HistoryLine, Subject, fact, kind_word, write_history},
};

/// How long a pause lasts.
pub(super) const PAUSE: Duration = pauses::LENGTH;
/// Where decisions come from that are made on the page.
const SOURCE: &str = "preference_page";

/// What the page shows.
#[derive(Debug)]
pub(super) struct Preferences {
    /// The brand's name.
    pub brand: String,
    /// The address of the message, in part.
    pub address: String,
    /// The language in which the member wants to be written to, if he has said so.
    pub language: Option<Language>,
    /// Topics, and whether he gets messages about them on this kind of channel.
    pub topics: Vec<(Topic, bool)>,
    /// Kinds of channels on which he can be written to, and whether he wants it.
    pub channels: Vec<(String, bool)>,
    /// The topic of the message, if it is one that can be left by itself.
    pub topic: String,
    /// Whether he gets nothing more over the channel of the message.
    pub is_left: bool,
    /// The day, where he is, up to which he wants nothing.
    pub paused_until: Option<Date>,
}

/// What the member asks for. Only what he was shown is changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    /// Topics that the page showed, and whether each is wanted.
    pub topics: Vec<(String, bool)>,
    /// Kinds of channels that the page showed, and whether each is wanted.
    pub channels: Vec<(String, bool)>,
    /// Begins a pause, or ends it; `None` leaves it as it is.
    pub pause: Option<bool>,
    /// The language to be written to in.
    pub language: Option<Language>,
}

impl Choice {
    /// Reads the fields of the page's form; `None` when it is another form.
    pub(super) fn read(body: &[u8]) -> Option<Choice> {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().take(1_000).collect();
        let all = |name: &str| -> Vec<String> {
            fields.iter().filter(|field| field.0 == name).map(|field| field.1.clone()).collect()
        };
        let one = |name: &str| fields.iter().find(|field| field.0 == name).map(|field| field.1.as_str());
        if one("action") != Some("save") {
            return None;
        }
        let wanted = |shown: &str, chosen: &str| {
            let chosen = all(chosen);
            all(shown).into_iter().map(|name| (name.clone(), chosen.contains(&name))).collect()
        };
        Some(Choice {
            topics: wanted("shown_topic", "topic"),
            channels: wanted("shown_channel", "channel"),
            pause: match one("pause") {
                Some("begin") => Some(true),
                Some("end") => Some(false),
                _ => None,
            },
            language: one("language").and_then(Language::of_tag),
        })
    }
}

#[derive(FromQueryResult)]
struct KindRow {
    kind: String,
    config_json: String,
}

/// Whom a message went to, as he is now.
struct Reader {
    member: MemberState,
    book: Arc<RuleBook>,
}

async fn reader(outreach: &Outreach, subject: &Subject) -> Result<Option<Reader>, DbErr> {
    let db = outreach.db.read();
    let present: Option<i64> = db
        .scalar(
            "WITH RECURSIVE way (id, merged_into) AS (
               SELECT id, merged_into FROM members WHERE id = $1
               UNION SELECT m.id, m.merged_into FROM way w JOIN members m ON m.id = w.merged_into)
             SELECT id FROM way WHERE merged_into IS NULL",
            vec![subject.member_id.into()],
        )
        .await?;
    let Some(present) = present else { return Ok(None) };
    let mut books = profile_books(db, &[subject.workspace()]).await?;
    let members = load_members(db, &[base::ids::MemberId(present)], &books, outreach.clock.now()).await?;
    let (Some(member), Some(book)) = (members.into_iter().next(), books.remove(&subject.workspace())) else {
        return Ok(None);
    };
    Ok(Some(Reader { member, book }))
}

/// The language in which pages speak to whom a message went: the one he chose, else the one his browser asks for, else
/// the one that is read where he lives.
pub(super) async fn language(outreach: &Outreach, subject: &Subject, accepted: &str) -> Result<Language, DbErr> {
    let reader = reader(outreach, subject).await?;
    let own = reader.as_ref().and_then(|reader| reader.member.own_language());
    let there = || reader.as_ref().map(|reader| reader.member.language(&reader.book));
    Ok(own.or_else(|| Language::of_accept_language(accepted)).or_else(there).unwrap_or_default())
}

/// What the page of a message shows.
pub(super) async fn load(outreach: &Outreach, subject: &Subject) -> Result<Preferences, DbErr> {
    let (db, workspace) = (outreach.db.read(), subject.workspace());
    let now = outreach.clock.now();
    let brand: Option<String> =
        db.scalar("SELECT name FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    let reader = reader(outreach, subject).await?;
    let kinds: Vec<KindRow> = db
        .all(
            "SELECT kind, config_json FROM channels WHERE workspace_id = $1 AND deleted_at IS NULL AND kind <> 'webhook'
             ORDER BY id",
            vec![workspace.0.into()],
        )
        .await?;
    let mut topics: Vec<Topic> = topics::topics(db, workspace).await?;
    topics.retain(|topic| topic.is_shown || topic.topic == subject.topic);
    let is_described = topics.iter().any(|topic| topic.topic == subject.topic);
    let can_be_left = can_be_left(&subject.topic);
    if !is_described && can_be_left {
        topics.push(undescribed(&subject.topic));
    }
    let silence_refuses =
        |kind: &str| kinds.iter().filter(|row| row.kind == kind).any(|row| asks_for_consent(&row.config_json));
    let mut reachable: Vec<String> = vec![subject.channel_kind.clone()];
    for row in &kinds {
        let has_address = reader.as_ref().is_some_and(|reader| reader.member.address(&row.kind).is_some());
        if has_address && !reachable.contains(&row.kind) {
            reachable.push(row.kind.clone());
        }
    }
    let about_topics = topics.iter().map(|topic| check(subject, &subject.channel_kind, &topic.topic));
    let about_channels = reachable.iter().map(|kind| check(subject, kind, ALL_TOPICS));
    let checks: Vec<Check> = about_topics.chain(about_channels).collect();
    let verdicts = in_force(db, &checks).await?;
    let (of_topics, of_channels) = verdicts.split_at(topics.len());
    let is_wanted = |verdict: &Verdict, kind: &str, to_confirm: bool| match verdict {
        Verdict::Granted => true,
        Verdict::Withdrawn => false,
        Verdict::Claimed => !to_confirm,
        Verdict::Undecided => !to_confirm && !silence_refuses(kind),
    };
    let shown_topics = topics.iter().zip(of_topics).map(|(topic, verdict)| {
        (topic.clone(), is_wanted(verdict, &subject.channel_kind, topic.confirm_template.is_some()))
    });
    let paused = pauses::paused(db, &[subject.member()], now).await?;
    let zone = reader.as_ref().map_or(TimeZone::UTC, |reader| reader.member.time_zone(&reader.book));
    let day = |until: &Time| until.timestamp().to_zoned(zone.clone()).date();
    Ok(Preferences {
        brand: brand.unwrap_or_default(),
        address: in_part(&subject.address),
        language: reader.as_ref().and_then(|reader| reader.member.own_language()),
        topics: shown_topics.collect(),
        channels: reachable
            .iter()
            .zip(of_channels)
            .map(|(kind, verdict)| (kind.clone(), *verdict != Verdict::Withdrawn))
            .collect(),
        topic: if can_be_left { subject.topic.clone() } else { String::new() },
        is_left: of_channels.first() == Some(&Verdict::Withdrawn),
        paused_until: paused.get(&subject.member()).map(day),
    })
}

fn asks_for_consent(config_json: &str) -> bool {
    let config: serde_json::Value = serde_json::from_str(config_json).unwrap_or_default();
    config.get("requires_consent").and_then(serde_json::Value::as_bool).unwrap_or(false)
}

fn undescribed(topic: &str) -> Topic {
    Topic {
        topic: topic.to_owned(),
        name: (topic.to_owned(), topic.to_owned()),
        description: (String::new(), String::new()),
        is_shown: true,
        position: i64::MAX,
        confirm_template: None,
    }
}

fn check(subject: &Subject, kind: &str, topic: &str) -> Check {
    Check {
        workspace: subject.workspace(),
        member: subject.member(),
        channel_kind: kind.to_owned(),
        topic: topic.to_owned(),
        address: if kind == subject.channel_kind { subject.address.clone() } else { String::new() },
        requires_consent: false,
    }
}

/// The beginning of an address and what stands behind its "@"; enough to know it by, too little to learn it from.
fn in_part(address: &str) -> String {
    let (name, rest) = address.split_at(address.rfind('@').unwrap_or(address.len()));
    let kept = (name.chars().count() / 3).clamp(1, 3);
    let beginning: String = name.chars().take(kept).collect();
    format!("{beginning}…{rest}")
}

/// Carries out a choice in one transaction; when this returns, it is in force.
pub(super) async fn save(outreach: &Outreach, subject: &Subject, choice: &Choice) -> Result<(), DbErr> {
    let before = load(outreach, subject).await?;
    let at = outreach.clock.now();
    let tx = outreach.db.begin().await?;
    let mut told: Vec<Event> = Vec::new();
    // Channels first: who comes back to a channel as a whole may still leave one of its topics.
    for (kind, is_wanted) in &choice.channels {
        let was = before.channels.iter().find(|(known, _)| known == kind).map(|(_, wanted)| *wanted);
        if was.is_some_and(|was| was != *is_wanted) {
            told.extend(decide_one(&tx, outreach, subject, kind, ALL_TOPICS, *is_wanted, at).await?);
        }
    }
    for (topic, is_wanted) in &choice.topics {
        let was = before.topics.iter().find(|(known, _)| known.topic == *topic).map(|(_, wanted)| *wanted);
        if was.is_some_and(|was| was != *is_wanted) {
            told.extend(decide_one(&tx, outreach, subject, &subject.channel_kind, topic, *is_wanted, at).await?);
        }
    }
    if let Some(begins) = choice.pause {
        let until = begins.then(|| at.plus(PAUSE));
        let who = Who::Member { member: subject.member(), address: Some(subject.address.clone()) };
        if pauses::pause(&tx, subject.workspace(), who, (at, until), SOURCE).await? {
            let (word, state) =
                if begins { (pauses::MESSAGES_PAUSED, "paused") } else { (pauses::MESSAGES_RESUMED, "resumed") };
            let until = until.map(|until| until.to_string());
            let said: Vec<(&str, &str)> = until.iter().map(|until| ("until", until.as_str())).collect();
            told.push(fact(outreach, subject, word.to_owned(), &format!("{state}:{}", at.millis()), at, &said));
        }
    }
    if let Some(language) = choice.language.filter(|language| before.language != Some(*language)) {
        told.push(said_language(outreach, subject, language, at));
    }
    if told.is_empty() {
        return tx.commit().await;
    }
    let line = HistoryLine { delivery: subject.id, state: "preferences", detail: String::new() };
    write_history(&tx, outreach, at, &[line]).await?;
    store::emitted::put(&tx, &told).await?;
    tx.commit().await?;
    outreach.emitted.notify_one();
    Ok(())
}

async fn decide_one(
    tx: &Tx,
    outreach: &Outreach,
    subject: &Subject,
    kind: &str,
    topic: &str,
    granted: bool,
    at: Time,
) -> Result<Option<Event>, DbErr> {
    let address = (kind == subject.channel_kind).then(|| subject.address.clone());
    let decision = Decision {
        workspace: subject.workspace(),
        who: Who::Member { member: subject.member(), address },
        channel_kind: kind.to_owned(),
        topic: topic.to_owned(),
        granted,
        at,
        source: SOURCE.to_owned(),
        proof: json!({"delivery": DeliveryId(subject.id)}),
    };
    if decide(tx, &outreach.ids, &decision).await? != Decided::Changed {
        return Ok(None);
    }
    let word = if granted { "Subscribed" } else { "Unsubscribed" };
    let name = format!("{} {word}", kind_word(kind));
    let mark = format!("{word}:{topic}:{}", at.millis());
    Ok(Some(fact(outreach, subject, name, &mark, at, &[("topic", topic)])))
}

/// The member's own word, so it comes as any trait that he tells.
fn said_language(outreach: &Outreach, subject: &Subject, language: Language, at: Time) -> Event {
    Event {
        id: outreach.ids.next(EventId),
        workspace: subject.workspace(),
        kind: EventKind::Identify,
        name: EventKind::Identify.default_name().to_owned(),
        user_id: None,
        anonymous_id: None,
        previous_id: None,
        member: Some(subject.member()),
        timestamp: at,
        received_at: at,
        message_id: format!("{}:language:{}", subject.delivery(), at.millis()),
        source: SOURCE.to_owned(),
        trusted: true,
        properties: to_raw_value(&json!({"language": language.tag()})).unwrap_or_else(|_| empty_object()),
        context: empty_object(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_shown_is_chosen() {
        let body = b"action=save&shown_topic=news&shown_topic=%E7%94%9F%E6%97%A5&topic=news&topic=hidden&shown_channel=email&pause=begin&language=zh-CN";
        let choice = Choice::read(body).unwrap();
        assert_eq!(choice.topics, [("news".to_owned(), true), ("生日".to_owned(), false)]);
        assert_eq!(choice.channels, [("email".to_owned(), false)]);
        assert_eq!((choice.pause, choice.language), (Some(true), Some(Language::Zh)));
        assert_eq!(Choice::read(b"action=leave"), None);
        assert_eq!(Choice::read(b"action=save"), Some(Choice::default()));
    }

    #[test]
    fn an_address_is_shown_in_part() {
        assert_eq!(in_part("margarete@shop.example"), "mar…@shop.example");
        assert_eq!(in_part("a@b.example"), "a…@b.example");
        assert_eq!(in_part("+8613800138000"), "+86…");
        assert_eq!(in_part(""), "…");
    }
}
