//! Lists with cursors.

use base::{Code, Problem};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DEFAULT_LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 500;

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Pass as `cursor` to get the next page; `null` at the end.
    pub next: Option<String>,
}

/// The cursor of a list that goes on at this number; [`PageQuery::position`] reads it.
pub fn cursor(position: i64) -> String {
    URL_SAFE_NO_PAD.encode(position.to_be_bytes())
}

/// Which page is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items at most (1 to 500, default 50).
    pub limit: Option<u64>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The limit, within its bounds.
    pub fn limit(&self) -> u64 {
        self.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT)
    }

    /// The number that the cursor holds, or `start`.
    pub fn position(&self, start: i64) -> Result<i64, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(start) };
        read_cursor(cursor).map(i64::from_be_bytes)
    }

    /// The two numbers that the cursor of a list in order of time holds, or `start`.
    pub fn moment(&self, start: (i64, i64)) -> Result<(i64, i64), Problem> {
        let Some(cursor) = &self.cursor else { return Ok(start) };
        let number = read_cursor(cursor).map(i128::from_be_bytes)?;
        Ok(((number >> 64) as i64, number as i64))
    }

    /// The name that the cursor of a list in order of names holds, or the empty one, which stands before all.
    pub fn name(&self) -> Result<String, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(String::new()) };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|name| !name.contains('\0'));
        name.ok_or(Problem::new(Code::InvalidCursor))
    }
}

fn read_cursor<const N: usize>(cursor: &str) -> Result<[u8; N], Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or(Problem::new(Code::InvalidCursor))
}

impl<T> Page<T> {
    /// A page in order of time; `moment` gives (time, id) of a row.
    pub fn by_moment<R>(
        mut rows: Vec<R>,
        limit: u64,
        moment: impl Fn(&R) -> (i64, i64),
        item: impl Fn(R) -> T,
    ) -> Page<T> {
        let more = rows.len() as u64 > limit;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| {
            let (at, id) = moment(row);
            URL_SAFE_NO_PAD.encode((i128::from(at) << 64 | i128::from(id as u64)).to_be_bytes())
        });
        Page { items: rows.into_iter().map(item).collect(), next }
    }

    /// A page in order of names, of rows that were asked for with `limit + 1`.
    pub fn by_name<R>(mut rows: Vec<R>, limit: u64, name: impl Fn(&R) -> &str, item: impl Fn(R) -> T) -> Page<T> {
        let more = rows.len() as u64 > limit;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(name(row)));
        Page { items: rows.into_iter().map(item).collect(), next }
    }

    /// A page from rows that were asked for with `limit + 1`; `position` gives the number at
    /// which the next page starts after a row.
    pub fn from_rows<R>(mut rows: Vec<R>, limit: u64, position: impl Fn(&R) -> i64, item: impl Fn(R) -> T) -> Page<T> {
        let more = rows.len() as u64 > limit;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| cursor(position(row)));
        Page { items: rows.into_iter().map(item).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(cursor: &str) -> Result<String, Problem> {
        PageQuery { limit: None, cursor: Some(cursor.to_owned()) }.name()
    }

    #[test]
    fn a_list_in_order_of_names_goes_on_behind_the_last() {
        let first = Page::by_name(vec!["茶", "酒", "铁粉"], 2, |row| row, |row| row);
        assert_eq!(first.items, ["茶", "酒"]);
        assert_eq!(after(&first.next.unwrap()), Ok("酒".to_owned()));
        assert_eq!(Page::by_name(vec!["铁粉"], 2, |row| row, |row| row).next, None);
        assert_eq!(PageQuery::default().name(), Ok(String::new()));
        for bad in ["!", "zzz", "AA", "_w"] {
            assert_eq!(after(bad).unwrap_err().code, Code::InvalidCursor, "{bad}");
        }
    }
}
