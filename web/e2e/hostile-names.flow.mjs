// What others have typed stays text on every page: in names of members, of what there is, and in messages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { app, signedIn } from "./support.mjs";

const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>"'>{{7*7}}`;
const EMAIL = "mallory@example.com";

test("no page runs what stands in a name", async () => {
  const page = await signedIn("/");
  const post = async (path, data, headers = { origin: app }) => {
    const reply = await page.request.post(app + path, { data, headers });
    assert.ok(reply.ok(), `${path}: ${reply.status()} ${await reply.text()}`);
    return reply.json();
  };
  const rule = { trait: "name", op: "eq", value: HOSTILE };
  const { secret } = await post("/api/v1/keys", { kind: "write", name: HOSTILE.slice(0, 100) });
  const basic = `Basic ${Buffer.from(`${secret}:`).toString("base64")}`;
  const member = { userId: HOSTILE.slice(0, 60), traits: { name: HOSTILE, email: EMAIL, city: HOSTILE } };
  await post("/v1/identify", member, { authorization: basic });
  await post("/v1/track", { userId: member.userId, event: HOSTILE, properties: { note: HOSTILE } }, { authorization: basic });
  const segment = await post("/api/v1/segments", { name: HOSTILE, rule });
  const tag = HOSTILE.slice(0, 60);
  await post("/api/v1/templates", {
    name: HOSTILE, channel_kind: "email", subject: HOSTILE, text: HOSTILE, html: `<p>${HOSTILE} {{ unsubscribe_url }}</p>`,
  });
  const journey = await post("/api/v1/journeys", {
    name: HOSTILE,
    document: { entry: { event: HOSTILE }, start: "t", steps: { t: { type: "task", title: HOSTILE, note: HOSTILE, next: null } } },
  });

  let found;
  for (let asked = 0; !found && asked < 100; asked += 1) {
    const reply = await page.request.get(`${app}/api/v1/members?search=${EMAIL}`);
    [found] = (await reply.json()).items;
  }
  assert.ok(found, "the member has arrived");
  await post(`/api/v1/members/${found.id}/tags`, { add: [tag] });

  for (const path of [
    "/", `/members?q=${EMAIL}`, `/members/${found.id}`, "/segments", `/segments/${segment.id}`, "/templates", "/journeys", `/journeys/${journey.id}`,
    "/deliveries", "/tasks", "/settings/keys", "/settings/tags", "/settings/audit",
  ]) {
    await page.goto(`${app}/app${path}`);
    await page.getByRole("heading").first().waitFor();
    await page.locator(".h-loading").first().waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => window.hacked), undefined, path);
    assert.equal(await page.locator('img[src="x"]').count(), 0, path);
    await page.isWell();
  }
  await page.goto(`${app}/app/members/${found.id}`);
  await page.getByText("<img src=x onerror").first().waitFor();
});
