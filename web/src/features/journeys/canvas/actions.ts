import { createContext, useContext } from "react";
import type { After } from "../document/edit";

/** What nodes and edges can set off. */
export interface CanvasActions {
  isEditing: boolean;
  /** Asks which step to put into a way, beside the button that was pressed. */
  onAdd: (after: After, beside: Element) => void;
  /** Shows the members who stand at a step. */
  onStanding?: (step: string) => void;
}

export const CanvasContext = createContext<CanvasActions>({ isEditing: false, onAdd: () => undefined });

export function useCanvasActions(): CanvasActions {
  return useContext(CanvasContext);
}
