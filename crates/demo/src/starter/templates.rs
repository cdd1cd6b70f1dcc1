//! The e-mail templates of the shop. Their texts stand in files beside this one.
//!
//! Variables: `member.traits`, `event` (the properties of the event that let the member in),
//! `unsubscribe_url`, `channel.physical_address`.

use super::StarterTemplate;

/// All templates.
pub(super) fn templates() -> Vec<StarterTemplate> {
    vec![
        StarterTemplate {
            key: "welcome",
            name: "欢迎信",
            channel_kind: "email",
            subject: "{{ member.traits.name|default('朋友') }}，灯已点上，酒已醒好",
            text: include_str!("templates/welcome.txt"),
            html: include_str!("templates/welcome.html"),
        },
        StarterTemplate {
            key: "welcome-english",
            name: "Welcome letter",
            channel_kind: "email",
            subject: "Welcome to Lantern Wines, {{ member.traits.name|default('friend') }}",
            text: include_str!("templates/welcome-english.txt"),
            html: include_str!("templates/welcome-english.html"),
        },
        StarterTemplate {
            key: "come-back",
            name: "老友召回",
            channel_kind: "email",
            subject: "好久不见，给你留了一支{{ member.traits.preferred_grape|default('好酒') }}",
            text: include_str!("templates/come-back.txt"),
            html: include_str!("templates/come-back.html"),
        },
        StarterTemplate {
            key: "cart",
            name: "购物车提醒",
            channel_kind: "email",
            subject: "{{ event.name|default('你挑的酒') }}还在等你",
            text: include_str!("templates/cart.txt"),
            html: include_str!("templates/cart.html"),
        },
        StarterTemplate {
            key: "care",
            name: "购后关怀",
            channel_kind: "email",
            subject: "酒到了吗？喝之前，有两句话",
            text: include_str!("templates/care.txt"),
            html: include_str!("templates/care.html"),
        },
    ]
}
