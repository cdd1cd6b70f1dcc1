/** A particular of something that happened. */
export type Piece =
  | { kind: "text"; text: string }
  /** An amount in whole units, and its currency where the sender named one. */
  | { kind: "money"; amount: number; currency: string | null }
  | { kind: "label"; text: string }
  /** The key of a stage. */
  | { kind: "stage"; text: string }
  /** A kind of channel, such as `email`. */
  | { kind: "channel"; text: string }
  /** A topic of messages; `*` is all of them. */
  | { kind: "topic"; text: string }
  | { kind: "moment"; at: string }
  /** Why two became one, as the server says it. */
  | { kind: "reason"; text: string }
  /** Names of traits. */
  | { kind: "traits"; names: string[] }
  /** Something with an id, whose name is looked up unless it is known. */
  | { kind: "thing"; id: string; name?: string };

const THING = /^(mem|seg|jrn|tpl|chn|grp|usr|dlv|run)_[0-9a-z]+$/;

export function looksLikeId(value: unknown): value is string {
  return typeof value === "string" && THING.test(value);
}

/** A text that somebody sent, in one line that is not endless. */
export function plain(value: unknown): string {
  const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  const line = text.replaceAll(/\s+/g, " ").trim();
  const letters = [...line];
  return letters.length > 120 ? `${letters.slice(0, 120).join("")}…` : line;
}

/** What these properties say, in this order; what is missing or makes no sense is left out. */
export function pieces(properties: Record<string, unknown>, show: readonly string[]): Piece[] {
  const found = show.flatMap((names) => {
    const alternatives = names.split("|").map((name) => pieceOf(properties, name));
    return alternatives.find((some) => some.length > 0) ?? [];
  });
  const seen = new Set<string>();
  return found.filter((piece) => {
    const text = JSON.stringify(piece);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function pieceOf(properties: Record<string, unknown>, name: string): Piece[] {
  if (name.startsWith("money:")) return moneyOf(properties, name.slice("money:".length));
  const value = properties[name];
  switch (name) {
    case "products":
      return productsOf(value);
    case "names":
      return namesOf(properties);
    case "tag":
    case "tags":
      return [value].flat().flatMap((tag): Piece[] => (isText(tag) ? [{ kind: "label", text: tag }] : []));
    case "stage":
      return isText(value) ? [{ kind: "stage", text: value }] : [];
    case "reason":
      return isText(value) ? [{ kind: "reason", text: value }] : [];
    case "channel":
      return channelOf(properties);
    case "topic":
      return isText(value) ? [{ kind: "topic", text: value }] : [];
    case "until":
      return isText(value) && !Number.isNaN(Date.parse(value)) ? [{ kind: "moment", at: value }] : [];
    case "segment":
    case "journey":
      return looksLikeId(value) ? [{ kind: "thing", id: value, ...(isText(properties.name) ? { name: properties.name } : {}) }] : [];
    default:
      if (looksLikeId(value)) return [{ kind: "thing", id: value }];
      return isText(value) || typeof value === "number" ? [{ kind: "text", text: plain(value) }] : [];
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

function moneyOf(properties: Record<string, unknown>, name: string): Piece[] {
  const amount = Number(properties[name]);
  if (properties[name] === undefined || properties[name] === null || !Number.isFinite(amount)) return [];
  return [{ kind: "money", amount, currency: isText(properties.currency) ? properties.currency : null }];
}

const SHOWN = 3;

function productsOf(value: unknown): Piece[] {
  if (!Array.isArray(value)) return [];
  const names = value.flatMap((product: unknown) => {
    const { name, quantity } = (product ?? {}) as { name?: unknown; quantity?: unknown };
    if (!isText(name)) return [];
    return [typeof quantity === "number" && quantity > 1 ? `${name} ×${quantity}` : name];
  });
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).map((text, place): Piece => ({ kind: "text", text: plain(text) + (more > 0 && place === SHOWN - 1 ? ` +${more}` : "") }));
}

/** Of what somebody told of himself, the names of the traits; the values stand in the profile. */
function namesOf(properties: Record<string, unknown>): Piece[] {
  const names = Object.keys(properties);
  return names.length > 0 ? [{ kind: "traits", names }] : [];
}

function channelOf(properties: Record<string, unknown>): Piece[] {
  const kind = properties.channel_kind ?? properties.channel;
  if (!isText(kind)) return [];
  return [looksLikeId(kind) ? { kind: "thing", id: kind } : { kind: "channel", text: kind }];
}
