/** Where an edge leaves a step, and where it first turns down again. */
export interface Bend {
  way: string;
  from: number;
  to: number;
}

const NEAR = 12;
const isStraight = ({ from, to }: Bend) => Math.abs(to - from) <= 1;
const meet = (a: Bend, b: Bend) => Math.max(Math.min(a.from, a.to), Math.min(b.from, b.to)) <= Math.min(Math.max(a.from, a.to), Math.max(b.from, b.to));

/**
 * How many lanes below a step each of its edges runs sideways, so that no two of them lie upon each other. Of those that go
 * the same way the outermost turns first: then none crosses another.
 */
export function lanesOf(bends: readonly Bend[]): Map<string, number> {
  const lanes = new Map<string, number>();
  const left = bends.filter((one) => !isStraight(one) && one.to < one.from).sort((a, b) => a.from - b.from);
  const right = bends.filter((one) => !isStraight(one) && one.to > one.from).sort((a, b) => b.from - a.from);
  // Where one comes down below the beginning of another, that one has to be gone by then: they would look like one line.
  const isRightFirst = left.some((one) => right.some((other) => Math.abs(one.to - other.from) <= NEAR));
  const placed: Bend[] = [];
  for (const one of isRightFirst ? [...right, ...left] : [...left, ...right]) {
    const taken = placed.filter((other) => meet(one, other)).map((other) => lanes.get(other.way) ?? 0);
    lanes.set(one.way, taken.length > 0 ? Math.max(...taken) + 1 : 0);
    placed.push(one);
  }
  return lanes;
}
