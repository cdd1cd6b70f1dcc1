import { useName } from "@/lib/names";

/** What a journey, template, channel or person of the team is called; its id where nobody knows. */
export function Named({ id }: { id: string | null | undefined }) {
  const found = useName(id);
  if (!id) return <span className="h-quiet">–</span>;
  if (found === undefined) return <span className="h-quiet" aria-hidden>…</span>;
  return found ? <span title={found.hint ?? undefined}>{found.name}</span> : <span className="h-code">{id}</span>;
}
