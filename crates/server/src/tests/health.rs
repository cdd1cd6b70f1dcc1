//! Health as others see it.

use axum::http::Method;
use base::{Code, Problem};

use super::support::{call, on_every_database};

#[tokio::test]
async fn readiness_follows_what_the_program_says_and_life_does_not() {
    on_every_database(|house| async move {
        call(Method::GET, "/healthz").on(&house).await.is(200);
        call(Method::GET, "/readyz").on(&house).await.is(200);
        *house.probe.not_ready.lock().unwrap() = Some(Problem::with(Code::Internal, "the pipeline stands still"));
        let reply = call(Method::GET, "/readyz").on(&house).await;
        reply.is_problem(503, "unavailable");
        assert_eq!(reply.json()["detail"], "the pipeline stands still");
        *house.probe.not_ready.lock().unwrap() = Some(Problem::new(Code::DiskFull).retry_after(5));
        let reply = call(Method::GET, "/readyz").on(&house).await;
        reply.is_problem(503, "disk_full");
        assert_eq!(reply.header("retry-after"), "5");
        call(Method::GET, "/healthz").on(&house).await.is(200);
    })
    .await;
}
