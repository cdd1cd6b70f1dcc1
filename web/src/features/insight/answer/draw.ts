import type { Asked, Kind } from "../api/types";
import { drawAttribution } from "./attribution";
import { drawDistribution, drawInterval } from "./counts";
import type { DrawOptions, Drawn } from "./drawn";
import { drawFunnel } from "./funnel";
import { drawLifecycle } from "./lifecycle";
import { drawPath } from "./path";
import { drawRetention } from "./retention";
import { drawTrend } from "./trend";
import type { AnswerWords } from "./words";

type Draw<K extends Kind> = (asked: Asked<K>, words: AnswerWords, options: DrawOptions, before?: Asked<K>) => Drawn;

/** THE list of pictures: how the answer to each kind of question is drawn. */
const DRAWS: { [K in Kind]: Draw<K> } = {
  funnel: drawFunnel, retention: drawRetention, trend: drawTrend, path: drawPath, distribution: drawDistribution, interval: drawInterval,
  lifecycle: drawLifecycle, attribution: drawAttribution,
};

export function draw<K extends Kind>(kind: K, asked: Asked<K>, words: AnswerWords, options: DrawOptions, before?: Asked<K>): Drawn {
  const found: Draw<K> = DRAWS[kind];
  return found(asked, words, options, before);
}
