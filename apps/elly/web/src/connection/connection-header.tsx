import { Anchor, Badge, Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { activeRun, disconnect, resync, runsQuery, startImport } from '../api/ats.js';
import type { ConnectionDetails } from '../api/ats-schemas.js';
import { useSession } from '../session/use-session.js';
import { Failure } from '../states/failure.js';
import { ReconnectButton } from './reconnect-button.js';
import { statusWords } from './status-words.js';

/** What it is, how it is, and what an admin can do about it. */
export function ConnectionHeader({ connection }: { readonly connection: ConnectionDetails }) {
  const { role } = useSession();
  const { label, colour, sentence } = statusWords(connection);
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4} style={{ flex: '1 1 20rem' }}>
          <Group gap="sm">
            <Title order={1}>{connection.providerName}</Title>
            <Badge color={colour} size="lg">
              {label}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed">
            {[
              connection.accountName,
              connection.authorisedBy === null ? null : `authorised by ${connection.authorisedBy}`,
            ]
              .filter((part) => part !== null)
              .join(' · ')}
          </Text>
          <Text>{sentence}</Text>
          {connection.statusReason === null || connection.status === 'active' ? null : (
            <Text size="sm" c="dimmed">
              {connection.statusReason}
            </Text>
          )}
        </Stack>
        {role === 'admin' ? <Actions connection={connection} /> : null}
      </Group>
      {role === 'admin' ? null : (
        <Text size="sm" c="dimmed">
          Only an admin of the workspace can change something here.
        </Text>
      )}
    </Stack>
  );
}

function Actions({ connection }: { readonly connection: ConnectionDetails }) {
  const { id, providerName, status, awaitsStart } = connection;
  const runs = useQuery(runsQuery(id));
  const client = useQueryClient();
  const [leaving, { open, close }] = useDisclosure(false);
  const refresh = () => client.invalidateQueries();
  const syncing = useMutation({ mutationFn: () => (awaitsStart ? startImport(id) : resync(id)), onSettled: refresh });
  const ending = useMutation({ mutationFn: () => disconnect(id), onSuccess: close, onSettled: refresh });
  if (status === 'disconnected') {
    return (
      <Button component={Link} to="/settings/integrations" variant="default">
        Connect again
      </Button>
    );
  }
  const busy = activeRun(runs.data) !== undefined;
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="sm">
        {status === 'active' ? (
          <Button
            onClick={() => syncing.mutate()}
            loading={syncing.isPending}
            disabled={busy}
            title={busy ? 'A sync is running' : awaitsStart ? undefined : `Reads everything from ${providerName} again`}
          >
            {awaitsStart ? 'Start the import' : 'Re-sync'}
          </Button>
        ) : null}
        {status === 'suspended' ? (
          <Button component={Link} to="/settings/billing">
            See the plans
          </Button>
        ) : null}
        <ReconnectButton
          connectionId={id}
          label="Reconnect"
          variant={status === 'reconnect_required' ? 'filled' : 'default'}
        />
        <Button variant="default" c="var(--mantine-color-error)" onClick={open}>
          Disconnect
        </Button>
      </Group>
      {syncing.isError ? <Failure error={syncing.error} title="The sync was not started" /> : null}
      <Modal
        opened={leaving}
        onClose={close}
        title={`Disconnect ${providerName}?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="md">
          <Text>
            <Text span fw={650}>
              What was imported stays in Elly
            </Text>
            : jobs, candidates, applications and résumés. It is not updated any more, and moves in Elly do not reach{' '}
            {providerName}.
          </Text>
          <Text>
            Elly gives its access to {providerName} back and destroys its credentials. When you connect the same account
            again, its records are found again, not doubled. A new connection costs a credit
            <Anchor component={Link} to="/settings/billing" ml={4} underline="always">
              (plan and credits)
            </Anchor>
            .
          </Text>
          {ending.isError ? <Failure error={ending.error} title="It was not disconnected" /> : null}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={close}>
              Stay connected
            </Button>
            <Button color="red" loading={ending.isPending} onClick={() => ending.mutate()}>
              Disconnect {providerName}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Stack>
  );
}
