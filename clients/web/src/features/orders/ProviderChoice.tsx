import { useT } from "@belgenet/i18n";
import { IconCreditCard } from "@tabler/icons-react";
import css from "./ProviderChoice.module.css";

/** How to pay; one of the providers the institution has switched on. */
export function ProviderChoice({
  providers,
  value,
  onChange,
}: {
  providers: string[];
  value: string;
  onChange: (provider: string) => void;
}) {
  const t = useT();
  const label = (name: string): [string, string | null] => {
    if (name === "iyzico") return [t("giving.provider.iyzico"), t("giving.provider.iyzicoHint")];
    if (name === "stripe") return [t("giving.provider.stripe"), t("giving.provider.stripeHint")];
    return [t("giving.provider.other", { name }), null];
  };
  return (
    <fieldset className={css.group}>
      <legend>{t("giving.review.provider")}</legend>
      {providers.map((name) => {
        const [title, hint] = label(name);
        return (
          <label key={name} className={css.choice}>
            <input
              type="radio"
              name="provider"
              value={name}
              checked={name === value}
              onChange={() => onChange(name)}
            />
            <IconCreditCard size={22} stroke={1.5} aria-hidden />
            <span>
              <strong>{title}</strong>
              {hint ? <span>{hint}</span> : null}
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
