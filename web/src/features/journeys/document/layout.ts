import { Graph, layout } from "@dagrejs/dagre";
import { laneRoom, NODE, sizeOf, type Size } from "./places";
import { ENTRY, type JourneyDocument, type Place, type Step } from "./types";
import { waysOf } from "./ways";

/** Where nodes stand, and past what edges go that lead over several rows. */
export interface Arrangement {
  places: Record<string, Place>;
  /** By step and way, the points between which an edge passes other nodes. */
  routes: Map<string, Place[]>;
}

/** Places for all nodes, from the entry downwards, without crossings where that can be. */
export function arrange(document: JourneyDocument): Record<string, Place> {
  return arrangement(document).places;
}

let last: { shape: string; found: Arrangement } | null = null;

/** The same document is laid out once, however often its words change. */
export function arrangement(document: JourneyDocument): Arrangement {
  const ways = Object.entries(document.steps).map(([name, step]) => [name, sizeOf(step).width, waysOf(step).map((way) => [way.id, way.to])]);
  const shape = JSON.stringify([document.start, ways]);
  if (last?.shape !== shape) last = { shape, found: laidOut(document) };
  return last.found;
}

export function routeKey(step: string, way: string): string {
  return JSON.stringify([step, way]);
}

function laidOut(document: JourneyDocument): Arrangement {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "TB", nodesep: 36, ranksep: NODE.gap, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  graph.setNode(ENTRY, { ...sizeOf(null) });
  for (const [name, step] of Object.entries(document.steps)) graph.setNode(node(name), withRoom(step));
  if (document.start !== null && document.start in document.steps) graph.setEdge(ENTRY, node(document.start), {}, "start");
  for (const [name, step] of Object.entries(document.steps)) {
    for (const way of waysOf(step)) {
      if (way.to !== null && way.to in document.steps) graph.setEdge(node(name), node(way.to), {}, way.id);
    }
  }
  layout(graph, { constraints: besideEachOther(document) });
  const places: Record<string, Place> = {};
  for (const [id, name] of [[ENTRY, ENTRY] as const, ...Object.keys(document.steps).map((step) => [node(step), step] as const)]) {
    const { x, y, width, height } = graph.node(id) as { x: number; y: number; width: number; height: number };
    places[name] = { x: Math.round(x - width / 2), y: Math.round(y - height / 2) };
  }
  return { places, routes: routesOf(graph, document) };
}

/** A step as large as the arrangement takes it: with the lanes below. */
function withRoom(step: Step): Size {
  const { width, height } = sizeOf(step);
  return { width, height: height + laneRoom(step) };
}

function routesOf(graph: Graph, document: JourneyDocument): Map<string, Place[]> {
  const boxes = graph.nodes().map((id) => graph.node(id) as { y: number; height: number });
  const isBesideNodes = (point: Place) => boxes.some(({ y, height }) => Math.abs(point.y - y) <= height / 2);
  const routes = new Map<string, Place[]>();
  for (const [name, step] of Object.entries(document.steps)) {
    for (const way of waysOf(step)) {
      if (way.to === null || !(way.to in document.steps)) continue;
      const { points = [] } = graph.edge(node(name), node(way.to), way.id) as { points?: Place[] };
      const between = points.slice(1, -1).filter(isBesideNodes);
      if (between.length > 0) routes.set(routeKey(name, way.id), between);
    }
  }
  return routes;
}

/** Steps to which different ways of one step lead stand in the order of the ways, unless something else leads to them, too. */
function besideEachOther(document: JourneyDocument): { left: string; right: string }[] {
  const sources = new Map<string, number>();
  const targets = Object.values(document.steps).map((step) => [...new Set(waysOf(step).flatMap((way) => (way.to === null ? [] : [way.to])))]);
  for (const name of targets.flat()) sources.set(name, (sources.get(name) ?? 0) + 1);
  return targets.flatMap((all) => {
    const own = all.filter((name) => sources.get(name) === 1 && name !== document.start && name in document.steps);
    return own.slice(1).map((right, index) => ({ left: node(own[index] ?? right), right: node(right) }));
  });
}

/** Keeps a step that somebody called "$entry" apart from the entry itself. */
function node(name: string): string {
  return `s:${name}`;
}

/** Where every node stands: where it was put, else beside what it belongs to. */
export function placesOf(document: JourneyDocument): Record<string, Place> {
  const names = [ENTRY, ...Object.keys(document.steps)];
  const missing = names.filter((name) => !document.layout[name]);
  if (missing.length === 0) return { ...document.layout };
  const arranged = arrange(document);
  // When hardly anything was put anywhere, the picture as a whole is better than old places with new ones between.
  if (missing.length * 2 >= names.length) return { ...arranged };
  const known = names.find((name) => document.layout[name]) ?? ENTRY;
  const from = arranged[known] ?? { x: 0, y: 0 };
  const to = document.layout[known] ?? from;
  const places: Record<string, Place> = { ...document.layout };
  for (const name of missing) {
    const place = arranged[name];
    if (place) places[name] = { x: place.x - from.x + to.x, y: place.y - from.y + to.y };
  }
  return places;
}
