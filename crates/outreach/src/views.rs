//! What queries see of this room.

use store::views::{
    View, ViewKey,
    ViewKind::{Id, Moment, Text, Whole},
    ViewPart,
};

/// The tables of this room, without those that queries have no use for, and without addresses and what was written.
pub const VIEWS: &[View] = &[
    View {
        name: "deliveries",
        about: (
            "Messages to members: where each stands, and when what became of it.",
            "发给成员的消息：每条的状态及各环节的时间。",
        ),
        columns: &[
            ("id", Id("dlv")),
            ("member_id", Id("mem")),
            ("channel_id", Id("chn")),
            ("channel", Text),
            ("template_id", Id("tpl")),
            ("journey_id", Id("jrn")),
            ("step", Text),
            ("topic", Text),
            ("state", Text),
            ("reason", Text),
            ("queued_at", Moment),
            ("accepted_at", Moment),
            ("delivered_at", Moment),
            ("opened_at", Moment),
            ("clicked_at", Moment),
        ],
        parts: &[ViewPart {
            select: &[
                "d.id",
                "d.member_id",
                "d.channel_id",
                "d.channel_kind",
                "d.template_id",
                "d.journey_id",
                "d.step",
                "d.topic",
                "d.state",
                "d.reason",
                "d.queued_at",
                "d.accepted_at",
                "d.delivered_at",
                "d.opened_at",
                "d.clicked_at",
            ],
            from: "FROM deliveries d WHERE d.workspace_id = $1",
            keys: &[ViewKey::Number("d.id")],
        }],
    },
    View {
        name: "journeys",
        about: ("Journeys.", "旅程。"),
        columns: &[("id", Id("jrn")), ("name", Text), ("state", Text), ("version", Whole), ("created_at", Moment)],
        parts: &[ViewPart {
            select: &["j.id", "j.name", "j.state", "j.published_version", "j.created_at"],
            from: "FROM journeys j WHERE j.workspace_id = $1 AND j.deleted_at IS NULL",
            keys: &[ViewKey::Number("j.id")],
        }],
    },
    View {
        name: "journey_runs",
        about: ("Members' ways through journeys.", "成员在旅程中的运行。"),
        columns: &[
            ("id", Id("run")),
            ("journey_id", Id("jrn")),
            ("version", Whole),
            ("member_id", Id("mem")),
            ("state", Text),
            ("step", Text),
            ("entered_at", Moment),
            ("ended_at", Moment),
            ("end_reason", Text),
            ("goal_at", Moment),
        ],
        parts: &[ViewPart {
            select: &[
                "r.id",
                "r.journey_id",
                "r.version",
                "r.member_id",
                "r.state",
                "r.step",
                "r.entered_at",
                "r.ended_at",
                "r.end_reason",
                "r.goal_at",
            ],
            from: "FROM journey_runs r WHERE r.workspace_id = $1",
            keys: &[ViewKey::Number("r.id")],
        }],
    },
];
