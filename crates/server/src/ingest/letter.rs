//! What of a refused record is kept: everything that is needed to replay it, and no write key.

use base::Code;
use serde_json::value::RawValue;
use store::dead_letters::PAYLOAD_BYTES;

use super::{
    envelope::Shared,
    normalise::{CallFrom, word_of},
    object::{self, Entries, ObjectWriter},
};

/// The text to keep of a refused record: the record with what its address and its batch said, without the write key.
pub fn payload(json: &str, call: CallFrom, shared: Shared<'_>) -> String {
    let Ok(entries) = object::entries(json) else { return json.to_owned() };
    let mut out = Vec::with_capacity(json.len() + 64);
    let mut writer = ObjectWriter::new(&mut out);
    if let CallFrom::Address(kind) = call {
        writer.text("type", word_of(kind));
    }
    for (name, value) in &entries {
        let is_replaced = match name.as_ref() {
            "writeKey" => true,
            "type" => matches!(call, CallFrom::Address(_)),
            "context" => shared.context.is_some(),
            "integrations" => shared.integrations.is_some(),
            _ => false,
        };
        if !is_replaced {
            writer.raw(name, value.get());
        }
    }
    write_shared(&mut writer, "context", &entries, shared.context);
    write_shared(&mut writer, "integrations", &entries, shared.integrations);
    if let Some(sent_at) = shared.sent_at
        && !entries.iter().any(|(name, _)| name == "sentAt")
    {
        writer.raw("sentAt", sent_at.get());
    }
    writer.end();
    String::from_utf8(out).unwrap_or_else(|_| json.to_owned())
}

/// Merges an object of the batch under that of the record, as accepting the record would have.
fn write_shared(writer: &mut ObjectWriter<'_>, name: &str, entries: &Entries<'_>, shared: Option<&RawValue>) {
    let Some(shared) = shared else { return };
    let own = entries.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value);
    let own = own.filter(|own| own.get() != "null");
    match (own, own.map(|own| object::entries(own.get())), object::entries(shared.get())) {
        (_, Some(Ok(over)), Ok(under)) => {
            let mut merged = writer.object(name);
            object::write_merged(&mut merged, &over, &under);
            merged.end();
        }
        (Some(own), _, _) => writer.raw(name, own.get()),
        (None, _, _) => writer.raw(name, shared.get()),
    }
}

/// The text to keep of a body that is not JSON at all, without the write key that came with it.
pub fn malformed_body(body: &[u8], secret: &str) -> String {
    let kept = body.get(..PAYLOAD_BYTES).unwrap_or(body);
    let text = String::from_utf8_lossy(kept);
    if secret.is_empty() { text.into_owned() } else { text.replace(secret, "…") }
}

/// Codes of problems that concern a body as a whole, after which it is kept as one dead letter.
pub fn is_kept_whole(code: Code) -> bool {
    matches!(code, Code::MalformedJson | Code::InvalidField | Code::MissingField)
}
