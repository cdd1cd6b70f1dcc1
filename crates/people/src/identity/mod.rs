//! Identities: who an event is about, and when two turn out to be one.
//!
//! A merge happens by itself only when it is safe: an anonymous visitor who says who he is, the same *verified* e-mail
//! or phone, or an account on a platform (`kinds.rs`) of somebody who is known by nothing else that names a person. Two
//! proven persons, and two whom an operator has parted, become a *suggestion* instead. That an address is verified
//! (`vouching.rs`), whose an account is (`claims.rs`), and that two known members are one person (an alias), is
//! believed of operators, imports and trusted keys only. Every merge is a link that can be taken away again, in any
//! order (`parting.rs`). How many identities a member can have is bounded (`room.rs`).
//!
//! Phone numbers without a code are of the workspace's own country (`phone/`). It is part of the rule book: what a
//! batch reads is read with one country, however often the batch is done.

mod claims;
mod deciding;
mod external;
mod forecast;
mod keys;
mod kinds;
mod lookup;
mod merges;
mod parting;
mod phone;
mod room;
mod routes;
mod stage;
mod suggestions;
mod vouching;

pub use external::{ExternalFault, ExternalId, MAX_EXTERNAL_IDS, external_ids};
pub use forecast::{Forecast, Foreseen};
pub(crate) use keys::{Key, Names, keys_of, others_of};
pub(crate) use kinds::priority_sql;
pub use kinds::{KINDS, Kind, Reach, kind_name};
pub(crate) use lookup::find_owners;
pub use parting::{IDENTITY_SPLIT, MERGE_UNDONE, Parted, Reached};
pub(crate) use parting::{load_kept_apart, part, parts_members};
pub use phone::{Country, Home, country};
pub(crate) use phone::{Homes, load_home, load_homes, written_forms};
pub use routes::routes;
pub use stage::{IdentifyStage, MEMBERS_MERGED};
pub(crate) use suggestions::{Suggestion, close_suggestions, flush_suggestions};
pub(crate) use vouching::believed;

/// How strongly a kind of identity names a person; the strongest is the primary one.
pub fn priority(kind: &str) -> u8 {
    Kind::named(kind).priority
}

/// The one form in which values of a kind are compared; `None` when the text cannot be one. A phone number without the
/// code of its country stays a row of digits.
pub fn normalise(kind: &str, value: &str) -> Option<String> {
    normalise_in(kind, value, None)
}

/// As [`normalise`], with phone numbers of the country `home` where they have no code.
pub fn normalise_in(kind: &str, value: &str, home: Home) -> Option<String> {
    let value = value.trim();
    if value.is_empty() || value.len() > 512 {
        return None;
    }
    match kind {
        "email" => {
            let (local, domain) = value.rsplit_once('@')?;
            let plausible = !local.is_empty()
                && domain.contains('.')
                && value.len() <= 254
                && !value.contains(|c: char| c.is_whitespace() || c.is_control());
            plausible.then(|| value.to_lowercase())
        }
        "phone" => phone::normalise(value, home),
        _ => Some(value.to_owned()),
    }
}

/// The strongest account or device among ids, by which an event without other ids names its member.
pub fn strongest_external(ids: &[ExternalId]) -> Option<&ExternalId> {
    let accounts = ids.iter().filter(|id| Kind::named(&id.kind).is_external());
    accounts
        .min_by(|one, other| priority(&other.kind).cmp(&priority(&one.kind)).then_with(|| one.value.cmp(&other.value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_writes_his_address_in_many_ways() {
        assert_eq!(normalise("email", " Li.Bai@Example.COM "), Some("li.bai@example.com".to_owned()));
        assert_eq!(normalise("phone", "+86 138-0013-8000"), Some("+8613800138000".to_owned()));
        assert_eq!(normalise("email", "not an address"), None);
        assert_eq!(normalise("email", "a@b"), None);
        assert_eq!(normalise("user_id", " U-7 "), Some("U-7".to_owned()));
        assert_eq!(normalise("user_id", "  "), None);
    }
}
