//! An IMAP server that holds some mails and misbehaves as told.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server holds, and what it heard.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    pub numbering: i64,
    /// Numbers and mails.
    pub mails: Vec<(i64, Vec<u8>)>,
    /// Mails at which the server hangs up.
    pub breaks_at: Vec<i64>,
    /// Mails that the server refuses to give.
    pub refuses: Vec<i64>,
    pub commands: Vec<String>,
    /// Whether it says that it tells of new mail (RFC 2177), and what it says to who waits; empty to let nobody wait.
    pub idles: Option<Vec<&'static str>>,
    /// Connections that were made.
    pub connections: usize,
}

pub struct ImapServer {
    pub address: SocketAddr,
    pub folder: Arc<Mutex<Folder>>,
}

impl ImapServer {
    pub async fn start(folder: Folder) -> ImapServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let folder = Arc::new(Mutex::new(folder));
        let served = folder.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(serve(tcp, served.clone()));
            }
        });
        ImapServer { address, folder }
    }
}

async fn serve(tcp: TcpStream, folder: Arc<Mutex<Folder>>) -> io::Result<()> {
    let mut stream = BufReader::new(tcp);
    folder.lock().unwrap().connections += 1;
    stream.write_all(b"* OK imap.test ready\r\n").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let (tag, command) = line.trim_end().split_once(' ').unwrap();
        let told = folder.lock().unwrap().idles.clone().unwrap_or_default();
        if command == "IDLE" && !told.is_empty() {
            folder.lock().unwrap().commands.push("IDLE".to_owned());
            for line in told {
                stream.write_all(line.as_bytes()).await?;
            }
            let mut done = String::new();
            if stream.read_line(&mut done).await? == 0 {
                return Ok(());
            }
            folder.lock().unwrap().commands.push(done.trim_end().to_owned());
            stream.write_all(format!("{tag} OK\r\n").as_bytes()).await?;
            continue;
        }
        let reply = {
            let mut folder = folder.lock().unwrap();
            folder.commands.push(command.to_owned());
            answer(&folder, tag, command)
        };
        let Some(reply) = reply else { return Ok(()) };
        stream.write_all(&reply).await?;
    }
}

/// `None` to hang up.
fn answer(folder: &Folder, tag: &str, command: &str) -> Option<Vec<u8>> {
    let words: Vec<&str> = command.split(' ').collect();
    let text = match words[..] {
        ["LOGIN", "\"bounces\"", "\"s3\\\\cret\""] => format!("{tag} OK\r\n"),
        ["LOGIN", ..] => format!("{tag} NO [AUTHENTICATIONFAILED] wrong\r\n"),
        ["CAPABILITY"] => {
            let idle = if folder.idles.is_some() { " IDLE" } else { "" };
            format!("* CAPABILITY IMAP4rev1 ID{idle}\r\n{tag} OK\r\n")
        }
        ["NOOP"] => format!("{tag} OK\r\n"),
        ["ID", ..] => format!("* ID NIL\r\n{tag} OK\r\n"),
        ["EXAMINE", ..] => {
            format!("* {} EXISTS\r\n* OK [UIDVALIDITY {}] fine\r\n{tag} OK\r\n", folder.mails.len(), folder.numbering)
        }
        ["UID", "SEARCH", "UID", range] => {
            let from: i64 = range.strip_suffix(":*").unwrap().parse().unwrap();
            let last = folder.mails.last().map(|(number, _)| *number);
            let found = folder.mails.iter().map(|(number, _)| *number).filter(|n| *n >= from || Some(*n) == last);
            let found: Vec<String> = found.map(|number| number.to_string()).collect();
            format!("* SEARCH {}\r\n{tag} OK\r\n", found.join(" "))
        }
        ["UID", "FETCH", number, ..] => {
            let number: i64 = number.parse().unwrap();
            if folder.breaks_at.contains(&number) {
                return None;
            }
            if folder.refuses.contains(&number) {
                return Some(format!("{tag} NO cannot\r\n").into_bytes());
            }
            let (_, mail) = folder.mails.iter().find(|(other, _)| *other == number).unwrap();
            let mut reply = format!("* 1 FETCH (UID {number} BODY[]<0> {{{}}}\r\n", mail.len()).into_bytes();
            reply.extend_from_slice(mail);
            reply.extend_from_slice(format!(")\r\n{tag} OK\r\n").as_bytes());
            return Some(reply);
        }
        ["LOGOUT"] => format!("* BYE\r\n{tag} OK\r\n"),
        _ => format!("{tag} BAD what?\r\n"),
    };
    Some(text.into_bytes())
}
