//! In which encoding a text file is written, and reading it as UTF-8 with bounded memory.
//!
//! What decides, in this order: a byte order mark; NUL bytes at every other place (UTF-16); whether all of it is UTF-8;
//! for Chinese, how many characters would be common ones (below); and for the rest of the world `chardetng`.

use std::io::{self, BufRead, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, Decoder, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How much of the beginning is searched for NUL bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// How much text that is not ASCII is kept to tell encodings apart.
const SAMPLE_BYTES: usize = 512 * 1024;
/// How many double-byte characters are enough to believe `chardetng` that a text is Japanese or Korean: in fewer, such
/// as a list of names, it sees too little of a language.
const ENOUGH_TO_BELIEVE: usize = 400;

/// An encoding of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// UTF-8.
    pub const UTF_8: TextEncoding = TextEncoding(UTF_8);

    /// By any name that the Encoding Standard knows: `utf-8`, `gbk`, `gb18030`, `big5`, `utf-16le`, `shift_jis` …
    pub fn named(name: &str) -> Option<TextEncoding> {
        let found = Encoding::for_label(name.as_bytes())?;
        (found != encoding_rs::REPLACEMENT).then_some(TextEncoding(found))
    }

    /// Its name in small letters.
    pub fn name(self) -> String {
        self.0.name().to_ascii_lowercase()
    }

    /// Whether bytes need not be converted.
    pub fn is_utf8(self) -> bool {
        self.0 == UTF_8
    }
}

impl Serialize for TextEncoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for TextEncoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        TextEncoding::named(&name).ok_or_else(|| de::Error::custom("not an encoding"))
    }
}

/// Finds the encoding of a file while its bytes pass by, all of them.
#[derive(Default)]
pub struct EncodingProbe {
    head: Vec<u8>,
    /// Stretches with bytes that are not ASCII.
    sample: Vec<u8>,
    utf8: Utf8Check,
}

impl EncodingProbe {
    /// Looks at the next bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        let missing = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        self.utf8.feed(bytes);
        if self.sample.len() < SAMPLE_BYTES && !bytes.is_ascii() {
            let missing = SAMPLE_BYTES - self.sample.len();
            self.sample.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        }
    }

    /// The encoding of what has passed by.
    pub fn finish(&self) -> TextEncoding {
        if let Some((marked, _)) = Encoding::for_bom(&self.head) {
            return TextEncoding(marked);
        }
        if let Some(wide) = utf16_by_its_nuls(&self.head) {
            return TextEncoding(wide);
        }
        if self.utf8.is_likely() {
            return TextEncoding::UTF_8;
        }
        TextEncoding(guess(&self.sample))
    }
}

/// Reads all of `input`.
pub fn probe(mut input: impl Read) -> io::Result<TextEncoding> {
    let mut probe = EncodingProbe::default();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(probe.finish()),
            Ok(length) => probe.feed(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Counts what is UTF-8 and what is not.
#[derive(Default)]
struct Utf8Check {
    /// The beginning of a character whose end has yet to come.
    cut: Vec<u8>,
    /// Characters of several bytes.
    wide: u64,
    faults: u64,
}

impl Utf8Check {
    fn feed(&mut self, bytes: &[u8]) {
        if self.cut.is_empty() && bytes.is_ascii() {
            return;
        }
        let mut joined = std::mem::take(&mut self.cut);
        joined.extend_from_slice(bytes);
        let mut rest = joined.as_slice();
        while !rest.is_empty() {
            let (valid, fault) = match std::str::from_utf8(rest) {
                Ok(_) => (rest, None),
                Err(error) => (&rest[..error.valid_up_to()], Some(error.error_len())),
            };
            self.wide += valid.iter().filter(|byte| **byte >= 0xc0).count() as u64;
            rest = &rest[valid.len()..];
            match fault {
                Some(Some(length)) => {
                    self.faults += 1;
                    rest = &rest[length..];
                    // Nobody will take this for UTF-8 any more.
                    if self.faults > 1_000 && self.faults > self.wide {
                        return;
                    }
                }
                Some(None) => {
                    self.cut = rest.to_vec();
                    return;
                }
                None => return,
            }
        }
    }

    /// A file of UTF-8 may have a damaged place; that costs a row, and not the meaning of all others.
    fn is_likely(&self) -> bool {
        let faults = self.faults + u64::from(!self.cut.is_empty());
        faults == 0 || self.wide > 20 * faults || (self.wide == 0 && faults == 1)
    }
}

/// In UTF-16 delimiters, digits and line ends have a NUL on the same side each.
fn utf16_by_its_nuls(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    let nuls = |side: usize| head.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (nuls(0), nuls(1));
    let enough = (pairs / 50).max(2);
    if second >= enough && second > 4 * first {
        return Some(UTF_16LE);
    }
    (first >= enough && first > 4 * second).then_some(UTF_16BE)
}

fn guess(sample: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let elsewhere = detector.guess(None, Utf8Detection::Deny);
    let (simplified, traditional) =
        (Commonness::of(sample, is_common_in_gbk), Commonness::of(sample, is_common_in_big5));
    let chinese = match traditional.share() > simplified.share() {
        true => (BIG5, traditional),
        false => (GBK, simplified),
    };
    let is_neighbour = [SHIFT_JIS, EUC_JP, EUC_KR].contains(&elsewhere);
    if is_neighbour && chinese.1.characters >= ENOUGH_TO_BELIEVE {
        return elsewhere;
    }
    // Text in one of the alphabets of Europe reads as Chinese characters that nobody uses.
    match chinese.1.share() >= 0.85 || [GBK, BIG5, encoding_rs::GB18030].contains(&elsewhere) {
        true => chinese.0,
        false => elsewhere,
    }
}

/// How many of the double-byte characters of a text are common ones.
///
/// Both Chinese character sets begin with the characters that are used daily: GB 2312 with 3,755 of level 1 (lead bytes
/// B0 to D7), Big5 with 5,401 of level 1 (A4 to C6). Read in the wrong one, about half become rare ones. A list of names is
/// enough for that, where models of running text see too little.
#[derive(Clone, Copy)]
struct Commonness {
    characters: usize,
    common: usize,
}

impl Commonness {
    fn of(sample: &[u8], is_common: fn(u8, u8) -> bool) -> Commonness {
        let mut counts = Commonness { characters: 0, common: 0 };
        let mut bytes = sample.iter().copied();
        while let Some(lead) = bytes.next() {
            if lead < 0x81 {
                continue;
            }
            let Some(trail) = bytes.next() else { break };
            // Full-width punctuation is common in both and tells nothing.
            if matches!(lead, 0xa1..=0xa3) {
                continue;
            }
            counts.characters += 1;
            counts.common += usize::from(is_common(lead, trail));
        }
        counts
    }

    fn share(&self) -> f64 {
        self.common as f64 / self.characters.max(1) as f64
    }
}

fn is_common_in_gbk(lead: u8, trail: u8) -> bool {
    matches!(lead, 0xb0..=0xd7) && matches!(trail, 0xa1..=0xfe)
}

fn is_common_in_big5(lead: u8, trail: u8) -> bool {
    matches!(lead, 0xa4..=0xc6) && matches!(trail, 0x40..=0x7e | 0xa1..=0xfe)
}

/// A text in any encoding, read as UTF-8. What cannot be read becomes U+FFFD.
pub struct Decoded<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_start: usize,
    raw_end: usize,
    text: Vec<u8>,
    text_start: usize,
    text_end: usize,
    is_at_end: bool,
}

impl<R: Read> Decoded<R> {
    /// Begins to read. A byte order mark is left out.
    pub fn new(input: R, encoding: TextEncoding) -> Decoded<R> {
        Decoded {
            input,
            decoder: encoding.0.new_decoder_with_bom_removal(),
            raw: vec![0; 32 * 1024],
            raw_start: 0,
            raw_end: 0,
            text: vec![0; 128 * 1024],
            text_start: 0,
            text_end: 0,
            is_at_end: false,
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(out.len());
        out[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.text_start == self.text_end && !self.is_at_end {
            if self.raw_start == self.raw_end {
                self.raw_start = 0;
                self.raw_end = self.input.read(&mut self.raw)?;
            }
            let is_last = self.raw_end == 0;
            let unread = &self.raw[self.raw_start..self.raw_end];
            let (outcome, read, written, _) = self.decoder.decode_to_utf8(unread, &mut self.text, is_last);
            self.raw_start += read;
            (self.text_start, self.text_end) = (0, written);
            self.is_at_end = is_last && outcome == encoding_rs::CoderResult::InputEmpty;
        }
        Ok(&self.text[self.text_start..self.text_end])
    }

    fn consume(&mut self, length: usize) {
        self.text_start += length;
    }
}
