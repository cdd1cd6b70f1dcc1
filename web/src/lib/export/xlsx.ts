/**
 * A workbook with one sheet of texts and numbers, after ECMA-376: a ZIP archive without compression with the five parts
 * that every reader asks for. Loaded only when somebody exports.
 */
export function xlsxOf(rows: readonly (readonly string[])[]): Blob {
  const parts: [string, string][] = [
    ["[Content_Types].xml", `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${MAIN_TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${MAIN_TYPE}.worksheet+xml"/></Types>`],
    ["_rels/.rels", `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
    ["xl/_rels/workbook.xml.rels", `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`],
    ["xl/workbook.xml", `${HEAD}<workbook xmlns="${SHEET}" xmlns:r="${OFFICE}"><sheets><sheet name="Hearth" sheetId="1" r:id="r1"/></sheets></workbook>`],
    ["xl/worksheets/sheet1.xml", `${HEAD}<worksheet xmlns="${SHEET}"><sheetData>${rows.map(rowXml).join("")}</sheetData></worksheet>`],
  ];
  return new Blob(zip(parts), { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" });
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";

function rowXml(row: readonly string[]): string {
  return `<row>${row.map(cellXml).join("")}</row>`;
}

/** Numbers stay numbers as long as a spreadsheet keeps all their digits. */
function cellXml(text: string): string {
  if (/^-?(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(text)) return `<c><v>${text}</v></c>`;
  return `<c t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

function escaped(text: string): string {
  return text
    // eslint-disable-next-line no-control-regex -- XML 1.0 cannot hold these at all.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** The archive as PKWARE's APPNOTE describes it, method "stored". */
function zip(parts: readonly [string, string][]): Uint8Array<ArrayBuffer>[] {
  const encoder = new TextEncoder();
  const out: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const [name, text] of parts) {
    const nameBytes = encoder.encode(name);
    const bytes = encoder.encode(text);
    const common = [0, 0, 0x21, crc32(bytes), bytes.length, bytes.length, nameBytes.length, 0] as const;
    const local = header(common);
    const central = centralHeader(common, offset);
    out.push(local, nameBytes, bytes);
    directory.push(central, nameBytes);
    offset += local.length + nameBytes.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, parts.length, true);
  end.setUint16(10, parts.length, true);
  end.setUint32(12, size, true);
  end.setUint32(16, offset, true);
  return [...out, ...directory, new Uint8Array(end.buffer)];
}

type Common = readonly [number, number, number, number, number, number, number, number];

function header(common: Common): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(30));
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(4, 20, true);
  view.setUint16(6, 0x0800, true);
  writeCommon(view, 8, common);
  return new Uint8Array(view.buffer);
}

function centralHeader(common: Common, offset: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(46));
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(4, 20, true);
  view.setUint16(6, 20, true);
  view.setUint16(8, 0x0800, true);
  writeCommon(view, 10, common);
  view.setUint32(42, offset, true);
  return new Uint8Array(view.buffer);
}

function writeCommon(view: DataView, at: number, [method, time, date, crc, packed, size, name, extra]: Common): void {
  view.setUint16(at, method, true);
  view.setUint16(at + 2, time, true);
  view.setUint16(at + 4, date, true);
  view.setUint32(at + 6, crc, true);
  view.setUint32(at + 10, packed, true);
  view.setUint32(at + 14, size, true);
  view.setUint16(at + 18, name, true);
  view.setUint16(at + 20, extra, true);
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
