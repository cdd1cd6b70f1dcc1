//! Statistics that may be looked at at any time: comparisons of two arms that stay honest however often somebody looks.
//!
//! Pure functions over numbers; nothing here knows of journeys or of a database.

pub mod proportions;
pub mod sequential;
pub mod strata;
