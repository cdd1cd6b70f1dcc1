//! What an operator reads of decisions, in English and in Chinese.
//!
//! Traces and histories hold words for programs. They are put into sentences when they are read, so that a better
//! sentence also tells what happened long ago. [`actions::ACTIONS`] and [`reasons::REASONS`] are the
//! tables; a test finds what the source writes and no table knows.

pub(super) mod actions;
pub(super) mod deliveries;
pub(super) mod entries;
pub(super) mod happenings;
pub(super) mod moments;
pub(super) mod problems;
pub(super) mod reasons;
pub(super) mod rules;
pub(super) mod steps;
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::naming::Names;

/// The same in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) en: String,
    pub(super) zh: String,
}

impl Words {
    pub(super) fn new(en: impl Into<String>, zh: impl Into<String>) -> Words {
        Words { en: en.into(), zh: zh.into() }
    }

    /// What reads alike in both languages, such as a name.
    pub(super) fn same(text: impl Into<String>) -> Words {
        let text = text.into();
        Words { en: text.clone(), zh: text }
    }

    /// A name between quotation marks.
    pub(super) fn quoted(name: &str) -> Words {
        Words::same(format!("“{name}”"))
    }

    /// Another sentence after this one.
    pub(super) fn then(mut self, more: &Words) -> Words {
        if !more.en.is_empty() {
            self.en = format!("{} {}", self.en, more.en);
            self.zh += &more.zh;
        }
        self
    }

    /// Several things, with a sign between them.
    pub(super) fn list(parts: &[Words], en: &str, zh: &str) -> Words {
        let english: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
        let chinese: Vec<&str> = parts.iter().map(|part| part.zh.as_str()).collect();
        Words { en: english.join(en), zh: chinese.join(zh) }
    }

    /// With the first letter as at the beginning of a sentence.
    pub(super) fn sentence(mut self) -> Words {
        let mut letters = self.en.chars();
        self.en = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        self
    }
}

/// What a sentence may refer to.
pub(super) struct Sayer<'a> {
    pub(super) names: &'a Names,
    /// In which times are told.
    pub(super) zone: &'a TimeZone,
}

/// One line of a run's trace, with what is needed to tell it.
pub(super) struct Line<'a> {
    pub(super) sayer: &'a Sayer<'a>,
    /// The step; empty for the run as a whole.
    pub(super) step: &'a str,
    pub(super) detail: &'a Value,
    /// The document of the version that the run was on.
    pub(super) document: Option<&'a Value>,
}

impl Line<'_> {
    pub(super) fn text(&self, field: &str) -> Option<String> {
        text_of(self.detail.get(field)?)
    }

    /// The step with what it does: `“pause” (wait 3 days)`.
    pub(super) fn place(&self) -> Words {
        self.place_of(self.step)
    }

    pub(super) fn place_of(&self, step: &str) -> Words {
        let described = self.document.and_then(|document| document.get("steps")?.get(step));
        let name = described.and_then(title_of).unwrap_or(step);
        // A task is called what is to be done.
        let is_task = described.and_then(|step| step.get("type")).and_then(Value::as_str) == Some("task");
        match described {
            Some(_) if is_task && name != step => {
                Words::new(format!("“{name}” (task)"), format!("“{name}”（人工任务）"))
            }
            Some(described) => {
                let what = steps::in_words(described, self.sayer);
                Words::new(format!("“{name}” ({})", what.en), format!("“{name}”（{}）", what.zh))
            }
            None => Words::quoted(step),
        }
    }

    /// Where the run goes on, as the detail says.
    pub(super) fn next(&self) -> Words {
        match self.text("next") {
            Some(step) => self.place_of(&step),
            None => Words::new("the end", "结束"),
        }
    }
}

/// What people call a step; the name by which documents call it says less.
pub(super) fn title_of(step: &Value) -> Option<&str> {
    step.get("title").and_then(Value::as_str).filter(|title| !title.is_empty())
}

/// A scalar as text; nothing for null.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.iter().filter_map(text_of).collect::<Vec<_>>().join(", ")),
        other => Some(other.to_string()),
    }
}
