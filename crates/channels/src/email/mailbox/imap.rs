//! As much of an IMAP client as reading a mailbox takes, and waiting for mail in it (RFC 2177).

use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsConnector;

use super::super::{endpoint::Endpoint, server, stage::Progress};
use crate::{guard::Guard, reason::plain_line};

/// The most that is read of a mail, in bytes. Reports stand before the returned message.
const MAX_MAIL: usize = 1 << 20;
/// The longest line of a reply; a list of numbers has a dozen bytes for each.
const MAX_LINE: usize = 8 << 20;
/// The most lines of one reply.
const MAX_LINES: usize = 10_000;
const MAX_REASON: usize = 300;

/// How a connection becomes encrypted.
pub enum Encryption {
    /// It does not.
    None,
    /// Before anything else is said.
    Starttls((TlsConnector, ServerName<'static>)),
    /// Before the first byte.
    Immediate((TlsConnector, ServerName<'static>)),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open connection.
pub struct Client {
    stream: BufReader<Box<dyn Stream>>,
    commands: u32,
    /// Whether the server tells of new mail by itself.
    can_idle: bool,
    /// Whether it told of mail since it was last asked which mails there are.
    has_news: bool,
}

/// What waiting for mail came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// There is mail, or the time was up.
    Over,
    /// The server does not tell after all.
    Refused,
}

/// One line of a reply, its literals apart.
struct Line {
    text: String,
    literals: Vec<Vec<u8>>,
}

impl Client {
    /// Connects and encrypts. Errors are sentences that begin with the step.
    pub async fn connect(guard: &Guard, endpoint: &Endpoint, encryption: &Encryption) -> Result<Client, String> {
        let progress = Progress::default();
        let tcp = server::connect(guard, &endpoint.host, endpoint.port, &progress).await;
        let tcp = tcp.map_err(|failure| failure.to_string())?;
        let mut client = match encryption {
            Encryption::Immediate(tls) => Client::over(encrypt(Box::new(tcp), tls).await?),
            Encryption::None | Encryption::Starttls(_) => Client::over(Box::new(tcp)),
        };
        let greeting = client.line("greeting").await?;
        if !greeting.text.starts_with("* OK") && !greeting.text.starts_with("* PREAUTH") {
            return Err(format!("greeting: the server answered {}", plain_line(&greeting.text, MAX_REASON)));
        }
        if let Encryption::Starttls(tls) = encryption {
            client.command("STARTTLS", "STARTTLS").await?;
            // What came unencrypted behind the consent may be from somebody in between.
            if !client.stream.buffer().is_empty() {
                return Err("STARTTLS: unencrypted words after STARTTLS".to_owned());
            }
            client = Client::over(encrypt(client.stream.into_inner(), tls).await?);
        }
        Ok(client)
    }

    fn over(stream: Box<dyn Stream>) -> Client {
        Client { stream: BufReader::new(stream), commands: 0, can_idle: false, has_news: false }
    }

    /// Signs in, and says who we are to servers that insist on it before a folder is opened (163, 126).
    pub async fn sign_in(&mut self, name: &str, password: &str) -> Result<(), String> {
        self.command("login", &format!("LOGIN {} {}", quoted(name), quoted(password))).await?;
        let capabilities = self.command("CAPABILITY", "CAPABILITY").await?;
        let has = |name: &str| {
            let mut words = capabilities.iter().flat_map(|line| line.text.split_whitespace());
            words.any(|word| word.eq_ignore_ascii_case(name))
        };
        self.can_idle = has("IDLE");
        if has("ID") {
            self.command("ID", "ID (\"name\" \"hearth\" \"version\" \"1\")").await?;
        }
        Ok(())
    }

    /// Opens a folder for reading only; gives the numbering of its mails.
    pub async fn examine(&mut self, folder: &str) -> Result<i64, String> {
        let lines = self.command("opening the folder", &format!("EXAMINE {}", quoted(folder))).await?;
        let numbering = lines.iter().find_map(|line| {
            let (_, rest) = line.text.split_once("[UIDVALIDITY ")?;
            rest.split(']').next()?.trim().parse().ok()
        });
        numbering.ok_or_else(|| "opening the folder: the server did not tell the numbering (UIDVALIDITY)".to_owned())
    }

    /// Whether the server says that it tells of new mail.
    pub fn can_idle(&self) -> bool {
        self.can_idle
    }

    /// Lets the server say what has come since the folder was opened; fails when the connection is lost.
    pub async fn refresh(&mut self) -> Result<(), String> {
        self.command("asking whether it is still there", "NOOP").await.map(|_| ())
    }

    /// Waits until the server tells of mail, for `most` at the longest. What it told since it was last asked which mails
    /// there are counts as well.
    pub async fn wait_for_mail(&mut self, most: Duration) -> Result<Waited, String> {
        let step = "waiting for mail";
        if self.has_news {
            return Ok(Waited::Over);
        }
        let tag = self.say(step, "IDLE").await?;
        let until = tokio::time::Instant::now() + most;
        let mut is_waiting = false;
        for _ in 0..MAX_LINES {
            // Only the waiting may be given up: of a line that was half read, the rest would be taken for another.
            let something = tokio::time::timeout_at(until, self.stream.fill_buf());
            let is_open = match something.await {
                Err(_) => break,
                Ok(filled) => !filled.map_err(|error| format!("{step}: {error}"))?.is_empty(),
            };
            if !is_open {
                return Err(format!("{step}: the server closed the connection"));
            }
            let line = self.line(step).await?;
            if let Some(rest) = line.text.strip_prefix(&tag).and_then(|rest| rest.strip_prefix(' ')) {
                // Some servers let no one wait although they say that they do, and some end it by themselves.
                let ended = rest.to_ascii_uppercase().starts_with("OK") && is_waiting;
                self.can_idle &= ended;
                return Ok(if ended { Waited::Over } else { Waited::Refused });
            }
            if line.text.to_ascii_uppercase().starts_with("* BYE") {
                return Err(format!("{step}: the server answered {}", plain_line(&line.text, MAX_REASON)));
            }
            is_waiting |= line.text.starts_with('+');
            if self.has_news && is_waiting {
                break;
            }
        }
        self.send(step, "DONE\r\n").await?;
        match self.reply(step, &tag).await? {
            (_, None) => Ok(Waited::Over),
            (_, Some(_)) => {
                self.can_idle = false;
                Ok(Waited::Refused)
            }
        }
    }

    /// The numbers of all mails behind one, in order.
    pub async fn numbers_after(&mut self, last: i64) -> Result<Vec<i64>, String> {
        self.has_news = false;
        let lines = self.command("looking for mails", &format!("UID SEARCH UID {}:*", last + 1)).await?;
        let found = lines.iter().filter_map(|line| line.text.strip_prefix("* SEARCH"));
        // `*` is the last mail, however small its number is.
        let numbers = found.flat_map(str::split_whitespace).filter_map(|word| word.parse().ok());
        let mut numbers: Vec<i64> = numbers.filter(|number| *number > last).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    /// A mail, cut off at a megabyte; `None` when the server does not give it. Fails when the connection does.
    pub async fn mail(&mut self, number: i64) -> Result<Option<Vec<u8>>, String> {
        let fetch = format!("UID FETCH {number} (UID BODY.PEEK[]<0.{MAX_MAIL}>)");
        let (lines, refused) = self.exchange("reading a mail", &fetch).await?;
        if refused.is_some() {
            return Ok(None);
        }
        let mut fetched = lines.into_iter().filter(|line| line.text.to_ascii_uppercase().contains(" FETCH "));
        Ok(fetched.find_map(|line| line.literals.into_iter().next()))
    }

    /// Says goodbye; whether the server answers does not matter.
    pub async fn close(mut self) {
        let _ = self.command("LOGOUT", "LOGOUT").await;
    }

    async fn command(&mut self, step: &str, command: &str) -> Result<Vec<Line>, String> {
        let (lines, refused) = self.exchange(step, command).await?;
        match refused {
            None => Ok(lines),
            Some(words) => Err(format!("{step}: the server answered {words}")),
        }
    }

    /// Says a command and hears the reply; with it, what the server says when it refuses.
    async fn exchange(&mut self, step: &str, command: &str) -> Result<(Vec<Line>, Option<String>), String> {
        let tag = self.say(step, command).await?;
        self.reply(step, &tag).await
    }

    /// Says a command; returns the tag of its reply.
    async fn say(&mut self, step: &str, command: &str) -> Result<String, String> {
        self.commands += 1;
        let tag = format!("h{}", self.commands);
        self.send(step, &format!("{tag} {command}\r\n")).await?;
        Ok(tag)
    }

    async fn send(&mut self, step: &str, text: &str) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("{step}: {error}");
        self.stream.write_all(text.as_bytes()).await.map_err(failed)?;
        self.stream.flush().await.map_err(failed)
    }

    /// Hears the reply to the command with this tag; with it, what the server says when it refuses.
    async fn reply(&mut self, step: &str, tag: &str) -> Result<(Vec<Line>, Option<String>), String> {
        let mut lines = Vec::new();
        let mut literals = 0;
        loop {
            let line = self.line(step).await?;
            if let Some(rest) = line.text.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                let refused = !rest.to_ascii_uppercase().starts_with("OK");
                return Ok((lines, refused.then(|| plain_line(rest, MAX_REASON))));
            }
            literals += line.literals.iter().map(Vec::len).sum::<usize>();
            lines.push(line);
            if lines.len() > MAX_LINES || literals > 2 * MAX_MAIL {
                return Err(format!("{step}: the server sends without end"));
            }
        }
    }

    async fn line(&mut self, step: &str) -> Result<Line, String> {
        let mut line = Line { text: String::new(), literals: Vec::new() };
        loop {
            let mut bytes = Vec::new();
            let limited = (&mut self.stream).take(MAX_LINE as u64).read_until(b'\n', &mut bytes).await;
            limited.map_err(|error| format!("{step}: {error}"))?;
            if bytes.last() != Some(&b'\n') {
                return Err(format!("{step}: the server closed the connection"));
            }
            line.text.push_str(String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']));
            let Some(length) = literal_length(&line.text) else {
                self.has_news |= tells_of_mail(&line.text);
                return Ok(line);
            };
            if length > MAX_MAIL || line.literals.len() >= 20 {
                return Err(format!("{step}: the server sends more than was asked for"));
            }
            let mut literal = vec![0; length];
            self.stream.read_exact(&mut literal).await.map_err(|error| format!("{step}: {error}"))?;
            line.literals.push(literal);
        }
    }
}

async fn encrypt(
    stream: Box<dyn Stream>,
    (connector, name): &(TlsConnector, ServerName<'static>),
) -> Result<Box<dyn Stream>, String> {
    let stream = connector.connect(name.clone(), stream).await;
    Ok(Box::new(stream.map_err(|error| format!("TLS handshake: {error}"))?))
}

/// Whether a line is `* 42 EXISTS`, with which a server says how many mails there are now.
fn tells_of_mail(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let begins = words.next() == Some("*") && words.next().is_some_and(|count| count.parse::<u64>().is_ok());
    begins && words.next().is_some_and(|word| word.eq_ignore_ascii_case("EXISTS"))
}

/// The length in the `{42}` with which a line ends that goes on with a literal.
fn literal_length(line: &str) -> Option<usize> {
    let (_, length) = line.strip_suffix('}')?.rsplit_once('{')?;
    length.parse().ok()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
