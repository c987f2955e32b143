import { type AdminCourseOut, createCourse, ifMatch, newKey, patchCourse } from "@belgenet/api";
import { useT } from "@belgenet/i18n";
import { applyProblem, FormError, Surface } from "@belgenet/ui";
import { Button, Group, Stack, Textarea, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { useTenant } from "@/app/TenantContext";
import { readAmount, writeAmount } from "../shared/amount";
import { PictureField } from "../shared/PictureField";
import { STALE_COURSE } from "../shared/tones";
import { useAction } from "../shared/useAction";

interface Values {
  title: string;
  summary: string;
  description: string;
  price: string;
  tax_rate: string;
  slug: string;
  image_url: string;
}

export function CourseForm({
  course,
  onSaved,
}: {
  course?: AdminCourseOut;
  onSaved?: (saved: AdminCourseOut) => void;
}) {
  const t = useT();
  const { currency } = useTenant();
  const [key] = useState(newKey);
  const form = useForm<Values>({
    defaultValues: {
      title: course?.title ?? "",
      summary: course?.summary ?? "",
      description: course?.description ?? "",
      price: writeAmount(course?.price.amount),
      tax_rate: writeAmount(course?.tax_rate ?? "20"),
      slug: course?.slug ?? "",
      image_url: course?.image_url ?? "",
    },
  });
  const { errors, isDirty } = form.formState;
  const save = useAction({
    run: async (v: Values) => {
      const body = {
        title: v.title.trim(),
        summary: v.summary.trim(),
        description: v.description.trim(),
        price: { amount: readAmount(v.price) ?? v.price, currency: course?.price.currency ?? currency },
        tax_rate: v.tax_rate.replace(",", "."),
        image_url: v.image_url.trim() || null,
        ...(v.slug.trim() ? { slug: v.slug.trim() } : {}),
      };
      const { data } = course
        ? await patchCourse({ path: { course_id: course.id }, headers: ifMatch(course.version), body })
        : await createCourse({ headers: { "Idempotency-Key": key }, body });
      return data;
    },
    stale: STALE_COURSE,
    after: onSaved,
    quiet: true,
  });
  const submit = form.handleSubmit((values) =>
    save.mutate(values, { onError: (error) => applyProblem(form, error, { "price.amount": "price" }) }),
  );
  const needed = { required: t("common.form.required") };
  const money = { ...needed, validate: (v: string) => readAmount(v) !== null || t("common.form.amount") };
  return (
    <Surface as="section" aria-label={t("admin.courses.details")}>
      <Title order={2} size="h4" mb="md">
        {t("admin.courses.details")}
      </Title>
      <form noValidate onSubmit={submit}>
        <Stack gap="md">
          <FormError error={save.error} />
          <TextInput
            label={t("admin.campaigns.title")}
            required
            maxLength={200}
            error={errors.title?.message}
            {...form.register("title", needed)}
          />
          <Textarea
            label={t("admin.campaigns.summary")}
            autosize
            minRows={2}
            maxLength={500}
            error={errors.summary?.message}
            {...form.register("summary")}
          />
          <Textarea
            label={t("admin.campaigns.description")}
            description={t("admin.campaigns.descriptionHint")}
            autosize
            minRows={4}
            maxRows={14}
            error={errors.description?.message}
            {...form.register("description")}
          />
          <Group grow align="flex-start">
            <TextInput
              label={`${t("admin.courses.price")} (${course?.price.currency ?? currency})`}
              inputMode="decimal"
              required
              error={errors.price?.message}
              {...form.register("price", money)}
            />
            <TextInput
              label={t("admin.courses.tax")}
              inputMode="decimal"
              error={errors.tax_rate?.message}
              {...form.register("tax_rate")}
            />
          </Group>
          <TextInput
            label={t("admin.campaigns.slug")}
            description={t("admin.campaigns.slugHint")}
            error={errors.slug?.message}
            {...form.register("slug")}
          />
          <PictureField
            control={form.control}
            name="image_url"
            label={t("admin.campaigns.image")}
            purpose="course_image"
          />
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={!isDirty}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Surface>
  );
}
