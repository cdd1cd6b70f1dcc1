import { CheckCircleFilled } from "@ant-design/icons";
import { Spin } from "antd";
import { useTranslation } from "react-i18next";
import { useLive } from "@/lib/live";
import { Time } from "@/ui";
import { useKeys } from "./api";

/** Waits beside the snippet until something comes in with the key. */
export function FirstEvent({ id }: { id: string }) {
  const { t } = useTranslation("keys");
  const key = useKeys().items.find((one) => one.id === id);
  const at = key?.last_used_at;
  useLive(["pipeline"], { keys: [["keys"]], moves: !at });
  return (
    <div className={`h-first-event ${at ? "is-here" : ""}`} role="status">
      {at ? <CheckCircleFilled aria-hidden /> : <Spin size="small" />}
      {at ? <span>{t("first.here")} <Time at={at} /></span> : <span>{t("first.waiting")}</span>}
    </div>
  );
}
