const DAY = 86_400_000;

/** Days of the calendar know no hours that a clock leaves out, so they are counted as those of UTC. */
function moved(day: string, by: number): string {
  return new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) + by * DAY).toISOString().slice(0, 10);
}

export const dayAfter = (day: string, count = 1) => moved(day, count);
export const dayBefore = (day: string, count = 1) => moved(day, -count);
