import { loadAdminMessages, useLocale, useT } from "@belgenet/i18n";
import { Brand, LanguageMenu, PageSkeleton, RouteFocus, ThemeMenu } from "@belgenet/ui";
import { Drawer, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMenu2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { AccountMenu } from "@/app/AccountMenu";
import { useAuth } from "@/app/AuthContext";
import { LostSession } from "@/app/LostSession";
import { useTenant } from "@/app/TenantContext";
import css from "./Admin.module.css";
import { navFor } from "./nav";

/** Frame of the panel: its own navigation by what the person may do. Its texts load with it. */
export function AdminLayout() {
  const locale = useLocale();
  const texts = useQuery({
    queryKey: [{ _id: "adminMessages", locale }],
    queryFn: async () => {
      await loadAdminMessages(locale);
      return true;
    },
    staleTime: Number.POSITIVE_INFINITY,
    networkMode: "always",
  });
  return texts.data ? <Frame /> : <PageSkeleton />;
}

function Frame() {
  const t = useT();
  const tenant = useTenant();
  const { setLanguage } = useAuth();
  const [opened, { open, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the drawer closes on every navigation
  useEffect(close, [pathname]);
  const brand = {
    name: tenant.name,
    logoUrl: tenant.branding.logo_url,
    href: "/admin",
    note: t("admin.title"),
  };
  return (
    <div className={css.frame}>
      <a href="#main" className="bn-skip">
        {t("common.skip")}
      </a>
      <RouteFocus />
      <LostSession />
      <aside className={css.side}>
        <Brand brand={brand} />
        <Menu />
      </aside>
      <div className={css.column}>
        <header className={css.top}>
          <UnstyledButton className={css.burger} onClick={open} aria-label={t("common.openMenu")}>
            <IconMenu2 size={22} stroke={1.7} aria-hidden />
          </UnstyledButton>
          <span className={css.topName}>{tenant.name}</span>
          <div className={css.tools}>
            <LanguageMenu onChange={(locale) => void setLanguage(locale)} />
            <ThemeMenu />
            <AccountMenu />
          </div>
        </header>
        <main id="main" className={css.main}>
          <Suspense fallback={<PageSkeleton />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <Drawer
        opened={opened}
        onClose={close}
        size="80%"
        title={t("admin.title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        <Menu />
      </Drawer>
    </div>
  );
}

function Menu() {
  const t = useT();
  const { account } = useAuth();
  const { kind } = useTenant();
  return (
    <nav className={css.menu} aria-label={t("admin.nav.label")}>
      {navFor(kind, account?.permissions ?? []).map(({ to, label, Icon }) => (
        <NavLink key={to} to={to} end={to === "/admin"} className={css.link}>
          <Icon size={20} stroke={1.6} aria-hidden />
          {t(`admin.nav.${label}`)}
        </NavLink>
      ))}
      <Link to="/" className={css.back}>
        {t("admin.backToSite")}
      </Link>
    </nav>
  );
}
