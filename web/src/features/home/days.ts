/** The start of yesterday and of today, in the workspace's zone, as the API writes moments. */
export function lastDays(now: Date, timeZone: string): { yesterday: string; today: string } {
  const today = startOfDay(now, timeZone);
  const yesterday = startOfDay(new Date(today.getTime() - 12 * 3_600_000), timeZone);
  return { yesterday: yesterday.toISOString(), today: today.toISOString() };
}

/** The last midnight before a moment. A zone's offset may change in the night, so it is asked for at the midnight itself. */
function startOfDay(moment: Date, timeZone: string): Date {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const since = (at: Date) => {
    const [hours = 0, minutes = 0, seconds = 0] = clock.format(at).split(":").map(Number);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + at.getMilliseconds();
  };
  const guess = new Date(moment.getTime() - since(moment));
  const rest = since(guess);
  if (rest === 0) return guess;
  return new Date(guess.getTime() + (rest > 12 * 3_600_000 ? 24 * 3_600_000 - rest : -rest));
}

/** Which part of the day it is where the workspace is. */
export function partOfDay(now: Date, timeZone: string): "night" | "morning" | "afternoon" | "evening" {
  const hour = Number(new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", hourCycle: "h23" }).format(now));
  if (hour < 5) return "night";
  if (hour < 12) return "morning";
  return hour < 18 ? "afternoon" : "evening";
}
