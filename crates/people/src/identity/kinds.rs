//! The kinds of identities: the one list of what may name a member, and how far each is to be believed.

use std::borrow::Cow;

/// What an identity of a kind says about who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One person, wherever he is met: two members with one such identity are one person if it is true.
    Person,
    /// One person within one channel: an official account, a workspace of a chat platform. It is no proof elsewhere.
    Channel,
    /// A device, which may have several users. It proves nothing.
    Device,
}

/// A kind of identity.
#[derive(Debug)]
pub struct Kind {
    /// The word in the database, in the API and in mappings.
    pub name: &'static str,
    /// By the identity of the highest one a member is shown.
    pub priority: u8,
    /// Whom it names.
    pub reach: Reach,
    /// Whether somebody who is trusted can vouch for it.
    pub can_be_verified: bool,
    /// Other words by which SDKs call it.
    aliases: &'static [&'static str],
}

const fn kind(
    name: &'static str,
    priority: u8,
    reach: Reach,
    can_be_verified: bool,
    aliases: &'static [&'static str],
) -> Kind {
    Kind { name, priority, reach, can_be_verified, aliases }
}

/// All kinds that Hearth knows, the strongest first. Whatever else is sent is `external:<type>` ([`OTHER`]).
pub static KINDS: [Kind; 19] = [
    kind("user_id", 100, Reach::Person, false, &[]),
    kind("email", 80, Reach::Person, true, &[]),
    kind("phone", 70, Reach::Person, true, &["mobile"]),
    // WeChat: one person over all accounts and mini programs that a brand has bound to one open platform account.
    kind("unionid", 66, Reach::Person, true, &["wechat_unionid", "wechat.unionid"]),
    // WeCom: one customer of one company.
    kind("external_userid", 64, Reach::Person, true, &["wecom_external_userid", "wecom.external_userid"]),
    kind("telegram", 58, Reach::Person, true, &["telegram_id", "telegram.id"]),
    kind("qq", 58, Reach::Person, true, &["onebot", "qq_id"]),
    kind("discord", 58, Reach::Person, true, &["discord_id", "discord.id"]),
    kind("matrix", 58, Reach::Person, true, &["matrix_id", "matrix.id"]),
    kind("weibo", 58, Reach::Person, true, &["weibo_uid", "weibo_id"]),
    kind("feishu", 58, Reach::Person, true, &["feishu_union_id", "lark"]),
    kind("dingtalk", 58, Reach::Person, true, &["dingtalk_unionid"]),
    // WeChat: one follower of one account or mini program.
    kind("openid", 46, Reach::Channel, true, &["wechat_openid", "wechat.openid"]),
    // Ids of Slack are those of one workspace of Slack.
    kind("slack", 44, Reach::Channel, true, &["slack_id", "slack.id"]),
    kind("push_token", 14, Reach::Device, false, &["ios.push_token", "android.push_token"]),
    kind("device_id", 12, Reach::Device, false, &["ios.id", "android.id"]),
    kind("advertising_id", 10, Reach::Device, false, &["ios.idfa", "android.idfa"]),
    kind("ga_client_id", 8, Reach::Device, false, &[]),
    kind("anonymous_id", 0, Reach::Device, false, &[]),
];

/// What is held of kinds that are not in the list: they may be anything, so as little as of an account in one channel.
static OTHER: Kind = kind("external", 40, Reach::Channel, true, &[]);
/// How the names of kinds begin that are not in the list.
const OTHER_PREFIX: &str = "external:";
const MAX_TYPE_BYTES: usize = 40;

impl Kind {
    /// The kind of this name.
    pub fn named(name: &str) -> &'static Kind {
        KINDS.iter().find(|kind| kind.name == name).unwrap_or(&OTHER)
    }

    /// Whether an identity of it proves a person once it is verified.
    pub fn is_proof(&self) -> bool {
        self.reach == Reach::Person && self.can_be_verified
    }

    /// Whether it is an account of one person on a platform.
    pub fn is_platform(&self) -> bool {
        self.reach == Reach::Person && self.is_external()
    }

    /// Whether it is an account or a device, rather than what identify calls and the ids of events say.
    pub fn is_external(&self) -> bool {
        !matches!(self.name, "user_id" | "email" | "phone" | "anonymous_id")
    }
}

/// The name of the kind that a sender calls `word`; `None` when that cannot be the name of one.
pub fn kind_name(word: &str) -> Option<Cow<'static, str>> {
    let word = word.trim().to_ascii_lowercase();
    let known = KINDS.iter().find(|kind| kind.name == word || kind.aliases.contains(&word.as_str()));
    if let Some(known) = known {
        return Some(Cow::Borrowed(known.name));
    }
    let plain = word.strip_prefix(OTHER_PREFIX).unwrap_or(&word);
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    let is_plain = !plain.is_empty() && plain.len() <= MAX_TYPE_BYTES && plain.chars().all(is_name);
    is_plain.then(|| Cow::Owned(format!("{OTHER_PREFIX}{plain}")))
}

/// SQL for the priority of the kind in `column`.
pub(crate) fn priority_sql(column: &str) -> String {
    let known: Vec<String> = KINDS.iter().map(|kind| format!("WHEN '{}' THEN {}", kind.name, kind.priority)).collect();
    format!("CASE {column} {} ELSE {} END", known.join(" "), OTHER.priority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_whatever_an_sdk_calls_it() {
        for (word, name) in [
            ("unionid", "unionid"),
            (" WeChat_UnionID ", "unionid"),
            ("onebot", "qq"),
            ("android.idfa", "advertising_id"),
            ("loyalty-card", "external:loyalty-card"),
            ("external:loyalty-card", "external:loyalty-card"),
        ] {
            assert_eq!(kind_name(word).as_deref(), Some(name), "{word}");
        }
        for wrong in ["", "a b", "external:", "会员", "x'y", "x".repeat(41).as_str()] {
            assert_eq!(kind_name(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_and_aliases_mean_one_kind_each() {
        let words_of = |kind: &'static Kind| kind.aliases.iter().copied().chain([kind.name]);
        let mut words: Vec<&str> = KINDS.iter().flat_map(words_of).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(KINDS.is_sorted_by_key(|kind| std::cmp::Reverse(kind.priority)), "the strongest first");
    }
}
