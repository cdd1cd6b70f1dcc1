"""Files on their way in: writing them, uploading them, and waiting for the end of their imports."""

import csv
import io

from .waiting import wait_until


def as_csv(header, rows, delimiter=","):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def upload(api, content, name="members.csv", expect=201):
    answer = api.send("POST", "/api/v1/imports", params={"name": name}, data=content)
    assert answer.status_code == expect, answer.text
    return answer.json()


def suggested(uploaded):
    return {"mapping": uploaded["suggested_mapping"]["mapping"]}


def ended(api, import_id, states=("done",), seconds=120):
    """Waits until an import or a preview has ended; returns it."""

    def is_ended():
        shown = api.get(f"/api/v1/imports/{import_id}")
        return shown if shown["state"] in (*states, "failed", "preview_failed", "cancelled") else None

    shown = wait_until(is_ended, seconds, f"the end of {import_id}")
    assert shown["state"] in states, shown
    return shown


def imported(api, uploaded, choice):
    api.post(f"/api/v1/imports/{uploaded['id']}/start", choice, expect=202)
    return ended(api, uploaded["id"])
