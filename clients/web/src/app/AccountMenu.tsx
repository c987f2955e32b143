import { useT } from "@belgenet/i18n";
import { Button, Menu, UnstyledButton } from "@mantine/core";
import {
  IconCertificate,
  IconLayoutDashboard,
  IconLogout,
  IconReceipt,
  IconSchool,
  IconUser,
} from "@tabler/icons-react";
import { Link, useLocation } from "react-router";
import css from "./AccountMenu.module.css";
import { useAuth } from "./AuthContext";
import { useSite } from "./TenantContext";

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .map((part) => [...part][0] ?? "")
    .slice(0, 2)
    .join("")
    .toLocaleUpperCase("tr");

/** Sign-in button for visitors, the person's own menu for members. */
export function AccountMenu() {
  const t = useT();
  const { account, status, isAdmin, signOut } = useAuth();
  const { tenant } = useSite();
  const location = useLocation();
  if (status === "loading") return <span className={css.placeholder} />;
  if (!account) {
    const next =
      location.pathname === "/sign-in"
        ? ""
        : `?next=${encodeURIComponent(location.pathname + location.search)}`;
    return (
      <Button component={Link} to={`/sign-in${next}`} size="sm" variant="light">
        {t("common.nav.signIn")}
      </Button>
    );
  }
  const academy = tenant?.kind === "academy";
  const item = (to: string, label: string, Icon: typeof IconUser) => (
    <Menu.Item component={Link} to={to} leftSection={<Icon size={18} stroke={1.6} />}>
      {label}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <UnstyledButton
          className={css.avatar}
          aria-label={`${initials(account.full_name)}, ${t("common.nav.account")}: ${account.full_name}`}
        >
          {initials(account.full_name) || "?"}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={css.who}>
          <strong>{account.full_name}</strong>
          <span>{account.is_guest ? t("common.nav.guest") : account.email}</span>
        </div>
        <Menu.Divider />
        {academy ? item("/me/courses", t("common.nav.myCourses"), IconSchool) : null}
        {tenant
          ? item("/me/orders", academy ? t("common.nav.orders") : t("common.nav.donations"), IconReceipt)
          : null}
        {tenant ? item("/me/certificates", t("common.nav.certificates"), IconCertificate) : null}
        {account.is_guest ? null : item("/me/profile", t("common.nav.profile"), IconUser)}
        {isAdmin && tenant ? item("/admin", t("common.nav.admin"), IconLayoutDashboard) : null}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={18} stroke={1.6} />} onClick={() => void signOut()}>
          {t("common.nav.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
