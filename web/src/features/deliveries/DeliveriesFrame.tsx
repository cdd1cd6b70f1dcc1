import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LinkTabs, Page } from "@/ui";
import "./deliveries.css";

interface DeliveriesFrameProps {
  description: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** The pages about what is sent. */
export function DeliveriesFrame({ description, actions, children }: DeliveriesFrameProps) {
  const { t } = useTranslation("deliveries");
  return (
    <Page title={t("title")} description={description} actions={actions}>
      <LinkTabs
        label={t("title")}
        tabs={[
          { to: "/deliveries", label: t("tab.list"), isExact: true },
          { to: "/deliveries/queue", label: t("tab.queue") },
          { to: "/deliveries/suppressions", label: t("tab.suppressions") },
        ]}
      />
      {children}
    </Page>
  );
}
