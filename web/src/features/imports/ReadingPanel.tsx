import { Select, Switch } from "antd";
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Num, Panel, useTellProblem } from "@/ui";
import { useDetect, type Import, type Reading } from "./api";
import type { Draft } from "./mapping";

const ENCODINGS = ["utf-8", "gbk", "gb18030", "big5", "utf-16le", "utf-16be", "shift_jis", "euc-kr", "windows-1252"];
const DELIMITERS = [",", ";", "tab", "|", "whitespace"];

interface ReadingPanelProps {
  one: Import;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  /** The file was read anew; its columns may be others. */
  onRead: (one: Import) => void;
}

/** What was found out about the file, to be put right where the guess was wrong. */
export function ReadingPanel({ one, draft, onDraft, onRead }: ReadingPanelProps) {
  const { t, i18n } = useTranslation("imports");
  const { detected } = one;
  const queries = useQueryClient();
  const detect = useDetect();
  const tell = useTellProblem();
  const [isOnlyNoted, setIsOnlyNoted] = useState(false);
  const now = {
    encoding: draft.rest.encoding ?? detected.encoding ?? undefined,
    delimiter: draft.rest.delimiter ?? detected.delimiter ?? undefined,
    has_headers: draft.rest.has_headers ? draft.rest.has_headers === "true" : detected.has_headers,
    sheet: draft.rest.sheet ?? detected.sheets?.[0],
  };

  function change(change: Reading) {
    const rest = { ...draft.rest, ...Object.fromEntries(Object.entries(change).map(([name, value]) => [name, String(value)])) };
    const noted = { ...draft, rest };
    onDraft(noted);
    const chosen: Reading = { encoding: rest.encoding, delimiter: rest.delimiter, sheet: rest.sheet, ...(rest.has_headers ? { has_headers: rest.has_headers === "true" } : {}) };
    detect.mutate(
      { id: one.id, ...chosen },
      {
        onSuccess: (read) => {
          setIsOnlyNoted(read === null);
          if (!read) return;
          queries.setQueryData(["imports", "one", one.id], read);
          void queries.invalidateQueries({ queryKey: ["imports", "rows", one.id] });
          onRead(read);
        },
        onError: tell,
      },
    );
  }

  const named = (list: string[], found: string | undefined, key: "encodingName" | "delimiterName") =>
    [...new Set([...(found ? [found] : []), ...list])].map((value) => ({ value, label: i18n.exists(`imports:${key}.${value}`) ? (key === "encodingName" ? t(`encodingName.${value}`) : t(`delimiterName.${value}`)) : value }));
  return (
    <Panel title={t("reading.title")}>
      <dl className="h-reading">
        <div>
          <dt>{t("reading.format")}</dt>
          <dd>{t(`format.${detected.format}`)}</dd>
        </div>
        <div>
          <dt>{t("reading.rows")}</dt>
          <dd>{t("reading.about")} <Num value={detected.rows_estimated} /></dd>
        </div>
        {detected.format === "csv" ? (
          <>
            <div>
              <dt id="reading-encoding">{t("reading.encoding")}</dt>
              <dd>
                <Select aria-labelledby="reading-encoding" value={now.encoding} options={named(ENCODINGS, detected.encoding ?? undefined, "encodingName")} onChange={(encoding: string) => change({ encoding })} loading={detect.isPending} popupMatchSelectWidth={false} />
              </dd>
            </div>
            <div>
              <dt id="reading-delimiter">{t("reading.delimiter")}</dt>
              <dd>
                <Select aria-labelledby="reading-delimiter" value={now.delimiter} options={named(DELIMITERS, detected.delimiter ?? undefined, "delimiterName")} onChange={(delimiter: string) => change({ delimiter })} loading={detect.isPending} popupMatchSelectWidth={false} />
              </dd>
            </div>
          </>
        ) : (
          <div>
            <dt id="reading-sheet">{t("reading.sheet")}</dt>
            <dd>
              <Select aria-labelledby="reading-sheet" value={now.sheet} options={(detected.sheets ?? []).map((value) => ({ value, label: value }))} onChange={(sheet: string) => change({ sheet })} loading={detect.isPending} popupMatchSelectWidth={false} />
            </dd>
          </div>
        )}
        <div>
          <dt id="reading-headers">{t("reading.headers")}</dt>
          <dd>
            <Switch aria-labelledby="reading-headers" checked={now.has_headers} onChange={(has_headers) => change({ has_headers })} loading={detect.isPending} />
          </dd>
        </div>
      </dl>
      {isOnlyNoted && <p className="h-quiet" role="status">{t("reading.onlyNoted")}</p>}
    </Panel>
  );
}
