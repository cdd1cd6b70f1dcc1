import { expect, test } from "vitest";
import { problemOf } from "./problem";

test("a problem keeps its code, its fields and when to try again", async () => {
  const body = { code: "invalid_body", title: "Wrong", detail: "email: is not one", errors: [{ path: "email", code: "invalid_body", message: "is not one" }] };
  const reply = new Response(JSON.stringify(body), { status: 422, headers: { "x-request-id": "r1", "retry-after": "3" } });
  const problem = await problemOf(reply);
  expect(problem).toMatchObject({ code: "invalid_body", status: 422, requestId: "r1", retryAfter: 3, isPassing: false });
  expect(problem.fields).toEqual([{ path: "email", code: "invalid_body", message: "is not one" }]);
});

test("the page of a proxy in between is a problem that may pass", async () => {
  const problem = await problemOf(new Response("<html>bad gateway</html>", { status: 502 }));
  expect(problem).toMatchObject({ code: "http_502", status: 502, isPassing: true });
});

test("one wrong field may be named without a list of fields", async () => {
  const body = { code: "invalid_question", title: "Wrong", detail: "must be a number", at: "steps[2].where[0].value" };
  const problem = await problemOf(new Response(JSON.stringify(body), { status: 400 }));
  expect(problem.fields).toEqual([{ path: "steps[2].where[0].value", code: "invalid_question", message: "must be a number" }]);
});
