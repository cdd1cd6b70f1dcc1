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

    /// A page from rows that were asked for with `limit + 1`; `position` gives the number at
    /// which the next page starts after a row.
    pub fn from_rows<R>(mut rows: Vec<R>, limit: u64, position: impl Fn(&R) -> i64, item: impl Fn(R) -> T) -> Page<T> {
        let more = rows.len() as u64 > limit;
        rows.truncate(limit as usize);
        let next = rows.last().filter(|_| more).map(|row| URL_SAFE_NO_PAD.encode(position(row).to_be_bytes()));
        Page { items: rows.into_iter().map(item).collect(), next }
    }
}
