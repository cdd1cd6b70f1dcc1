import { Hub, type FromTab, type ToTab } from "./hub";

/** Runs once for all tabs of a browser, since a browser has only six connections to a server. */
const hub = new Hub();

(self as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  const tab = (message: ToTab) => port.postMessage(message);
  port.onmessage = (said: MessageEvent<FromTab>) => hub.hear(tab, said.data);
};
