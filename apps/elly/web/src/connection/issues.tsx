import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { leaveMappingsAsTheyAre } from '../api/ats.js';
import type { ConnectionDetails } from '../api/ats-schemas.js';
import { useSession } from '../session/use-session.js';
import { Failure } from '../states/failure.js';
import { Section } from '../states/section.js';
import { Moment } from '../words/moment.js';
import { capital } from '../words/records.js';
import { ReconnectButton } from './reconnect-button.js';

/** What an admin may look at and leave as it is. */
const STAGES_CHANGED = new Set(['stage-added', 'stage-renamed', 'stage-removed', 'stages-reordered']);

type Issue = ConnectionDetails['issues'][number];

/** What wants somebody's attention; each message says what to do, and a button leads there. */
export function Issues({ connection }: { readonly connection: ConnectionDetails }) {
  return (
    <Section title="To be looked at">
      <Stack gap="sm">
        {connection.issues.map((issue) => (
          <Alert key={issue.id} color="yellow" title={capital(issue.code.replaceAll('-', ' '))}>
            <Stack gap="xs" align="flex-start">
              <Text size="sm">{issue.message}</Text>
              <Text size="xs" c="dimmed">
                Since <Moment at={issue.raisedAt} />
              </Text>
              <WayOut issue={issue} connectionId={connection.id} />
            </Stack>
          </Alert>
        ))}
      </Stack>
    </Section>
  );
}

function WayOut({ issue: { code }, connectionId }: { readonly issue: Issue; readonly connectionId: string }) {
  const { role } = useSession();
  const client = useQueryClient();
  const reviewed = useMutation({
    mutationFn: () => leaveMappingsAsTheyAre(connectionId),
    onSuccess: () => client.invalidateQueries(),
  });
  if (role !== 'admin') return null;
  if (code === 'reconnect-required' || code === 'authorisation-expiring') {
    return <ReconnectButton connectionId={connectionId} label="Reconnect" size="xs" />;
  }
  if (code === 'suspended') {
    return (
      <Button component={Link} to="/settings/billing" size="xs">
        See the plans
      </Button>
    );
  }
  if (code.includes('webhook')) {
    return (
      <Button component={Link} to="?tab=webhooks" size="xs" variant="default">
        To the webhooks
      </Button>
    );
  }
  if (!code.includes('stage')) return null;
  return (
    <>
      <Group gap="sm">
        <Button component={Link} to="?tab=stages" size="xs" variant="default">
          To the stage mapping
        </Button>
        {STAGES_CHANGED.has(code) ? (
          <Button size="xs" variant="default" loading={reviewed.isPending} onClick={() => reviewed.mutate()}>
            Leave the mapping as it is
          </Button>
        ) : null}
      </Group>
      {reviewed.isError ? <Failure error={reviewed.error} /> : null}
    </>
  );
}
