//! The guard on outbound addresses, through real names and real connections.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use base::Code;
use hearth_channels::guard::Guard;
use support::http::{Answer, HttpServer};

fn allowing(entries: &[&str]) -> Guard {
    Guard::new(&entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>()).unwrap()
}

#[test]
fn no_notation_of_an_inside_address_gets_through() {
    let guard = Guard::strict();
    for url in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
        "http://%31%32%37.0.0.1/",
        "http://localhost/",
        "http://LOCALHOST:8080/",
        "http://localhost./",
        "http://app.localhost/",
        "http://10.1.2.3/",
        "http://172.20.0.1/",
        "http://192.168.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/",
        "http://0.0.0.0/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[ff02::1]/",
    ] {
        let refused = guard.check_url(url).map(|_| ()).unwrap_err();
        assert_eq!(refused.code, Code::ForbiddenAddress, "{url}");
    }
}

#[test]
fn what_is_not_a_plain_web_address_is_refused() {
    let guard = Guard::strict();
    let long = format!("https://example.com/{}", "x".repeat(3_000));
    for url in [
        "",
        "example.com",
        "/path",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "http://",
        "http://user@example.com/",
        "http://user:password@example.com/",
        "http://:password@example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://exa mple.com/",
        "http://1.2.3.4.5/",
        &long,
    ] {
        assert_eq!(guard.check_url(url).map(|_| ()).unwrap_err().code, Code::ForbiddenAddress, "{url}");
    }
}

#[test]
fn public_addresses_get_through() {
    let guard = Guard::strict();
    for url in [
        "https://example.com/hook?a=b",
        "http://example.com:8080/",
        "https://93.184.216.34/",
        "https://[2606:4700::1111]/",
        "https://[::ffff:93.184.216.34]/",
        "https://例子.中国/",
        "https://localhost.example.com/",
    ] {
        assert!(guard.check_url(url).is_ok(), "{url}");
    }
}

#[test]
fn the_configuration_allows_exactly_what_it_names() {
    let guard = allowing(&["10.0.0.0/8", "127.0.0.1", "fd00::/8"]);
    for url in
        ["http://10.1.2.3/", "http://[::ffff:10.1.2.3]/", "http://127.1/", "http://localhost/", "http://[fd12::1]/"]
    {
        assert!(guard.check_url(url).is_ok(), "{url}");
    }
    for url in ["http://192.168.0.1/", "http://127.0.0.2/", "http://[::1]/", "http://[fe80::1]/"] {
        assert!(guard.check_url(url).is_err(), "{url}");
    }
    assert!(allowing(&["localhost"]).check_url("http://localhost/").is_ok());
    assert!(allowing(&["localhost"]).check_url("http://127.0.0.1/").is_err());
}

#[test]
fn a_wrong_entry_of_the_configuration_is_named() {
    for entry in ["", "10.0.0.0/33", "10.0.0.0/8/8", "a b", "user@host"] {
        let refused = Guard::new(&["10.0.0.0/8".to_owned(), entry.to_owned()]).unwrap_err();
        assert_eq!(refused.errors[0].path, "outbound.allow[1]", "{entry}");
    }
}

#[tokio::test]
async fn a_host_is_judged_by_what_it_resolves_to() {
    let strict = Guard::strict();
    for host in ["localhost", "127.0.0.1", "127.1", "0x7f000001", "[::1]", "::1", "::ffff:127.0.0.1", "a%b", ""] {
        let refused = strict.resolve_tcp(host, 25).await.unwrap_err();
        assert_eq!(refused.code, Code::ForbiddenAddress, "{host}");
    }
    let local = allowing(&["127.0.0.0/8"]);
    assert_eq!(local.resolve_tcp("127.1", 25).await.unwrap(), ["127.0.0.1:25".parse().unwrap()]);
    let named = local.resolve_tcp("localhost", 25).await.unwrap();
    assert!(!named.is_empty() && named.iter().all(|address| address.is_ipv4()), "::1 is not allowed: {named:?}");
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_not_forbidden_but_unavailable() {
    let unknown = Guard::strict().resolve_tcp("does-not-exist.invalid", 25).await.unwrap_err();
    assert_eq!(unknown.code, Code::Unavailable);
}

#[tokio::test]
async fn the_http_client_connects_to_no_name_that_leads_inside() {
    let server = HttpServer::start(Answer::status(200, "", "secret")).await;
    let url = format!("http://localhost:{}/", server.address.port());
    let strict = Guard::strict().http_client(Duration::from_secs(5)).unwrap();
    assert!(strict.get(&url).send().await.unwrap_err().is_connect());
    assert!(server.requests().is_empty());

    let local = support::local_guard().http_client(Duration::from_secs(5)).unwrap();
    assert_eq!(local.get(&url).send().await.unwrap().status(), 200);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_http_client_does_not_follow_a_redirect() {
    let inside = HttpServer::start(Answer::status(200, "", "secret")).await;
    let outside = HttpServer::start(Answer::status(302, &format!("Location: {}\r\n", inside.url("/")), "")).await;
    let client = support::local_guard().http_client(Duration::from_secs(5)).unwrap();
    assert_eq!(client.get(outside.url("/")).send().await.unwrap().status(), 302);
    assert!(inside.requests().is_empty());
}
