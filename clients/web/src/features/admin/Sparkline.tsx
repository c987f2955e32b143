import css from "./Dashboard.module.css";

/** A small curve of a series; the figure above it says the same in words, so it is decoration. */
export function Sparkline({ values }: { values: number[] }) {
  if (values.length < 2) return null;
  const top = Math.max(...values, 1);
  const points = values.map(
    (v, i) => `${((i / (values.length - 1)) * 100).toFixed(2)},${(30 - (v / top) * 28).toFixed(2)}`,
  );
  return (
    <svg className={css.spark} viewBox="0 0 100 31" preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,31 ${points.join(" ")} 100,31`} />
      <polyline points={points.join(" ")} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
