/**
 * A sentence of the server, its steps called as they are on the canvas. It quotes the name of a step, often with what it
 * does in brackets; brackets within brackets are left alone, since they may be somebody's words.
 */
export function withTitles(sentence: string, titleOf: (name: string) => string | undefined): string {
  return sentence.replace(/“([A-Za-z0-9_-]+)”(?: \([^()]*\)|（[^（）]*）)?/gu, (quoted, name: string) => {
    const title = titleOf(name);
    if (title === undefined) return quoted;
    // A title with quotation marks of its own needs no more of them.
    return title.includes("“") ? title : `“${title}”`;
  });
}
