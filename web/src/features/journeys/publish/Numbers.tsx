import { Num } from "@/ui";

export interface NumberItem {
  label: string;
  value: number | null | undefined;
  isBad?: boolean;
}

/** A few numbers beside each other, each with what it counts. */
export function Numbers({ items }: { items: NumberItem[] }) {
  return (
    <dl className="j-numbers">
      {items.map((item) => (
        <div key={item.label} className={item.isBad ? "is-bad" : undefined}>
          <dt>{item.label}</dt>
          <dd><Num value={item.value} /></dd>
        </div>
      ))}
    </dl>
  );
}
