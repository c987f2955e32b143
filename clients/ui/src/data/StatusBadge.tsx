import { Badge } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCircleDashed, IconClock, IconX } from "@tabler/icons-react";

export type Tone = "good" | "bad" | "wait" | "attention" | "neutral";

const LOOK = {
  good: { color: "green", Icon: IconCheck },
  bad: { color: "red", Icon: IconX },
  wait: { color: "blue", Icon: IconClock },
  attention: { color: "yellow", Icon: IconAlertTriangle },
  neutral: { color: "gray", Icon: IconCircleDashed },
} as const;

/** A state in words with a colour and a sign, never by colour alone. */
export function StatusBadge({
  tone,
  children,
  size = "lg",
}: {
  tone: Tone;
  children: string;
  size?: "lg" | "xl";
}) {
  const { color, Icon } = LOOK[tone];
  return (
    <Badge
      color={color}
      size={size}
      miw="max-content"
      leftSection={<Icon size={13} stroke={2.4} aria-hidden />}
    >
      {children}
    </Badge>
  );
}
