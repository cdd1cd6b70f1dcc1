import { expect, test } from "vitest";
import { snippetsOfApiKey, snippetsOfWriteKey } from "./snippets";

test.each(["https://hearth.example", "http://127.0.0.1:7700"])("each snippet has the key and leads to %s and nowhere else", (server) => {
  const host = server.split("//")[1]!;
  for (const group of [...snippetsOfWriteKey("wk_secret", server), ...snippetsOfApiKey("wk_secret", server)]) {
    for (const { name, code } of group.snippets) {
      expect(code, `${group.product} ${name}`).toContain("wk_secret");
      expect(code, `${group.product} ${name}`).toContain(host);
      for (const [address] of code.matchAll(/https?:\/\/[^"'\s\\]+/g)) expect(address.startsWith(server), address).toBe(true);
    }
  }
});

test("names of snippets are told apart within a product", () => {
  for (const { snippets } of snippetsOfWriteKey("wk_1", "http://a")) expect(new Set(snippets.map((one) => one.name)).size).toBe(snippets.length);
});
