export type FileFormat = "csv" | "xlsx";

/** Rows as a file of the browser; the writer is loaded when it is needed. */
export async function fileOf(rows: readonly (readonly string[])[], format: FileFormat): Promise<Blob> {
  if (format === "csv") return (await import("./csv")).csvOf(rows);
  return (await import("./xlsx")).xlsxOf(rows);
}

export function saveAs(content: Blob | string, name: string): void {
  const link = document.createElement("a");
  link.href = typeof content === "string" ? content : URL.createObjectURL(content);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  if (typeof content !== "string") setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
