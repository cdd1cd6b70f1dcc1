//! Why one record is not accepted.

use std::borrow::Cow;

use base::Code;

/// Why one record of a request is not accepted; the rest of the request lives on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// What is wrong, in one sentence, without the values of the record.
    pub message: Cow<'static, str>,
    /// The sender's id of the record, where it can be read.
    pub message_id: Option<String>,
}

impl Refusal {
    /// A refusal of a record whose id is not known yet.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal { code, message: message.into(), message_id: None }
    }

    /// Says which record it was.
    pub fn of(mut self, message_id: Option<&str>) -> Refusal {
        self.message_id = message_id.map(str::to_owned);
        self
    }
}
