//! `hearth journey test`: scenarios from a file, played with a journey.

use std::{fmt::Write, path::Path, process::ExitCode};

use base::Problem;
use outreach::journeys::scenario::{self, ScenarioFile, ScenarioOutcome};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{house, say};

/// Something came otherwise than expected.
const FAILED: u8 = 1;
/// The file cannot be read.
const UNREADABLE: u8 = 2;
/// Of a file, in bytes.
const LARGEST: u64 = 16 << 20;

/// Plays the scenarios of a file and prints what came of them.
pub async fn run(path: &Path, as_json: bool) -> anyhow::Result<ExitCode> {
    let file = match read(path) {
        Ok(file) => file,
        Err(message) => return Ok(unreadable(&message)),
    };
    let outcomes = match scenario::run_all(&file, house::stages).await? {
        Ok(outcomes) => outcomes,
        Err(problem) => return Ok(unreadable(&format!("{}: {}", path.display(), told(&problem)))),
    };
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    match as_json {
        true => {
            let summary = json!({
                "file": path.display().to_string(), "scenarios": outcomes, "tests": outcomes.len(), "failures": failed,
            });
            say(&format!("{}\n", serde_json::to_string_pretty(&summary)?))?;
        }
        false => say(&shown(&outcomes, failed))?,
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn unreadable(message: &str) -> ExitCode {
    eprintln!("hearth: {message}");
    ExitCode::from(UNREADABLE)
}

/// What a problem says, with the places that are wrong.
fn told(problem: &Problem) -> String {
    let places: Vec<String> = problem.errors.iter().map(|error| format!("{} {}", error.path, error.message)).collect();
    match places.is_empty() {
        true => problem.detail.clone().unwrap_or_else(|| problem.code.title().to_owned()),
        false => places.join("; "),
    }
}

/// Reads a file of scenarios, and the document that it may name.
fn read(path: &Path) -> Result<ScenarioFile, String> {
    let mut file: ScenarioFile = parsed(path)?;
    if let Value::String(name) = &file.document {
        let beside = path.parent().unwrap_or(Path::new("")).join(name);
        let document: Value = parsed(&beside)?;
        // A journey as the API shows it is taken as well.
        file.document = document.get("document").cloned().unwrap_or(document);
    }
    Ok(file)
}

/// YAML, or JSON where the name of the file says so. What is wrong is said with its place.
fn parsed<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let name = path.display();
    let size = std::fs::metadata(path).map_err(|error| format!("{name}: {error}"))?.len();
    if size > LARGEST {
        return Err(format!("{name}: is larger than 16 MB"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let wrong = |place: String, message: String| match place.as_str() {
        "." => format!("{name}: {message}"),
        _ => format!("{name}: {place}: {message}"),
    };
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
        let mut reader = serde_json::Deserializer::from_str(&text);
        return serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| wrong(error.path().to_string(), error.inner().to_string()));
    }
    serde_path_to_error::deserialize(serde_yaml_ng::Deserializer::from_str(&text))
        .map_err(|error| wrong(error.path().to_string(), error.inner().to_string()))
}

/// One line for each scenario; where something came otherwise, what was expected and all that came.
fn shown(outcomes: &[ScenarioOutcome], failed: usize) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let word = if outcome.passed { "ok    " } else { "FAILED" };
        let _ = writeln!(text, "{word} {}", outcome.name);
        for difference in &outcome.differences {
            let _ = writeln!(text, "    {}", difference.what);
            let _ = writeln!(text, "      expected {}", difference.expected);
            let _ = writeln!(text, "      came     {}", difference.came);
        }
        if outcome.passed {
            continue;
        }
        let _ = writeln!(text, "    all that came");
        if outcome.came.trail.is_empty() {
            let _ = writeln!(text, "      nothing: nobody was let in");
        }
        for line in &outcome.came.trail {
            let step = if line.step.is_empty() { "-" } else { &line.step };
            let _ = writeln!(text, "      {}  {step}  {}  {}", line.at, line.action, line.detail);
        }
    }
    let passed = outcomes.len() - failed;
    let _ = writeln!(text, "\nTests run: {}, Passed: {passed}, Failures: {failed}", outcomes.len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        (dir, path)
    }

    #[tokio::test]
    async fn the_example_passes() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/welcome.journey.yaml");
        let file = read(&path).unwrap();
        let outcomes = scenario::run_all(&file, house::stages).await.unwrap().unwrap();
        let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
        assert_eq!(failed, 0, "{}", shown(&outcomes, failed));
        assert!(outcomes.len() >= 8);
    }

    #[tokio::test]
    async fn what_came_otherwise_is_said_and_counted() {
        let (_dir, path) = file(
            "a.yaml",
            "document: {entry: {event: Came}, start: t, steps: {t: {type: tag, add: [here], next: null}}}\n\
             scenarios:\n\
             - {name: right, at: 2026-01-01T09:00:00Z, events: [{event: Came}], expect: {entered: true, tags: [here]}}\n\
             - {name: wrong, at: 2026-01-01T09:00:00Z, events: [{event: Came}], expect: {entered: true, steps: [u], no_tags: [here]}}\n",
        );
        let file = read(&path).unwrap();
        let outcomes = scenario::run_all(&file, house::stages).await.unwrap().unwrap();
        let text = shown(&outcomes, 1);
        assert!(outcomes[0].passed && !outcomes[1].passed, "{text}");
        assert!(text.contains("ok     right") && text.contains("FAILED wrong"), "{text}");
        assert!(text.contains("expected [\"u\"]") && text.contains("came     [\"t\"]"), "{text}");
        assert!(text.ends_with("Tests run: 2, Passed: 1, Failures: 1\n"), "{text}");
    }

    #[tokio::test]
    async fn tasks_are_done_and_webhooks_answer_as_a_scenario_says() {
        let (_dir, path) = file(
            "a.yaml",
            "document:\n  entry: {manual: true}\n  start: call\n  steps:\n\
             \u{20}   call: {type: task, title: Ring, outcomes: {reached: hook}, next: null}\n\
             \u{20}   hook: {type: webhook, channel: webhook, body: {}, traits: {level: a.b}, timeout: P1D, timeout_next: null, next: mark}\n\
             \u{20}   mark: {type: tag, add: [answered], next: null}\n\
             scenarios:\n\
             - name: somebody is reached\n  at: 2026-01-01T09:00:00Z\n  events:\n\
             \u{20} - {enter: {}}\n\
             \u{20} - {after: PT1H, task: {step: call, outcome: reached}}\n\
             \u{20} - {after: PT1H, answer: {step: hook, traits: {level: 3}}}\n\
             \u{20} expect: {entered: true, ended: completed, steps: [call, hook, mark], tags: [answered]}\n",
        );
        let outcomes = scenario::run_all(&read(&path).unwrap(), house::stages).await.unwrap().unwrap();
        assert!(outcomes[0].passed, "{}", shown(&outcomes, 1));
    }

    #[tokio::test]
    async fn messages_leave_when_the_policy_lets_them() {
        let (_dir, path) = file(
            "a.yaml",
            "zone: Europe/Berlin\n\
             policy: {caps: [{most: 1, per: day}], quiet_hours: {from: \"22:00\", to: \"08:00\", then: drop}}\n\
             document: {entry: {event: Came}, start: s, steps: {\n\
             \u{20} s: {type: send, channel: email, template: t, next: u}, u: {type: send, channel: email, template: t, next: w},\n\
             \u{20} w: {type: wait, for: PT11H, next: v}, v: {type: send, channel: email, template: t, next: null}}}\n\
             scenarios:\n\
             - name: by his own clock\n  member: {traits: {email: li@example.com, timezone: Asia/Shanghai}}\n\
             \u{20} at: 2026-01-01T05:00:00Z\n  events: [{event: Came}]\n  advance: P2D\n  expect: {messages: [\n\
             \u{20}   {step: s, sent_at: 2026-01-01T05:00:00Z}, {step: u, put_off: frequency_cap, sent_at: 2026-01-02T00:00:00Z},\n\
             \u{20}   {step: v, at: 2026-01-01T16:00:00Z, refused: quiet_hours}]}\n\
             - name: wrong\n  member: {traits: {email: li@example.com}}\n\
             \u{20} at: 2026-01-01T09:00\n  events: [{event: Came}]\n  expect: {messages: [{step: s, sent_at: 2026-01-01T10:00}]}\n",
        );
        let outcomes = scenario::run_all(&read(&path).unwrap(), house::stages).await.unwrap().unwrap();
        let text = shown(&outcomes, 1);
        assert!(outcomes[0].passed && !outcomes[1].passed, "{text}");
        assert!(text.contains("2026-01-01T08:00:00.000Z") && text.contains("2026-01-01T09:00:00.000Z"), "{text}");
    }

    #[tokio::test]
    async fn a_policy_that_cannot_be_kept_to_is_named_by_its_path() {
        for (policy, place) in [("{caps: [{most: 0, per: day}]}", "policy.caps[0].most"), ("{limits: []}", "policy")] {
            let (_dir, path) = file(
                "a.yaml",
                &format!(
                    "policy: {policy}\ndocument: {{entry: {{event: A}}, start: s, steps: {{s: {{type: exit}}}}}}\nscenarios: []\n"
                ),
            );
            let problem = scenario::run_all(&read(&path).unwrap(), house::stages).await.unwrap().unwrap_err();
            assert!(told(&problem).contains(place), "{}", told(&problem));
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_refused_with_its_place() {
        for (name, text, place) in [
            ("a.yaml", "document: {}\nscenarios:\n- {name: n, at: x, expekt: {}}\n", "scenarios[0]"),
            ("a.yaml", "document: {\n", "line "),
            ("a.json", "{\"document\": {}, \"scenarios\": [{\"name\": 1}]}", "scenarios[0].name"),
            ("a.yaml", "document: missing.json\nscenarios: []\n", "missing.json"),
        ] {
            let (_dir, path) = file(name, text);
            let message = read(&path).unwrap_err();
            assert!(message.contains(place), "{message}");
        }
    }

    #[tokio::test]
    async fn a_wrong_document_or_time_is_named_by_its_path() {
        for (text, place) in [
            (
                "document: {entry: {event: A}, start: s, steps: {s: {type: dance}}}\nscenarios: []\n",
                "document.steps.s.type",
            ),
            (
                "document: {entry: {event: A}, start: s, steps: {s: {type: exit}}}\n\
                 scenarios: [{name: n, at: soon, expect: {}}]\n",
                "scenarios[0].at",
            ),
        ] {
            let (_dir, path) = file("a.yaml", text);
            let problem = scenario::run_all(&read(&path).unwrap(), house::stages).await.unwrap().unwrap_err();
            assert!(told(&problem).contains(place), "{}", told(&problem));
        }
    }
}
