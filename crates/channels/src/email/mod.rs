//! E-mail over SMTP (RFC 5321), with one-click unsubscribe (RFC 8058), and reading the bounces and
//! complaints that come back.
//!
//! Invariant: how far an attempt got is known at every moment (`stage::Stage`), so only a
//! failure between the end of the message and the server's reply is an unknown outcome.

mod address;
mod compose;
mod config;
mod outcome;
mod pool;
mod queue_id;
mod server;
mod session;
mod stage;
mod stream;
mod tls;

pub mod bounce;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base::{Clock, Code, Problem};
use serde_json::Value as Json;

use crate::{Channel, ChannelKind, Form, Message, Outcome, Pace, guard::Guard};

pub use config::{Config, Security, Sender};

use compose::{Composed, Composer};
use outcome::Refusal;
use pool::Pool;
use server::Server;
use session::Session;
use stage::{Failure, Progress};

/// The kind `email`.
pub struct EmailKind {
    clock: Arc<dyn Clock>,
    guard: Guard,
}

impl EmailKind {
    /// A kind whose channels date their messages by `clock` and connect only where `guard` allows.
    pub fn new(clock: Arc<dyn Clock>, guard: Guard) -> EmailKind {
        EmailKind { clock, guard }
    }
}

impl ChannelKind for EmailKind {
    fn kind(&self) -> &'static str {
        "email"
    }

    fn form(&self) -> Form {
        Form::Letter
    }

    fn needs_address(&self) -> bool {
        true
    }

    fn destination_fields(&self) -> &'static [&'static str] {
        &["host", "port", "security", "ca_certificate"]
    }

    fn secret_fields(&self) -> &'static [&'static str] {
        &["password"]
    }

    fn connect(&self, config: &Json) -> Result<Arc<dyn Channel>, Problem> {
        let config = Config::read(config)?;
        let server = Server::new(&config, self.guard.clone())?;
        Ok(Arc::new(EmailChannel {
            timeout: config.timeout(),
            pace: Pace { per_second: config.per_second, concurrency: config.concurrency },
            composer: Composer::new(&config)?,
            pool: Arc::new(Pool::new(config.concurrency, self.clock.clone())),
            clock: self.clock.clone(),
            server,
        }))
    }
}

/// One SMTP account.
struct EmailChannel {
    server: Server,
    composer: Composer,
    pool: Arc<Pool>,
    clock: Arc<dyn Clock>,
    /// Bounds a whole attempt, waiting for a free connection included.
    timeout: Duration,
    pace: Pace,
}

#[async_trait]
impl Channel for EmailChannel {
    async fn send(&self, message: &Message) -> Outcome {
        let composed = match self.composer.compose(message, self.clock.now()) {
            Ok(composed) => composed,
            Err(Refusal { reason, suppress }) => return Outcome::Refused { reason, suppress },
        };
        let progress = Progress::default();
        let attempt = tokio::time::timeout(self.timeout, self.hand_over(&composed, &progress)).await;
        match attempt {
            Ok(Ok(reply)) => Outcome::Accepted { provider_id: queue_id::find(&reply) },
            Ok(Err(failure)) => outcome::of_failure(failure),
            Err(_) => outcome::of_timeout(progress.stage(), self.timeout),
        }
    }

    async fn test(&self) -> Result<(), Problem> {
        let progress = Progress::default();
        let attempt = tokio::time::timeout(self.timeout, async {
            let session = self.server.open(&progress).await?;
            session.check(&progress).await
        });
        let failure = match attempt.await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(failure)) => failure.to_string(),
            Err(_) => format!("{}: no answer within {} s", progress.stage(), self.timeout.as_secs()),
        };
        Err(Problem::with(Code::ChannelTestFailed, failure))
    }

    fn pace(&self) -> Pace {
        self.pace
    }
}

impl EmailChannel {
    /// Hands a message over on an idle connection or a fresh one; gives the server's final reply.
    async fn hand_over(&self, composed: &Composed, progress: &Progress) -> Result<String, Failure> {
        let _permit = self.pool.permit().await;
        if let Some(mut session) = self.pool.take() {
            match session.hand_over(composed, progress).await {
                // The server had closed the idle connection. Nothing of the message was
                // sent, and its neighbours in the pool are most likely as dead.
                Err(failure) if failure.shows_dead_connection() => self.pool.clear(),
                result => return self.finish(session, result),
            }
        }
        let mut session = self.server.open(progress).await?;
        let result = session.hand_over(composed, progress).await;
        self.finish(session, result)
    }

    fn finish(&self, session: Session, result: Result<String, Failure>) -> Result<String, Failure> {
        // A connection whose server refused one message in good form serves the next one.
        let usable = match &result {
            Ok(_) => true,
            Err(failure) => failure.leaves_connection_usable(),
        };
        if usable {
            Pool::put(&self.pool, session);
        }
        result
    }
}
