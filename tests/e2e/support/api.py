"""The REST API and the tracking API, as an outside program calls them."""

import json
from datetime import datetime, timedelta, timezone

import requests

from .waiting import wait_until


class UnexpectedAnswer(AssertionError):
    """The server answered with another status than the test counts on."""


class Client:
    """HTTP requests to one server, with or without credentials."""

    def __init__(self, url, headers=None):
        self.url = url
        self.session = requests.Session()
        # Whatever proxy the machine has, these requests stay on it.
        self.session.trust_env = False
        self.session.headers.update(headers or {})

    def send(self, method, path, **options):
        """One request, without a look at the answer."""
        options.setdefault("timeout", 60)
        options.setdefault("allow_redirects", False)
        return self.session.request(method, self.url + path, **options)

    def call(self, method, path, expect=None, **options):
        """One request whose status must be 2xx (or `expect`); returns the JSON of the answer."""
        answer = self.send(method, path, **options)
        is_expected = answer.status_code == expect if expect else answer.ok
        if not is_expected:
            raise UnexpectedAnswer(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json() if answer.content else None

    def get(self, path, expect=None, **parameters):
        return self.call("GET", path, expect, params=parameters)

    def post(self, path, body=None, expect=None, **options):
        return self.call("POST", path, expect, json={} if body is None else body, **options)

    def patch(self, path, body, expect=None):
        return self.call("PATCH", path, expect, json=body)

    def put(self, path, body, expect=None):
        return self.call("PUT", path, expect, json=body)

    def delete(self, path, expect=None, **parameters):
        return self.call("DELETE", path, expect, params=parameters)

    def all(self, path, **parameters):
        """Every item of a list, page by page."""
        items, cursor = [], None
        while True:
            page = self.get(path, limit=500, **({"cursor": cursor} if cursor else {}), **parameters)
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items


class Api(Client):
    """The REST API with an API key."""

    def __init__(self, url, key):
        super().__init__(url, {"Authorization": f"Bearer {key}"})
        self.key = key

    # People ---------------------------------------------------------------------------------

    def member(self, kind, value):
        """The one member with this identity, or None."""
        found = [
            member
            for member in self.all("/api/v1/members", search=value)
            if any(identity["kind"] == kind and identity["value"] == value for identity in member["identities"])
        ]
        assert len(found) <= 1, f"{len(found)} members have the {kind} {value}"
        return found[0] if found else None

    def by_user(self):
        """All members by their user ids; one of several ids stands under each."""
        members = self.all("/api/v1/members")
        return {i["value"]: member for member in members for i in member["identities"] if i["kind"] == "user_id"}

    def users_in(self, path, **parameters):
        """The user ids of the members in a list."""
        members = self.all(path, **parameters)
        return {i["value"] for member in members for i in member["identities"] if i["kind"] == "user_id"}

    def timeline(self, member_id, **parameters):
        """Everything that concerns a member, latest first."""
        return self.all(f"/api/v1/members/{member_id}/timeline", **parameters)

    def events(self, member_id, **parameters):
        """Only the events in it."""
        return self.timeline(member_id, kind="event", **parameters)

    def segment(self, name, rule):
        """Makes a segment; returns its id."""
        return self.post("/api/v1/segments", {"name": name, "rule": rule}, expect=201)["id"]

    def is_live(self, segment_id):
        return self.get(f"/api/v1/segments/{segment_id}")["state"] == "live"

    def live_segment(self, name, rule):
        """Makes a segment and waits until it is live; returns its id."""
        segment = self.segment(name, rule)
        wait_until(lambda: self.is_live(segment), 20, f"the first evaluation of {name}")
        return segment

    def members_of(self, segment_id):
        """The ids of the members of a segment."""
        return {member["id"] for member in self.all(f"/api/v1/segments/{segment_id}/members")}

    def users_of(self, segment_id):
        """The user ids of the members of a segment."""
        return self.users_in(f"/api/v1/segments/{segment_id}/members")

    # Work in the background -----------------------------------------------------------------

    def ended_job(self, job_id, seconds=60):
        """Waits for the end of a job; returns it."""

        def ended():
            job = self.get(f"/api/v1/jobs/{job_id}")
            return job if job["state"] in ("done", "failed", "cancelled") else None

        return wait_until(ended, seconds, f"the end of the job {job_id}")

    # Outreach -------------------------------------------------------------------------------

    def email_channel(self, port, /, **config):
        """Makes an e-mail channel to an SMTP server on this machine; returns its id."""
        whole = {
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "per_second": 1000,
            "from": {"name": "围炉酒庄", "email": "hello@brand.example"},
            **config,
        }
        return self.post("/api/v1/channels", {"kind": "email", "name": "Post", "config": whole}, expect=201)["id"]

    def webhook_channel(self, url, secret, **config):
        """Makes a webhook channel; returns its id."""
        whole = {"url": url, "secret": secret, "per_second": 1000, **config}
        return self.post("/api/v1/channels", {"kind": "webhook", "name": "Hook", "config": whole}, expect=201)["id"]

    def template(self, name, subject, text="", html="", **more):
        """Makes an e-mail template; returns its id."""
        body = {"name": name, "channel_kind": "email", "subject": subject, "text": text, "html": html, **more}
        return self.post("/api/v1/templates", body, expect=201)["id"]

    def journey(self, name, document):
        """Makes and publishes a journey; returns its id."""
        made = self.post("/api/v1/journeys", {"name": name, "document": document}, expect=201)
        published = self.post(f"/api/v1/journeys/{made['id']}/publish")
        assert published["state"] == "live", published
        return made["id"]

    def runs(self, journey_id, **wanted):
        """The runs of a journey, each with its trace."""
        return self.all(f"/api/v1/journeys/{journey_id}/runs", **wanted)

    def deliveries(self, **wanted):
        return self.all("/api/v1/deliveries", **wanted)

    def delivery(self, delivery_id):
        """One delivery with its history."""
        return self.get(f"/api/v1/deliveries/{delivery_id}")

    def explain(self, member_id, journey_id):
        """The decision trail of a member in a journey, in order."""
        return self.get("/api/v1/explain", member=member_id, journey=journey_id)["trail"]

    # Sending in -----------------------------------------------------------------------------

    def dead_letters(self, **wanted):
        return self.all("/api/v1/dead-letters", **wanted)


class Tracker(Client):
    """The tracking API with a write key."""

    def __init__(self, url, key):
        super().__init__(url)
        self.session.auth = (key, "")
        self.key = key

    def batch(self, items, expect=200):
        """Sends items to `/v1/batch`; returns the answer's JSON."""
        return self.call("POST", "/v1/batch", expect, json={"batch": items})

    def raw_batch(self, items, expect=None):
        """Sends items that are JSON texts already, so that a test may send what no library would write."""
        body = '{"batch":[' + ",".join(items) + "]}"
        answer = self.send("POST", "/v1/batch", data=body.encode(), headers={"Content-Type": "application/json"})
        if expect is not None and answer.status_code != expect:
            raise UnexpectedAnswer(f"POST /v1/batch: {answer.status_code} {answer.text[:2000]}")
        return answer

    def identify(self, user, **traits):
        return self.batch([{"type": "identify", "userId": user, "traits": traits}])

    def track(self, user, event, **properties):
        return self.batch([{"type": "track", "userId": user, "event": event, "properties": properties}])


def moment(**distance):
    """A moment at this distance from now, as Hearth writes it."""
    at = datetime.now(timezone.utc) + timedelta(**distance)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def check_cannot_be_published(api, name, document, code, path):
    """A draft may be unfinished: it is kept and told what is wrong with it, and not published."""
    draft = api.post("/api/v1/journeys", {"name": name, "document": document}, expect=201)
    told = [(problem["code"], problem["path"]) for problem in draft["problems"] if problem["level"] == "error"]
    assert (code, path) in told, f"{name}: {draft['problems']}"
    problem = check_problem(api.send("POST", f"/api/v1/journeys/{draft['id']}/publish", json={}), 422, code)
    assert problem["errors"][0]["path"] == path, f"{name}: {problem}"
    assert api.send("DELETE", f"/api/v1/journeys/{draft['id']}").status_code == 204


def check_problem(answer, status=None, code=None):
    """Fails unless an answer is an RFC 9457 problem with a stable code; returns its JSON."""
    shown = f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:1000]}"
    assert answer.headers.get("content-type", "").startswith("application/problem+json"), shown
    problem = json.loads(answer.content)
    for field in ("type", "title", "status", "code", "message", "help"):
        assert field in problem, f"no {field}: {shown}"
    assert problem["type"] == f"urn:hearth:problem:{problem['code']}", shown
    assert problem["status"] == answer.status_code, shown
    if status is not None:
        assert answer.status_code == status, shown
    if code is not None:
        assert problem["code"] == code, shown
    return problem
