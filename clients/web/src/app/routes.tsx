import type { ComponentType } from "react";
import type { RouteObject } from "react-router";
import { RequireAdmin, RequireMember } from "./guards";
import { HomePage } from "./HomePage";
import { NotFoundPage } from "./NotFoundPage";
import { PublicLayout } from "./PublicLayout";
import { RouteError } from "./RouteError";

/** Loads a page's chunk when its route is opened. */
const page =
  <M extends Record<string, unknown>>(load: () => Promise<M>, name: keyof M): RouteObject["lazy"] =>
  async () => ({ Component: (await load())[name] as ComponentType });

const auth: RouteObject[] = [
  { path: "sign-in", lazy: page(() => import("@/features/auth/SignInPage"), "SignInPage") },
  { path: "register", lazy: page(() => import("@/features/auth/RegisterPage"), "RegisterPage") },
  { path: "verify-email", lazy: page(() => import("@/features/auth/VerifyEmailPage"), "VerifyEmailPage") },
  {
    path: "forgot-password",
    lazy: page(() => import("@/features/auth/ForgotPasswordPage"), "ForgotPasswordPage"),
  },
  {
    path: "reset-password",
    lazy: page(() => import("@/features/auth/ResetPasswordPage"), "ResetPasswordPage"),
  },
  { path: "invitation", lazy: page(() => import("@/features/auth/InvitationPage"), "InvitationPage") },
];

const shop: RouteObject[] = [
  { path: "campaigns/:slug", lazy: page(() => import("@/features/giving/CampaignPage"), "CampaignPage") },
  { path: "courses/:slug", lazy: page(() => import("@/features/academy/CoursePage"), "CoursePage") },
  {
    path: "checkout/campaigns/:slug",
    lazy: page(() => import("@/features/giving/CheckoutPage"), "CheckoutPage"),
  },
  {
    path: "checkout/courses/:slug",
    lazy: page(() => import("@/features/academy/CourseCheckoutPage"), "CourseCheckoutPage"),
  },
  { path: "verify", lazy: page(() => import("@/features/verify/VerifyPage"), "VerifyPage") },
  { path: "verify/:code", lazy: page(() => import("@/features/verify/VerifyPage"), "VerifyPage") },
];

const member: RouteObject[] = [
  { path: "orders/:id", lazy: page(() => import("@/features/orders/OrderPage"), "OrderPage") },
  { path: "learn/:enrollmentId", lazy: page(() => import("@/features/academy/LearnPage"), "LearnPage") },
  { path: "me/orders", lazy: page(() => import("@/features/orders/MyOrdersPage"), "MyOrdersPage") },
  { path: "me/courses", lazy: page(() => import("@/features/academy/MyCoursesPage"), "MyCoursesPage") },
  {
    path: "me/certificates",
    lazy: page(() => import("@/features/certificates/MyCertificatesPage"), "MyCertificatesPage"),
  },
  { path: "me/profile", lazy: page(() => import("@/features/account/ProfilePage"), "ProfilePage") },
];

const admin: RouteObject[] = [
  { index: true, lazy: page(() => import("@/features/admin/DashboardPage"), "DashboardPage") },
  { path: "orders", lazy: page(() => import("@/features/admin/orders/OrdersPage"), "OrdersPage") },
  {
    path: "orders/:id",
    lazy: page(() => import("@/features/admin/orders/AdminOrderPage"), "AdminOrderPage"),
  },
  { path: "reviews", lazy: page(() => import("@/features/admin/orders/ReviewsPage"), "ReviewsPage") },
  { path: "webhooks", lazy: page(() => import("@/features/admin/orders/WebhooksPage"), "WebhooksPage") },
  {
    path: "campaigns",
    lazy: page(() => import("@/features/admin/campaigns/AdminCampaignsPage"), "AdminCampaignsPage"),
  },
  {
    path: "campaigns/:id",
    lazy: page(() => import("@/features/admin/campaigns/AdminCampaignPage"), "AdminCampaignPage"),
  },
  { path: "consents", lazy: page(() => import("@/features/admin/campaigns/ConsentsPage"), "ConsentsPage") },
  {
    path: "courses",
    lazy: page(() => import("@/features/admin/courses/AdminCoursesPage"), "AdminCoursesPage"),
  },
  {
    path: "courses/:id",
    lazy: page(() => import("@/features/admin/courses/AdminCoursePage"), "AdminCoursePage"),
  },
  {
    path: "certificates",
    lazy: page(() => import("@/features/admin/certificates/AdminCertificatesPage"), "AdminCertificatesPage"),
  },
  {
    path: "templates",
    lazy: page(() => import("@/features/admin/templates/TemplatesPage"), "TemplatesPage"),
  },
  {
    path: "templates/:kind/:locale",
    lazy: page(() => import("@/features/admin/templates/TemplatePage"), "TemplatePage"),
  },
  { path: "users", lazy: page(() => import("@/features/admin/users/UsersPage"), "UsersPage") },
  { path: "mails", lazy: page(() => import("@/features/admin/MailsPage"), "MailsPage") },
  { path: "tasks", lazy: page(() => import("@/features/admin/TasksPage"), "TasksPage") },
  { path: "site", lazy: page(() => import("@/features/admin/site/SitePage"), "SitePage") },
  { path: "audit", lazy: page(() => import("@/features/admin/AuditPage"), "AuditPage") },
  { path: "*", element: <NotFoundPage /> },
];

export const routes: RouteObject[] = [
  {
    element: <PublicLayout />,
    ErrorBoundary: RouteError,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: RouteError,
        children: [
          { index: true, element: <HomePage /> },
          ...auth,
          ...shop,
          { element: <RequireMember />, children: member },
          { path: "*", element: <NotFoundPage /> },
        ],
      },
    ],
  },
  {
    path: "admin",
    element: <RequireAdmin />,
    ErrorBoundary: RouteError,
    HydrateFallback: () => null,
    children: [
      {
        lazy: page(() => import("@/features/admin/AdminLayout"), "AdminLayout"),
        children: [{ ErrorBoundary: RouteError, children: admin }],
      },
    ],
  },
];
