import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, got, useCursorList, type Schemas } from "@/lib/api";
import { useLive } from "@/lib/live";
import { KEY } from "../api";
import type { JsonObject } from "../document/types";

export interface MessagesOutcome {
  step: string;
  channel: string;
  template: string | null;
  count: number;
  sent: number;
  first_sent: string | null;
  last_sent: string | null;
  put_off: Record<string, number>;
  would_be_refused: Record<string, number>;
  waiting_at_end: number;
  by_day: { day: string; count: number; sent: number }[];
}

export interface SampleRun {
  member: string;
  entered_at: string;
  state: string;
  trail: { at: string; step: string; action: string; detail: JsonObject }[];
  messages: { step: string; queued_at: string; sent_at: string | null; put_off: string | null; refused: string | null }[];
}

export interface Outcome {
  members: { sampled: number; of: number; fewer_than_asked: boolean };
  events: number;
  entered: number;
  held_out: number;
  refused: Record<string, number>;
  steps: Record<string, { reached: number; waiting_at_end: number; ways: Record<string, number> }>;
  messages: MessagesOutcome[];
  goal: { reached: number; share: number | null; held_out_reached: number };
  ended: Record<string, number>;
  sample_runs: SampleRun[];
}

export interface SimulationResult extends Outcome {
  compared: (Outcome & { with: unknown; differences: { entered: number; held_out: number; goal: number; steps: Record<string, { reached: number; sent: number }> } }) | null;
  not_known: { code: string; en: string; zh: string }[];
}

export type Simulation = Omit<Schemas["SimulationDto"], "result"> & { result?: SimulationResult | null };

export interface Wanted {
  document: JsonObject;
  from: string;
  to: string;
  members: number;
  segment?: string;
  compare_with?: number | "live";
  tasks?: Record<string, { outcome?: string; after?: string }>;
  answers?: Record<string, { status?: number; traits?: JsonObject; after?: string }>;
}

const simulations = (journey: string) => [...KEY, journey, "simulations"];

export function useSimulations(journey: string) {
  return useCursorList<Simulation>([...simulations(journey), "list"], (cursor, signal) => ask("GET", `/api/v1/journeys/${journey}/simulations`, { query: { cursor }, signal }));
}

export function useSimulation(journey: string, job: string | undefined) {
  const simulation = useQuery({
    queryKey: [...simulations(journey), job],
    enabled: job !== undefined,
    queryFn: ({ signal }) => ask<Simulation>("GET", `/api/v1/journeys/${journey}/simulations/${job}`, { signal }),
  });
  const isRunning = simulation.data !== undefined && !simulation.data.ended_at;
  useLive(isRunning ? ["jobs"] : [], { moves: true, keys: [simulations(journey)] });
  return simulation;
}

export function useSimulate(journey: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: Wanted) => ask<Simulation>("POST", `/api/v1/journeys/${journey}/simulate`, { body: wanted }),
    onSuccess: (simulation) => {
      queries.setQueryData([...simulations(journey), simulation.id], simulation);
      void queries.invalidateQueries({ queryKey: [...simulations(journey), "list"] });
      void queries.invalidateQueries({ queryKey: ["jobs"] });
    },
  });
}

export function useCancelSimulation(journey: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (job: string) => got(api.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id: job } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: simulations(journey) }),
  });
}
