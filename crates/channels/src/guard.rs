//! The guard on outbound addresses, so that nobody can make the server call its own network
//! (server-side request forgery).
//!
//! Invariants: an address is judged after the name was resolved, and the very addresses that
//! were judged are the ones connected to, so a name that resolves differently a moment later
//! (DNS rebinding) changes nothing; no redirect is followed; no proxy of the environment is
//! used. This is the only file that builds an HTTP client.

mod network;
mod ranges;

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use base::{Code, Problem};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use network::Network;

/// The longest URL that is accepted, in bytes.
pub const MAX_URL_LENGTH: usize = 2_048;

/// How long a name may take to resolve.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);
/// How many addresses of one name are used.
const MAX_ADDRESSES: usize = 16;

/// Decides which addresses outside may be connected to. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Guard {
    allowed: Arc<Allowed>,
}

/// What the configuration allows beyond the public internet.
#[derive(Debug, Default)]
struct Allowed {
    networks: Vec<Network>,
    hosts: HashSet<String>,
}

impl Guard {
    /// A guard that also lets through what `allow` lists: networks (`10.0.0.0/8`, `fd00::/8`),
    /// single addresses (`127.0.0.1`) and host names (`smtp.office.internal`, exact).
    ///
    /// Errors: [`Code::InvalidField`] with the place in the list (`outbound.allow[2]`).
    pub fn new(allow: &[String]) -> Result<Guard, Problem> {
        let mut allowed = Allowed::default();
        for (index, entry) in allow.iter().enumerate() {
            let refuse = |message: &str| Problem::at(Code::InvalidField, format!("outbound.allow[{index}]"), message);
            let entry = entry.trim();
            if let Some(network) = Network::parse(entry) {
                allowed.networks.push(network);
                continue;
            }
            if entry.contains(['/', '%', '@']) {
                return Err(refuse("is not a network such as 10.0.0.0/8"));
            }
            let Ok(Host::Domain(name)) = Host::parse(entry) else {
                return Err(refuse("is neither a network, nor an address, nor a host name"));
            };
            allowed.hosts.insert(plain_name(&name));
        }
        Ok(Guard { allowed: Arc::new(allowed) })
    }

    /// A guard that lets nothing through but the public internet.
    pub fn strict() -> Guard {
        Guard { allowed: Arc::default() }
    }

    /// Reads a URL and judges it as far as that is possible without resolving its name: `http` or
    /// `https`, no user name or password in it, at most [`MAX_URL_LENGTH`] bytes, and not the
    /// literal of an address inside, however it is written (`http://0x7f000001/`).
    ///
    /// Errors: [`Code::ForbiddenAddress`].
    pub fn check_url(&self, text: &str) -> Result<Url, Problem> {
        if text.len() > MAX_URL_LENGTH {
            return Err(forbidden(format!("the URL is longer than {MAX_URL_LENGTH} bytes")));
        }
        let url = Url::parse(text).map_err(|error| forbidden(format!("not a URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(forbidden("the URL must start with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(forbidden("the URL must not contain a user name or password"));
        }
        if url.port() == Some(0) {
            return Err(forbidden("port 0 cannot be connected to"));
        }
        match url.host() {
            None => return Err(forbidden("the URL names no host")),
            Some(Host::Domain(name)) => self.check_name(name)?,
            Some(Host::Ipv4(address)) => self.check_address(address.into())?,
            Some(Host::Ipv6(address)) => self.check_address(address.into())?,
        }
        Ok(url)
    }

    /// Resolves `host` (a name, or an address in any notation) and gives the addresses that may
    /// be connected to. Connect to these and do not resolve again.
    ///
    /// Errors: [`Code::ForbiddenAddress`] when the host leads inside, [`Code::Unavailable`]
    /// when its name cannot be resolved at the moment.
    pub async fn resolve_tcp(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Problem> {
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse::<IpAddr>() {
            self.check_address(address)?;
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        if host.contains(['%', '@']) {
            return Err(forbidden("not a host name"));
        }
        match Host::parse(host).map_err(|error| forbidden(format!("not a host name: {error}")))? {
            Host::Ipv4(address) => {
                self.check_address(address.into())?;
                Ok(vec![SocketAddr::new(address.into(), port)])
            }
            Host::Ipv6(address) => {
                self.check_address(address.into())?;
                Ok(vec![SocketAddr::new(address.into(), port)])
            }
            Host::Domain(name) => self.resolve_name(&name, port).await,
        }
    }

    /// An HTTP client that connects only to addresses this guard lets through, follows no
    /// redirect, uses no proxy and gives up after `timeout` for a whole exchange. URLs must
    /// have passed [`Guard::check_url`], because a client does not resolve literal addresses.
    ///
    /// Errors: [`Code::Internal`] when TLS cannot be set up.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that builds an HTTP client")]
    pub fn http_client(&self, timeout: Duration) -> Result<reqwest::Client, Problem> {
        reqwest::Client::builder()
            .dns_resolver(Arc::new(GuardedResolver { guard: self.clone() }))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(8)
            .user_agent(concat!("Hearth/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| Problem::with(Code::Internal, "the HTTP client cannot be set up"))
    }

    async fn resolve_name(&self, name: &str, port: u16) -> Result<Vec<SocketAddr>, Problem> {
        self.check_name(name)?;
        let unresolved = || Problem::with(Code::Unavailable, "the host name cannot be resolved");
        let found = tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((name, port)))
            .await
            .map_err(|_| unresolved())?
            .map_err(|_| unresolved())?;
        self.keep_permitted(name, found)
    }

    /// Of the addresses of one name, those that may be connected to.
    fn keep_permitted(&self, name: &str, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, Problem> {
        let anywhere = self.allowed.hosts.contains(&plain_name(name));
        let mut refused = false;
        let mut permitted: Vec<SocketAddr> = Vec::new();
        for address in found.take(MAX_ADDRESSES) {
            if !anywhere && !self.permits(address.ip()) {
                refused = true;
                continue;
            }
            if !permitted.contains(&address) {
                permitted.push(address);
            }
        }
        if !permitted.is_empty() {
            return Ok(permitted);
        }
        if refused {
            return Err(forbidden("the host name leads to an address inside"));
        }
        Err(Problem::with(Code::Unavailable, "the host name has no address"))
    }

    /// Refuses names that by definition mean this machine (RFC 6761). Other names are judged by
    /// what they resolve to.
    fn check_name(&self, name: &str) -> Result<(), Problem> {
        let name = plain_name(name);
        let means_this_machine = name == "localhost" || name.ends_with(".localhost");
        if !means_this_machine || self.allowed.hosts.contains(&name) {
            return Ok(());
        }
        let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
        if loopback.into_iter().any(|address| self.permits(address)) {
            return Ok(());
        }
        Err(forbidden("this name means the server itself"))
    }

    fn check_address(&self, address: IpAddr) -> Result<(), Problem> {
        if self.permits(address) { Ok(()) } else { Err(forbidden("this is an address inside")) }
    }

    fn permits(&self, address: IpAddr) -> bool {
        if self.allowed.networks.iter().any(|network| network.contains(address)) {
            return true;
        }
        // An IPv6 address that carries an IPv4 address is as good as the address it leads to.
        if let IpAddr::V6(outer) = address
            && let Some(inner) = ranges::embedded_v4(outer)
        {
            return self.permits(inner.into());
        }
        ranges::is_public(address)
    }
}

/// Lower case and without the dot of the root, so that `Localhost.` is `localhost`.
fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

fn forbidden(detail: impl Into<String>) -> Problem {
    Problem::with(Code::ForbiddenAddress, detail)
}

/// Gives the HTTP client only addresses that were judged.
struct GuardedResolver {
    guard: Guard,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        Box::pin(async move {
            let addresses = guard.resolve_name(name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_with_mixed_addresses_keeps_only_those_outside() {
        let found = [socket("10.0.0.1:25"), socket("93.184.216.34:25"), socket("[::1]:25"), socket("93.184.216.34:25")];
        let kept = Guard::strict().keep_permitted("mixed.example", found.into_iter()).unwrap();
        assert_eq!(kept, [socket("93.184.216.34:25")]);
    }

    #[test]
    fn a_name_that_leads_only_inside_is_forbidden_and_one_without_addresses_is_not() {
        let inside = Guard::strict().keep_permitted("inside.example", [socket("[fd00::1]:25")].into_iter());
        assert_eq!(inside.unwrap_err().code, Code::ForbiddenAddress);
        let empty = Guard::strict().keep_permitted("empty.example", std::iter::empty());
        assert_eq!(empty.unwrap_err().code, Code::Unavailable);
    }

    #[test]
    fn an_allowed_host_name_may_lead_inside_and_its_neighbours_may_not() {
        let guard = Guard::new(&["SMTP.Office.internal".to_owned()]).unwrap();
        let inside = || [socket("10.1.2.3:25")].into_iter();
        assert!(guard.keep_permitted("smtp.office.internal.", inside()).is_ok());
        assert!(guard.keep_permitted("x.smtp.office.internal", inside()).is_err());
    }
}
