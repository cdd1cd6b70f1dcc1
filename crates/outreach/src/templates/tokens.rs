//! The tags of a template as tokens, by the engine's own rules.

/// A template that is refused, with the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Refused {
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

/// What a tag is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'s> {
    Word(&'s str),
    Literal,
    Open(u8),
    Close(u8),
    /// An operator with two operands, `*` apart from the others.
    Operator,
    Times,
    /// `+` or `-`, which may stand before an operand as well.
    Sign,
    Pipe,
    Dot,
    Colon,
    Comma,
    Assign,
    End,
}

/// A template and how far it was read.
pub(super) struct Tokens<'s> {
    pub(super) source: &'s str,
    pub(super) at: usize,
}

impl<'s> Tokens<'s> {
    pub(super) fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    pub(super) fn refuse<T>(&self, at: usize, message: impl Into<String>) -> Result<T, Refused> {
        let line = self.source.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        Err(Refused { line, message: message.into() })
    }

    /// The next token and where it starts. The tag can end only outside all brackets.
    pub(super) fn next(&mut self, closing: &str, may_end: bool) -> Result<(Token<'s>, usize), Refused> {
        let skipped = self.rest().bytes().take_while(u8::is_ascii_whitespace).count();
        self.at += skipped;
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let Some(first) = bytes.first().copied() else { return self.refuse(start, "the tag has no end") };
        if may_end {
            let signed = usize::from(matches!(first, b'-' | b'+'));
            if bytes[signed..].starts_with(closing.as_bytes()) {
                self.at += signed + closing.len();
                return Ok((Token::End, start));
            }
        }
        let (token, length) = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length = bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
                (Token::Word(&self.rest()[..length]), length)
            }
            b'0'..=b'9' => {
                (Token::Literal, number_length(bytes, self.source.as_bytes()[..start].last() == Some(&b'.')))
            }
            b'"' | b'\'' => match text_length(bytes) {
                Some(length) => (Token::Literal, length),
                None => return self.refuse(start, "the text has no closing quote"),
            },
            b'(' | b'[' | b'{' => (Token::Open(first), 1),
            b')' | b']' | b'}' => (Token::Close(first), 1),
            b'|' => (Token::Pipe, 1),
            b'.' => (Token::Dot, 1),
            b':' => (Token::Colon, 1),
            b',' => (Token::Comma, 1),
            b'+' | b'-' => (Token::Sign, 1),
            _ if [&b"//"[..], b"**", b"==", b"!=", b">=", b"<="].iter().any(|two| bytes.starts_with(two)) => {
                (Token::Operator, 2)
            }
            b'*' => (Token::Times, 1),
            b'/' | b'%' | b'~' | b'<' | b'>' => (Token::Operator, 1),
            b'=' => (Token::Assign, 1),
            _ => return self.refuse(start, "this character cannot stand here"),
        };
        self.at += length;
        Ok((token, start))
    }
}

/// How long the number is, by the engine's own rules.
fn number_length(bytes: &[u8], after_dot: bool) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    if bytes.len() > 1 && bytes[0] == b'0' && matches!(bytes[1], b'x' | b'X' | b'o' | b'O' | b'b' | b'B') {
        return 2 + bytes[2..].iter().take_while(|b| b.is_ascii_hexdigit() || **b == b'_').count();
    }
    let mut length = digits(0);
    if !after_dot && bytes.get(length) == Some(&b'.') && bytes.get(length + 1).is_some_and(u8::is_ascii_digit) {
        length += 1;
        length += digits(length);
    }
    let exponent = matches!(bytes.get(length), Some(b'e' | b'E'));
    let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
    if exponent && bytes.get(length + 1 + sign).is_some_and(u8::is_ascii_digit) {
        length += 1 + sign;
        length += digits(length);
    }
    length
}

fn text_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == bytes[0] => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}
