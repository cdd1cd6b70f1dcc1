//! Making messages: templates rendered, links and the image put in.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use base::{
    Code, Problem,
    ids::{DeliveryId, JourneyId, MemberId, RunId, WorkspaceId},
};
use channels::{Content, Form, Message};
use people::consent::TRANSACTIONAL;
use serde_json::{Map, Value as Json, json};
use store::DbErr;

use super::{
    audience::{Asked, Audience},
    claim::Claimed,
    queued::QueuedRow,
};
use crate::{
    Outreach,
    templates::{
        Partials, Rendered, TEST_PAGE, TemplateRow, as_test, is_test, load_many, load_partials, test_reader,
        without_panic,
    },
    tracking::{Edit, HIDDEN_LINK, Html, Purpose, apply_html, confirms, is_trackable, scan_html, scan_text},
};

/// Fewer messages are not worth a thread of their own.
const LEAST_SHARE: usize = 16;

/// A message with what its history is to say of it, or why it could not be made; `None` when trying again may help.
pub(super) type Made = Result<(Message, Option<String>), Option<Problem>>;

/// Makes the messages of claimed rows, in their order.
pub(super) async fn make(outreach: &Arc<Outreach>, claimed: &Arc<Vec<Claimed>>) -> Result<Vec<Made>, DbErr> {
    let learnt = learn_templates(outreach, claimed).await?;
    let members: Vec<i64> = claimed.iter().map(|message| reader_of(&message.row).0).collect();
    let mut audience = Audience::load(outreach.db.read(), &members, outreach.clock.now()).await?;
    audience.ask_rules(outreach, claimed.iter().map(|message| asked(message, &learnt))).await?;
    let drafts = draft_all(outreach, claimed, audience, learnt).await?;
    let wanted: BTreeSet<(WorkspaceId, String)> = drafts.iter().flatten().flat_map(Draft::tracked).collect();
    let numbers = outreach.links.numbers(&outreach.db, &outreach.ids, &wanted).await?;
    let finish = |mut draft: Draft| {
        let note = draft.note.take();
        (draft.finish(outreach, &numbers), note)
    };
    Ok(drafts.into_iter().map(|draft| draft.map(finish)).collect())
}

/// Renders on several threads. Templates may use up a good part of a second; nobody else waits for them.
async fn draft_all(
    outreach: &Arc<Outreach>,
    claimed: &Arc<Vec<Claimed>>,
    audience: Audience,
    learnt: Learnt,
) -> Result<Vec<Result<Draft, Option<Problem>>>, DbErr> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = claimed.len().div_ceil(threads).max(LEAST_SHARE);
    let known = Arc::new((audience, learnt));
    let shares = (0..claimed.len()).step_by(share).map(|from| {
        let (outreach, claimed, known) = (outreach.clone(), claimed.clone(), known.clone());
        tokio::task::spawn_blocking(move || {
            let (audience, learnt) = &*known;
            let draft =
                |message: &Claimed| without_panic(Code::TemplateFailed, || draft(&outreach, audience, learnt, message));
            claimed[from..claimed.len().min(from + share)].iter().map(draft).collect::<Vec<_>>()
        })
    });
    let drafts = futures::future::try_join_all(shares).await.map_err(|error| DbErr::Custom(error.to_string()))?;
    Ok(drafts.into_iter().flatten().collect())
}

/// Revisions that were compiled just now, by template, or why they do not compile.
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
    // After the templates: what a revision is compiled with is never older than the partials it stands for.
    let with_partials = rows.values().filter(|row| row.has_includes()).map(|row| row.workspace_id).collect();
    let partials = load_partials(outreach.db.read(), &with_partials).await?;
    let none = Partials::new();
    let learn = |row: &TemplateRow| -> Result<i64, Problem> {
        let form = outreach.registry.kind(&row.channel_kind)?.form();
        let partials = partials.get(&row.workspace_id).unwrap_or(&none);
        outreach.renderer.learn(row.id, row.revision, form, &row.content(), partials)?;
        Ok(row.revision)
    };
    Ok(rows.iter().map(|(id, row)| (*id, learn(row))).collect())
}

/// For whom a message reads: who gets it, or whose data a test shows.
fn reader_of(row: &QueuedRow) -> MemberId {
    match is_test(&row.topic, row.member_id) {
        true => test_reader(&row.variables_json),
        false => MemberId(row.member_id),
    }
}

fn asked(message: &Claimed, learnt: &Learnt) -> Asked {
    let template = message.row.template_id;
    let revision = match learnt.get(&template) {
        Some(Ok(revision)) => *revision,
        _ => message.template_version,
    };
    let (workspace, member) = (WorkspaceId(message.row.workspace_id), reader_of(&message.row));
    Asked { workspace, member, template, revision }
}

/// A message before its links are tracked.
struct Draft {
    workspace: WorkspaceId,
    delivery: DeliveryId,
    address: String,
    body: DraftBody,
    /// For the history.
    note: Option<String>,
}

enum DraftBody {
    Payload(Json),
    Letter(Letter),
}

/// A mail with its links, as they were found.
struct Letter {
    rendered: Rendered,
    unsubscribe_url: Option<String>,
    html: Html,
    text: Vec<Edit>,
    track_links: bool,
    track_opens: bool,
    /// How addresses of our own pages begin.
    own_pages: String,
}

fn draft(
    outreach: &Outreach,
    audience: &Audience,
    learnt: &Learnt,
    message: &Claimed,
) -> Result<Draft, Option<Problem>> {
    let row = &message.row;
    let (workspace, delivery) = (WorkspaceId(row.workspace_id), DeliveryId(row.id));
    let is_test = is_test(&row.topic, row.member_id);
    let token = match is_test {
        true => TEST_PAGE.to_owned(),
        false => outreach.signer.token(Purpose::Unsubscribe, delivery, 0),
    };
    let unsubscribe_url = format!("{}/u/{token}", outreach.settings.public_url);
    let mut variables: Map<String, Json> = serde_json::from_str(&row.variables_json).unwrap_or_default();
    if confirms(&row.options_json).is_some() {
        let token = outreach.signer.token(Purpose::Confirm, delivery, 0);
        variables
            .insert("confirm_url".to_owned(), format!("{}/u/confirm/{token}", outreach.settings.public_url).into());
    }
    let options = &message.live.options;
    let reader = (reader_of(row), row.template_id);
    let context = audience.context(workspace, reader, variables, &unsubscribe_url, &options.physical_address);
    let render = || {
        let version = match learnt.get(&row.template_id) {
            Some(Ok(version)) => *version,
            Some(Err(problem)) => return Err(Some(problem.clone())),
            None => message.template_version,
        };
        let rendered = outreach.renderer.render(row.template_id, version, &context).ok_or(None)?;
        let rendered = rendered.map_err(Some)?;
        Ok(if is_test { as_test(rendered, &context) } else { rendered })
    };
    let kind = outreach.registry.kind(&row.channel_kind).map_err(Some)?;
    let note;
    let body = match kind.form() {
        Form::Payload => {
            let payload = if row.template_id == 0 { None } else { Some(render()?) };
            note = payload.as_ref().and_then(missing_note);
            DraftBody::Payload(payload_of(message, &context, payload).map_err(Some)?)
        }
        Form::Letter => {
            let rendered = render()?;
            note = missing_note(&rendered);
            DraftBody::Letter(Letter {
                html: scan_html(&rendered.html),
                text: scan_text(&rendered.text),
                rendered,
                unsubscribe_url: (row.topic != TRANSACTIONAL).then_some(unsubscribe_url),
                track_links: options.track_links && !is_test,
                track_opens: options.track_opens && !is_test,
                own_pages: format!("{}/u/", outreach.settings.public_url),
            })
        }
    };
    Ok(Draft { workspace, delivery, address: row.address.clone(), body, note })
}

/// Says what the template left empty.
fn missing_note(rendered: &Rendered) -> Option<String> {
    let names: Vec<&str> = rendered.missing.iter().map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("missing and left empty: {}", names.join(", ")))
}

/// What a webhook carries: what its template says, or all there is to know of the step.
fn payload_of(message: &Claimed, context: &Json, rendered: Option<Rendered>) -> Result<Json, Problem> {
    if let Some(rendered) = rendered.filter(|rendered| !rendered.text.trim().is_empty()) {
        return serde_json::from_str(&rendered.text)
            .map_err(|error| Problem::at(Code::TemplateFailed, "text", format!("does not render to JSON: {error}")));
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
        let DraftBody::Letter(letter) = &self.body else { return Vec::new() };
        let links = letter.html.links.iter().chain(&letter.text).filter(|link| letter.is_tracked(&link.url));
        links.map(|link| (self.workspace, link.url.clone())).collect()
    }

    fn finish(self, outreach: &Outreach, numbers: &HashMap<(WorkspaceId, String), i64>) -> Message {
        let (delivery, workspace) = (self.delivery, self.workspace);
        let content = match self.body {
            DraftBody::Payload(body) => Content::Json { event_type: "journey.step".to_owned(), body },
            DraftBody::Letter(letter) => {
                letter.finish(outreach, delivery, &|url: &str| numbers.get(&(workspace, url.to_owned())).copied())
            }
        };
        Message { delivery, seal: outreach.signer.seal(delivery), address: self.address, content }
    }
}

impl Letter {
    /// Whether an address is to lead through ours. Pages of preferences are ours already.
    fn is_tracked(&self, url: &str) -> bool {
        let is_own = url.starts_with(&self.own_pages);
        self.track_links && !is_own && is_trackable(url)
    }

    fn finish(self, outreach: &Outreach, delivery: DeliveryId, number_of: &dyn Fn(&str) -> Option<i64>) -> Content {
        let public_url = &outreach.settings.public_url;
        let replace = |link: &Edit| {
            let number = number_of(&link.url).filter(|_| self.is_tracked(&link.url))?;
            Some(format!("{public_url}/t/{}", outreach.signer.token(Purpose::Link, delivery, number)))
        };
        let replacements: Vec<Option<String>> = self.html.links.iter().map(replace).collect();
        let document = &self.rendered.html;
        let html = if document.trim().is_empty() {
            document.clone()
        } else {
            let has_links = replacements.iter().any(Option::is_some);
            let additions = additions(outreach, delivery, has_links, self.track_opens);
            apply_html(document, &self.html, &replacements, &additions)
        };
        let text = with_links(&self.rendered.text, &self.text, &replace);
        Content::Email { subject: self.rendered.subject, text, html, unsubscribe_url: self.unsubscribe_url }
    }
}

/// What nobody sees: a link for scanners beside links that are tracked, and the image that tells of an opening.
fn additions(outreach: &Outreach, delivery: DeliveryId, has_links: bool, track_opens: bool) -> String {
    let public_url = &outreach.settings.public_url;
    let mut additions = String::new();
    if has_links {
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
    additions
}

fn with_links(text: &str, links: &[Edit], replace: &dyn Fn(&Edit) -> Option<String>) -> String {
    let mut output = String::with_capacity(text.len() * 2);
    let mut copied = 0;
    for link in links {
        let Some(replacement) = replace(link) else { continue };
        output.push_str(&text[copied..link.range.start]);
        output.push_str(&replacement);
        copied = link.range.end;
    }
    output.push_str(&text[copied..]);
    output
}
