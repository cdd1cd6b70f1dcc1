//! A simulation in words, which are made when it is read: what runs did, what becomes of messages, what is not known.

use base::{Time, ids::WorkspaceId};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use store::{DbErr, Sql};

use super::{asked::Asked, not_known};
use crate::journeys::{
    explain::close_up,
    naming::{Mentioned, Names},
    words::{Line, Sayer, Words, actions, moments, reasons},
};

/// Adds words in both languages to a result, and the names of templates.
pub(super) async fn tell(
    db: &impl Sql,
    workspace: WorkspaceId,
    asked: Option<&Asked>,
    result: &mut Value,
) -> Result<(), DbErr> {
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    let zone = zone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
    let document = asked.map(|asked| &asked.document);
    let other = asked.and_then(|asked| asked.compare_with.as_ref()).map(|other| &other.document);
    let mut mentioned = Mentioned::default();
    for document in document.into_iter().chain(other) {
        mentioned.note(&document.to_string());
    }
    for part in [&result["messages"], &result["sample_runs"], &result["compared"]["sample_runs"]] {
        mentioned.note(&part.to_string());
    }
    let names = Names::load(db, workspace, &mentioned).await?;
    let sayer = Sayer { names: &names, zone: &zone };
    tell_outcome(result, document, &sayer);
    if let Some(compared) = result.get_mut("compared").filter(|compared| compared.is_object()) {
        tell_outcome(compared, other, &sayer);
    }
    not_known::in_words(result);
    Ok(())
}

fn items<'a>(value: &'a mut Value, field: &str) -> impl Iterator<Item = &'a mut Value> {
    value.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten()
}

fn tell_outcome(outcome: &mut Value, document: Option<&Value>, sayer: &Sayer<'_>) {
    for message in items(outcome, "messages") {
        let name = message["template"].as_str().map(|template| sayer.names.of(template));
        message["template_name"] = name.into();
    }
    for run in items(outcome, "sample_runs") {
        for line in items(run, "trail") {
            let step = line["step"].as_str().unwrap_or_default().to_owned();
            let action = line["action"].as_str().unwrap_or_default().to_owned();
            let words = actions::in_words(&action, &Line { sayer, step: &step, detail: &line["detail"], document });
            say(line, words);
        }
        for message in items(run, "messages") {
            let words = fate(message, sayer.zone);
            say(message, words);
        }
    }
}

fn say(line: &mut Value, words: Words) {
    line["en"] = json!(words.en);
    line["zh"] = json!(close_up(&words.zh));
}

/// What would become of a message.
fn fate(message: &Value, zone: &TimeZone) -> Words {
    let because =
        |word: &Value| word.as_str().and_then(reasons::find).map_or_else(Words::default, |reason| reason.why());
    if message["refused"].is_string() {
        return Words::new("It would not be sent:", "不会发送：").then(&because(&message["refused"]));
    }
    let is_put_off = message["put_off"].is_string();
    match message["sent_at"].as_str().and_then(|text| text.parse::<Time>().ok()) {
        Some(_) if !is_put_off => Words::new("It would leave at once.", "会立即发出。"),
        Some(at) => {
            let at = moments::moment(at, zone);
            Words::new("It would have to wait:", "需要等待：")
                .then(&because(&message["put_off"]))
                .then(&Words::new(format!("It would leave on {}.", at.en), format!("会在{}发出。", at.zh)))
        }
        None => Words::new("It would still wait when the simulation ends:", "到模拟结束仍在等待：")
            .then(&because(&message["put_off"])),
    }
}
