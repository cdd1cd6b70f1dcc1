import { Background, BackgroundVariant, MiniMap, ReactFlow, ReactFlowProvider, type Connection, type FinalConnectionState, type NodeChange, type ReactFlowInstance } from "@xyflow/react";
import { useCallback, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import "@xyflow/react/dist/base.css";
import type { Choices } from "../choices";
import type { After } from "../document/edit";
import { placesOf } from "../document/layout";
import { ENTRY, type JourneyDocument, type Place } from "../document/types";
import { useStepWords } from "../words";
import { CanvasContext, type CanvasActions } from "./actions";
import { edgesOf, nodesOf, wayOfEdge, type StepNode, type View, type WayEdge } from "./model";
import { StepCard } from "./StepNodes";
import { WayLine } from "./WayLine";
import "./canvas.css";

const nodeTypes = { entry: StepCard, step: StepCard };
const edgeTypes = { way: WayLine };
/** With so many nodes, one can lose one's way. */
const MANY = 9;
const SMALL = { width: 150, height: 110 };

/** Room for the palette at the left and the tools below. */
export function fitting(isEditing: boolean) {
  const isWide = window.innerWidth > 900;
  const padding = { top: "28px", right: "28px", bottom: isEditing ? (isWide ? "84px" : "132px") : "80px", left: isEditing && isWide ? "156px" : "28px" } as const;
  return { padding, maxZoom: 1, minZoom: 0.2 };
}


export type Flow = ReactFlowInstance<StepNode, WayEdge>;

/** What can be done on a canvas that is edited. */
export interface Editing {
  onMove: (places: Record<string, Place>) => void;
  onConnect: (after: After, target: string | null) => void;
  /** Asks for a step to put into a way, or at a place. */
  onAdd: (after: After | null, beside: { left: number; top: number }, at?: Place) => void;
  onDropStep: (type: string, at: Place, into: After | null) => void;
  onChooseWay: (id: string | null) => void;
}

interface JourneyCanvasProps extends Omit<View, "places" | "words"> {
  /** What is drawn, for those who hear it. */
  label: string;
  document: JourneyDocument;
  choices: Choices;
  /** Where nodes stand; by the document's layout when left out. */
  places?: Readonly<Record<string, Place>>;
  onChoose: (names: string[]) => void;
  onOpen?: (name: string) => void;
  onStanding?: (step: string) => void;
  editing?: Editing;
  onReady?: (flow: Flow) => void;
  hasMap?: boolean;
  children?: ReactNode;
}

const READABLE = { least: 0.7, then: 0.85 };

/** A journey that would be too small to read as a whole is shown from its beginning. */
function readable(flow: Flow, entry: Place | undefined) {
  if (!entry || flow.getZoom() >= READABLE.least) return;
  const { height = 0 } = window.document.querySelector(".react-flow")?.getBoundingClientRect() ?? {};
  void flow.setCenter(entry.x + 124, entry.y + height / 2 / READABLE.then - 40, { zoom: READABLE.then });
}

export const DRAGGED = "application/x-hearth-step";

/** Draws a journey: to be looked at, or to be edited. */
export function JourneyCanvas(props: JourneyCanvasProps) {
  return (
    <ReactFlowProvider>
      <Drawing {...props} />
    </ReactFlowProvider>
  );
}

function Drawing({ label, document, choices, places, onChoose, onOpen, onStanding, editing, onReady, hasMap = false, children, ...seen }: JourneyCanvasProps) {
  const { t } = useTranslation("journeys");
  const words = useStepWords(choices, document);
  const [flow, setFlow] = useState<Flow | null>(null);
  const [moving, setMoving] = useState<Record<string, Place>>({});
  const standing = useMemo(() => places ?? placesOf(document), [places, document]);
  const { chosen, chosenWay, figures, entered, marks, troubles, walk } = seen;
  const nodes = useMemo(
    () => nodesOf(document, { places: { ...standing, ...moving }, words, figures, entered, marks, troubles, walk, chosen, chosenWay }),
    [document, standing, moving, words, figures, entered, marks, troubles, walk, chosen, chosenWay],
  );
  const edges = useMemo(
    () => edgesOf(document, nodes, { places: { ...standing, ...moving }, words, walk, chosen, chosenWay }),
    [document, nodes, standing, moving, words, walk, chosen, chosenWay],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<StepNode>[]) => {
      const moved: Record<string, Place> = {};
      const picked = new Set(chosen);
      let isPicked = false;
      for (const change of changes) {
        if (change.type === "position" && change.position && change.dragging) moved[change.id] = change.position;
        if (change.type === "select") {
          isPicked = true;
          if (change.selected) picked.add(change.id);
          else picked.delete(change.id);
        }
      }
      if (Object.keys(moved).length > 0) setMoving((before) => ({ ...before, ...moved }));
      if (isPicked) onChoose([...picked]);
    },
    [chosen, onChoose],
  );

  const actions = useMemo<CanvasActions>(
    () => ({
      isEditing: editing !== undefined,
      onAdd: (after, beside) => {
        const { left, bottom } = beside.getBoundingClientRect();
        editing?.onAdd(after, { left, top: bottom + 4 });
      },
      onStanding,
    }),
    [editing, onStanding],
  );

  function connected({ source, sourceHandle, target }: Connection) {
    if (sourceHandle && target !== ENTRY) editing?.onConnect({ step: source, way: sourceHandle }, target);
  }

  function dropped(event: MouseEvent | TouchEvent, state: FinalConnectionState) {
    const handle = state.fromHandle;
    if (!editing || !flow || state.toNode || !handle?.id || handle.type !== "source") return;
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    if (!point) return;
    const at = flow.screenToFlowPosition({ x: point.clientX, y: point.clientY });
    editing.onAdd({ step: handle.nodeId, way: handle.id }, { left: point.clientX, top: point.clientY }, { x: at.x - 124, y: at.y });
  }

  return (
    <CanvasContext.Provider value={actions}>
      <ReactFlow
        aria-label={label}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        fitView
        fitViewOptions={fitting(editing !== undefined)}
        minZoom={0.1}
        maxZoom={1.75}
        onInit={(ready) => {
          setFlow(ready);
          readable(ready, standing[ENTRY]);
          onReady?.(ready);
        }}
        onNodesChange={onNodesChange}
        onNodeDragStop={(_, __, dragged) => {
          setMoving({});
          editing?.onMove({ ...standing, ...Object.fromEntries(dragged.map((node) => [node.id, node.position])) });
        }}
        onNodeDoubleClick={(_, node) => onOpen?.(node.id)}
        onConnect={connected}
        onConnectEnd={dropped}
        onReconnect={(edge, next) => {
          if (!next.sourceHandle || next.target === ENTRY) return;
          const before = wayOfEdge(edge.id);
          if (before.step !== next.source || before.way !== next.sourceHandle) editing?.onConnect(before, null);
          editing?.onConnect({ step: next.source, way: next.sourceHandle }, next.target);
        }}
        onEdgeClick={(_, edge) => {
          onChoose([]);
          editing?.onChooseWay(edge.id);
        }}
        onPaneClick={() => editing?.onChooseWay(null)}
        onDragOver={(event) => {
          if (editing && event.dataTransfer.types.includes(DRAGGED)) event.preventDefault();
        }}
        onDrop={(event) => {
          const type = event.dataTransfer.getData(DRAGGED);
          if (!editing || !flow || !type) return;
          event.preventDefault();
          const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
          const edge = window.document.elementsFromPoint(event.clientX, event.clientY).map((element) => element.closest(".react-flow__edge")).find(Boolean);
          const id = edge?.getAttribute("data-id");
          editing.onDropStep(type, { x: at.x - 124, y: at.y - 24 }, id ? wayOfEdge(id) : null);
        }}
        nodesDraggable={editing !== undefined}
        nodesConnectable={editing !== undefined}
        edgesReconnectable={editing !== undefined}
        edgesFocusable={false}
        elementsSelectable
        disableKeyboardA11y
        deleteKeyCode={null}
        selectNodesOnDrag={false}
        nodeDragThreshold={4}
        zoomOnDoubleClick={false}
        panOnScroll
        attributionPosition={editing ? "bottom-left" : "top-left"}
        ariaLabelConfig={{ "node.a11yDescription.default": t("canvas.nodeHelp"), "node.a11yDescription.keyboardDisabled": t("canvas.nodeHelp"), "minimap.ariaLabel": t("canvas.map"), "handle.ariaLabel": t("canvas.handle") }}
      >
        <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} color="var(--line)" />
        {hasMap && nodes.length > MANY && <MiniMap pannable zoomable className="j-map" style={SMALL} nodeColor="var(--edge)" maskColor="color-mix(in srgb, var(--raised) 70%, transparent)" bgColor="var(--surface)" nodeBorderRadius={10} />}
        {children}
      </ReactFlow>
    </CanvasContext.Provider>
  );
}
