//! Real sockets.

use std::{net::SocketAddr, sync::Arc};

use api::Role;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
};

use super::support::{House, on_every_database};
use crate::{ServerConfig, serve};

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn served(house: &House, config: ServerConfig) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let (router, clock) = (house.router.clone(), house.clock.shared());
    let ended = tokio::spawn(async move {
        serve(listener, router, &config, clock, async {
            let _ = stopped.await;
        })
        .await
    });
    Served { address, stop, ended }
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

#[tokio::test]
async fn requests_in_progress_are_finished_before_the_server_ends() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Operator, &[]).await;
        let served = served(&house, ServerConfig::default()).await;
        let request = format!(
            "POST /api/v1/wait HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let address = served.address;
        let waiting = tokio::spawn(async move { exchange(address, &request).await });
        house.probe.started.notified().await;
        served.stop.send(()).unwrap();
        // The door closes at once: no new connection is taken.
        while TcpStream::connect(served.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        assert!(!served.ended.is_finished());
        house.probe.go_on.notify_one();
        assert!(waiting.await.unwrap().starts_with("HTTP/1.1 200 OK"));
        served.ended.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_client_who_dawdles_with_his_header_is_cut_off() {
    on_every_database(|house| async move {
        let config = ServerConfig { header_seconds: 1, ..Default::default() };
        let served = served(&house, config).await;
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: ").await.unwrap();
        let mut reply = Vec::new();
        // Ends with an error reply or with nothing, but it ends.
        let _ = stream.read_to_end(&mut reply).await;
        assert!(!reply.starts_with(b"HTTP/1.1 200"));
        let healthy = exchange(served.address, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        assert!(healthy.starts_with("HTTP/1.1 200 OK") && healthy.ends_with(r#"{"status":"ok"}"#), "{healthy}");
    })
    .await;
}

#[tokio::test]
async fn a_header_without_end_is_refused() {
    on_every_database(|house| async move {
        let served = served(&house, ServerConfig::default()).await;
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nX-Long: ").await;
        for _ in 0..64 {
            if stream.write_all(&[b'x'; 4_096]).await.is_err() {
                break;
            }
        }
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        assert!(reply.is_empty() || reply.starts_with(b"HTTP/1.1 431"), "{reply:?}");
    })
    .await;
}

#[tokio::test]
async fn housekeeping_notes_the_last_uses_when_it_is_asked_to_stop() {
    on_every_database(|house| async move {
        let key = house.api_key(Role::Viewer, &[]).await;
        assert!(house.keys.api_key(&key).await.unwrap().is_some());
        let stop = Arc::new(Notify::new());
        stop.notify_one();
        let shutdown = {
            let stop = stop.clone();
            async move { stop.notified().await }
        };
        let clock = base::Clock::now(&house.clock);
        crate::housekeeping(house.db.clone(), house.clock.shared(), house.keys.clone(), shutdown).await;
        assert_eq!(house.count("SELECT last_used_at FROM api_keys").await, clock.millis());
    })
    .await;
}
