import { useName } from "@/lib/names";

/** Who did something: a user or a key, by name. */
export function Actor({ id }: { id: string }) {
  const found = useName(id);
  return <span>{found?.name ?? id}</span>;
}
