//! Taking a report apart, within bounds. The parts are split here and not by the parser's own
//! walk, which nests as deep as a message wants.

use std::borrow::Cow;

use mail_parser::{
    MessageParser, MimeHeaders,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

const MAX_DEPTH: usize = 4;
const MAX_PARTS: usize = 30;
const MAX_HEADER_BYTES: usize = 64 * 1024;
const MAX_FIELDS: usize = 500;

/// Header fields in their order, names in lower case, values unfolded.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first field of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// All fields of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A part that has no parts.
#[derive(Debug)]
pub struct Part<'a> {
    /// Such as `text/plain`, in lower case.
    content_type: String,
    /// Decoded.
    pub body: Cow<'a, [u8]>,
}

impl Part<'_> {
    /// Whether this part has a content type.
    pub fn is(&self, content_type: &str) -> bool {
        self.content_type == content_type
    }
}

/// The parts of a message that have no parts themselves, in their order.
pub fn leaves(raw: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    collect(raw, 0, &mut parts);
    parts
}

/// The fields at the beginning of `raw`, up to the first empty line.
pub fn header_fields(raw: &[u8]) -> Fields {
    let (header, _) = split_header(raw);
    let Some(message) = MessageParser::default().parse_headers(header) else {
        return Fields::default();
    };
    let unfold = |value: &str| value.split(['\r', '\n']).map(str::trim).collect::<Vec<_>>().join(" ").trim().to_owned();
    let fields = message.headers_raw().take(MAX_FIELDS);
    Fields(fields.map(|(name, value)| (name.to_ascii_lowercase(), unfold(value))).collect())
}

fn collect<'a>(raw: &'a [u8], depth: usize, parts: &mut Vec<Part<'a>>) {
    if parts.len() >= MAX_PARTS || depth > MAX_DEPTH {
        return;
    }
    let (header, body) = split_header(raw);
    let parsed = MessageParser::default().parse_headers(header);
    let content_type = parsed.as_ref().and_then(|message| message.content_type());
    let kind = content_type.map_or("text".to_owned(), |kind| kind.ctype().to_ascii_lowercase());
    let subkind = content_type.and_then(|kind| kind.subtype()).unwrap_or("plain").to_ascii_lowercase();
    let boundary = content_type.and_then(|kind| kind.attribute("boundary")).filter(|text| !text.is_empty());
    if let ("multipart", Some(boundary)) = (kind.as_str(), boundary) {
        for piece in split_at_boundary(body, boundary.as_bytes()) {
            collect(piece, depth + 1, parts);
        }
        return;
    }
    let encoding = parsed.as_ref().and_then(|message| message.content_transfer_encoding()).unwrap_or_default();
    let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64_decode(body),
        "quoted-printable" => quoted_printable_decode(body),
        _ => None,
    };
    parts.push(Part {
        content_type: format!("{kind}/{subkind}"),
        body: decoded.map_or(Cow::Borrowed(body), Cow::Owned),
    });
}

/// Splits at the first empty line; the header keeps its last line end.
fn split_header(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    while let Some(length) = raw[start..].iter().position(|byte| *byte == b'\n') {
        let line = &raw[start..start + length];
        let next = start + length + 1;
        if line.is_empty() || line == b"\r" {
            return (&raw[..start.min(MAX_HEADER_BYTES)], &raw[next..]);
        }
        start = next;
    }
    (&raw[..raw.len().min(MAX_HEADER_BYTES)], &[])
}

/// The pieces between the lines that begin with the boundary; the text before the first one
/// is not a piece. A missing end (a report cut off on its way) ends the last piece.
fn split_at_boundary<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut piece_start = None;
    let mut line_start = 0;
    while line_start < body.len() && pieces.len() < MAX_PARTS {
        let line_end =
            body[line_start..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |at| line_start + at + 1);
        let line = &body[line_start..line_end];
        if let Some(after) = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary)) {
            if let Some(start) = piece_start.take() {
                pieces.push(&body[start..line_start]);
            }
            if after.starts_with(b"--") {
                return pieces;
            }
            piece_start = Some(line_end);
        }
        line_start = line_end;
    }
    if let Some(start) = piece_start {
        pieces.push(&body[start..]);
    }
    pieces
}
