//! Texts that come from the other side, made fit for the ledger.

/// The longest reason that is kept, in characters.
pub const MAX_REASON: usize = 300;

/// A text of the other side as one line: no control characters, no e-mail addresses (servers
/// like to repeat the recipient), at most `limit` characters.
pub fn plain_line(text: &str, limit: usize) -> String {
    // Nothing behind this can be part of the result; do not work on what a hostile server sends.
    let mut end = text.len().min(limit.saturating_mul(16));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut line = String::new();
    for word in text[..end].split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        hide_addresses(word, &mut line);
    }
    let Some((cut, _)) = line.char_indices().nth(limit) else {
        return line;
    };
    line.truncate(cut);
    line.pop();
    line.push('…');
    line
}

fn hide_addresses(word: &str, line: &mut String) {
    for piece in word.split_inclusive(|c: char| "<>()[]\"',;".contains(c)) {
        let (body, separator) = match piece.char_indices().next_back() {
            Some((at, last)) if "<>()[]\"',;".contains(last) => piece.split_at(at),
            _ => (piece, ""),
        };
        line.push_str(if body.contains('@') { "(address)" } else { body });
        line.push_str(separator);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_control_characters_do_not_get_through() {
        let said = "5.1.1 <anna@example.com>:\r\n Recipient\taddress rejected: User unknown\0";
        assert_eq!(plain_line(said, 100), "5.1.1 <(address)>: Recipient address rejected: User unknown");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let cut = plain_line(&"围炉".repeat(10_000), 10);
        assert_eq!(cut.chars().count(), 10);
        assert!(cut.ends_with('…'));
        assert_eq!(plain_line("short", 5), "short");
    }
}
