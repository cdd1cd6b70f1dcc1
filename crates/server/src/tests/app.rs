//! The admin app, and the numbers of a workspace.

use api::Role;
use axum::http::Method;

use super::support::{call, on_every_database};

#[tokio::test]
async fn every_page_of_the_app_is_its_index() {
    on_every_database(|house| async move {
        for path in ["/app/", "/app/login", "/app/members/mem_0000000000001", "/app/journeys?state=live"] {
            let reply = call(Method::GET, path).on(&house).await;
            reply.is(200);
            assert_eq!(reply.header("content-type"), "text/html; charset=utf-8", "{path}");
            assert_eq!(reply.text(), "<!doctype html><title>Hearth</title>\n", "unpacked for whoever asks for nothing");
            assert_eq!((reply.header("cache-control"), reply.header("x-frame-options")), ("no-cache", "DENY"));
            let policy = reply.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
            assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        }
        for (path, place) in
            [("/", "/app/"), ("/app", "/app/"), ("/login", "/app/login"), ("/setup?token=a-b", "/app/setup?token=a-b")]
        {
            let reply = call(Method::GET, path).on(&house).await;
            assert_eq!((reply.status.as_u16(), reply.header("location")), (303, place));
        }
    })
    .await;
}

#[tokio::test]
async fn files_come_compressed_as_the_browser_takes_them_and_are_kept_for_ever() {
    on_every_database(|house| async move {
        let script = call(Method::GET, "/app/assets/index-1a2b.js").on(&house).await;
        assert_eq!(
            (script.text(), script.header("content-type")),
            ("console.log(1)", "text/javascript; charset=utf-8")
        );
        assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(script.header("content-encoding"), "", "it is not worth the while");
        let index = call(Method::GET, "/app/").header("accept-encoding", "gzip, br").on(&house).await;
        assert_eq!((index.text(), index.header("content-encoding")), ("squeezed", "br"));
        assert_eq!(index.header("vary"), "accept-encoding");
        let index = call(Method::GET, "/app/").header("accept-encoding", "gzip, br;q=0").on(&house).await;
        assert_eq!(index.header("content-encoding"), "gzip");
        let again = call(Method::GET, "/app/").header("if-none-match", index.header("etag")).on(&house).await;
        assert_eq!((again.status.as_u16(), again.text()), (304, ""));
        let other = call(Method::GET, "/app/").header("if-none-match", "\"1\"").on(&house).await;
        other.is(200);
        call(Method::GET, "/app/assets/index-0000.js").on(&house).await.is_problem(404, "not_found");
        call(Method::POST, "/app/").on(&house).await.is_problem(405, "method_not_allowed");
    })
    .await;
}

#[tokio::test]
async fn mail_is_shown_where_it_can_reach_nothing() {
    on_every_database(|house| async move {
        let frame = call(Method::GET, "/app/mail-frame.html").on(&house).await;
        frame.is(200);
        assert_eq!(frame.header("x-frame-options"), "SAMEORIGIN");
        let policy = frame.header("content-security-policy");
        assert!(policy.starts_with("sandbox allow-scripts; default-src 'none'; script-src 'self'; "), "{policy}");
        assert!(!policy.contains("allow-same-origin") && policy.ends_with("frame-ancestors 'self'"), "{policy}");
    })
    .await;
}

#[tokio::test]
async fn a_program_without_the_app_says_so() {
    on_every_database(|house| async move {
        let house = house.without_app();
        for path in ["/app/", "/app/setup?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"] {
            let reply = call(Method::GET, path).on(&house).await;
            reply.is(200);
            assert!(reply.text().contains("make run") && reply.text().contains("管理后台"));
            assert!(!reply.text().contains("<script") && !reply.text().contains("alert(1)"));
            assert!(!reply.header("content-security-policy").contains("script-src"));
        }
    })
    .await;
}

#[tokio::test]
async fn numbers_are_for_those_who_signed_in() {
    on_every_database(|house| async move {
        call(Method::GET, "/live").on(&house).await.is_problem(401, "unauthenticated");
        let key = house.api_key(Role::Owner, &[]).await;
        call(Method::GET, "/live").bearer(&key).on(&house).await.is_problem(401, "unauthenticated");
        let cookie = house.signed_in("lin@example.com", Role::Viewer).await;
        assert_eq!(call(Method::GET, "/live").session(&cookie).on(&house).await.json()["members"], 5000);
    })
    .await;
}
