import type { Permission } from "@belgenet/api";
import {
  IconAlertTriangle,
  IconBuilding,
  IconCertificate,
  IconFileText,
  IconGavel,
  IconHeartHandshake,
  IconHistory,
  IconLayoutDashboard,
  IconMail,
  IconReceipt,
  IconSchool,
  IconTemplate,
  IconUsers,
} from "@tabler/icons-react";

interface Entry {
  to: string;
  label:
    | "dashboard"
    | "orders"
    | "reviews"
    | "certificates"
    | "users"
    | "campaigns"
    | "consents"
    | "courses"
    | "templates"
    | "mails"
    | "site"
    | "tasks"
    | "audit";
  Icon: typeof IconUsers;
  needs: Permission;
  only?: "academy" | "charity";
}

const ENTRIES: Entry[] = [
  { to: "/admin", label: "dashboard", Icon: IconLayoutDashboard, needs: "dashboard:read" },
  { to: "/admin/orders", label: "orders", Icon: IconReceipt, needs: "order:read" },
  { to: "/admin/reviews", label: "reviews", Icon: IconGavel, needs: "order:manage" },
  {
    to: "/admin/campaigns",
    label: "campaigns",
    Icon: IconHeartHandshake,
    needs: "campaign:manage",
    only: "charity",
  },
  { to: "/admin/consents", label: "consents", Icon: IconFileText, needs: "campaign:manage", only: "charity" },
  { to: "/admin/courses", label: "courses", Icon: IconSchool, needs: "course:manage", only: "academy" },
  { to: "/admin/certificates", label: "certificates", Icon: IconCertificate, needs: "certificate:manage" },
  { to: "/admin/templates", label: "templates", Icon: IconTemplate, needs: "certificate:template" },
  { to: "/admin/users", label: "users", Icon: IconUsers, needs: "user:read" },
  { to: "/admin/mails", label: "mails", Icon: IconMail, needs: "tasks:manage" },
  { to: "/admin/tasks", label: "tasks", Icon: IconAlertTriangle, needs: "tasks:manage" },
  { to: "/admin/site", label: "site", Icon: IconBuilding, needs: "site:write" },
  { to: "/admin/audit", label: "audit", Icon: IconHistory, needs: "audit:read" },
];

/** What somebody with these permissions finds in the menu of this kind of institution. */
export const navFor = (kind: string, permissions: readonly string[]): Entry[] =>
  ENTRIES.filter((entry) => permissions.includes(entry.needs) && (!entry.only || entry.only === kind));
