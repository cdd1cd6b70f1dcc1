//! Where a server of a channel is, and how to sign in to it: for SMTP and for IMAP.

use std::net::IpAddr;

use base::Problem;
use serde::Deserialize;
use url::Host;

use crate::config::wrong;

/// How a connection is encrypted. There is no "if the server offers it".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Not at all; a password is then taken only for a server on this machine.
    None,
    /// Plain at first, encrypted before anything else is said (RFC 3207, RFC 9051).
    #[default]
    Starttls,
    /// Encrypted from the first byte (RFC 8314).
    Tls,
}

/// A server, with what its fields are called in the configuration.
#[derive(Clone)]
pub struct Endpoint {
    /// What stands before the names of the fields in problems, such as `accounts[0].`.
    pub path: String,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is encrypted.
    pub security: Security,
    /// Name to sign in with; without it there is no sign-in.
    pub username: Option<String>,
    /// Password that goes with it.
    pub password: Option<String>,
    /// A certificate authority (PEM) to trust beside the public ones.
    pub ca_certificate: Option<String>,
}

impl Endpoint {
    /// Checks what can be checked without the network.
    ///
    /// Errors: [`base::Code::InvalidChannel`] with the path of the field.
    pub fn check(&self) -> Result<(), Problem> {
        if self.port == 0 {
            return Err(self.wrong("port", "must be between 1 and 65535"));
        }
        let is_address = self.bare_host().parse::<IpAddr>().is_ok();
        if !is_address && (self.host.contains('%') || Host::parse(&self.host).is_err()) {
            return Err(self.wrong("host", "is not a host name or address"));
        }
        self.check_sign_in()
    }

    /// The host without the brackets of IPv6.
    pub fn bare_host(&self) -> &str {
        self.host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&self.host)
    }

    /// Name and password, when there is a sign-in.
    pub fn credentials(&self) -> Option<(&str, &str)> {
        let name = self.username.as_deref().filter(|name| !name.is_empty())?;
        Some((name, self.password.as_deref()?))
    }

    /// A field of this server with an impossible value.
    pub fn wrong(&self, field: &str, message: &str) -> Problem {
        wrong(format!("{}{field}", self.path), message)
    }

    fn check_sign_in(&self) -> Result<(), Problem> {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        if given(&self.username) != given(&self.password) {
            let missing = if given(&self.username) { "password" } else { "username" };
            return Err(self.wrong(missing, "is missing: username and password go together"));
        }
        for (field, text) in [("username", &self.username), ("password", &self.password)] {
            let unfit = |text: &String| text.len() > 1_000 || text.contains(['\0', '\r', '\n']);
            if text.as_ref().is_some_and(unfit) {
                return Err(self.wrong(field, "must have at most 1000 bytes, no line end and no NUL"));
            }
        }
        if given(&self.password) && self.security == Security::None && !self.is_this_machine() {
            return Err(self.wrong("security", "a password must not travel unencrypted: use starttls or tls"));
        }
        Ok(())
    }

    fn is_this_machine(&self) -> bool {
        let bare = self.bare_host();
        bare.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}
