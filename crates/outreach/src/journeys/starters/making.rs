//! Making a journey of a starter: its segments, its letters and the draft, in one transaction.

use std::collections::BTreeMap;

use api::{ApiResult, Caller};
use base::{
    Code, Language, Problem,
    ids::{ChannelId, JourneyId, SegmentId, TemplateId},
    rule::Rule,
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Sql, Tx};
use utoipa::ToSchema;

use super::{Starter, letter};
use crate::{Outreach, journeys::service, templates};

/// What to take instead of what a starter brings along.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Replacements {
    /// Segments (`seg_…`) by the keys of the starter.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub(super) segment: BTreeMap<String, SegmentId>,
    /// Templates (`tpl_…`) by the keys of the starter.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub(super) template: BTreeMap<String, TemplateId>,
}

/// Something that a starter refers to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct StarterThing {
    /// `segment`, `template` or `partial`.
    pub(super) kind: &'static str,
    /// The key by which the starter names it.
    pub(super) key: String,
    /// Its id; the name of a partial.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
    /// Whether it was made now; otherwise there was one of this name already.
    pub(super) is_new: bool,
}

/// How a starter becomes a journey.
pub(super) struct Making<'a> {
    pub(super) outreach: &'a Outreach,
    pub(super) caller: &'a Caller,
    pub(super) language: Language,
    /// What the journey is called; as the starter when left out.
    pub(super) name: Option<String>,
    /// By which channel it sends; the first that sends e-mail when left out.
    pub(super) channel: Option<ChannelId>,
    pub(super) instead: Replacements,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Making<'_> {
    /// Makes what is not there yet, and the draft.
    pub(super) async fn make(&self, tx: &Tx, starter: &Starter) -> ApiResult<(JourneyId, Vec<StarterThing>)> {
        let mut things = Vec::new();
        self.make_segments(tx, starter, &mut things).await?;
        self.make_letters(tx, starter, &mut things).await?;
        let channel = self.channel.map_or("email".to_owned(), |id| id.to_string());
        let id_of = |text: &str| {
            let (kind, key) = text.split_once(':')?;
            if kind == "channel" {
                return Some(if key == "email" { channel.clone() } else { key.to_owned() });
            }
            things.iter().find(|thing| thing.kind == kind && thing.key == key).map(|thing| thing.id.clone())
        };
        let document = service::draft(&starter.document(self.language, &id_of))?;
        let name = self.name.clone().unwrap_or_else(|| starter.name.in_language(self.language).to_owned());
        let id = self.outreach.ids.next(JourneyId);
        let now = self.outreach.clock.now();
        service::insert(tx, (self.caller.workspace, id), &name, &document, &self.caller.actor, now).await?;
        let detail = json!({"name": name, "starter": starter.key});
        self.outreach.audit(tx, self.caller, "journey.created", id, detail).await?;
        Ok((id, things))
    }

    async fn make_segments(&self, tx: &Tx, starter: &Starter, things: &mut Vec<StarterThing>) -> ApiResult<()> {
        for segment in &starter.segments {
            let name = segment.name.in_language(self.language).to_owned();
            let given = self.instead.segment.get(&segment.key).copied();
            let known = self.existing(tx, ("segments", "AND kind = 'segment'"), given.map(|id| id.0), &name).await?;
            if given.is_some() && known.is_none() {
                let path = format!("replace.segment.{}", segment.key);
                return Err(Problem::at(Code::UnknownReference, path, "there is no such segment").into());
            }
            let id = match known {
                Some(id) => SegmentId(id),
                None => {
                    let id = self.outreach.ids.next(SegmentId);
                    let rule = Rule::parse_new(&segment.rule)?;
                    let by = (self.caller.actor.as_str(), self.outreach.clock.now());
                    people::segments::insert(tx, (self.caller.workspace, id), &name, &rule, by).await?;
                    let detail = json!({"name": name, "rule": rule.to_json()});
                    self.outreach.audit(tx, self.caller, "segment.created", id, detail).await?;
                    id
                }
            };
            let is_new = known.is_none();
            things.push(StarterThing { kind: "segment", key: segment.key.clone(), id: id.to_string(), name, is_new });
        }
        Ok(())
    }

    async fn make_letters(&self, tx: &Tx, starter: &Starter, things: &mut Vec<StarterThing>) -> ApiResult<()> {
        let letters = starter.letters();
        let mut made = Vec::new();
        for letter in &letters {
            let name = letter.name.in_language(self.language).to_owned();
            let given = self.instead.template.get(&letter.key).copied();
            let kind = ("templates", "AND channel_kind = 'email'");
            let known = self.existing(tx, kind, given.map(|id| id.0), &name).await?;
            if given.is_some() && known.is_none() {
                let path = format!("replace.template.{}", letter.key);
                return Err(Problem::at(Code::UnknownReference, path, "there is no such template for e-mail").into());
            }
            let id = known.map_or_else(|| self.outreach.ids.next(TemplateId), TemplateId);
            if known.is_none() {
                made.push((id, name.clone(), letter.content(self.language)));
            }
            let is_new = known.is_none();
            things.push(StarterThing { kind: "template", key: letter.key.clone(), id: id.to_string(), name, is_new });
        }
        if made.is_empty() {
            return Ok(());
        }
        let by = (self.caller, self.outreach);
        let is_new = templates::put_partial_if_missing(tx, by, letter::FRAME, letter::FRAME_MJML).await?;
        let frame = letter::FRAME.to_owned();
        things.push(StarterThing { kind: "partial", key: frame.clone(), id: frame.clone(), name: frame, is_new });
        for (id, name, content) in made {
            templates::insert_letter(tx, by, id, &name, &content).await?;
        }
        Ok(())
    }

    /// The one with this id, or the newest of this name.
    async fn existing(
        &self,
        tx: &Tx,
        (table, only): (&str, &str),
        id: Option<i64>,
        name: &str,
    ) -> ApiResult<Option<i64>> {
        let (condition, value): (&str, store::Value) = match id {
            Some(id) => ("id = $2", id.into()),
            None => ("name = $2", name.into()),
        };
        let row: Option<IdRow> = tx
            .one(
                &format!(
                    "SELECT id FROM {table} WHERE workspace_id = $1 AND {condition} AND deleted_at IS NULL {only}
                     ORDER BY id DESC LIMIT 1"
                ),
                vec![self.caller.workspace.0.into(), value],
            )
            .await?;
        Ok(row.map(|row| row.id))
    }
}
