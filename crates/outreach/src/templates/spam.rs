//! Words that filters of spam weigh.

/// The list; its head says where it comes from.
const LIST: &str = include_str!("spam_words.txt");

/// The words of the list that occur in a text, each once.
pub(super) fn found_in(text: &str) -> Vec<&'static str> {
    let lower = text.to_lowercase();
    let words = LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    words.filter(|word| occurs(&lower, word)).collect()
}

/// Line and column of a word of the list in a source, unless its letters are divided by markup.
pub(super) fn place_of(source: &str, word: &str) -> Option<(usize, usize)> {
    source.lines().enumerate().find_map(|(nth, line)| {
        let lower = line.to_lowercase();
        let at = start_of(&lower, word)?;
        Some((nth + 1, lower[..at].chars().count() + 1))
    })
}

fn occurs(text: &str, word: &str) -> bool {
    start_of(text, word).is_some()
}

/// Where a word stands in a text in lower case.
fn start_of(text: &str, word: &str) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut places = text.match_indices(word);
    let whole = places.find(|(at, found)| {
        let before = text[..*at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        !word.is_ascii() || !(is_letter(before) || is_letter(after))
    });
    whole.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::{found_in, place_of};

    #[test]
    fn words_are_whole_in_english_and_anywhere_in_chinese() {
        assert_eq!(found_in("You WON! Breadwinners and Act now."), ["act now", "you won"]);
        assert_eq!(found_in("恭喜您获得优惠，点击领取"), ["恭喜您获得", "点击领取"]);
        assert_eq!(place_of("Breadwinner\n<b>Winner</b>", "winner"), Some((2, 4)));
        assert_eq!(place_of("您好\n恭喜，点击领取", "点击领取"), Some((2, 4)));
        assert_eq!(place_of("act <b>now</b>", "act now"), None);
        assert!(found_in("The winners' circle of Casinos").is_empty());
    }
}
