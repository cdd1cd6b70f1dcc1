//! An SMTP server that misbehaves as told. It listens on a port of its own, plays one script per
//! connection, and writes down what it was sent.

use std::{io, net::SocketAddr, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::watch,
};
use tokio_rustls::TlsAcceptor;

/// The certificate authority that signed the server's certificate.
pub const AUTHORITY: &str = include_str!("../tls/authority.pem");
pub const USERNAME: &str = "wine";
pub const PASSWORD: &str = "correct horse";

/// What to do at one point of the conversation.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    Say(&'static str),
    /// Close the connection without a word.
    Drop,
    /// Say nothing any more, but keep the connection.
    Hang,
}

/// How a connection goes.
#[derive(Clone, Debug)]
pub struct Script {
    pub greeting: Act,
    pub extensions: &'static [&'static str],
    pub mail: Act,
    pub rcpt: Act,
    pub data: Act,
    /// After the message's last line.
    pub message: Act,
    /// Closes the connection after this many messages.
    pub close_after: usize,
    /// Says this instead of closing, to the first command after `close_after` messages.
    pub last_words: Option<&'static str>,
    /// TLS before the greeting.
    pub immediate_tls: bool,
    pub rset: Act,
    pub starttls: Act,
    /// Drops the connection after so many bytes of a message.
    pub drop_after_bytes: Option<usize>,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            greeting: Act::Say("220 mx.test ESMTP"),
            extensions: &["8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"],
            mail: Act::Say("250 2.1.0 Ok"),
            rcpt: Act::Say("250 2.1.5 Ok"),
            data: Act::Say("354 End data with <CR><LF>.<CR><LF>"),
            message: Act::Say("250 2.0.0 Ok: queued as 4XzQ1m2bKz"),
            close_after: usize::MAX,
            last_words: None,
            immediate_tls: false,
            rset: Act::Say("250 2.0.0 Ok"),
            starttls: Act::Say("220 2.0.0 Go ahead"),
            drop_after_bytes: None,
        }
    }
}

/// What one connection sent.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Commands, without line ends.
    pub commands: Vec<String>,
    /// Messages as they came over the wire, dots stuffed, without the last line.
    pub messages: Vec<Vec<u8>>,
    /// Whether TLS was in place at the last command.
    pub encrypted: bool,
    pub closed: bool,
}

pub struct SmtpServer {
    pub address: SocketAddr,
    heard: Arc<watch::Sender<Vec<Heard>>>,
}

impl SmtpServer {
    /// The n-th connection plays the n-th script; the last script is for all others as well.
    pub async fn start(scripts: Vec<Script>) -> SmtpServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(watch::Sender::new(Vec::new()));
        let writer = heard.clone();
        tokio::spawn(async move {
            for at in 0.. {
                let Ok((tcp, _)) = listener.accept().await else { return };
                let script = scripts[at.min(scripts.len() - 1)].clone();
                writer.send_modify(|all: &mut Vec<Heard>| all.push(Heard::default()));
                let talk = Talk { script, heard: writer.clone(), at };
                tokio::spawn(async move {
                    let note = talk.heard.clone();
                    let _ = talk.play(Box::new(tcp)).await;
                    note.send_modify(|all| all[at].closed = true);
                });
            }
        });
        SmtpServer { address, heard }
    }

    pub async fn normal() -> SmtpServer {
        SmtpServer::start(vec![Script::default()]).await
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.borrow().clone()
    }

    /// All messages of all connections.
    pub fn messages(&self) -> Vec<Vec<u8>> {
        self.heard().into_iter().flat_map(|heard| heard.messages).collect()
    }

    /// Waits until `condition` holds of what was heard.
    pub async fn until(&self, condition: impl Fn(&[Heard]) -> bool) {
        let mut heard = self.heard.subscribe();
        let waiting = heard.wait_for(|all| condition(all));
        tokio::time::timeout(std::time::Duration::from_secs(20), waiting).await.unwrap().unwrap();
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

struct Talk {
    script: Script,
    heard: Arc<watch::Sender<Vec<Heard>>>,
    at: usize,
}

impl Talk {
    async fn play(self, stream: Box<dyn Stream>) -> io::Result<()> {
        let mut encrypted = self.script.immediate_tls;
        let stream = if encrypted { encrypt(stream).await? } else { stream };
        let mut stream = BufReader::new(stream);
        self.act(&mut stream, self.script.greeting).await?;
        let mut messages = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let command = line.trim_end().to_owned();
            self.note(|heard| {
                heard.commands.push(command.clone());
                heard.encrypted = encrypted;
            });
            if messages >= self.script.close_after {
                if let Some(words) = self.script.last_words {
                    self.act(&mut stream, Act::Say(words)).await?;
                }
                return Ok(());
            }
            let verb = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.ehlo(&mut stream).await?,
                "STARTTLS" => {
                    self.act(&mut stream, self.script.starttls).await?;
                    stream = BufReader::new(encrypt(stream.into_inner()).await?);
                    encrypted = true;
                }
                "AUTH" => self.auth(&mut stream, &command).await?,
                "MAIL" => self.act(&mut stream, self.script.mail).await?,
                "RCPT" => self.act(&mut stream, self.script.rcpt).await?,
                "DATA" => {
                    self.act(&mut stream, self.script.data).await?;
                    if matches!(self.script.data, Act::Say(words) if words.starts_with("354")) {
                        self.message(&mut stream).await?;
                        messages += 1;
                        if messages >= self.script.close_after && self.script.last_words.is_none() {
                            return Ok(());
                        }
                    }
                }
                "RSET" => self.act(&mut stream, self.script.rset).await?,
                "NOOP" => self.act(&mut stream, Act::Say("250 2.0.0 Ok")).await?,
                "QUIT" => {
                    self.act(&mut stream, Act::Say("221 2.0.0 Bye")).await?;
                    return Ok(());
                }
                _ => self.act(&mut stream, Act::Say("502 5.5.2 What?")).await?,
            }
        }
    }

    async fn act(&self, stream: &mut BufReader<Box<dyn Stream>>, act: Act) -> io::Result<()> {
        match act {
            Act::Say(words) => {
                stream.write_all(format!("{words}\r\n").as_bytes()).await?;
                stream.flush().await
            }
            Act::Drop => Err(io::ErrorKind::ConnectionAborted.into()),
            Act::Hang => std::future::pending().await,
        }
    }

    async fn ehlo(&self, stream: &mut BufReader<Box<dyn Stream>>) -> io::Result<()> {
        let mut reply = String::new();
        for extension in self.script.extensions {
            reply.push_str(&format!("250-{extension}\r\n"));
        }
        stream.write_all(format!("250-mx.test\r\n{reply}250 HELP\r\n").as_bytes()).await?;
        stream.flush().await
    }

    async fn auth(&self, stream: &mut BufReader<Box<dyn Stream>>, command: &str) -> io::Result<()> {
        let expected = BASE64_STANDARD.encode(format!("\0{USERNAME}\0{PASSWORD}"));
        let good = command.strip_prefix("AUTH PLAIN ").is_some_and(|given| given == expected);
        let answer = if good { "235 2.7.0 Welcome" } else { "535 5.7.8 Bad credentials" };
        self.act(stream, Act::Say(answer)).await
    }

    async fn message(&self, stream: &mut BufReader<Box<dyn Stream>>) -> io::Result<()> {
        if let Some(bytes) = self.script.drop_after_bytes {
            let mut some = vec![0; bytes];
            stream.read_exact(&mut some).await?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut message = Vec::new();
        loop {
            let start = message.len();
            if stream.read_until(b'\n', &mut message).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if &message[start..] == b".\r\n" {
                message.truncate(start);
                break;
            }
        }
        self.note(|heard| heard.messages.push(message));
        self.act(stream, self.script.message).await
    }

    fn note(&self, change: impl FnOnce(&mut Heard)) {
        self.heard.send_modify(|all| change(&mut all[self.at]));
    }
}

/// What the sender wrote: a leading dot of each line removed (RFC 5321, section 4.5.2).
pub fn without_stuffing(wire: &[u8]) -> Vec<u8> {
    let lines = wire.split_inclusive(|byte| *byte == b'\n');
    lines.flat_map(|line| line.strip_prefix(b".").unwrap_or(line)).copied().collect()
}

async fn encrypt(stream: Box<dyn Stream>) -> io::Result<Box<dyn Stream>> {
    let chain = CertificateDer::pem_slice_iter(include_bytes!("../tls/server.pem")).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../tls/server.key")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let stream = TlsAcceptor::from(Arc::new(config)).accept(stream).await?;
    Ok(Box::new(stream))
}
