//! The letters of the starters: a few words in the frame that all of them share.

use std::collections::BTreeMap;

use base::Language;
use serde::Deserialize;

use crate::templates::{Content, Parts};

/// The partial that stands below every letter: who writes, and how to leave.
pub(super) const FRAME: &str = "starter-frame";
/// Its MJML.
pub(super) const FRAME_MJML: &str = include_str!("frame.mjml");
/// The letters.
const LETTERS: &str = include_str!("templates.json");
/// How the places begin that somebody has to fill in.
pub(in crate::journeys) const TO_FILL_IN: [&str; 2] = ["【在这里写", "[Write "];

/// The same in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Both {
    pub(super) zh: String,
    pub(super) en: String,
}

impl Both {
    pub(super) fn in_language(&self, language: Language) -> &str {
        language.choose(&self.zh, &self.en)
    }
}

/// A letter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Letter {
    /// By which journeys refer to it.
    pub(super) key: String,
    /// What operators call it.
    pub(super) name: Both,
    pub(super) subject: Both,
    preheader: Both,
    title: Both,
    paragraphs: Vec<Both>,
}

/// All letters.
pub(super) fn letters() -> Vec<Letter> {
    serde_json::from_str(LETTERS).unwrap_or_default()
}

impl Letter {
    /// What the template says: in this language to everybody, and in the other one to those who read that.
    pub(super) fn content(&self, language: Language) -> Content {
        let (other, tag) = match language {
            Language::Zh => (Language::En, "en"),
            Language::En => (Language::Zh, "zh"),
        };
        let translations = BTreeMap::from([(tag.to_owned(), self.parts(other))]);
        Content::new(self.parts(language), translations, BTreeMap::new(), false)
    }

    fn parts(&self, language: Language) -> Parts {
        Parts {
            subject: self.subject.in_language(language).to_owned(),
            preheader: self.preheader.in_language(language).to_owned(),
            mjml: self.mjml(language),
            text: self.text(language),
            ..Parts::default()
        }
    }

    fn mjml(&self, language: Language) -> String {
        let mut body = format!(
            "      <mj-text font-size=\"24px\" line-height=\"34px\" color=\"#2b2522\" padding=\"0 0 12px\">{}</mj-text>\n",
            self.title.in_language(language)
        );
        for paragraph in &self.paragraphs {
            body += &format!("      <mj-text>{}</mj-text>\n", paragraph.in_language(language));
        }
        format!(
            "<mjml>
  <mj-head>
    <mj-attributes>
      <mj-text font-size=\"16px\" line-height=\"28px\" color=\"#3d3732\" padding=\"0 0 12px\" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color=\"#faf6f1\">
    <mj-section padding=\"28px 16px 8px\">
      <mj-column>
        <mj-text font-size=\"14px\" line-height=\"20px\" color=\"#a4502a\" padding=\"0 12px\">{{{{ workspace.name }}}}</mj-text>
      </mj-column>
    </mj-section>
    <mj-section background-color=\"#ffffff\" border-radius=\"12px\" padding=\"28px 28px 16px\">
      <mj-column>
{body}      </mj-column>
    </mj-section>
    {{% include \"{FRAME}\" %}}
  </mj-body>
</mjml>
"
        )
    }

    /// For who reads plain text.
    fn text(&self, language: Language) -> String {
        let mut paragraphs = vec![self.title.in_language(language).to_owned()];
        paragraphs.extend(self.paragraphs.iter().map(|paragraph| paragraph.in_language(language).to_owned()));
        let leave = language.choose("退订：{{ unsubscribe_url }}", "To unsubscribe: {{ unsubscribe_url }}");
        paragraphs.push(format!("{{{{ workspace.name }}}}\n{leave}"));
        paragraphs.join("\n\n")
    }
}
