/** One message of the stream. */
export interface StreamMessage {
  event: string;
  data: string;
}

/**
 * Takes a stream of server-sent events apart, chunk by chunk, wherever the network has cut it (HTML, section 9.2.6). Comments,
 * which the server sends to show that it is there, have no message.
 */
export function streamParser(tell: (message: StreamMessage) => void): (chunk: string) => void {
  let rest = "";
  let event = "";
  let data: string[] = [];

  function line(text: string) {
    if (text === "") {
      if (data.length > 0) tell({ event: event || "message", data: data.join("\n") });
      event = "";
      data = [];
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
  }

  return (chunk) => {
    rest += chunk;
    // A carriage return at the very end may be half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    lines.forEach(line);
  };
}
