import { InboxOutlined } from "@ant-design/icons";
import { Button, Progress } from "antd";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type DragEvent } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, isAborted, type Problem } from "@/lib/api";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { FormErrors, NoPermission, Page, Panel } from "@/ui";
import { upload, type UploadHandle } from "./upload";
import { WizardSteps } from "./WizardSteps";
import "./imports.css";

/** The first step: a file is chosen and sent, nothing is imported yet. */
export function UploadPage() {
  const { t } = useTranslation("imports");
  const mayWrite = useCan("ingest", "write");
  return (
    <Page title={t("new")} crumbs={[{ title: t("title"), to: "/imports" }, { title: t("new") }]} description={t("upload.description")}>
      {mayWrite ? (
        <>
          <WizardSteps step="upload" />
          <Uploader />
        </>
      ) : (
        <NoPermission />
      )}
    </Page>
  );
}

interface Sending {
  file: File;
  sent: number;
  handle: UploadHandle;
}

function Uploader() {
  const { t } = useTranslation("imports");
  const navigate = useNavigate();
  const queries = useQueryClient();
  const formats = useFormats();
  const input = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState<Sending | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [last, setLast] = useState<File | null>(null);
  const [isOver, setIsOver] = useState(false);
  useBlocker({ shouldBlockFn: () => false, enableBeforeUnload: () => sending !== null });
  const handle = useRef<UploadHandle | null>(null);
  useEffect(() => () => handle.current?.abort(), []);

  function start(file: File | undefined) {
    if (!file || sending) return;
    setProblem(null);
    setLast(file);
    const started = upload(file, (sent) => setSending((now) => (now ? { ...now, sent } : now)));
    handle.current = started;
    setSending({ file, sent: 0, handle: started });
    started.done.then(
      (one) => {
        handle.current = null;
        setSending(null);
        queries.setQueryData(["imports", "one", one.id], one);
        void queries.invalidateQueries({ queryKey: ["imports", "list"] });
        void navigate({ to: "/imports/$importId", params: { importId: one.id }, replace: true });
      },
      (error: unknown) => {
        handle.current = null;
        setSending(null);
        if (!isAborted(error)) setProblem(asProblem(error));
      },
    );
  }

  function onDrop(event: DragEvent) {
    event.preventDefault();
    setIsOver(false);
    start(event.dataTransfer.files[0]);
  }

  if (sending) {
    const { file, sent } = sending;
    const percent = file.size > 0 ? Math.min(100, Math.floor((sent / file.size) * 100)) : 100;
    return (
      <Panel title={file.name}>
        <Progress percent={percent} aria-label={t("upload.progress")} />
        <p role="status">{percent < 100 ? t("upload.sent", { sent: megabytes(sent, formats.number), total: megabytes(file.size, formats.number) }) : t("upload.looking")}</p>
        <Button onClick={() => sending.handle.abort()}>{t("ui:cancel")}</Button>
      </Panel>
    );
  }
  return (
    <Panel>
      <FormErrors problem={problem} />
      {problem && last && (
        <p>
          <Button onClick={() => start(last)}>{t("upload.again", { name: last.name })}</Button>
        </p>
      )}
      <label
        className={`h-drop ${isOver ? "is-over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={onDrop}
      >
        <InboxOutlined className="h-drop-icon" aria-hidden />
        <strong>{t("upload.choose")}</strong>
        <span className="h-quiet">{t("upload.kinds")}</span>
        <input
          ref={input}
          type="file"
          className="h-heard"
          accept=".csv,.tsv,.txt,.xlsx,text/csv"
          onChange={(event) => {
            start(event.target.files?.[0]);
            event.target.value = "";
          }}
        />
      </label>
      <ul className="h-upload-notes">
        <li>{t("upload.noteEncoding")}</li>
        <li>{t("upload.noteNothing")}</li>
        <li>{t("upload.noteTwice")}</li>
      </ul>
    </Panel>
  );
}

const MEGABYTES = "megabyte";

function megabytes(bytes: number, number: (value: number, options?: Intl.NumberFormatOptions) => string): string {
  return number(bytes / 1_000_000, { style: "unit", unit: MEGABYTES, unitDisplay: "short", maximumFractionDigits: bytes < 10_000_000 ? 2 : 0 });
}
