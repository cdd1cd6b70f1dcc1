"""The OpenAPI document is what the server does: schemathesis derives thousands of requests from it, odd ones
above all, and no answer is a 5xx or other than described."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.server import program

ROOT = Path(__file__).resolve().parents[2]
CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance"
EXAMPLES = 8
SEED = 20_261_121
# By then it hangs; how long it takes depends on the machine and on who else uses it.
SECONDS = 600
# It answers without end; its own tests read it.
ENDLESS = "^/api/v1/live$"
# What takes a write key: the Segment HTTP API, and those of the other SDKs beside it.
TRACKING = "^/(v1/|batch$|i/v0/e/$|i/v1/analytics/events$|flags/$|track$|engage$|groups$|import$|2/httpapi$|sa$|debug$)"


def begin(hearth, key, directory, *options):
    """Starts schemathesis against all operations that the options choose."""
    command = [
        Path(sys.executable).with_name("st"), "--no-color", "run", f"{hearth.url}/api/openapi.json",
        "--header", f"Authorization: Bearer {key}",
        "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED,
        "--checks", CHECKS, "--continue-on-failure", "--warnings", "off", *options,
    ]
    directory.mkdir()
    return subprocess.Popen(
        list(map(str, command)), cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_no_operation_fails_or_answers_other_than_described(hearth, api, tracker, tmp_path):
    """The REST API with an API key and, beside it, the tracking API with a write key."""
    runs = [
        begin(hearth, api.key, tmp_path / "rest", "--exclude-path-regex", f"{TRACKING}|{ENDLESS}"),
        begin(hearth, tracker.key, tmp_path / "tracking", "--include-path-regex", TRACKING),
    ]
    try:
        reports = [run.communicate(timeout=SECONDS)[0] for run in runs]
    finally:
        for run in runs:
            run.kill()
    for run, report in zip(runs, reports, strict=True):
        assert run.returncode == 0 and "No issues found" in report, report
    assert hearth.is_running() and hearth.stranger().get("/readyz") == {"status": "ok"}
    # What was accepted goes through the pipeline as well.
    hearth.wait_until_idle()


@pytest.mark.sqlite_only
def test_served_printed_and_kept_documents_are_one(hearth):
    served = hearth.stranger().get("/api/openapi.json")
    printed = subprocess.run([program(), "openapi"], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == served
    kept = ROOT / "docs" / "openapi.json"
    assert kept.exists() and kept.read_text(encoding="utf-8") == printed, "run: make openapi"
    assert served["openapi"].startswith("3.1") and len(served["paths"]) > 50


@pytest.mark.sqlite_only
def test_no_request_takes_a_misspelt_field_for_none(hearth):
    document = hearth.stranger().get("/api/openapi.json")
    bodies = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            reference = content.get("schema", {}).get("$ref", "")
            if path.startswith("/api/v1/") and reference:
                schema = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
                bodies[f"{method} {path}"] = schema.get("additionalProperties")
    assert len(bodies) > 30
    # Events may say more than is known, as from SDKs.
    assert {name for name, more in bodies.items() if more is not False} == {"post /api/v1/events"}


@pytest.mark.sqlite_only
def test_the_api_browser_needs_nothing_from_outside(hearth):
    stranger = hearth.stranger()
    assert stranger.send("GET", "/api/docs").headers["location"] == "/api/docs/"
    page = stranger.send("GET", "/api/docs/")
    assert page.status_code == 200 and "swagger" in page.text.lower()
    assert "https://" not in page.text and "connect-src 'self'" in page.headers["content-security-policy"]
