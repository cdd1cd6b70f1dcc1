import type { Policy } from "./api";

type Quiet = NonNullable<Policy["quiet_hours"]>;
type Cap = NonNullable<Policy["caps"]>[number];
type Windows = NonNullable<Policy["windows"]>[string];
type Hours = Windows["open"][number];

export interface WindowRow extends Hours {
  kind: string;
}

/** The policy as a form holds it: hours in rows, and the time to expire as a number of hours. */
export interface PolicyValues {
  isQuiet: boolean;
  quiet: Quiet;
  caps: Cap[];
  windows: WindowRow[];
  expire_hours?: number | null;
  critical_passes: boolean;
}

const USUAL_QUIET: Quiet = { from: "22:00", to: "08:00", zone: "member", then: "wait" };

/** Whole hours of an ISO 8601 duration of days and hours, which is what this form writes; others are kept as they are. */
function hoursOf(duration: string | null | undefined): number | null {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?)?$/.exec(duration ?? "");
  return found ? Number(found[1] ?? 0) * 24 + Number(found[2] ?? 0) : null;
}

export function valuesOf(policy: Policy): PolicyValues {
  return {
    isQuiet: Boolean(policy.quiet_hours),
    quiet: policy.quiet_hours ?? USUAL_QUIET,
    caps: policy.caps ?? [],
    windows: Object.entries(policy.windows ?? {}).flatMap(([kind, { open }]) => open.map((hours) => ({ ...hours, kind }))),
    expire_hours: hoursOf(policy.expire_after),
    critical_passes: policy.critical_passes ?? true,
  };
}

export function policyOf(values: PolicyValues, before: Policy): Policy {
  const windows: Record<string, Windows> = {};
  for (const { kind, days, from, to } of values.windows) {
    const known = windows[kind] ?? { ...before.windows?.[kind], open: [] };
    windows[kind] = { ...known, open: [...known.open, { from, to, ...(days && days.length > 0 ? { days } : {}) }] };
  }
  const isOdd = Boolean(before.expire_after) && hoursOf(before.expire_after) === null;
  return {
    caps: values.caps.map((cap) => ({ ...cap, channel_kind: cap.channel_kind || null, topic: cap.topic || null })),
    quiet_hours: values.isQuiet ? values.quiet : null,
    windows,
    expire_after: values.expire_hours ? `PT${values.expire_hours}H` : isOdd ? before.expire_after : null,
    critical_passes: values.critical_passes,
  };
}
