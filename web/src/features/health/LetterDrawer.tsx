import { Alert, Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/lib/api";
import { useName } from "@/lib/names";
import { useCan } from "@/lib/session";
import { FormErrors, Loaded, Loading, Pill, SideDrawer, Time, useConfirm, useUndoToast } from "@/ui";
import { useDeleteLetters, useLetter, useReplay, type Letter } from "./api";
import { laidOut, readObject } from "./place";
import { useCodeHelp, useCodeName } from "./words";

const JsonEditor = lazy(() => import("./JsonEditor"));

/** One refused record: why, from whom, and the record itself to be put right. */
export function LetterDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("health");
  return (
    <SideDrawer title={t("letter.title")} isOpen={id !== undefined} onClose={onClose} width={720}>
      {id && <LetterBody key={id} id={id} onClose={onClose} />}
    </SideDrawer>
  );
}

function LetterBody({ id, onClose }: { id: string; onClose: () => void }) {
  const letter = useLetter(id);
  return <Loaded query={letter}>{(data) => <LetterForm letter={data} onClose={onClose} />}</Loaded>;
}

function LetterForm({ letter, onClose }: { letter: Letter; onClose: () => void }) {
  const { t } = useTranslation("health");
  const codeName = useCodeName();
  const mayWrite = useCan("ingest", "write");
  const first = laidOut(letter.payload);
  const [text, setText] = useState(first);
  const [round, setRound] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const replay = useReplay();
  const remove = useDeleteLetters();
  const ask = useConfirm();
  const toast = useUndoToast();
  const wasReplayed = Boolean(letter.replayed_at);
  const isChanged = text !== first;
  const corrected = readObject(text);

  function send() {
    setProblem(null);
    replay.mutate(
      { id: letter.id, payload: isChanged ? corrected : undefined },
      {
        onSuccess: () => {
          toast(t("letter.done"));
          onClose();
        },
        onError: (error) => setProblem(asProblem(error)),
      },
    );
  }

  function askToDelete() {
    ask({
      title: t("delete.title", { count: 1 }),
      description: t("delete.description"),
      verb: t("delete.verb"),
      isDestructive: true,
      act: async () => {
        await remove([letter.id]);
        onClose();
      },
    });
  }

  return (
    <div className="h-letter">
      <Alert type={wasReplayed ? "info" : "error"} showIcon title={codeName(letter.code)} description={<Explained letter={letter} />} />
      <dl className="h-letter-facts">
        <div><dt>{t("letter.received")}</dt><dd><Time at={letter.received_at} absolute /></dd></div>
        <div><dt>{t("letter.source")}</dt><dd><Sender source={letter.source} /></dd></div>
        <div><dt>{t("letter.state")}</dt><dd>{wasReplayed ? <Pill tone="good">{t("letter.replayed")}</Pill> : <Pill tone="attention">{t("letter.waiting")}</Pill>}</dd></div>
      </dl>
      <FormErrors problem={problem} />
      <h3>{t("letter.record")}</h3>
      {!wasReplayed && mayWrite && <p className="h-quiet">{t("letter.help")}</p>}
      <Suspense fallback={<Loading rows={6} />}>
        <JsonEditor
          label={t("letter.record")}
          key={round}
          value={first}
          onChange={setText}
          problem={problem?.detail ?? (problem ? problem.title : wasReplayed ? null : letter.message)}
          isReadOnly={wasReplayed || !mayWrite}
        />
      </Suspense>
      {mayWrite && (
        <div className="h-letter-foot">
          <Button danger type="text" onClick={askToDelete}>{t("delete.verb")}</Button>
          <span className="h-letter-gap" />
          {isChanged && (
            <Button
              onClick={() => {
                setText(first);
                setProblem(null);
                setRound(round + 1);
              }}
            >
              {t("letter.reset")}
            </Button>
          )}
          {!wasReplayed && (
            <Button type="primary" loading={replay.isPending} disabled={isChanged && !corrected} onClick={send}>
              {isChanged ? t("letter.sendCorrected") : t("letter.send")}
            </Button>
          )}
        </div>
      )}
      {isChanged && !corrected && <p role="status" className="h-letter-wrong">{t("letter.notJson")}</p>}
    </div>
  );
}

/** What the reason means, and beneath it what the server said of this one record, mostly in English. */
function Explained({ letter }: { letter: Letter }) {
  const { t } = useTranslation("health");
  const help = useCodeHelp()(letter.code);
  return (
    <>
      {help && <p className="h-letter-help">{help}</p>}
      <span className="h-letter-said">
        <span className="h-quiet">{t("letter.said")}</span> <span>{letter.message}</span>
      </span>
    </>
  );
}

/** Who sent it: a key by its name, an import, a person. */
export function Sender({ source }: { source: string }) {
  const { t } = useTranslation("health");
  const [kind, id] = source.includes(":") ? [source.slice(0, source.indexOf(":")), source.slice(source.indexOf(":") + 1)] : ["key", source];
  const named = useName(id.includes("_") ? id : null);
  const name = named?.name ?? id;
  if (kind === "import") return <span>{t("source.import", { name })}</span>;
  if (kind === "operator") return <span>{t("source.operator", { name })}</span>;
  return <span>{named ? t("source.key", { name }) : name}</span>;
}
