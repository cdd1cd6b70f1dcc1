//! The languages in which Hearth speaks to members and operators.

use serde::{Deserialize, Serialize};

/// A language in which texts exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// The language of a tag as RFC 5646 has them (`zh-CN`, `en_GB`), or of its name; `None` for all others.
    pub fn of_tag(tag: &str) -> Option<Language> {
        let tag = tag.trim().to_lowercase();
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary {
            "zh" | "cmn" | "yue" | "chinese" | "中文" | "汉语" | "漢語" | "华语" | "華語" => {
                Some(Language::Zh)
            }
            "en" | "english" | "英文" | "英语" | "英語" => Some(Language::En),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header (RFC 9110, section 12.5.4) that exists here. Browsers send them
    /// in the order of preference.
    pub fn of_accept_language(header: &str) -> Option<Language> {
        header.split(',').find_map(|part| Language::of_tag(part.split(';').next().unwrap_or_default()))
    }

    /// The language that people in a time zone mostly read; `None` where neither is.
    pub fn of_zone(zone: &str) -> Option<Language> {
        const CHINESE: [&str; 14] = [
            "Asia/Shanghai",
            "Asia/Chongqing",
            "Asia/Chungking",
            "Asia/Harbin",
            "Asia/Urumqi",
            "Asia/Kashgar",
            "Asia/Hong_Kong",
            "Asia/Macau",
            "Asia/Macao",
            "Asia/Taipei",
            "PRC",
            "ROC",
            "Hongkong",
            "CTT",
        ];
        CHINESE.contains(&zone).then_some(Language::Zh)
    }

    /// The tag for `lang` attributes and `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh-CN",
        }
    }

    /// One of two texts.
    pub fn choose<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::En => en,
            Language::Zh => zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_headers_name_languages() {
        for (tag, language) in [
            ("zh-Hant-TW", Some(Language::Zh)),
            ("zh_CN", Some(Language::Zh)),
            ("EN-gb", Some(Language::En)),
            ("中文", Some(Language::Zh)),
            ("zhuang", None),
            ("", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
        assert_eq!(Language::of_accept_language("fr-FR,fr;q=0.9,zh-CN;q=0.8,en;q=0.7"), Some(Language::Zh));
        assert_eq!(Language::of_accept_language("*"), None);
    }
}
