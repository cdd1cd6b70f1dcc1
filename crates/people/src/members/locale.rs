//! Where a member lives by the clock, and which language he reads.

use std::collections::HashMap;

use base::{
    Language, Time,
    ids::{MemberId, WorkspaceId},
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde_json::Value;
use store::Sql;

use super::{MemberState, load_members};
use crate::rules::{RuleBook, profile_books};

/// Traits that name a time zone, the strongest first. SDKs and shops spell it in each of these ways.
const ZONE_TRAITS: [&str; 4] = ["timezone", "time_zone", "timeZone", "tz"];
/// Traits that name a language, the strongest first.
const LANGUAGE_TRAITS: [&str; 4] = ["language", "locale", "lang", "preferred_language"];

impl MemberState {
    /// The member's time zone: what a trait says, as the IANA database names it, else the workspace's.
    pub fn time_zone(&self, book: &RuleBook) -> TimeZone {
        self.own_time_zone().unwrap_or_else(|| book.zone.clone())
    }

    /// The time zone that one of the member's traits names; `None` when none does.
    pub fn own_time_zone(&self) -> Option<TimeZone> {
        let named = ZONE_TRAITS.iter().filter_map(|name| self.traits().get(*name).and_then(Value::as_str));
        named.filter_map(|zone| TimeZone::get(zone.trim()).ok()).next()
    }

    /// The language that the member reads: what a trait says, else what is read where he lives or the workspace is, else
    /// English.
    pub fn language(&self, book: &RuleBook) -> Language {
        let read_there = || self.time_zone(book).iana_name().and_then(Language::of_zone);
        self.own_language().or_else(read_there).unwrap_or_default()
    }

    /// The language that one of the member's traits names; `None` when none does.
    pub fn own_language(&self) -> Option<Language> {
        let named = LANGUAGE_TRAITS.iter().filter_map(|name| self.traits().get(*name).and_then(Value::as_str));
        named.filter_map(Language::of_tag).next()
    }
}

#[derive(FromQueryResult)]
struct SpeaksRow {
    member_id: i64,
    workspace_id: i64,
}

/// The time zones of those of the members who name one of their own; the others live by their workspace's clock.
///
/// Only members with a trait of such a name are read whole, since conflicts between what their identities say are settled
/// by the profile.
pub async fn own_time_zones(
    db: &impl Sql,
    members: &[MemberId],
    now: Time,
) -> Result<HashMap<MemberId, TimeZone>, DbErr> {
    let keys: Vec<(i64,)> = members.iter().map(|member| (member.0,)).collect();
    let names: Vec<String> = ZONE_TRAITS.iter().map(|name| format!("i.traits_json LIKE '%\"{name}\"%'")).collect();
    let speaking: Vec<SpeaksRow> = db
        .all_rows(
            &format!(
                "SELECT DISTINCT i.member_id, i.workspace_id
                 FROM {{rows}} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT) WHERE {}",
                names.join(" OR ")
            ),
            &keys,
            Vec::new(),
        )
        .await?;
    if speaking.is_empty() {
        return Ok(HashMap::new());
    }
    let mut ids: Vec<MemberId> = speaking.iter().map(|row| MemberId(row.member_id)).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut workspaces: Vec<WorkspaceId> = speaking.iter().map(|row| WorkspaceId(row.workspace_id)).collect();
    workspaces.sort_unstable();
    workspaces.dedup();
    let books = profile_books(db, &workspaces).await?;
    let loaded = load_members(db, &ids, &books, now).await?;
    Ok(loaded.iter().filter_map(|member| Some((member.id, member.own_time_zone()?))).collect())
}
