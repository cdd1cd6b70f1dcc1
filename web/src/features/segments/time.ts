/** From so many days ago until now, to the minute, so that the same question is asked again for a while. */
export function lastDays(now: Date, days: number): { from: string; to: string } {
  const minute = Math.floor(now.getTime() / 60_000) * 60_000;
  return { from: new Date(minute - days * 86_400_000).toISOString(), to: new Date(minute).toISOString() };
}
