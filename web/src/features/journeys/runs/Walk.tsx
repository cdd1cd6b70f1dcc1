import { CaretRightOutlined, PauseOutlined } from "@ant-design/icons";
import { Button, Slider } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Time } from "@/ui";

interface WalkProps {
  length: number;
  /** Which line is shown last; `null` shows all. */
  at: number | null;
  onAt: (at: number | null) => void;
  timeOf: (index: number) => string | undefined;
}

const PACE = 900;

/** Plays a run: one line of its trace after another. */
export function Walk({ length, at, onAt, timeOf }: WalkProps) {
  const { t } = useTranslation("journeys");
  const [isPlaying, setIsPlaying] = useState(false);
  const shown = at ?? length - 1;
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setTimeout(() => {
      if (shown >= length - 1) setIsPlaying(false);
      else onAt(shown + 1);
    }, PACE);
    return () => clearTimeout(timer);
  }, [isPlaying, shown, length, onAt]);
  function toggle() {
    if (!isPlaying && shown >= length - 1) onAt(0);
    setIsPlaying(!isPlaying);
  }
  return (
    <div className="j-walk" role="group" aria-label={t("walk.label")}>
      <Button icon={isPlaying ? <PauseOutlined /> : <CaretRightOutlined />} aria-label={isPlaying ? t("walk.pause") : t("walk.play")} onClick={toggle} />
      <Slider className="j-walk-slider" min={0} max={length - 1} value={shown} tooltip={{ open: false }} ariaLabelForHandle={t("walk.at")} onChange={(next) => onAt(next)} />
      <span className="j-walk-time"><Time at={timeOf(shown)} absolute /></span>
    </div>
  );
}
