import type { Asked, Kind } from "../api/types";
import type { DrawOptions, Drawn } from "./drawn";
import { drawFunnel } from "./funnel";
import { drawTrend } from "./trend";
import type { AnswerWords } from "./words";

type Draw<K extends Kind> = (asked: Asked<K>, words: AnswerWords, options: DrawOptions, before?: Asked<K>) => Drawn;

/** THE list of pictures: how the answer to each kind of question is drawn. */
const DRAWS: { [K in Kind]?: Draw<K> } = { funnel: drawFunnel, trend: drawTrend };

const NOTHING: Drawn = { figures: [], option: null, pointOf: () => null, table: { head: [], rows: [] }, isEmpty: true };

export function draw<K extends Kind>(kind: K, asked: Asked<K>, words: AnswerWords, options: DrawOptions, before?: Asked<K>): Drawn {
  const found: Draw<K> | undefined = DRAWS[kind];
  return found ? found(asked, words, options, before) : NOTHING;
}
