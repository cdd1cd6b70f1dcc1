//! Whom to believe that an address was verified.
//!
//! The same verified address makes two members one, so whoever is believed about it can make himself one with somebody
//! else. A key that stands in a page is in everybody's hands; what is sent with it says of addresses only that they
//! were given. The claim is taken out of the event before any stage sees it, so that no identity is verified by it and
//! no profile, rule or timeline shows it as a trait; the context names what was left out. The log keeps what was said,
//! and whether the sender was believed ([`Event::trusted`]), so that events that are taken in anew become the same.

use std::collections::BTreeMap;

use base::{Event, EventKind, event::empty_object};
use serde_json::value::{RawValue, to_raw_value};

/// The traits that say that an address was verified, whatever they say: who is not believed cannot take back, either,
/// what others have said.
const CLAIMS: [&str; 2] = ["email_verified", "phone_verified"];
/// Where the context of an event names the traits that were left out.
const TRAITS_NOT_BELIEVED: &str = "traits_not_believed";

/// The event as it is to be understood: without claims of somebody who is not believed.
pub(crate) fn believed(event: Event) -> Event {
    if event.trusted || event.kind != EventKind::Identify || !may_claim(event.properties.get()) {
        return event;
    }
    // Texts of values stay as they are; a name that comes twice counts once.
    let mut traits: BTreeMap<String, Box<RawValue>> = serde_json::from_str(event.properties.get()).unwrap_or_default();
    let claimed: Vec<&str> = CLAIMS.into_iter().filter(|name| traits.remove(*name).is_some()).collect();
    if claimed.is_empty() {
        return event;
    }
    let mut context: BTreeMap<String, Box<RawValue>> = serde_json::from_str(event.context.get()).unwrap_or_default();
    if let Ok(names) = to_raw_value(&claimed) {
        context.insert(TRAITS_NOT_BELIEVED.to_owned(), names);
    }
    Event {
        properties: to_raw_value(&traits).unwrap_or_else(|_| empty_object()),
        context: to_raw_value(&context).unwrap_or_else(|_| empty_object()),
        ..event
    }
}

/// Whether a JSON text may name one of the claims. A name with an escape in it is not seen before it is read.
fn may_claim(traits: &str) -> bool {
    traits.contains("_verified") || traits.contains('\\')
}

#[cfg(test)]
mod tests {
    use base::{
        Time,
        ids::{EventId, WorkspaceId},
    };
    use serde_json::{Value, json};

    use super::*;

    fn event(kind: EventKind, trusted: bool, properties: &str) -> Event {
        Event {
            id: EventId(1),
            workspace: WorkspaceId(1),
            kind,
            name: kind.default_name().to_owned(),
            user_id: Some("u".to_owned()),
            anonymous_id: None,
            previous_id: None,
            member: None,
            timestamp: Time::EPOCH,
            received_at: Time::EPOCH,
            message_id: "m".to_owned(),
            source: "key_x".to_owned(),
            trusted,
            properties: RawValue::from_string(properties.to_owned()).unwrap(),
            context: RawValue::from_string(r#"{"traits_not_believed":["city"],"page":{"n":1.50}}"#.to_owned()).unwrap(),
        }
    }

    #[test]
    fn a_claim_is_left_out_however_it_is_written_and_nothing_else_is_touched() {
        for claims in [
            r#""email_verified":true"#,
            r#""email_verified":false,"email_verified":true"#,
            r#""email\u005fverified":true"#,
            r#""\u0065mail_verified":"true""#,
            r#""email_verified":null"#,
        ] {
            let said = event(EventKind::Identify, false, &format!(r#"{{"email":"a@b.example","n":1.50,{claims}}}"#));
            let understood = believed(said);
            assert_eq!(understood.properties.get(), r#"{"email":"a@b.example","n":1.50}"#, "{claims}");
            let context: Value = serde_json::from_str(understood.context.get()).unwrap();
            assert_eq!(context, json!({"traits_not_believed": ["email_verified"], "page": {"n": 1.5}}));
        }
        let both = event(EventKind::Identify, false, r#"{"phone_verified":true,"email_verified":1}"#);
        let understood = believed(both);
        assert_eq!(understood.properties.get(), "{}");
        assert!(understood.context.get().contains(r#"["email_verified","phone_verified"]"#));
    }

    #[test]
    fn who_is_trusted_and_what_is_no_claim_about_a_member_stays_as_it_was_said() {
        let claim = r#"{ "email_verified" : true }"#;
        let harmless = r#"{ "name" : "a\"b", "address_verified" : true, "is" : "email_verified" }"#;
        for (kind, trusted, properties) in [
            (EventKind::Identify, true, claim),
            (EventKind::Track, false, claim),
            (EventKind::Group, false, claim),
            (EventKind::Identify, false, harmless),
        ] {
            let said = event(kind, trusted, properties);
            assert_eq!(believed(said.clone()).to_record(), said.to_record());
        }
    }
}
