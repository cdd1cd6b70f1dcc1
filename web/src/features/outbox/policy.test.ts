import { expect, test } from "vitest";
import type { Policy } from "./api";
import { policyOf, valuesOf } from "./policy";

const policy: Policy = {
  caps: [{ most: 3, per: "week", channel_kind: "email", topic: null, then: "wait" }],
  quiet_hours: { from: "22:00", to: "08:00", zone: "workspace", then: "drop" },
  windows: { email: { open: [{ from: "09:00", to: "12:00", days: ["mon"] }, { from: "14:00", to: "18:00" }], zone: "member", then: "drop" } },
  expire_after: "PT48H",
  critical_passes: false,
};

test("a policy that nobody touched stays as it is, with the zone of its windows", () => {
  expect(policyOf(valuesOf(policy), policy)).toEqual(policy);
});

test("quiet hours that are switched off are gone, and an empty filter of a cap means all", () => {
  const values = { ...valuesOf(policy), isQuiet: false, caps: [{ most: 1, per: "day" as const, channel_kind: "" }] };
  const after = policyOf(values, policy);
  expect(after.quiet_hours).toBeNull();
  expect(after.caps).toEqual([{ most: 1, per: "day", channel_kind: null, topic: null }]);
});

test("days and hours of patience are one number, and a duration of another form is not lost", () => {
  expect(valuesOf({ ...policy, expire_after: "P3DT2H" }).expire_hours).toBe(74);
  const odd = { ...policy, expire_after: "PT90M" };
  expect(policyOf(valuesOf(odd), odd).expire_after).toBe("PT90M");
  expect(policyOf({ ...valuesOf(policy), expire_hours: null }, policy).expire_after).toBeNull();
});
