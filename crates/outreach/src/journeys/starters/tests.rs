//! Whether the starters are whole.

use base::{
    Problem,
    ids::{SegmentId, TemplateId},
};
use serde_json::Value;

use super::*;
use crate::journeys::Document;

const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];

fn resolved(starter: &Starter, language: Language) -> Value {
    starter.document(language, &|text| match text.split_once(':')? {
        ("segment", key) => starter.segments.iter().any(|one| one.key == key).then(|| SegmentId(7).to_string()),
        ("template", key) => starter.letters().iter().any(|one| one.key == key).then(|| TemplateId(8).to_string()),
        ("channel", kind) => Some(kind.to_owned()),
        _ => None,
    })
}

#[test]
fn every_starter_can_be_read_in_both_languages() {
    assert_eq!(starters().len(), STARTERS.len());
    for starter in starters() {
        for language in LANGUAGES {
            let document = resolved(&starter, language);
            let (read, problems) = Document::examine(&document);
            assert_eq!(problems.into_inner(), Vec::<Problem>::new(), "{} {language:?}", starter.key);
            assert_eq!(read.graph(&document).unreachable(), Vec::<&str>::new(), "{}", starter.key);
            let steps = document["steps"].as_object().unwrap();
            assert!(steps.values().all(|step| step["title"].is_string()), "{}", starter.key);
        }
    }
}

#[test]
fn nothing_of_the_other_language_is_left() {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for starter in starters() {
        assert!(!is_chinese(&resolved(&starter, Language::En).to_string()), "{}", starter.key);
        assert!(!is_chinese(starter.name.in_language(Language::En)), "{}", starter.key);
        assert!(is_chinese(starter.description.in_language(Language::Zh)), "{}", starter.key);
        for letter in starter.letters() {
            let content = letter.content(Language::En);
            assert!(!is_chinese(&content.parts.mjml) && !is_chinese(&content.parts.text), "{}", letter.key);
            assert!(is_chinese(&content.extra.translations["zh"].mjml), "{}", letter.key);
        }
    }
}

#[test]
fn a_starter_brings_along_all_that_it_names_and_uses_all_that_it_brings() {
    for starter in starters() {
        assert_eq!(starter.letters().len(), starter.templates.len(), "{}", starter.key);
        let document = starter.document.to_string();
        for key in &starter.templates {
            assert!(document.contains(&format!("\"template:{key}\"")), "{key}");
        }
        for segment in &starter.segments {
            assert!(document.contains(&format!("\"segment:{}\"", segment.key)), "{}", segment.key);
            base::rule::Rule::parse_new(&segment.rule).unwrap();
        }
        let rules: String = starter.segments.iter().map(|segment| segment.rule.to_string()).collect();
        for event in &starter.needs.events {
            assert!(format!("{document}{rules}").contains(&format!("\"{event}\"")), "{event}");
        }
        for topic in &starter.needs.topics {
            assert!(document.contains(&format!("\"topic\":\"{topic}\"")), "{topic}");
        }
    }
}
