import { CheckCircleFilled, ClockCircleFilled, CloseCircleFilled, ExclamationCircleFilled, FireFilled, MinusCircleFilled } from "@ant-design/icons";
import { Tooltip } from "antd";
import { useEffect, useState, type ReactNode } from "react";
import { useFormats } from "@/lib/format";
import "./values.css";

/** A moment: how long ago, and on hover the full time in the workspace's zone. */
export function Time({ at, absolute = false }: { at: string | null | undefined; absolute?: boolean }) {
  const formats = useFormats();
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((tick) => tick + 1), 60_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span className="h-quiet">–</span>;
  const full = `${formats.time(at)} (${formats.timeZone})`;
  return (
    <Tooltip title={absolute ? formats.relative(at) : full}>
      <time dateTime={at} className="h-nowrap">
        {absolute ? formats.time(at) : formats.relative(at)}
      </time>
    </Tooltip>
  );
}

/** A count or another plain number; a dash where there is none. */
export function Num({ value, digits }: { value: number | null | undefined; digits?: number }) {
  const formats = useFormats();
  if (value === null || value === undefined) return <span className="h-quiet">–</span>;
  return <span className="h-num">{formats.number(value, { maximumFractionDigits: digits ?? 0 })}</span>;
}

export function Percent({ share }: { share: number | null | undefined }) {
  const formats = useFormats();
  if (share === null || share === undefined) return <span className="h-quiet">–</span>;
  return <span className="h-num">{formats.percent(share)}</span>;
}

/** An amount in whole units of its currency (ISO 4217). */
export function Money({ amount, currency }: { amount: number | null | undefined; currency: string }) {
  const formats = useFormats();
  if (amount === null || amount === undefined) return <span className="h-quiet">–</span>;
  return <span className="h-num">{formats.money(amount, currency)}</span>;
}

export type Tone = "good" | "attention" | "bad" | "waiting" | "neutral" | "ember";

const ICONS: Record<Tone, ReactNode> = {
  good: <CheckCircleFilled />,
  attention: <ExclamationCircleFilled />,
  bad: <CloseCircleFilled />,
  waiting: <ClockCircleFilled />,
  neutral: <MinusCircleFilled />,
  ember: <FireFilled />,
};

/** A state: a sign, a colour and always a word. */
export function Pill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`h-pill is-${tone}`}>
      <span className="h-pill-icon" aria-hidden>
        {ICONS[tone]}
      </span>
      {children}
    </span>
  );
}

/** A label that somebody gave, such as a tag of a member. */
export function Label({ children }: { children: ReactNode }) {
  return <span className="h-label">{children}</span>;
}
