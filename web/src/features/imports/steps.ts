import type { Schemas } from "@/lib/api";

export type Import = Schemas["ImportBody"];

export const STEPS = ["upload", "columns", "preview", "run"] as const;
export type Step = (typeof STEPS)[number];

/** States in which the server works on it. */
const MOVES = new Set(["previewing", "queued", "running"]);
const STARTED = new Set(["queued", "running", "done", "failed", "cancelled"]);

export const moves = (one: Pick<Import, "state">) => MOVES.has(one.state);

/** Where the wizard stands by what the server says, so that a reload leads back to the same place. */
export function stepOf(one: Pick<Import, "state">): Step {
  if (STARTED.has(one.state)) return "run";
  return one.state === "previewing" || one.state === "previewed" ? "preview" : "columns";
}

/** What somebody asked for, as far as it can be shown: nobody goes back behind a start. */
export function shownStep(one: Pick<Import, "state">, wanted: string | undefined): Step {
  const reached = stepOf(one);
  if (reached === "run") return "run";
  if (wanted === "columns") return "columns";
  return reached;
}

/** Seconds until the end at the present pace; nothing while no pace is known. */
export function secondsLeft(progress: { rows: number; total: number; rows_per_second?: number | null } | null | undefined): number | null {
  const rate = progress?.rows_per_second;
  if (!progress || !rate || rate <= 0 || progress.total <= progress.rows) return null;
  return Math.ceil((progress.total - progress.rows) / rate);
}
