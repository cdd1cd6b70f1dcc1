import { looksLikeId, plain, pieces, type Piece } from "./pieces";
import type { Entry } from "./api";

/** Which sign stands beside an entry. */
export type Sign = "shop" | "page" | "talk" | "share" | "profile" | "message" | "journey" | "tag" | "segment" | "stage" | "consent" | "merge" | "task" | "other";

/** An entry as people read it: what happened, and the particulars behind it. */
export interface Told {
  /** A message below `timeline:`, or null when the name of the event is all there is. */
  key: string | null;
  details: Piece[];
  /** What the member himself wrote. */
  quote: string | null;
  sign: Sign;
}

interface Known {
  sign: Sign;
  /** Properties that say most, in the order in which they are shown; of `one|other` the first that is there. */
  show?: readonly string[];
  /** The property with what the member wrote. */
  quote?: string;
}

/** Names of events that SDKs and shops use, and those that Hearth itself makes. */
export const KNOWN: Record<string, Known> = {
  "Order Completed": { sign: "shop", show: ["money:revenue|money:total", "products", "order_id"] },
  "Order Refunded": { sign: "shop", show: ["money:revenue|money:total", "order_id"] },
  "Order Cancelled": { sign: "shop", show: ["money:revenue|money:total", "order_id"] },
  "Checkout Started": { sign: "shop", show: ["money:value|money:revenue", "products"] },
  "Product Viewed": { sign: "shop", show: ["name", "money:price", "category"] },
  "Product Added": { sign: "shop", show: ["name", "money:price", "category"] },
  "Product Removed": { sign: "shop", show: ["name", "money:price"] },
  "Product Reviewed": { sign: "talk", show: ["name", "rating"], quote: "text" },
  "Review Posted": { sign: "talk", show: ["name", "rating"], quote: "text" },
  "Cart Viewed": { sign: "shop", show: ["products"] },
  "Coupon Redeemed": { sign: "shop", show: ["name", "money:discount", "order_id"] },
  "Coupon Applied": { sign: "shop", show: ["coupon_name", "money:discount"] },
  "Group Joined": { sign: "talk", show: ["group", "via"] },
  "Group Left": { sign: "talk", show: ["group"] },
  "Message Posted": { sign: "talk", show: ["group", "topic"], quote: "text" },
  "Referral Sent": { sign: "share", show: ["way", "code"] },
  "Referral Completed": { sign: "share", show: ["code"] },
  "Invite Sent": { sign: "share", show: ["way", "code"] },
  "Product Shared": { sign: "share", show: ["name", "share_via"] },
  "Content Shared": { sign: "share", show: ["title", "share_via"] },
  "Poster Scanned": { sign: "page", show: ["place", "city"] },
  "Page Viewed": { sign: "page", show: ["title", "path|url"] },
  "Screen Viewed": { sign: "page", show: ["name", "title"] },
  "Article Read": { sign: "page", show: ["title", "topic"] },
  "Live Session Joined": { sign: "page", show: ["title"] },
  "Survey Answered": { sign: "talk", show: ["name", "score"], quote: "text" },
  "Signed Up": { sign: "profile", show: ["method"] },
  "Account Created": { sign: "profile", show: ["method"] },
  "Signed In": { sign: "profile", show: ["method"] },
  "Channel Followed": { sign: "profile", show: ["channel"] },
  Subscribed: { sign: "consent", show: ["topic"] },
  Unsubscribed: { sign: "consent", show: ["topic"] },
  Identified: { sign: "profile", show: ["names"] },
  "Group Identified": { sign: "profile", show: ["group_id"] },
  Aliased: { sign: "profile" },
  "Tag Added": { sign: "tag", show: ["tag", "tags"] },
  "Tag Removed": { sign: "tag", show: ["tag", "tags"] },
  "Tag Expiry Settled": { sign: "tag", show: ["tag", "tags"] },
  "Segment Entered": { sign: "segment", show: ["segment"] },
  "Segment Left": { sign: "segment", show: ["segment"] },
  "Stage Reached": { sign: "stage", show: ["stage"] },
  "Stage Left": { sign: "stage", show: ["stage"] },
  "Members Merged": { sign: "merge", show: ["reason"] },
  "Merge Undone": { sign: "merge", show: ["absorbed"] },
  "Identity Split": { sign: "merge", show: ["kind", "value"] },
  "Consent Given": { sign: "consent", show: ["channel", "topic"] },
  "Consent Withdrawn": { sign: "consent", show: ["channel", "topic"] },
  "Messages Paused": { sign: "consent", show: ["until"] },
  "Messages Resumed": { sign: "consent" },
  "Journey Entered": { sign: "journey", show: ["journey"] },
  "Journey Completed": { sign: "journey", show: ["journey"] },
  "Journey Exited": { sign: "journey", show: ["journey"] },
  "Journey Failed": { sign: "journey", show: ["journey"] },
  "Journey Held Out": { sign: "journey", show: ["journey"] },
  "Journey Entry Asked": { sign: "journey", show: ["journey"] },
  "Journey Change Awaited": { sign: "journey", show: ["journey"] },
  "Task Completed": { sign: "task", show: ["outcome"], quote: "note" },
  "Webhook Answered": { sign: "message", show: ["journey"] },
  "Webhook Answer Taken": { sign: "message", show: ["journey"] },
};

/** What becomes of messages: the name begins with the kind of the channel. */
const FATES = ["Sent", "Delivered", "Bounced", "Refused", "Opened", "Link Clicked", "Marked as Spam"];

export const slug = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");

/** The fate that a name such as "Email Link Clicked" tells of. */
export function fateOf(name: string): string | null {
  return FATES.find((fate) => name.endsWith(` ${fate}`)) ?? null;
}

/** Tells an entry of a timeline. What members and senders wrote stays what it is: text. */
export function tell(entry: Pick<Entry, "kind" | "name" | "properties">): Told {
  const properties = (entry.properties ?? {}) as Record<string, unknown>;
  if (entry.kind === "delivery") {
    const fate = fateOf(entry.name);
    const channel = entry.name.slice(0, fate ? -fate.length - 1 : undefined).toLowerCase();
    return {
      key: fate ? `fates.${slug(fate)}` : null,
      details: [...(channel ? [{ kind: "channel", text: channel } as Piece] : []), ...pieces(properties, ["url", "template", "journey"])],
      quote: null,
      sign: "message",
    };
  }
  const known = KNOWN[entry.name];
  if (!known) return { key: null, details: theFirst(properties), quote: null, sign: SIGNS[entry.kind] ?? "other" };
  const quote = known.quote ? properties[known.quote] : null;
  return {
    key: `events.${slug(entry.name)}`,
    details: pieces(properties, known.show ?? []),
    quote: typeof quote === "string" && quote.trim() ? quote : null,
    sign: known.sign,
  };
}

const SIGNS: Record<string, Sign> = { page: "page", screen: "page", identify: "profile", journey: "journey", delivery: "message" };
const SHOWN = 3;

/** Of an event that nobody has words for: the first few plain properties, with their names. */
function theFirst(properties: Record<string, unknown>): Piece[] {
  return Object.entries(properties)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value) && value !== "")
    .slice(0, SHOWN)
    .map(([name, value]): Piece => (looksLikeId(value) ? { kind: "thing", id: value } : { kind: "text", text: `${name}: ${plain(value)}` }));
}
