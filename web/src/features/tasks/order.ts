import type { ListPage } from "@/lib/api";
import type { Me } from "@/lib/session";

interface Given {
  id: string;
  assignee: string;
}

/** Whether a journey gives this to the reader: it names a user by id, e-mail address or name. */
export function isMine(task: { assignee: string }, me: Pick<Me, "user"> | undefined): boolean {
  const user = me?.user;
  if (!user || !task.assignee) return false;
  const wanted = task.assignee.replace(/^user:/, "").toLowerCase();
  return [user.id, user.email, user.name].some((one) => one.toLowerCase() === wanted);
}

/** How a task stands to its end: `late` when the time is over, `soon` within a day. */
export function urgency(task: { state: string; due_at?: string | null }, now: number): "late" | "soon" | "calm" {
  if (task.state !== "open" || !task.due_at) return "calm";
  const left = Date.parse(task.due_at) - now;
  if (left < 0) return "late";
  return left < 24 * 3_600_000 ? "soon" : "calm";
}

type Read<T> = (mine: boolean, cursor: string | undefined) => Promise<ListPage<T>>;

const OTHERS = "others:";

/**
 * Reads two lists as one: first what is mine, then everything else. Its cursor says in which of the two it is. What stands
 * in both is left out of the second one.
 */
export async function mineFirst<T extends Given>(read: Read<T>, me: Pick<Me, "user"> | undefined, cursor: string | undefined): Promise<ListPage<T>> {
  if (!cursor?.startsWith(OTHERS)) {
    const page = await read(true, cursor);
    // A server that cannot tell what is mine answers with all of them.
    const items = page.items.filter((task) => isMine(task, me));
    if (page.next) return { items, next: page.next };
    const others = await mineFirst(read, me, OTHERS);
    return { items: [...items, ...others.items], next: others.next };
  }
  const page = await read(false, cursor.slice(OTHERS.length) || undefined);
  return { items: page.items.filter((task) => !isMine(task, me)), next: page.next ? OTHERS + page.next : null };
}
