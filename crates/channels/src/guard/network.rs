//! Networks in CIDR notation.

use std::net::IpAddr;

/// A network such as `10.0.0.0/8`; a single address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `10.0.0.0/8`, `fd00::/8` or a single address. Bits behind the prefix are ignored.
    pub fn parse(text: &str) -> Option<Network> {
        let Some((address, prefix)) = text.split_once('/') else {
            let address: IpAddr = text.parse().ok()?;
            return Some(Network { address, prefix: width(address) });
        };
        let address: IpAddr = address.parse().ok()?;
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let prefix: u8 = prefix.parse().ok()?;
        (prefix <= width(address)).then_some(Network { address, prefix })
    }

    /// Whether `address` lies in this network. An IPv4 network contains no IPv6 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        if self.address.is_ipv4() != address.is_ipv4() {
            return false;
        }
        let differing = bits(self.address) ^ bits(address);
        // The address stands in the highest bits, so the part behind the prefix is shifted out.
        self.prefix == 0 || differing >> (128 - u32::from(self.prefix)) == 0
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address in the highest bits of a 128-bit number.
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()) << 96,
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_exactly_its_addresses() {
        let cases = [
            ("10.0.0.0/8", "10.255.255.255", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("192.168.1.7", "192.168.1.7", true),
            ("192.168.1.7", "192.168.1.8", false),
            ("172.16.0.0/12", "172.31.255.255", true),
            ("172.16.0.0/12", "172.32.0.0", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::1", false),
            ("fd00::/8", "fd12:3456::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "2001:db8::1", true),
            ("::1/128", "::1", true),
            ("::1/128", "::2", false),
        ];
        for (network, address, expected) in cases {
            let network_read = Network::parse(network).unwrap();
            assert_eq!(network_read.contains(address.parse().unwrap()), expected, "{address} in {network}");
        }
    }

    #[test]
    fn what_is_not_a_network_is_not_read_as_one() {
        for text in
            ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0/8", "fd00::/129", "example.com", "1.2.3.4/8/8"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
