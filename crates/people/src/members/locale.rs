//! Where a member lives by the clock, and which language he reads.

use base::Language;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::MemberState;
use crate::rules::RuleBook;

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
