"""Reading what `hearth backup` wrote: every table as JSON lines, from whichever database it came."""

import json
from collections import defaultdict
from pathlib import Path

# What operators configured. Everything else follows from the log.
CONFIGURED = {
    "workspaces", "users", "user_roles", "api_keys", "secrets", "segments", "channels", "templates", "journeys",
    "journey_versions", "import_mappings", "audit_log",
}
# Calls of the tracking API; the other kinds of events are Hearth's own.
SENT_KINDS = {"track", "identify", "page", "screen", "group", "alias"}


class Backup:
    """A directory that `hearth backup` wrote."""

    def __init__(self, directory):
        self.directory = Path(directory)

    def rows(self, table):
        """The rows of a table."""
        with open(self.directory / "tables" / f"{table}.jsonl", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def write(self, table, rows):
        """Puts other rows into a table."""
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (self.directory / "tables" / f"{table}.jsonl").write_text(text, encoding="utf-8")

    def sent_events(self):
        """Events that came from outside."""
        return [event for event in self.rows("events") if event["kind"] in SENT_KINDS]

    def forget_what_follows_from_the_log(self):
        """Leaves configuration and log, so that a pipeline begins anew; its channels send nothing."""
        for file in (self.directory / "tables").glob("*.jsonl"):
            if file.stem not in CONFIGURED:
                file.write_text("", encoding="utf-8")
        self.write("segments", [{**row, "size": 0} for row in self.rows("segments")])
        self.write("channels", [{**row, "state": "paused"} for row in self.rows("channels")])

    def segment_sizes(self):
        return {row["name"]: row["size"] for row in self.rows("segments")}

    def people(self):
        """What is known about each member, by his identities.

        Ids and the moments of Hearth's own decisions are left out: a replay chooses other ids, and a timer that
        fired while an event was on its way to the disk fires after it in a replay.
        """
        identities = defaultdict(list)
        for row in self.rows("identities"):
            identities[row["member_id"]].append(row)
        who = {
            member: tuple(sorted((row["kind"], row["value"]) for row in rows)) for member, rows in identities.items()
        }
        owner = {row["id"]: row["member_id"] for rows in identities.values() for row in rows}
        segment_names = {row["id"]: row["name"] for row in self.rows("segments")}
        names = {row["id"]: row["name"] for row in self.rows("event_names")}
        people = {
            who[row["id"]]: {
                "created_at": row["created_at"], "stage": row["stage"], "traits": {}, "tags": set(), "segments": set(),
                "events": set(), "runs": [], "messages": [],
            }
            for row in self.rows("members")
            if row["merged_into"] is None
        }

        def person(member):
            return people[who[member]]

        for member, rows in identities.items():
            for row in rows:
                key = f"{row['kind']}:{row['value']} verified={row['verified']}"
                person(member)["traits"][key] = json.loads(row["traits_json"])
        for row in self.rows("member_tags"):
            person(owner[row["identity_id"]])["tags"].add(row["tag"])
        for row in self.rows("segment_members"):
            person(row["member_id"])["segments"].add(segment_names[row["segment_id"]])
        for row in self.sent_events():
            fact = (row["message_id"], names[row["name_id"]], row["happened_at"], row["properties_json"])
            person(owner[row["identity_id"]])["events"].add(fact)
        for row in self.rows("journey_runs"):
            person(row["member_id"])["runs"].append((row["state"], row["end_reason"], row["trace_length"]))
        for row in self.rows("deliveries"):
            person(row["member_id"])["messages"].append(row["step"])
        for known in people.values():
            known["runs"].sort()
            known["messages"].sort()
        return people
