import { ProblemLines } from "@/features/rules";
import type { EventFilter } from "../api/types";
import { EventPick } from "./EventPick";
import { WhereChips } from "./WhereChips";

interface EventFieldsProps<F extends EventFilter> {
  value: F;
  onChange: (value: F, field?: string) => void;
  path: string;
  allowsAny?: boolean;
  isNewest?: boolean;
}

/** An event and what is asked of its properties. */
export function EventFields<F extends EventFilter>({ value, onChange, path, allowsAny, isNewest }: EventFieldsProps<F>) {
  return (
    <>
      <EventPick value={value.event} path={path} allowsAny={allowsAny} isNewest={isNewest} onChange={(event) => onChange({ ...value, event })} />
      {value.event !== "" && <WhereChips event={value.event} where={value.where} path={`${path}.where`} onChange={(where, field) => onChange({ ...value, where }, field)} />}
      <ProblemLines id={path} />
    </>
  );
}
