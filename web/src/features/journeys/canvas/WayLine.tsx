import { PlusOutlined } from "@ant-design/icons";
import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCanvasActions } from "./actions";
import { wayOfEdge, type WayEdge } from "./model";
import { pathDown } from "./path";

const THICKEST = 5;
/** The label stands right below where the edge begins, where no other edge comes near it. */
const BELOW = 20;

/** An edge: how many took it, and a place to put a step in. */
export const WayLine = memo(function WayLine({ id, data, selected, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, markerEnd }: EdgeProps<WayEdge>) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const { isEditing, onAdd } = useCanvasActions();
  const isDown = targetY > sourceY + 12;
  const path = isDown
    ? pathDown({ x: sourceX, y: sourceY }, data?.route ?? [], { x: targetX, y: targetY }, data?.lane)
    : getSmoothStepPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, borderRadius: 12, offset: 36 })[0];
  const classes = ["j-way", selected && "is-chosen", data?.isWalked && "is-walked", data?.isDimmed && "is-dimmed"].filter(Boolean).join(" ");
  const taken = data?.taken ?? null;
  return (
    <>
      <BaseEdge id={id} path={path} markerEnd={markerEnd} className={classes} style={taken === null ? undefined : { strokeWidth: 1.5 + (data?.share ?? 0) * (THICKEST - 1.5) }} interactionWidth={24} />
      {(taken !== null || isEditing) && (
        <EdgeLabelRenderer>
          <div className={`j-way-label nodrag nopan ${data?.isDimmed ? "is-dimmed" : ""}`} style={{ transform: `translate(-50%, -50%) translate(${sourceX}px, ${sourceY + BELOW}px)` }}>
            {taken !== null && <span className="j-way-number" title={t("canvas.taken", { count: taken })}>{formats.number(taken)}</span>}
            {isEditing && (
              <button type="button" tabIndex={-1} className="j-add" aria-label={t("canvas.putIn")} title={t("canvas.putIn")} onClick={(event) => onAdd(wayOfEdge(id), event.currentTarget)}>
                <PlusOutlined />
              </button>
            )}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
