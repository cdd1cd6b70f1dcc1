import { useMemo, useSyncExternalStore, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Chart, Empty } from "@/ui";
import type { Asked, Kind, Point, View } from "../api/types";
import { AnswerTable } from "./AnswerTable";
import { draw } from "./draw";
import { fileTable, roomOf } from "./drawn";
import { ExportTable } from "./ExportTable";
import { Figures } from "./Figures";
import { Why } from "./Why";
import { useAnswerWords } from "./words";

interface AnswerViewProps<K extends Kind> {
  kind: K;
  asked: Asked<K>;
  /** The same question about the time before. */
  before?: Asked<K>;
  /** What is asked, in words. */
  title: string;
  view?: View;
  level?: 2 | 3;
  /** On a card there is the picture or the table; on a page both. */
  isCard?: boolean;
  tools?: ReactNode;
  onPoint?: (point: Point) => void;
  height?: number;
}

/** An answer: the number first, then the picture, then the table. */
export function AnswerView<K extends Kind>({ kind, asked, before, title, view, level = 3, isCard = false, tools, onPoint, height }: AnswerViewProps<K>) {
  const { t } = useTranslation("insight");
  const words = useAnswerWords();
  const isPhone = useIsPhone();
  const drawn = useMemo(() => draw(kind, asked, words, { view, ...roomOf(isPhone, isCard) }, before), [kind, asked, words, view, isPhone, isCard, before]);
  const Heading = `h${level}` as const;
  const figures = <Figures figures={isCard && view !== "number" ? drawn.figures.slice(0, 1) : drawn.figures} onPoint={onPoint} />;
  if (drawn.isEmpty) {
    return (
      <div className="h-answer">
        <div className="h-answer-head">
          <Heading className="h-answer-title">{title}</Heading>
          {tools}
        </div>
        <Empty title={t("nothing.title")}>{t("nothing.help")}</Empty>
      </div>
    );
  }
  const isTable = view === "table" || view === "heat";
  const hasPicture = drawn.option !== null && !isTable && view !== "number";
  const hasTable = !isCard || isTable;
  const note = [hasPicture && drawn.pictureNote, hasTable && drawn.tableNote, drawn.note].filter(Boolean).join(" ");
  return (
    <div className="h-answer">
      <Chart
        question={title}
        level={level}
        below={figures}
        tools={tools}
        why={<Why answer={asked.answer} />}
        option={hasPicture ? drawn.option : null}
        height={height ?? drawn.height}
        table={fileTable(drawn.table)}
        isTableShown={hasTable}
        empty={t("nothing.title")}
        onPoint={onPoint && ((_, click) => {
          const point = drawn.pointOf(click);
          if (point) onPoint(point);
        })}
      />
      {note && <p className="h-quiet h-answer-note">{note}</p>}
      {hasTable && <AnswerTable table={drawn.table} label={title} onPoint={onPoint} />}
      {!isCard &&
        drawn.also?.map((part) =>
          part.option ? (
            <div key={part.title} className="h-answer-part">
              <Chart
                question={part.title}
                option={part.option}
                height={part.height}
                table={fileTable(part.table)}
                empty={t("nothing.title")}
                onPoint={onPoint && part.pointOf && ((_, click) => {
                  const point = part.pointOf?.(click);
                  if (point) onPoint(point);
                })}
              />
            </div>
          ) : (
            <div key={part.title} className="h-answer-part">
              <div className="h-answer-head">
                <h3 className="h-answer-title">{part.title}</h3>
                <ExportTable table={part.table} name={part.title} />
              </div>
              <AnswerTable table={part.table} label={part.title} onPoint={onPoint} />
            </div>
          ),
        )}
    </div>
  );
}

const PHONE = "(max-width: 720px)";

function watchWidth(listener: () => void): () => void {
  const query = window.matchMedia(PHONE);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

function useIsPhone(): boolean {
  return useSyncExternalStore(watchWidth, () => window.matchMedia(PHONE).matches);
}
