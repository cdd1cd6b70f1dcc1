import { expect, test } from "vitest";
import { isShown, type NavigationEntry } from "./entries";

const entry = (to: string, under?: string) => ({ to, under, labelKey: "", icon: null }) as unknown as NavigationEntry;
const entries = [entry("/templates"), entry("/deliveries", "/templates"), entry("/tasks", "/members")];
const shown = (path: string) => entries.filter((one) => isShown(one, entries, path)).map((one) => one.to);

test("the entries of a section are shown while somebody is in it, on its own page or on theirs", () => {
  expect(shown("/")).toEqual(["/templates", "/tasks"]);
  expect(shown("/templates/tpl_1")).toEqual(["/templates", "/deliveries", "/tasks"]);
  expect(shown("/deliveries/queue")).toContain("/deliveries");
  expect(shown("/templatesque")).not.toContain("/deliveries");
});
