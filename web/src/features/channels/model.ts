/** The configuration of a channel as the API keeps it; fields that this page does not know stay as they are. */
export type Config = Record<string, unknown>;

export type Security = "starttls" | "tls" | "none";

export interface Limit {
  domain: string;
  per_second?: number | null;
  concurrency?: number | null;
}

export interface Header {
  name: string;
  value: string;
}

/** What a form cannot hold as it is: maps as rows, and a plan as text. */
export interface Values extends Config {
  name: string;
  domain_rows?: Limit[];
  header_rows?: Header[];
}

interface WarmUp {
  start?: string;
  plan?: "standard" | number[] | "own";
  days?: string;
}

/** What a secret reads that is kept and not shown. */
export const KEPT_SECRET = "•••";

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function warmUpForForm(warmUp: unknown): WarmUp | undefined {
  if (!isObject(warmUp)) return undefined;
  const { plan } = warmUp;
  return Array.isArray(plan) ? { ...warmUp, plan: "own", days: plan.join(", ") } : { plan: "standard", ...warmUp };
}

function warmUpForApi(warmUp: unknown): unknown {
  if (!isObject(warmUp) || !warmUp.start) return undefined;
  const { days, ...rest } = warmUp;
  if (rest.plan !== "own") return rest;
  return { ...rest, plan: String(days ?? "").split(/[\s,，、]+/).filter(Boolean).map(Number) };
}

export function valuesOf(name: string, config: Config): Values {
  const { domains, headers, accounts, warm_up, ...rest } = config;
  return {
    ...rest,
    name,
    warm_up: warmUpForForm(warm_up),
    accounts: Array.isArray(accounts) ? accounts.map((account: Config) => ({ ...account, warm_up: warmUpForForm(account.warm_up) })) : undefined,
    domain_rows: Object.entries(isObject(domains) ? domains : {}).map(([domain, limit]) => ({ domain, ...(limit as object) })),
    header_rows: Object.entries(isObject(headers) ? headers : {}).map(([name, value]) => ({ name, value: String(value) })),
  };
}

/** The configuration that a form describes: what was left empty is not sent, so that it is as usual. */
export function configOf(values: Values): Config {
  const { domain_rows, header_rows, accounts, warm_up, ...rest } = values;
  const config: Config = {
    ...rest,
    name: undefined,
    warm_up: warmUpForApi(warm_up),
    accounts: Array.isArray(accounts) ? accounts.map((account: Config) => ({ ...account, warm_up: warmUpForApi(account.warm_up) })) : undefined,
    domains: Object.fromEntries((domain_rows ?? []).filter((row) => row?.domain).map(({ domain, ...limit }) => [domain.trim().toLowerCase(), limit])),
    headers: Object.fromEntries((header_rows ?? []).filter((row) => row?.name).map((row) => [row.name.trim(), row.value ?? ""])),
  };
  return withoutEmpty(config) as Config;
}

function withoutEmpty(value: unknown): unknown {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one) => withoutEmpty(one) ?? {});
  if (!isObject(value)) return value ?? undefined;
  const kept = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const).filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

const OF_SERVER = ["host", "port", "security", "username", "password", "ca_certificate"];

/** The one server of a channel as the first of several. Its password is asked for again, since it is kept under its old place. */
export function asSeveral(values: Values, firstName: string): Partial<Values> {
  const first = Object.fromEntries(OF_SERVER.filter((field) => values[field] !== undefined).map((field) => [field, values[field]]));
  if (first.password === KEPT_SECRET) delete first.password;
  const gone = Object.fromEntries(OF_SERVER.map((field) => [field, undefined]));
  return { ...gone, accounts: [{ ...first, name: firstName }, { name: "" }] };
}

/** A secret for signatures after Standard Webhooks: 32 random bytes. */
export function newWebhookSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}
