//! Where the demo's messages go: a tiny SMTP server and a tiny HTTP server on this machine that take
//! everything and forget it, so that journeys have somewhere to send to and nothing leaves the
//! machine.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The demo's two destinations.
#[derive(Clone, Copy)]
pub struct Sink {
    /// Takes mail.
    pub mailbox: SocketAddr,
    /// Takes webhooks.
    pub till: SocketAddr,
}

/// Listens on free ports of the loopback address and serves until the process ends.
pub async fn start() -> std::io::Result<Sink> {
    Ok(Sink { mailbox: start_mailbox().await?, till: start_till().await? })
}

async fn start_till() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = axum::Router::new().fallback(async || "taken");
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}

async fn start_mailbox() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = converse(stream).await;
            });
        }
    });
    Ok(address)
}

async fn converse(stream: TcpStream) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 demo mailbox\r\n").await?;
    let mut taken: u64 = 0;
    while let Some(line) = lines.next_line().await? {
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" | "HELO" => "250 demo mailbox\r\n".to_owned(),
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while lines.next_line().await?.is_some_and(|line| line != ".") {}
                taken += 1;
                format!("250 taken as {taken}\r\n")
            }
            "QUIT" => {
                write.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 fine\r\n".to_owned(),
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
