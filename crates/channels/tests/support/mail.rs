//! An e-mail channel towards a scripted server, and a message for it.

use std::sync::Arc;

use base::ids::DeliveryId;
use hearth_channels::{Channel, ChannelKind, Content, Message, email::EmailKind};
use serde_json::{Value as Json, json};

use super::{StillClock, local_guard, smtp::SmtpServer};

/// A configuration that is good for `server`.
pub fn config(server: &SmtpServer) -> Json {
    json!({
        "host": "127.0.0.1", "port": server.address.port(), "security": "none", "timeout_seconds": 5,
        "from": {"name": "围炉酒庄", "email": "wine@example.com"},
    })
}

/// A channel with more configuration.
pub fn with(server: &SmtpServer, more: Json) -> Arc<dyn Channel> {
    let mut config = config(server);
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    EmailKind::new(StillClock::new().shared(), local_guard()).connect(&config).unwrap()
}

/// A channel with the plainest configuration.
pub fn channel(server: &SmtpServer) -> Arc<dyn Channel> {
    with(server, json!({}))
}

/// A message with Chinese in every part, and dots where they hurt.
pub fn message_to(address: &str) -> Message {
    Message {
        delivery: DeliveryId(42),
        seal: "0123456789abcdef".to_owned(),
        address: address.to_owned(),
        content: Content::Email {
            subject: "中秋节快乐：您的专属葡萄酒礼盒已经准备好了".into(),
            text: "您好，李雷！\n.\n..两个点\nfin".into(),
            html: "<p>您好，<b>李雷</b>！</p>".into(),
            unsubscribe_url: Some("https://hearth.example/u/3f8Zk".into()),
        },
    }
}

/// The same to some ordinary address.
pub fn message() -> Message {
    message_to("lilei@example.org")
}

/// The first words of commands.
pub fn verbs(commands: &[String]) -> Vec<&str> {
    commands.iter().map(|command| command.split([' ', ':']).next().unwrap()).collect()
}
