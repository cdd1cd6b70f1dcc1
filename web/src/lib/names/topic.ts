import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "@/lib/api";

/** Topics that Hearth's own journeys write about, and `*`, which is all of them. */
const USUAL = ["marketing", "transactional", "service", "offers", "welcome", "news", "test", "webhook"];

/** What a topic is called: as somebody has described it, else by a word for the usual ones, else as it is. */
export function useTopicName(): (topic: string) => string {
  const { t, i18n } = useTranslation("ui");
  const { data } = useQuery({
    queryKey: ["choices", "topics"],
    staleTime: 60_000,
    // A name that does not come is no reason to disturb anybody.
    retry: 1,
    queryFn: ({ signal }) => got(api.GET("/api/v1/choices", { params: { query: { kinds: "topics" } }, signal })),
  });
  const described = data?.topics;
  const language = i18n.language === "en" ? "en" : "zh";
  return useCallback(
    (topic) => {
      if (topic === "*") return t("topics.all");
      const name = described?.find((one) => one.topic === topic)?.name;
      return name?.[language] || name?.zh || name?.en || (USUAL.includes(topic) ? t(`topics.${topic}`) : topic);
    },
    [described, language, t],
  );
}
