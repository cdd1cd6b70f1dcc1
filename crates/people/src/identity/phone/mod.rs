//! Phone numbers in the one form of E.164: `+8613800138000`.
//!
//! People leave out the code of their own country, so a workspace may have a default one. It concerns what comes in
//! once it is set; identities that are there stay as they are. Nothing is guessed: a number that may be read in two
//! ways, or that has another length than numbers of the country have, stays a row of digits.
//!
//! This knows less than libphonenumber on purpose: whether a number was ever given to anybody does not matter here,
//! only that two ways of writing one number become the same text. Its Rust port reads patterns for every operator of
//! every country at the start and brings a dozen crates along; what is needed of it are five columns (`countries.rs`).

mod countries;

use std::collections::HashMap;

use base::ids::WorkspaceId;
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

/// The fewest digits of what may be a number, and the most that E.164 allows.
const LEAST: usize = 6;
const MOST: usize = 15;

/// The country in which numbers without a code are; none where nobody has said so.
pub type Home = Option<&'static Country>;

/// How phone numbers of a country are written.
#[derive(Debug, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 alpha-2, such as `CN`.
    pub alpha2: &'static str,
    /// The calling code.
    code: u16,
    /// What is dialled before a number within the country, if anything is.
    trunk: &'static str,
    /// The fewest and the most digits behind the code or the trunk prefix.
    least: u8,
    most: u8,
}

/// The country of this code (ISO 3166-1 alpha-2), in upper or lower case; none where phones have no numbers of their
/// own.
pub fn country(alpha2: &str) -> Home {
    let alpha2 = alpha2.to_ascii_uppercase();
    let place = countries::COUNTRIES.binary_search_by(|country| country.alpha2.cmp(alpha2.as_str())).ok()?;
    Some(&countries::COUNTRIES[place])
}

/// The countries of workspaces.
pub(crate) type Homes = HashMap<WorkspaceId, &'static Country>;

#[derive(FromQueryResult)]
struct HomeRow {
    id: i64,
    default_country: String,
}

/// The countries of all workspaces that have one.
pub(crate) async fn load_homes(db: &impl Sql) -> Result<Homes, DbErr> {
    let sql = "SELECT id, default_country FROM workspaces WHERE default_country IS NOT NULL";
    let rows: Vec<HomeRow> = db.all(sql, Vec::new()).await?;
    let home = |row: HomeRow| Some((WorkspaceId(row.id), country(&row.default_country)?));
    Ok(rows.into_iter().filter_map(home).collect())
}

/// The country of a workspace.
pub(crate) async fn load_home(db: &impl Sql, workspace: WorkspaceId) -> Result<Home, DbErr> {
    let sql = "SELECT default_country FROM workspaces WHERE id = $1 AND default_country IS NOT NULL";
    let alpha2: Option<String> = db.scalar(sql, vec![workspace.0.into()]).await?;
    Ok(alpha2.and_then(|alpha2| country(&alpha2)))
}

/// The one form of a number; a row of digits where its country is not known, and `None` when it cannot be a number.
pub(super) fn normalise(text: &str, home: Home) -> Option<String> {
    let has_plus = text.starts_with(['+', '＋']);
    let digits: String = text.chars().filter_map(ascii_digit).collect();
    if digits.len() < LEAST {
        return None;
    }
    let number = match home {
        _ if has_plus => format!("+{digits}"),
        None => digits,
        Some(home) => home.complete(&digits).unwrap_or(digits),
    };
    (number.trim_start_matches('+').len() <= MOST).then_some(number)
}

/// The ways in which people may write a number of the form of E.164 without its plus, as rows of digits.
pub(crate) fn written_forms(number: &str) -> Vec<String> {
    let Some(digits) = number.strip_prefix('+') else { return vec![number.to_owned()] };
    let mut forms = vec![digits.to_owned(), format!("00{digits}")];
    for country in &countries::COUNTRIES {
        let Some(rest) = digits.strip_prefix(&country.code.to_string()) else { continue };
        if country.has_length(rest) {
            forms.extend([rest.to_owned(), format!("{}{rest}", country.trunk)]);
        }
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

impl Country {
    /// A row of digits with the code of its country; `None` when it may be anything.
    fn complete(&self, digits: &str) -> Option<String> {
        let code = self.code.to_string();
        let abroad = [self.international_prefix(), "00"].into_iter().find_map(|prefix| digits.strip_prefix(prefix));
        if let Some(abroad) = abroad.filter(|abroad| abroad.len() >= 7 && !abroad.starts_with('0')) {
            return Some(format!("+{abroad}"));
        }
        let behind_code = digits.strip_prefix(code.as_str()).and_then(|rest| self.national(rest));
        match (self.national(digits), behind_code) {
            // A number of the country may begin like its code.
            (Some(one), Some(other)) if one != other => None,
            (Some(national), _) | (None, Some(national)) => Some(format!("+{code}{national}")),
            (None, None) => None,
        }
    }

    /// A row of digits without the trunk prefix, if it is as long as numbers of the country are.
    fn national<'d>(&self, digits: &'d str) -> Option<&'d str> {
        let behind_trunk = digits.strip_prefix(self.trunk).filter(|_| !self.trunk.is_empty());
        behind_trunk.filter(|rest| self.has_length(rest)).or_else(|| self.has_length(digits).then_some(digits))
    }

    fn has_length(&self, digits: &str) -> bool {
        (usize::from(self.least)..=usize::from(self.most)).contains(&digits.len())
    }

    /// What is dialled there before the code of another country.
    fn international_prefix(&self) -> &'static str {
        match self.code {
            1 => "011",
            7 => "810",
            81 => "010",
            _ => "00",
        }
    }
}

/// Digits of full width stand in much that was typed in Chinese.
fn ascii_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(alpha2: &str, text: &str) -> Option<String> {
        normalise(text, country(alpha2))
    }

    #[test]
    fn countries_are_found_by_their_code() {
        assert!(countries::COUNTRIES.is_sorted_by_key(|country| country.alpha2));
        assert_eq!(country("cn").map(|country| country.alpha2), Some("CN"));
        for wrong in ["", "C", "ZZ", "CHN", "中国"] {
            assert_eq!(country(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_number_of_a_country_is_one_text_however_it_is_written() {
        for text in
            ["13800138000", "+86 138-0013-8000", "8613800138000", "0086 138 0013 8000", "＋８６１３８００１３８０００"]
        {
            assert_eq!(read("CN", text).as_deref(), Some("+8613800138000"), "{text}");
        }
        for text in ["010-1234 5678", "+86 10 1234 5678", "8601012345678"] {
            assert_eq!(read("CN", text).as_deref(), Some("+861012345678"), "{text}");
        }
        assert_eq!(read("US", "(212) 555-0123").as_deref(), Some("+12125550123"));
        assert_eq!(read("US", "1 212 555 0123").as_deref(), Some("+12125550123"));
        assert_eq!(read("US", "011 86 13800138000").as_deref(), Some("+8613800138000"));
        assert_eq!(read("DE", "030 123456").as_deref(), Some("+4930123456"));
        assert_eq!(read("HU", "06 20 123 4567").as_deref(), Some("+36201234567"));
        assert_eq!(read("RU", "8 912 345-67-89").as_deref(), Some("+79123456789"));
        assert_eq!(read("IT", "02 1234 5678").as_deref(), Some("+390212345678"), "whose zero belongs to the number");
        assert_eq!(read("HK", "5123 4567").as_deref(), Some("+85251234567"));
    }

    #[test]
    fn what_may_be_read_in_two_ways_stays_a_row_of_digits() {
        assert_eq!(read("DE", "4930123456").as_deref(), Some("4930123456"));
        assert_eq!(read("CN", "62345678").as_deref(), Some("62345678"), "the area is missing");
        assert_eq!(read("", "13800138000").as_deref(), Some("13800138000"), "nobody has said where");
        assert_eq!(read("CN", "12345"), None);
    }

    #[test]
    fn a_number_is_known_again_without_its_country() {
        let forms = written_forms("+8613800138000");
        for form in ["8613800138000", "13800138000", "013800138000", "008613800138000"] {
            assert!(forms.iter().any(|known| known == form), "{form}: {forms:?}");
        }
        assert_eq!(written_forms("12345678"), ["12345678"]);
    }
}
