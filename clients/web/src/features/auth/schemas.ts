import type { useT } from "@belgenet/i18n";
import { z } from "zod/mini";
import { isPhone } from "@/shared/phone";

type T = ReturnType<typeof useT>;

export const PASSWORD_MIN = 10;

export const emailField = (t: T) =>
  z
    .string()
    .check(
      z.trim(),
      z.minLength(1, t("common.form.required")),
      z.regex(z.regexes.email, t("common.form.email")),
      z.maxLength(254, t("common.form.email")),
    );

export const nameField = (t: T) =>
  z.string().check(
    z.trim(),
    z.minLength(2, t("common.form.required")),
    z.maxLength(200, t("common.form.tooLong", { max: 200 })),
    // The server's rule; an input of one line cannot hold the control characters it also refuses.
    z.regex(/^[^<>]*$/, t("common.form.nameCharacters")),
  );

export const phoneField = (t: T) => z.string().check(z.trim(), z.refine(isPhone, t("common.form.phone")));

export const requiredField = (t: T) => z.string().check(z.minLength(1, t("common.form.required")));

export const passwordField = (t: T) =>
  z
    .string()
    .check(
      z.minLength(PASSWORD_MIN, t("common.form.password", { min: PASSWORD_MIN })),
      z.maxLength(200, t("common.form.tooLong", { max: 200 })),
    );
