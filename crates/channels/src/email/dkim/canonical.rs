//! The canonical forms of RFC 6376, section 3.4: `relaxed` for headers and for the body.

/// One header field as it stands in a message.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// What stands before the colon.
    pub name: &'a [u8],
    /// What stands behind it, folds included, without the last line end.
    pub value: &'a [u8],
}

impl Field<'_> {
    /// Whether it has a name, given in lower case.
    pub fn is(&self, name: &str) -> bool {
        self.name.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The fields of a message with CRLF line ends, and its body.
pub fn split(message: &[u8]) -> (Vec<Field<'_>>, &[u8]) {
    let mut fields: Vec<Field<'_>> = Vec::new();
    let mut start = 0;
    while start < message.len() {
        let mut end = line_end(message, start);
        if end == start {
            return (fields, message.get(end + 2..).unwrap_or_default());
        }
        while message.get(end + 2).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            end = line_end(message, end + 2);
        }
        let line = &message[start..end];
        if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            fields.push(Field { name: &line[..colon], value: &line[colon + 1..] });
        }
        start = end + 2;
    }
    (fields, &[])
}

/// Where the line that begins at `start` ends, before its CRLF.
fn line_end(message: &[u8], start: usize) -> usize {
    message[start..].windows(2).position(|pair| pair == b"\r\n").map_or(message.len(), |length| start + length)
}

/// Writes a field: name in lower case, unfolded, blanks as one, none around the colon and at the end. No line end.
pub fn field_relaxed(field: &Field<'_>, output: &mut Vec<u8>) {
    output.extend(field.name.trim_ascii().to_ascii_lowercase());
    output.push(b':');
    let mut words =
        field.value.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        output.extend_from_slice(first);
    }
    for word in words {
        output.push(b' ');
        output.extend_from_slice(word);
    }
}

/// The body: blanks within a line as one, none at the end of lines, no empty lines at the end.
pub fn body_relaxed(body: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(body.len() + 2);
    let mut empty_lines = 0;
    for line in body.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let end = line.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last + 1);
        if end == 0 {
            empty_lines += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty_lines) {
            output.extend_from_slice(b"\r\n");
        }
        let mut is_blank = false;
        for byte in &line[..end] {
            let blank = matches!(byte, b' ' | b'\t');
            if !blank {
                output.push(*byte);
            } else if !is_blank {
                output.push(b' ');
            }
            is_blank = blank;
        }
        output.extend_from_slice(b"\r\n");
    }
    output
}
