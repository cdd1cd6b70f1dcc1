import { expect, test } from "vitest";
import { together, type Job } from "./api";
import { pace } from "./JobList";

const job = (id: string | null, state: string, more: Partial<Job> = {}): Job => ({
  id, state, kind: "import", done: 0, total: 100, created_at: `2026-11-23T00:00:0${id?.at(-1) ?? 9}Z`, ...more,
});

test("what runs stands first, and is as the later answer has it", () => {
  const latest = [job("job_3", "done"), job("job_2", "running", { done: 5, error: "before" }), job("job_1", "done")];
  const open = [job("job_2", "running", { done: 9 }), job(null, "running", { kind: "build_segment", target: { kind: "segment", id: "seg_1" } })];
  const all = together(latest, open);
  expect(all.map((one) => one.id)).toEqual([null, "job_2", "job_3", "job_1"]);
  expect(all[1]).toMatchObject({ done: 9 });
});

test("time left comes from the server, or from the pace so far, and from nothing at the very start", () => {
  const started = "2026-11-23T00:00:00Z";
  const now = Date.parse("2026-11-23T00:00:10Z");
  expect(pace(job("job_1", "running", { started_at: started, done: 50 }), now)).toEqual({ rate: 5, left: 10 });
  expect(pace(job("job_1", "running", { started_at: started, done: 50, rate_per_second: 10, seconds_left: 4 }), now)).toEqual({ rate: 10, left: 4 });
  expect(pace(job("job_1", "running", { started_at: started, done: 0 }), now)).toEqual({ rate: null, left: null });
  expect(pace(job("job_1", "queued"), now)).toEqual({ rate: null, left: null });
});
