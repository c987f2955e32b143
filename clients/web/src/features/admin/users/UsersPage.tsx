import type { Role, UserOut } from "@belgenet/api";
import { listUsersInfiniteOptions } from "@belgenet/api/query";
import { useT } from "@belgenet/i18n";
import { DateTime, Page, PageHeader, StatusBadge } from "@belgenet/ui";
import { ResourceTable } from "@belgenet/ui/table";
import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import css from "../shared/List.module.css";
import { FilterSelect, Filters, SearchBox } from "../shared/ListFilters";
import { useList } from "../shared/useList";
import { useUrlState } from "../shared/useUrlState";
import { UserDialog } from "./UserDialog";

const ROLES = [
  "STUDENT",
  "DONOR",
  "INSTRUCTOR",
  "OPERATOR",
  "TENANT_ADMIN",
] as const satisfies readonly Role[];

export function UsersPage() {
  const t = useT();
  const [q, setQ] = useUrlState("q");
  const [role, setRole] = useUrlState("role");
  const [guests, setGuests] = useUrlState("guests");
  const [editing, setEditing] = useState<UserOut | null>(null);
  const list = useList<UserOut>(
    listUsersInfiniteOptions({
      query: { limit: 50, q: q || undefined, role: ROLES.find((r) => r === role), guests: guests === "1" },
    }),
  );
  return (
    <Page title={t("admin.nav.users")} width="wide">
      <PageHeader title={t("admin.nav.users")} intro={t("admin.users.intro")} />
      <Filters>
        <SearchBox value={q} hint={t("admin.users.searchHint")} onChange={setQ} />
        <FilterSelect
          label={t("admin.list.role")}
          value={role}
          onChange={setRole}
          options={ROLES.map((value) => ({ value, label: t(`admin.role.${value}`) }))}
        />
        <Checkbox
          mb={11}
          label={t("admin.users.guests")}
          checked={guests === "1"}
          onChange={(event) => setGuests(event.currentTarget.checked ? "1" : "")}
        />
      </Filters>
      <ResourceTable
        label={t("admin.nav.users")}
        {...list}
        empty={t("admin.users.empty")}
        count={list.rows ? t("admin.list.shown", { count: list.rows.length }) : undefined}
        columns={[
          {
            accessor: "full_name",
            title: t("admin.users.name"),
            render: (user) => (
              <>
                <strong>{user.full_name}</strong>
                <span className={css.sub}>{user.email}</span>
              </>
            ),
          },
          {
            accessor: "roles",
            title: t("admin.users.roles"),
            render: (user) => user.roles.map((r) => t(`admin.role.${r}`)).join(", "),
          },
          {
            accessor: "last_sign_in_at",
            title: t("admin.users.lastSignIn"),
            render: (user) => (user.last_sign_in_at ? <DateTime value={user.last_sign_in_at} /> : "–"),
          },
          {
            accessor: "disabled",
            title: t("admin.users.state"),
            render: (user) => (
              <StatusBadge tone={user.disabled ? "bad" : "good"}>
                {user.disabled ? t("admin.users.disabled") : t("admin.users.active")}
              </StatusBadge>
            ),
          },
          {
            accessor: "id",
            title: t("admin.list.actions"),
            textAlign: "right",
            render: (user) => (
              <Button
                size="xs"
                variant="default"
                aria-label={`${user.full_name}: ${t("common.edit")}`}
                onClick={() => setEditing(user)}
              >
                {t("common.edit")}
              </Button>
            ),
          },
        ]}
      />
      {editing ? <UserDialog user={editing} roles={ROLES} onClose={() => setEditing(null)} /> : null}
    </Page>
  );
}
