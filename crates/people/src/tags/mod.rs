//! Tags: labels on members, put on by hand, by a rule or by a model.
//!
//! A tag needs no definition. With one it may belong to a group of tags, exclude the others of its group, come off by
//! itself, or be *dynamic*: then a segment stands behind it ([`crate::segments`]), and its members carry the tag.

mod bulk;
mod definition;
mod definitions;
mod groups;
mod list;
mod routes;
mod stage;
mod store;

use base::ids::SegmentId;

pub use bulk::BulkTagJob;
pub use definition::{TagKind, TagRule};
pub(crate) use list::{TagRow, names_in_use};
pub use routes::{MAX_AT_ONCE, check_tags, fault_of, routes};
pub use stage::{MAX_TAGS, TAG_ADDED, TAG_EXPIRY_SETTLED, TAG_REMOVED, TagStage};
pub(crate) use store::load_book;
pub use store::ruled_tags;

/// Whether a tag stands for a snapshot of a segment, by whose id it is called. It is no label then: nobody puts it on or sees
/// it.
pub(crate) fn is_snapshot(tag: &str) -> bool {
    tag.parse::<SegmentId>().is_ok()
}
