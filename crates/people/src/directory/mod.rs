//! What there is among people, by name: names in the place of ids, choices for pickers, and what a search finds.
//!
//! Invariant: everything here is looked up by an index, and answers within milliseconds however many members there are.

mod building;
mod choices;
mod names;
mod search;

pub use building::{Building, building};
pub use choices::{
    GroupChoice, SegmentChoice, StageChoice, TagChoice, TopicChoice, TopicName, group_choices, segment_choices,
    stage_choices, tag_choices, topic_choices,
};
pub(crate) use names::name_traits;
pub use names::{group_names, member_names, segment_names};
pub use search::{MemberFound, MembersFound, find_members_named};
