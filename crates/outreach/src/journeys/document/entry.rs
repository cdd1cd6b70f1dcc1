//! What lets members into a journey.

use base::ids::SegmentId;
use jiff::civil;

use super::Happening;
use crate::journeys::calendar::Shift;

/// What lets members in.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Something happened: an event, or a segment that was entered or left.
    Happening(Happening),
    /// A date that a trait of the member names has come.
    Date(DateEntry),
    /// The calendar says so, for all members or those of a segment.
    Schedule(Schedule),
    /// Somebody lets in whom he wants.
    Manual,
    /// The member stood in a row of an import.
    Import,
}

/// A date of the member's own: a birthday, the end of a contract.
#[derive(Clone, Debug, PartialEq)]
pub struct DateEntry {
    /// The trait that names it.
    pub name: String,
    /// Whether it comes again each year; the 29th of February is the 28th in years without one.
    pub every_year: bool,
    /// How long before or after it.
    pub offset: Option<Shift>,
    /// The time of the day in the member's zone; else what the trait says, or the beginning of the day.
    pub at: Option<civil::Time>,
}

/// A calendar for entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// On which days.
    pub days: ScheduleDays,
    /// At which time of the day; the beginning of the day unless it is said.
    pub at: civil::Time,
    /// Whether the clocks are those of the workspace rather than of each member.
    pub of_workspace: bool,
    /// Only members who are in it at that moment.
    pub segment: Option<SegmentId>,
}

/// The days of a calendar.
#[derive(Clone, Debug, PartialEq)]
pub enum ScheduleDays {
    /// Every day.
    Daily,
    /// These days of the week.
    Weekly(Vec<civil::Weekday>),
    /// These days of the month: 1 is the first, −1 the last; the 31st is the last day of a shorter month.
    Monthly(Vec<i8>),
}
