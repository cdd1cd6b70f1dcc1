import { parseDocument } from "./wire";

// Documents of docs/journeys.md and of the starters, for tests.

export const welcome = parseDocument({
  entry: { event: "Group Joined" },
  reentry: { policy: "never" },
  exit: [{ event: "Group Left" }],
  goal: { event: "Order Completed", within: "P14D" },
  holdout: 0.05,
  start: "greet",
  steps: {
    greet: { type: "send", channel: "email", template: "tpl_1", topic: "welcome", next: "first_day" },
    first_day: { type: "wait", for: "P1D", next: "speaks" },
    speaks: { type: "wait", event: "Message Posted", timeout: "P2D", timeout_next: "invite", next: "thank" },
    thank: { type: "tag", add: ["active-newcomer"], next: "week" },
    invite: { type: "send", channel: "email", template: "tpl_2", next: "week" },
    week: { type: "branch", cases: [{ when: { event: "Order Completed", within: "P7D" }, next: "bought" }, { when: { tag: "vip" }, next: "warm" }], else: "quiet" },
    bought: { type: "tag", add: ["first-order"], next: null },
    warm: { type: "split", ways: [{ share: 0.5, next: null }, { share: 0.5, next: "bought" }] },
    quiet: { type: "task", title: "☎", due: "P3D", outcomes: { answered: "warm", no_answer: null }, expired: null, next: null },
  },
});
