import { useLocale, useT } from "@belgenet/i18n";
import { FooterLinks, PageSkeleton, Shell } from "@belgenet/ui";
import { Suspense } from "react";
import { Outlet } from "react-router";
import { tagline } from "@/shared/texts";
import { AccountMenu } from "./AccountMenu";
import { useAuth } from "./AuthContext";
import { LostSession } from "./LostSession";
import { useSite } from "./TenantContext";

/** Frame of all pages outside the administration panel. */
export function PublicLayout() {
  const t = useT();
  const { setLanguage, account } = useAuth();
  const { tenant } = useSite();
  const academy = tenant?.kind === "academy";
  const nav = tenant
    ? [
        { to: "/", label: academy ? t("common.nav.courses") : t("common.nav.campaigns"), end: true },
        ...(academy && account ? [{ to: "/me/courses", label: t("common.nav.myCourses") }] : []),
        { to: "/verify", label: t("common.nav.verify") },
      ]
    : [];
  const name = tenant?.name ?? "BelgeNet";
  return (
    <Shell
      brand={{ name, logoUrl: tenant?.branding.logo_url, href: "/" }}
      nav={nav}
      account={<AccountMenu />}
      onLocale={(locale) => void setLanguage(locale)}
      footer={<FooterLinks name={name} note={tagline(tenant?.branding.tagline, useLocale())} links={nav} />}
    >
      <LostSession />
      <Suspense fallback={<PageSkeleton />}>
        <Outlet />
      </Suspense>
    </Shell>
  );
}
