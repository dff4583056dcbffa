import { Button, Group, NativeSelect, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { exchangeSecret, webhooksQuery } from '../api/ats.js';
import type { WebhookHealth } from '../api/ats-schemas.js';
import { Failure } from '../states/failure.js';

interface TheirSecretsProps {
  readonly connectionId: string;
  readonly ats: string;
  readonly events: WebhookHealth['events'];
}

/** Takes the secret that the ATS shows for an event. */
export function TheirSecrets({ connectionId, ats, events }: TheirSecretsProps) {
  const [event, setEvent] = useState(events.find(({ hasSecret }) => !hasSecret)?.event ?? events[0]?.event ?? '');
  const [secret, setSecret] = useState('');
  const client = useQueryClient();
  const giving = useMutation({
    mutationFn: () => exchangeSecret(connectionId, { event, secret }),
    onSuccess: () => {
      setSecret('');
      return client.invalidateQueries({ queryKey: webhooksQuery(connectionId).queryKey });
    },
  });
  return (
    <form
      onSubmit={(submitted) => {
        submitted.preventDefault();
        giving.mutate();
      }}
    >
      <Stack gap="sm">
        <Group gap="sm" align="flex-end">
          <NativeSelect
            label="Event"
            data={events.map((each) => each.event)}
            value={event}
            onChange={(changed) => setEvent(changed.currentTarget.value)}
          />
          <PasswordInput
            label={`Signature token that ${ats} shows`}
            autoComplete="off"
            minLength={8}
            w="18rem"
            maw="100%"
            value={secret}
            onChange={(changed) => setSecret(changed.currentTarget.value)}
          />
          <Button type="submit" loading={giving.isPending} disabled={secret.length < 8}>
            Keep it
          </Button>
        </Group>
        {giving.isError ? <Failure error={giving.error} title="The secret was not kept" /> : null}
        {giving.isSuccess ? (
          <Text size="sm" role="status">
            Kept.
          </Text>
        ) : null}
      </Stack>
    </form>
  );
}
