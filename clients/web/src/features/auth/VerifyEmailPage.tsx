import { verifyEmail } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { EmptyState, Waiting } from "@belgenet/ui";
import { Button, Text } from "@mantine/core";
import { IconCircleCheck, IconLinkOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { AuthCard } from "./AuthCard";

/** Opened from the e-mail. The token is used once, also when React renders twice. */
export function VerifyEmailPage() {
  const t = useT();
  const [params] = useSearchParams();
  const token = params.get("token") ?? "";
  const { isSuccess, isError } = useQuery({
    queryKey: [{ _id: "verifyEmail", token }],
    queryFn: async () => {
      await verifyEmail({ body: { token } });
      return true;
    },
    enabled: token !== "",
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const signIn = (
    <Button component={Link} to="/sign-in">
      {t("auth.signIn.submit")}
    </Button>
  );
  return (
    <AuthCard title={t("auth.verify.title")}>
      {isSuccess ? (
        <EmptyState icon={<IconCircleCheck size={26} />} title={t("auth.verify.doneTitle")} action={signIn}>
          {t("auth.verify.doneText")}
        </EmptyState>
      ) : isError || token === "" ? (
        <EmptyState icon={<IconLinkOff size={26} />} title={t("auth.verify.failTitle")} action={signIn}>
          {token === "" ? t("auth.verify.noToken") : t("auth.verify.failText")}
        </EmptyState>
      ) : (
        <Waiting>
          <Text>{t("auth.verify.waiting")}</Text>
        </Waiting>
      )}
    </AuthCard>
  );
}
