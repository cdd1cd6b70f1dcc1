import { useTranslation } from "react-i18next";
import { LinkTabs } from "@/ui";

export function ContentTabs() {
  const { t } = useTranslation("templates");
  return (
    <LinkTabs
      label={t("title")}
      tabs={[
        { to: "/templates", label: t("tab.templates"), isExact: true },
        { to: "/templates/partials", label: t("tab.partials") },
      ]}
    />
  );
}
