//! Words that filters of spam weigh.

/// The list; its head says where it comes from.
const LIST: &str = include_str!("spam_words.txt");

/// The words of the list that occur in a text, each once.
pub(super) fn found_in(text: &str) -> Vec<&'static str> {
    let lower = text.to_lowercase();
    let words = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    words.filter(|word| occurs(&lower, word)).collect()
}

fn occurs(text: &str, word: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(word).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !word.is_ascii() || !(is_letter(before) || is_letter(after))
    })
}

#[cfg(test)]
mod tests {
    use super::found_in;

    #[test]
    fn words_are_whole_in_english_and_anywhere_in_chinese() {
        assert_eq!(found_in("You WON! Breadwinners and Act now."), ["act now", "you won"]);
        assert_eq!(found_in("恭喜您获得优惠，点击领取"), ["恭喜您获得", "点击领取"]);
        assert!(found_in("The winners' circle of Casinos").is_empty());
    }
}
