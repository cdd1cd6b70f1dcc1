"""E-mail for real: signatures that an independent verifier takes, several accounts, and bounces that arrive in a
mailbox of a real IMAP server or through a pipe."""

import dkim
import pytest

from support.imap import PASSWORD, USER, ImapServer
from support.mail import Mailbox
from support.ports import free_port
from support.waiting import wait_until

PUBLIC = "https://hearth.example"


class Post:
    """A journey that sends one mail through a channel of this configuration."""

    def __init__(self, hearth, server, **config):
        self.api = hearth.api()
        self.tracker = hearth.tracker()
        self.channel = self.api.email_channel(server, **config)
        template = self.api.template(
            "news", "围炉酒庄 {{ member.first_name }}", "您好\n.\n..two", "<p>您好 <a href='https://shop.example/'>酒</a></p>")
        self.journey = self.api.journey("news", {
            "entry": {"event": "Go"}, "reentry": {"policy": "always"}, "start": "s",
            "steps": {"s": {"type": "send", "channel": self.channel, "template": template, "next": None}},
        })

    def send(self, user):
        self.tracker.identify(user, email=f"{user}@example.com", first_name=user)
        self.tracker.track(user, "Go")

    def delivery(self, user):
        found = [d for d in self.api.deliveries(journey=self.journey) if d["address"] == f"{user}@example.com"]
        return self.api.delivery(found[0]["id"]) if found else None

    def config(self):
        return self.api.get(f"/api/v1/channels/{self.channel}")["config"]


def report(mail, action="failed", status="5.1.1", words="550 5.1.1 User unknown"):
    """What a mail server sends back about a mail (RFC 3464)."""
    returned = mail.raw.split(b"\r\n\r\n")[0]
    return b"\r\n".join([
        b"From: MAILER-DAEMON@mx.example", b"To: bounces@brand.example", b"Subject: Undelivered", b"MIME-Version: 1.0",
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', b"",
        b"--b", b"Content-Type: text/plain", b"", b"Sorry.",
        b"--b", b"Content-Type: message/delivery-status", b"", b"Reporting-MTA: dns; mx.example", b"",
        b"Final-Recipient: rfc822; " + mail.recipients[0].encode(), b"Action: " + action.encode(),
        b"Status: " + status.encode(), b"Diagnostic-Code: smtp; " + words.encode(), b"",
        b"--b", b"Content-Type: text/rfc822-headers", b"", returned, b"--b--", b"",
    ])


def complaint(mail):
    """What a mailbox provider sends when a reader presses the button (RFC 5965)."""
    returned = mail.raw.split(b"\r\n\r\n")[0]
    return b"\r\n".join([
        b"From: fbl@provider.example", b"To: bounces@brand.example", b"Subject: FW: news", b"MIME-Version: 1.0",
        b'Content-Type: multipart/report; report-type=feedback-report; boundary="b"', b"",
        b"--b", b"Content-Type: text/plain", b"", b"This is an abuse report.",
        b"--b", b"Content-Type: message/feedback-report", b"", b"Feedback-Type: abuse",
        b"User-Agent: Provider/1.0", b"Version: 1", b"",
        b"--b", b"Content-Type: message/rfc822", b"", returned, b"", b"Hello", b"--b--", b"",
    ])


@pytest.mark.sqlite_only
def test_dkimpy_verifies_both_signatures_and_one_click_is_covered(new_hearth):
    hearth = new_hearth("--public-url", PUBLIC).start()
    with Mailbox() as server:
        post = Post(hearth, server.port)
        records = {}
        for algorithm in ("rsa", "ed25519"):
            body = {"domain": "brand.example", "selector": algorithm, "algorithm": algorithm}
            made = post.api.post(f"/api/v1/channels/{post.channel}/dkim", body, expect=201)
            records[made["name"].encode() + b"."] = made["value"].encode()
        post.send("anna")
        [plain] = wait_until(lambda: server.mails("anna@example.com"), 20, "the mail before the records are published")
        assert plain.message["DKIM-Signature"] is None
        config = post.config()
        for key in config["dkim"]:
            assert key["private_key"] == "•••"
            key["enabled"] = True
        post.api.patch(f"/api/v1/channels/{post.channel}", {"config": config})
        post.send("bob")
        [mail] = wait_until(lambda: server.mails("bob@example.com"), 20, "the signed mail")
        signatures = mail.message.get_all("DKIM-Signature")
        assert len(signatures) == 2
        verifier = dkim.DKIM(mail.raw)
        for nth in range(2):
            assert verifier.verify(idx=nth, dnsfunc=lambda name, timeout=5: records[name]), signatures[nth]
            signed = {name.lower() for name, _ in verifier.signed_headers}
            assert {b"list-unsubscribe", b"list-unsubscribe-post", b"from", b"subject"} <= signed
        assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail.unsubscribe_url().startswith(f"{PUBLIC}/u/")
        second_subject = mail.raw.replace(b"\r\nSubject:", b"\r\nSubject: x\r\nSubject:", 1)
        for changed in (mail.raw + b"more\r\n", second_subject):
            assert not dkim.verify(changed, dnsfunc=lambda name, timeout=5: records[name])


def test_the_second_account_sends_while_the_first_cannot_be_reached(hearth):
    with Mailbox() as works:
        local = {"host": "127.0.0.1", "security": "none"}
        accounts = [{"name": "first", "port": free_port(), **local}, {"name": "second", "port": works.port, **local}]
        post = Post(hearth, works.port, host=None, port=None, security=None, accounts=accounts, timeout_seconds=2)
        for user in ("anna", "bob"):
            post.send(user)
            wait_until(lambda user=user: works.mails(f"{user}@example.com"), 20, f"the mail to {user}")
        assert post.delivery("anna")["attempts"] == 1
        first, second = post.api.get(f"/api/v1/channels/{post.channel}/status")["accounts"]
        assert "refused" in first["problem"] and first["rests_until"] and second["problem"] is None


def test_bounces_and_complaints_in_a_mailbox_count_once_also_after_a_restart(hearth):
    with Mailbox() as server, ImapServer() as inbox:
        # Nobody looks again for a day: the server tells of new mail (IDLE).
        mailbox = {"host": "127.0.0.1", "port": inbox.port, "security": "none", "username": USER, "password": PASSWORD,
                   "every_seconds": 86_400}
        post = Post(hearth, server.port, mailbox=mailbox)
        for user in ("anna", "bob", "carla"):
            post.send(user)
        mails = {user: wait_until(lambda user=user: server.mails(f"{user}@example.com"), 20, user)[0]
                 for user in ("anna", "bob", "carla")}
        note = b"Subject: On holiday\r\nAuto-Submitted: auto-replied\r\n\r\nBack soon\r\n"
        full = report(mails["bob"], status="5.2.2", words="552 5.2.2 Mailbox full")

        def status():
            return post.api.get(f"/api/v1/channels/{post.channel}/status")["mailbox"]

        wait_until(lambda: (status() or {}).get("read_at"), 20, "the first reading, of an empty mailbox")
        inbox.deliver(note, report(mails["anna"]), full, complaint(mails["carla"]))
        wait_until(lambda: (status() or {}).get("reports") == 3, 40, "the reports")
        assert post.delivery("anna")["state"] == "bounced" and post.delivery("bob")["state"] == "bounced"
        suppressed = {(s["address"], s["reason"]) for s in post.api.all("/api/v1/suppressions")}
        assert suppressed == {("anna@example.com", "bounced"), ("carla@example.com", "complained")}
        hearth.stop()
        inbox.deliver(note)
        hearth.start()
        wait_until(lambda: status()["others"] == 2, 40, "the mail that came while nobody was there")
        inbox.deliver(note)
        wait_until(lambda: status()["others"] == 3, 40, "the mail after the restart")
        assert (status()["reports"], status()["problem"]) == (3, None), "nothing was read twice"
        changed = {flag for flags in inbox.flags() for flag in flags} - {b"\\Recent"}
        assert changed == set(), "nothing was changed in the mailbox"


def test_a_bounce_comes_through_a_pipe_beside_the_running_server(hearth):
    with Mailbox() as server:
        post = Post(hearth, server.port)
        post.send("anna")
        [mail] = wait_until(lambda: server.mails("anna@example.com"), 20, "the mail")
        wait_until(lambda: post.delivery("anna")["state"] == "accepted", 10, "its state")
        forged = report(mail).replace(mail.message["Message-ID"].encode(), b"<nothing@brand.example>")
        pipe = ("mail-report", "--channel", post.channel)
        assert "passed over" in hearth.run(*pipe, stdin=forged.decode()).stdout
        assert post.delivery("anna")["state"] == "accepted"
        assert hearth.run(*pipe, stdin=report(mail).decode()).stdout == "taken\n"
        assert post.delivery("anna")["state"] == "bounced"
        anna = post.api.member("user_id", "anna")
        wait_until(lambda: post.api.timeline(anna["id"], event="Email Bounced"), 40, "the event, without a restart")
        assert hearth.run("mail-report", "--channel", "chn_0000000000001", check=False).returncode == 1
