//! What the timeline of a member tells of journeys.

use people::members::TimelinePart;

/// Each run, as it began and as it ended. A run is one row, so its beginning has the number below zero: a run may end at
/// the moment at which it began.
pub const TIMELINE: TimelinePart = TimelinePart {
    kind: "journey",
    sql: "SELECT -r.id AS id, 'journey' AS kind,
                 CASE WHEN r.state = 'held_out' THEN 'Journey Held Out' ELSE 'Journey Entered' END AS name,
                 r.entered_at AS happened_at, r.entered_at AS received_at, '' AS message_id, 'hearth' AS source,
                 j.name AS one, CAST(j.id AS TEXT) AS other, r.origin_member_id AS owner
          FROM journey_runs r JOIN journeys j ON j.id = r.journey_id WHERE r.member_id = $1
          UNION ALL
          SELECT r.id, 'journey',
                 CASE r.state WHEN 'completed' THEN 'Journey Completed' WHEN 'failed' THEN 'Journey Failed'
                   ELSE 'Journey Exited' END,
                 r.ended_at, r.ended_at, '', 'hearth', j.name, CAST(j.id AS TEXT), r.origin_member_id
          FROM journey_runs r JOIN journeys j ON j.id = r.journey_id
          WHERE r.member_id = $1 AND r.ended_at IS NOT NULL AND r.state <> 'held_out'",
};
