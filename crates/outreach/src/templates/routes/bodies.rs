//! What is sent and shown of a template.

use std::collections::BTreeMap;

use base::{Time, ids::TemplateId};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::templates::{Content, Extra, Parts, TemplateRow, lint::Warning, store::SummaryRow};

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Template {
    /// Its id.
    #[schema(value_type = String)]
    pub id: TemplateId,
    /// What operators call it.
    pub name: String,
    /// Which kind of channel it is for.
    pub channel_kind: String,
    /// Subject line.
    pub subject: String,
    /// What mail programs show beside the subject in a list.
    pub preheader: String,
    /// Plain text; JSON for a webhook. When it is empty, it is made from the HTML.
    pub text: String,
    /// HTML; may be empty.
    pub html: String,
    /// MJML, from which the HTML is made; may be empty.
    pub mjml: String,
    /// Other parts for members who read another language, by `en` and `zh`.
    pub translations: BTreeMap<String, Parts>,
    /// Rules by the names under which the template asks them.
    #[schema(value_type = Object)]
    pub rules: BTreeMap<String, Json>,
    /// Whether a message fails in which a variable is missing that has no fallback.
    pub strict: bool,
    /// Counts the saves that changed something, from 1.
    pub version: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was last saved.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
    /// What may be wrong with it; only in the reply of a save.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<Warning>>,
}

impl From<TemplateRow> for Template {
    fn from(row: TemplateRow) -> Self {
        let Content { parts, extra } = row.content();
        Template {
            id: TemplateId(row.id),
            name: row.name,
            channel_kind: row.channel_kind,
            subject: parts.subject,
            preheader: parts.preheader,
            text: parts.text,
            html: parts.html,
            mjml: parts.mjml,
            translations: extra.translations,
            rules: extra.rules,
            strict: extra.strict,
            version: row.version,
            created_at: Time::from_millis(row.created_at),
            updated_at: Time::from_millis(row.updated_at),
            warnings: None,
        }
    }
}

/// A template without what it says.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateSummary {
    /// Its id.
    #[schema(value_type = String)]
    pub id: TemplateId,
    /// What operators call it.
    pub name: String,
    /// Which kind of channel it is for.
    pub channel_kind: String,
    /// Subject line.
    pub subject: String,
    /// Counts the saves that changed something, from 1.
    pub version: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was last saved.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
}

impl From<SummaryRow> for TemplateSummary {
    fn from(row: SummaryRow) -> Self {
        TemplateSummary {
            id: TemplateId(row.id),
            name: row.name,
            channel_kind: row.channel_kind,
            subject: row.subject,
            version: row.version,
            created_at: Time::from_millis(row.created_at),
            updated_at: Time::from_millis(row.updated_at),
        }
    }
}

/// A template in a list: a summary where `fields=summary` was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ListedTemplate {
    Whole(Template),
    Summary(TemplateSummary),
}

/// A template to save.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateBody {
    /// What operators call it.
    pub name: String,
    /// `email` (the default) or `webhook`.
    #[serde(default = "email")]
    pub channel_kind: String,
    /// Subject line.
    #[serde(default)]
    pub subject: String,
    /// What mail programs show beside the subject in a list.
    #[serde(default)]
    pub preheader: String,
    /// Plain text; JSON for a webhook. When it is empty, it is made from the HTML.
    #[serde(default)]
    pub text: String,
    /// HTML; may be empty.
    #[serde(default)]
    pub html: String,
    /// MJML instead of HTML; may be empty.
    #[serde(default)]
    pub mjml: String,
    /// Other parts for members who read another language, by `en` and `zh`. What is left out is said to all alike.
    #[serde(default)]
    pub translations: BTreeMap<String, Parts>,
    /// Rules by the names under which the template asks them: `{"vip": {"tag": "vip"}}` is asked with
    /// `{% if rules.vip %}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub rules: BTreeMap<String, Json>,
    /// Whether a message fails in which a variable is missing that has no fallback; otherwise nothing is written there.
    #[serde(default)]
    pub strict: bool,
    /// When replacing: the version that was read; a conflict is reported when it has changed.
    pub version: Option<i64>,
    /// When linting: whether to ask the first 20 links that are the same for everybody whether they answer, which may
    /// take 20 seconds. Saving asks nobody.
    #[serde(default)]
    pub check_links: bool,
    /// When linting: the template that is being changed, so that the events of its journeys are known.
    #[schema(value_type = Option<String>)]
    pub template: Option<TemplateId>,
}

fn email() -> String {
    "email".to_owned()
}

impl TemplateBody {
    pub(super) fn content(&self) -> Content {
        let parts = Parts {
            subject: self.subject.clone(),
            preheader: self.preheader.clone(),
            text: self.text.clone(),
            html: self.html.clone(),
            mjml: self.mjml.clone(),
        };
        Content::new(parts, self.translations.clone(), self.rules.clone(), self.strict)
    }
}

/// What to change of a template; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateChange {
    /// What operators call it.
    pub name: Option<String>,
    /// Subject line.
    pub subject: Option<String>,
    /// What mail programs show beside the subject in a list.
    pub preheader: Option<String>,
    /// Plain text; JSON for a webhook.
    pub text: Option<String>,
    /// HTML. It takes the place of MJML.
    pub html: Option<String>,
    /// MJML. It takes the place of HTML.
    pub mjml: Option<String>,
    /// Other parts for members who read another language.
    pub translations: Option<BTreeMap<String, Parts>>,
    /// Rules by the names under which the template asks them.
    #[schema(value_type = Option<Object>)]
    pub rules: Option<BTreeMap<String, Json>>,
    /// Whether a message fails in which a variable is missing that has no fallback.
    pub strict: Option<bool>,
    /// The version that was read; a conflict is reported when it has changed.
    pub version: Option<i64>,
}

impl TemplateChange {
    /// The content with the change.
    pub(super) fn onto(self, content: Content) -> Content {
        let Content { mut parts, extra } = content;
        if self.html.as_deref().is_some_and(|html| !html.is_empty()) {
            parts.mjml.clear();
        }
        if self.mjml.as_deref().is_some_and(|mjml| !mjml.is_empty()) {
            parts.html.clear();
        }
        let changes = [
            (&mut parts.subject, self.subject),
            (&mut parts.preheader, self.preheader),
            (&mut parts.text, self.text),
            (&mut parts.html, self.html),
            (&mut parts.mjml, self.mjml),
        ];
        for (part, change) in changes {
            if let Some(change) = change {
                *part = change;
            }
        }
        let Extra { translations, rules, strict, .. } = extra;
        Content::new(
            parts,
            self.translations.unwrap_or(translations),
            self.rules.unwrap_or(rules),
            self.strict.unwrap_or(strict),
        )
    }
}
