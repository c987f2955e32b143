import { useT } from "@belgenet/i18n";
import { EmptyState } from "@belgenet/ui";
import { Anchor, Text } from "@mantine/core";
import { IconMailCheck } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { AuthCard } from "./AuthCard";
import { RegisterForm } from "./RegisterForm";

export function RegisterPage() {
  const t = useT();
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo)
    return (
      <AuthCard title={t("auth.register.doneTitle")}>
        <EmptyState
          icon={<IconMailCheck size={26} stroke={1.6} />}
          title={t("auth.register.doneText", { email: sentTo })}
        >
          {t("auth.register.doneHint")}
        </EmptyState>
      </AuthCard>
    );
  return (
    <AuthCard
      title={t("auth.register.title")}
      intro={t("auth.register.intro")}
      below={
        <Text>
          {t("auth.register.haveAccount")}{" "}
          <Anchor component={Link} underline="always" to="/sign-in">
            {t("auth.signIn.submit")}
          </Anchor>
        </Text>
      }
    >
      <RegisterForm onDone={setSentTo} />
    </AuthCard>
  );
}
