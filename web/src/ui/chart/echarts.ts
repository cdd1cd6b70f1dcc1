// The parts of ECharts that we draw with. Loaded when the first chart is seen.
import { BarChart, FunnelChart, HeatmapChart, LineChart, PieChart, SankeyChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, registerTheme, use as drawWith, type ECharts } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { FONT, palettes, series, type Mode } from "../theme/tokens";

drawWith([
  AriaComponent, BarChart, CanvasRenderer, DatasetComponent, FunnelChart, GridComponent, HeatmapChart, LegendComponent,
  LineChart, MarkLineComponent, PieChart, SankeyChart, TooltipComponent, VisualMapComponent,
]);

for (const mode of ["light", "dark"] as const) {
  const palette = palettes[mode];
  const axis = {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.quiet },
    splitLine: { lineStyle: { color: palette.line } },
  };
  registerTheme(`hearth-${mode}`, {
    color: series[mode],
    backgroundColor: "transparent",
    textStyle: { fontFamily: FONT, color: palette.ink },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    timeAxis: { ...axis, splitLine: { show: false } },
    legend: { textStyle: { color: palette.ink } },
    tooltip: {
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.ink },
      // Names of members and messages may stand in a tooltip: as text, never as markup.
      renderMode: "richText",
      confine: true,
    },
    line: { symbolSize: 6, lineStyle: { width: 2 } },
    bar: { barMaxWidth: 48, itemStyle: { borderRadius: [4, 4, 0, 0] } },
  });
}

export function draw(element: HTMLElement, mode: Mode): ECharts {
  return init(element, `hearth-${mode}`, { renderer: "canvas" });
}
