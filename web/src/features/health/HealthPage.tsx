import { Tabs } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Empty, Loaded, NoPermission, Page } from "@/ui";
import { useHealth } from "./api";
import { LettersTab } from "./LettersTab";
import { OverviewTab } from "./OverviewTab";
import "./health.css";

/** Whether data flows: in, through, and what was refused on the way. */
export function HealthPage() {
  const { t } = useTranslation("health");
  const seesAll = useCan("settings", "read");
  const seesLetters = useCan("ingest", "read");
  const { tab } = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const health = useHealth(seesAll);
  const shown = seesAll && tab !== "letters" ? "overview" : "letters";
  if (!seesAll && !seesLetters) {
    return (
      <Page title={t("title")}>
        <NoPermission />
      </Page>
    );
  }
  return (
    <Page title={t("title")} description={t("description")}>
      <Tabs
        activeKey={shown}
        onChange={(next) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, tab: next === "letters" ? next : undefined, code: undefined, open: undefined }) })}
        items={[
          ...(seesAll
            ? [{
                key: "overview",
                label: t("tabs.overview"),
                children: <Loaded query={health} rows={10}>{(data) => (data ? <OverviewTab health={data} /> : <Empty title={t("unknown")}>{t("unknownHelp")}</Empty>)}</Loaded>,
              }]
            : []),
          { key: "letters", label: health.data?.dead_letters.waiting ? t("tabs.lettersCount", { count: health.data.dead_letters.waiting }) : t("tabs.letters"), children: <LettersTab byCode={health.data?.dead_letters.by_code ?? null} /> },
        ]}
      />
    </Page>
  );
}
