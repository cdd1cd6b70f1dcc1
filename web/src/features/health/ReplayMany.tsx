import { Button, Modal, Progress } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/lib/api";
import { useFormats } from "@/lib/format";
import { useProblemWords } from "@/ui";
import { useReplayMany, type Told } from "./api";

interface ReplayManyProps {
  wanted: { ids: string[] } | { code: string };
  /** How many there are, where that is known. */
  count: number | null;
  onClose: () => void;
}

/** Says how many records will be tried again, then how far it is; what is refused again stays where it is. */
export function ReplayMany({ wanted, count, onClose }: ReplayManyProps) {
  const { t } = useTranslation("health");
  const formats = useFormats();
  const words = useProblemWords();
  const replay = useReplayMany();
  const [told, setTold] = useState<Told | null>(null);
  const [state, setState] = useState<"asking" | "running" | "done" | "failed">("asking");
  const [problem, setProblem] = useState("");
  const ending = useRef<AbortController | null>(null);
  useEffect(() => () => ending.current?.abort(), []);

  async function start() {
    ending.current = new AbortController();
    setState("running");
    setTold({ replayed: 0, failed: 0 });
    try {
      setTold(await replay(wanted, setTold, ending.current.signal));
      setState("done");
    } catch (error) {
      const { title, help } = words(asProblem(error));
      setProblem(`${title} ${help}`);
      setState("failed");
    }
  }

  const tried = told ? told.replayed + told.failed : 0;
  const buttons = {
    asking: [<Button key="no" onClick={onClose}>{t("ui:cancel")}</Button>, <Button key="yes" type="primary" onClick={() => void start()}>{t("many.verb")}</Button>],
    running: [<Button key="stop" onClick={() => ending.current?.abort()}>{t("many.stop")}</Button>],
    done: [<Button key="close" type="primary" onClick={onClose}>{t("many.close")}</Button>],
    failed: [<Button key="close" onClick={onClose}>{t("many.close")}</Button>, <Button key="again" type="primary" onClick={() => void start()}>{t("ui:tryAgain")}</Button>],
  };
  return (
    <Modal open centered title={count === null ? t("many.titleAll") : t("many.title", { count })} onCancel={onClose} footer={buttons[state]} mask={{ closable: state !== "running" }} width={480}>
      {state === "asking" ? (
        <p className="h-quiet">{t("many.help")}</p>
      ) : (
        <div aria-live="polite">
          <Progress percent={count ? Math.min(100, Math.floor((tried / count) * 100)) : state === "done" ? 100 : 0} status={state === "failed" ? "exception" : state === "done" ? "success" : "active"} aria-label={t("many.verb")} />
          <p>{t("many.told", { replayed: formats.number(told?.replayed ?? 0), failed: formats.number(told?.failed ?? 0) })}</p>
          {state === "done" && (told?.failed ?? 0) > 0 && <p className="h-quiet">{t("many.stay")}</p>}
          {problem && <p role="alert" className="h-letter-wrong">{problem}</p>}
        </div>
      )}
    </Modal>
  );
}
