import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CatalogueEntry } from '../api/ats-schemas.js';

interface KeyFormProps {
  readonly fields: CatalogueEntry['keyForm'];
  readonly submitLabel: string;
  readonly busy: boolean;
  readonly onSubmit: (values: Readonly<Record<string, string>>) => void;
}

/** The form of an ATS that is connected by API key, as its manifest describes it. */
export function KeyForm({ fields, submitLabel, busy, onSubmit }: KeyFormProps) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(values);
      }}
    >
      <Stack gap="sm">
        {fields.map(({ name, label, secret, help }) => {
          const Input = secret ? PasswordInput : TextInput;
          return (
            <Input
              key={name}
              label={label}
              description={help}
              required
              autoComplete="off"
              value={values[name] ?? ''}
              onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            />
          );
        })}
        <Button type="submit" loading={busy}>
          {submitLabel}
        </Button>
      </Stack>
    </form>
  );
}
