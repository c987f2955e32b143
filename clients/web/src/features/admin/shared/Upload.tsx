import { type FileOut, toApiError } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { Button, FileButton, Group, Progress, Text } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { type Purpose, sendFile } from "@/shared/sendFile";

const KINDS = {
  picture: "image/png,image/jpeg,image/webp,image/gif,image/avif",
  video: "video/mp4,video/webm,video/quicktime,video/x-m4v",
} as const;

interface Props {
  kind: keyof typeof KINDS;
  purpose: Purpose;
  onDone: (file: FileOut) => void;
}

/** Chooses a file and sends it, with its progress; can be called off. */
export function Upload({ kind, purpose, onDone }: Props) {
  const t = useT();
  const [percent, setPercent] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  const reset = useRef<() => void>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const send = async (file: File | null): Promise<void> => {
    if (!file) return;
    stop.current = new AbortController();
    setProblem(null);
    setPercent(0);
    try {
      onDone(await sendFile(file, purpose, setPercent, stop.current.signal));
    } catch (error) {
      if ((error as Error).name !== "AbortError") setProblem(sentence(error, t));
    }
    reset.current?.();
    setPercent(null);
  };
  return (
    <div>
      {percent === null ? (
        <FileButton accept={KINDS[kind]} onChange={(file) => void send(file)} resetRef={reset}>
          {(button) => (
            <Button
              {...button}
              variant="default"
              size="sm"
              leftSection={<IconUpload size={17} stroke={1.8} aria-hidden />}
            >
              {t(`admin.upload.${kind}`)}
            </Button>
          )}
        </FileButton>
      ) : (
        <Group gap="sm" wrap="nowrap">
          <Progress value={percent} flex={1} aria-label={t("admin.upload.sending")} />
          <Text size="sm" className="bn-numbers">
            {t("admin.upload.percent", { percent })}
          </Text>
          <Button variant="subtle" size="compact-sm" onClick={() => stop.current?.abort()}>
            {t("common.cancel")}
          </Button>
        </Group>
      )}
      {problem ? (
        <Text c="red" size="sm" role="alert" mt={4}>
          {problem}
        </Text>
      ) : null}
    </div>
  );
}

function sentence(error: unknown, t: ReturnType<typeof useT>): string {
  const problem = toApiError(error);
  if (problem.isNetwork) return t("common.error.networkText");
  return problem.fields[0]?.message || problem.detail || t("common.error.faultText");
}
