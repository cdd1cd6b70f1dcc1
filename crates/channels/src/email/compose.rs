//! Writing the message: headers and MIME parts (RFC 5322, RFC 2045 to 2047, RFC 8058).

use std::time::{Duration, SystemTime};

use base::{Problem, Time, ids::DeliveryId};
use lettre::{
    Address, Message as Mail,
    message::{
        Mailbox, MessageBuilder, MultiPart, MultiPartKind, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use super::{
    address,
    config::{AccountConfig, Config},
    dkim::Signers,
    outcome::Refusal,
};
use crate::{Content, Message};

/// The header that carries the delivery, for people who read headers. Reports are believed for the seal that
/// stands behind the delivery in the message id and in the return path.
pub const DELIVERY_HEADER: &str = "X-Hearth-Delivery";

/// Long subjects have to be folded, and an overlong word cannot be.
const MAX_SUBJECT: usize = 900;
/// A header line has at most 998 bytes (RFC 5322, section 2.1.1) and this one cannot be folded.
const MAX_UNSUBSCRIBE_URL: usize = 900;

/// Writes the messages of one account.
pub struct Composer {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    return_address: Address,
    verp: bool,
    signers: Signers,
}

/// A message as it goes over the wire.
#[derive(Debug)]
pub struct Composed {
    /// The envelope's sender.
    pub return_address: Address,
    /// The envelope's recipient.
    pub recipient: Address,
    /// Headers and body, with CRLF line ends, before dot-stuffing.
    pub bytes: Vec<u8>,
}

impl Composed {
    /// Whether an address of the envelope has characters beyond ASCII.
    pub fn needs_smtputf8(&self) -> bool {
        let in_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        !in_ascii(&self.return_address) || !in_ascii(&self.recipient)
    }
}

impl Composer {
    /// A composer for an account whose configuration has been checked.
    pub fn new(config: &Config, account: &AccountConfig) -> Result<Composer, Problem> {
        let sender = account.from.as_ref().unwrap_or(&config.from);
        let name = sender.name.as_deref().map(without_controls).filter(|name| !name.is_empty());
        let from = config.from_address(account)?;
        Ok(Composer {
            signers: Signers::of(&config.dkim, from.domain())?,
            from: Mailbox::new(name, from),
            reply_to: config.reply_to_address()?.map(|address| Mailbox::new(None, address)),
            return_address: config.return_address(account)?,
            verp: config.verp,
        })
    }

    /// Writes a message. The same message at the same moment always gives the same bytes.
    pub fn compose(&self, message: &Message, now: Time) -> Result<Composed, Refusal> {
        let Content::Email { subject, text, html, unsubscribe_url } = &message.content else {
            return Err(refused("an e-mail channel takes e-mails only"));
        };
        let recipient = address::read(&message.address)
            .map_err(|error| Refusal { reason: format!("the address {error}"), suppress: true })?;
        let subject = without_controls(subject);
        if subject.len() > MAX_SUBJECT {
            return Err(refused("the subject is longer than 900 bytes"));
        }
        let mut builder = Mail::builder()
            .date(system_time(now))
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient.clone()))
            .subject(subject)
            .raw_header(plain_header("Message-ID", self.message_id(message)))
            .raw_header(plain_header(DELIVERY_HEADER, message.delivery.to_string()));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        if let Some(url) = unsubscribe_url {
            builder = one_click_unsubscribe(builder, url)?;
        }
        let mail = with_body(builder, message.delivery, text, html)?;
        let bytes = self.signers.sign(mail.formatted(), now).ok_or_else(|| refused("the message cannot be signed"))?;
        Ok(Composed { return_address: self.return_address(message)?, recipient, bytes })
    }

    /// The sender on the envelope, as far as it is the same for all messages.
    pub fn sender(&self) -> &Address {
        &self.return_address
    }

    /// One name for all attempts at a delivery, so that a mailbox which drops
    /// repeated messages can do so.
    fn message_id(&self, message: &Message) -> String {
        format!("<{}.{}@{}>", message.delivery, message.seal, self.from.email.domain())
    }

    fn return_address(&self, message: &Message) -> Result<Address, Refusal> {
        if !self.verp {
            return Ok(self.return_address.clone());
        }
        let local = format!("{}+{}.{}", self.return_address.user(), message.delivery, message.seal);
        Address::new(local, self.return_address.domain())
            .map_err(|_| refused("the return path cannot take the delivery"))
    }
}

fn refused(reason: &str) -> Refusal {
    Refusal { reason: reason.to_owned(), suppress: false }
}

fn with_body(builder: MessageBuilder, delivery: DeliveryId, text: &str, html: &str) -> Result<Mail, Refusal> {
    let text = with_crlf(text);
    let html = with_crlf(html);
    let mail = if html.is_empty() {
        builder.singlepart(SinglePart::plain(text))
    } else if text.trim().is_empty() {
        builder.singlepart(SinglePart::html(html))
    } else {
        // Derived from the content, so no content can contain its own boundary.
        let boundary = digest(&[delivery.to_string().as_bytes(), text.as_bytes(), html.as_bytes()]);
        let parts = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(format!("hearth-{}", &boundary[..32]))
            .singlepart(SinglePart::plain(text))
            .singlepart(SinglePart::html(html));
        builder.multipart(parts)
    };
    mail.map_err(|error| refused(&format!("the message cannot be written: {error}")))
}

/// RFC 8058: the address for the one-click POST, and the promise that it needs nothing else. The promise is for https
/// alone (section 3.1): without it, readers are led to the page, which asks them.
fn one_click_unsubscribe(builder: MessageBuilder, url: &str) -> Result<MessageBuilder, Refusal> {
    let is_web_address = url.starts_with("https://") || url.starts_with("http://");
    let fits_between_brackets = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>,".contains(&byte));
    if !is_web_address || !fits_between_brackets || url.len() > MAX_UNSUBSCRIBE_URL {
        return Err(refused("the unsubscribe address cannot stand in a header"));
    }
    let builder = builder.raw_header(plain_header("List-Unsubscribe", format!("<{url}>")));
    if !url.starts_with("https://") {
        return Ok(builder);
    }
    Ok(builder.raw_header(plain_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())))
}

/// A header whose value is known to be short printable ASCII and must not be folded.
fn plain_header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

/// A text as one line: every control character (line ends above all) becomes a space.
fn without_controls(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// Every line end as CRLF, lone CR and LF included: a lone one could be taken by
/// some server for the end of the message (SMTP smuggling).
fn with_crlf(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                out.push_str("\r\n");
            }
            '\n' => out.push_str("\r\n"),
            '\0' => {}
            other => out.push(other),
        }
    }
    out
}

fn system_time(time: Time) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(time.millis()).unwrap_or(0))
}

/// 64 hexadecimal digits that depend on every part.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn composer(config: serde_json::Value) -> Composer {
        let config = Config::read(&config).unwrap();
        Composer::new(&config, &config.accounts()[0]).unwrap()
    }

    fn simple() -> Composer {
        composer(serde_json::json!({"host": "mx.example", "from": {"name": "围炉酒庄", "email": "wine@example.com"}}))
    }

    fn message(address: &str, subject: &str, text: &str, html: &str) -> Message {
        Message {
            delivery: DeliveryId(7),
            seal: "0123456789abcdef".to_owned(),
            address: address.to_owned(),
            content: Content::Email {
                subject: subject.to_owned(),
                text: text.to_owned(),
                html: html.to_owned(),
                unsubscribe_url: Some("https://hearth.example/u/abc".to_owned()),
            },
        }
    }

    fn bytes(message: &Message) -> Vec<u8> {
        simple().compose(message, Time::from_millis(1_763_712_000_000)).unwrap().bytes
    }

    #[test]
    fn a_subject_or_name_cannot_add_a_header() {
        let composer = composer(serde_json::json!({
            "host": "mx.example", "from": {"name": "Anna\r\nX-Evil: 1", "email": "wine@example.com"},
        }));
        let composed = composer
            .compose(&message("a@example.com", "Hi\r\nBcc: all@example.com\r\n\r\nbody", "t", ""), Time::EPOCH)
            .unwrap();
        let parsed = mail_parser::MessageParser::default().parse(&composed.bytes).unwrap();
        assert!(parsed.header("X-Evil").is_none() && parsed.bcc().is_none());
        assert_eq!(parsed.subject(), Some("Hi  Bcc: all@example.com    body"));
        assert_eq!(parsed.body_text(0).unwrap().trim(), "t");
    }

    #[test]
    fn every_attempt_at_a_delivery_has_the_same_message_id_and_others_another() {
        let mail = message("a@example.com", "s", "text", "<p>html</p>");
        assert_eq!(simple().message_id(&mail), format!("<{}.0123456789abcdef@example.com>", DeliveryId(7)));
        assert_eq!(bytes(&mail), bytes(&mail));
        let other = Message { delivery: DeliveryId(8), ..mail.clone() };
        assert_ne!(simple().message_id(&other), simple().message_id(&mail));
    }

    #[test]
    fn verp_writes_the_delivery_into_the_return_path() {
        let composer = composer(serde_json::json!({
            "host": "mx.example", "from": {"email": "wine@example.com"}, "return_path": "bounces@example.com", "verp": true,
        }));
        let composed = composer.compose(&message("a@example.com", "s", "t", ""), Time::EPOCH).unwrap();
        assert_eq!(
            composed.return_address.to_string(),
            format!("bounces+{}.0123456789abcdef@example.com", DeliveryId(7))
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_a_reason() {
        let composer = simple();
        let bad_address = composer.compose(&message("not an address", "s", "t", ""), Time::EPOCH).unwrap_err();
        assert!(bad_address.suppress && !bad_address.reason.contains("not an address"), "{bad_address:?}");
        let mut bad_url = message("a@example.com", "s", "t", "");
        if let Content::Email { unsubscribe_url, .. } = &mut bad_url.content {
            *unsubscribe_url = Some("https://x.example/\r\nX-Evil: 1".to_owned());
        }
        assert!(!composer.compose(&bad_url, Time::EPOCH).unwrap_err().suppress);
        let long = message("a@example.com", &"s".repeat(901), "t", "");
        assert!(!composer.compose(&long, Time::EPOCH).unwrap_err().suppress);
    }

    #[test]
    fn one_click_is_promised_for_https_alone() {
        let mut mail = message("a@example.com", "s", "t", "");
        assert!(String::from_utf8(bytes(&mail)).unwrap().contains("List-Unsubscribe-Post"));
        if let Content::Email { unsubscribe_url, .. } = &mut mail.content {
            *unsubscribe_url = Some("http://hearth.example/u/abc".to_owned());
        }
        let written = String::from_utf8(bytes(&mail)).unwrap();
        assert!(written.contains("List-Unsubscribe: <http://hearth.example/u/abc>") && !written.contains("-Post"));
    }

    #[test]
    fn no_lone_line_end_gets_through() {
        let bytes = bytes(&message("a@example.com", "s", "one\rtwo\nthree\r\nfour\r.\rfive", ""));
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("one\r\ntwo\r\nthree\r\nfour\r\n.\r\nfive"), "{text:?}");
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    }

    #[test]
    fn no_line_is_longer_than_smtp_allows() {
        let long = format!("{}\n{}\n", "x".repeat(5_000), "围炉".repeat(3_000));
        let bytes = bytes(&message("a@example.com", &"围炉 wine ".repeat(60), &long, &format!("<p>{long}</p>")));
        let longest = bytes.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap();
        assert!(longest <= 998, "{longest}");
        let parsed = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), long);
        assert_eq!(parsed.subject(), Some("围炉 wine ".repeat(60).trim()));
    }

    proptest! {
        #[test]
        fn any_text_arrives_as_it_was_written(
            subject in "[^\\p{Cc}]{0,80}", text in "[^\\r\\x00]{1,300}", html in "[^\\r\\x00]{1,300}",
        ) {
            prop_assume!(!text.trim().is_empty());
            let bytes = bytes(&message("a@example.com", &subject, &text, &html));
            prop_assert!(!bytes.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r'), "a lone line feed");
            let parsed = mail_parser::MessageParser::default().parse(&bytes).unwrap();
            let part = |at: u32| {
                let text = parsed.part(at).and_then(|part| part.text_contents()).unwrap_or_default();
                text.replace("\r\n", "\n").trim_end_matches('\n').to_owned()
            };
            prop_assert_eq!(part(1), text.trim_end_matches('\n'));
            prop_assert_eq!(part(2), html.trim_end_matches('\n'));
        }
    }
}
