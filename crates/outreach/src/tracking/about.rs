//! Of whom and of what a short page speaks.

use base::Language;
use people::consent::{ALL_TOPICS, TRANSACTIONAL, topics};
use store::{DbErr, Sql};

use crate::{Outreach, outbox::facts::Subject};

/// Of whom and of what a short page speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct About {
    /// The brand's name; may be empty.
    pub brand: String,
    /// The topic as members know it, if it has been described to them.
    pub topic: Option<String>,
}

/// Whether a topic is one that can be left by itself.
pub(super) fn can_be_left(topic: &str) -> bool {
    ![TRANSACTIONAL, ALL_TOPICS, ""].contains(&topic)
}

/// What is said about a message's sender and a topic.
pub(super) async fn about(
    outreach: &Outreach,
    subject: &Subject,
    topic: &str,
    language: Language,
) -> Result<About, DbErr> {
    let (db, workspace) = (outreach.db.read(), subject.workspace());
    let brand: Option<String> =
        db.scalar("SELECT name FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    let described = topics::topics(db, workspace).await?;
    let topic = described.into_iter().find(|known| known.topic == topic && can_be_left(topic));
    Ok(About { brand: brand.unwrap_or_default(), topic: topic.map(|topic| topic.name_in(language).to_owned()) })
}
