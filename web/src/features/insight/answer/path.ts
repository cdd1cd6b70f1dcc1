import type { Asked, PathLink, PathNode } from "../api/types";
import { cell, shareOf, type Cell, type DrawOptions, type Drawn } from "./drawn";
import type { AnswerWords } from "./words";

/** What a node is called inside the picture: the same event stands at many steps. */
const REST = "\u0000rest";
const EXIT = "\u0000exit";
const idOf = (step: number, event: string) => `${step} ${event}`;
const keyOf = ({ event, rest }: { event: string | null; rest: boolean }) => (rest || event === null ? REST : event);

/** The names of thinner nodes would stand upon each other: they are in the table, and shown on hover. */
const LEAST_TOLD = { wide: 0.012, narrow: 0.03 };

interface DrawnNode {
  name: string;
  depth: number;
  node: PathNode | null;
  label: string;
}

// @messages insight
/** Which ways members took: a Sankey, the steps, and the most frequent whole ways. */
export function drawPath({ question, answer }: Asked<"path">, words: AnswerWords, { isNarrow, room }: DrawOptions, before?: Asked<"path">): Drawn {
  const { t } = words;
  const { nodes, links, ways, members } = answer;
  const named = (event: string | null, rest: boolean) => (rest || event === null ? t("path.rest") : words.event(event));
  const steps = Math.max(0, ...nodes.map((node) => node.step));
  // Before an event steps are counted back from it, and links lead back: in the picture time goes from left to right all the same.
  const labelWidth = Math.max(48, Math.min(112, Math.floor(room / Math.max(1, steps)) - 24));
  const isBackwards = question.anchor?.side === "before";
  const depthOf = (step: number) => (isBackwards ? steps - step : step - 1);
  const end = isBackwards ? t("path.entry") : t("path.exit");
  const drawnNodes = new Map<string, DrawnNode>();
  for (const node of nodes) {
    const name = idOf(node.step, keyOf(node));
    drawnNodes.set(name, { name, depth: depthOf(node.step), node, label: named(node.event, node.rest) });
  }
  const targetOf = ({ step, to, exit }: PathLink) => idOf(step + 1, exit ? EXIT : (to ?? REST));
  const drawnLinks = links.filter((link) => link.members > 0).map((link) => {
    const target = targetOf(link);
    if (link.exit && !drawnNodes.has(target)) drawnNodes.set(target, { name: target, depth: depthOf(link.step + 1), node: null, label: end });
    const source = idOf(link.step, link.from ?? REST);
    return { ...(isBackwards ? { source: target, target: source } : { source, target }), value: link.members, link };
  }).filter(({ source, target }) => drawnNodes.has(source) && drawnNodes.has(target));

  const list = [...drawnNodes.values()];
  const weightOf = ({ name, node }: DrawnNode) => node?.members ?? drawnLinks.filter((link) => link.source === name || link.target === name).reduce((sum, link) => sum + link.value, 0);
  const isTold = (node: DrawnNode) => (shareOf(weightOf(node), members) ?? 0) >= (isNarrow ? LEAST_TOLD.narrow : LEAST_TOLD.wide);
  const colours = coloursOf(nodes, words.colours);
  const colourOf = (node: DrawnNode) => {
    if (!node.node) return words.palette.line;
    return colours.get(keyOf(node.node)) ?? words.palette.edge;
  };
  const pointOf = (node: PathNode | null) => (node && node.members > 0 ? { step: node.step, ...pathEvent(node.event) } : null);

  return {
    isEmpty: members === 0,
    figures: [
      { label: t("path.members"), text: words.number(members), compare: before && { now: members, before: before.answer.members } },
      ...(ways[0] ? [{ label: t("path.mostFrequent"), text: words.percent(shareOf(ways[0].members, members)) }] : []),
    ],
    height: isNarrow ? 420 : 460,
    option: {
      tooltip: {
        trigger: "item",
        formatter: ({ dataType, name, value, data }: { dataType: string; name: string; value: number; data: { source?: string; target?: string } }) =>
          dataType === "edge"
            ? t("path.link", { from: drawnNodes.get(data.source ?? "")?.label, to: drawnNodes.get(data.target ?? "")?.label, count: value, formatted: words.number(value) })
            : t("path.node", { event: drawnNodes.get(name)?.label, count: value, formatted: words.number(drawnNodes.get(name)?.node?.members ?? value) }),
      },
      series: [{
        type: "sankey", left: 8, right: labelWidth + 8, top: 8, bottom: 8, nodeGap: isNarrow ? 6 : 10, nodeWidth: 12, draggable: false, layoutIterations: 24,
        emphasis: { focus: "adjacency" },
        lineStyle: { color: "source", opacity: 0.25, curveness: 0.5 },
        label: { color: words.palette.ink, width: labelWidth, overflow: "truncate", fontSize: 12, textBorderWidth: 0 },
        data: list.map((node) => ({ name: node.name, depth: node.depth, itemStyle: { color: colourOf(node) }, label: { formatter: node.label, show: isTold(node) } })),
        links: drawnLinks,
      }],
    },
    pointOf: ({ dataType, data, dataIndex }) => {
      if (dataType !== "node") {
        const link = drawnLinks[dataIndex]?.link;
        return link ? { step: link.step, ...pathEvent(link.from), next: link.exit ? { exit: true } : pathEvent(link.to) } : null;
      }
      return pointOf(drawnNodes.get((data as { name?: string } | null)?.name ?? "")?.node ?? null);
    },
    table: {
      head: [t("column.step"), t("column.event"), t("column.members"), t("column.share")],
      names: 2,
      rows: nodes.map((node): Cell[] => [
        cell(String(isBackwards ? 1 - node.step : node.step)), cell(named(node.event, node.rest)), cell(words.number(node.members), node.members, pointOf(node) ?? undefined),
        cell(words.percent(shareOf(node.members, members)), shareOf(node.members, members) ?? ""),
      ]),
    },
    also: ways.length === 0 ? [] : [{
      title: t("path.ways"),
      table: {
        head: [t("column.way"), t("column.members"), t("column.share")],
        rows: ways.map((way) => [
          cell(wayOf(way.events.map((event) => named(event, false)), way.ended ? end : "…", isBackwards)),
          cell(words.number(way.members), way.members, way.members > 0 ? { way: way.events } : undefined), cell(words.percent(shareOf(way.members, members)), shareOf(way.members, members) ?? ""),
        ]),
      },
    }],
  };
}

/** An event as it is asked for; without a name are all others together. */
const pathEvent = (event: string | null): { event: string } | { rest: true } => (event === null ? { rest: true } : { event });

/** A whole way in the order of time; what is beyond it stands where it goes on. */
function wayOf(events: readonly string[], beyond: string, isBackwards: boolean): string {
  return (isBackwards ? [beyond, ...events] : [...events, beyond]).join(" → ");
}

/** An event has one colour at all steps; those that most members came through have one of their own. */
function coloursOf(nodes: readonly PathNode[], colours: readonly string[]): Map<string, string> {
  const most = new Map<string, number>();
  for (const node of nodes) {
    if (keyOf(node) !== REST) most.set(keyOf(node), Math.max(node.members, most.get(keyOf(node)) ?? 0));
  }
  const order = [...most].sort(([, one], [, other]) => other - one).map(([event]) => event);
  return new Map(colours.flatMap((colour, at) => (order[at] === undefined ? [] : [[order[at], colour] as const])));
}
