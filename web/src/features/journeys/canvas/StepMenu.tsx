import { useEffect, useRef, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { STEP_TYPES, type StepType } from "../document/types";
import { StepIcon } from "../icons";

interface StepMenuProps {
  /** Where on the screen. */
  beside: { left: number; top: number };
  onChoose: (type: StepType) => void;
  onClose: () => void;
}

const SIZE = { width: 296, height: 548 };

/** Which step is to be put in. */
export function StepMenu({ beside, onChoose, onClose }: StepMenuProps) {
  const { t } = useTranslation("journeys");
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("button")?.focus();
    function onPointer(event: PointerEvent) {
      if (!list.current?.contains(event.target as Element)) onClose();
    }
    window.addEventListener("pointerdown", onPointer, true);
    return () => window.removeEventListener("pointerdown", onPointer, true);
  }, [onClose]);

  function onKey(event: KeyboardEvent) {
    const buttons = [...(list.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(window.document.activeElement as HTMLButtonElement);
    if (event.key === "Escape" || event.key === "Tab") onClose();
    else if (event.key === "ArrowDown") buttons[(at + 1) % buttons.length]?.focus();
    else if (event.key === "ArrowUp") buttons[(at - 1 + buttons.length) % buttons.length]?.focus();
    else if (event.key === "Home") buttons[0]?.focus();
    else if (event.key === "End") buttons.at(-1)?.focus();
    else return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
  }

  const left = Math.max(8, Math.min(beside.left, window.innerWidth - SIZE.width - 8));
  const top = Math.max(8, Math.min(beside.top, window.innerHeight - SIZE.height - 8));
  return (
    <div ref={list} className="j-menu" role="menu" aria-label={t("canvas.chooseStep")} style={{ left, top, width: SIZE.width, maxHeight: SIZE.height }} onKeyDown={onKey}>
      {STEP_TYPES.map((type) => (
        <button key={type} type="button" role="menuitem" className={`j-menu-one is-${type}`} onClick={() => onChoose(type)}>
          <span className="j-node-icon" aria-hidden><StepIcon type={type} /></span>
          <span>
            <strong>{t(`stepType.${type}`)}</strong>
            <span className="h-quiet">{t(`stepHelp.${type}`)}</span>
          </span>
        </button>
      ))}
    </div>
  );
}
