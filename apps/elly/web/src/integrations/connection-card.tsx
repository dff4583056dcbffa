import { Anchor, Badge, Card, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import type { ConnectionSummary } from '../api/ats-schemas.js';
import { statusWords } from '../connection/status-words.js';
import { Moment } from '../words/moment.js';

export function ConnectionCard({ connection }: { readonly connection: ConnectionSummary }) {
  const { label, colour, sentence } = statusWords(connection);
  return (
    <Card component="article" aria-label={`${connection.providerName}: ${label}`}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={4} style={{ flex: '1 1 16rem' }}>
          <Group gap="sm">
            <Title order={3}>{connection.providerName}</Title>
            <Badge color={colour}>{label}</Badge>
          </Group>
          {connection.accountName === null ? null : <Text size="sm">{connection.accountName}</Text>}
          <Text size="sm" c="dimmed">
            {connection.status === 'active' && connection.lastSyncedAt !== null ? (
              <>
                Last synced <Moment at={connection.lastSyncedAt} />
                {connection.nextRunAt === null ? null : (
                  <>
                    , next <Moment at={connection.nextRunAt} />
                  </>
                )}
                .
              </>
            ) : (
              sentence
            )}
          </Text>
        </Stack>
        <Anchor component={Link} to={`/settings/integrations/${connection.id}`} underline="always" size="sm">
          Details of {connection.providerName}
        </Anchor>
      </Group>
    </Card>
  );
}
