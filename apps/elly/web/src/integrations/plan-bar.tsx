import { Anchor, Card, Group, Progress, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { PlanUse } from '../api/ats-schemas.js';
import { counted } from '../words/numbers.js';

/** "Starter: 1 of 1 connections used", and what is left to spend. */
export function PlanBar({ plan, credits }: { readonly plan: PlanUse; readonly credits: number }) {
  const { limit, inUse } = plan;
  const words =
    limit === 'unlimited'
      ? `${plan.plan}: ${counted(inUse, 'connection')} used, any number allowed`
      : `${plan.plan}: ${inUse} of ${limit} connections used`;
  return (
    <Card padding="md">
      <Group justify="space-between" gap="md">
        <Stack gap={6} style={{ flex: '1 1 14rem' }}>
          <Text fw={600}>{words}</Text>
          {limit === 'unlimited' || limit === 0 ? null : (
            <Progress value={Math.min(100, (inUse / limit) * 100)} maw="20rem" aria-label="Connections used" />
          )}
        </Stack>
        <Text>
          <Text span fw={600}>
            {counted(credits, 'credit')}
          </Text>{' '}
          left
        </Text>
        <Anchor component={Link} to="/settings/billing" size="sm" underline="always">
          Plan and credits
        </Anchor>
      </Group>
    </Card>
  );
}
