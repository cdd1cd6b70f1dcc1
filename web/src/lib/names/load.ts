import { api, got, type Schemas } from "@/lib/api";

/** What something is called, by its id. */
export type Named = Omit<Schemas["Name"], "gone"> & { gone?: boolean };

/** The names of up to 500 things. What is unknown, or not for this role, is left out. */
export async function loadNames(ids: string[]): Promise<Map<string, Named>> {
  const { names } = await got(api.POST("/api/v1/names", { body: { ids } }));
  return new Map(Object.entries(names));
}
