import { InboxOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { DataTable, Empty, Pill, Time, useConfirm, useTellProblem, useUndoToast, useUrlDrawer, type Column } from "@/ui";
import { useDeleteLetters, useLetters, type Letter } from "./api";
import { LetterDrawer, Sender } from "./LetterDrawer";
import { ReplayMany } from "./ReplayMany";
import { useCodeHelp, useCodeName } from "./words";

/** Records that were refused: filtered by reason, put right one by one, or tried again in numbers. */
export function LettersTab({ byCode }: { byCode: Record<string, number> | null }) {
  const { t } = useTranslation("health");
  const formats = useFormats();
  const codeName = useCodeName();
  const mayWrite = useCan("ingest", "write");
  const { code } = useSearch({ strict: false }) as { code?: string };
  const navigate = useNavigate();
  const drawer = useUrlDrawer();
  const list = useLetters(code);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [isReplaying, setIsReplaying] = useState<"chosen" | "code" | null>(null);
  const remove = useDeleteLetters();
  const ask = useConfirm();
  const toast = useUndoToast();
  const tell = useTellProblem();

  const codes = [...new Set([...Object.keys(byCode ?? {}), ...list.items.map((letter) => letter.code), ...(code ? [code] : [])])].sort();
  const columns: Column<Letter>[] = [
    { key: "code", title: t("letters.reason"), isFixed: true, render: (letter) => <strong className="h-nowrap">{codeName(letter.code)}</strong>, text: (letter) => letter.code },
    { key: "message", title: t("letters.detail"), render: (letter) => <Detail letter={letter} />, text: (letter) => letter.message },
    { key: "source", title: t("letter.source"), render: (letter) => <Sender source={letter.source} />, text: (letter) => letter.source },
    { key: "received", title: t("letter.received"), render: (letter) => <Time at={letter.received_at} />, text: (letter) => letter.received_at },
    {
      key: "state",
      title: t("letter.state"),
      render: (letter) => (letter.replayed_at ? <Pill tone="good">{t("letter.replayed")}</Pill> : <Pill tone="attention">{t("letter.waiting")}</Pill>),
      text: (letter) => (letter.replayed_at ? t("letter.replayed") : t("letter.waiting")),
    },
    { key: "id", title: t("letters.id"), isHidden: true, render: (letter) => <code className="h-code">{letter.id}</code>, text: (letter) => letter.id },
  ];

  function askToDelete() {
    const ids = [...chosen];
    ask({
      title: t("delete.title", { count: ids.length }),
      description: t("delete.description"),
      verb: t("delete.verb"),
      isDestructive: true,
      act: async () => {
        await remove(ids);
        setChosen(new Set());
        toast(t("delete.done", { count: ids.length }));
      },
    });
  }

  const waiting = list.items.filter((letter) => !letter.replayed_at);
  const filters = (
    <div className="h-letters-tools">
      <Select
        className="h-letters-code"
        allowClear
        placeholder={t("letters.allReasons")}
        aria-label={t("letters.reason")}
        value={code}
        options={codes.map((one) => ({ value: one, label: byCode?.[one] ? t("letters.reasonCount", { name: codeName(one), count: byCode[one], formatted: formats.number(byCode[one]) }) : codeName(one) }))}
        onChange={(next: string | undefined) => void navigate({ to: ".", search: (before: Record<string, unknown>) => ({ ...before, code: next }) }).catch(tell)}
      />
      {mayWrite && chosen.size > 0 && (
        <>
          <Button onClick={() => setIsReplaying("chosen")}>{t("letters.replayChosen", { count: chosen.size })}</Button>
          <Button danger onClick={askToDelete}>{t("letters.deleteChosen", { count: chosen.size })}</Button>
        </>
      )}
      {mayWrite && chosen.size === 0 && code && waiting.length > 0 && <Button onClick={() => setIsReplaying("code")}>{t("letters.replayAll")}</Button>}
    </div>
  );
  return (
    <>
      <DataTable
        name="dead-letters"
        label={t("letters.title")}
        list={list}
        columns={columns}
        rowKey={(letter) => letter.id}
        onOpen={(letter) => drawer.open(letter.id)}
        selection={mayWrite ? { chosen, onChange: setChosen } : undefined}
        filters={filters}
        empty={<Empty icon={<InboxOutlined />} title={t("letters.empty")} example={<span className="h-quiet">{t("letters.example")}</span>}>{t("letters.emptyHelp")}</Empty>}
      />
      <LetterDrawer id={drawer.value} onClose={drawer.close} />
      {isReplaying && (
        <ReplayMany
          wanted={isReplaying === "chosen" ? { ids: [...chosen] } : { code: code ?? "" }}
          count={isReplaying === "chosen" ? chosen.size : (byCode?.[code ?? ""] ?? (list.hasMore ? null : waiting.length))}
          onClose={() => {
            setIsReplaying(null);
            setChosen(new Set());
          }}
        />
      )}
    </>
  );
}

/** What the reason means in the reader's language, and what the server said of this one. */
function Detail({ letter }: { letter: Letter }) {
  const help = useCodeHelp()(letter.code);
  return (
    <span className="h-letters-message">
      {help && <span>{help}</span>}
      <span className={help ? "h-letters-said h-quiet" : undefined}>{letter.message}</span>
    </span>
  );
}
