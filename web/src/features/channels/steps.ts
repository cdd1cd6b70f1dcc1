import type { TestFailure, TestOutcome } from "./api";
import type { Config } from "./model";

/** What happens one after the other when a mail server is tried, and how its failures begin. */
const MAIL_STEPS = [
  ["resolve", "resolving the host name"],
  ["connect", "connecting"],
  ["tls", "TLS handshake"],
  ["greeting", "greeting (EHLO)"],
  ["start_tls", "STARTTLS"],
  ["login", "login (AUTH)"],
  ["noop", "NOOP"],
] as const;

export type StepName = (typeof MAIL_STEPS)[number][0] | "request" | "mailbox";
export type StepState = "done" | "failed" | "not_reached";

export interface Step {
  name: string;
  state: StepState;
  /** With whom: host and port, an address. */
  target?: string;
  took?: number | null;
}

/** One server, or the mailbox, and how far its test came. */
export interface Tried {
  path: string;
  name: string;
  steps: Step[];
  /** What was said, word for word, when it failed. */
  said?: string;
  failure?: TestFailure;
}

/** Which steps a server of this kind goes through; encryption is one of two, or none. */
function stepsOf(server: Config): StepName[] {
  const security = server.security ?? "starttls";
  const left = [security === "tls" ? "" : "tls", security === "starttls" ? "" : "start_tls", server.username ? "" : "login"];
  return MAIL_STEPS.map(([name]) => name).filter((name) => !left.includes(name));
}

/** What failed, without the name of the server, the code and the step before it. */
function taken(message: string): { step: StepName | null; said: string } {
  for (const [name, words] of MAIL_STEPS) {
    const at = message.indexOf(`${words}: `);
    if (at >= 0) return { step: name, said: message.slice(at + words.length + 2) };
  }
  return { step: null, said: message.replace(/^(?:[\w-]+: )?channel_test_failed: /, "") };
}

function tried(path: string, name: string, steps: StepName[], failure: TestFailure | undefined): Tried {
  if (!failure) return { path, name, steps: steps.map((step) => ({ name: step, state: "done" })) };
  const { step, said } = taken(failure.message);
  const at = step === null ? -1 : steps.indexOf(step);
  return {
    path,
    name,
    said,
    failure,
    steps: steps.map((one, place) => ({ name: one, state: at < 0 ? (place === steps.length - 1 ? "failed" : "not_reached") : place < at ? "done" : place === at ? "failed" : "not_reached" })),
  };
}

/** What a test found, server by server and step by step. */
export function whatWasTried(kind: string, config: Config, outcome: TestOutcome): Tried[] {
  if (outcome.steps.length > 0) return fromSteps(config, outcome);
  const failureAt = (path: string) => outcome.failures.find((one) => one.path === path || one.path.startsWith(`${path}.`));
  if (kind !== "email") return [tried("", "", ["request"], outcome.failures[0])];
  const accounts = Array.isArray(config.accounts) ? (config.accounts as Config[]) : [];
  const servers = accounts.map((account, at) => tried(`accounts[${at}]`, String(account.name ?? ""), stepsOf(account), failureAt(`accounts[${at}]`)));
  const mailbox = config.mailbox as Config | undefined;
  const box = mailbox ? [tried("mailbox", "", ["mailbox"], failureAt("mailbox"))] : [];
  if (accounts.length > 0) return [...servers, ...box];
  const own = outcome.failures.find((one) => !one.path.startsWith("mailbox"));
  return [tried("", "", stepsOf(config), own), ...box];
}

/** As the server itself told the steps. */
function fromSteps(config: Config, outcome: TestOutcome): Tried[] {
  const accounts = Array.isArray(config.accounts) ? (config.accounts as Config[]) : [];
  const paths = [...new Set(outcome.steps.map((step) => step.path))];
  return paths.map((path) => {
    const steps = outcome.steps.filter((step) => step.path === path);
    const failed = steps.find((step) => !step.ok);
    const at = Number(/^accounts\[(\d+)\]/.exec(path)?.[1] ?? NaN);
    return {
      path,
      name: String(accounts[at]?.name ?? ""),
      said: failed?.message ? taken(failed.message).said : undefined,
      failure: failed && { path, message: failed.message ?? "", words: failed.words },
      steps: steps.map((step) => ({ name: step.what, target: step.target, state: step.ok ? "done" : "failed", took: step.took_ms })),
    };
  });
}
