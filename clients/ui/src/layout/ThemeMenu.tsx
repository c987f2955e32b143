import { useT } from "@belgenet/i18n";
import { type MantineColorScheme, Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import css from "./Shell.module.css";

const CHOICES = [
  ["light", IconSun, "common.theme.light"],
  ["dark", IconMoon, "common.theme.dark"],
  ["auto", IconDeviceDesktop, "common.theme.system"],
] as const satisfies readonly (readonly [MantineColorScheme, unknown, string])[];

export function ThemeMenu() {
  const t = useT();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = CHOICES.find(([value]) => value === colorScheme)?.[1] ?? IconDeviceDesktop;
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <UnstyledButton className={css.tool} aria-label={t("common.theme.label")}>
          <Icon size={20} stroke={1.7} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {CHOICES.map(([value, ChoiceIcon, label]) => (
          <Menu.Item
            key={value}
            leftSection={<ChoiceIcon size={17} stroke={1.7} />}
            rightSection={value === colorScheme ? <IconCheck size={16} /> : null}
            aria-current={value === colorScheme || undefined}
            onClick={() => setColorScheme(value)}
          >
            {t(label)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
