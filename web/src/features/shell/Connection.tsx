import { Alert } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useLiveConnection, useLiveState } from "@/lib/live";

/** A short break is nobody's business: the stream comes back by itself. */
const WORTH_A_WORD = 10_000;

/** Holds the stream of changes, and says when this page does not hear them or has no network; what was typed stays where it is. */
export function Connection() {
  const { t } = useTranslation("shell");
  const formats = useFormats();
  useLiveConnection();
  const isOnline = useOnline();
  const { kind, since } = useLiveState();
  const isLost = useLasts(kind === "lost" || kind === "signed_out", since);
  return (
    <div role="status">
      {!isOnline && <Alert banner type="warning" title={t("offline")} />}
      {isOnline && isLost && <Alert banner type="warning" title={t("notLive", { time: formats.clock(new Date(since)) })} />}
    </div>
  );
}

function useOnline(): boolean {
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
  return isOnline;
}

/** Whether something has been so for long enough to be told. */
function useLasts(isSo: boolean, since: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    setLasts(false);
    if (!isSo) return;
    const timer = setTimeout(() => setLasts(true), Math.max(0, since + WORTH_A_WORD - Date.now()));
    return () => clearTimeout(timer);
  }, [isSo, since]);
  return isSo && lasts;
}
