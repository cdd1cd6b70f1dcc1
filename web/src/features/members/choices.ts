import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "@/lib/api";
import { useStageName } from "@/lib/names";

/** Something that one may choose. */
export interface Choice {
  value: string;
  label: string;
  /** Of tags: who puts them on. Of journeys: their state. */
  kind?: string;
}

type Kind = "tags" | "stages" | "segments" | "groups" | "topics" | "journeys";

const MINUTE = 60_000;

/** What there is to choose from. Names only: counting the members of each would take seconds with a million of them. */
export function useChoices(kind: Kind, isWanted = true) {
  const { i18n } = useTranslation();
  const stageName = useStageName();
  return useQuery({
    queryKey: ["choices", kind],
    enabled: isWanted,
    staleTime: MINUTE,
    queryFn: ({ signal }) => got(api.GET("/api/v1/choices", { params: { query: { kinds: kind } }, signal })),
    select: (offered): Choice[] => {
      const choices = choicesOf(kind, offered, i18n.language?.startsWith("zh") ? "zh" : "en");
      return kind === "stages" ? choices.map((one) => ({ ...one, label: stageName(one.value, one.label) })) : choices;
    },
  });
}

export function choicesOf(kind: Kind, offered: Schemas["Choices"], language: "zh" | "en"): Choice[] {
  switch (kind) {
    case "tags":
      return (offered.tags ?? []).map((one) => ({ value: one.tag, label: one.tag, kind: one.kind }));
    case "stages":
      return (offered.stages ?? []).map((one) => ({ value: one.key, label: one.name }));
    case "segments":
      return (offered.segments ?? []).map((one) => ({ value: one.id, label: one.name }));
    case "groups":
      return (offered.groups ?? []).map((one) => ({ value: one.id, label: one.name || one.key }));
    case "topics":
      return (offered.topics ?? []).map((one) => ({ value: one.topic, label: one.name[language] || one.name.zh || one.name.en || one.topic }));
    case "journeys":
      return (offered.journeys ?? []).map((one) => ({ value: one.id, label: one.name, kind: one.state }));
  }
}
