import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** The way on, if there is one. */
  readonly action?: ReactNode;
}

/** Nothing to show, said as such, with the way on. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      <Title order={3}>{title}</Title>
      {children === undefined ? null : (
        <Text c="dimmed" maw="36rem">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
