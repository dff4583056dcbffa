import { Alert, Badge, Button, Code, CopyButton, Group, List, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { exchangeSecret, webhooksQuery } from '../api/ats.js';
import type { WebhookHealth } from '../api/ats-schemas.js';
import { useSession } from '../session/use-session.js';
import { Failure } from '../states/failure.js';
import { QueryView } from '../states/query-view.js';
import { Section } from '../states/section.js';
import { Moment } from '../words/moment.js';
import { counted } from '../words/numbers.js';
import { TheirSecrets } from './their-secrets.js';

interface WebhookSectionProps {
  readonly connectionId: string;
  readonly ats: string;
}

const WORDS = {
  unsupported: {
    label: 'Not available',
    colour: 'gray',
    sentence: 'This ATS sends none. Elly looks for changes by itself.',
  },
  'not-set-up': {
    label: 'Not set up',
    colour: 'gray',
    sentence: 'They are set up within a minute of the connection being active.',
  },
  waiting: { label: 'Waiting for the first', colour: 'blue', sentence: 'Everything is ready; none has come yet.' },
  active: { label: 'Arriving', colour: 'green', sentence: 'Changes reach Elly within seconds.' },
  failing: {
    label: 'Refused',
    colour: 'red',
    sentence: 'Webhooks come, but they are not genuine: the secret is probably not the same on both sides.',
  },
  silent: {
    label: 'Silent',
    colour: 'yellow',
    sentence: 'None has come for longer than usual. Elly looks for changes more often meanwhile.',
  },
} as const;

/** Whether the ATS tells Elly of changes, and what an admin has to do for it. */
export function WebhookSection({ connectionId, ats }: WebhookSectionProps) {
  const hooks = useQuery(webhooksQuery(connectionId));
  return (
    <Section
      title="Webhooks"
      about={`With webhooks ${ats} tells Elly of changes at once. Without them nothing is lost: it only takes longer.`}
    >
      <QueryView query={hooks} failed="The state of the webhooks could not be loaded">
        {(health) => <Health connectionId={connectionId} ats={ats} health={health} />}
      </QueryView>
    </Section>
  );
}

function Health({ connectionId, ats, health }: WebhookSectionProps & { readonly health: WebhookHealth }) {
  const admin = useSession().role === 'admin';
  const { label, colour, sentence } = WORDS[health.status];
  return (
    <Stack gap="md">
      <Stack gap={4}>
        <Group gap="sm">
          <Badge color={colour}>{label}</Badge>
          {health.lastGenuineAt === null ? null : (
            <Text size="sm" c="dimmed">
              Last one <Moment at={health.lastGenuineAt} />
            </Text>
          )}
        </Group>
        <Text size="sm">{sentence}</Text>
        {health.failures === 0 ? null : (
          <Text size="sm">
            {counted(health.failures, 'delivery', 'deliveries')} refused since the last genuine one.
          </Text>
        )}
        {health.note === null ? null : <Text size="sm">{health.note}</Text>}
      </Stack>
      {health.instructions.length === 0 ? null : (
        <Stack gap="xs">
          <Text fw={600} size="sm">
            To be done in {ats}
          </Text>
          <List type="ordered" size="sm" spacing={4}>
            {health.instructions.map((step) => (
              <List.Item key={step}>{step}</List.Item>
            ))}
          </List>
        </Stack>
      )}
      {health.url === null || health.how !== 'manual' ? null : (
        <Group gap="sm">
          <Code style={{ overflowWrap: 'anywhere' }}>{health.url}</Code>
          <Copy value={health.url} what="the address" />
        </Group>
      )}
      {health.events.length === 0 ? null : (
        <Group gap="xs">
          {health.events.map(({ event, hasSecret }) => (
            <Badge key={event} color={hasSecret ? 'green' : 'gray'}>
              {event}
              {hasSecret ? '' : ': no secret yet'}
            </Badge>
          ))}
        </Group>
      )}
      {!admin || health.how === null ? null : health.how === 'manual' && health.secretsAre === 'theirs' ? (
        <TheirSecrets connectionId={connectionId} ats={ats} events={health.events} />
      ) : (
        <OurSecret connectionId={connectionId} manual={health.how === 'manual'} />
      )}
    </Stack>
  );
}

function OurSecret({ connectionId, manual }: { readonly connectionId: string; readonly manual: boolean }) {
  const client = useQueryClient();
  const exchanging = useMutation({
    mutationFn: () => exchangeSecret(connectionId, {}),
    // Kept on this page alone, and only as long as it is open.
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: webhooksQuery(connectionId).queryKey }),
  });
  const secret = exchanging.data?.secret ?? null;
  return (
    <Stack gap="sm" align="flex-start">
      <Button variant="default" loading={exchanging.isPending} onClick={() => exchanging.mutate()}>
        {manual ? 'Make a new secret' : 'Exchange the secrets'}
      </Button>
      {exchanging.isError ? <Failure error={exchanging.error} title="There is no new secret" /> : null}
      {secret === null ? null : (
        <Alert color="green" title="The new secret, shown this once">
          <Group gap="sm">
            <Code style={{ overflowWrap: 'anywhere' }}>{secret}</Code>
            <Copy value={secret} what="the secret" />
          </Group>
          <Text size="sm" mt="xs">
            The one before it holds for a day longer.
          </Text>
        </Alert>
      )}
      {exchanging.isSuccess && secret === null ? <Text size="sm">The secrets are being exchanged.</Text> : null}
    </Stack>
  );
}

function Copy({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button size="compact-sm" variant="default" onClick={copy} aria-label={`Copy ${what}`}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </CopyButton>
  );
}
