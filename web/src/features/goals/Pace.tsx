import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "@/lib/api";
import { useTimeZone } from "@/lib/session";
import type { Metric } from "./api";
import { daysBetween, isCumulative } from "./course";
import { useGoalWords } from "./words";

const LOOKED_BACK = 28;
const EACH_DAY = "day";

/** What the last four weeks were like, so that nobody sets a target out of the air. */
export function Pace({ metric, segment, from, deadline }: { metric: Metric; segment: string | null; from: string; deadline: string }) {
  const { t } = useTranslation("goals");
  const words = useGoalWords();
  const zone = useTimeZone();
  const today = words.dayIn(new Date().toISOString());
  const before = new Date(Date.parse(`${today}T00:00:00Z`) - LOOKED_BACK * 86_400_000).toISOString().slice(0, 10);
  const question = { series: [metric], unit: EACH_DAY, from: before, to: today, zone, segment };
  const { data } = useQuery({
    queryKey: ["insight", "trend", question],
    queryFn: ({ signal }) => got(api.POST("/api/v1/insight/trend", { body: question as unknown as Schemas["TrendQuestion"], signal })),
    retry: false,
    staleTime: 5 * 60_000,
  });
  const total = data?.series[0]?.total;
  if (typeof total !== "number") return null;
  const said = { total: words.number(total, metric) };
  // How many different members there will be does not grow evenly with the days.
  if (!isCumulative(metric.measure) || metric.measure === "members") return t("pace.plain", said);
  return t("pace.ahead", { ...said, ahead: words.number((total / LOOKED_BACK) * daysBetween(from, deadline), metric) });
}
