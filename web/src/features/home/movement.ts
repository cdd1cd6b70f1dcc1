import type { Schemas } from "@/lib/api";

type Transition = Schemas["Transition"];

/** Those who were not there at the first moment. */
export function newMembers(transitions: readonly Transition[]): number {
  return transitions.filter((one) => !one.from).reduce((sum, one) => sum + one.members, 0);
}

/** How many came into a stage, from another one or from outside. */
export function cameInto(transitions: readonly Transition[], stage: string): number {
  return transitions.filter((one) => one.to === stage && one.from !== stage).reduce((sum, one) => sum + one.members, 0);
}

/** How many left a stage for another one. */
export function left(transitions: readonly Transition[], stage: string): number {
  return transitions.filter((one) => one.from === stage && one.to !== stage).reduce((sum, one) => sum + one.members, 0);
}
