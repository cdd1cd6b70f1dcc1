//! Members: one profile from all their identities.

mod columns;
mod export;
mod foretold;
mod load;
mod locale;
mod packed;
mod past;
mod profile_stage;
pub(crate) mod routes;
pub(crate) mod service;
mod state;
mod timeline;
mod working_set;

pub(crate) use columns::Changed;
pub use columns::Columns;
pub use export::routes as export_routes;
pub use foretold::{Foretold, Known};
pub use load::{load_members, load_members_by};
pub(crate) use load::{read_traits, search_text, write_traits};
pub use locale::own_time_zones;
pub use past::Past;
pub use profile_stage::ProfileStage;
pub use routes::{check_storable, routes};
pub use service::{IdentityDto, MemberDto, MemberFilter, find_members, show_member, show_members};
pub(crate) use service::{count_members, current, find_ids, preview_merge, require_member};
pub(crate) use state::shows_tag;
pub use state::{GroupFact, Identity, MemberState, Operated, TagFact, TraitFact};
pub use timeline::{TimelineEntry, TimelinePart};
pub(crate) use working_set::Share;
pub use working_set::{Dirty, Room, WorkingSet};
