import { useT } from "@belgenet/i18n";
import { notifyProblem } from "@belgenet/ui/notify";
import { Button, type ButtonProps } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { saveFile } from "@/shared/saveFile";
import { downloadCertificate } from "./api";

/** Fetches the signed PDF with the access token, which a plain link could not send. */
export function DownloadButton({
  id,
  code,
  short,
  ...rest
}: { id: string; code: string; short?: boolean } & ButtonProps) {
  const t = useT();
  const get = useMutation({
    mutationFn: async () => {
      const { data } = await downloadCertificate({ path: { certificate_id: id }, parseAs: "blob" });
      saveFile(data as Blob, `${code}.pdf`);
    },
    onError: (error) => notifyProblem(error, t("certificates.failedDownload"), t("common.close")),
  });
  return (
    <Button
      leftSection={<IconDownload size={19} stroke={1.8} />}
      loading={get.isPending}
      onClick={() => get.mutate()}
      aria-label={short ? `PDF: ${code}` : undefined}
      {...rest}
    >
      {short ? "PDF" : t("certificates.download")}
    </Button>
  );
}
