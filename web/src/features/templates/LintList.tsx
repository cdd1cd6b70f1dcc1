import { BulbOutlined, CheckCircleOutlined, CloseCircleFilled, LinkOutlined, WarningFilled } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useServerWords } from "@/lib/i18n/server-words";
import { placeOf } from "./draft";
import { sorted, type Warning } from "./lint";

const ICONS: Record<string, ReactNode> = { error: <CloseCircleFilled />, warning: <WarningFilled />, hint: <BulbOutlined /> };

interface LintListProps {
  warnings: readonly Warning[];
  onGo: (warning: Warning) => void;
  onCheckLinks?: () => void;
  isChecking?: boolean;
}

/** What may be wrong, the worst first; a click leads to the place. */
export function LintList({ warnings, onGo, onCheckLinks, isChecking }: LintListProps) {
  const { t } = useTranslation("templates");
  const say = useServerWords();
  return (
    <section className="h-lint" aria-label={t("lint.title")}>
      <header>
        <h2 aria-live="polite">{warnings.length === 0 ? t("lint.title") : t("lint.count", { count: warnings.length })}</h2>
        {onCheckLinks && (
          <Button size="small" icon={<LinkOutlined />} loading={isChecking} onClick={onCheckLinks}>
            {t("lint.checkLinks")}
          </Button>
        )}
      </header>
      {warnings.length === 0 ? (
        <p className="h-lint-none"><CheckCircleOutlined aria-hidden /> {t("lint.none")}</p>
      ) : (
        <ul>
          {sorted(warnings).map((warning, index) => (
            <li key={`${warning.code}${warning.path}${warning.line ?? ""}${index}`} className={`is-${warning.severity}`}>
              <button type="button" onClick={() => onGo(warning)}>
                <span className="h-lint-sign" aria-label={t(`lint.severity.${warning.severity}`)} role="img">{ICONS[warning.severity]}</span>
                <span className="h-lint-words">{say(warning)}</span>
                <Place warning={warning} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Place({ warning }: { warning: Warning }) {
  const { t } = useTranslation("templates");
  const place = placeOf(warning.path);
  if (!place) return null;
  const name = t(`part.${place.part}`);
  const where = place.variant === "all" ? name : `${t(`variant.${place.variant}`)} · ${name}`;
  return <span className="h-lint-place">{warning.line ? t("lint.line", { place: where, line: warning.line }) : where}</span>;
}
