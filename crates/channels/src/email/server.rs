//! Opening a connection to the SMTP server.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base::{Code, Problem};
use lettre::transport::smtp::{
    authentication::{Credentials, DEFAULT_MECHANISMS},
    client::{AsyncSmtpConnection, AsyncTokioStream},
    extension::ClientId,
};
use tokio::net::TcpStream;

use super::{
    endpoint::Endpoint,
    session::Session,
    stage::{Cause, Failure, Progress, Stage},
    stream::BoundedStream,
    tls::{self, Encryption},
};
use crate::guard::Guard;

/// How long one address of the server may take to accept a connection before the next is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server and how to sign in to it.
pub struct Server {
    guard: Guard,
    host: String,
    port: u16,
    client_id: ClientId,
    encryption: Encryption,
    credentials: Option<Credentials>,
}

impl Server {
    /// The server of a configuration that has been checked, to which this program calls itself `client_id`.
    pub fn new(endpoint: &Endpoint, client_id: ClientId, guard: Guard) -> Result<Server, Problem> {
        let credentials = endpoint.credentials();
        Ok(Server {
            guard,
            host: endpoint.host.clone(),
            port: endpoint.port,
            client_id,
            encryption: tls::prepare(endpoint)?,
            credentials: credentials.map(|(name, password)| Credentials::new(name.to_owned(), password.to_owned())),
        })
    }

    /// Host and port, for people.
    pub fn shown(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects, greets, encrypts and signs in.
    pub async fn open(&self, progress: &Progress) -> Result<Session, Failure> {
        let tcp = connect(&self.guard, &self.host, self.port, progress).await?;
        let pipelining = Arc::new(AtomicBool::new(false));
        let stream = self.encrypt_at_once(tcp, &pipelining, progress).await?;
        progress.enter(Stage::Greeting);
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &self.client_id)
            .await
            .map_err(|error| Failure::of(progress, error))?;
        if let Encryption::Starttls(parameters) = &self.encryption {
            progress.enter(Stage::StartTls);
            if !connection.can_starttls() {
                return Err(Failure::new(progress, Cause::Unsupported("the server does not offer STARTTLS")));
            }
            connection
                .starttls(parameters.clone(), &self.client_id)
                .await
                .map_err(|error| Failure::of(progress, error))?;
        }
        if let Some(credentials) = &self.credentials {
            progress.enter(Stage::Login);
            if connection.server_info().get_auth_mechanism(DEFAULT_MECHANISMS).is_none() {
                let lacking = "the server offers neither AUTH PLAIN nor AUTH LOGIN";
                return Err(Failure::new(progress, Cause::Unsupported(lacking)));
            }
            connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(|error| Failure::of(progress, error))?;
        }
        Ok(Session::new(connection, pipelining.load(Ordering::Relaxed)))
    }

    async fn encrypt_at_once(
        &self,
        tcp: TcpStream,
        pipelining: &Arc<AtomicBool>,
        progress: &Progress,
    ) -> Result<Box<dyn AsyncTokioStream>, Failure> {
        let failed = |error: std::io::Error| Failure::new(progress, Cause::Network(error.to_string()));
        let peer = tcp.peer_addr().map_err(failed)?;
        let Encryption::Immediate(connector, name) = &self.encryption else {
            return Ok(Box::new(BoundedStream::new(tcp, peer, pipelining.clone())));
        };
        progress.enter(Stage::Tls);
        let stream = connector.connect(name.clone(), tcp).await.map_err(failed)?;
        Ok(Box::new(BoundedStream::new(stream, peer, pipelining.clone())))
    }
}

/// Connects by TCP to one of the addresses that a host name has and the guard allows.
pub async fn connect(guard: &Guard, host: &str, port: u16, progress: &Progress) -> Result<TcpStream, Failure> {
    progress.enter(Stage::Resolve);
    let addresses = guard.resolve_tcp(host, port).await.map_err(|problem| {
        let detail = problem.detail.unwrap_or_else(|| problem.code.title().to_owned());
        let forbidden = problem.code == Code::ForbiddenAddress;
        Failure::new(progress, if forbidden { Cause::Forbidden(detail) } else { Cause::Network(detail) })
    })?;
    progress.enter(Stage::Connect);
    let mut last = "the host name has no address".to_owned();
    for address in addresses {
        match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Commands are small and wait for answers; collecting them only delays.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = error.to_string(),
            Err(_) => last = format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()),
        }
    }
    Err(Failure::new(progress, Cause::Network(last)))
}
