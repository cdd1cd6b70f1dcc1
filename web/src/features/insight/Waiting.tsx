import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** Before that nobody wonders whether anything happens. */
const PATIENCE = 300;
const SECOND = 1000;

/** That a question is being answered, for how long already, and a way to stop it. */
export function Waiting({ isAsking, onCancel }: { isAsking: boolean; onCancel: () => void }) {
  const { t } = useTranslation("insight");
  const [since, setSince] = useState<number | null>(null);
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!isAsking) {
      setSince(null);
      return;
    }
    const begun = Date.now();
    const timer = setTimeout(() => {
      setSince(begun);
      setNow(Date.now());
    }, PATIENCE);
    const ticks = setInterval(() => setNow(Date.now()), SECOND);
    return () => {
      clearTimeout(timer);
      clearInterval(ticks);
    };
  }, [isAsking]);
  const seconds = since === null ? 0 : Math.floor((now - since) / SECOND);
  if (since === null) return null;
  return (
    <>
      <span className="h-waiting-bar" aria-hidden />
      <div className="h-waiting" role="status">
        <span>{t("waiting.words")}</span>
        {seconds > 0 && <span className="h-quiet" aria-hidden>{t("waiting.seconds", { count: seconds })}</span>}
        <Button size="small" onClick={onCancel}>{t("ui:cancel")}</Button>
      </div>
    </>
  );
}
