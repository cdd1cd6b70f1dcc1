/**
 * What is being written, until the tab is closed: a reload loses nothing. Not in the address, which servers and browsers write
 * down, and not for longer, since a query may name a member.
 */
const PLACE = "hearth.sql";

export function keptDraft(workspace: string): string | null {
  try {
    return sessionStorage.getItem(`${PLACE}.${workspace}`);
  } catch {
    return null;
  }
}

export function keepDraft(workspace: string, query: string): void {
  try {
    sessionStorage.setItem(`${PLACE}.${workspace}`, query);
  } catch {
    // It stays on the page.
  }
}

/** The address under which somebody else finds the query. What stands behind the # is never sent to a server. */
export function linkTo(page: string, query: string): string {
  return `${page.replace(/#.*$/, "")}#${encodeURIComponent(query)}`;
}

/** The query that such an address carries. */
export function queryOfLink(hash: string): string | null {
  try {
    return decodeURIComponent(hash.replace(/^#/, "")).trim() ? decodeURIComponent(hash.replace(/^#/, "")) : null;
  } catch {
    return null;
  }
}
