import { Alert } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** Says that the network is away while it is; what was typed stays where it is. */
export function Connection() {
  const { t } = useTranslation("shell");
  const [isOnline, setIsOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setIsOnline(navigator.onLine);
    window.addEventListener("online", update);
    window.addEventListener("offline", update);
    return () => {
      window.removeEventListener("online", update);
      window.removeEventListener("offline", update);
    };
  }, []);
  return <div role="status">{!isOnline && <Alert banner type="warning" title={t("offline")} />}</div>;
}
