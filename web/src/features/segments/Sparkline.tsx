import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";

const WIDTH = 96;
const HEIGHT = 24;

/** How a size moved in the last days, as a small line; and in words for those who do not see it. */
export function Sparkline({ sizes, name }: { sizes: readonly number[] | undefined; name: string }) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const first = sizes?.[0];
  const last = sizes?.at(-1);
  if (!sizes || sizes.length < 2 || first === undefined || last === undefined) return <span className="h-quiet">–</span>;
  const least = Math.min(...sizes);
  const span = Math.max(...sizes) - least || 1;
  const x = (index: number) => 2 + (index / (sizes.length - 1)) * (WIDTH - 4);
  const y = (size: number) => HEIGHT - 3 - ((size - least) / span) * (HEIGHT - 6);
  const line = sizes.map((size, index) => `${x(index).toFixed(1)},${y(size).toFixed(1)}`).join(" ");
  const change = formats.number(last - first, { signDisplay: "exceptZero" });
  return (
    <span className="h-sparkline">
      <svg width={WIDTH} height={HEIGHT} role="img" aria-label={t("trendWords", { name, first: formats.number(first), last: formats.number(last) })}>
        <polyline points={line} />
        <circle cx={x(sizes.length - 1)} cy={y(last)} r="2.5" />
      </svg>
      <span className="h-quiet h-num">{change}</span>
    </span>
  );
}
