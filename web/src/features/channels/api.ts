import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, asProblem, got, isNotThere, useCursorList, type Schemas } from "@/lib/api";
import type { ServerWords } from "@/lib/i18n/server-words";
import type { Config } from "./model";

export type Channel = Omit<Schemas["Channel"], "config"> & { config: Config };
export type ChannelQueue = Schemas["ChannelQueue"];

const KEY = ["channels"];

export function useChannels() {
  return useCursorList<Channel>(KEY, async (cursor, signal) => {
    const page = await got(api.GET("/api/v1/channels", { params: { query: { cursor } }, signal }));
    return { ...page, items: page.items as Channel[] };
  });
}

export function useQueues() {
  return useQuery({ queryKey: ["outbox"], queryFn: ({ signal }) => got(api.GET("/api/v1/outbox", { signal })), select: (overview) => overview.channels });
}

export function useChannelStatus(id: string) {
  return useQuery({
    queryKey: [...KEY, id, "status"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/channels/{id}/status", { params: { path: { id } }, signal })),
  });
}

function useChannelMutation<I, O>(mutationFn: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: KEY }), queries.invalidateQueries({ queryKey: ["outbox"] })]),
  });
}

export interface Draft {
  id?: string;
  kind: string;
  name: string;
  config: Config;
}

export const useSaveChannel = () =>
  useChannelMutation(async ({ id, kind, name, config: wanted }: Draft) => {
    // The types of the API know only that it is an object.
    const config = wanted as Record<string, never>;
    const saved = id
      ? await got(api.PATCH("/api/v1/channels/{id}", { params: { path: { id } }, body: { name, config } }))
      : await got(api.POST("/api/v1/channels", { body: { kind, name, config } }));
    return saved as Channel;
  });

export const usePauseChannel = () =>
  useChannelMutation(({ id, isPaused }: { id: string; isPaused: boolean }) =>
    got(isPaused ? api.POST("/api/v1/channels/{id}/pause", { params: { path: { id } } }) : api.POST("/api/v1/channels/{id}/resume", { params: { path: { id } } })),
  );

export const useMakeDkimKey = (id: string) =>
  useChannelMutation((body: Schemas["NewKey"]) => got(api.POST("/api/v1/channels/{id}/dkim", { params: { path: { id } }, body })));

export const useDeleteChannel = () =>
  useChannelMutation((id: string) => got(api.DELETE("/api/v1/channels/{id}", { params: { path: { id } } })));

/** What would go with a channel. */
export async function whatGoes(id: string): Promise<Schemas["Deletion"]> {
  return got(api.DELETE("/api/v1/channels/{id}", { params: { path: { id }, query: { dry_run: true } } })) as Promise<Schemas["Deletion"]>;
}

/** One step of a test, as the server tells it. */
export type TestStep = Schemas["ChannelTrialStep"];

export interface TestFailure {
  path: string;
  message: string;
  words?: ServerWords | null;
}

export interface TestOutcome {
  ok: boolean;
  steps: TestStep[];
  failures: TestFailure[];
}

/**
 * Tries a channel without sending anything, saved or not. A configuration that cannot be tried, since a field is wrong, throws its
 * problem.
 */
export async function testChannel({ id, kind, config }: Draft): Promise<TestOutcome> {
  try {
    const { ok, steps } = await got(api.POST("/api/v1/channels/test", { body: { id, kind, config: config as Record<string, never> } }));
    return { ok, steps, failures: [] };
  } catch (error) {
    if (isNotThere(error) && id) return testSaved(id);
    return failed(error);
  }
}

/** For a server that can only test what it keeps. */
async function testSaved(id: string): Promise<TestOutcome> {
  try {
    await got(api.POST("/api/v1/channels/{id}/test", { params: { path: { id } } }));
    return { ok: true, steps: [], failures: [] };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): TestOutcome {
  const problem = asProblem(error);
  if (problem.code !== "channel_test_failed") throw error;
  const failures = problem.fields.length > 0 ? [...problem.fields] : [{ path: "", message: problem.detail ?? problem.title }];
  return { ok: false, steps: [], failures };
}
