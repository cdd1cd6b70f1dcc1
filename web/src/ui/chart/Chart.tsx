import { DownloadOutlined, QuestionCircleOutlined } from "@ant-design/icons";
import { Button, Dropdown, Popover } from "antd";
import type { EChartsCoreOption, ECharts } from "echarts/core";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { fileOf, saveAs, type FileFormat } from "@/lib/export";
import { useFormats } from "@/lib/format";
import { useTheme } from "../theme/ThemeProvider";
import { palettes } from "../theme/tokens";
import { Empty } from "../states";
import { titled } from "./picture";
import "./Chart.css";

interface ChartProps {
  /** The question that it answers: "How many members did something each day?" */
  question: string;
  /** Beneath a heading of its own a chart is a third one. */
  level?: 2 | 3;
  /** The answer in one number, before any line is drawn. */
  value?: ReactNode;
  /** The same number for the time before. */
  compare?: { now: number; before: number; label: string; isShare?: boolean };
  /** Between the number and the picture, such as further numbers. */
  below?: ReactNode;
  /** Beside "why?" and the export. */
  tools?: ReactNode;
  /** How the number comes about; behind "why?". */
  why?: ReactNode;
  /** Null where a number says all: then there is no picture, but why, files and the rest are as with any chart. */
  option: EChartsCoreOption | null;
  /** What the chart shows as rows: for CSV, and for those who cannot see it. */
  table: { head: string[]; rows: (string | number)[][] };
  /** In words, when there is nothing to draw. */
  empty: string;
  /** Whether the page shows `table` itself, so that nobody needs to hear it twice. */
  isTableShown?: boolean;
  /** The members behind a point: the row of `table` that was clicked; and in which series, where there are several. */
  onPoint?: (row: number, click: ChartPoint) => void;
  height?: number;
}

/** What was clicked, as ECharts names it. */
export interface ChartPoint {
  seriesIndex: number;
  dataIndex: number;
  /** `node` or `edge` in a Sankey. */
  dataType?: string;
  data: unknown;
}

/** Pixels of a picture for each one of the screen, so that it stays sharp in slides. */
const SHARP = 2;

export function Chart({ question, level = 3, value, compare, below, tools, why, option, table, empty, isTableShown = false, onPoint, height = 280 }: ChartProps) {
  const { t } = useTranslation("ui");
  const { mode } = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const onPointNow = useRef(onPoint);
  onPointNow.current = onPoint;
  const [isReady, setIsReady] = useState(0);
  const Heading = `h${level}` as const;
  const isEmpty = table.rows.length === 0;
  const hasPicture = option !== null && !isEmpty;

  useEffect(() => {
    const element = box.current;
    if (!element || !hasPicture) return;
    let isGone = false;
    let begin: (() => void) | null = null;
    // While something beside it is still being loaded the page is hidden, and has no width to draw in.
    const observer = new ResizeObserver(() => {
      if (chart.current) chart.current.resize();
      else if (element.clientWidth > 0) begin?.();
    });
    void import("./echarts").then(({ draw }) => {
      if (isGone) return;
      begin = () => {
        const drawn = draw(element, mode);
        drawn.on("click", (event) => {
          const { seriesIndex = 0, dataIndex, dataType, data } = event;
          onPointNow.current?.(dataIndex, { seriesIndex, dataIndex, dataType, data });
        });
        chart.current = drawn;
        setIsReady((count) => count + 1);
      };
      // Told at once how large it is.
      observer.observe(element);
    });
    return () => {
      isGone = true;
      observer.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, [mode, hasPicture]);

  useEffect(() => {
    const animation = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (option) chart.current?.setOption({ animation, aria: { enabled: true, decal: { show: false } }, ...option }, { notMerge: true });
  }, [option, isReady]);

  function exportAs(format: FileFormat | "png") {
    if (format === "png") {
      const picture = chart.current?.getDataURL({ type: "png", pixelRatio: SHARP, backgroundColor: palettes[mode].surface });
      if (picture) void titled(picture, question, palettes[mode], SHARP).then((file) => saveAs(file, `${question}.png`));
      return;
    }
    const rows = [table.head, ...table.rows.map((row) => row.map(String))];
    void fileOf(rows, format).then((file) => saveAs(file, `${question}.${format}`));
  }

  return (
    <figure className="h-chart">
      <figcaption className="h-chart-head">
        <div>
          <Heading>{question}</Heading>
          {value !== undefined && (
            <div className="h-chart-number">
              <strong>{value}</strong>
              {compare && <Change {...compare} />}
            </div>
          )}
        </div>
        <div className="h-chart-tools">
          {tools}
          {why && (
            <Popover content={<div className="h-chart-why">{why}</div>} trigger="click" placement="bottomRight">
              <Button size="small" type="text" icon={<QuestionCircleOutlined />}>
                {t("chart.why")}
              </Button>
            </Popover>
          )}
          {!isEmpty && (
            <Dropdown
              trigger={["click"]}
              menu={{
                items: [
                  ...(hasPicture ? [{ key: "png", label: t("chart.png") }] : []),
                  { key: "csv", label: t("table.csv") },
                  { key: "xlsx", label: t("table.xlsx") },
                ],
                onClick: ({ key }) => exportAs(key as FileFormat | "png"),
              }}
            >
              <Button size="small" type="text" icon={<DownloadOutlined />} aria-label={t("table.export")} />
            </Dropdown>
          )}
        </div>
      </figcaption>
      {below}
      {isEmpty ? (
        <Empty title={empty} />
      ) : (
        <>
          {hasPicture && <div ref={box} style={{ height }} aria-hidden />}
          {!isTableShown && <HeardTable question={question} {...table} />}
        </>
      )}
    </figure>
  );
}

function HeardTable({ question, head, rows }: { question: string; head: string[]; rows: (string | number)[][] }) {
  // A table cannot be made as small as one pixel itself: it would lengthen the page.
  return (
    <div className="h-heard">
      <table>
        <caption>{question}</caption>
        <thead>
          <tr>
            {head.map((title, index) => (
              <th key={index}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join()}>
              {row.map((cell, index) => (
                <td key={index}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const FEW = 20;

/**
 * By how much a number moved: with a sign, an arrow and words, so that nothing hangs on the colour. A share moves by points: that it
 * went from 10 % to 15 % is no half more to most readers.
 */
export function Change({ now, before, label, isShare = false }: { now: number; before: number; label: string; isShare?: boolean }) {
  const { t } = useTranslation("ui");
  const formats = useFormats();
  const difference = now - before;
  // Of a few, a share says nothing: from 1 to 24 is 23 more rather than 2,300 %.
  const share = isShare || Math.abs(before) < FEW ? null : difference / Math.abs(before);
  const arrow = difference > 0 ? "▲" : difference < 0 ? "▼" : "■";
  const plain = (value: number, maximumFractionDigits: number) => formats.number(value, { signDisplay: "exceptZero", maximumFractionDigits });
  const words = isShare ? t("chart.points", { points: plain(difference * 100, 1) }) : share === null ? plain(difference, 2) : formats.percent(share);
  const key = difference > 0 ? "up" : difference < 0 ? "down" : "same";
  return (
    <span className={`h-change is-${key}`} title={label}>
      <span aria-hidden>{arrow}</span> {words} <span className="h-quiet">{label || t("chart.compared")}</span>
    </span>
  );
}
