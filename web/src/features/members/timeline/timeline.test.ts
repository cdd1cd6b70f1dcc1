import { expect, test } from "vitest";
import { byDay } from "./Timeline";
import { entryKey, type Entry } from "./api";
import { beginOf, timelineFilterOf, timelineQuery } from "./filters";
import { fateOf, KNOWN, slug, tell } from "./words";
import en from "@/messages/en/timeline.json";
import cn from "@/messages/zh-CN/timeline.json";
import tw from "@/messages/zh-TW/timeline.json";

const told = (kind: string, name: string, properties: object) => tell({ kind, name, properties: properties as never });

test("every event that is known has words in each language, and no words are left over", () => {
  for (const messages of [en, cn, tw]) {
    expect(Object.keys(messages.events).sort()).toEqual(Object.keys(KNOWN).map(slug).sort());
  }
});

test("what becomes of a message is told for any kind of channel", () => {
  expect(fateOf("Email Link Clicked")).toBe("Link Clicked");
  expect(fateOf("Webhook Sent")).toBe("Sent");
  expect(fateOf("Sent")).toBeNull();
  const clicked = told("delivery", "Email Link Clicked", { url: "https://a.example", template: "tpl_1", journey: "jrn_1", run: "run_1" });
  expect(clicked.key).toBe("fates.link_clicked");
  expect(clicked.details).toEqual([
    { kind: "channel", text: "email" },
    { kind: "text", text: "https://a.example" },
    { kind: "thing", id: "tpl_1" },
    { kind: "thing", id: "jrn_1" },
  ]);
  for (const messages of [en, cn, tw]) expect(messages.fates).toHaveProperty("link_clicked");
});

test("an order says its amount once, and what was bought", () => {
  const order = { revenue: 248, total: 268, currency: "CNY", order_id: "D1", products: [{ name: "西拉", quantity: 2 }, { name: "雪莉", quantity: 1 }, null] };
  expect(told("track", "Order Completed", order).details).toEqual([
    { kind: "money", amount: 248, currency: "CNY" },
    { kind: "text", text: "西拉 ×2" },
    { kind: "text", text: "雪莉" },
    { kind: "text", text: "D1" },
  ]);
  expect(told("track", "Order Completed", { total: "12.5" }).details).toEqual([{ kind: "money", amount: 12.5, currency: null }]);
  expect(told("track", "Order Completed", { revenue: "much", products: "wine" }).details).toEqual([]);
});

test("what a member wrote is quoted as it is, never taken for anything else", () => {
  const script = "<script>alert(1)</script>\n*bold* {{name}}";
  expect(told("track", "Message Posted", { group: "g", text: script }).quote).toBe(script);
  expect(told("track", "Message Posted", { text: { not: "a text" } }).quote).toBeNull();
});

test("events that nobody has words for say their name and their first plain properties", () => {
  const own = told("track", "Wine Tasted", { bottle: "Syrah", stars: 4, notes: ["dry"], empty: "", member: "mem_1", more: 1 });
  expect(own.key).toBeNull();
  expect(own.details).toEqual([{ kind: "text", text: "bottle: Syrah" }, { kind: "text", text: "stars: 4" }, { kind: "thing", id: "mem_1" }]);
});

test("tags, stages, segments, consent and merges say about what they are", () => {
  expect(told("tag", "Tag Added", { tag: "vip" }).details).toEqual([{ kind: "label", text: "vip" }]);
  expect(told("command", "Tag Added", { tags: ["a", "b"], journey: "jrn_1" }).details).toHaveLength(2);
  expect(told("stage", "Stage Reached", { stage: "buyer" }).details).toEqual([{ kind: "stage", text: "buyer" }]);
  expect(told("segment", "Segment Entered", { segment: "seg_1", name: "老友" }).details).toEqual([{ kind: "thing", id: "seg_1", name: "老友" }]);
  expect(told("consent", "Consent Given", { channel_kind: "email", topic: "*" }).details).toEqual([
    { kind: "channel", text: "email" },
    { kind: "topic", text: "*" },
  ]);
  expect(told("merge", "Members Merged", { reason: "alias", absorbed: "mem_2", kept: "mem_1" }).details).toEqual([{ kind: "reason", text: "alias" }]);
  expect(told("merge", "Merge Undone", { absorbed: "mem_2", kept: "mem_1" }).details).toEqual([{ kind: "thing", id: "mem_2" }]);
});

test("an endless text is cut, on a whole character", () => {
  const [piece] = told("track", "Page Viewed", { title: "🔥".repeat(300) }).details;
  expect(piece).toEqual({ kind: "text", text: `${"🔥".repeat(120)}…` });
});

test("only what makes sense is read off the address", () => {
  expect(timelineFilterOf({ groups: ["messages", "nonsense", "messages"], event: " ", since: "2026-11-01", until: "2026-13-45" })).toEqual({
    groups: ["messages"],
    since: "2026-11-01",
  });
  expect(timelineFilterOf({ groups: "journeys", event: "Order Completed" })).toEqual({ groups: ["journeys"], event: "Order Completed" });
});

test("all groups together are no filter", () => {
  const groups = ["activity", "messages", "journeys", "profile", "consent", "merges", "changes"];
  expect(timelineFilterOf({ groups })).toEqual({});
});

test("days are those of the workspace, and the last one is shown whole", () => {
  expect(timelineQuery({ since: "2026-11-01", until: "2026-11-02", groups: ["activity"] }, "Asia/Shanghai")).toEqual({
    kind: "track,page,screen,group",
    event: undefined,
    from: "2026-10-31T16:00:00.000Z",
    to: "2026-11-02T16:00:00.000Z",
  });
  expect(beginOf("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
  expect(beginOf("2026-03-29", "Europe/Berlin", 1)).toBe("2026-03-29T22:00:00.000Z");
  expect(beginOf("2026-07-01", "America/New_York")).toBe("2026-07-01T04:00:00.000Z");
});

const entry = (id: string, timestamp: string, kind = "track"): Entry => ({
  id, kind, name: "Page Viewed", timestamp, received_at: timestamp, message_id: "", source: "", properties: {} as never, context: {} as never,
});

test("entries of one number in two tables are two entries", () => {
  const at = "2026-11-23T10:00:00Z";
  expect(entryKey(entry("evt_1", at))).not.toBe(entryKey(entry("evt_1", at, "tag")));
});

test("entries stand below the day on which they happened, in their order", () => {
  const entries = [entry("evt_3", "2026-11-23T10:00:00Z"), entry("evt_2", "2026-11-23T09:00:00Z"), entry("evt_1", "2026-11-22T10:00:00Z")];
  const days = byDay(entries, (moment) => moment.slice(0, 10));
  expect(days.map(([day, some]) => [day, some.map((one) => one.id)])).toEqual([
    ["2026-11-23", ["evt_3", "evt_2"]],
    ["2026-11-22", ["evt_1"]],
  ]);
});
