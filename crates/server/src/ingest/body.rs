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

/// How large a body may be, unpacked, in bytes.
pub const MAX_BATCH_BYTES: usize = 500 * 1024;
/// How much of a body that is too large is read and thrown away, so that the sender gets to
/// read the reply instead of a broken connection.
const MAX_DISCARDED_BYTES: usize = 32 * 1024 * 1024;

/// Reads and unpacks a body. Never holds more than [`MAX_BATCH_BYTES`], packed and unpacked each.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
    let is_packed = is_packed(headers)?;
    check_content_type(headers)?;
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let mut stream = body.into_data_stream();
    if announced.is_some_and(|bytes| bytes > MAX_BATCH_BYTES) {
        // A sender that waits for "100 Continue" has not sent anything yet.
        if !headers.contains_key(header::EXPECT) {
            discard(&mut stream).await;
        }
        return Err(too_large());
    }
    let received = receive(&mut stream, announced.unwrap_or(0)).await?;
    if !is_packed {
        return Ok(received);
    }
    unpack(&received)
}

async fn receive(stream: &mut BodyDataStream, announced: usize) -> Result<Bytes, Problem> {
    let mut first: Option<Bytes> = None;
    let mut received: Vec<u8> = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk =
            chunk.map_err(|_| Problem::with(Code::MalformedJson, "the body ended before its announced length"))?;
        if first.as_ref().map_or(0, Bytes::len) + received.len() + chunk.len() > MAX_BATCH_BYTES {
            discard(stream).await;
            return Err(too_large());
        }
        // Most bodies arrive in one piece, which is then not copied.
        if first.is_none() && received.is_empty() {
            first = Some(chunk);
            continue;
        }
        if let Some(first) = first.take() {
            received.reserve(announced.max(first.len() + chunk.len()));
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

fn unpack(packed: &[u8]) -> Result<Bytes, Problem> {
    let mut unpacked = Vec::with_capacity((packed.len() * 6).min(MAX_BATCH_BYTES + 1));
    MultiGzDecoder::new(packed)
        .take(MAX_BATCH_BYTES as u64 + 1)
        .read_to_end(&mut unpacked)
        .map_err(|_| Problem::with(Code::MalformedJson, "the body is not what Content-Encoding: gzip promises"))?;
    if unpacked.len() > MAX_BATCH_BYTES {
        return Err(too_large());
    }
    Ok(unpacked.into())
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

fn too_large() -> Problem {
    Problem::with(Code::BatchTooLarge, "the body has more than 512,000 bytes, unpacked")
}
