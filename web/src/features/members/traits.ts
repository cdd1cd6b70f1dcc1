import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "@/lib/api";

/** What is settled about traits: titles, types, which are computed. */
export function useSettledTraits() {
  return useQuery({
    queryKey: ["traits"],
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/traits", { signal }))).items as Schemas["TraitDto"][],
  });
}

/** What a trait is called: as it was settled, as everybody calls it, or by its name. */
export function useTraitTitle(): (name: string) => string {
  const { t, i18n } = useTranslation("members");
  const settled = useSettledTraits().data;
  return useCallback(
    (name) => {
      const title = settled?.find((one) => one.name === name)?.title;
      if (title && title !== name) return title;
      return /^[a-z_]+$/.test(name) && i18n.exists(`members:traitNames.${name}`) ? t(`traitNames.${name}`) : name;
    },
    [settled, t, i18n],
  );
}
