/**
 * How often something that moves is asked for again. This is the one place to be replaced when the server has a stream of
 * events: until then only what is seen and moves is asked for, and hidden windows ask for nothing.
 */
export function liveInterval(moves: boolean): number {
  return moves ? 2_000 : 30_000;
}
