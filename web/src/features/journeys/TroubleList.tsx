import { ExclamationCircleFilled, WarningFilled } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Choices } from "./choices";
import type { Trouble } from "./document/check";
import { ENTRY, type JourneyDocument } from "./document/types";
import { useTroubleWords } from "./troubles";
import { useStepWords } from "./words";

interface TroubleListProps {
  document: JourneyDocument;
  troubles: ReadonlyMap<string | null, readonly Trouble[]>;
  choices: Choices;
  onShow: (name: string) => void;
}

/** How many things are wrong, and the way to each of them. */
export function TroubleList({ document, troubles, choices, onShow }: TroubleListProps) {
  const { t } = useTranslation("journeys");
  const words = useTroubleWords();
  const steps = useStepWords(choices);
  const [isOpen, setIsOpen] = useState(false);
  const all = [...troubles.values()].flat();
  const errors = all.filter((one) => one.level === "error");
  const warnings = all.filter((one) => one.level === "warning");
  if (all.length === 0) return null;
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={isOpen}
      onOpenChange={setIsOpen}
      title={t("trouble.title")}
      content={
        <ul className="j-troubles">
          {[...errors, ...warnings].map((one, index) => (
            <li key={index}>
              <button
                type="button"
                onClick={() => {
                  setIsOpen(false);
                  onShow(one.step ?? ENTRY);
                }}
              >
                <span className={one.level === "error" ? "j-node-bad" : "j-node-warning"} aria-hidden>{one.level === "error" ? <ExclamationCircleFilled /> : <WarningFilled />}</span>
                <span>
                  <strong>{one.step === null ? t("settings.title") : steps.title(one.step, document.steps[one.step])}</strong>
                  <span className="h-quiet">{words(one)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      }
    >
      <Button className={`j-trouble-button ${errors.length > 0 ? "is-bad" : "is-warning"}`} icon={errors.length > 0 ? <ExclamationCircleFilled /> : <WarningFilled />}>
        {errors.length > 0 ? t("canvas.problems", { count: errors.length }) : t("canvas.warnings", { count: warnings.length })}
      </Button>
    </Popover>
  );
}
