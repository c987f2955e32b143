import i18next, { type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import type { Locale } from "./locales";
import tr from "./tr";

export type Messages = typeof tr & { admin: typeof import("./tr/admin.json") };

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "app";
    resources: { app: Messages };
    returnNull: false;
  }
}

const loaded = new Set<string>(["tr"]);

/** Starts i18next with Turkish built in and `locale` loaded. Safe to call once per page. */
export async function initI18n(locale: Locale): Promise<i18n> {
  await i18next.use(initReactI18next).init({
    lng: "tr",
    fallbackLng: "tr",
    defaultNS: "app",
    ns: ["app"],
    resources: { tr: { app: tr } },
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
  await setLocale(locale);
  return i18next;
}

/** Loads the language when it is not there yet and switches to it. */
export async function setLocale(locale: Locale): Promise<void> {
  if (!loaded.has(locale)) {
    const messages = await import("./en");
    i18next.addResourceBundle(locale, "app", messages.default, true, true);
    loaded.add(locale);
  }
  if (adminWanted) await loadAdminMessages(locale);
  await i18next.changeLanguage(locale);
}

let adminWanted = false;

/** The administration panel's texts are not part of the first bundle; its layout asks for them. */
export async function loadAdminMessages(locale: Locale): Promise<void> {
  adminWanted = true;
  const key = `${locale}:admin`;
  if (loaded.has(key)) return;
  const messages = locale === "tr" ? await import("./tr/admin.json") : await import("./en/admin.json");
  i18next.addResourceBundle(locale, "app", { admin: messages.default }, true, true);
  loaded.add(key);
}
