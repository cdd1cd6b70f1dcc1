//! What a test of a channel did, step by step.

use std::time::Duration;

/// What one step of a test tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trying {
    /// To find the server and to connect to it.
    Connect,
    /// To encrypt the connection.
    Tls,
    /// Whether the server greets as it should.
    Greeting,
    /// To sign in.
    SignIn,
    /// Whether the server takes messages from the sender.
    Sender,
    /// To open the mailbox in which reports arrive.
    Mailbox,
    /// Whether the receiver answers.
    Request,
}

impl Trying {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Trying::Connect => "connect",
            Trying::Tls => "tls",
            Trying::Greeting => "greeting",
            Trying::SignIn => "sign_in",
            Trying::Sender => "sender",
            Trying::Mailbox => "mailbox",
            Trying::Request => "request",
        }
    }
}

/// One step of a test. Nothing comes behind a step that failed, but for the steps of another account or the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestStep {
    /// The part of the configuration that it is about, such as `accounts[0]` or `mailbox`; empty for the channel itself.
    pub path: String,
    /// What was tried.
    pub what: Trying,
    /// With whom: a host and its port, an address.
    pub target: String,
    /// Why it failed, in the words of the other side where it said any; `None` when it went well.
    pub problem: Option<String>,
    /// How long it took.
    pub took: Duration,
}
