//! Reading e-mail addresses.

use lettre::Address;
use url::Host;

/// The longest address that SMTP can carry (RFC 5321, section 4.5.3.1.3, without the brackets).
const MAX_ADDRESS: usize = 254;

/// Reads an address and writes its domain in ASCII (`例子.中国` becomes `xn--fsqu00a.xn--fiqs8s`).
/// What could end a line or a bracket is refused, so an address never becomes a second
/// header or command.
///
/// Errors: a sentence about what is wrong, without the address.
pub fn read(text: &str) -> Result<Address, String> {
    if text.len() > MAX_ADDRESS {
        return Err(format!("is longer than {MAX_ADDRESS} bytes"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>' | '\\' | '"')) {
        return Err("contains a character that an e-mail address must not have".to_owned());
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return Err("is not an e-mail address".to_owned());
    };
    // `Host::parse` would decode percent signs.
    let domain = match Host::parse(domain) {
        Ok(Host::Domain(domain)) if !domain.ends_with('.') && !text.contains('%') => domain,
        _ => return Err("does not have a valid domain".to_owned()),
    };
    Address::new(local, domain).map_err(|_| "is not an e-mail address".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_international_domain_is_written_in_ascii() {
        assert_eq!(read("wang@例子.中国").unwrap().to_string(), "wang@xn--fsqu00a.xn--fiqs8s");
        assert_eq!(read("Anna+wine@Example.COM").unwrap().to_string(), "Anna+wine@example.com");
        assert_eq!(read("用户@example.com").unwrap().to_string(), "用户@example.com");
    }

    #[test]
    fn what_could_inject_a_header_or_a_command_is_refused() {
        for text in [
            "",
            "anna",
            "@example.com",
            "anna@",
            "a b@example.com",
            "anna@example.com\r\nBcc: x@example.com",
            "anna@example.com>\r\nDATA",
            "<anna@example.com>",
            "anna\0@example.com",
            "\"a b\"@example.com",
            "anna@exam%70le.com",
            "anna@127.0.0.1",
            "anna@[::1]",
            "anna@example..com",
            "anna@.",
            &format!("{}@example.com", "a".repeat(65)),
            &format!("a@{}.com", "b".repeat(260)),
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
