import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { connect } from '../api/ats.js';
import type { CatalogueEntry } from '../api/ats-schemas.js';
import { KeyForm } from '../connection/key-form.js';
import { Failure } from '../states/failure.js';
import { counted } from '../words/numbers.js';

interface ConnectDialogProps {
  readonly entry: CatalogueEntry;
  readonly cost: number;
  readonly credits: number;
  readonly onClose: () => void;
}

/** What a connect costs and does, before anybody clicks. */
export function ConnectDialog({ entry, cost, credits, onClose }: ConnectDialogProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const connecting = useMutation({
    mutationFn: (fields?: Readonly<Record<string, string>>) => connect(entry.id, fields),
    onSuccess: ({ authorizeUrl, connectionId }) => {
      if (authorizeUrl !== null) return location.assign(authorizeUrl);
      void client.invalidateQueries();
      void navigate(`/settings/integrations/${connectionId}?connected`);
    },
    onError: () => void client.invalidateQueries(),
  });
  const label = entry.connectBy === 'oauth2' ? `Continue to ${entry.name}` : `Connect ${entry.name}`;
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Connect ${entry.name}`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="md">
        <Text>
          <Text span fw={650}>
            This costs {counted(cost, 'credit')}
          </Text>
          , once, when the connection is made; you have {counted(credits, 'credit')}. If the connect comes to nothing,
          it costs nothing.
        </Text>
        <List size="sm" spacing={4}>
          {entry.connectBy === 'oauth2' ? (
            <List.Item>
              You sign in to {entry.name} and approve what Elly may do there. An admin of {entry.name} sees the most.
            </List.Item>
          ) : null}
          <List.Item>Elly checks the permissions before anything is imported.</List.Item>
          <List.Item>
            Then jobs, candidates and applications come in, typically within a few minutes. Only people of open jobs (
            {entry.openJobStatuses.join(', ')}) are imported.
          </List.Item>
          <List.Item>You can disconnect at any time; what was imported stays.</List.Item>
        </List>
        {connecting.isError ? <Failure error={connecting.error} title={`${entry.name} was not connected`} /> : null}
        {entry.connectBy === 'api-key' ? (
          <KeyForm
            fields={entry.keyForm}
            submitLabel={label}
            busy={connecting.isPending}
            onSubmit={(values) => connecting.mutate(values)}
          />
        ) : (
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button
              data-autofocus
              loading={connecting.isPending || connecting.isSuccess}
              onClick={() => connecting.mutate(undefined)}
            >
              {label}
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}
