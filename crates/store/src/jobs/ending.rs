//! How jobs end.

use base::{Code, Problem};
use sea_orm::DbErr;
use serde_json::Value as Json;

/// How a run of a job ended other than well.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Worth trying again later.
    #[error("{0:#}")]
    Retry(anyhow::Error),
    /// Trying again cannot help.
    #[error("{0:#}")]
    Fail(anyhow::Error),
    /// Somebody asked for it to stop.
    #[error("cancelled")]
    Cancelled,
}

impl JobError {
    /// An error that trying again cannot help, with a code of its own.
    pub fn fail(code: Code, detail: impl Into<String>) -> JobError {
        JobError::Fail(Problem::with(code, detail).into())
    }

    /// The stable code of what went wrong: that of the problem, if it is one.
    pub fn code(&self) -> Option<Code> {
        match self {
            JobError::Retry(error) | JobError::Fail(error) => {
                Some(error.downcast_ref::<Problem>().map_or(Code::Internal, |problem| problem.code))
            }
            JobError::Cancelled => None,
        }
    }

    /// What went wrong, for whoever reads it with the code beside it.
    pub(super) fn text(&self) -> String {
        match self {
            JobError::Retry(error) | JobError::Fail(error) => match error.downcast_ref::<Problem>() {
                Some(Problem { detail: Some(detail), .. }) => detail.clone(),
                Some(problem) => problem.code.title().to_owned(),
                None => self.to_string(),
            },
            JobError::Cancelled => self.to_string(),
        }
    }

    /// As it may stand in the log of the server. What a problem says may be taken from a file of customers; it stands
    /// with the job, where those read it who may.
    pub(super) fn for_log(&self) -> String {
        match self {
            JobError::Retry(error) | JobError::Fail(error) => match error.downcast_ref::<Problem>() {
                Some(problem) => problem.code.as_str().to_owned(),
                None => self.to_string(),
            },
            JobError::Cancelled => self.to_string(),
        }
    }
}

impl From<DbErr> for JobError {
    fn from(error: DbErr) -> Self {
        JobError::Retry(error.into())
    }
}

/// How a job ended.
#[derive(Clone, Debug)]
pub struct JobEnd {
    /// `done`, `failed` or `cancelled`.
    pub state: &'static str,
    /// What came of it.
    pub result: Option<Json>,
    /// Why it failed, in English.
    pub error: Option<String>,
    /// The stable code of that.
    pub error_code: Option<Code>,
}

impl JobEnd {
    pub(super) fn failed(code: Code, error: String) -> JobEnd {
        JobEnd { state: "failed", result: None, error: Some(error), error_code: Some(code) }
    }
}
