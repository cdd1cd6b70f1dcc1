import { Hub, type FromTab, type ToTab } from "./hub";

export interface Connection {
  say: (message: FromTab) => void;
  close: () => void;
}

/** Says to the hub of this browser, and hears it. */
export type Connect = (hear: (message: ToTab) => void) => Connection;

const HIDDEN_FOR = 30_000;

/** By the worker that all tabs share; `onBroken` when it cannot be loaded. */
function byWorker(hear: (message: ToTab) => void, onBroken: () => void): Connection {
  const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), { type: "module", name: "hearth-live" });
  worker.onerror = onBroken;
  worker.port.onmessage = (event: MessageEvent<ToTab>) => hear(event.data);
  return {
    say: (message) => worker.port.postMessage(message),
    close: () => {
      worker.port.postMessage({ type: "bye" } satisfies FromTab);
      worker.port.close();
    },
  };
}

/** Where there are no shared workers (Chrome on Android), each tab has its own stream, and none while it is hidden. */
function byTab(hear: (message: ToTab) => void): Connection {
  const hub = new Hub();
  let last: FromTab = { type: "topics", topics: [] };
  let hiding: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(() => hub.hear(hear, { type: "bye" }), HIDDEN_FOR);
    else hub.hear(hear, last);
  };
  document.addEventListener("visibilitychange", look);
  return {
    say: (message) => {
      if (message.type === "topics") last = message;
      hub.hear(hear, message);
    },
    close: () => {
      clearTimeout(hiding);
      document.removeEventListener("visibilitychange", look);
      hub.hear(hear, { type: "bye" });
    },
  };
}

export const connect: Connect = (hear) => {
  if (typeof SharedWorker === "undefined") return byTab(hear);
  let topics: FromTab = { type: "topics", topics: [] };
  let isClosed = false;
  let connection: Connection;
  const fallBack = () => {
    if (isClosed) return;
    connection.close();
    connection = byTab(hear);
    connection.say(topics);
  };
  try {
    connection = byWorker(hear, fallBack);
  } catch {
    connection = byTab(hear);
  }
  return {
    say: (message) => {
      if (message.type === "topics") topics = message;
      connection.say(message);
    },
    close: () => {
      isClosed = true;
      connection.close();
    },
  };
};
