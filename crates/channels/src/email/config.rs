//! The configuration of an SMTP account.

use std::time::Duration;

use base::Problem;
use lettre::{Address, transport::smtp::extension::ClientId};
use serde::Deserialize;
use serde_json::Value as Json;
use url::Host;

use super::address;
use crate::config::{self, within, wrong};

/// An SMTP account and how to use it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Host name or address of the server.
    pub host: String,
    /// Port; by default 465 for `tls`, 587 for `starttls`, 25 for `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is encrypted.
    #[serde(default)]
    pub security: Security,
    /// Name to sign in with; without it there is no sign-in.
    #[serde(default)]
    pub username: Option<String>,
    /// Password that goes with it. Secret.
    #[serde(default)]
    pub password: Option<String>,
    /// A certificate authority (PEM) to trust beside the public ones, for a server of one's own.
    #[serde(default)]
    pub ca_certificate: Option<String>,
    /// Whose name the messages bear.
    pub from: Sender,
    /// Where answers go; by default to `from`.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// What this program calls itself to the server; by default the domain of `from`.
    #[serde(default)]
    pub helo_name: Option<String>,
    /// The envelope's sender, to which bounces go; by default `from`.
    #[serde(default)]
    pub return_path: Option<String>,
    /// Whether the delivery is written into the return path (`bounces+dlv_….…@`), so that every
    /// bounce names its message.
    #[serde(default)]
    pub verp: bool,
    /// Messages per second.
    #[serde(default = "default_per_second")]
    pub per_second: f64,
    /// Connections at the same time.
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
    /// Seconds after which one attempt is given up.
    #[serde(default = "default_timeout_seconds")]
    pub timeout_seconds: u64,
}

/// How a connection is encrypted. There is no "if the server offers it".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all; a password is then taken only for a server on this machine.
    None,
    /// Plain at first, encrypted before anything else is said (RFC 3207).
    #[default]
    Starttls,
    /// Encrypted from the first byte (RFC 8314).
    Tls,
}

/// A name and an address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The name that readers see.
    #[serde(default)]
    pub name: Option<String>,
    /// The address.
    pub email: String,
}

/// `+dlv_`, thirteen digits, a dot, and the seal of sixteen.
const VERP_LENGTH: usize = 35;
const MAX_LOCAL_PART: usize = 64;

fn default_per_second() -> f64 {
    20.0
}

fn default_concurrency() -> usize {
    8
}

fn default_timeout_seconds() -> u64 {
    30
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// Errors: [`base::Code::InvalidChannel`] with the path of the field.
    pub fn read(json: &Json) -> Result<Config, Problem> {
        let config: Config = config::read(json)?;
        within("per_second", config.per_second, 0.001, 10_000.0)?;
        within("concurrency", config.concurrency, 1, 200)?;
        within("timeout_seconds", config.timeout_seconds, 1, 300)?;
        config.check_server()?;
        config.check_sign_in()?;
        config.check_addresses()?;
        Ok(config)
    }

    /// How long one attempt may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::None => 25,
            Security::Starttls => 587,
            Security::Tls => 465,
        })
    }

    /// The address of `from`, with its domain in ASCII.
    pub fn from_address(&self) -> Result<Address, Problem> {
        address::read(&self.from.email).map_err(|error| wrong("from.email", error))
    }

    /// Where answers go, if not to `from`.
    pub fn reply_to_address(&self) -> Result<Option<Address>, Problem> {
        let Some(text) = &self.reply_to else { return Ok(None) };
        address::read(text).map(Some).map_err(|error| wrong("reply_to", error))
    }

    /// The envelope's sender, before the delivery is written into it.
    pub fn return_address(&self) -> Result<Address, Problem> {
        let Some(text) = &self.return_path else { return self.from_address() };
        address::read(text).map_err(|error| wrong("return_path", error))
    }

    /// What this program calls itself to the server.
    pub fn client_id(&self) -> Result<ClientId, Problem> {
        let Some(name) = &self.helo_name else {
            return Ok(ClientId::Domain(self.from_address()?.domain().to_owned()));
        };
        match Host::parse(name) {
            Ok(Host::Ipv4(address)) => Ok(ClientId::Ipv4(address)),
            Ok(Host::Ipv6(address)) => Ok(ClientId::Ipv6(address)),
            Ok(Host::Domain(domain)) if !name.contains('%') => Ok(ClientId::Domain(domain)),
            _ => Err(wrong("helo_name", "is not a host name")),
        }
    }

    fn check_server(&self) -> Result<(), Problem> {
        if self.port == Some(0) {
            return Err(wrong("port", "must be between 1 and 65535"));
        }
        let bare = self.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&self.host);
        if bare.parse::<std::net::IpAddr>().is_ok() {
            return Ok(());
        }
        if self.host.contains('%') || Host::parse(&self.host).is_err() {
            return Err(wrong("host", "is not a host name or address"));
        }
        Ok(())
    }

    fn check_sign_in(&self) -> Result<(), Problem> {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if given(&self.username) != given(&self.password) {
            let missing = if given(&self.username) { "password" } else { "username" };
            return Err(wrong(missing, "is missing: username and password go together"));
        }
        for (path, text) in [("username", &self.username), ("password", &self.password)] {
            if text.as_ref().is_some_and(|text| text.len() > 1_000 || text.contains('\0')) {
                return Err(wrong(path, "must have at most 1000 bytes and no NUL"));
            }
        }
        if given(&self.password) && self.security == Security::None && !means_this_machine(&self.host) {
            return Err(wrong("security", "a password must not travel unencrypted: use starttls or tls"));
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), Problem> {
        if self.from.name.as_ref().is_some_and(|name| name.len() > 200) {
            return Err(wrong("from.name", "must have at most 200 bytes"));
        }
        self.from_address()?;
        self.reply_to_address()?;
        self.client_id()?;
        let return_address = self.return_address()?;
        if self.verp && return_address.user().len() + VERP_LENGTH > MAX_LOCAL_PART {
            let path = if self.return_path.is_some() { "return_path" } else { "from.email" };
            return Err(wrong(path, "is too long before the @ to take the delivery (verp); 29 bytes are possible"));
        }
        Ok(())
    }
}

fn means_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
