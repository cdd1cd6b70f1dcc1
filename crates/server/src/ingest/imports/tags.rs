//! Tags in the cells of a file: several of them between separators, or a list in JSON.

use std::collections::HashSet;

use base::Code;
use people::tags::{self, MAX_TAGS};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::words::Fault;

/// What stands between the tags of a cell, in either width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// `;`
    Semicolon,
    /// `,`
    Comma,
    /// `|`
    Bar,
    /// `、`
    Enumeration,
}

impl Separator {
    /// All there are.
    pub const ALL: [Separator; 4] = [Separator::Semicolon, Separator::Comma, Separator::Bar, Separator::Enumeration];

    /// The word in mappings and replies.
    pub fn word(self) -> &'static str {
        match self {
            Separator::Semicolon => "semicolon",
            Separator::Comma => "comma",
            Separator::Bar => "bar",
            Separator::Enumeration => "enumeration",
        }
    }

    /// The characters that it may be.
    pub fn characters(self) -> &'static [char] {
        match self {
            Separator::Semicolon => &[';', '；'],
            Separator::Comma => &[',', '，'],
            Separator::Bar => &['|', '｜'],
            Separator::Enumeration => &['、'],
        }
    }

    fn of_word(word: &str) -> Option<Separator> {
        let is_meant = |separator: &Separator| {
            let mut characters = separator.characters().iter();
            separator.word() == word || characters.any(|character| word.chars().eq([*character]))
        };
        Separator::ALL.into_iter().find(is_meant)
    }

    /// Those that stand in a cell; of a list in JSON none.
    pub fn of_cell(cell: &str) -> impl Iterator<Item = Separator> {
        let is_list = cell.starts_with('[');
        Separator::ALL.into_iter().filter(move |separator| !is_list && cell.contains(separator.characters()))
    }
}

impl Serialize for Separator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Separator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Separator::of_word(&word).ok_or_else(|| de::Error::custom("is no separator"))
    }
}

/// How a cell is parted into tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// At this separator.
    At(Separator),
    /// At every one.
    AtAny,
    /// Not at all: a cell is one tag.
    Whole,
}

impl Parting {
    /// As mappings write it: the name of a separator or the separator itself, `any` or `none`.
    pub fn of_word(word: &str) -> Option<Parting> {
        match word {
            "any" => Some(Parting::AtAny),
            "none" => Some(Parting::Whole),
            _ => Separator::of_word(word).map(Parting::At),
        }
    }

    fn is_between(self, character: char) -> bool {
        let is_one_of = |separator: Separator| separator.characters().contains(&character);
        match self {
            Parting::At(separator) => is_one_of(separator),
            Parting::AtAny => Separator::ALL.into_iter().any(is_one_of),
            Parting::Whole => false,
        }
    }

    /// The tags of a cell, each once.
    pub fn tags(self, column: &str, cell: &str) -> Result<Vec<String>, Fault> {
        let listed: Option<Vec<String>> = match cell.trim_start().starts_with('[') {
            true => serde_json::from_str(cell).ok(),
            false => None,
        };
        let tags: Vec<String> = match listed {
            Some(listed) => listed,
            None => cell.split(|character| self.is_between(character)).map(str::to_owned).collect(),
        };
        let mut seen = HashSet::new();
        let mut known = Vec::with_capacity(tags.len().min(MAX_TAGS));
        for tag in tags {
            let tag = tag.trim();
            if tag.is_empty() || !seen.insert(tag.to_owned()) {
                continue;
            }
            check(column, tag)?;
            known.push(tag.to_owned());
            if known.len() > MAX_TAGS {
                return Err(Fault::new(
                    Code::TooManyTags,
                    format!("{column} has more than {MAX_TAGS} tags"),
                    format!("{column} 中的标签超过 {MAX_TAGS} 个"),
                ));
            }
        }
        Ok(known)
    }
}

fn check(column: &str, tag: &str) -> Result<(), Fault> {
    match tags::fault_of(tag) {
        None => Ok(()),
        Some(fault) => Err(Fault::new(
            Code::InvalidField,
            format!("a tag in {column} {fault}"),
            format!("{column} 中有一个标签不合规：标签须为 1 到 100 个字符，不能有控制字符，也不能形同分群的编号"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(parting: Parting, cell: &str) -> Vec<String> {
        parting.tags("标签", cell).unwrap()
    }

    #[test]
    fn a_cell_is_parted_where_the_separator_stands_and_nowhere_else() {
        for cell in ["a;b", "a；b", " a ; b ;", "a,b", "a，b", "a|b", "a、b", "a;b;a"] {
            assert_eq!(tags(Parting::AtAny, cell), ["a", "b"], "{cell}");
        }
        assert_eq!(tags(Parting::At(Separator::Semicolon), "华东, 上海；VIP"), ["华东, 上海", "VIP"]);
        assert_eq!(tags(Parting::Whole, "a;b"), ["a;b"]);
        assert_eq!(tags(Parting::AtAny, r#"["a;b","c"]"#), ["a;b", "c"]);
        assert_eq!(tags(Parting::At(Separator::Semicolon), "[x];y"), ["[x]", "y"]);
        for (word, parting) in [
            (";", Parting::At(Separator::Semicolon)),
            ("，", Parting::At(Separator::Comma)),
            ("bar", Parting::At(Separator::Bar)),
            ("any", Parting::AtAny),
            ("none", Parting::Whole),
        ] {
            assert_eq!(Parting::of_word(word), Some(parting));
        }
        assert_eq!(Parting::of_word(";;"), None);
    }

    #[test]
    fn what_cannot_be_a_tag_is_refused_with_its_column() {
        let long = "长".repeat(101);
        let many: Vec<String> = (0..=MAX_TAGS).map(|number| number.to_string()).collect();
        for (cell, code) in [(long, Code::InvalidField), (many.join(";"), Code::TooManyTags)] {
            let fault = Parting::AtAny.tags("标签", &cell).unwrap_err();
            assert_eq!(fault.code, code);
            assert!(fault.message.en.contains("标签") && fault.message.zh.contains("标签"));
        }
    }
}
