import { expect, test } from "vitest";
import { csvOf } from "./csv";
import { xlsxOf } from "./xlsx";

const text = (file: Blob) =>
  new Promise<string>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(new TextDecoder("utf-8", { ignoreBOM: true }).decode(reader.result as ArrayBuffer));
    reader.readAsArrayBuffer(file);
  });

test("a name that looks like a formula stays a name in a spreadsheet, and a number a number", async () => {
  expect(await text(csvOf([["=1+1", "-5", 'say "hi", you']]))).toBe(`\uFEFF'=1+1,-5,"say ""hi"", you"\r\n`);
});

test("a workbook keeps markup as text and ids with all their digits", async () => {
  const content = await text(xlsxOf([["<b>&", "42", "12345678901234567890"]]));
  expect(content).toContain("&lt;b&gt;&amp;");
  expect(content).toContain("<c><v>42</v></c>");
  expect(content).toContain(">12345678901234567890</t>");
});
