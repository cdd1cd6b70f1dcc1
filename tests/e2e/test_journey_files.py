"""Scenarios of a journey in a file, played by the program alone: no server, no data."""

import json
import subprocess
from pathlib import Path

from support.server import program

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "welcome.journey.yaml"

JOURNEY = {
    "entry": {"event": "Came"},
    "start": "hello",
    "steps": {
        "hello": {"type": "send", "channel": "email", "template": "hello", "next": "pause"},
        "pause": {"type": "wait", "for": "P2D", "next": None},
    },
}


def play(path, *options, cwd=None):
    command = [program(), "journey", "test", str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=cwd, check=False)


def write(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def scenario(**expect):
    return {
        "name": "a guest",
        "member": {"traits": {"email": "guest@example.com"}},
        "at": "2026-01-01T09:00:00Z",
        "events": [{"after": "PT5M", "event": "Came"}],
        "advance": "P3D",
        "expect": expect,
    }


def test_the_example_passes_and_leaves_nothing_behind(tmp_path):
    ended = play(EXAMPLE, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = ended.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines[:-2]), ended.stdout
    assert lines[-1].endswith("Failures: 0")
    assert list(tmp_path.iterdir()) == []


def test_the_document_may_stand_in_a_file_beside_it(tmp_path):
    write(tmp_path / "journey.json", JOURNEY)
    expected = scenario(entered=True, ended="completed", messages=[{"step": "hello", "at": "2026-01-01T09:05:00Z"}])
    path = write(tmp_path / "scenarios.json", {"document": "journey.json", "scenarios": [expected]})
    ended = play(path)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_what_came_otherwise_is_said_and_ends_with_1(tmp_path):
    path = write(tmp_path / "scenarios.json", {"document": JOURNEY, "scenarios": [scenario(ended="exited", messages=[])]})
    ended = play(path)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "FAILED a guest" in ended.stdout
    assert 'expected "exited"' in ended.stdout and 'came     "completed"' in ended.stdout
    assert "2026-01-01T09:05:00.000Z  hello  queued" in ended.stdout
    assert ended.stdout.endswith("Tests run: 1, Passed: 0, Failures: 1\n")

    told = json.loads(play(path, "--json").stdout)
    assert (told["tests"], told["failures"]) == (1, 1)
    assert told["scenarios"][0]["passed"] is False
    assert [difference["what"] for difference in told["scenarios"][0]["differences"]] == ["ended", "messages"]


def test_a_file_that_cannot_be_read_ends_with_2_and_its_place(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("document: {entry: {event: A}\nscenarios: [", encoding="utf-8")
    ended = play(broken)
    assert ended.returncode == 2 and "line" in ended.stderr, ended.stderr

    unknown = write(tmp_path / "unknown.json", {"document": JOURNEY, "scenarios": [{**scenario(), "advanced": "P1D"}]})
    ended = play(unknown)
    assert ended.returncode == 2 and "scenarios[0]" in ended.stderr, ended.stderr

    wrong = {**JOURNEY, "start": "nowhere"}
    ended = play(write(tmp_path / "wrong.json", {"document": wrong, "scenarios": []}))
    assert ended.returncode == 2 and "document.start" in ended.stderr, ended.stderr

    ended = play(tmp_path / "missing.yaml")
    assert ended.returncode == 2 and "missing.yaml" in ended.stderr, ended.stderr
