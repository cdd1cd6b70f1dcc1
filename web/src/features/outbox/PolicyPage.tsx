import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Loaded, NoPermission, Page } from "@/ui";
import { policyQuery } from "./api";
import { HoldoutPanel } from "./HoldoutPanel";
import { PolicyForm } from "./PolicyForm";
import "./outbox.css";

/** When members are left in peace, how often they are written to, and who is never addressed. */
export function PolicyPage() {
  const { t } = useTranslation("outbox");
  const isAllowed = useCan("settings", "read");
  const policy = useQuery({ ...policyQuery, enabled: isAllowed });
  return (
    <Page title={t("title")} description={t("description")}>
      {isAllowed ? (
        <>
          <Loaded query={policy}>{(current) => <PolicyForm key={current.revision} current={current} />}</Loaded>
          <HoldoutPanel />
        </>
      ) : (
        <NoPermission />
      )}
    </Page>
  );
}
