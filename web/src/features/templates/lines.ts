export interface Line {
  kind: "same" | "gone" | "new";
  text: string;
}

/** More than this is not compared line by line: it would take memory with the product of both lengths. */
const MOST = 2_000;

/** What became of a text, line by line: the longest common order stays, the rest went or came. */
export function changedLines(before: string, after: string): Line[] {
  // What is empty has no line, not an empty one.
  const [a, b] = [before, after].map((text) => (text === "" ? [] : text.split("\n"))) as [string[], string[]];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const head = a.slice(0, start).map((text): Line => ({ kind: "same", text }));
  const tail = a.slice(a.length - end).map((text): Line => ({ kind: "same", text }));
  return [...head, ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...tail];
}

function middle(a: string[], b: string[]): Line[] {
  const all = [...a.map((text): Line => ({ kind: "gone", text })), ...b.map((text): Line => ({ kind: "new", text }))];
  if (a.length === 0 || b.length === 0 || a.length > MOST || b.length > MOST) return all;
  const width = b.length + 1;
  const length = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => length[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) length[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: "same", text: a[i] ?? "" });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) lines.push({ kind: "gone", text: a[i++] ?? "" });
    else lines.push({ kind: "new", text: b[j++] ?? "" });
  }
  return lines;
}

/** Leaves only so many unchanged lines around each change; a gap is null. */
export function around(lines: readonly Line[], context = 2): (Line | null)[] {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - context), index + context + 1).some((line) => line.kind !== "same"));
  const shown: (Line | null)[] = [];
  lines.forEach((line, index) => {
    if (near[index]) shown.push(line);
    else if (shown.at(-1) !== null || shown.length === 0) shown.push(null);
  });
  return shown;
}
