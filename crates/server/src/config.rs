//! How the server listens and what it allows.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::address::Network;

/// The `[server]` section of the configuration. Every field has a default that is safe.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port to listen on. The default can be reached from this machine only.
    pub listen: String,
    /// The address by which browsers and mail programs reach Hearth, such as `https://hearth.example.com`.
    /// When it begins with `https`, cookies are sent over TLS only. Without it, `http://` and `listen`.
    pub public_url: Option<String>,
    /// The largest body of a REST request, in bytes after unpacking. Ingest has limits of its own.
    pub body_limit: usize,
    /// After how many days without a visit somebody has to sign in again.
    pub session_days: u64,
    /// After how many days he has to sign in again in any case.
    pub session_days_at_most: u64,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks (`10.0.0.0/8`). Nobody by default.
    pub trusted_proxies: Vec<String>,
    /// Seconds that a client has for sending the header of a request; slower ones are cut off.
    pub header_seconds: u64,
    /// Seconds after which a request is answered with a time-out.
    pub request_seconds: u64,
    /// Connections that are open at a time; further ones wait to be accepted.
    pub connections: usize,
    /// Whether `/metrics` answers callers on this machine without an API key. Not by default: whoever may run a
    /// program here need not be one who may look.
    pub metrics_open_on_loopback: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            listen: "127.0.0.1:7700".to_owned(),
            public_url: None,
            body_limit: 1 << 20,
            session_days: 30,
            session_days_at_most: 90,
            trusted_proxies: Vec::new(),
            header_seconds: 15,
            request_seconds: 60,
            connections: 4_096,
            metrics_open_on_loopback: false,
        }
    }
}

/// A value in the `[server]` section that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("server.{field}: {reason}")]
pub struct ConfigError {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl ServerConfig {
    /// Fails when a value cannot be used; call it once at the start.
    pub fn check(&self) -> Result<(), ConfigError> {
        let wrong = |field, reason: &str| Err(ConfigError { field, reason: reason.to_owned() });
        if let Some(url) = &self.public_url {
            let Ok(url) = Url::parse(url) else { return wrong("public_url", "is not a URL") };
            if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
                return wrong("public_url", "does not begin with http:// or https:// and a host");
            }
        }
        for proxy in &self.trusted_proxies {
            if proxy.parse::<Network>().is_err() {
                return wrong("trusted_proxies", "holds something that is neither an address nor a network");
            }
        }
        if self.body_limit == 0 {
            return wrong("body_limit", "is 0");
        }
        if self.session_days == 0 || self.session_days_at_most < self.session_days {
            return wrong("session_days", "is 0, or more than session_days_at_most");
        }
        if self.session_days_at_most > 36_500 {
            return wrong("session_days_at_most", "is more than 36500");
        }
        let seconds = 1..=86_400;
        if !seconds.contains(&self.header_seconds) || !seconds.contains(&self.request_seconds) {
            return wrong("request_seconds", "and header_seconds must be from 1 to 86400");
        }
        if self.connections == 0 {
            return wrong("connections", "is 0");
        }
        Ok(())
    }

    /// The public address without a slash at its end.
    pub fn base_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    /// Whether nobody can follow our links: they would lead to "every address of this machine".
    pub fn lacks_public_url(&self) -> bool {
        let listen: Option<SocketAddr> = self.listen.parse().ok();
        self.public_url.is_none() && listen.is_some_and(|address| address.ip().is_unspecified())
    }

    /// Whether browsers come over TLS.
    pub fn is_https(&self) -> bool {
        self.base_url().starts_with("https://")
    }

    /// Scheme, host and port of the public address, as browsers write it into `Origin`.
    pub fn origin(&self) -> Option<String> {
        let url = Url::parse(&self.base_url()).ok()?;
        Some(url.origin().ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_cannot_be_used_are_named() {
        assert_eq!(ServerConfig::default().check(), Ok(()));
        let config = ServerConfig { public_url: Some("hearth.example.com".to_owned()), ..Default::default() };
        assert_eq!(config.check().unwrap_err().field, "public_url");
        let config = ServerConfig { trusted_proxies: vec!["10.0.0.0/99".to_owned()], ..Default::default() };
        assert_eq!(config.check().unwrap_err().field, "trusted_proxies");
        let config = ServerConfig { session_days: 0, ..Default::default() };
        assert_eq!(config.check().unwrap_err().field, "session_days");
        let config = ServerConfig { request_seconds: u64::MAX, ..Default::default() };
        assert_eq!(config.check().unwrap_err().field, "request_seconds");
    }

    #[test]
    fn links_that_lead_nowhere_are_noticed_and_slashes_do_not_double() {
        let of = |listen: &str, public_url: Option<&str>| {
            let (listen, public_url) = (listen.to_owned(), public_url.map(str::to_owned));
            ServerConfig { listen, public_url, ..Default::default() }
        };
        assert!(of("0.0.0.0:7700", None).lacks_public_url() && of("[::]:7700", None).lacks_public_url());
        assert!(!of("127.0.0.1:7700", None).lacks_public_url());
        assert!(!of("0.0.0.0:7700", Some("https://hearth.example.com")).lacks_public_url());
        assert_eq!(of("x", Some("https://hearth.example.com/")).base_url(), "https://hearth.example.com");
    }

    #[test]
    fn the_origin_is_written_as_browsers_write_it() {
        let config =
            ServerConfig { public_url: Some("https://Hearth.Example.com:443/".to_owned()), ..Default::default() };
        assert_eq!(config.origin().as_deref(), Some("https://hearth.example.com"));
        assert!(config.is_https());
    }
}
