import { Button } from "antd";
import { useTranslation } from "react-i18next";
import "./bulk.css";

interface BulkBarProps {
  chosen: number;
  isEverybody: boolean;
  /** Whether the list is filtered: "all" then means less than all. */
  isFiltered: boolean;
  onEverybody: () => void;
  onAct: () => void;
  onClear: () => void;
}

/** Stands above the list while members are chosen. */
export function BulkBar({ chosen, isEverybody, isFiltered, onEverybody, onAct, onClear }: BulkBarProps) {
  const { t } = useTranslation("members");
  if (chosen === 0 && !isEverybody) return null;
  return (
    <div className="h-bulk-bar" role="region" aria-label={t("bulk.region")}>
      <span className="h-bulk-bar-words" aria-live="polite">
        {isEverybody ? (isFiltered ? t("bulk.allMatching") : t("bulk.all")) : t("bulk.chosen", { count: chosen })}
      </span>
      {!isEverybody && (
        <Button onClick={onEverybody}>
          {isFiltered ? t("bulk.chooseMatching") : t("bulk.chooseAll")}
        </Button>
      )}
      <Button type="text" onClick={onClear}>
        {t("bulk.clear")}
      </Button>
      <Button type="primary" onClick={onAct}>
        {t("bulk.act")}
      </Button>
    </div>
  );
}
