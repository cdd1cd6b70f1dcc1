import { useTranslation } from "react-i18next";
import { Pill, type Tone } from "@/ui";

const TONES: Record<string, Tone> = { draft: "neutral", live: "good", paused: "attention", finishing: "waiting", stopped: "neutral" };

export const STATES = ["draft", "live", "paused", "finishing", "stopped"] as const;

export function StatePill({ state }: { state: string }) {
  const { t } = useTranslation("journeys");
  return <Pill tone={TONES[state] ?? "neutral"}>{t(`state.${state}`)}</Pill>;
}
