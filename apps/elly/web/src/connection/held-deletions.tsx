import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { decideDeletions, heldDeletionsQuery } from '../api/ats.js';
import { useSession } from '../session/use-session.js';
import { Failure } from '../states/failure.js';
import { whole } from '../words/numbers.js';
import { kindWord } from '../words/records.js';

interface Decision {
  readonly kind: string;
  readonly decision: 'approve' | 'reject';
}

/** So much vanished from the ATS at once that nothing was removed: somebody decides. */
export function HeldDeletions({ connectionId, ats }: { readonly connectionId: string; readonly ats: string }) {
  const { role } = useSession();
  const held = useQuery(heldDeletionsQuery(connectionId));
  const client = useQueryClient();
  const deciding = useMutation({
    mutationFn: ({ kind, decision }: Decision) => decideDeletions(connectionId, kind, decision),
    onSuccess: () => client.invalidateQueries(),
  });
  if (held.data === undefined || held.data.length === 0) return null;
  return (
    <Stack gap="sm">
      {held.data.map(({ kind, count, examples }) => (
        <Alert key={kind} color="red" title={`${whole(count)} ${kindWord(kind).toLowerCase()} vanished from ${ats}`}>
          <Stack gap="sm">
            <Text size="sm">
              That is more than usual, so nothing was removed from Elly. Their ids in {ats}, for instance:{' '}
              {examples.join(', ')}.
            </Text>
            {deciding.isError ? <Failure error={deciding.error} /> : null}
            {role !== 'admin' ? null : (
              <Group gap="sm">
                <Button size="xs" color="red" onClick={() => deciding.mutate({ kind, decision: 'approve' })}>
                  Remove what is still gone
                </Button>
                <Button size="xs" variant="default" onClick={() => deciding.mutate({ kind, decision: 'reject' })}>
                  Keep everything
                </Button>
              </Group>
            )}
          </Stack>
        </Alert>
      ))}
    </Stack>
  );
}
