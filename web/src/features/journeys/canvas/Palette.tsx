import { useTranslation } from "react-i18next";
import { STEP_TYPES, type StepType } from "../document/types";
import { StepIcon } from "../icons";
import { DRAGGED } from "./JourneyCanvas";

/** Steps to drag onto the canvas; a click adds one behind what is chosen. */
export function Palette({ onAdd }: { onAdd: (type: StepType) => void }) {
  const { t } = useTranslation("journeys");
  return (
    <div className="j-palette" role="toolbar" aria-label={t("canvas.palette")} aria-orientation="vertical">
      {STEP_TYPES.map((type) => (
        <button
          key={type}
          type="button"
          className={`j-palette-one is-${type}`}
          draggable
          title={t(`stepHelp.${type}`)}
          onClick={() => onAdd(type)}
          onDragStart={(event) => {
            event.dataTransfer.setData(DRAGGED, type);
            event.dataTransfer.effectAllowed = "copy";
          }}
        >
          <span className="j-node-icon" aria-hidden><StepIcon type={type} /></span>
          <span className="j-palette-word">{t(`stepType.${type}`)}</span>
        </button>
      ))}
    </div>
  );
}
