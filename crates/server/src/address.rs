//! Where a request comes from, seen through the proxies that we trust.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// An address, or all addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Text that is neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address or a network such as 10.0.0.0/8")]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;
    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| NetworkError)?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.trim().parse().ok().filter(|bits| *bits <= longest).ok_or(NetworkError)?,
            None => longest,
        };
        Ok(Network { address, prefix })
    }
}

impl Network {
    /// Whether the address lies in this network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// Where a request comes from; in the extensions of every request that came over a socket.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// The address of the client himself, not of a trusted proxy.
    pub address: IpAddr,
    /// Whether he is on this machine, and no proxy stands between.
    pub is_local: bool,
}

/// Finds the client's address and puts it where handlers look for it: as [`Client`], and as
/// `ConnectInfo<SocketAddr>` for those who know nothing of proxies.
pub(crate) async fn know_client(
    State(trusted): State<Arc<Vec<Network>>>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    if let Some(peer) = peer {
        let address = client_address(peer.ip(), request.headers(), &trusted);
        let is_local = peer.ip().to_canonical().is_loopback() && !was_forwarded(request.headers());
        request.extensions_mut().insert(Client { address, is_local });
        if address != peer.ip() {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 0)));
        }
    }
    next.run(request).await
}

fn was_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", FORWARDED_FOR, "x-real-ip", "via"].iter().any(|name| headers.contains_key(*name))
}

/// Walks back through `X-Forwarded-For` as long as the last hop is one of ours: what stands
/// further left could have been written by anybody.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let lines: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_trusted(client) {
            return client;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { return client };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address_of(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, forwarded.parse().unwrap());
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_his_address() {
        assert_eq!(address_of("203.0.113.9", "10.1.1.1", &[]), "203.0.113.9");
        assert_eq!(address_of("10.0.0.1", "127.0.0.1, 203.0.113.9", &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_hop_by_hop() {
        assert_eq!(address_of("10.0.0.1", "198.51.100.4, 10.2.0.3", &["10.0.0.0/8"]), "198.51.100.4");
        assert_eq!(address_of("10.0.0.1", "rubbish", &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(address_of("::ffff:10.0.0.1", "2001:db8::7", &["10.0.0.1"]), "2001:db8::7");
    }

    #[test]
    fn networks_are_read_with_their_bounds() {
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("203.0.113.9".parse().unwrap()));
        assert!(!all.contains("2001:db8::1".parse().unwrap()));
        let v6: Network = "2001:db8::/32".parse().unwrap();
        assert!(v6.contains("2001:db8:ffff::1".parse().unwrap()));
        assert!(!v6.contains("2001:db9::1".parse().unwrap()));
        assert!("10.0.0.0/33".parse::<Network>().is_err());
        assert!("hearth".parse::<Network>().is_err());
    }
}
