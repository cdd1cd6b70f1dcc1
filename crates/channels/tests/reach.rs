//! Asking links whether they answer.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use hearth_channels::{
    guard::Guard,
    reach::{Prober, Reach},
};
use support::{
    http::{Answer, HttpServer},
    local_guard,
};

fn prober() -> Prober {
    Prober::new(&local_guard()).unwrap()
}

async fn asked(status: &str) -> (Reach, Vec<String>) {
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let server = HttpServer::start(Answer::Say(answer)).await;
    let reach = prober().reach(&server.url("/a?b=c")).await;
    let lines = server.requests().into_iter().map(|request| request.line.trim_end().to_owned());
    (reach, lines.collect())
}

#[tokio::test]
async fn each_status_says_what_it_says() {
    let (head, get) = ("HEAD /a?b=c HTTP/1.1".to_owned(), "GET /a?b=c HTTP/1.1".to_owned());
    for (status, reach, lines) in [
        ("200 OK", Reach::Answers, vec![head.clone()]),
        ("302 Found\r\nLocation: http://10.0.0.1/", Reach::Answers, vec![head.clone()]),
        ("404 Not Found", Reach::Gone(404), vec![head.clone(), get.clone()]),
        ("503 Busy", Reach::Gone(503), vec![head.clone(), get.clone()]),
        ("403 No", Reach::Unclear, vec![head.clone(), get.clone()]),
    ] {
        assert_eq!(asked(status).await, (reach, lines), "{status}");
    }
}

#[tokio::test]
async fn what_drops_the_connection_is_silent_and_what_is_inside_is_not_asked() {
    let server = HttpServer::start(Answer::Drop).await;
    assert_eq!(prober().reach(&server.url("/")).await, Reach::Silent);
    let strict = Prober::new(&Guard::strict()).unwrap();
    let before = server.requests().len();
    for address in [server.url("/"), "http://localhost/".to_owned(), "ftp://a.example/".to_owned()] {
        assert_eq!(strict.reach(&address).await, Reach::Inside, "{address}");
    }
    assert_eq!(server.requests().len(), before);
}
