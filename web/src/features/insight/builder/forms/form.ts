import type { Kind } from "../../api/types";
import type { PageQuestion } from "../../question/address";

export interface FormProps<K extends Kind> {
  question: PageQuestion<K>;
  /** Changes of one `field` in a row are one step back together. */
  change: (next: PageQuestion<K>, field?: string) => void;
}

/** Units of the same length everywhere: months have none, and nothing can be measured by them. */
export const FIXED = ["minute", "hour", "day", "week"] as const;
