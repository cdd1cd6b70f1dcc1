import { api, asProblem, got, Problem } from "@/lib/api";
import { memberName } from "./person";

/** What something is called, by its id. */
export interface Named {
  /** `member`, `segment`, `journey`, `template`, `channel`, `user`, `key`. */
  kind: string;
  name: string;
  /** What tells it from others of that name, such as an address. */
  hint?: string | null;
  /** The member who stands for this one since the two became one. */
  into?: string | null;
  /** It was deleted or ended; only its name is left. */
  gone?: boolean | null;
}

interface Reply {
  data?: { names: Record<string, Named> };
  error?: unknown;
  response: Response;
}
type Post = (path: string, init: { body: { ids: string[] } }) => Promise<Reply>;

/** Set once this server has said that it has no such call; the names are then asked for one by one. */
let isMissing = false;

/** The names of up to 500 things. What is unknown, or not for this role, is left out. */
export async function loadNames(ids: string[]): Promise<Map<string, Named>> {
  if (!isMissing) {
    try {
      const post = api.POST as unknown as Post;
      const { names } = (await got(post("/api/v1/names", { body: { ids } }))) ?? { names: {} };
      return new Map(Object.entries(names));
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status !== 404 && problem.status !== 405) throw error;
      isMissing = true;
    }
  }
  return oneByOne(ids);
}

const AT_ONCE = 4;

async function oneByOne(ids: string[]): Promise<Map<string, Named>> {
  const names = new Map<string, Named>();
  const left = [...ids];
  async function work() {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const named = await nameOf(id).catch(orNothing);
      if (named) names.set(id, named);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return names;
}

/** What is gone, or not for this role, has no name; everything else is a real problem. */
function orNothing(error: unknown): null {
  if (error instanceof Problem && [400, 403, 404, 422].includes(error.status)) return null;
  throw error;
}

async function nameOf(id: string): Promise<Named | null> {
  const params = { path: { id } };
  switch (id.slice(0, 4)) {
    case "mem_": {
      const member = await got(api.GET("/api/v1/members/{id}", { params }));
      return { kind: "member", ...memberName(member), into: member.id === id ? null : member.id };
    }
    case "seg_":
      return { kind: "segment", name: (await got(api.GET("/api/v1/segments/{id}", { params }))).name };
    case "jrn_":
      return { kind: "journey", name: (await got(api.GET("/api/v1/journeys/{id}", { params }))).name };
    case "tpl_":
      return { kind: "template", name: (await got(api.GET("/api/v1/templates/{id}", { params }))).name };
    case "chn_":
      return { kind: "channel", name: (await got(api.GET("/api/v1/channels/{id}", { params }))).name };
    default:
      return null;
  }
}
