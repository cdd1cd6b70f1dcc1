/** The steps of a trace in the order in which they were come to; lines of one visit count once. */
export function walkOf(lines: readonly { step: string }[]): string[] {
  const walk: string[] = [];
  for (const { step } of lines) {
    if (step !== "" && walk.at(-1) !== step) walk.push(step);
  }
  return walk;
}
