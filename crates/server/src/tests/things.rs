//! Things to find in a test: members, segments, journeys and the like, put into the tables as they would stand there.

use base::ids::{ChannelId, GroupId, JourneyId, MemberId, SegmentId, TemplateId, WorkspaceId, first_number_at};
use base::{Clock, Time};
use store::Sql;

use super::support::House;

/// The first workspace of a house.
pub async fn workspace_of(house: &House) -> WorkspaceId {
    WorkspaceId(house.count("SELECT id FROM workspaces ORDER BY id LIMIT 1").await)
}

/// Another workspace, without anybody who works in it.
pub async fn another_workspace(house: &House) -> WorkspaceId {
    let id = house.ids.next(WorkspaceId);
    let sql = format!("INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ({}, 'Other', 'UTC', 0)", id.0);
    run(house, &sql).await;
    id
}

pub async fn run(house: &House, sql: &str) {
    let tx = house.db.begin().await.unwrap();
    tx.run(sql, vec![]).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    tx.commit().await.unwrap();
}

/// A member with one identity, and what he says of himself as `{"name": [value, set_at, source]}`.
pub async fn member(house: &House, workspace: WorkspaceId, (kind, value): (&str, &str), traits: &str) -> MemberId {
    let (id, identity, now) = (house.ids.next(MemberId), house.ids.next_number(), house.clock.now().millis());
    let member = format!(
        "INSERT INTO members (id, workspace_id, created_at, last_seen_at) VALUES ({}, {}, {now}, {now})",
        id.0, workspace.0
    );
    run(house, &member).await;
    let said = format!("{value} {traits}").to_lowercase();
    let identity = format!(
        "INSERT INTO identities (id, workspace_id, kind, value, member_id, origin_member_id, verified, traits_json, created_at,
                                 search_text)
         VALUES ({identity}, {}, '{kind}', '{value}', {1}, {1}, 1, '{traits}', {now}, '{said}')",
        workspace.0, id.0
    );
    run(house, &identity).await;
    id
}

pub async fn segment(house: &House, workspace: WorkspaceId, name: &str) -> SegmentId {
    let id = house.ids.next(SegmentId);
    let sql = format!(
        "INSERT INTO segments (id, workspace_id, name, rule_json, state, size, created_by, created_at, updated_at)
         VALUES ({}, {}, '{name}', '{{}}', 'live', 7, 'cli', 0, 0)",
        id.0, workspace.0
    );
    run(house, &sql).await;
    id
}

pub async fn journey(house: &House, workspace: WorkspaceId, name: &str) -> JourneyId {
    let id = house.ids.next(JourneyId);
    let sql = format!(
        "INSERT INTO journeys (id, workspace_id, name, state, draft_json, created_by, created_at, updated_at)
         VALUES ({}, {}, '{name}', 'live', '{{}}', 'cli', 0, 0)",
        id.0, workspace.0
    );
    run(house, &sql).await;
    id
}

pub async fn template(house: &House, workspace: WorkspaceId, name: &str) -> TemplateId {
    let id = house.ids.next(TemplateId);
    let sql = format!(
        "INSERT INTO templates (id, workspace_id, name, channel_kind, subject, body_text, body_html, version, created_at,
                                updated_at)
         VALUES ({}, {}, '{name}', 'email', '', '', '', 1, 0, 0)",
        id.0, workspace.0
    );
    run(house, &sql).await;
    id
}

pub async fn channel(house: &House, workspace: WorkspaceId, name: &str) -> ChannelId {
    let id = house.ids.next(ChannelId);
    let sql = format!(
        "INSERT INTO channels (id, workspace_id, kind, name, config_json, state, created_at, updated_at)
         VALUES ({}, {}, 'email', '{name}', '{{\"password\": \"secret\"}}', 'active', 0, 0)",
        id.0, workspace.0
    );
    run(house, &sql).await;
    id
}

pub async fn group(house: &House, workspace: WorkspaceId, key: &str, name: &str) -> GroupId {
    let id = house.ids.next(GroupId);
    let sql = format!(
        "INSERT INTO groups (id, workspace_id, group_key, about_json, created_at)
         VALUES ({}, {}, '{key}', '{{\"name\": [\"{name}\", 1]}}', 0)",
        id.0, workspace.0
    );
    run(house, &sql).await;
    id
}

/// Puts a tag on a member.
pub async fn tag(house: &House, member: MemberId, tag: &str, source: &str) {
    let sql = format!(
        "INSERT INTO member_tags (identity_id, tag, workspace_id, added_at, source)
         SELECT id, '{tag}', workspace_id, 0, '{source}' FROM identities WHERE member_id = {}",
        member.0
    );
    run(house, &sql).await;
}

/// An event of a member that arrived at a moment, when it also happened.
pub async fn event(house: &House, member: MemberId, name: &str, at: Time, properties: &str) {
    let name_id = house.ids.next_number();
    let named = format!(
        "INSERT INTO event_names (id, workspace_id, name) SELECT {name_id}, workspace_id, '{name}' FROM members
         WHERE id = {} ON CONFLICT (workspace_id, name) DO NOTHING",
        member.0
    );
    run(house, &named).await;
    let id = first_number_at(at) + house.ids.next_number() % (1 << 20);
    let sql = format!(
        "INSERT INTO events (id, workspace_id, identity_id, name_id, kind, happened_at, received_at, message_id, source,
                             properties_json, context_json)
         SELECT {id}, i.workspace_id, i.id, n.id, 'track', {0}, {0}, 'm{id}', 'key_x', '{properties}', '{{}}'
         FROM identities i JOIN event_names n ON n.workspace_id = i.workspace_id AND n.name = '{name}'
         WHERE i.member_id = {1}",
        at.millis(),
        member.0
    );
    run(house, &sql).await;
}
