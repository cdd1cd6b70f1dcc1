//! What there is in the shop's world: goods, places, groups, names and things to say. Data only.

pub(crate) mod names;
pub(crate) mod places;
pub(crate) mod talk;
pub(crate) mod wines;
