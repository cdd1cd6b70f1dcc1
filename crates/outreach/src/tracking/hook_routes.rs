//! `/hooks/…`: what providers and mail servers report.

use std::{sync::Arc, time::Duration};

use api::{ApiResult, Path, ProblemBody};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, header},
};
use base::{Code, Problem, ids::ChannelId};
use channels::webhook::{Secret, verify};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::hooks;
use crate::{Outreach, channel_config};

/// How old a signature may be.
const HOOK_TOLERANCE: Duration = Duration::from_secs(300);

/// What the hook answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Taken {
    /// Whether the report named a message of this channel.
    known: bool,
}

/// Takes a report of a provider or mail server: JSON `{"type": "bounce" | "complaint" | "delivered",
/// "delivery" | "message_id", "permanent", "diagnostic"}`, or the report mail itself as
/// `message/rfc822`. Signed after Standard Webhooks with the channel's `hook_secret`.
#[utoipa::path(post, path = "/hooks/{kind}/{channel}", tag = "public",
    params(("kind" = String, Path, description = "Kind of the channel"),
        ("channel" = String, Path, description = "The channel")),
    request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = Taken), (status = 401, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn take_hook(
    State(outreach): State<Arc<Outreach>>,
    Path((kind, channel)): Path<(String, ChannelId)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<api::Json<Taken>> {
    let body = body.map_err(api::unread_body)?;
    check_signature(&outreach, &kind, channel, &headers, &body).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let report = match content_type.split(';').next().unwrap_or_default().trim() {
        "message/rfc822" => hooks::read_mail(&outreach.signer, &body),
        "application/json" => Some(hooks::read_json(&body)?),
        _ => return Err(Problem::with(Code::UnsupportedMedia, "send application/json or message/rfc822").into()),
    };
    let known = match &report {
        Some(report) => hooks::take(&outreach, channel, report).await?,
        None => false,
    };
    if !known {
        tracing::info!(%channel, "a report that names no message of the channel");
    }
    Ok(api::Json(Taken { known }))
}

/// Fails alike for a wrong signature, a channel without a secret, and one that does not exist.
async fn check_signature(
    outreach: &Outreach,
    kind: &str,
    channel: ChannelId,
    headers: &HeaderMap,
    body: &[u8],
) -> ApiResult<()> {
    let found: Option<String> = outreach
        .db
        .read()
        .scalar("SELECT kind FROM channels WHERE id = $1 AND deleted_at IS NULL", vec![channel.0.into()])
        .await?;
    let secret = match found.filter(|found| found == kind) {
        Some(_) => {
            channel_config::hook_secret(outreach.db.read(), &outreach.secrets, channel).await.map_err(|error| {
                tracing::error!(%channel, %error, "the hook secret cannot be read");
                Problem::new(Code::Internal)
            })?
        }
        None => None,
    };
    let secret = secret.as_deref().and_then(Secret::parse).ok_or(Code::InvalidSignature)?;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, timestamp, signature) = (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature"));
    verify(&secret, id, timestamp, signature, body, outreach.clock.now(), HOOK_TOLERANCE)?;
    Ok(())
}
