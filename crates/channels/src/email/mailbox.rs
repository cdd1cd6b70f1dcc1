//! The mailbox in which bounces and complaints arrive, read over IMAP (RFC 3501, RFC 9051).
//!
//! Invariants: nothing in the mailbox is changed; what a server sends is read within bounds; a mail that cannot be read
//! is passed over after some attempts and stops nobody behind it; there is one connection at most, and it stays open only
//! where the server tells of new mail by itself.

mod imap;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use base::{Code, Problem};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    endpoint::{Endpoint, Security},
    tls,
};
use crate::{Mailbox, MailboxPage, MailboxPosition, config::within, config::wrong, guard::Guard};
use imap::{Client, Encryption, Waited};

/// How long one reading may take.
const TIMEOUT: Duration = Duration::from_secs(120);
/// The most mails and bytes of one page.
const PAGE_MAILS: usize = 50;
const PAGE_BYTES: usize = 8 << 20;
/// How often a mail may break the connection before it is passed over.
const MAX_BREAKS: u32 = 3;

/// A mailbox to read. The field `mailbox` of a channel's configuration.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailboxConfig {
    /// Host name or address of the IMAP server.
    pub host: String,
    /// Port; by default 993 for `tls`, 143 otherwise.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted; by default from the first byte.
    #[serde(default = "tls_by_default")]
    pub security: Security,
    /// Name to sign in with.
    pub username: String,
    /// Password that goes with it. Secret.
    #[serde(default)]
    pub password: Option<String>,
    /// A certificate authority (PEM) to trust beside the public ones.
    #[serde(default)]
    pub ca_certificate: Option<String>,
    /// The folder; by default `INBOX`.
    #[serde(default = "inbox")]
    pub folder: String,
    /// Seconds between two readings, where the server does not tell of new mail by itself (RFC 2177).
    #[serde(default = "every_minute")]
    pub every_seconds: u64,
}

fn tls_by_default() -> Security {
    Security::Tls
}

fn inbox() -> String {
    "INBOX".to_owned()
}

fn every_minute() -> u64 {
    60
}

impl MailboxConfig {
    /// Checks what can be checked without the network.
    pub(super) fn check(&self) -> Result<(), Problem> {
        self.endpoint().check()?;
        within("mailbox.every_seconds", self.every_seconds, 10, 86_400)?;
        let fits =
            |text: &str| !text.is_empty() && text.len() <= 200 && text.bytes().all(|byte| (32..127).contains(&byte));
        if !fits(&self.folder) {
            return Err(wrong("mailbox.folder", "has 1 to 200 characters of ASCII (others in modified UTF-7)"));
        }
        if !fits(&self.username) {
            return Err(wrong("mailbox.username", "has 1 to 200 characters of ASCII"));
        }
        Ok(())
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            path: "mailbox.".to_owned(),
            host: self.host.clone(),
            port: self.port.unwrap_or(if self.security == Security::Tls { 993 } else { 143 }),
            security: self.security,
            username: Some(self.username.clone()),
            password: self.password.clone(),
            ca_certificate: self.ca_certificate.clone(),
        }
    }
}

/// A mailbox on an IMAP server.
pub struct ImapMailbox {
    guard: Guard,
    endpoint: Endpoint,
    encryption: Encryption,
    folder: String,
    every: Duration,
    /// The mail at which the connection broke last, and how often.
    broken_at: Mutex<(i64, u32)>,
    /// The connection, kept from one reading to the next. Whoever uses it takes it out, so one that was given up in the
    /// middle of a reply is never used again.
    open: tokio::sync::Mutex<Option<Opened>>,
}

/// A connection with the folder open.
struct Opened {
    client: Client,
    numbering: i64,
}

impl ImapMailbox {
    /// The mailbox of a configuration that has been checked.
    pub fn new(config: &MailboxConfig, guard: Guard) -> Result<ImapMailbox, Problem> {
        let endpoint = config.endpoint();
        let encryption = match endpoint.security {
            Security::None => Encryption::None,
            Security::Starttls => Encryption::Starttls(tls::connector(&endpoint)?),
            Security::Tls => Encryption::Immediate(tls::connector(&endpoint)?),
        };
        let every = Duration::from_secs(config.every_seconds);
        Ok(ImapMailbox {
            guard,
            endpoint,
            encryption,
            folder: config.folder.clone(),
            every,
            broken_at: Mutex::default(),
            open: tokio::sync::Mutex::default(),
        })
    }

    /// Signs in and opens the folder.
    pub async fn test(&self) -> Result<(), Problem> {
        within_time(async {
            let mut client = self.open().await?;
            client.examine(&self.folder).await?;
            client.close().await;
            Ok(())
        })
        .await
    }

    /// Host and port, for people.
    pub fn shown(&self) -> String {
        format!("{}:{}", self.endpoint.host, self.endpoint.port)
    }

    async fn open(&self) -> Result<Client, String> {
        let mut client = Client::connect(&self.guard, &self.endpoint, &self.encryption).await?;
        if let Some((name, password)) = self.endpoint.credentials() {
            client.sign_in(name, password).await?;
        }
        Ok(client)
    }

    /// The connection of the last reading if it still lives, or another.
    async fn opened(&self, kept: Option<Opened>) -> Result<Opened, String> {
        if let Some(mut opened) = kept
            && opened.client.refresh().await.is_ok()
        {
            return Ok(opened);
        }
        let mut client = self.open().await?;
        let numbering = self.numbering(client.examine(&self.folder).await?);
        Ok(Opened { client, numbering })
    }

    async fn page(&self, after: MailboxPosition) -> Result<MailboxPage, String> {
        let mut slot = self.open.lock().await;
        let mut opened = self.opened(slot.take()).await?;
        let (page, is_whole) = self.read_page(&mut opened, after).await?;
        match (is_whole, opened.client.can_idle()) {
            (false, _) => {}
            (true, true) => *slot = Some(opened),
            (true, false) => opened.client.close().await,
        }
        Ok(page)
    }

    /// Reads a page over a connection; false when the connection broke behind what was read.
    async fn read_page(&self, opened: &mut Opened, after: MailboxPosition) -> Result<(MailboxPage, bool), String> {
        let Opened { client, numbering } = opened;
        let numbering = *numbering;
        let last = if numbering == after.numbering { after.last } else { 0 };
        let numbers = client.numbers_after(last).await?;
        let mut page = MailboxPage { mails: Vec::new(), numbering };
        let mut bytes = 0;
        for number in numbers.into_iter().take(PAGE_MAILS) {
            if self.breaks_at(number) >= MAX_BREAKS {
                page.mails.push((number, None));
                continue;
            }
            match client.mail(number).await {
                Ok(mail) => {
                    bytes += mail.as_ref().map_or(0, Vec::len);
                    page.mails.push((number, mail));
                }
                Err(error) => {
                    self.note_break(number);
                    // What was read before is good.
                    return if page.mails.is_empty() { Err(error) } else { Ok((page, false)) };
                }
            }
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        Ok((page, true))
    }

    /// The numbering of this folder of this server: two of them may well have the same `UIDVALIDITY`, which has 32 bits.
    fn numbering(&self, validity: i64) -> i64 {
        let mut hash = Sha256::new();
        for part in [self.endpoint.host.as_str(), self.endpoint.username.as_deref().unwrap_or_default(), &self.folder] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let place = hash.finalize().iter().take(4).fold(0_i64, |number, byte| number << 8 | i64::from(*byte));
        (place >> 1) << 32 | validity & 0xffff_ffff
    }

    fn breaks_at(&self, number: i64) -> u32 {
        let (at, times) = *self.broken_at.lock().unwrap_or_else(PoisonError::into_inner);
        if at == number { times } else { 0 }
    }

    fn note_break(&self, number: i64) {
        let times = self.breaks_at(number) + 1;
        *self.broken_at.lock().unwrap_or_else(PoisonError::into_inner) = (number, times);
    }
}

#[async_trait]
impl Mailbox for ImapMailbox {
    async fn read(&self, after: MailboxPosition) -> Result<MailboxPage, Problem> {
        within_time(self.page(after)).await
    }

    async fn watch(&self, most: Duration) -> Result<bool, Problem> {
        let mut slot = self.open.lock().await;
        let Some(mut opened) = slot.take().filter(|opened| opened.client.can_idle()) else { return Ok(false) };
        let waited = opened.client.wait_for_mail(most);
        let outcome = tokio::time::timeout(most + TIMEOUT, waited).await;
        let outcome = outcome.unwrap_or_else(|_| Err("waiting for mail: the server says nothing any more".to_owned()));
        match outcome.map_err(|error| Problem::with(Code::ChannelTestFailed, error))? {
            Waited::Over => {
                *slot = Some(opened);
                Ok(true)
            }
            Waited::Refused => Ok(false),
        }
    }

    fn every(&self) -> Duration {
        self.every
    }
}

async fn within_time<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, Problem> {
    let outcome = tokio::time::timeout(TIMEOUT, work).await;
    let outcome = outcome.unwrap_or_else(|_| Err(format!("not done within {} s", TIMEOUT.as_secs())));
    outcome.map_err(|error| Problem::with(Code::ChannelTestFailed, error))
}
