import { MarkerType, Position, type Edge, type Node } from "@xyflow/react";
import type { Trouble } from "../document/check";
import type { Mark } from "../document/diff";
import { takenOf, type StepFigures } from "../document/figures";
import { arrangement, routeKey } from "../document/layout";
import { namesItsWays, sizeOf, type Size } from "../document/places";
import { ENTRY, entryKind, type JourneyDocument, type Place, type Step } from "../document/types";
import { waysOf, type Way } from "../document/ways";
import type { StepWords } from "../words";
import { lanesOf, type Bend } from "./lanes";

export interface WayView {
  way: Way;
  label: string;
  taken: number | null;
}

export interface StepData extends Record<string, unknown> {
  step: Step | null;
  kind: string;
  title: string;
  summary: string;
  ways: WayView[];
  hasWayNames: boolean;
  figures: StepFigures | null;
  mark: Mark | null;
  troubles: readonly Trouble[];
  /** When the shown run was here: 1, 2 … */
  visits: readonly number[];
  isDimmed: boolean;
}

export type StepNode = Node<StepData, "entry" | "step">;
export interface WayData extends Record<string, unknown> {
  taken: number | null;
  /** The share of those who left the step that way. */
  share: number;
  label: string;
  /** Points to pass on the way, where the edge leads around other nodes. */
  route: readonly Place[];
  /** How many lanes below the step it runs sideways. */
  lane: number;
  isWalked: boolean;
  isDimmed: boolean;
}
export type WayEdge = Edge<WayData, "way">;

/** What is drawn of a document, besides the document. */
export interface View {
  places: Readonly<Record<string, Place>>;
  words: StepWords;
  figures?: ReadonlyMap<string, StepFigures>;
  /** Members who came in; for the entry's edge. */
  entered?: number;
  marks?: ReadonlyMap<string, Mark>;
  troubles?: ReadonlyMap<string | null, readonly Trouble[]>;
  /** The steps of one run, in the order of time. */
  walk?: readonly string[];
  chosen: ReadonlySet<string>;
  chosenWay: string | null;
}

const IN = "in";
const DOT = 12;
const ARROW = { type: MarkerType.ArrowClosed, width: 18, height: 18, markerUnits: "userSpaceOnUse", color: "var(--edge)" };

function handlesOf({ width, height }: Size, ways: readonly Way[], hasEntrance: boolean) {
  const target = { id: IN, type: "target" as const, position: Position.Top, x: width / 2 - DOT / 2, y: -DOT / 2, width: DOT, height: DOT };
  const sources = ways.map((way, index) => ({
    id: way.id,
    type: "source" as const,
    position: Position.Bottom,
    x: ((index + 0.5) * width) / ways.length - DOT / 2,
    y: height - DOT / 2,
    width: DOT,
    height: DOT,
  }));
  return hasEntrance ? [target, ...sources] : sources;
}

export function entryWay(document: JourneyDocument): Way {
  return { id: "start", kind: "next", path: ["start"], index: 0, word: "", to: document.start };
}

export function nodesOf(document: JourneyDocument, view: View): StepNode[] {
  const { words, walk } = view;
  const visits = new Map<string, number[]>();
  walk?.forEach((name, index) => visits.set(name, [...(visits.get(name) ?? []), index + 1]));
  const names = words.entry(document);
  const settings = view.troubles?.get(null) ?? [];
  const entry = nodeOf(ENTRY, [entryWay(document)], view, {
    step: null,
    kind: entryKind(document) ?? "",
    title: names.title,
    summary: names.summary,
    ways: [{ way: entryWay(document), label: "", taken: view.entered ?? null }],
    hasWayNames: false,
    figures: null,
    mark: view.marks?.get(ENTRY) ?? null,
    troubles: settings,
    visits: [],
    isDimmed: false,
  });
  const steps = Object.entries(document.steps).map(([name, step]) => {
    const figures = view.figures?.get(name) ?? null;
    const ways = waysOf(step);
    return nodeOf(name, ways, view, {
      step,
      kind: step.type,
      title: words.title(name, step),
      summary: words.detail(name, step),
      ways: ways.map((way) => ({ way, label: words.way(step, way), taken: figures && takenOf(step, way, figures) })),
      hasWayNames: namesItsWays(step),
      figures,
      mark: view.marks?.get(name) ?? null,
      troubles: view.troubles?.get(name) ?? [],
      visits: visits.get(name) ?? [],
      isDimmed: walk !== undefined && !visits.has(name),
    });
  });
  return [entry, ...steps];
}

function nodeOf(name: string, ways: readonly Way[], view: View, data: StepData): StepNode {
  const size = sizeOf(data.step);
  return {
    id: name,
    type: name === ENTRY ? "entry" : "step",
    position: view.places[name] ?? { x: 0, y: 0 },
    data,
    selected: view.chosen.has(name),
    ...size,
    measured: size,
    handles: handlesOf(size, ways, name !== ENTRY),
    ariaLabel: [data.title, data.summary].join(": "),
  };
}

export function edgeId(step: string, way: string): string {
  return JSON.stringify([step, way]);
}

/** The step and the way of an edge. */
export function wayOfEdge(id: string): { step: string; way: string } {
  const [step, way] = JSON.parse(id) as [string, string];
  return { step, way };
}

/** The routes of the arrangement hold for edges whose ends stand where it has put them, wherever the whole has moved. */
function routesFor(document: JourneyDocument, places: View["places"]) {
  const { places: arranged, routes } = arrangement(document);
  return (step: string, way: string, target: string): Place[] => {
    const route = routes.get(routeKey(step, way));
    const [from, to, from0, to0] = [places[step], places[target], arranged[step], arranged[target]];
    if (!route || !from || !to || !from0 || !to0) return [];
    const by = { x: from.x - from0.x, y: from.y - from0.y };
    if (to.x - to0.x !== by.x || to.y - to0.y !== by.y) return [];
    return route.map((point) => ({ x: point.x + by.x, y: point.y + by.y }));
  };
}

type Route = ReturnType<typeof routesFor>;

/** From where to where an edge runs sideways first; nothing when it leads nowhere. */
function bendOf(way: Way, index: number, node: StepNode, byName: ReadonlyMap<string, StepNode>, route: Route): Bend[] {
  const target = way.to === null ? undefined : byName.get(way.to);
  if (way.to === null || !target) return [];
  const from = node.position.x + ((index + 0.5) * (node.width ?? 0)) / node.data.ways.length;
  const arrival = target.position.x + (target.width ?? 0) / 2;
  const first = route(node.id, way.id, way.to).find((point) => Math.abs(point.x - from) > 1);
  return [{ way: way.id, from, to: first?.x ?? arrival }];
}

export function edgesOf(document: JourneyDocument, nodes: readonly StepNode[], view: View): WayEdge[] {
  const route = routesFor(document, view.places);
  const byName = new Map(nodes.map((node) => [node.id, node]));
  const walked = new Set<string>();
  view.walk?.forEach((name, index) => walked.add(edgeId(index === 0 ? ENTRY : (view.walk?.[index - 1] ?? ENTRY), name)));
  return nodes.flatMap((node) => {
    const all = node.data.ways.reduce((sum, one) => sum + (one.taken ?? 0), 0);
    const lanes = lanesOf(node.data.ways.flatMap(({ way }, index) => bendOf(way, index, node, byName, route)));
    return node.data.ways.flatMap(({ way, label, taken }) => {
      if (way.to === null || !(way.to in document.steps)) return [];
      const isWalked = walked.has(edgeId(node.id, way.to));
      const id = edgeId(node.id, way.id);
      return [
        {
          id,
          type: "way" as const,
          source: node.id,
          sourceHandle: way.id,
          target: way.to,
          targetHandle: IN,
          markerEnd: ARROW,
          selected: view.chosenWay === id,
          data: { taken, share: all > 0 && taken !== null ? taken / all : 0, label, route: route(node.id, way.id, way.to), lane: lanes.get(way.id) ?? 0, isWalked, isDimmed: view.walk !== undefined && !isWalked },
          ariaLabel: [node.data.title, label, node.data.title].filter(Boolean).join(" → "),
        },
      ];
    });
  });
}
