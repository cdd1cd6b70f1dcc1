import { ExclamationCircleFilled, PlusOutlined, WarningFilled } from "@ant-design/icons";
import { Handle, Position, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { ENTRY } from "../document/types";
import { EntryIcon, StepIcon } from "../icons";
import { useCanvasActions } from "./actions";
import type { StepNode, WayView } from "./model";

/** A step, or the entry: what it is, what it does, how many stand there, and its ways out. */
export const StepCard = memo(function StepCard({ id, data, selected }: NodeProps<StepNode>) {
  const { t } = useTranslation("journeys");
  const isEntry = id === ENTRY;
  const classes = ["j-node", isEntry ? "is-entry" : `is-${data.kind}`, selected && "is-chosen", data.mark && `is-${data.mark}`, data.isDimmed && "is-dimmed", data.visits.length > 0 && "is-visited"];
  return (
    <div className={classes.filter(Boolean).join(" ")}>
      {!isEntry && <Handle type="target" position={Position.Top} id="in" className="j-dot" />}
      <div className="j-node-head">
        <span className="j-node-icon" aria-hidden>
          {isEntry ? <EntryIcon kind={data.kind || null} /> : <StepIcon type={data.kind} />}
        </span>
        <div className="j-node-words">
          <div className="j-node-title" title={data.title}>{data.title}</div>
          <div className="j-node-summary" title={data.summary}>{data.summary}</div>
        </div>
        <Signs data={data} name={id} />
      </div>
      {data.mark && <span className="j-node-mark">{t(`mark.${data.mark}`)}</span>}
      {data.hasWayNames && (
        <div className="j-node-ways">
          {data.ways.map(({ way, label }) => (
            <span key={way.id} title={label}>{label}</span>
          ))}
        </div>
      )}
      {data.ways.map((view, index) => (
        <WayOut key={view.way.id} view={view} step={id} left={`${((index + 0.5) / data.ways.length) * 100}%`} />
      ))}
    </div>
  );
});

function Signs({ data, name }: { data: StepNode["data"]; name: string }) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const { onStanding } = useCanvasActions();
  const errors = data.troubles.filter((one) => one.level === "error").length;
  const waiting = data.figures?.waiting ?? 0;
  return (
    <span className="j-node-signs">
      {data.visits.length > 0 && <span className="j-node-visits">{data.visits.join("·")}</span>}
      {waiting > 0 &&
        (onStanding ? (
          <button type="button" className="j-node-standing nodrag" aria-label={t("canvas.standing", { count: waiting })} title={t("canvas.standing", { count: waiting })} onClick={() => onStanding(name)}>
            {formats.number(waiting)}
          </button>
        ) : (
          <span className="j-node-standing" title={t("canvas.standing", { count: waiting })}>{formats.number(waiting)}</span>
        ))}
      {data.troubles.length > 0 && (
        <span className={errors > 0 ? "j-node-bad" : "j-node-warning"} title={t(errors > 0 ? "canvas.problems" : "canvas.warnings", { count: errors || data.troubles.length })}>
          {errors > 0 ? <ExclamationCircleFilled /> : <WarningFilled />}
        </span>
      )}
    </span>
  );
}

/** Where an edge begins; a way that leads nowhere says that the run ends there. */
function WayOut({ view, step, left }: { view: WayView; step: string; left: string }) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const { isEditing, onAdd } = useCanvasActions();
  const isEnd = view.way.to === null;
  return (
    <>
      <Handle type="source" position={Position.Bottom} id={view.way.id} className="j-dot" style={{ left }} />
      {isEnd && (
        <div className="j-end" style={{ left }}>
          {isEditing ? (
            <button type="button" tabIndex={-1} className="j-add nodrag nopan" aria-label={t("canvas.addHere")} title={t("canvas.addHere")} onClick={(event) => onAdd({ step, way: view.way.id }, event.currentTarget)}>
              <PlusOutlined />
            </button>
          ) : (
            <span className="j-end-words">{view.taken === null ? t("canvas.end") : t("canvas.endNumber", { number: formats.number(view.taken) })}</span>
          )}
          {isEditing && view.taken !== null && view.taken > 0 && <span className="j-end-words">{formats.number(view.taken)}</span>}
        </div>
      )}
    </>
  );
}
