//! What a template says: its parts, in one language or several, and the rules that it asks.

use std::collections::{BTreeMap, BTreeSet};

use base::{Code, Problem};
use channels::Form;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

/// Bytes of a template's source, all parts and languages together.
const MAX_SOURCE: usize = 600_000;
/// Rules of one template.
const MAX_RULES: usize = 50;

/// The parts of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = TemplateParts)]
pub struct Parts {
    /// Subject line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// What mail programs show beside the subject in a list.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub preheader: String,
    /// Plain text; JSON for a webhook. When it is empty, it is made from the HTML.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// HTML; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub html: String,
    /// MJML, from which the HTML is made; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mjml: String,
}

/// A template without its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The parts for everybody for whose language there are no others.
    pub parts: Parts,
    /// What is beside them.
    pub extra: Extra,
}

/// What a template has beside its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extra {
    /// The preheader of the first parts.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub preheader: String,
    /// The MJML of the first parts.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mjml: String,
    /// Other parts for members who read another language, by `en` and `zh`. A part that is empty is that of
    /// everybody else.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, Parts>,
    /// Rules by the names under which the template asks them, as `rules.name`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Json>,
    /// Whether a message fails in which a variable is missing that has no fallback.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub strict: bool,
}

/// A set of parts, for all or for one language.
pub(super) struct Variant<'a> {
    /// Empty for everybody, else the language.
    pub language: &'a str,
    pub parts: Parts,
}

impl Content {
    /// A content of these parts.
    pub(crate) fn new(
        parts: Parts,
        translations: BTreeMap<String, Parts>,
        rules: BTreeMap<String, Json>,
        strict: bool,
    ) -> Content {
        let (preheader, mjml) = (parts.preheader.clone(), parts.mjml.clone());
        Content { parts, extra: Extra { preheader, mjml, translations, rules, strict } }
    }

    /// The sets of parts, the one for everybody first. What a language leaves out is taken from there.
    pub(super) fn variants(&self) -> Vec<Variant<'_>> {
        let mut variants = vec![Variant { language: "", parts: self.parts.clone() }];
        for (language, own) in &self.extra.translations {
            variants.push(Variant { language, parts: self.parts.overlaid(own) });
        }
        variants
    }

    /// Refuses what no template may be, whatever its parts say.
    pub(super) fn check(&self, form: Form) -> Result<(), Problem> {
        let invalid = |path: &str, message: &str| Problem::at(Code::InvalidTemplate, path, message);
        let mut size = 0;
        for (path, parts) in self.named_parts() {
            size += parts.size();
            for (name, part) in parts.named() {
                if part.contains('\0') {
                    return Err(invalid(&format!("{path}{name}"), "contains the NUL character"));
                }
            }
            if !parts.html.is_empty() && !parts.mjml.is_empty() {
                return Err(invalid(&format!("{path}mjml"), "the body is either MJML or HTML"));
            }
            if form == Form::Payload && !(parts.html.is_empty() && parts.mjml.is_empty() && parts.preheader.is_empty())
            {
                return Err(invalid(&format!("{path}text"), "a message of this kind is JSON and has a text only"));
            }
        }
        if size > MAX_SOURCE {
            return Err(Problem::with(Code::InvalidTemplate, "a template has at most 600,000 bytes"));
        }
        if let Some(language) =
            self.extra.translations.keys().find(|language| !["en", "zh"].contains(&language.as_str()))
        {
            return Err(invalid(&format!("translations.{language}"), "the languages are \"en\" and \"zh\""));
        }
        if self.extra.rules.len() > MAX_RULES {
            return Err(invalid("rules", "a template asks at most 50 rules"));
        }
        let is_name = |name: &str| {
            (1..=60).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
                && !name.starts_with('_')
        };
        match self.extra.rules.keys().find(|name| !is_name(name)) {
            Some(name) => Err(invalid(
                &format!("rules.{name}"),
                "the name of a rule has 1 to 60 small letters, digits and underscores",
            )),
            None => Ok(()),
        }
    }

    /// Each set of parts as it was written, with what stands before its paths.
    pub(super) fn named_parts(&self) -> impl Iterator<Item = (String, &Parts)> {
        let others =
            self.extra.translations.iter().map(|(language, parts)| (format!("translations.{language}."), parts));
        std::iter::once((String::new(), &self.parts)).chain(others)
    }

    /// Whether there is nothing that a message could be made of.
    pub(super) fn is_blank(&self) -> bool {
        let Parts { text, html, mjml, .. } = &self.parts;
        [text, html, mjml].iter().all(|part| part.trim().is_empty())
    }

    /// The paths at which two contents differ.
    pub(super) fn differences(&self, other: &Content) -> Vec<String> {
        let mut found = Vec::new();
        let languages: BTreeSet<&String> =
            self.extra.translations.keys().chain(other.extra.translations.keys()).collect();
        let none = Parts::default();
        let mut pairs = vec![(String::new(), &self.parts, &other.parts)];
        for language in languages {
            let of = |content: &'_ Content| content.extra.translations.contains_key(language);
            let (one, two) = (
                self.extra.translations.get(language).unwrap_or(&none),
                other.extra.translations.get(language).unwrap_or(&none),
            );
            if of(self) != of(other) && one == two {
                found.push(format!("translations.{language}"));
            }
            pairs.push((format!("translations.{language}."), one, two));
        }
        for (path, one, two) in pairs {
            for ((name, one), (_, two)) in one.named().into_iter().zip(two.named()) {
                if one != two {
                    found.push(format!("{path}{name}"));
                }
            }
        }
        let rules: BTreeSet<&String> = self.extra.rules.keys().chain(other.extra.rules.keys()).collect();
        let changed = rules.into_iter().filter(|name| self.extra.rules.get(*name) != other.extra.rules.get(*name));
        found.extend(changed.map(|name| format!("rules.{name}")));
        if self.extra.strict != other.extra.strict {
            found.push("strict".to_owned());
        }
        found
    }
}

impl Parts {
    /// The parts by their names.
    pub(super) fn named(&self) -> [(&'static str, &str); 5] {
        [
            ("subject", &self.subject),
            ("preheader", &self.preheader),
            ("text", &self.text),
            ("html", &self.html),
            ("mjml", &self.mjml),
        ]
    }

    fn size(&self) -> usize {
        self.named().iter().map(|(_, part)| part.len()).sum()
    }

    /// These with others over them. Who has a body of his own has his own text as well, be it made from the body.
    fn overlaid(&self, own: &Parts) -> Parts {
        let or = |own: &String, common: &String| if own.is_empty() { common.clone() } else { own.clone() };
        let has_body = !(own.html.is_empty() && own.mjml.is_empty());
        let (html, mjml) = if has_body { (&own.html, &own.mjml) } else { (&self.html, &self.mjml) };
        Parts {
            subject: or(&own.subject, &self.subject),
            preheader: or(&own.preheader, &self.preheader),
            text: if has_body { own.text.clone() } else { or(&own.text, &self.text) },
            html: html.clone(),
            mjml: mjml.clone(),
        }
    }
}
