import { Button, Modal, Stack } from '@mantine/core';
import type { ButtonProps } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { catalogueQuery, connectionsQuery, reconnect } from '../api/ats.js';
import { Failure } from '../states/failure.js';
import { KeyForm } from './key-form.js';

interface ReconnectButtonProps {
  readonly connectionId: string;
  readonly label: string;
  readonly size?: ButtonProps['size'];
  readonly variant?: ButtonProps['variant'];
}

/** Signs in at the same ATS account again, which costs nothing: off to the ATS, or by a new API key. */
export function ReconnectButton({ connectionId, label, size = 'sm', variant = 'filled' }: ReconnectButtonProps) {
  const [asking, setAsking] = useState(false);
  const connections = useQuery(connectionsQuery);
  const catalogue = useQuery(catalogueQuery);
  const client = useQueryClient();
  const provider = connections.data?.find(({ id }) => id === connectionId)?.provider;
  const entry = catalogue.data?.find(({ id }) => id === provider);
  const again = useMutation({
    mutationFn: (fields?: Readonly<Record<string, string>>) => reconnect(connectionId, fields),
    onSuccess: ({ authorizeUrl }) => {
      if (authorizeUrl !== null) return location.assign(authorizeUrl);
      setAsking(false);
      void client.invalidateQueries();
    },
    onError: () => setAsking(true),
  });
  const byKey = entry?.connectBy === 'api-key';
  return (
    <>
      <Button
        size={size}
        variant={variant}
        loading={again.isPending}
        onClick={() => (byKey ? setAsking(true) : again.mutate(undefined))}
      >
        {label}
      </Button>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={label}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack gap="md">
          {again.isError ? <Failure error={again.error} title="It was not reconnected" /> : null}
          {byKey ? (
            <KeyForm
              fields={entry.keyForm}
              submitLabel={label}
              busy={again.isPending}
              onSubmit={(values) => again.mutate(values)}
            />
          ) : null}
        </Stack>
      </Modal>
    </>
  );
}
