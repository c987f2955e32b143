import { type Locale, useT } from "@belgenet/i18n";
import { Drawer, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2 } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { Link, NavLink, useLocation } from "react-router";
import { OfflineBar } from "../feedback/OfflineBar";
import { Brand, type BrandInfo } from "./Brand";
import { LanguageMenu } from "./LanguageMenu";
import { RouteFocus } from "./RouteFocus";
import css from "./Shell.module.css";
import { ThemeMenu } from "./ThemeMenu";

export interface NavItem {
  to: string;
  label: string;
  end?: boolean;
}

interface Props {
  brand: BrandInfo;
  nav: NavItem[];
  account: ReactNode;
  footer?: ReactNode;
  onLocale: (locale: Locale) => void;
  children: ReactNode;
}

/** Public frame: header with the institution's brand, page, footer. */
export function Shell({ brand, nav, account, footer, onLocale, children }: Props) {
  const t = useT();
  return (
    <div className={css.frame}>
      <a href="#main" className="bn-skip">
        {t("common.skip")}
      </a>
      <RouteFocus />
      <header className={css.header}>
        <div className={css.bar}>
          <MobileNav nav={nav} onLocale={onLocale} />
          <Brand brand={brand} />
          <nav className={css.nav} aria-label={t("common.mainNavigation")}>
            {nav.map((item) => (
              <NavLink key={item.to} to={item.to} end={item.end} className={css.link}>
                {item.label}
              </NavLink>
            ))}
          </nav>
          <div className={css.tools}>
            <div className={css.wideTools}>
              <LanguageMenu onChange={onLocale} />
              <ThemeMenu />
            </div>
            {account}
          </div>
        </div>
      </header>
      <OfflineBar />
      <main id="main" className={css.main}>
        {children}
      </main>
      <footer className={css.footer}>{footer}</footer>
    </div>
  );
}

function MobileNav({ nav, onLocale }: { nav: NavItem[]; onLocale: (locale: Locale) => void }) {
  const t = useT();
  const [opened, { open, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes on every navigation
  useEffect(close, [pathname]);
  return (
    <>
      <UnstyledButton className={css.burger} onClick={open} aria-label={t("common.openMenu")}>
        <IconMenu2 size={22} stroke={1.7} aria-hidden />
      </UnstyledButton>
      <Drawer
        opened={opened}
        onClose={close}
        size="80%"
        title={t("common.menu")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        <nav className={css.drawer} aria-label={t("common.mainNavigation")}>
          {nav.map((item) => (
            <NavLink key={item.to} to={item.to} end={item.end} className={css.link}>
              {item.label}
            </NavLink>
          ))}
        </nav>
        <div className={css.drawerTools}>
          <LanguageMenu onChange={onLocale} />
          <ThemeMenu />
        </div>
      </Drawer>
    </>
  );
}

/** Row of quiet links for the footer. */
export function FooterLinks({ name, links, note }: { name: string; links: NavItem[]; note?: ReactNode }) {
  return (
    <div className={css.footerRow}>
      <div>
        <strong>{name}</strong>
        {note ? <div className={css.note}>{note}</div> : null}
      </div>
      <nav className={css.footerLinks} aria-label={name}>
        {links.map((link) => (
          <Link key={link.to} to={link.to}>
            {link.label}
          </Link>
        ))}
      </nav>
    </div>
  );
}
