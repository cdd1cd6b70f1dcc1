import { useMemo, type ReactNode } from "react";
import type { FieldProblem } from "@/lib/api";
import type { PlacedProblem } from "../model/places";
import { useWords } from "../useWords";
import { ChipContext } from "./editor";
import "../rules.css";

const NO_RULES: never[] = [];

interface ChipFrameProps {
  /** What the server has against what stands in the frame. A chip's id is the path at which it stands in the body. */
  problems?: readonly FieldProblem[];
  isDisabled?: boolean;
  label: string;
  className?: string;
  children: ReactNode;
}

/** Where chips may stand that belong to no rule, such as those of a question. */
export function ChipFrame({ problems = NO_RULES, isDisabled = false, label, className = "", children }: ChipFrameProps) {
  const words = useWords(NO_RULES);
  const surroundings = useMemo(
    () => ({ words, isDisabled, problemsAt: (path: string) => problemsOf(problems, path) }),
    [words, isDisabled, problems],
  );
  return (
    <ChipContext value={surroundings}>
      <div className={`h-rule ${className}`} role="group" aria-label={label}>{children}</div>
    </ChipContext>
  );
}

/**
 * Those of a place itself, of which no text at all is the whole body: what is wrong inside one of its lists stands at the item
 * concerned.
 */
export function problemsOf(problems: readonly FieldProblem[], path: string): PlacedProblem[] {
  const beginning = path && `${path}.`;
  return problems.flatMap((problem): PlacedProblem[] => {
    if (problem.path === path) return [{ ...problem, field: "" }];
    if (!problem.path.startsWith(beginning)) return [];
    const field = problem.path.slice(beginning.length);
    return field.includes("[") ? [] : [{ ...problem, field }];
  });
}
