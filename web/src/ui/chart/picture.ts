import { FONT, type Palette } from "../theme/tokens";

const PADDING = 16;
const SIZE = 16;
const LINE = 24;

/** Where a title is broken so that each line fits: at spaces, or within a word that is too long, as Chinese is. */
export function linesOf(text: string, fits: (line: string) => boolean): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.match(/[\u2E80-\uFFDC]|[^\s\u2E80-\uFFDC]+\s*|\s+/gu) ?? []) {
    if (line !== "" && !fits((line + piece).trimEnd())) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += piece;
  }
  return line.trim() === "" ? lines : [...lines, line.trimEnd()];
}

/** A picture with its title above it, since a file is looked at far from the page. `scale`: its pixels for each of the screen. */
export async function titled(picture: string, title: string, palette: Palette, scale: number): Promise<Blob | string> {
  const image = new Image();
  image.src = picture;
  await image.decode();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!context) return picture;
  const font = `600 ${SIZE * scale}px ${FONT}`;
  context.font = font;
  const room = image.width - 2 * PADDING * scale;
  const lines = linesOf(title, (line) => context.measureText(line).width <= room);
  const head = (PADDING + lines.length * LINE) * scale;
  canvas.width = image.width;
  canvas.height = head + image.height + PADDING * scale;
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = palette.ink;
  // Another size of the canvas forgets the font.
  context.font = font;
  context.textBaseline = "middle";
  lines.forEach((line, at) => context.fillText(line, PADDING * scale, (PADDING + (at + 0.5) * LINE) * scale));
  context.drawImage(image, 0, head);
  return new Promise((resolve) => canvas.toBlob((file) => resolve(file ?? picture), "image/png"));
}
