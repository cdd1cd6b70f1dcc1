import type { Kind } from "../../api/types";
import type { PageQuestion } from "../../question/address";

export interface FormProps<K extends Kind> {
  question: PageQuestion<K>;
  /** Changes of one `field` in a row are one step back together. */
  change: (next: PageQuestion<K>, field?: string) => void;
}
