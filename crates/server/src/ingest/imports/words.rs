//! What imports say to operators: every sentence in English and in Chinese.

use std::borrow::Cow;

use base::Code;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ingest::refusal::Refusal;

/// In which language reasons are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Language {
    /// `en`
    #[default]
    #[serde(rename = "en")]
    English,
    /// `zh`
    #[serde(rename = "zh")]
    Chinese,
}

impl Language {
    /// The first of these wishes that there is, written as in `Accept-Language` or as the name of a locale.
    pub fn of_wishes(wishes: &str) -> Language {
        for wish in wishes.split(',') {
            let wish = wish.trim().to_ascii_lowercase();
            if wish.starts_with("zh") {
                return Language::Chinese;
            }
            if wish.starts_with("en") {
                return Language::English;
            }
        }
        Language::English
    }
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Words {
    /// In English.
    #[schema(value_type = String)]
    pub en: Cow<'static, str>,
    /// In Chinese.
    #[schema(value_type = String)]
    pub zh: Cow<'static, str>,
}

impl Words {
    /// A sentence.
    pub fn new(en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Words {
        Words { en: en.into(), zh: zh.into() }
    }

    /// The sentence in one language.
    pub fn say(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The stable code.
    pub code: Code,
    /// The reason in one sentence, without the values of the row.
    pub message: Words,
}

impl Fault {
    /// A fault with its reason in both languages.
    pub fn new(code: Code, en: impl Into<Cow<'static, str>>, zh: impl Into<Cow<'static, str>>) -> Fault {
        Fault { code, message: Words::new(en, zh) }
    }
}

/// The normaliser names fields as the tracking API does; in Chinese its sentence stands behind what the code means.
impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Fault {
        let zh = format!("{}（{}）", chinese_of(refusal.code), refusal.message);
        Fault::new(refusal.code, refusal.message, zh)
    }
}

/// What a code says of a row.
fn chinese_of(code: Code) -> &'static str {
    match code {
        Code::EventTooLarge => "这一行的内容超过 32 KB",
        Code::MissingIdentity => "这一行没有说明是谁",
        Code::MissingField => "缺少必填的内容",
        Code::InvalidField => "某一项的类型或取值不对",
        Code::TooManyProperties => "这一行的字段超过 1,000 个",
        Code::TooDeep => "JSON 嵌套太深",
        Code::NulCharacter => "文字中有 NUL 字符",
        Code::NumberOutOfRange => "数字太大，无法精确保存",
        Code::TimestampOutOfRange => "时间不合理",
        Code::UnsupportedOperation => "不支持这样的操作",
        _ => "这一行不能导入",
    }
}
