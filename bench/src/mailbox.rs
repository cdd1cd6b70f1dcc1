//! A mail server on this machine that notes when it was handed which message.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use base::Clock;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A message that was handed over completely.
pub struct Taken {
    /// The number in its `bell-…-rung`.
    pub mark: usize,
    /// When its last line arrived.
    pub at: Duration,
}

/// Listens on a free port and tells of every message, until the receiver is dropped.
pub async fn start(clock: Arc<dyn Clock>) -> anyhow::Result<(SocketAddr, mpsc::UnboundedReceiver<Taken>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (taken, messages) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (clock, taken) = (clock.clone(), taken.clone());
            tokio::spawn(async move {
                let _ = converse(stream, clock.as_ref(), &taken).await;
            });
        }
    });
    Ok((address, messages))
}

async fn converse(stream: TcpStream, clock: &dyn Clock, taken: &mpsc::UnboundedSender<Taken>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 bench\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut mark = None;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mark = mark.or_else(|| line.split_once("bell-")?.1.split_once("-rung")?.0.parse().ok());
                }
                if let Some(mark) = mark {
                    let _ = taken.send(Taken { mark, at: clock.monotonic() });
                }
                b"250 taken\r\n"
            }
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            _ => b"250 fine\r\n",
        };
        write.write_all(answer).await?;
    }
    Ok(())
}
