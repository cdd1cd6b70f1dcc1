import type { Choices } from "../choices";
import type { Trouble } from "../document/check";
import type { Json, Step } from "../document/types";

/** What the form of each kind of step gets. */
export interface FormProps {
  step: Step;
  /** Replaces the step as a whole. */
  onChange: (step: Step) => void;
  /** Sets fields; `undefined` takes one away. */
  set: (fields: Record<string, Json | undefined>) => void;
  troubles: readonly Trouble[];
  choices: Choices;
  isDisabled: boolean;
}
