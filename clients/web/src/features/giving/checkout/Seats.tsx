import { useT } from "@belgenet/i18n";
import css from "./Choose.module.css";

/** The seven shares of one animal as seats; picking the n-th takes n of them. Radio buttons underneath. */
export function Seats({
  total,
  available,
  value,
  onChange,
}: {
  total: number;
  available: number;
  value: number;
  onChange: (n: number) => void;
}) {
  const t = useT();
  const seats = Array.from({ length: total }, (_, i) => i + 1);
  return (
    <fieldset className={css.seats}>
      <legend>{t("giving.choose.seats")}</legend>
      <div className={css.row}>
        {seats.map((n) => {
          const off = n > available;
          return (
            <label
              key={n}
              className={css.seat}
              data-taken={n <= value || undefined}
              data-off={off || undefined}
              title={off ? t("giving.choose.taken") : undefined}
            >
              <input
                type="radio"
                name="seats"
                value={n}
                checked={n === value}
                disabled={off}
                onChange={() => onChange(n)}
                aria-label={t("giving.choose.seat", { count: n })}
              />
              <span aria-hidden>{n}</span>
            </label>
          );
        })}
      </div>
      <p className={css.said}>
        {value === total ? t("giving.choose.whole") : t("giving.choose.seat", { count: value })}
      </p>
    </fieldset>
  );
}
