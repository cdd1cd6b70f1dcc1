//! One open SMTP connection and the handing over of messages on it.

use std::{fmt::Display, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Noop, Rcpt, Rset},
        extension::{Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};

use super::{
    compose::Composed,
    stage::{Cause, Failure, Progress, Stage},
};

/// How much of a message is written at a time, in bytes.
const CHUNK: usize = 64 * 1024;
/// How long saying goodbye may take.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);

/// An open connection, signed in.
pub struct Session {
    connection: AsyncSmtpConnection,
    /// The last transaction did not end well, so the server may still be in the middle of it.
    needs_reset: bool,
    /// Messages handed over so far.
    handed_over: u32,
    /// The server was told to begin with a message that must not be sent: nothing more can be said on this connection.
    is_spoilt: bool,
    /// Whether the server takes several commands at once.
    pipelining: bool,
}

impl Session {
    /// A fresh connection, to a server that may take several commands at once.
    pub fn new(connection: AsyncSmtpConnection, pipelining: bool) -> Session {
        Session { connection, needs_reset: false, handed_over: 0, is_spoilt: false, pipelining }
    }

    /// Messages handed over so far.
    pub fn handed_over(&self) -> u32 {
        self.handed_over
    }

    /// Whether the next message can go over this connection after a failure.
    pub fn is_usable_after(&self, failure: &Failure) -> bool {
        !self.is_spoilt && failure.leaves_connection_usable()
    }

    /// Hands one message over; gives the text of the server's final reply.
    pub async fn hand_over(&mut self, composed: &Composed, progress: &Progress) -> Result<String, Failure> {
        progress.enter(Stage::Sender);
        let reset_needed = std::mem::replace(&mut self.needs_reset, true);
        if reset_needed {
            // A server that cannot even forget the last transaction is as good as gone.
            let reset = self.connection.command(Rset).await;
            reset.map_err(|_| Failure::new(progress, Cause::Network("RSET failed".to_owned())))?;
        }
        let reply = self.transact(composed, progress).await?;
        self.needs_reset = false;
        self.handed_over += 1;
        Ok(reply)
    }

    /// Checks that the server answers, and says goodbye.
    pub async fn check(mut self, progress: &Progress) -> Result<(), Failure> {
        progress.enter(Stage::Noop);
        self.command(Noop, progress).await?;
        self.close().await;
        Ok(())
    }

    /// Asks whether the server would take a message from this sender, takes that back, and says goodbye.
    pub async fn check_sender(mut self, sender: &Address, progress: &Progress) -> Result<(), Failure> {
        progress.enter(Stage::Sender);
        let mut parameters = Vec::new();
        if !AsRef::<str>::as_ref(sender).is_ascii() {
            self.needs_smtputf8(progress)?;
            parameters.push(MailParameter::SmtpUtfEight);
        }
        self.command(Mail::new(Some(sender.clone()), parameters), progress).await?;
        self.command(Rset, progress).await?;
        self.close().await;
        Ok(())
    }

    /// Says goodbye; whether the server answers does not matter.
    pub async fn close(mut self) {
        let _ = tokio::time::timeout(QUIT_TIMEOUT, self.connection.quit()).await;
    }

    async fn transact(&mut self, composed: &Composed, progress: &Progress) -> Result<String, Failure> {
        let parameters = self.mail_parameters(composed, progress)?;
        let mail = Mail::new(Some(composed.return_address.clone()), parameters);
        let rcpt = Rcpt::new(composed.recipient.clone(), Vec::new());
        let go_ahead = match self.pipelining {
            true => self.ask_at_once(mail, rcpt, progress).await?,
            false => {
                self.command(mail, progress).await?;
                progress.enter(Stage::Recipient);
                self.command(rcpt, progress).await?;
                progress.enter(Stage::DataCommand);
                self.command(Data, progress).await?
            }
        };
        if !go_ahead.has_code(354) {
            let text = format!("the server answered {} to DATA", go_ahead.code());
            return Err(Failure::new(progress, Cause::Network(text)));
        }
        let reply = self
            .connection
            .message_iter(Chunks { rest: &composed.bytes, progress })
            .await
            .map_err(|error| Failure::of(progress, error))?;
        let text = reply.message().collect::<Vec<_>>().join(" ");
        if u16::from(reply.code()) / 100 != 2 {
            let text = format!("the server answered {} after the message", reply.code());
            return Err(Failure::new(progress, Cause::Network(text)));
        }
        Ok(text)
    }

    /// Says MAIL, RCPT and DATA in one breath (RFC 2920) and hears all three answers. Nothing of the message is sent
    /// before the last of them.
    async fn ask_at_once(&mut self, mail: Mail, rcpt: Rcpt, progress: &Progress) -> Result<Response, Failure> {
        let mail = self.command(format!("{mail}{rcpt}{Data}"), progress).await;
        if matches!(&mail, Err(failure) if matches!(failure.cause, Cause::Network(_))) {
            return mail;
        }
        progress.enter(Stage::Recipient);
        let rcpt = self.answer(progress).await;
        progress.enter(Stage::DataCommand);
        let data = self.answer(progress).await;
        // A server that refused the recipient and nevertheless waits for the message would take the next command for it.
        let is_refused = mail.is_err() || rcpt.is_err();
        self.is_spoilt = is_refused && !matches!(&data, Err(failure) if matches!(failure.cause, Cause::Reply { .. }));
        mail.and(rcpt).and(data)
    }

    async fn answer(&mut self, progress: &Progress) -> Result<Response, Failure> {
        self.connection.read_response().await.map_err(|error| Failure::of(progress, error))
    }

    fn mail_parameters(&self, composed: &Composed, progress: &Progress) -> Result<Vec<MailParameter>, Failure> {
        let mut parameters = Vec::new();
        if composed.needs_smtputf8() {
            self.needs_smtputf8(progress)?;
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !composed.bytes.is_ascii() {
            if !self.connection.server_info().supports_feature(Extension::EightBitMime) {
                let lacking = "the server does not take headers beyond ASCII (8BITMIME)";
                return Err(Failure::new(progress, Cause::Unsupported(lacking)));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }

    fn needs_smtputf8(&self, progress: &Progress) -> Result<(), Failure> {
        if self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Ok(());
        }
        let lacking = "the server does not take addresses beyond ASCII (SMTPUTF8)";
        Err(Failure::new(progress, Cause::Unsupported(lacking)))
    }

    async fn command(&mut self, command: impl Display, progress: &Progress) -> Result<Response, Failure> {
        self.connection.command(command).await.map_err(|error| Failure::of(progress, error))
    }
}

/// A message in pieces. Asked for a piece after the last one, it notes that the message's last
/// line (the lone dot) goes out next: from then on the server may take the message.
struct Chunks<'a> {
    rest: &'a [u8],
    progress: &'a Progress,
}

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            self.progress.enter(Stage::FinalReply);
            return None;
        }
        self.progress.enter(Stage::Body);
        let (chunk, rest) = self.rest.split_at(self.rest.len().min(CHUNK));
        self.rest = rest;
        Some(chunk)
    }
}
