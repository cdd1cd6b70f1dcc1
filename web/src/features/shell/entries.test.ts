import { expect, test } from "vitest";
import { hasNearer, isShown, type NavigationEntry } from "./entries";

const entry = (to: string, under?: string) => ({ to, under, labelKey: "", icon: null }) as unknown as NavigationEntry;
const entries = [entry("/templates"), entry("/deliveries", "/templates"), entry("/tasks", "/members")];
const shown = (path: string) => entries.filter((one) => isShown(one, entries, path)).map((one) => one.to);

test("the entries of a section are shown while somebody is in it, on its own page or on theirs", () => {
  expect(shown("/")).toEqual(["/templates", "/tasks"]);
  expect(shown("/templates/tpl_1")).toEqual(["/templates", "/deliveries", "/tasks"]);
  expect(shown("/deliveries/queue")).toContain("/deliveries");
  expect(shown("/templatesque")).not.toContain("/deliveries");
});

test("of two entries that lie in one another only the nearer one is that of the page", () => {
  const nested = [entry("/insight"), entry("/insight/boards", "/insight")];
  const here = (path: string) => nested.filter((one) => !hasNearer(one, nested, path)).map((one) => one.to);
  expect(here("/insight/boards/brd_1")).toEqual(["/insight/boards"]);
  expect(here("/insight/funnel")).toContain("/insight");
  expect(here("/insight/boardsomething")).toContain("/insight");
});
