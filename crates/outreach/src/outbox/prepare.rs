//! Making messages: templates rendered, links and the image put in.

use std::collections::{BTreeSet, HashMap};

use base::{
    Problem,
    ids::{DeliveryId, JourneyId, MemberId, RunId, WorkspaceId},
};
use channels::{Content, Message};
use people::consent::TRANSACTIONAL;
use serde_json::{Map, Value as Json, json};
use store::DbErr;

use super::{audience::Audience, claim::Claimed};
use crate::{
    Outreach,
    templates::{Rendered, WEBHOOK, load_many},
    tracking::{HIDDEN_LINK, Purpose, apply_html, is_trackable, scan_html, scan_text},
};

/// A message, or why it could not be made; `None` when trying again may help.
pub(super) type Made = Result<Message, Option<Problem>>;

/// Makes the messages of claimed rows, in their order.
pub(super) async fn make(outreach: &Outreach, claimed: &[Claimed]) -> Result<Vec<Made>, DbErr> {
    let learnt = learn_templates(outreach, claimed).await?;
    let members: Vec<i64> = claimed.iter().map(|message| message.row.member_id).collect();
    let audience = Audience::load(outreach.db.read(), &members, outreach.clock.now()).await?;
    let drafts: Vec<Result<Draft, Option<Problem>>> =
        claimed.iter().map(|message| draft(outreach, &audience, &learnt, message)).collect();
    let wanted: BTreeSet<(WorkspaceId, String)> = drafts.iter().flatten().flat_map(Draft::tracked).collect();
    let numbers = outreach.links.numbers(&outreach.db, &outreach.ids, &wanted).await?;
    Ok(drafts.into_iter().map(|draft| draft.map(|draft| draft.finish(outreach, &numbers))).collect())
}

/// Versions that were compiled just now, by template, or why they do not compile.
type Learnt = HashMap<i64, Result<i64, Problem>>;

/// Compiles what is not compiled yet. A template that was saved after the claim is used as it is now.
async fn learn_templates(outreach: &Outreach, claimed: &[Claimed]) -> Result<Learnt, DbErr> {
    let mut unknown: Vec<i64> = claimed
        .iter()
        .filter(|message| message.row.template_id != 0)
        .filter(|message| !outreach.renderer.knows(message.row.template_id, message.template_version))
        .map(|message| message.row.template_id)
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    if unknown.is_empty() {
        return Ok(Learnt::new());
    }
    let rows = load_many(outreach.db.read(), &unknown).await?;
    Ok(rows
        .into_iter()
        .map(|(id, row)| (id, outreach.renderer.learn(id, row.version, row.body()).map(|()| row.version)))
        .collect())
}

/// A message before its links are tracked.
struct Draft {
    workspace: WorkspaceId,
    delivery: DeliveryId,
    address: String,
    body: DraftBody,
}

enum DraftBody {
    Json(Json),
    Email { rendered: Rendered, unsubscribe_url: Option<String>, track_links: bool, track_opens: bool },
}

fn draft(
    outreach: &Outreach,
    audience: &Audience,
    learnt: &Learnt,
    message: &Claimed,
) -> Result<Draft, Option<Problem>> {
    let row = &message.row;
    let (workspace, delivery) = (WorkspaceId(row.workspace_id), DeliveryId(row.id));
    let token = outreach.signer.token(Purpose::Unsubscribe, delivery, 0);
    let unsubscribe_url = format!("{}/u/{token}", outreach.settings.public_url);
    let variables: Map<String, Json> = serde_json::from_str(&row.variables_json).unwrap_or_default();
    let options = &message.live.options;
    let context =
        audience.context(workspace, MemberId(row.member_id), variables, &unsubscribe_url, &options.physical_address);
    let render = || {
        let version = match learnt.get(&row.template_id) {
            Some(Ok(version)) => *version,
            Some(Err(problem)) => return Err(Some(problem.clone())),
            None => message.template_version,
        };
        let rendered = outreach.renderer.render(row.template_id, version, &context).ok_or(None)?;
        rendered.map_err(Some)
    };
    let body = if row.channel_kind == WEBHOOK {
        let payload = if row.template_id == 0 { None } else { Some(render()?) };
        DraftBody::Json(payload_of(message, &context, payload).map_err(Some)?)
    } else {
        DraftBody::Email {
            rendered: render()?,
            unsubscribe_url: (row.topic != TRANSACTIONAL).then_some(unsubscribe_url),
            track_links: options.track_links,
            track_opens: options.track_opens,
        }
    };
    Ok(Draft { workspace, delivery, address: row.address.clone(), body })
}

/// What a webhook carries: what its template says, or all there is to know of the step.
fn payload_of(message: &Claimed, context: &Json, rendered: Option<Rendered>) -> Result<Json, Problem> {
    if let Some(rendered) = rendered.filter(|rendered| !rendered.text.trim().is_empty()) {
        return serde_json::from_str(&rendered.text).map_err(|error| {
            Problem::at(base::Code::TemplateFailed, "text", format!("does not render to JSON: {error}"))
        });
    }
    let row = &message.row;
    Ok(json!({
        "delivery": DeliveryId(row.id),
        "body": context["body"],
        "member": context["member"],
        "journey": row.journey_id.map(JourneyId),
        "run": row.run_id.map(RunId),
        "step": row.step,
        "topic": row.topic,
        "event": context["event"],
    }))
}

impl Draft {
    /// The addresses that get numbers.
    fn tracked(&self) -> Vec<(WorkspaceId, String)> {
        let DraftBody::Email { rendered, unsubscribe_url, track_links: true, .. } = &self.body else {
            return Vec::new();
        };
        let own = unsubscribe_url.as_deref();
        let html = scan_html(&rendered.html).links;
        let text = scan_text(&rendered.text);
        html.into_iter()
            .chain(text)
            .filter(|link| own.is_none_or(|own| !link.url.starts_with(own)) && is_trackable(&link.url))
            .map(|link| (self.workspace, link.url))
            .collect()
    }

    fn finish(self, outreach: &Outreach, numbers: &HashMap<(WorkspaceId, String), i64>) -> Message {
        let (delivery, workspace) = (self.delivery, self.workspace);
        let public_url = &outreach.settings.public_url;
        let tracked = |url: &str| {
            let number = numbers.get(&(workspace, url.to_owned()))?;
            Some(format!("{public_url}/t/{}", outreach.signer.token(Purpose::Link, delivery, *number)))
        };
        let content = match self.body {
            DraftBody::Json(body) => Content::Json { event_type: "journey.step".to_owned(), body },
            DraftBody::Email { rendered, unsubscribe_url, track_links, track_opens } => {
                let own = unsubscribe_url.clone();
                let replace = |url: &str| {
                    let leave = !track_links || own.as_deref().is_some_and(|own| url.starts_with(own));
                    if leave { None } else { tracked(url) }
                };
                let html = with_tracking(outreach, delivery, &rendered.html, &replace, track_links, track_opens);
                let text = with_tracked_text(&rendered.text, &replace);
                Content::Email { subject: rendered.subject, text, html, unsubscribe_url }
            }
        };
        Message { delivery, address: self.address, content }
    }
}

fn with_tracking(
    outreach: &Outreach,
    delivery: DeliveryId,
    document: &str,
    replace: &dyn Fn(&str) -> Option<String>,
    track_links: bool,
    track_opens: bool,
) -> String {
    if document.trim().is_empty() {
        return document.to_owned();
    }
    let public_url = &outreach.settings.public_url;
    let html = scan_html(document);
    let replacements: Vec<Option<String>> = html.links.iter().map(|link| replace(&link.url)).collect();
    let mut additions = String::new();
    if track_links && replacements.iter().any(Option::is_some) {
        let token = outreach.signer.token(Purpose::Link, delivery, HIDDEN_LINK);
        additions += &format!(
            "<a href=\"{public_url}/t/{token}\" style=\"display:none\" aria-hidden=\"true\" tabindex=\"-1\" rel=\"nofollow\"></a>"
        );
    }
    if track_opens {
        let token = outreach.signer.token(Purpose::Open, delivery, 0);
        additions +=
            &format!("<img src=\"{public_url}/o/{token}.gif\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0\">");
    }
    apply_html(document, &html, &replacements, &additions)
}

fn with_tracked_text(text: &str, replace: &dyn Fn(&str) -> Option<String>) -> String {
    let mut output = String::with_capacity(text.len() * 2);
    let mut copied = 0;
    for link in scan_text(text) {
        let Some(replacement) = replace(&link.url) else { continue };
        output.push_str(&text[copied..link.range.start]);
        output.push_str(&replacement);
        copied = link.range.end;
    }
    output.push_str(&text[copied..]);
    output
}
