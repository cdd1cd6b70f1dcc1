//! The server's own name for a message, as far as its reply tells.

/// The longest name that is kept, in bytes.
const MAX_LENGTH: usize = 100;

/// Finds the queue id in the text of the reply after the message. Known forms:
/// Postfix `2.0.0 Ok: queued as 4XzQ1m2bKz`, Exim `OK id=1tBcDe-000000001aB-0xYz`, Exchange
/// `2.6.0 <id@host> [InternalId=…] Queued mail for delivery`, Gmail
/// `2.0.0 OK  1763712000 a1-2b.3 - gsmtp`, SES `Ok 010f…`, Sendmail `2.0.0 4ALB0x Message
/// accepted for delivery`.
pub fn find(reply: &str) -> Option<String> {
    let words: Vec<&str> = reply.split_whitespace().take(40).collect();
    let id = after_queued_as(&words)
        .or_else(|| words.iter().find_map(|word| word.strip_prefix("id=")))
        .or_else(|| words.iter().copied().find(|word| word.starts_with('<') && word.ends_with('>')))
        .or_else(|| before_gsmtp(&words))
        .or_else(|| before_message_accepted(&words))
        .or_else(|| single_word_after_ok(&words))?;
    let id = id.trim_matches(|c: char| "<>()[];,.".contains(c));
    let plausible = !id.is_empty() && id.len() <= MAX_LENGTH && id.bytes().all(|byte| byte.is_ascii_graphic());
    plausible.then(|| id.to_owned())
}

fn after_queued_as<'a>(words: &[&'a str]) -> Option<&'a str> {
    let pair =
        words.windows(3).find(|pair| pair[0].eq_ignore_ascii_case("queued") && pair[1].eq_ignore_ascii_case("as"))?;
    Some(pair[2])
}

fn before_gsmtp<'a>(words: &[&'a str]) -> Option<&'a str> {
    let at = words.iter().position(|word| *word == "gsmtp")?;
    words.get(at.checked_sub(2)?).copied()
}

fn before_message_accepted<'a>(words: &[&'a str]) -> Option<&'a str> {
    let at = words.iter().position(|word| word.eq_ignore_ascii_case("message"))?;
    let accepted = words.get(at + 1).is_some_and(|word| word.eq_ignore_ascii_case("accepted"));
    let id = words.get(at.checked_sub(1)?).copied()?;
    (accepted && id.bytes().any(|byte| byte.is_ascii_digit()) && !is_enhanced_status(id)).then_some(id)
}

fn single_word_after_ok<'a>(words: &[&'a str]) -> Option<&'a str> {
    let rest = match words {
        [status, rest @ ..] if is_enhanced_status(status) => rest,
        all => all,
    };
    match rest {
        [ok, id] if ok.trim_end_matches(':').eq_ignore_ascii_case("ok") && id.len() >= 8 => Some(id),
        _ => None,
    }
}

fn is_enhanced_status(word: &str) -> bool {
    word.split('.').count() == 3 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn the_queue_id_is_found_in_the_replies_of_common_servers() {
        let cases = [
            ("2.0.0 Ok: queued as 4XzQ1m2bKz", Some("4XzQ1m2bKz")),
            ("OK id=1tBcDe-000000001aB-0xYz", Some("1tBcDe-000000001aB-0xYz")),
            ("2.6.0 <ab12@mx.example> [InternalId=42, Hostname=MX1] Queued mail for delivery", Some("ab12@mx.example")),
            ("2.0.0 OK  1763712000 a1-2b3c.45 - gsmtp", Some("a1-2b3c.45")),
            ("Ok 010f018b2c3d4e5f-0a1b2c3d-000000", Some("010f018b2c3d4e5f-0a1b2c3d-000000")),
            ("2.0.0 4ALB0xYz012345 Message accepted for delivery", Some("4ALB0xYz012345")),
            ("2.0.0 Message accepted for delivery", None),
            ("OK", None),
            ("2.0.0 Ok", None),
            ("Thank you", None),
            ("", None),
        ];
        for (reply, id) in cases {
            assert_eq!(find(reply).as_deref(), id, "{reply}");
        }
        assert_eq!(find(&format!("Ok: queued as {}", "x".repeat(5_000))), None);
    }
}
