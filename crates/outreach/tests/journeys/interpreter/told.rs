//! A run as it is told, by the interpreter and of the database alike.

/// One thing that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub at: i64,
    pub step: String,
    pub action: String,
    /// What was decided, where something was.
    pub note: String,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// Who entered.
    pub person: String,
    /// Whose it is now.
    pub of: String,
    pub journey: usize,
    /// The version that it is on now, from 0 on.
    pub version: usize,
    pub key: String,
    pub entered: i64,
    pub state: String,
    pub ended: Option<i64>,
    pub goal: Option<i64>,
    pub lines: Vec<Line>,
    /// Messages: when, and of which step.
    pub sent: Vec<(i64, String)>,
}
