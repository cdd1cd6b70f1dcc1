import type { SqlTable } from "./api";

export type ExampleKey = "look" | "stages" | "days" | "sources" | "twice" | "quiet" | "hours" | "messages";

interface Example {
  key: ExampleKey;
  /** In `{braces}` what the schema calls a thing: it decides whether the example fits, and by which names. */
  query: string;
}

/** What a thing may be called; the first that the schema has is taken. */
const NAMES: Record<string, string[]> = {
  "events.member": ["member_id", "member"],
  "events.name": ["event", "name"],
  "events.time": ["time", "at", "happened_at"],
  "events.revenue": ["revenue", "properties.revenue"],
  "events.source": ["utm_source", "properties.utm_source"],
  "members.id": ["id", "member_id", "member"],
  "members.stage": ["stage"],
  "members.seen": ["last_seen_at", "last_seen"],
  "deliveries.state": ["state"],
  "deliveries.time": ["queued_at", "created_at", "at"],
  "tags.member": ["member_id", "member"],
  "tags.tag": ["tag", "name"],
};

const EXAMPLES: Example[] = [
  { key: "look", query: "select *\nfrom events\norder by {events.time} desc\nlimit 100" },
  { key: "stages", query: "select {members.stage}, count(*) as members\nfrom members\ngroup by {members.stage}\norder by members desc" },
  {
    key: "days",
    query:
      "select date_trunc('day', {events.time}) as day,\n       count(distinct {events.member}) as members,\n       count(*) as orders\nfrom events\nwhere {events.name} = 'Order Completed'\n  and {events.time} >= now() - interval '30 days'\ngroup by day\norder by day",
  },
  {
    key: "sources",
    query:
      "select {events.source} as source,\n       count(distinct {events.member}) as members,\n       count(*) as orders,\n       sum({events.revenue}) as revenue\nfrom events\nwhere {events.name} = 'Order Completed'\n  and {events.time} >= now() - interval '90 days'\ngroup by source\norder by revenue desc",
  },
  {
    key: "twice",
    query:
      "with orders as (\n  select {events.member} as member_id,\n         {events.time} as ordered_at,\n         row_number() over (partition by {events.member} order by {events.time}) as number\n  from events\n  where {events.name} = 'Order Completed'\n)\nselect one.member_id,\n       one.ordered_at as first_order,\n       two.ordered_at as second_order,\n       two.ordered_at - one.ordered_at as between_them\nfrom orders one\njoin orders two on two.member_id = one.member_id and two.number = 2\nwhere one.number = 1\norder by second_order desc\nlimit 200",
  },
  {
    key: "quiet",
    query:
      "select m.{members.id} as member_id, m.{members.stage} as stage, m.{members.seen} as last_seen, t.{tags.tag} as tag\nfrom members m\njoin tags t on t.{tags.member} = m.{members.id}\nwhere m.{members.seen} < now() - interval '45 days'\norder by last_seen desc\nlimit 200",
  },
  {
    key: "hours",
    query:
      "select extract(hour from {events.time}) as hour, count(*) as events\nfrom events\nwhere {events.time} >= now() - interval '14 days'\ngroup by hour\norder by hour",
  },
  {
    key: "messages",
    query:
      "select date_trunc('day', {deliveries.time}) as day, {deliveries.state} as state, count(*) as messages\nfrom deliveries\nwhere {deliveries.time} >= now() - interval '14 days'\ngroup by day, state\norder by day desc, messages desc",
  },
];

/** A name as it must be written: in quotes when it is more than lower-case letters, digits and underscores. */
export function written(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The examples that this schema can answer, in its names. */
export function examplesFor(tables: readonly SqlTable[]): { key: ExampleKey; query: string }[] {
  return EXAMPLES.flatMap(({ key, query }) => {
    const from = [...query.matchAll(/\b(?:from|join) (events|members|tags|deliveries)\b/g)].map((match) => match[1]);
    let fits = from.every((name) => tables.some((table) => table.name === name));
    const said = query.replace(/\{((\w+)\.\w+)\}/g, (hole, thing: string, name: string) => {
      const columns = tables.find((table) => table.name === name)?.columns ?? [];
      const found = NAMES[thing]?.find((one) => columns.some((column) => column.name === one));
      if (!found) fits = false;
      return found ? written(found) : hole;
    });
    return fits ? [{ key, query: said }] : [];
  });
}
