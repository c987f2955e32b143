import { useT } from "@belgenet/i18n";
import { Group, Stack, TextInput } from "@mantine/core";
import { type Control, Controller, type FieldPath, type FieldValues } from "react-hook-form";
import type { Purpose } from "@/shared/sendFile";
import css from "./PictureField.module.css";
import { Upload } from "./Upload";

interface Props<T extends FieldValues> {
  control: Control<T>;
  name: FieldPath<T>;
  label: string;
  purpose: Purpose;
}

/** A picture: uploaded here, or the address of one. Empty means none. */
export function PictureField<T extends FieldValues>({ control, name, label, purpose }: Props<T>) {
  const t = useT();
  return (
    <Controller
      control={control}
      name={name}
      render={({ field, fieldState }) => (
        <Stack gap="xs">
          <TextInput
            label={label}
            description={t("admin.upload.addressHint")}
            error={fieldState.error?.message}
            inputMode="url"
            {...field}
          />
          <Group gap="sm" align="center">
            {field.value ? <img key={field.value} src={field.value} alt="" className={css.picture} /> : null}
            <Upload
              kind="picture"
              purpose={purpose}
              onDone={(file) => field.onChange(file.content_url ?? "")}
            />
          </Group>
        </Stack>
      )}
    />
  );
}
