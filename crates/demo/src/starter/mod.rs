//! What the shop's operators have set up: segments, templates, journeys, boards and goals, as plain data.
//!
//! Segments and templates have a key each. Journeys name them as `segment:KEY` and `template:KEY`,
//! which [`resolve_references`] replaces by the ids that they were given.

mod boards;
mod journeys;
mod segments;
mod templates;

use std::fmt;

use serde_json::Value;

/// The configuration of the demo workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct Starter {
    /// Name of the workspace.
    pub workspace_name: &'static str,
    /// IANA name of its time zone.
    pub time_zone: &'static str,
    /// What members may be written to about.
    pub topics: Vec<StarterTopic>,
    /// Segments; none refers to another one.
    pub segments: Vec<StarterSegment>,
    /// Templates, all for e-mail.
    pub templates: Vec<StarterTemplate>,
    /// Journeys; they refer to segments and templates.
    pub journeys: Vec<StarterJourney>,
    /// Boards.
    pub boards: Vec<StarterBoard>,
    /// Goals.
    pub goals: Vec<StarterGoal>,
}

/// A board to make.
#[derive(Clone, Debug, PartialEq)]
pub struct StarterBoard {
    /// What operators read.
    pub name: &'static str,
    /// Which days it shows, as an ISO 8601 duration.
    pub period: &'static str,
    /// Its cards, as the API takes them.
    pub cards: Vec<Value>,
}

/// A goal to make.
#[derive(Clone, Debug, PartialEq)]
pub struct StarterGoal {
    /// What operators read.
    pub name: &'static str,
    /// What is counted, as the API takes it.
    pub metric: Value,
    /// How much it is to be.
    pub target: f64,
    /// The first and the last day, counted from the end of the history.
    pub days: (i64, i64),
}

/// A topic to describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StarterTopic {
    /// By which journeys refer to it.
    pub key: &'static str,
    /// What members read, in English and Chinese.
    pub name: (&'static str, &'static str),
    /// What it is about, in English and Chinese.
    pub description: (&'static str, &'static str),
}

/// A segment to make.
#[derive(Clone, Debug, PartialEq)]
pub struct StarterSegment {
    /// By which journeys refer to it.
    pub key: &'static str,
    /// What operators read.
    pub name: &'static str,
    /// In the rule grammar.
    pub rule: Value,
}

/// A template to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarterTemplate {
    /// By which journeys refer to it.
    pub key: &'static str,
    /// What operators read.
    pub name: &'static str,
    /// Kind of the channels that it is for.
    pub channel_kind: &'static str,
    /// Subject line.
    pub subject: &'static str,
    /// Plain text.
    pub text: &'static str,
    /// HTML.
    pub html: &'static str,
}

/// A journey to make.
#[derive(Clone, Debug, PartialEq)]
pub struct StarterJourney {
    /// For programs.
    pub key: &'static str,
    /// What operators read.
    pub name: &'static str,
    /// The journey document, with references instead of ids.
    pub document: Value,
}

/// What a journey document names by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// The segment with this key.
    Segment(&'a str),
    /// The template with this key.
    Template(&'a str),
}

/// A reference for which there is no id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingReference(pub String);

impl fmt::Display for MissingReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing has been made for \"{}\"", self.0)
    }
}

impl std::error::Error for MissingReference {}

/// The configuration of the demo workspace.
pub fn starter() -> Starter {
    Starter {
        workspace_name: "醉里挑灯 Lantern Wines",
        time_zone: "Asia/Shanghai",
        topics: topics(),
        segments: segments::segments(),
        templates: templates::templates(),
        journeys: journeys::journeys(),
        boards: boards::boards(),
        goals: boards::goals(),
    }
}

fn topics() -> Vec<StarterTopic> {
    vec![
        StarterTopic {
            key: "welcome",
            name: ("First steps", "新人指引"),
            description: ("How the community works, in your first days", "加入后的头几天，带你认识社群"),
        },
        StarterTopic {
            key: "service",
            name: ("After your order", "购后关怀"),
            description: ("How to store and serve what you bought", "怎么存、怎么喝，喝完聊聊感受"),
        },
        StarterTopic {
            key: "offers",
            name: ("Offers and new wines", "优惠与新酒"),
            description: ("New arrivals, tastings and prices for members", "新酒到店、品鉴会和会员价"),
        },
    ]
}

/// The document with every reference replaced by the id that `id_of` knows for it.
pub fn resolve_references(
    document: &Value,
    id_of: &dyn Fn(Reference<'_>) -> Option<String>,
) -> Result<Value, MissingReference> {
    Ok(match document {
        Value::String(text) => match reference(text) {
            Some(reference) => Value::String(id_of(reference).ok_or_else(|| MissingReference(text.clone()))?),
            None => document.clone(),
        },
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| resolve_references(item, id_of)).collect::<Result<_, _>>()?)
        }
        Value::Object(fields) => {
            let mut resolved = serde_json::Map::new();
            for (name, value) in fields {
                resolved.insert(name.clone(), resolve_references(value, id_of)?);
            }
            Value::Object(resolved)
        }
        _ => document.clone(),
    })
}

fn reference(text: &str) -> Option<Reference<'_>> {
    if let Some(key) = text.strip_prefix("segment:") {
        return Some(Reference::Segment(key));
    }
    text.strip_prefix("template:").map(Reference::Template)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::rule::Rule;

    #[test]
    fn every_segment_is_a_rule_that_the_product_reads() {
        for segment in starter().segments {
            if let Err(problem) = Rule::parse(&segment.rule) {
                panic!("{}: {problem:?}", segment.name);
            }
        }
    }

    #[test]
    fn every_branch_of_a_journey_is_a_rule_that_the_product_reads() {
        let mut branches = 0;
        for journey in starter().journeys {
            for step in journey.document["steps"].as_object().unwrap().values() {
                for case in step["cases"].as_array().into_iter().flatten() {
                    branches += 1;
                    if let Err(problem) = Rule::parse(&case["when"]) {
                        panic!("{}: {problem:?}", journey.name);
                    }
                }
            }
        }
        assert!(branches >= 4);
    }

    #[test]
    fn every_step_leads_to_a_step_and_all_are_reached() {
        for journey in starter().journeys {
            let steps = journey.document["steps"].as_object().unwrap();
            let mut reached = vec![journey.document["start"].as_str().unwrap().to_owned()];
            let mut index = 0;
            while let Some(name) = reached.get(index).cloned() {
                index += 1;
                let step = steps.get(&name).unwrap_or_else(|| panic!("{}: no step {name}", journey.name));
                let cases = step["cases"].as_array().into_iter().flatten().map(|case| &case["next"]);
                for next in cases.chain([&step["next"], &step["else"]]).filter_map(Value::as_str) {
                    if !reached.iter().any(|known| known == next) {
                        reached.push(next.to_owned());
                    }
                }
            }
            assert_eq!(reached.len(), steps.len(), "{}", journey.name);
        }
    }

    #[test]
    fn journeys_refer_only_to_what_there_is() {
        let starter = starter();
        let known = |reference: Reference<'_>| match reference {
            Reference::Segment(key) => starter.segments.iter().find(|it| it.key == key).map(|_| "seg_1".to_owned()),
            Reference::Template(key) => starter.templates.iter().find(|it| it.key == key).map(|_| "tpl_1".to_owned()),
        };
        for journey in &starter.journeys {
            let resolved = resolve_references(&journey.document, &known).unwrap();
            assert!(!resolved.to_string().contains("template:") && !resolved.to_string().contains("segment:"));
        }
        let foreign = serde_json::json!({"template": "template:nobody"});
        assert_eq!(resolve_references(&foreign, &known), Err(MissingReference("template:nobody".to_owned())));
    }

    #[test]
    fn every_topic_of_a_journey_is_described() {
        let starter = starter();
        let described: Vec<&str> = starter.topics.iter().map(|topic| topic.key).collect();
        for journey in &starter.journeys {
            let steps = journey.document["steps"].as_object().unwrap();
            for topic in steps.values().filter_map(|step| step["topic"].as_str()) {
                assert!(described.contains(&topic), "{topic}");
            }
        }
    }

    #[test]
    fn keys_and_names_are_different_and_every_template_is_used() {
        let starter = starter();
        let mut names: Vec<&str> = starter.segments.iter().flat_map(|it| [it.key, it.name]).collect();
        names.extend(starter.templates.iter().flat_map(|it| [it.key, it.name]));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        let documents: String = starter.journeys.iter().map(|it| it.document.to_string()).collect();
        for template in &starter.templates {
            assert!(documents.contains(&format!("\"template:{}\"", template.key)), "{}", template.key);
            assert!(!template.subject.is_empty() && !template.text.is_empty() && template.html.contains("<p"));
        }
    }
}
