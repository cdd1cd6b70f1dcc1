import { Progress } from "antd";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { Pill } from "@/ui";
import { isBuilding, type Segment } from "./api";

/** Whether a segment is up to date, still being worked out (and how far), or a snapshot that does not move. */
export function SegmentState({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  if (!isBuilding(segment)) {
    return segment.snapshot_of ? <Pill tone="neutral">{t("states.snapshot")}</Pill> : <Pill tone="good">{t("states.live")}</Pill>;
  }
  const { building } = segment;
  const share = building && building.total > 0 ? building.done / building.total : 0;
  return (
    <span className="h-segment-building">
      <Pill tone="waiting">{t("states.building")}</Pill>
      {building && (
        <Progress
          size="small"
          percent={Math.floor(share * 100)}
          showInfo={false}
          aria-label={t("building", { done: formats.number(building.done), total: formats.number(building.total) })}
        />
      )}
    </span>
  );
}
