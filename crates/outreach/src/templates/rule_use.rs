//! Rules that templates ask.

use ::store::{DbErr, Sql, Tx};
use async_trait::async_trait;
use base::{
    Problem,
    ids::{TemplateId, WorkspaceId},
    rule::Rule,
};
use people::segments::{RuleUse, RuleUser, check_rule};

use super::{Content, store};

/// Reads the rules of a template and refuses those that name what does not exist.
pub(super) async fn checked_rules(
    db: &impl Sql,
    workspace: WorkspaceId,
    content: &Content,
) -> Result<Vec<(String, Rule)>, Problem> {
    let mut rules = Vec::new();
    for (name, rule) in &content.extra.rules {
        let path = format!("rules.{name}");
        let rule = Rule::parse_new_at(rule, &path)?;
        check_rule(db, workspace, &rule, &path).await?;
        rules.push((name.clone(), rule));
    }
    Ok(rules)
}

/// Tells which templates ask rules.
#[derive(Clone, Copy, Debug, Default)]
pub struct TemplatesUseRules;

#[async_trait]
impl RuleUser for TemplatesUseRules {
    async fn uses(&self, tx: &Tx, workspace: WorkspaceId) -> Result<Vec<RuleUse>, DbErr> {
        let rows = store::templates_with_rules(tx, workspace).await?;
        let use_of = |row: &store::TemplateRow| RuleUse {
            who: TemplateId(row.id).to_string(),
            rules: row.content().extra.rules.values().filter_map(|rule| Rule::parse(rule).ok()).collect(),
            tags: Vec::new(),
        };
        Ok(rows.iter().map(use_of).collect())
    }
}
