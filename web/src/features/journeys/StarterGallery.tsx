import { GiftOutlined, HeartOutlined, RocketOutlined, ShoppingOutlined, StarOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useEventTitle } from "@/features/rules";
import { useServerWords } from "@/lib/i18n/server-words";
import { useTellProblem, useUndoToast } from "@/ui";
import { useStart, useStarters, type Starter } from "./api";
import { parseDocument } from "./document/wire";
import "./list.css";

const ICONS: Record<string, ReactNode> = { welcome: <RocketOutlined />, "win-back": <HeartOutlined />, "after-purchase": <ShoppingOutlined />, birthday: <GiftOutlined /> };

/** Journeys that others run well, to begin with. */
export function StarterGallery() {
  const { t, i18n } = useTranslation("journeys");
  const navigate = useNavigate();
  const tell = useTellProblem();
  const toast = useUndoToast();
  const words = useServerWords();
  const language = i18n.language === "en" ? "en" : "zh";
  const inWords = (text: string) => words({ en: text, zh: text });
  const starters = useStarters(language);
  const start = useStart();
  if (!starters.data || starters.data.length === 0) return null;
  function begin(starter: Starter) {
    start.mutate(
      { key: starter.key, language },
      {
        onError: tell,
        onSuccess: (journey) => {
          toast(t("starter.made", { name: inWords(starter.name) }));
          void navigate({ to: "/journeys/$journeyId", params: { journeyId: journey.id } });
        },
      },
    );
  }
  return (
    <div className="j-starters">
      <h2>{t("starter.title")}</h2>
      <p className="h-quiet">{t("starter.help")}</p>
      <ul>
        {starters.data.map((starter) => {
          const steps = Object.keys(parseDocument(starter.document).steps).length;
          const made = [(starter.templates?.length ?? 0) > 0 && t("starter.templates", { count: starter.templates?.length ?? 0 }), (starter.segments?.length ?? 0) > 0 && t("starter.segments", { count: starter.segments?.length ?? 0 })].filter(Boolean);
          return (
            <li key={starter.key} className="j-starter">
              <span className="j-starter-icon" aria-hidden>{ICONS[starter.key] ?? <StarOutlined />}</span>
              <h3>{inWords(starter.name)}</h3>
              <p>{inWords(starter.description)}</p>
              <p className="h-quiet">{[t("starter.steps", { count: steps }), ...made].join(" · ")}</p>
              <Lacks starter={starter} />
              <Button loading={start.isPending && start.variables.key === starter.key} disabled={start.isPending} onClick={() => begin(starter)}>
                {t("starter.use")}
              </Button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** What has to be there before it can do anything. */
function Lacks({ starter }: { starter: Starter }) {
  const { t } = useTranslation("journeys");
  const eventTitle = useEventTitle();
  const { lacks } = starter;
  if (!lacks) return null;
  const lines = [
    lacks.channel && t("starter.noChannel"),
    lacks.events.length > 0 && t("starter.noEvents", { events: lacks.events.map(eventTitle).join(t("words.comma")) }),
    lacks.traits.length > 0 && t("starter.noTraits", { traits: lacks.traits.join(t("words.comma")) }),
  ].filter(Boolean);
  if (lines.length === 0) return null;
  return (
    <ul className="j-lacks">
      {lines.map((line) => (
        <li key={String(line)}>{line}</li>
      ))}
    </ul>
  );
}
