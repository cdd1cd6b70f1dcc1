//! The byte stream under an SMTP connection, with bounds on what a server may say, and when.

use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a server may send between two writes of ours. A reply has a few hundred bytes and a TLS
/// handshake a few thousand; a server that sends without end is cut off before it fills memory.
const MAX_UNASKED: usize = 256 * 1024;

/// A stream that fails when the other side sends too much without being asked, or anything at
/// all between its consent to STARTTLS and the handshake. What comes there may be from
/// somebody in between who wants it taken for the server's encrypted words (the
/// vulnerability known as STARTTLS response injection).
pub struct BoundedStream<Stream> {
    stream: Stream,
    peer: SocketAddr,
    received: usize,
    starttls_asked: bool,
    pipelining: Arc<AtomicBool>,
}

impl<Stream> BoundedStream<Stream> {
    /// Bounds `stream`, which is connected to `peer`. Notes in `pipelining` when the server offers that (RFC 2920), of
    /// which lettre does not tell. A server that offers it before STARTTLS is taken to do so behind it as well.
    pub fn new(stream: Stream, peer: SocketAddr, pipelining: Arc<AtomicBool>) -> BoundedStream<Stream> {
        BoundedStream { stream, peer, received: 0, starttls_asked: false, pipelining }
    }
}

impl<Stream> fmt::Debug for BoundedStream<Stream> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedStream").finish_non_exhaustive()
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for BoundedStream<Stream> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.received > MAX_UNASKED {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "the server sends without end")));
        }
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let news = &buffer.filled()[before..];
        self.received += news.len();
        if news.starts_with(b"250-") && offers_pipelining(news) {
            self.pipelining.store(true, Ordering::Relaxed);
        }
        if self.starttls_asked && says_more_than_one_reply(news) {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "unencrypted words after STARTTLS")));
        }
        result
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for BoundedStream<Stream> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.received = 0;
        self.starttls_asked = bytes == b"STARTTLS\r\n";
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<Stream> AsyncTokioStream for BoundedStream<Stream>
where
    Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin,
{
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

/// Whether anything follows the last line of a reply, which is the one without a hyphen behind
/// its code.
fn says_more_than_one_reply(bytes: &[u8]) -> bool {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').skip_while(|line| line.get(3) == Some(&b'-'));
    lines.next();
    lines.next().is_some()
}

/// Whether one of the lines of a greeting says so.
fn offers_pipelining(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').take(100).filter_map(|line| line.get(4..));
    lines.any(|words| words.trim_ascii().eq_ignore_ascii_case(b"PIPELINING"))
}
