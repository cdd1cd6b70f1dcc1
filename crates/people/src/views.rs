//! What queries see of this room.

use store::views::{
    View, ViewKey,
    ViewKind::{Flag, Id, Moment, Text, Whole},
    ViewPart,
};

/// The tables of this room, without those that queries have no use for.
pub const VIEWS: &[View] = &[
    View {
        name: "members",
        about: ("Members, each once however many identities he has.", "成员；无论有多少身份，每位成员一行。"),
        columns: &[("id", Id("mem")), ("stage", Text), ("created_at", Moment), ("last_seen_at", Moment)],
        parts: &[ViewPart {
            select: &[
                "m.id",
                "COALESCE((SELECT s.item_key FROM segment_members x JOIN segments s ON s.id = x.segment_id AND s.kind = 'stage'
                    AND s.position IS NOT NULL AND s.deleted_at IS NULL
                  WHERE x.member_id = m.id ORDER BY s.position DESC LIMIT 1), 'stranger')",
                "m.created_at",
                "m.last_seen_at",
            ],
            from: "FROM members m WHERE m.workspace_id = $1 AND m.merged_into IS NULL",
            keys: &[ViewKey::Number("m.id")],
        }],
    },
    View {
        name: "identities",
        about: ("By what members are known: addresses, numbers, ids.", "识别成员的依据：邮箱、手机号、外部 ID 等。"),
        columns: &[
            ("id", Id("idn")),
            ("member_id", Id("mem")),
            ("kind", Text),
            ("value", Text),
            ("verified", Flag),
            ("created_at", Moment),
        ],
        parts: &[ViewPart {
            select: &["i.id", "i.member_id", "i.kind", "i.value", "i.verified", "i.created_at"],
            from: "FROM identities i WHERE i.workspace_id = $1",
            keys: &[ViewKey::Number("i.id")],
        }],
    },
    View {
        name: "tags",
        about: (
            "Tags of members: those that were put on, and those that rules give (source “rule”).",
            "成员的标签：手动或由旅程打上的，以及按规则得到的（来源为 rule）。",
        ),
        columns: &[
            ("member_id", Id("mem")),
            ("tag", Text),
            ("added_at", Moment),
            ("expires_at", Moment),
            ("source", Text),
        ],
        parts: &[
            ViewPart {
                select: &["i.member_id", "t.tag", "t.added_at", "t.expires_at", "t.source"],
                from: "FROM member_tags t CROSS JOIN identities i
                       WHERE i.id = t.identity_id AND t.workspace_id = $1 AND t.source <> 'snapshot'",
                keys: &[ViewKey::Number("t.identity_id"), ViewKey::Text("t.tag")],
            },
            ViewPart {
                select: &["m.member_id", "s.item_key", "m.entered_at", "CAST(NULL AS BIGINT)", "'rule'"],
                from: "FROM segment_members m CROSS JOIN segments s
                       WHERE s.id = m.segment_id AND s.workspace_id = $1 AND s.kind = 'tag' AND s.deleted_at IS NULL",
                keys: &[ViewKey::Number("m.segment_id"), ViewKey::Number("m.member_id")],
            },
        ],
    },
    View {
        name: "memberships",
        about: ("Who is in which group now.", "哪些成员目前在哪个群组。"),
        columns: &[("member_id", Id("mem")), ("group_id", Id("grp")), ("group_key", Text), ("since", Moment)],
        parts: &[ViewPart {
            select: &["i.member_id", "x.group_id", "g.group_key", "x.changed_at"],
            from: "FROM group_members x CROSS JOIN identities i CROSS JOIN groups g
                   WHERE i.id = x.identity_id AND g.id = x.group_id AND x.workspace_id = $1 AND x.joined = 1",
            keys: &[ViewKey::Number("x.identity_id"), ViewKey::Number("x.group_id")],
        }],
    },
    View {
        name: "segments",
        about: ("Segments, with how many members are in each now.", "分群及其当前成员数。"),
        columns: &[("id", Id("seg")), ("name", Text), ("state", Text), ("size", Whole), ("created_at", Moment)],
        parts: &[ViewPart {
            select: &["s.id", "s.name", "s.state", "s.size", "s.created_at"],
            from: "FROM segments s WHERE s.workspace_id = $1 AND s.kind = 'segment' AND s.deleted_at IS NULL",
            keys: &[ViewKey::Number("s.id")],
        }],
    },
    View {
        name: "segment_members",
        about: ("Who is in which segment now.", "哪些成员目前在哪个分群。"),
        columns: &[("segment_id", Id("seg")), ("member_id", Id("mem")), ("entered_at", Moment)],
        parts: &[ViewPart {
            select: &["m.segment_id", "m.member_id", "m.entered_at"],
            from: "FROM segment_members m CROSS JOIN segments s
                   WHERE s.id = m.segment_id AND s.workspace_id = $1 AND s.kind = 'segment' AND s.deleted_at IS NULL",
            keys: &[ViewKey::Number("m.segment_id"), ViewKey::Number("m.member_id")],
        }],
    },
    View {
        name: "consents",
        about: ("What members agreed to, by channel and topic.", "成员按渠道与主题的订阅同意。"),
        columns: &[
            ("member_id", Id("mem")),
            ("channel", Text),
            ("topic", Text),
            ("granted", Flag),
            ("decided_at", Moment),
            ("source", Text),
        ],
        parts: &[ViewPart {
            select: &["i.member_id", "c.channel_kind", "c.topic", "c.granted", "c.decided_at", "c.source"],
            from: "FROM consents c CROSS JOIN identities i WHERE i.id = c.identity_id AND c.workspace_id = $1",
            keys: &[ViewKey::Number("c.identity_id"), ViewKey::Text("c.channel_kind"), ViewKey::Text("c.topic")],
        }],
    },
];
