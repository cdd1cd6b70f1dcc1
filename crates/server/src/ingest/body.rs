//! Reading the body of a request within bounds, unpacked.

use std::io::Read;

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, header},
};
use base::{Code, Problem};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use futures::StreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How large a body may be, unpacked, in bytes.
pub const MAX_BATCH_BYTES: usize = 500 * 1024;
/// How much of a body that is too large is read and thrown away, so that the sender gets to
/// read the reply instead of a broken connection.
const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;
/// How large the parts are in which room is taken for a body larger than [`MAX_BATCH_BYTES`].
const ROOM_STEP_BYTES: usize = 256 * 1024;
/// How many bytes all bodies larger than [`MAX_BATCH_BYTES`] may have together, for [`room`].
const MAX_ROOM_BYTES: usize = 64 << 20;

/// The room that the bodies larger than [`MAX_BATCH_BYTES`] share.
pub fn room() -> Semaphore {
    Semaphore::new(MAX_ROOM_BYTES / ROOM_STEP_BYTES)
}

/// How much one request may hold of what it sends, packed and unpacked each.
pub struct Bound<'r> {
    bytes: usize,
    room: Option<&'r Semaphore>,
    held: Option<SemaphorePermit<'r>>,
    paid: usize,
}

impl<'r> Bound<'r> {
    /// Up to [`MAX_BATCH_BYTES`], which every connection may hold.
    pub fn small() -> Bound<'r> {
        Bound { bytes: MAX_BATCH_BYTES, room: None, held: None, paid: 0 }
    }

    /// Up to `bytes`; what goes beyond [`MAX_BATCH_BYTES`] takes room that is shared with other requests, until this
    /// is dropped.
    pub fn large(bytes: usize, room: &'r Semaphore) -> Bound<'r> {
        Bound { bytes, room: Some(room), held: None, paid: 0 }
    }

    /// Fails with 413 (400 in the Segment API) when a body has more bytes than it may, and with 503 when there is no
    /// room for it now.
    fn allow(&mut self, bytes: usize) -> Result<(), Problem> {
        if bytes > self.bytes {
            return Err(self.too_large());
        }
        let Some(room) = self.room.filter(|_| bytes > MAX_BATCH_BYTES.max(self.paid)) else { return Ok(()) };
        let steps = (bytes - MAX_BATCH_BYTES.max(self.paid)).div_ceil(ROOM_STEP_BYTES);
        let more = room.try_acquire_many(u32::try_from(steps).unwrap_or(u32::MAX)).map_err(|_| {
            Problem::with(Code::Overloaded, "too many large requests are being read; send it again").retry_after(1)
        })?;
        self.paid = MAX_BATCH_BYTES.max(self.paid) + steps * ROOM_STEP_BYTES;
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        Ok(())
    }

    fn too_large(&self) -> Problem {
        match self.room {
            None => Problem::with(Code::BatchTooLarge, "the body has more than 512,000 bytes, unpacked"),
            Some(_) => {
                Problem::with(Code::BodyTooLarge, format!("the body has more than {} bytes, unpacked", self.bytes))
            }
        }
    }
}

/// Reads and unpacks the body of a request of the Segment API. Never holds more than [`MAX_BATCH_BYTES`], packed and
/// unpacked each.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let is_packed = is_packed(headers)?;
    check_content_type(headers)?;
    let mut bound = Bound::small();
    let received = receive(headers, body, &mut bound).await?;
    if !is_packed {
        return Ok(received);
    }
    unpack(&received, &mut bound)
}

/// Reads and unpacks a body of any media type. It is packed when the header says so or when it begins as gzip does:
/// SDKs in browsers may not set the header.
pub async fn read_any(headers: &HeaderMap, body: Body, bound: &mut Bound<'_>) -> Result<Bytes, Problem> {
    let is_packed = is_packed(headers)?;
    let received = receive(headers, body, bound).await?;
    if is_packed || is_gzip(&received) { unpack(&received, bound) } else { Ok(received) }
}

/// Whether these are the first bytes of a gzip stream.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Unpacks gzip within a bound.
pub fn unpack(packed: &[u8], bound: &mut Bound<'_>) -> Result<Bytes, Problem> {
    let mut decoder = MultiGzDecoder::new(packed);
    let mut unpacked = Vec::with_capacity((packed.len() * 6).min(MAX_BATCH_BYTES + 1));
    loop {
        let before = unpacked.len();
        (&mut decoder)
            .take(MAX_BATCH_BYTES as u64 + 1)
            .read_to_end(&mut unpacked)
            .map_err(|_| Problem::with(Code::MalformedJson, "the body is not the gzip that it should be"))?;
        bound.allow(unpacked.len())?;
        if unpacked.len() == before {
            return Ok(unpacked.into());
        }
    }
}

/// Reads a body and throws it away, so that the connection can be used on.
pub async fn ignore(body: Body) {
    discard(&mut body.into_data_stream()).await;
}

async fn receive(headers: &HeaderMap, body: Body, bound: &mut Bound<'_>) -> Result<Bytes, Problem> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let mut stream = body.into_data_stream();
    if announced.is_some_and(|bytes| bytes > bound.bytes) {
        // A sender that waits for "100 Continue" has not sent anything yet.
        if !headers.contains_key(header::EXPECT) {
            discard(&mut stream).await;
        }
        return Err(bound.too_large());
    }
    let mut first: Option<Bytes> = None;
    let mut received: Vec<u8> = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk =
            chunk.map_err(|_| Problem::with(Code::MalformedJson, "the body ended before its announced length"))?;
        if let Err(problem) = bound.allow(first.as_ref().map_or(0, Bytes::len) + received.len() + chunk.len()) {
            discard(&mut stream).await;
            return Err(problem);
        }
        // Most bodies arrive in one piece, which is then not copied.
        if first.is_none() && received.is_empty() {
            first = Some(chunk);
            continue;
        }
        if let Some(first) = first.take() {
            let expected = announced.unwrap_or(0).min(MAX_BATCH_BYTES);
            received.reserve(expected.max(first.len() + chunk.len()));
            received.extend_from_slice(&first);
        }
        received.extend_from_slice(&chunk);
    }
    Ok(first.unwrap_or_else(|| received.into()))
}

async fn discard(stream: &mut BodyDataStream) {
    let mut discarded = 0;
    while discarded < MAX_DISCARDED_BYTES
        && let Some(Ok(chunk)) = stream.next().await
    {
        discarded += chunk.len();
    }
}

fn is_packed(headers: &HeaderMap) -> Result<bool, Problem> {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else { return Ok(false) };
    match encoding.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => Ok(true),
        "" | "identity" => Ok(false),
        _ => Err(Problem::with(Code::UnsupportedMedia, "the only content encoding understood is gzip")),
    }
}

/// Browsers' `sendBeacon` sends JSON as plain text, so that is taken, too.
fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let value = value.to_str().unwrap_or_default();
    let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "application/json" | "text/plain" | "text/json" => Ok(()),
        _ => Err(Problem::with(Code::UnsupportedMedia, "the content type is neither application/json nor text/plain")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bodies_share_their_room_and_small_ones_need_none() {
        let room = Semaphore::new(4);
        let mut first = Bound::large(8 << 20, &room);
        first.allow(MAX_BATCH_BYTES).unwrap();
        assert_eq!(room.available_permits(), 4);
        first.allow(MAX_BATCH_BYTES + 1).unwrap();
        first.allow(MAX_BATCH_BYTES + ROOM_STEP_BYTES).unwrap();
        assert_eq!(room.available_permits(), 3, "room is taken step by step, and not twice");
        first.allow(MAX_BATCH_BYTES + 3 * ROOM_STEP_BYTES).unwrap();
        assert_eq!(room.available_permits(), 1);

        let mut second = Bound::large(8 << 20, &room);
        second.allow(MAX_BATCH_BYTES).unwrap();
        let problem = second.allow(MAX_BATCH_BYTES + 2 * ROOM_STEP_BYTES).unwrap_err();
        assert_eq!((problem.code, problem.retry_after), (Code::Overloaded, Some(1)));
        drop(first);
        second.allow(MAX_BATCH_BYTES + 2 * ROOM_STEP_BYTES).unwrap();
        assert_eq!(second.allow((8 << 20) + 1).unwrap_err().code, Code::BodyTooLarge);
    }
}
