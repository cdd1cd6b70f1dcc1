//! Looking for names that have a text in them.

/// The pattern for `LOWER(name) LIKE $n ESCAPE '!'`.
pub(crate) fn pattern(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// A text to look for, if there is any; what no name can have in it is refused.
pub(crate) fn wanted(text: Option<&str>) -> Result<Option<&str>, base::Problem> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) if text.contains('\0') || text.len() > 200 => {
            Err(base::Problem::at(base::Code::InvalidQuery, "search", "has 1 to 200 bytes and no NUL"))
        }
        text => Ok(text),
    }
}
