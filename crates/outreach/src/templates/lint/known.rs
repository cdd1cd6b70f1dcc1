//! What templates can ask for.

use std::collections::BTreeSet;

use base::ids::WorkspaceId;
use store::{DbErr, FromQueryResult, Sql};

use super::Linter;
use crate::templates::{content::Parts, variables};

/// Members whose traits are looked at for names of traits.
const SAMPLE: i64 = 300;
/// What templates can ask for, beside the traits of members.
const ROOTS: &[&str] = &[
    "body",
    "channel",
    "event",
    "journey",
    "language",
    "member",
    "now",
    "preferences_url",
    "rules",
    "time_zone",
    "unsubscribe_url",
    "workspace",
];
const OF_MEMBER: &[&str] = &["id", "traits", "tags", "stage", "email"];
/// Variables that are always there.
const CERTAIN: &[&str] =
    &["language", "now", "preferences_url", "time_zone", "unsubscribe_url", "rules", "workspace", "channel"];

/// The names of traits that members of a workspace have, as far as a sample and the definitions tell.
pub(in crate::templates) async fn known_traits(
    db: &impl Sql,
    workspace: WorkspaceId,
) -> Result<BTreeSet<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct TextRow {
        text: String,
    }
    let defined: Vec<TextRow> =
        db.all("SELECT name AS text FROM traits WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    let said: Vec<TextRow> = db
        .all(
            "SELECT traits_json AS text FROM identities WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2",
            vec![workspace.0.into(), SAMPLE.into()],
        )
        .await?;
    let mut names: BTreeSet<String> = defined.into_iter().map(|row| row.text).collect();
    for row in said {
        let traits: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&row.text).unwrap_or_default();
        names.extend(traits.into_iter().map(|(name, _)| name));
    }
    Ok(names)
}

impl Linter<'_> {
    pub(super) fn variables(&mut self, before: &str, parts: &Parts) {
        for (name, source) in parts.named() {
            let path = format!("{before}{name}");
            for asked in variables::asked(source).unwrap_or_default() {
                let line = Some(asked.line);
                let variable = &asked.path;
                if !self.is_known(variable) {
                    let en = format!("Nothing is known as \"{variable}\"");
                    let zh = format!("没有名为“{variable}”的变量");
                    self.warn(("unknown_variable", "warning"), path.clone(), line, en, zh);
                } else if asked.is_bare && !CERTAIN.contains(&variable.split('.').next().unwrap_or_default()) {
                    let en = format!(
                        "\"{variable}\" may be missing; say what to write then: {{{{ {variable}|fallback(\"…\") }}}}"
                    );
                    let zh = format!("“{variable}”可能缺失，请给出备用文字：{{{{ {variable}|fallback(\"…\") }}}}");
                    self.warn(("missing_fallback", "hint"), path.clone(), line, en, zh);
                }
            }
            self.braces(&path, source);
        }
    }

    fn is_known(&self, path: &str) -> bool {
        let mut names = path.split('.');
        let root = names.next().unwrap_or_default();
        match (root, names.next()) {
            ("member", Some("traits")) => names.next().is_none_or(|name| self.traits.contains(name)),
            ("member", Some(name)) => OF_MEMBER.contains(&name) || self.traits.contains(name),
            ("rules", Some(_)) if self.is_piece => true,
            ("rules", Some(name)) => self.content.extra.rules.contains_key(name),
            ("workspace", Some(name)) => ["id", "name"].contains(&name),
            ("channel", Some(name)) => name == "physical_address",
            _ => ROOTS.contains(&root),
        }
    }

    /// Braces that were meant as a tag and are none.
    fn braces(&mut self, path: &str, source: &str) {
        let (mut line, mut in_tag) = (0, false);
        for text in source.lines() {
            line += 1;
            let mut rest = text;
            while let Some(at) = rest.find(['{', '}']) {
                let two = rest.get(at..at + 2).unwrap_or_default();
                match two {
                    "{{" | "{%" | "{#" => in_tag = true,
                    "}}" if !in_tag => {
                        let (en, zh) =
                            ("\"}}\" closes nothing and is shown to members", "“}}”没有对应的“{{”，会原样显示给会员");
                        self.warn(("unbalanced_braces", "error"), path.to_owned(), Some(line), en.into(), zh.into());
                    }
                    "}}" => in_tag = false,
                    _ => {}
                }
                if rest[at..].starts_with('}') && rest[..at].ends_with(['%', '#']) {
                    in_tag = false;
                }
                rest = rest.get(at + if two.len() == 2 && two != "}%" { 2 } else { 1 }..).unwrap_or_default();
            }
        }
    }
}
