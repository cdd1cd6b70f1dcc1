//! Trying a template out: linting, previewing, sending a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Language, Problem,
    ids::{ChannelId, DeliveryId, MemberId, TemplateId},
};
use channels::Form;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    bodies::{TemplateBody, TemplateChange},
    templates::{check, form_of},
};
use crate::{
    Outreach,
    outbox::{Trial, preview_context},
    templates::{
        Content, Parts,
        links::silent_links,
        lint::{Warning, known, lint},
        partial_store,
        rule_use::checked_rules,
        store, test_send,
    },
};

/// Addresses of one test.
const MOST_TESTS: usize = 5;

/// What may be wrong with a template.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateLint {
    /// Each of it.
    warnings: Vec<Warning>,
}

/// Tells what may be wrong with a template, without saving it. What could not be saved at all is a problem.
#[utoipa::path(post, path = "/api/v1/templates/lint", tag = "templates", request_body = TemplateBody,
    responses((status = 200, body = TemplateLint), (status = 422, body = ProblemBody)))]
pub(super) async fn lint_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<TemplateBody>,
) -> ApiResult<Json<TemplateLint>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if body.check_links {
        // Others are asked in our name.
        caller.require(Area::Outreach, Verb::Write)?;
    }
    let content = body.content();
    let what = (body.template, body.name.as_str(), body.channel_kind.as_str());
    let mut warnings = check(&outreach, &caller, what, &content).await?.warnings;
    if body.check_links {
        warnings.extend(silent_links(&outreach.settings.guard, &content).await?);
    }
    Ok(Json(TemplateLint { warnings }))
}

/// What to preview with. The parts of a draft may be given, to see it before it is saved; what is left out is as it was
/// saved.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplatePreviewRequest {
    /// Whose data to use.
    #[schema(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Further variables, such as `{"event": {…}}`; without a member, also `member` and `rules`.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
    /// `en` or `zh`, instead of the member's own.
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
    /// Subject line of the draft.
    subject: Option<String>,
    /// Preheader of the draft.
    preheader: Option<String>,
    /// Text of the draft.
    text: Option<String>,
    /// HTML of the draft.
    html: Option<String>,
    /// MJML of the draft.
    mjml: Option<String>,
    /// Other languages of the draft.
    translations: Option<BTreeMap<String, Parts>>,
    /// Rules of the draft.
    #[schema(value_type = Option<Object>)]
    rules: Option<BTreeMap<String, Value>>,
    /// Strictness of the draft.
    strict: Option<bool>,
}

/// How the message would read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplatePreview {
    /// Subject line.
    subject: String,
    /// What mail programs show beside the subject.
    preheader: String,
    /// Plain text; JSON for a webhook.
    text: String,
    /// HTML.
    html: String,
    /// In which language.
    language: String,
    /// What the template's rules say of the member.
    #[schema(value_type = Object)]
    rules: Value,
    /// Variables that were missing and are shown as nothing; the first five.
    missing: BTreeSet<String>,
    /// What may be wrong with the template.
    warnings: Vec<Warning>,
}

/// Shows how the message would read, for a member or with given variables. Nothing is sent.
#[utoipa::path(post, path = "/api/v1/templates/{id}/preview", tag = "templates",
    params(("id" = String, Path, description = "The template")), request_body = TemplatePreviewRequest,
    responses((status = 200, body = TemplatePreview), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn preview_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
    Json(body): Json<TemplatePreviewRequest>,
) -> ApiResult<Json<TemplatePreview>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let row = store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let form = form_of(&outreach, &row.channel_kind)?;
    let (draft, reader) = body.parts();
    preview(&outreach, &caller, (form, draft.onto(row.content()), Some(id)), reader).await
}

/// What to preview of a template that was not saved yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTemplatePreviewRequest {
    /// `email` (the default) or `webhook`.
    #[serde(default = "email")]
    channel_kind: String,
    /// Whose data to use.
    #[schema(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Further variables, such as `{"event": {…}}`; without a member, also `member` and `rules`.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
    /// `en` or `zh`, instead of the member's own.
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
    /// Subject line.
    subject: Option<String>,
    /// Preheader.
    preheader: Option<String>,
    /// Text.
    text: Option<String>,
    /// HTML.
    html: Option<String>,
    /// MJML instead of HTML.
    mjml: Option<String>,
    /// Other languages.
    translations: Option<BTreeMap<String, Parts>>,
    /// Rules by the names under which the template asks them.
    #[schema(value_type = Option<Object>)]
    rules: Option<BTreeMap<String, Value>>,
    /// Whether a message fails in which a variable is missing that has no fallback.
    strict: Option<bool>,
}

fn email() -> String {
    "email".to_owned()
}

/// Shows how the message of a template would read that was not saved yet. Nothing is saved or sent.
#[utoipa::path(post, path = "/api/v1/templates/preview", tag = "templates", request_body = NewTemplatePreviewRequest,
    responses((status = 200, body = TemplatePreview), (status = 422, body = ProblemBody)))]
pub(super) async fn preview_new_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<NewTemplatePreviewRequest>,
) -> ApiResult<Json<TemplatePreview>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let form = form_of(&outreach, &body.channel_kind)?;
    let NewTemplatePreviewRequest {
        channel_kind: _,
        member,
        variables,
        language,
        subject,
        preheader,
        text,
        html,
        mjml,
        translations,
        rules,
        strict,
    } = body;
    let (draft, reader) = TemplatePreviewRequest {
        member,
        variables,
        language,
        subject,
        preheader,
        text,
        html,
        mjml,
        translations,
        rules,
        strict,
    }
    .parts();
    let content = draft.onto(Content::default());
    content.check(form)?;
    preview(&outreach, &caller, (form, content, None), reader).await
}

/// For whom a message is shown.
struct Reader {
    member: Option<MemberId>,
    variables: Map<String, Value>,
    language: Option<Language>,
}

impl TemplatePreviewRequest {
    fn parts(self) -> (TemplateChange, Reader) {
        let TemplatePreviewRequest {
            member,
            variables,
            language,
            subject,
            preheader,
            text,
            html,
            mjml,
            translations,
            rules,
            strict,
        } = self;
        let draft = TemplateChange {
            subject,
            preheader,
            text,
            html,
            mjml,
            translations,
            rules,
            strict,
            ..TemplateChange::default()
        };
        (draft, Reader { member, variables, language })
    }
}

async fn preview(
    outreach: &Arc<Outreach>,
    caller: &Caller,
    (form, content, template): (Form, Content, Option<TemplateId>),
    reader: Reader,
) -> ApiResult<Json<TemplatePreview>> {
    if reader.member.is_some() {
        caller.require(Area::People, Verb::Read)?;
    }
    let db = outreach.db.read();
    let rules = checked_rules(db, caller.workspace, &content).await?;
    let trial = Trial { member: reader.member, variables: reader.variables, language: reader.language, rules };
    let context = preview_context(outreach, caller.workspace, trial).await?;
    let context =
        context.ok_or_else(|| Problem::at(Code::InvalidBody, "member", "is not a member of this workspace"))?;
    let rows = partial_store::partial_rows(db, caller.workspace).await?;
    let partials = rows.into_iter().map(|row| (row.name.clone(), row.partial())).collect();
    let known = known(db, caller.workspace, template).await?;
    let language = context.get("language").and_then(Value::as_str).unwrap_or_default().to_owned();
    let rules = context.get("rules").filter(|rules| rules.is_object()).cloned().unwrap_or_else(|| json!({}));
    let rendering = outreach.clone();
    // A template may use up a good part of a second; nobody else waits for it.
    let (rendered, warnings) = tokio::task::spawn_blocking(move || {
        let rendered = rendering.renderer.preview(form, &content, &partials, &context)?;
        let sizes = rendering.renderer.check(form, &content, &partials)?;
        Ok::<_, Problem>((rendered, lint(form, &content, &known, &sizes)))
    })
    .await
    .map_err(|_| Code::Internal)??;
    let (subject, preheader) = (rendered.subject, rendered.preheader);
    let (text, html, missing) = (rendered.text, rendered.html, rendered.missing);
    Ok(Json(TemplatePreview { subject, preheader, text, html, language, rules, missing, warnings }))
}

/// Where a test goes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateTest {
    /// One to five addresses.
    to: Vec<String>,
    /// Through which channel; by default the first of the template's kind.
    #[schema(value_type = Option<String>)]
    channel: Option<ChannelId>,
    /// Whose data to use.
    #[schema(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Further variables, such as `{"event": {…}}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: Map<String, Value>,
}

/// The messages of a test.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateTestQueued {
    /// They can be looked up at `/api/v1/deliveries/{id}`.
    #[schema(value_type = Vec<String>)]
    deliveries: Vec<DeliveryId>,
}

/// Sends the template as it was saved to up to five addresses. The subject says that it is a test; it counts for no limit
/// and in no report, and nothing can be changed by its links.
#[utoipa::path(post, path = "/api/v1/templates/{id}/test", tag = "templates",
    params(("id" = String, Path, description = "The template")), request_body = TemplateTest,
    responses((status = 202, body = TemplateTestQueued), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn test_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
    Json(body): Json<TemplateTest>,
) -> ApiResult<(StatusCode, Json<TemplateTestQueued>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    if body.member.is_some() {
        caller.require(Area::People, Verb::Read)?;
    }
    let row = store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let kind = outreach.registry.kind(&row.channel_kind)?;
    if body.to.is_empty() || body.to.len() > MOST_TESTS {
        return Err(Problem::at(Code::InvalidBody, "to", "has one to five addresses").into());
    }
    for (nth, address) in body.to.iter().enumerate() {
        let is_bad = address.len() > 512 || people::identity::normalise(&row.channel_kind, address).is_none();
        if kind.needs_address() && is_bad {
            return Err(Problem::at(Code::InvalidBody, format!("to[{nth}]"), "is not an address").into());
        }
    }
    if serde_json::to_string(&body.variables).is_ok_and(|text| text.len() > 64 * 1024) {
        return Err(Problem::at(Code::InvalidBody, "variables", "have at most 64 KB").into());
    }
    // A channel that was just made may not be connected yet.
    outreach.live.refresh(&outreach.db, &outreach.secrets, &outreach.registry).await?;
    let channel = test_send::channel_for(&outreach, &caller, &row.channel_kind, body.channel)?;
    if let Some(member) = body.member {
        let trial = Trial { member: Some(member), ..Trial::default() };
        let known = preview_context(&outreach, caller.workspace, trial).await?;
        known.ok_or_else(|| Problem::at(Code::InvalidBody, "member", "is not a member of this workspace"))?;
    }
    let tx = outreach.db.begin().await?;
    let reading = (body.member, body.variables);
    let deliveries = test_send::queue(&tx, &outreach, &row, &channel, reading, &body.to).await?;
    let detail = json!({"messages": deliveries.len(), "channel": channel.id, "version": row.version});
    outreach.audit(&tx, &caller, "template.tested", id, detail).await?;
    tx.commit().await?;
    outreach.wake.notify_one();
    Ok((StatusCode::ACCEPTED, Json(TemplateTestQueued { deliveries })))
}
