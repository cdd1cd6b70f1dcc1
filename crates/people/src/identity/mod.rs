//! Identities: who an event is about, and when two turn out to be one.
//!
//! A merge happens by itself only when it is safe: an anonymous visitor who says who he is, or
//! the same *verified* e-mail or phone. Two proven persons, and two whom an operator has parted, become a *suggestion*
//! instead. That an address is verified (`vouching.rs`), and that two known members are one person (an alias), is
//! believed of operators, imports and trusted keys only. Every merge is a link that can be taken away again, in any
//! order (`parting.rs`).

mod forecast;
mod lookup;
mod parting;
mod room;
mod routes;
mod stage;
mod suggestions;
mod vouching;

pub use forecast::{Forecast, Foreseen};
pub(crate) use lookup::find_owners;
pub use parting::{IDENTITY_SPLIT, MERGE_UNDONE, Parted, Reached};
pub(crate) use parting::{load_kept_apart, part, parts_members};
pub use routes::routes;
pub(crate) use stage::keys_of;
pub(crate) use stage::others_of;
pub use stage::{IdentifyStage, MEMBERS_MERGED};
pub(crate) use suggestions::{Suggestion, close_suggestions, flush_suggestions};
pub(crate) use vouching::believed;

/// How strongly a kind of identity names a person; the strongest is the primary one.
pub fn priority(kind: &str) -> u8 {
    match kind {
        "user_id" => 100,
        "email" => 80,
        "phone" => 70,
        "anonymous_id" => 0,
        _ => 50,
    }
}

/// Whether values of this kind prove a person once they are verified.
pub fn is_provable(kind: &str) -> bool {
    matches!(kind, "email" | "phone")
}

/// The one form in which values of a kind are compared; `None` when the text cannot be one.
pub fn normalise(kind: &str, value: &str) -> Option<String> {
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
        "phone" => {
            let digits: String = value.chars().filter(|c| c.is_ascii_digit()).collect();
            let plus = if value.starts_with('+') { "+" } else { "" };
            (6..=15).contains(&digits.len()).then(|| format!("{plus}{digits}"))
        }
        _ => Some(value.to_owned()),
    }
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
