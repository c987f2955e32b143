import { LOCALES, type Locale, useLocale, useT } from "@belgenet/i18n";
import { Menu, UnstyledButton } from "@mantine/core";
import { IconCheck, IconWorld } from "@tabler/icons-react";
import css from "./Shell.module.css";

const NAMES: Record<Locale, string> = { tr: "Türkçe", en: "English" };

/** Every language is written in itself, so that its readers find it. */
export function LanguageMenu({ onChange }: { onChange: (locale: Locale) => void }) {
  const t = useT();
  const current = useLocale();
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <UnstyledButton
          className={css.tool}
          aria-label={`${current.toUpperCase()}, ${t("common.language")}: ${NAMES[current]}`}
        >
          <IconWorld size={20} stroke={1.7} aria-hidden />
          <span>{current.toUpperCase()}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {LOCALES.map((locale) => (
          <Menu.Item
            key={locale}
            lang={locale}
            onClick={() => onChange(locale)}
            rightSection={locale === current ? <IconCheck size={16} /> : null}
            aria-current={locale === current || undefined}
          >
            {NAMES[locale]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
