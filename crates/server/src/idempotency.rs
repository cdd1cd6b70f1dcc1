//! `Idempotency-Key` on POST: the second request with one key gets the first one's reply.
//!
//! A row is claimed before the handler runs and gets the reply afterwards, so two requests at once
//! do not both run, in whichever process they are. Replies are sealed, since some hold a secret
//! that is stored nowhere else. The handler runs on when the client hangs up: a client who lost
//! the connection is just who will ask again.

use std::{sync::Arc, time::Duration};

use api::{ApiError, ApiResult, Caller};
use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::{Clock, Code, IdSource, Problem, Time, ids::WorkspaceId};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use people::privacy::Needles;
use sha2::{Digest, Sha256};
use store::{Db, DbErr, FromQueryResult, Secrets, Sql};
use tracing::Instrument;

use crate::{accounts::hex, edge, privacy};

const REQUEST_HEADER: &str = "idempotency-key";
const REPLAYED_HEADER: &str = "idempotency-replayed";
const LONGEST_KEY: usize = 255;
const LONGEST_BODY: usize = 64 * 1024;
const NONCE: usize = 24;
/// How long a reply can be had again.
pub(crate) const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// After this long without a reply the process that had claimed a key must have died.
const ABANDONED: Duration = Duration::from_secs(5 * 60);
/// The status of a row whose request is still running.
const RUNNING: i64 = 0;

pub(crate) struct Idempotency {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub ids: IdSource,
    pub sealing_key: [u8; 32],
    pub body_limit: usize,
    pub time_limit: Duration,
}

/// What identifies a request: the row's key, and the hash by which another request is told apart.
#[derive(Clone)]
struct Claim {
    workspace: i64,
    key: String,
    request_hash: String,
    claimed_at: Time,
}

#[derive(FromQueryResult)]
struct StoredRow {
    request_hash: String,
    status: i64,
    body: String,
    created_at: i64,
}

enum Claimed {
    Mine(Claim),
    Earlier(Response),
}

/// Runs POST requests under `/api/v1` that have the header and a caller at most once per key.
pub(crate) async fn once(State(idempotency): State<Arc<Idempotency>>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().cloned();
    let key = request.headers().get(REQUEST_HEADER).cloned();
    let (Some(caller), Some(key), &Method::POST) = (caller, key, request.method()) else {
        return next.run(request).await;
    };
    // A file is not kept in memory to be compared; one that is sent twice is two files, of which nothing is imported yet.
    if edge::moves_a_file(&request) {
        return next.run(request).await;
    }
    run_once(idempotency, &caller, &key, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn run_once(
    idempotency: Arc<Idempotency>,
    caller: &Caller,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> ApiResult<Response> {
    let key = checked_key(key)?;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, idempotency.body_limit).await.map_err(|_| Problem::new(Code::BodyTooLarge))?;
    let claim = Claim {
        workspace: caller.workspace.0,
        key,
        request_hash: hash_of_request(caller, &parts, &body),
        claimed_at: idempotency.clock.now(),
    };
    let claim = match idempotency.claim(claim).await? {
        Claimed::Mine(claim) => claim,
        Claimed::Earlier(response) => return Ok(response),
    };
    let request = Request::from_parts(parts, Body::from(body));
    let (owned, its_claim) = (idempotency.clone(), claim.clone());
    let work = async move {
        // The limit for requests does not reach work that outlives its client, so it has one of its own.
        let response = tokio::select! {
            response = next.run(request) => response,
            () = owned.clock.sleep(owned.time_limit) => ApiError::from(Code::Timeout).into_response(),
        };
        owned.keep(&its_claim, response).await
    };
    match tokio::spawn(work.in_current_span()).await {
        Ok(response) => Ok(response),
        Err(failed) => {
            idempotency.forget(&claim).await?;
            match failed.try_into_panic() {
                Ok(cause) => std::panic::resume_unwind(cause),
                Err(_) => Err(Code::Unavailable.into()),
            }
        }
    }
}

fn checked_key(key: &HeaderValue) -> Result<String, Problem> {
    let key = key.to_str().ok().map(str::trim).filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    key.map(str::to_owned).ok_or_else(|| {
        Problem::at(Code::InvalidField, "Idempotency-Key", "must have 1 to 255 printable ASCII characters")
    })
}

fn hash_of_request(caller: &Caller, parts: &Parts, body: &Bytes) -> String {
    let mut hash = Sha256::new();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    for part in [caller.actor.as_bytes(), target.as_bytes(), body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

#[derive(FromQueryResult)]
struct KeptRow {
    idempotency_key: String,
    request_hash: String,
    status: i64,
    body: String,
    created_at: i64,
}

impl Idempotency {
    /// For [`Idempotency::blank`] alone: it takes no requests.
    pub(crate) fn to_look_through(db: Db, clock: Arc<dyn Clock>, ids: IdSource, secrets: &Secrets) -> Idempotency {
        let sealing_key = secrets.key().derive("idempotency");
        Idempotency { db, clock, ids, sealing_key, body_limit: 0, time_limit: Duration::ZERO }
    }

    /// Puts another reply in the place of those that name somebody; their keys stay used. Returns how many.
    pub(crate) async fn blank(&self, workspace: WorkspaceId, needles: &Needles) -> Result<u64, DbErr> {
        let (mut after, mut blanked) = (String::new(), 0);
        loop {
            let rows: Vec<KeptRow> = self
                .db
                .read()
                .all(
                    "SELECT idempotency_key, request_hash, status, body, created_at FROM idempotency_keys
                     WHERE workspace_id = $1 AND idempotency_key > $2 AND status <> $3
                     ORDER BY idempotency_key LIMIT 100",
                    vec![workspace.0.into(), after.as_str().into(), RUNNING.into()],
                )
                .await?;
            let Some(last) = rows.last() else { return Ok(blanked) };
            after = last.idempotency_key.clone();
            for row in rows {
                let claim = Claim {
                    workspace: workspace.0,
                    key: row.idempotency_key,
                    request_hash: row.request_hash,
                    claimed_at: Time::from_millis(row.created_at),
                };
                let body = self.open(&claim, row.status, &row.body).unwrap_or_default();
                if needles.find_in(&claim.key) {
                    self.forget(&claim).await?;
                    blanked += 1;
                } else if needles.find_in(&String::from_utf8_lossy(&body)) {
                    self.store(&claim, row.status, privacy::erased_reply().as_bytes()).await?;
                    blanked += 1;
                }
            }
        }
    }

    async fn claim(&self, claim: Claim) -> ApiResult<Claimed> {
        let tx = self.db.begin().await?;
        // Rows that have ended are swept away now and then; until then they are taken over.
        tx.run(
            "DELETE FROM idempotency_keys WHERE workspace_id = $1 AND idempotency_key = $2
               AND (created_at < $3 OR (status = $4 AND created_at < $5))",
            vec![
                claim.workspace.into(),
                claim.key.as_str().into(),
                claim.claimed_at.minus(KEPT).millis().into(),
                RUNNING.into(),
                claim.claimed_at.minus(ABANDONED).millis().into(),
            ],
        )
        .await?;
        let claimed = tx
            .run(
                "INSERT INTO idempotency_keys (workspace_id, idempotency_key, request_hash, status, body, created_at)
                 VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT (workspace_id, idempotency_key) DO NOTHING",
                vec![
                    claim.workspace.into(),
                    claim.key.as_str().into(),
                    claim.request_hash.as_str().into(),
                    RUNNING.into(),
                    claim.claimed_at.millis().into(),
                ],
            )
            .await?;
        tx.commit().await?;
        if claimed > 0 {
            return Ok(Claimed::Mine(claim));
        }
        self.earlier(&claim).await.map(Claimed::Earlier)
    }

    async fn earlier(&self, claim: &Claim) -> ApiResult<Response> {
        let row: Option<StoredRow> = self
            .db
            .read()
            .one(
                "SELECT request_hash, status, body, created_at FROM idempotency_keys
                 WHERE workspace_id = $1 AND idempotency_key = $2",
                vec![claim.workspace.into(), claim.key.as_str().into()],
            )
            .await?;
        let still_running =
            || ApiError(Problem::with(Code::Conflict, "a request with this Idempotency-Key is running").retry_after(1));
        // The row can have gone in the meantime, when its request failed.
        let row = row.ok_or_else(still_running)?;
        if row.request_hash != claim.request_hash {
            return Err(Code::IdempotencyReplay.into());
        }
        if row.status == RUNNING {
            return Err(still_running());
        }
        let earlier = Claim { claimed_at: Time::from_millis(row.created_at), ..claim.clone() };
        let body = self.open(&earlier, row.status, &row.body).ok_or(Problem::new(Code::Internal))?;
        let status = u16::try_from(row.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let mut response = (status.unwrap_or(StatusCode::OK), body.clone()).into_response();
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_TYPE);
        if !body.is_empty() {
            let kind = if row.status < 400 { "application/json" } else { "application/problem+json" };
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        headers.insert(REPLAYED_HEADER, HeaderValue::from_static("true"));
        Ok(response)
    }

    /// Keeps a reply that would be the same another time; forgets the claim otherwise.
    async fn keep(&self, claim: &Claim, response: Response) -> Response {
        // A stream does not say how long it is, and is passed on as one.
        let length = response.body().size_hint().upper();
        if !is_final(response.status()) || length.is_none_or(|length| length > LONGEST_BODY as u64) {
            return self.forget_and_pass(claim, response).await;
        }
        let (parts, body) = response.into_parts();
        let body = match to_bytes(body, LONGEST_BODY).await {
            Ok(body) => body,
            Err(_) => return ApiError::from(Code::Internal).into_response(),
        };
        let response = Response::from_parts(parts, Body::from(body.clone()));
        if let Err(error) = self.store(claim, i64::from(response.status().as_u16()), &body).await {
            tracing::error!(%error, "a reply could not be kept for its Idempotency-Key");
        }
        response
    }

    async fn forget_and_pass(&self, claim: &Claim, response: Response) -> Response {
        if let Err(error) = self.forget(claim).await {
            tracing::error!(%error, "an Idempotency-Key could not be freed");
        }
        response
    }

    async fn store(&self, claim: &Claim, status: i64, body: &[u8]) -> Result<(), DbErr> {
        let sealed = self.seal(claim, status, body).ok_or(DbErr::Custom("a reply could not be sealed".to_owned()))?;
        let tx = self.db.begin().await?;
        tx.run(
            "UPDATE idempotency_keys SET status = $3, body = $4
             WHERE workspace_id = $1 AND idempotency_key = $2 AND created_at = $5",
            vec![
                claim.workspace.into(),
                claim.key.as_str().into(),
                status.into(),
                sealed.into(),
                claim.claimed_at.millis().into(),
            ],
        )
        .await?;
        tx.commit().await
    }

    async fn forget(&self, claim: &Claim) -> Result<(), DbErr> {
        let tx = self.db.begin().await?;
        tx.run(
            "DELETE FROM idempotency_keys WHERE workspace_id = $1 AND idempotency_key = $2 AND created_at = $3",
            vec![claim.workspace.into(), claim.key.as_str().into(), claim.claimed_at.millis().into()],
        )
        .await?;
        tx.commit().await
    }

    fn seal(&self, claim: &Claim, status: i64, body: &[u8]) -> Option<String> {
        let mut nonce = [0u8; NONCE];
        self.ids.fill(&mut nonce);
        let context = context_of(claim, status);
        let payload = Payload { msg: body, aad: context.as_bytes() };
        let ciphertext = XChaCha20Poly1305::new(&self.sealing_key.into()).encrypt(XNonce::from_slice(&nonce), payload);
        Some(BASE64.encode([nonce.as_slice(), &ciphertext.ok()?].concat()))
    }

    fn open(&self, claim: &Claim, status: i64, sealed: &str) -> Option<Bytes> {
        let sealed = BASE64.decode(sealed).ok()?;
        let (nonce, ciphertext) = sealed.split_at_checked(NONCE)?;
        let context = context_of(claim, status);
        let payload = Payload { msg: ciphertext, aad: context.as_bytes() };
        let body = XChaCha20Poly1305::new(&self.sealing_key.into()).decrypt(XNonce::from_slice(nonce), payload);
        body.ok().map(Bytes::from)
    }
}

fn context_of(claim: &Claim, status: i64) -> String {
    format!("{} {} {status}", claim.workspace, claim.request_hash)
}

/// Whether asking again would only repeat the answer. Failures on our side, and limits that
/// pass with time, deserve another try.
fn is_final(status: StatusCode) -> bool {
    status.is_success() || (status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS)
}
