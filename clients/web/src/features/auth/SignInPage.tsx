import { useT } from "@belgenet/i18n";
import { Anchor, Text } from "@mantine/core";
import { Link, Navigate, useSearchParams } from "react-router";
import { useAuth } from "@/app/AuthContext";
import { useSite } from "@/app/TenantContext";
import { AuthCard } from "./AuthCard";
import { safeNext } from "./next";
import { SignInForm } from "./SignInForm";

export function SignInPage() {
  const t = useT();
  const [params] = useSearchParams();
  const { status, accept } = useAuth();
  const { platform } = useSite();
  const raw = params.get("next");
  if (status === "member") return <Navigate to={safeNext(raw)} replace />;
  const query = raw ? `?next=${encodeURIComponent(raw)}` : "";
  return (
    <AuthCard
      title={t("auth.signIn.title")}
      intro={raw ? t("auth.signIn.reason") : t("auth.signIn.intro")}
      below={
        platform ? null : (
          <Text>
            {t("auth.signIn.noAccount")}{" "}
            <Anchor component={Link} underline="always" to={`/register${query}`}>
              {t("auth.register.submit")}
            </Anchor>
          </Text>
        )
      }
    >
      <SignInForm onSession={accept} />
    </AuthCard>
  );
}
