//! An HTTP server that answers as told and writes down what it was asked.

use std::{collections::HashMap, io, net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Such as `POST /hook HTTP/1.1`.
    pub line: String,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

/// How to answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// These bytes, then the connection is closed.
    Say(String),
    /// A head, and then a body without end.
    Flood,
    /// Nothing, ever.
    Hang,
    /// Nothing, and the connection is closed.
    Drop,
}

impl Answer {
    pub fn status(status: u16, headers: &str, body: &str) -> Answer {
        Answer::Say(format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}Connection: close\r\n\r\n{body}",
            body.len()
        ))
    }
}

pub struct HttpServer {
    pub address: SocketAddr,
    requests: Arc<watch::Sender<Vec<Request>>>,
}

impl HttpServer {
    /// Every request gets the same answer.
    pub async fn start(answer: Answer) -> HttpServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(watch::Sender::new(Vec::new()));
        let writer = requests.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(serve(tcp, answer.clone(), writer.clone()));
            }
        });
        HttpServer { address, requests }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }
}

async fn serve(tcp: TcpStream, answer: Answer, requests: Arc<watch::Sender<Vec<Request>>>) -> io::Result<()> {
    let mut stream = BufReader::new(tcp);
    let mut request = Request::default();
    stream.read_line(&mut request.line).await?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length: usize = request.headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    stream.read_exact(&mut request.body).await?;
    requests.send_modify(|all| all.push(request));
    match answer {
        Answer::Say(text) => stream.write_all(text.as_bytes()).await?,
        Answer::Flood => {
            stream.write_all(b"HTTP/1.1 500 X\r\nConnection: close\r\n\r\n").await?;
            loop {
                stream.write_all(&[b'x'; 1024]).await?;
            }
        }
        Answer::Hang => std::future::pending().await,
        Answer::Drop => return Ok(()),
    }
    stream.shutdown().await
}
