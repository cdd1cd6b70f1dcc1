import { ArrowRightOutlined, CheckCircleFilled, CloseOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFirstPlace } from "@/lib/places";
import { remember, remembered } from "@/lib/storage";
import { Panel } from "@/ui";
import { isOfUse, STEPS, useBeginning, type Step } from "./beginning";

const PLACES: Record<Step, readonly string[]> = {
  key: ["/settings/keys?open=new"],
  event: ["/settings/keys"],
  import: ["/imports/new", "/imports"],
  channel: ["/settings/channels?open=new"],
  segment: ["/segments/new", "/segments"],
  journey: ["/journeys/new", "/journeys"],
};

/** The way of a new workspace, step by step, until somebody has gone it. */
export function Beginning({ members }: { members: number | null }) {
  const { t } = useTranslation("home");
  const [isClosed, setIsClosed] = useState<boolean>(() => remembered("beginning.closed", false));
  const isWanted = members === 0 || !isClosed;
  const steps = useBeginning(members, isWanted);
  const first = useFirstPlace();
  const isOver = Boolean(steps && members && STEPS.every((step) => steps[step] !== false));
  // Whoever has gone the whole way is not asked about it each morning.
  useEffect(() => {
    if (isOver) remember("beginning.closed", true);
  }, [isOver]);
  if (!isWanted || !steps || !isOfUse(steps, members)) return null;

  const known = STEPS.filter((step) => steps[step] !== undefined);
  const done = known.filter((step) => steps[step]).length;
  const next = known.find((step) => !steps[step]);
  // Whoever has begun wants to see what is left; at the very beginning the whole way is worth a look.
  const shown = members === 0 ? known : known.filter((step) => !steps[step]);
  return (
    <Panel
      className="h-beginning"
      title={members === 0 ? t("beginning.title") : t("beginning.goOn")}
      actions={
        <>
          <span className="h-quiet">{t("beginning.done", { done, all: known.length })}</span>
          {members !== 0 && (
            <Button
              type="text"
              size="small"
              icon={<CloseOutlined />}
              aria-label={t("beginning.close")}
              onClick={() => {
                remember("beginning.closed", true);
                setIsClosed(true);
              }}
            />
          )}
        </>
      }
    >
      {members === 0 && <p className="h-quiet h-beginning-words">{t("beginning.words")}</p>}
      <ol>
        {shown.map((step) => {
          const to = first(...PLACES[step]);
          return (
            <li key={step} className={steps[step] ? "is-done" : step === next ? "is-next" : undefined}>
              <span className="h-beginning-mark" aria-hidden>
                {steps[step] ? <CheckCircleFilled /> : shown.indexOf(step) + 1}
              </span>
              <span className="h-beginning-step">
                <strong>{t(`beginning.${step}.title`)}</strong>
                <span className="h-quiet">{steps[step] ? t("beginning.isDone") : t(`beginning.${step}.help`)}</span>
                {!steps[step] && to && (
                  <Link to={to as LinkProps["to"]}>
                    {t(`beginning.${step}.act`)} <ArrowRightOutlined aria-hidden />
                  </Link>
                )}
              </span>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
