import { useT } from "@belgenet/i18n";
import { IconCreditCard } from "@tabler/icons-react";
import type { Provider } from "@/app/TenantContext";
import css from "./ProviderChoice.module.css";

/** How to pay; one of the providers the institution has switched on. */
export function ProviderChoice({
  providers,
  value,
  onChange,
}: {
  providers: Provider[];
  value: Provider;
  onChange: (provider: Provider) => void;
}) {
  const t = useT();
  const text = {
    iyzico: [t("giving.provider.iyzico"), t("giving.provider.iyzicoHint")],
    stripe: [t("giving.provider.stripe"), t("giving.provider.stripeHint")],
  } as const;
  return (
    <fieldset className={css.group}>
      <legend>{t("giving.review.provider")}</legend>
      {providers.map((name) => {
        const [title, hint] = text[name];
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
              <span>{hint}</span>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
