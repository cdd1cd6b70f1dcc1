import { Problem, problemOf } from "@/lib/api/problem";
import { renewal } from "@/lib/api";
import type { Import } from "./steps";

export interface UploadHandle {
  done: Promise<Import>;
  abort: () => void;
}

/**
 * Sends a file as it is. `fetch` cannot tell how far an upload is, so this one way still uses XMLHttpRequest. When the session
 * has ended meanwhile, the file is sent again after the person has signed in.
 */
export function upload(file: File, onProgress: (sent: number) => void): UploadHandle {
  let request: XMLHttpRequest | null = null;
  let isAborted = false;

  function send(mayRenew: boolean): Promise<Import> {
    return new Promise((resolve, reject) => {
      const sending = new XMLHttpRequest();
      request = sending;
      sending.open("POST", `/api/v1/imports?name=${encodeURIComponent(file.name.slice(0, 200) || "upload")}`);
      sending.setRequestHeader("content-type", "application/octet-stream");
      sending.upload.onprogress = (event) => onProgress(event.loaded);
      sending.onabort = () => reject(new DOMException("aborted", "AbortError"));
      sending.onerror = () => reject(new Problem("connection_lost", 0, "No connection to the server"));
      sending.onload = () => {
        if (sending.status === 201) return resolve(JSON.parse(sending.responseText) as Import);
        if (sending.status === 401 && mayRenew && renewal.isSignedIn()) {
          return void renewal.want().then((isRenewed) => (isRenewed && !isAborted ? send(false).then(resolve, reject) : reject(new Problem("unauthenticated", 401, ""))));
        }
        const reply = new Response(sending.responseText, { status: sending.status || 500, headers: { "x-request-id": sending.getResponseHeader("x-request-id") ?? "" } });
        void problemOf(reply).then(reject);
      };
      sending.send(file);
    });
  }

  return {
    done: send(true),
    abort: () => {
      isAborted = true;
      request?.abort();
    },
  };
}
