//! How far an attempt got, and how it failed.

use std::{
    error::Error as _,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use base::Clock;
use lettre::transport::smtp;

use crate::reason::{MAX_REASON, plain_line};

/// A step of an attempt, in order of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    /// Until one of the permitted connections is free.
    #[default]
    Waiting,
    /// Finding the server's addresses.
    Resolve,
    /// Connecting by TCP.
    Connect,
    /// The TLS handshake before the first byte.
    Tls,
    /// The server's greeting and EHLO.
    Greeting,
    /// STARTTLS, the handshake, and the second EHLO.
    StartTls,
    /// AUTH.
    Login,
    /// NOOP, in a test.
    Noop,
    /// MAIL FROM, and RSET before it on a connection that had an error.
    Sender,
    /// RCPT TO.
    Recipient,
    /// The DATA command.
    DataCommand,
    /// Sending the message, its last line not included.
    Body,
    /// From the first byte of the last line to the server's reply. Only here nobody knows.
    FinalReply,
}

const STAGES: &[Stage] = &[
    Stage::Waiting,
    Stage::Resolve,
    Stage::Connect,
    Stage::Tls,
    Stage::Greeting,
    Stage::StartTls,
    Stage::Login,
    Stage::Noop,
    Stage::Sender,
    Stage::Recipient,
    Stage::DataCommand,
    Stage::Body,
    Stage::FinalReply,
];

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Waiting => "waiting for a free connection",
            Stage::Resolve => "resolving the host name",
            Stage::Connect => "connecting",
            Stage::Tls => "TLS handshake",
            Stage::Greeting => "greeting (EHLO)",
            Stage::StartTls => "STARTTLS",
            Stage::Login => "login (AUTH)",
            Stage::Noop => "NOOP",
            Stage::Sender => "MAIL FROM",
            Stage::Recipient => "RCPT TO",
            Stage::DataCommand => "DATA",
            Stage::Body => "sending the message",
            Stage::FinalReply => "waiting for the reply after the message",
        })
    }
}

/// The stage that an attempt is in; outlives the attempt when that is cut off.
#[derive(Default)]
pub struct Progress {
    stage: AtomicU8,
    /// Where somebody looks on.
    watch: Option<Watch>,
}

/// When each stage began, by the monotonic clock.
struct Watch {
    clock: Arc<dyn Clock>,
    begun: Mutex<Vec<(Stage, Duration)>>,
}

impl Progress {
    /// One that notes when each stage begins.
    pub fn watched(clock: Arc<dyn Clock>) -> Progress {
        Progress { watch: Some(Watch { clock, begun: Mutex::default() }), ..Progress::default() }
    }

    /// Notes that a stage begins.
    pub fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
        if let Some(Watch { clock, begun }) = &self.watch {
            begun.lock().unwrap_or_else(PoisonError::into_inner).push((stage, clock.monotonic()));
        }
    }

    /// The stage that began last.
    pub fn stage(&self) -> Stage {
        STAGES.get(usize::from(self.stage.load(Ordering::Relaxed))).copied().unwrap_or(Stage::FinalReply)
    }

    /// The stages that have begun, each with how long it took until the next one, or now.
    pub fn stages(&self) -> Vec<(Stage, Duration)> {
        let Some(Watch { clock, begun }) = &self.watch else { return Vec::new() };
        let begun = begun.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let ends = begun.iter().skip(1).map(|(_, at)| *at).chain([clock.monotonic()]);
        begun.iter().zip(ends).map(|((stage, began), end)| (*stage, end.saturating_sub(*began))).collect()
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The server answered with a refusal.
    Reply {
        /// Its three digits.
        code: u16,
        /// Its text, as the server wrote it.
        text: String,
    },
    /// The connection failed, or the server did not speak SMTP.
    Network(String),
    /// The server lacks something that is needed.
    Unsupported(&'static str),
    /// The guard does not let us connect there.
    Forbidden(String),
}

/// A failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
}

impl Failure {
    /// A failure in the stage that began last.
    pub fn new(progress: &Progress, cause: Cause) -> Failure {
        Failure { stage: progress.stage(), cause }
    }

    /// What lettre reports, in the stage that began last.
    pub fn of(progress: &Progress, error: smtp::Error) -> Failure {
        Failure::new(progress, cause_of(&error))
    }

    /// An attempt that was cut off in a stage because it took too long.
    pub fn timed_out(stage: Stage, timeout: Duration) -> Failure {
        Failure { stage, cause: Cause::Network(format!("not done within {} s", timeout.as_secs())) }
    }

    /// A test that was cut off because nobody answered.
    pub fn no_answer(stage: Stage, timeout: Duration) -> Failure {
        Failure { stage, cause: Cause::Network(format!("no answer within {} s", timeout.as_secs())) }
    }

    /// Whether an idle connection turned out to have been closed by the server. Nothing of the
    /// message was sent then.
    pub fn shows_dead_connection(&self) -> bool {
        self.stage <= Stage::Sender && matches!(self.cause, Cause::Network(_) | Cause::Reply { code: 421, .. })
    }

    /// Whether the server refused in good form and goes on listening.
    pub fn leaves_connection_usable(&self) -> bool {
        match &self.cause {
            Cause::Reply { code, .. } => self.stage >= Stage::Sender && *code != 421,
            Cause::Unsupported(_) => self.stage >= Stage::Sender,
            Cause::Network(_) | Cause::Forbidden(_) => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Reply { code, text } => {
                write!(f, "{}: the server answered {code} {}", self.stage, plain_line(text, MAX_REASON))
            }
            Cause::Network(text) | Cause::Forbidden(text) => {
                write!(f, "{}: {}", self.stage, plain_line(text, MAX_REASON))
            }
            Cause::Unsupported(text) => write!(f, "{}: {text}", self.stage),
        }
    }
}

fn cause_of(error: &smtp::Error) -> Cause {
    if let Some(code) = error.status() {
        let text = error.source().map(ToString::to_string).unwrap_or_default();
        return Cause::Reply { code: code.into(), text };
    }
    if error.is_client() {
        return Cause::Unsupported("the server does not offer what is needed");
    }
    // The innermost error is the one that says something; lettre's own words come before it.
    let mut innermost: &dyn std::error::Error = error;
    while let Some(deeper) = innermost.source() {
        innermost = deeper;
    }
    let text = innermost.to_string();
    if text == "incomplete response" {
        return Cause::Network("the server closed the connection".to_owned());
    }
    Cause::Network(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_remembers_every_stage() {
        let progress = Progress::default();
        assert_eq!(progress.stage(), Stage::Waiting);
        for stage in STAGES {
            progress.enter(*stage);
            assert_eq!(progress.stage(), *stage);
        }
    }
}
