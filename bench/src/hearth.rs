//! The real binary, seen from outside.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, ensure};
use base::Clock;
use bytes::Bytes;
use reqwest::{Client, Method, header};
use serde_json::Value;
use tokio::process::{Child, Command};

/// Longest wait for anything of which nobody measures how long it takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// A data directory, with a server on it.
pub struct Hearth {
    data: PathBuf,
    database_url: Option<String>,
    server: Option<Child>,
    url: String,
    client: Client,
    api_key: String,
    write_key: String,
}

fn pieces_of(file: tokio::fs::File) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    use tokio::io::AsyncReadExt;
    futures::stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; 256 * 1024];
        let length = file.read(&mut piece).await?;
        piece.truncate(length);
        Ok((length > 0).then(|| (Bytes::from(piece), file)))
    })
}

/// Sends batches; cheap to clone.
#[derive(Clone)]
pub struct Sender {
    client: Client,
    url: String,
    write_key: String,
}

impl Hearth {
    /// An empty house in `data`, with its keys; no server yet.
    pub async fn found(data: &Path, database_url: Option<String>) -> anyhow::Result<Hearth> {
        let mut hearth = Hearth::at(data, database_url)?;
        hearth.api_key = hearth.run(&["key", "create", "--kind", "api"]).await?.trim().to_owned();
        hearth.write_key = hearth.run(&["key", "create", "--kind", "write"]).await?.trim().to_owned();
        Ok(hearth)
    }

    /// A data directory of which nothing exists yet.
    pub fn at(data: &Path, database_url: Option<String>) -> anyhow::Result<Hearth> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Hearth {
            data: data.to_owned(),
            database_url,
            server: None,
            url: format!("http://127.0.0.1:{port}"),
            client: client()?,
            api_key: String::new(),
            write_key: String::new(),
        })
    }

    /// Runs a command on this house to its end; gives what it printed.
    pub async fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let done = self.command(arguments)?.stderr(Stdio::inherit()).output().await?;
        ensure!(done.status.success(), "hearth {} failed", arguments.join(" "));
        Ok(String::from_utf8(done.stdout)?)
    }

    /// Starts the server and returns as soon as it is ready.
    pub async fn start(&mut self, clock: &dyn Clock) -> anyhow::Result<()> {
        let listen = self.url.trim_start_matches("http://").to_owned();
        let mut command = self.command(&["serve", "--listen", &listen, "--outbound-allow", "127.0.0.1/32"])?;
        self.server = Some(command.env("HEARTH_LOG", "warn").stdout(Stdio::null()).spawn()?);
        let url = format!("{}/readyz", self.url);
        let began = clock.monotonic();
        loop {
            if let Ok(answer) = self.client.get(&url).send().await
                && answer.status().is_success()
            {
                return Ok(());
            }
            let ended = self.server.as_mut().and_then(|server| server.try_wait().ok().flatten());
            ensure!(ended.is_none(), "the server has ended");
            ensure!(clock.monotonic() - began < PATIENCE, "the server is not ready");
            clock.sleep(Duration::from_millis(2)).await;
        }
    }

    /// Stops the server.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(mut server) = self.server.take() {
            let pid = server.id().context("the server has ended")?.to_string();
            Command::new("kill").arg(pid).status().await?;
            server.wait().await?;
        }
        Ok(())
    }

    /// Resident memory of the server in bytes (`VmRSS`), mapped files included.
    pub fn memory(&self) -> anyhow::Result<u64> {
        self.status("VmRSS:")
    }

    /// The most that it was so far (`VmHWM`), or since [`Hearth::forget_most_memory`].
    pub fn most_memory(&self) -> anyhow::Result<u64> {
        self.status("VmHWM:")
    }

    /// Lets the most memory begin anew with what is resident now.
    pub fn forget_most_memory(&self) -> anyhow::Result<()> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.process()?), "5")?)
    }

    fn status(&self, field: &str) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let line = line.with_context(|| format!("no {field}"))?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1_024)
    }

    fn process(&self) -> anyhow::Result<u32> {
        self.server.as_ref().and_then(Child::id).context("no server runs")
    }

    /// What a metric without labels shows; `None` when there is none of that name yet.
    pub async fn metric(&self, name: &str) -> anyhow::Result<Option<f64>> {
        let text = self.metrics().await?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(line.and_then(|line| line.trim().parse().ok()))
    }

    /// The sum of a metric over all its labels, this one among them.
    pub async fn sum_of(&self, name: &str, label: &str) -> anyhow::Result<f64> {
        let text = self.metrics().await?;
        let lines = text.lines().filter(|line| line.starts_with(&format!("{name}{{")) && line.contains(label));
        Ok(lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    async fn metrics(&self) -> anyhow::Result<String> {
        let url = format!("{}/metrics", self.url);
        Ok(self.client.get(url).bearer_auth(&self.api_key).send().await?.text().await?)
    }

    /// Calls the REST API.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.url)).bearer_auth(&self.api_key);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{method} {path}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Sends a file, piece by piece.
    pub async fn upload(&self, path: &str, file: &Path) -> anyhow::Result<Value> {
        let body = tokio::fs::File::open(file).await?;
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.api_key);
        let answer = request.body(reqwest::Body::wrap_stream(pieces_of(body))).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// Makes something and returns its id.
    pub async fn create(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        let made = self.call(Method::POST, path, Some(body)).await?;
        Ok(made["id"].as_str().context("no id in the answer")?.to_owned())
    }

    /// Waits until `events` and all facts that followed from them have taken effect.
    pub async fn wait_for_pipeline(&self, events: usize, clock: &dyn Clock) -> anyhow::Result<()> {
        let began = clock.monotonic();
        loop {
            let text = self.metrics().await?;
            let number = |name: &str| -> Option<f64> {
                let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
                line.trim().parse().ok()
            };
            let done = number("hearth_pipeline_events_total").unwrap_or(0.0);
            if done >= events as f64 && number("hearth_pipeline_waiting_records") == Some(0.0) {
                return Ok(());
            }
            ensure!(clock.monotonic() - began < PATIENCE, "the pipeline does not come to an end");
            clock.sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends batches with the write key.
    pub fn sender(&self) -> Sender {
        Sender { client: self.client.clone(), url: format!("{}/v1/batch", self.url), write_key: self.write_key.clone() }
    }

    fn command(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let program = std::env::var("HEARTH_BIN").context("HEARTH_BIN must name the program; run `make bench`")?;
        let mut command = Command::new(program);
        command.args(arguments).arg("--data").arg(&self.data).kill_on_drop(true).stdin(Stdio::null());
        if let Some(url) = &self.database_url {
            command.args(["--database-url", url]);
        }
        Ok(command)
    }
}

impl Sender {
    /// Sends one body; it is durable when this returns.
    pub async fn send(&self, body: Bytes) -> anyhow::Result<()> {
        let request = self.client.post(&self.url).basic_auth(&self.write_key, Some(""));
        let answer = request.header(header::CONTENT_TYPE, "application/json").body(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{status} {text}");
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "talks to the program under measurement, on this machine")]
fn client() -> anyhow::Result<Client> {
    Ok(Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?)
}
