//! Names in the place of ids: in a file of scenarios, segments and templates may have any.

use std::collections::BTreeMap;

use base::ids::{ChannelId, SegmentId, TemplateId};
use serde_json::{Value, json};

use super::ScenarioFile;

/// Ids of what has none; nobody has so small ones.
const FIRST_SEGMENT: i64 = 1_001;
const FIRST_TEMPLATE: i64 = 2_001;
const FIRST_CHANNEL: i64 = 3_001;
/// What a channel is of which the file says only an id.
const USUAL_KIND: &str = "email";

/// The file with ids in the place of names.
pub(super) struct Named {
    pub(super) document: Value,
    pub(super) segments: BTreeMap<SegmentId, Value>,
    /// With the kinds of their channels.
    pub(super) templates: BTreeMap<TemplateId, String>,
    /// With their kinds.
    pub(super) channels: BTreeMap<ChannelId, String>,
}

/// Gives everything that the document names an id.
pub(super) fn named(file: &ScenarioFile) -> Named {
    let ids: BTreeMap<&str, SegmentId> = file
        .segments
        .keys()
        .zip(FIRST_SEGMENT..)
        .map(|(name, number)| (name.as_str(), name.parse().unwrap_or(SegmentId(number))))
        .collect();
    let mut document = file.document.clone();
    name_segments(&mut document, &ids);
    // Whoever is made up is let in: a hash of his id would decide.
    if let Some(document) = document.as_object_mut() {
        document.remove("holdout");
    }
    let segments = file.segments.iter().map(|(name, rule)| {
        let mut rule = rule.clone();
        name_segments(&mut rule, &ids);
        (ids[name.as_str()], rule)
    });
    let mut named =
        Named { segments: segments.collect(), document, templates: BTreeMap::new(), channels: BTreeMap::new() };
    named.name_messages(file);
    named
}

/// Puts ids where segments are named. What a webhook says is its own.
fn name_segments(value: &mut Value, ids: &BTreeMap<&str, SegmentId>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| name_segments(item, ids)),
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut().filter(|(field, _)| *field != "body") {
                let id = value.as_str().and_then(|name| ids.get(name));
                match id.filter(|_| matches!(field.as_str(), "segment" | "segment_left")) {
                    Some(id) => *value = json!(id),
                    None => name_segments(value, ids),
                }
            }
        }
        _ => {}
    }
}

impl Named {
    /// Channels and templates are there, whatever steps call them.
    fn name_messages(&mut self, file: &ScenarioFile) {
        let mut templates: BTreeMap<String, TemplateId> = BTreeMap::new();
        let mut kinds: BTreeMap<String, ChannelId> = BTreeMap::new();
        let mut document = self.document.take();
        let steps = document.get_mut("steps").and_then(Value::as_object_mut);
        for step in steps.into_iter().flat_map(|steps| steps.values_mut()) {
            let step_type = step["type"].as_str().unwrap_or_default().to_owned();
            if !matches!(step_type.as_str(), "send" | "webhook") {
                continue;
            }
            let channel = step["channel"].as_str().unwrap_or("webhook").to_owned();
            let kind = match channel.parse::<ChannelId>() {
                Ok(id) => {
                    let kind = file.channels.get(&channel).cloned().unwrap_or_else(|| USUAL_KIND.to_owned());
                    self.channels.insert(id, kind.clone());
                    kind
                }
                Err(_) => {
                    let next = ChannelId(FIRST_CHANNEL + kinds.len() as i64);
                    let id = *kinds.entry(channel.clone()).or_insert(next);
                    self.channels.insert(id, channel.clone());
                    channel
                }
            };
            let Some(template) = step.get("template").and_then(Value::as_str).map(str::to_owned) else { continue };
            let next = TemplateId(FIRST_TEMPLATE + templates.len() as i64);
            let id = template.parse().unwrap_or_else(|_| *templates.entry(template.clone()).or_insert(next));
            step["template"] = json!(id);
            self.templates.insert(id, kind);
        }
        self.document = document;
    }
}
