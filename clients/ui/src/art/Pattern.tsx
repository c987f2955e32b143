import { useId } from "react";
import css from "./Pattern.module.css";

/** Small stable number from a text (FNV-1a). */
function seedOf(text: string): number {
  let h = 2166136261;
  for (const ch of text) h = Math.imul(h ^ (ch.codePointAt(0) ?? 0), 16777619);
  return h >>> 0;
}

/** Corners of an eight-pointed star (two squares turned by 45°), as an SVG path. */
function star(cx: number, cy: number, outer: number, inner: number): string {
  return `M${Array.from({ length: 16 }, (_, i) => {
    const r = i % 2 ? inner : outer;
    const a = (i * Math.PI) / 8;
    return `${(cx + r * Math.cos(a)).toFixed(2)} ${(cy + r * Math.sin(a)).toFixed(2)}`;
  }).join("L")}Z`;
}

/**
 * Star-and-cross tiling in the institution's colour, drawn where no picture was given. The same seed
 * gives the same cover. Decoration only, hidden from screen readers.
 */
export function Pattern({ seed, className }: { seed: string; className?: string }) {
  const id = useId();
  const n = seedOf(seed);
  const size = 68 + (n % 4) * 14;
  const inner = 0.5 * (Math.SQRT1_2 + ((n >>> 4) % 3) * 0.06);
  const tile = star(size / 2, size / 2, size * 0.5, size * inner * 0.765);
  return (
    <svg
      className={className ?? css.fill}
      aria-hidden="true"
      preserveAspectRatio="xMidYMid slice"
      viewBox="0 0 640 360"
    >
      <defs>
        <pattern
          id={id}
          width={size}
          height={size}
          patternUnits="userSpaceOnUse"
          patternTransform={`rotate(${(n >>> 8) % 2 ? 0 : 45}) translate(${n % 37} ${n % 23})`}
        >
          <path d={tile} fill="none" stroke="var(--bn-art-c)" strokeOpacity="0.5" strokeWidth="1.2" />
          <path
            d={star(size / 2, size / 2, size * 0.3, size * 0.2)}
            fill="var(--bn-art-c)"
            fillOpacity="0.14"
            stroke="var(--bn-art-c)"
            strokeOpacity="0.35"
          />
        </pattern>
        <linearGradient id={`${id}g`} x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stopColor="var(--bn-art-b)" />
          <stop offset="1" stopColor="var(--bn-art-a)" />
        </linearGradient>
      </defs>
      <rect width="640" height="360" fill={`url(#${id}g)`} />
      <rect width="640" height="360" fill={`url(#${id})`} />
    </svg>
  );
}

/** A picture, or the pattern where there is none. */
export function Cover({
  src,
  seed,
  ratio = "16 / 9",
}: {
  src?: string | null;
  seed: string;
  ratio?: string;
}) {
  return (
    <div className={css.cover} style={{ aspectRatio: ratio }}>
      {src ? <img src={src} alt="" loading="lazy" className={css.fill} /> : <Pattern seed={seed} />}
    </div>
  );
}
